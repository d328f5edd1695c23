import { formatHours } from '../lib/duration.ts'
import { DEFAULT_CONSUMER_GROUP, LIMITS, type Tier } from '../lib/limits.ts'
import { nameKeyOf, sameName } from '../lib/names.ts'
import type { Spec } from './spec.ts'
import type { Actual } from './actual.ts'
import type { NamespaceActual } from './shapes.ts'
import { NO_DELTA, type NamespaceDelta } from './namespace-delta.ts'
import type { Refusal } from './step.ts'
import { secondNamespace } from './second-namespace.ts'
import { say } from '../lib/phrase.ts'
import { action } from '../inputs/refer.ts'

const TIER_LINK = 'https://learn.microsoft.com/azure/event-hubs/event-hubs-faq'

/** Dedicated is a place, not a SKU: such a namespace is made in its cluster. */
export function refusesTier(spec: Spec): readonly Refusal[] {
  if (spec.namespace.tier.value !== 'Dedicated') return []
  return [
    {
      what: `Can't create namespace ${spec.namespace.name} in a dedicated cluster`,
      because: 'ml-ingest works in namespaces of a cluster, but does not make them.',
      waysOut: [
        { text: say`make it first: ${action({ do: 'make-dedicated-namespace' })}` },
        { text: 'use Premium, which isolates resources too', edit: { tier: 'Premium' } },
      ],
      link: 'https://learn.microsoft.com/azure/event-hubs/event-hubs-dedicated-overview',
    },
  ]
}

/** Basic and Standard turn into each other in place; every other move needs a new namespace. */
export function planTier(spec: Spec, actual: Actual, live: NamespaceActual): NamespaceDelta {
  const { tier } = spec.namespace
  if (!tier.given || tier.value === live.tier) return NO_DELTA
  const changes = [{ field: 'tier', from: live.tier, to: tier.value }]
  if (!isInPlace(live.tier) || !isInPlace(tier.value)) {
    return { ...NO_DELTA, changes, refusals: [refuseMove(spec, live)] }
  }
  const turnsInflateOff =
    live.autoInflateMax > 0 && !LIMITS[tier.value].autoInflate && !spec.namespace.autoInflateMax.given
  return {
    changes: [
      ...changes,
      ...(turnsInflateOff ? [{ field: 'auto-inflate maximum', from: live.autoInflateMax, to: 0 }] : []),
    ],
    send: { sku: { tier: tier.value, capacity: live.capacity }, ...(turnsInflateOff ? { autoInflateMax: 0 } : {}) },
    refusals: refuseWhatWouldNotFit(actual, live, tier.value),
    notes: [],
  }
}

const isInPlace = (tier: string): tier is Tier => tier === 'Basic' || tier === 'Standard'

function refuseMove(spec: Spec, live: NamespaceActual): Refusal {
  const to = spec.namespace.tier.value
  return {
    what: `Can't move namespace ${live.name} from ${live.tier} to ${to}`,
    because: `A namespace moves between Basic and Standard only; ${to === 'Dedicated' ? 'a cluster' : to} needs a new one.`,
    waysOut: [
      {
        text: live.tier === 'Dedicated' ? 'keep it in its cluster' : `keep ${live.tier}`,
        edit: { tier: live.tier },
      },
      ...(to === 'Dedicated'
        ? []
        : [{ text: 'make a second namespace', edit: secondNamespace(spec, live, to.toLowerCase()) }]),
    ],
    link: TIER_LINK,
  }
}

/** What lives in the namespace, named by the spec or not, and has no place on the new tier. */
function refuseWhatWouldNotFit(actual: Actual, live: NamespaceActual, to: Tier): readonly Refusal[] {
  const limits = LIMITS[to]
  const because = actual.hubs.flatMap((hub) => {
    const groups = (actual.consumerGroups.get(nameKeyOf(hub.name)) ?? []).filter(
      (group) => !sameName(group.name, DEFAULT_CONSUMER_GROUP),
    )
    return [
      ...((hub.retentionHours ?? Infinity) > limits.maxRetentionHours
        ? [
            `hub ${hub.name} keeps events for ${retentionWords(hub.retentionHours)}, ${to} at most ${formatHours(limits.maxRetentionHours)}`,
          ]
        : []),
      ...(limits.maxConsumerGroups <= 1 && groups.length > 0
        ? [
            `hub ${hub.name} has consumer group ${groups.map((group) => group.name).join(', ')}, ${to} has ${DEFAULT_CONSUMER_GROUP} alone`,
          ]
        : []),
      ...(to === 'Basic' && hub.capture ? [`hub ${hub.name} has Capture, which Basic has not`] : []),
    ]
  })
  if (because.length === 0) return []
  return [
    {
      what: `Can't move namespace ${live.name} from ${live.tier} to ${to}`,
      because: `${because.join('; ')}.`,
      waysOut: [
        { text: `keep ${live.tier}`, edit: { tier: live.tier } },
        {
          text: 'shorten retention, remove consumer groups or switch Capture off, whatever it is, then run this again',
        },
      ],
      link: TIER_LINK,
    },
  ]
}

const retentionWords = (hours: number | undefined): string =>
  hours === undefined ? 'as long as they are the newest of their key' : formatHours(hours)
