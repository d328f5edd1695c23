import { withoutNumbersNotOn } from './capacity.ts'
import { NO_DELTA, type NamespaceActual, type NamespaceDelta, type NamespaceSpec } from './namespace.ts'
import { secondNamespace } from './name.ts'
import type { ConsumerGroupActual } from '../consumer-group.ts'
import { isOpen, type NetworkActual } from '../network/network.ts'
import type { HubActual } from '../hub/hub.ts'
import { formatHours } from '../../lib/duration.ts'
import { DEFAULT_CONSUMER_GROUP, LIMITS, type Tier } from '../../lib/limits.ts'
import { nameKeyOf, sameName } from '../../lib/names.ts'
import { refusalsIn, type Refusal } from '../step.ts'
import { say } from '../../lib/phrase.ts'
import { action } from '../../inputs/refer.ts'

/** Everything in a namespace, whether in the spec or not. */
export interface NamespaceContent {
  readonly hubs: readonly HubActual[]
  /** By `nameKeyOf(hub)`. */
  readonly consumerGroups: ReadonlyMap<string, readonly ConsumerGroupActual[]>
  readonly network: NetworkActual | undefined
}

const TIER_LINK = 'https://learn.microsoft.com/azure/event-hubs/event-hubs-faq'

/** ml-ingest cannot make a namespace in a dedicated cluster. */
export function refuseDedicated(spec: NamespaceSpec): Refusal | undefined {
  if (spec.tier.value !== 'Dedicated' || !spec.tier.given) return undefined
  return {
    what: `Can't create namespace ${spec.name} in a dedicated cluster`,
    because: 'ml-ingest works in namespaces of a cluster, but does not make them.',
    waysOut: [
      { text: say`make it first: ${action({ do: 'make-dedicated-namespace', name: spec.name })}` },
      { text: 'use Premium, which isolates resources too', edit: { tier: 'Premium' } },
    ],
    link: 'https://learn.microsoft.com/azure/event-hubs/event-hubs-dedicated-overview',
  }
}

/** A namespace can move between Basic and Standard. Any other move needs a new namespace. */
export function planTier(spec: NamespaceSpec, content: NamespaceContent, live: NamespaceActual): NamespaceDelta {
  const { tier } = spec
  if (!tier.given || tier.value === live.tier) return NO_DELTA
  const changes = [{ field: 'tier', from: live.tier, to: tier.value }]
  if (!isInPlace(live.tier) || !isInPlace(tier.value)) {
    return { ...NO_DELTA, changes, refusals: [refuseMove(spec, live)] }
  }
  const turnsInflateOff = live.autoInflateMax > 0 && !LIMITS[tier.value].autoInflate && !spec.autoInflateMax.given
  return {
    changes: [
      ...changes,
      ...(turnsInflateOff ? [{ field: 'auto-inflate maximum', from: live.autoInflateMax, to: 0 }] : []),
    ],
    send: { sku: { tier: tier.value, capacity: live.capacity }, ...(turnsInflateOff ? { autoInflateMax: 0 } : {}) },
    refusals: refusalsIn([refuseWhatWouldNotFit(content, live, tier.value)]),
    notes: [],
  }
}

const isInPlace = (tier: string): tier is Tier => tier === 'Basic' || tier === 'Standard'

function refuseMove(spec: NamespaceSpec, live: NamespaceActual): Refusal {
  const to = spec.tier.value
  return {
    what: `Can't move namespace ${live.name} from ${live.tier} to ${to}`,
    because: `A namespace moves between Basic and Standard only; ${to === 'Dedicated' ? 'a cluster' : to} needs a new one.`,
    waysOut: [
      {
        text: live.tier === 'Dedicated' ? 'keep it in its cluster' : `keep ${live.tier}`,
        edit: { tier: live.tier, ...withoutNumbersNotOn(live.tier, spec) },
      },
      ...(to === 'Dedicated'
        ? []
        : [{ text: 'make a second namespace', edit: secondNamespace(spec, live, to.toLowerCase()) }]),
    ],
    link: TIER_LINK,
  }
}

/** Refuses a tier that does not allow what is in the namespace. */
function refuseWhatWouldNotFit(
  { hubs, consumerGroups, network }: NamespaceContent,
  live: NamespaceActual,
  to: Tier,
): Refusal | undefined {
  const limits = LIMITS[to]
  const isRestricted = !limits.networkRules && network !== undefined && !isOpen(network)
  const ofHubs = hubs.flatMap((hub) => {
    const groups = (consumerGroups.get(nameKeyOf(hub.name)) ?? []).filter(
      (group) => !sameName(group.name, DEFAULT_CONSUMER_GROUP),
    )
    const reasons: string[] = []
    if ((hub.retentionHours ?? Infinity) > limits.maxRetentionHours)
      reasons.push(
        `keeps events for ${retentionWords(hub.retentionHours)}, ${to} at most ${formatHours(limits.maxRetentionHours)}`,
      )
    if (limits.maxConsumerGroups <= 1 && groups.length > 0)
      reasons.push(
        `has consumer group ${groups.map(({ name }) => name).join(', ')}; ${to} has only ${DEFAULT_CONSUMER_GROUP}`,
      )
    if (to === 'Basic' && hub.capture) reasons.push('has Capture, which Basic does not have')
    return reasons.map((reason) => `hub ${hub.name} ${reason}`)
  })
  const because = [
    ...(isRestricted ? [`namespace ${live.name} has network rules, which ${to} does not have`] : []),
    ...ofHubs,
  ]
  if (because.length === 0) return undefined
  return {
    what: `Can't move namespace ${live.name} from ${live.tier} to ${to}`,
    because: `${because.join('; ')}.`,
    waysOut: [
      { text: `keep ${live.tier}`, edit: { tier: live.tier } },
      {
        text: 'shorten retention, remove consumer groups and network rules or switch Capture off, whichever applies, then run this again',
      },
    ],
    link: TIER_LINK,
  }
}

const retentionWords = (hours: number | undefined): string =>
  hours === undefined ? 'as long as they are the newest of their key' : formatHours(hours)
