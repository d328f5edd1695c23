import { action } from '../../inputs/refer.ts'
import { formatCapacity, LIMITS, type Tier } from '../../lib/limits.ts'
import { say } from '../../lib/phrase.ts'
import { suggest } from '../../lib/suggest.ts'
import { partOf, refusalsIn, type Note, type Part, type Refusal, type Target } from '../step.ts'
import { planCapacity, tierAfter } from './capacity.ts'
import { refuseWhatDoesNotFit, type NamespaceWithHubs } from './fit.ts'
import { secondNamespace } from './name.ts'
import {
  localAuthDisabledAfter,
  NO_DELTA,
  type NamespaceActual,
  type NamespaceChanges,
  type NamespaceDelta,
  type NamespaceSpec,
  type NewNamespace,
} from './namespace.ts'
import { planIdentity, planPublicAccess, planTls, planZones, refuseTls } from './security.ts'
import { withOwnershipTag, planTags, tagWords } from './tags.ts'
import { refuseLoad } from '../load/carried.ts'
import { planTier, refuseDedicated, type NamespaceContent } from './tier.ts'
import { formatPublicNetworkAccess } from '../../inputs/network.ts'
import { identitiesAfter, identityWords } from '../identity.ts'

export type NamespaceWrite =
  | { readonly op: 'create-namespace'; readonly body: NewNamespace }
  | { readonly op: 'update-namespace'; readonly changes: NamespaceChanges }

const REGION_LINK = 'https://learn.microsoft.com/azure/azure-resource-manager/management/move-support-resources'

/** What the plan of a namespace depends on besides the spec. */
export interface NamespaceContext extends NamespaceContent {
  readonly live: NamespaceActual | undefined
  /** The location that was asked for, if any. */
  readonly askedLocation: string | undefined
  /** Where a new one goes. */
  readonly location: string
  /** Regions that offer namespaces; empty when not known. */
  readonly offered: readonly string[]
}

export function planNamespace(wanted: NamespaceWithHubs, context: NamespaceContext): Part<NamespaceWrite> {
  return context.live ? planExisting(wanted, context, context.live) : planNew(wanted, context)
}

function planNew(wanted: NamespaceWithHubs, { location, offered, hubs }: NamespaceContext): Part<NamespaceWrite> {
  const { spec } = wanted
  const { name, tier, capacity, autoInflateMax, localAuthDisabled, tags, minimumTls, zoneRedundant } = spec
  const { publicNetworkAccess: access } = spec
  const identities = identitiesAfter(spec.identity, [])
  const target: Target = { kind: 'namespace', name }
  const refusals = refusalsIn([
    refuseDedicated(spec),
    refuseLoad(wanted),
    refuseLocation(location, offered),
    refuseTls(spec, undefined),
    refuseWhatDoesNotFit(wanted, hubs, undefined),
  ])
  if (refusals.length > 0 || tier.value === 'Dedicated') {
    return partOf({ action: 'refuse', target, changes: [], refusals })
  }
  const body = {
    location,
    tier: tier.value,
    capacity: capacity.value,
    autoInflateMax: autoInflateMax.value,
    ...(localAuthDisabled.value ? { localAuthDisabled: true } : {}),
    minimumTls: minimumTls.value,
    ...(access.given ? { publicNetworkAccess: access.value } : {}),
    ...(zoneRedundant === undefined ? {} : { zoneRedundant }),
    ...(identities.length > 0 ? { identities } : {}),
    tags: withOwnershipTag(tags),
  }
  const details = [
    tier.value,
    formatCapacity(tier.value, capacity.value),
    ...inflateWords(autoInflateMax.value),
    ...(localAuthDisabled.value ? ['no keys'] : []),
    ...(minimumTls.given ? [`TLS ${minimumTls.value}`] : []),
    ...(access.value === 'Enabled' ? [] : [`public network access ${formatPublicNetworkAccess(access.value)}`]),
    ...(zoneRedundant ? ['zone redundant'] : []),
    ...(identities.length > 0 ? [`identity ${identityWords(identities)}`] : []),
    location,
    ...tagWords(tags),
  ]
  return partOf({ action: 'create', target, details, write: { op: 'create-namespace', body } })
}

const inflateWords = (max: number): readonly string[] => (max > 0 ? [`auto-inflate to ${max}`] : [])

function refuseLocation(location: string, offered: readonly string[]): Refusal | undefined {
  if (offered.length === 0 || offered.includes(location)) return undefined
  const meant = suggest(location, offered)
  return {
    what: `Can't create a namespace in ${location}`,
    because: `Event Hubs is not offered to this subscription in ${location}.`,
    waysOut: meant
      ? [{ text: `use ${meant}`, edit: { location: meant } }]
      : [{ text: say`use a region that offers Event Hubs: ${action({ do: 'list-event-hub-regions' })}` }],
  }
}

function planExisting(
  wanted: NamespaceWithHubs,
  context: NamespaceContext,
  live: NamespaceActual,
): Part<NamespaceWrite> {
  const target: Target = { kind: 'namespace', name: live.name }
  const { spec } = wanted
  const deltas = [
    planState(live),
    planLocation(spec, context.askedLocation, live),
    planTier(spec, context, live),
    planCapacity(spec, live),
    { ...NO_DELTA, refusals: refusalsIn([refuseWhatDoesNotFit(wanted, context.hubs, live)]) },
    planKafka(spec, live),
    planLocalAuth(spec, live),
    planTls(spec, live),
    planPublicAccess(spec, live),
    planZones(spec, live),
    planIdentity(spec, live, { wanted: wanted.hubs, live: context.hubs }),
    planTags(spec.tags, live),
  ]
  const changes = deltas.flatMap((delta) => delta.changes)
  const refusals = deltas.flatMap((delta) => delta.refusals)
  const cluster = live.tier === 'Dedicated' ? ['lives in a dedicated cluster, which sets its capacity'] : []
  const texts = [...deltas.flatMap((delta) => delta.notes), ...cluster]
  const notes = texts.map((text): Note => ({ target, text }))
  if (refusals.length > 0) return { steps: [{ action: 'refuse', target, changes, refusals }], notes }
  if (changes.length === 0) {
    const capacity = live.tier === 'Dedicated' ? [] : [formatCapacity(live.tier, live.capacity)]
    const details = [live.tier, ...capacity, ...inflateWords(live.autoInflateMax)]
    return { steps: [{ action: 'keep', target, details }], notes }
  }
  const write = { op: 'update-namespace', changes: mergeChanges(deltas, live) } as const
  return { steps: [{ action: 'update', target, changes, write }], notes }
}

/** Tier and capacity are sent together, as the SKU. */
function mergeChanges(deltas: readonly NamespaceDelta[], live: NamespaceActual): NamespaceChanges {
  const merged = deltas.reduce<NamespaceChanges>((all, { send }) => ({ ...all, ...send }), {})
  if (!merged.sku) return merged
  const skus = deltas.flatMap(({ send }) => (send.sku ? [send.sku] : []))
  const tier = skus.find((sku) => sku.tier !== live.tier)?.tier ?? (live.tier as Tier)
  const capacity = skus.find((sku) => sku.capacity !== live.capacity)?.capacity ?? live.capacity
  return { ...merged, sku: { tier, capacity } }
}

/**
 * Azure retries a failed change at the next write. So the current values are written again, and the same command finishes
 * the work.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
 */
function planState(live: NamespaceActual): NamespaceDelta {
  const { provisioningState: from, tier, capacity, tags } = live
  if (from !== 'Failed' && from !== 'Canceled') return NO_DELTA
  return {
    ...NO_DELTA,
    changes: [{ field: 'state', from, to: 'Succeeded' }],
    send: tier === 'Dedicated' ? { tags } : { sku: { tier, capacity } },
  }
}

function planLocation(spec: NamespaceSpec, asked: string | undefined, live: NamespaceActual): NamespaceDelta {
  if (asked === undefined || asked === live.location) return NO_DELTA
  return {
    ...NO_DELTA,
    changes: [{ field: 'location', from: live.location, to: asked }],
    refusals: [
      {
        what: `Can't move namespace ${live.name} to ${asked}`,
        because: `It is in ${live.location}, and the region of a namespace is fixed when it is made.`,
        waysOut: [
          { text: `keep it in ${live.location}`, edit: { location: live.location } },
          { text: `make a second namespace in ${asked}`, edit: secondNamespace(spec, live, asked.slice(0, 20)) },
        ],
        link: REGION_LINK,
      },
    ],
  }
}

function planKafka(spec: NamespaceSpec, live: NamespaceActual): NamespaceDelta {
  const tier = tierAfter(spec, live)
  if (!spec.kafka || LIMITS[tier].kafka) return NO_DELTA
  return {
    ...NO_DELTA,
    refusals: [
      {
        what: `Can't give namespace ${live.name} a Kafka endpoint`,
        because: `It is on ${tier}, which has none. Standard and Premium always have one.`,
        waysOut: [{ text: 'move it to Standard', edit: { tier: 'Standard' } }],
        link: 'https://learn.microsoft.com/azure/event-hubs/azure-event-hubs-kafka-overview',
      },
    ],
  }
}

/** https://learn.microsoft.com/azure/event-hubs/authenticate-shared-access-signature#disabling-localsas-key-authentication */
function planLocalAuth(spec: NamespaceSpec, live: NamespaceActual): NamespaceDelta {
  const disabled = localAuthDisabledAfter(spec, live)
  if (disabled === live.localAuthDisabled) return NO_DELTA
  return {
    ...NO_DELTA,
    changes: [{ field: 'local authentication', from: !live.localAuthDisabled, to: !disabled }],
    send: { localAuthDisabled: disabled },
    notes: disabled
      ? ['clients that sign in with a key of any access rule are cut off: give them roles in an earlier run']
      : [],
  }
}
