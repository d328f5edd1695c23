import { suggest } from '../lib/suggest.ts'
import { formatCapacity, LIMITS, TAG_LIMITS, type Tier } from '../lib/limits.ts'
import { OWNERSHIP_TAG } from '../inputs/defaults.ts'
import { nameKeyOf, sameName } from '../lib/names.ts'
import type { Spec } from './spec.ts'
import type { Actual } from './actual.ts'
import type { NamespaceActual, NamespaceChanges, Tags } from './shapes.ts'
import { NO_DELTA, type NamespaceDelta } from './namespace-delta.ts'
import { planCapacity, tierAfter } from './plan-capacity.ts'
import { refuseWhatDoesNotFit } from './plan-fit.ts'
import { planLocalAuth } from './plan-local-auth.ts'
import { refusesTier, planTier } from './plan-tier.ts'
import type { Part, Change, Note, Refusal, Step, Target } from './step.ts'
import { secondNamespace } from './second-namespace.ts'
import { say } from '../lib/phrase.ts'
import { action, input } from '../inputs/refer.ts'

const PROVIDER = 'Microsoft.EventHub'

const REGION_LINK = 'https://learn.microsoft.com/azure/azure-resource-manager/management/move-support-resources'

/** A subscription meets Event Hubs for the first time: the resource provider has to be registered. */
export function planProvider(actual: Actual): Part {
  const { state } = actual.provider
  if (actual.namespace || state === undefined || state === 'Registered') return { steps: [], notes: [] }
  const target: Target = { kind: 'provider', name: PROVIDER }
  return {
    steps: [{ action: 'create', target, details: ['register'], write: { op: 'register-provider' } }],
    notes: [],
  }
}

/** An existing group is used as it is, whatever its region and tags. */
export function planGroup(spec: Spec, actual: Actual): Part {
  const target: Target = { kind: 'group', name: actual.group?.name ?? spec.resourceGroup }
  if (actual.group) return { steps: [{ action: 'keep', target, details: [actual.group.location] }], notes: [] }
  const location = placeOf(spec, actual)
  const write = { op: 'create-group', location, tags: owned(spec.namespace.tags) } as const
  const details = [location, ...tagWords(spec.namespace.tags)]
  return { steps: [{ action: 'create', target, details, write }], notes: [] }
}

/**
 * Where new things go: the location asked for, else the group's. Without either there is nothing to plan, which the
 * caller has to settle first (`locationIsOpen`).
 */
const placeOf = (spec: Spec, actual: Actual): string =>
  spec.location ?? actual.group?.location ?? spec.fallbackLocation ?? ''
export const locationIsOpen = (spec: Spec, actual: Actual): boolean => placeOf(spec, actual) === '' && !actual.namespace

/** A tag of that name that the user gives is theirs to give. */
const owned = (tags: Tags): Tags =>
  Object.keys(tags).some((name) => sameName(name, OWNERSHIP_TAG.name))
    ? tags
    : { ...tags, [OWNERSHIP_TAG.name]: OWNERSHIP_TAG.value }

/** The tags that were asked for: that we mark what is ours is no news. */
const tagWords = (tags: Tags): readonly string[] => Object.entries(tags).map(([name, value]) => `tag ${name}=${value}`)

export function planNamespace(spec: Spec, actual: Actual): Part {
  return actual.namespace ? planExisting(spec, actual, actual.namespace) : planNew(spec, actual)
}

function planNew(spec: Spec, actual: Actual): Part {
  const { name, tier, capacity, autoInflateMax, localAuthDisabled, tags } = spec.namespace
  const target: Target = { kind: 'namespace', name }
  const location = placeOf(spec, actual)
  const refusals = [...refusesTier(spec), ...refusesPlace(location, actual), ...refuseWhatDoesNotFit(spec, actual)]
  if (refusals.length > 0 || tier.value === 'Dedicated') {
    return { steps: [{ action: 'refuse', target, changes: [], refusals }], notes: [] }
  }
  const body = {
    location,
    tier: tier.value,
    capacity: capacity.value,
    autoInflateMax: autoInflateMax.value,
    ...(localAuthDisabled.value ? { localAuthDisabled: true } : {}),
    tags: owned(tags),
  }
  const details = [
    tier.value,
    formatCapacity(tier.value, capacity.value),
    ...inflateWords(autoInflateMax.value),
    ...(localAuthDisabled.value ? ['no keys'] : []),
    location,
    ...tagWords(tags),
  ]
  return { steps: [{ action: 'create', target, details, write: { op: 'create-namespace', body } }], notes: [] }
}

const inflateWords = (max: number): readonly string[] => (max > 0 ? [`auto-inflate to ${max}`] : [])

function refusesPlace(location: string, actual: Actual): readonly Refusal[] {
  const offered = actual.provider.locations
  if (offered.length === 0 || offered.includes(location)) return []
  const meant = suggest(location, offered)
  return [
    {
      what: `Can't create a namespace in ${location}`,
      because: `Event Hubs is not offered to this subscription in ${location}.`,
      waysOut: meant
        ? [{ text: `use ${meant}`, edit: { location: meant } }]
        : [{ text: say`use a region that offers Event Hubs: ${action({ do: 'list-event-hub-regions' })}` }],
    },
  ]
}

function planExisting(spec: Spec, actual: Actual, live: NamespaceActual): Part {
  const target: Target = { kind: 'namespace', name: live.name }
  const deltas = [
    planState(live),
    planLocation(spec, live),
    planTier(spec, actual, live),
    planCapacity(spec, live),
    { ...NO_DELTA, refusals: refuseWhatDoesNotFit(spec, actual) },
    planKafka(spec, live),
    planLocalAuth(spec, live),
    planTags(spec, live),
  ]
  const changes = deltas.flatMap((delta) => delta.changes)
  const refusals = deltas.flatMap((delta) => delta.refusals)
  const notes = [...deltas.flatMap((delta) => delta.notes), ...accessNotes(live)].map((text): Note => ({
    target,
    text,
  }))
  return { steps: [stepOf(target, live, changes, refusals, mergeChanges(deltas, live))], notes }
}

function stepOf(
  target: Target,
  live: NamespaceActual,
  changes: readonly Change[],
  refusals: readonly Refusal[],
  send: NamespaceChanges,
): Step {
  if (refusals.length > 0) return { action: 'refuse', target, changes, refusals }
  if (changes.length > 0) return { action: 'update', target, changes, write: { op: 'update-namespace', changes: send } }
  const details = [live.tier, ...capacityWords(live), ...inflateWords(live.autoInflateMax)]
  return { action: 'keep', target, details }
}

const capacityWords = (live: NamespaceActual): readonly string[] =>
  live.tier === 'Dedicated' ? [] : [formatCapacity(live.tier, live.capacity)]

/** Tier and capacity travel together as the SKU. */
function mergeChanges(deltas: readonly NamespaceDelta[], live: NamespaceActual): NamespaceChanges {
  const merged = deltas.reduce<NamespaceChanges>((all, { send }) => ({ ...all, ...send }), {})
  if (!merged.sku) return merged
  const skus = deltas.flatMap(({ send }) => (send.sku ? [send.sku] : []))
  const tier = skus.find((sku) => sku.tier !== live.tier)?.tier ?? (live.tier as Tier)
  const capacity = skus.find((sku) => sku.capacity !== live.capacity)?.capacity ?? live.capacity
  return { ...merged, sku: { tier, capacity } }
}

/**
 * What Azure gave up on it takes up again at the next write, so that the same command finishes the work: written is what
 * stands there already.
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

function planLocation(spec: Spec, live: NamespaceActual): NamespaceDelta {
  if (spec.location === undefined || spec.location === live.location) return NO_DELTA
  return {
    ...NO_DELTA,
    changes: [{ field: 'location', from: live.location, to: spec.location }],
    refusals: [
      {
        what: `Can't move namespace ${live.name} to ${spec.location}`,
        because: `It is in ${live.location}, and the region of a namespace is fixed when it is made.`,
        waysOut: [
          { text: `keep it in ${live.location}`, edit: { location: live.location } },
          {
            text: `make a second namespace in ${spec.location}`,
            edit: secondNamespace(spec, live, spec.location.slice(0, 20)),
          },
        ],
        link: REGION_LINK,
      },
    ],
  }
}

function planKafka(spec: Spec, live: NamespaceActual): NamespaceDelta {
  const tier = tierAfter(spec, live)
  if (!spec.namespace.kafka || LIMITS[tier].kafka) return NO_DELTA
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

/** Given tags are laid over those that are there; names compare without case and keep their spelling. */
function planTags(spec: Spec, live: NamespaceActual): NamespaceDelta {
  const spelling = new Map(Object.keys(live.tags).map((name) => [nameKeyOf(name), name]))
  const changes = Object.entries(spec.namespace.tags).flatMap(([name, value]) => {
    const known = spelling.get(nameKeyOf(name))
    const from = known === undefined ? null : live.tags[known]!
    const shown = known ?? name
    return from === value ? [] : [{ name: shown, change: { field: `tag ${shown}`, from, to: value } }]
  })
  if (changes.length === 0) return NO_DELTA
  const tags = { ...live.tags, ...Object.fromEntries(changes.map(({ name, change }) => [name, change.to])) }
  const count = Object.keys(tags).length
  if (count <= TAG_LIMITS.count) return { ...NO_DELTA, changes: changes.map(({ change }) => change), send: { tags } }
  return {
    ...NO_DELTA,
    changes: changes.map(({ change }) => change),
    refusals: [
      {
        what: `Can't put the tags given on namespace ${live.name}`,
        because: `It would have ${count}, and a resource has at most ${TAG_LIMITS.count}.`,
        waysOut: [{ text: say`remove tags that nobody needs, or give fewer ${input('tag')}` }],
        link: 'https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources',
      },
    ],
  }
}

function accessNotes(live: NamespaceActual): readonly string[] {
  return [
    ...(live.publicNetworkAccess === 'Enabled'
      ? []
      : [`public network access is ${live.publicNetworkAccess}: only clients of its private network can connect`]),
    ...(live.tier === 'Dedicated' ? ['lives in a dedicated cluster, which sets its capacity'] : []),
  ]
}
