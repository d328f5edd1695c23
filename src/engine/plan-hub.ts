import { formatHours } from '../lib/duration.ts'
import { formatCapacity, LIMITS, maxHubsOf, type LiveTier } from '../spec/limits.ts'
import type { HubSpec, Spec } from '../spec/spec.ts'
import { findByName, type Actual } from './actual.ts'
import type { HubActual, HubChanges } from './cloud.ts'
import { capacityAfter, tierAfter } from './plan-capacity.ts'
import { planConsumerGroups } from './plan-consumer-group.ts'
import type { Part } from './plan.ts'
import type { Change, Note, Refusal, Step, Target, WayOut } from './plan-types.ts'

const QUOTAS_LINK = 'https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas'
const PARTITIONS_LINK = 'https://learn.microsoft.com/azure/event-hubs/dynamically-add-partitions'

/** All hubs of the spec with what is in them. */
export function planHubs(spec: Spec, actual: Actual): Part {
  const tier = tierAfter(spec, actual.namespace)
  const parts = spec.hubs.map((hub) => planHub(hub, findByName(actual.hubs, hub.name), tier))
  const inside = spec.hubs.map((hub) => planConsumerGroups(hub, actual, tier))
  return {
    steps: parts.flatMap((part, i) => [...part.steps, ...inside[i]!.steps]).concat(refuseTooMany(spec, actual, tier)),
    notes: [...parts, ...inside].flatMap((part) => part.notes),
  }
}

function planHub(hub: HubSpec, live: HubActual | undefined, tier: LiveTier): Part {
  if (live) return planExisting(hub, live, tier)
  const target: Target = { kind: 'hub', name: hub.name }
  const body = { partitions: hub.partitions.value, retentionHours: hub.retentionHours.value }
  const refusals = [...refusePartitions(hub, tier), ...refuseRetention(hub, undefined, tier)]
  if (refusals.length > 0) return { steps: [{ action: 'refuse', target, changes: [], refusals }], notes: [] }
  const write = { op: 'create-hub', body } as const
  return {
    steps: [{ action: 'create', target, details: detailsOf(body.partitions, body.retentionHours), write }],
    notes: [],
  }
}

const detailsOf = (partitions: number, retentionHours: number | undefined): readonly string[] => [
  `${partitions} partition${partitions === 1 ? '' : 's'}`,
  retentionHours === undefined ? 'compacted' : `retention ${formatHours(retentionHours)}`,
]

function planExisting(hub: HubSpec, live: HubActual, tier: LiveTier): Part {
  const target: Target = { kind: 'hub', name: live.name }
  const morePartitions = hub.partitions.given && hub.partitions.value !== live.partitions
  const otherRetention = hub.retentionHours.given && hub.retentionHours.value !== live.retentionHours
  const changes: readonly Change[] = [
    ...(otherRetention
      ? [{ field: 'retention', from: retentionOf(live), to: formatHours(hub.retentionHours.value) }]
      : []),
    ...(morePartitions ? [{ field: 'partitions', from: live.partitions, to: hub.partitions.value }] : []),
  ]
  const refusals = [
    ...(morePartitions ? refusePartitionChange(hub, live, tier) : []),
    ...(otherRetention ? refuseRetention(hub, live, tier) : []),
  ]
  const send: HubChanges = {
    ...(morePartitions ? { partitions: hub.partitions.value } : {}),
    ...(otherRetention ? { retentionHours: hub.retentionHours.value } : {}),
  }
  return { steps: [stepOf(target, live, changes, refusals, send)], notes: notesOf(target, live, morePartitions) }
}

const retentionOf = (live: HubActual): string =>
  live.retentionHours === undefined ? 'compacted' : formatHours(live.retentionHours)

function stepOf(
  target: Target,
  live: HubActual,
  changes: readonly Change[],
  refusals: readonly Refusal[],
  send: HubChanges,
): Step {
  if (refusals.length > 0) return { action: 'refuse', target, changes, refusals }
  if (changes.length > 0) return { action: 'update', target, changes, write: { op: 'update-hub', changes: send } }
  return { action: 'keep', target, details: detailsOf(live.partitions, live.retentionHours) }
}

function notesOf(target: Target, live: HubActual, morePartitions: boolean): readonly Note[] {
  return [
    ...(live.status === 'Active' ? [] : [{ target, text: `status is ${live.status}: not every client can use it` }]),
    ...(morePartitions
      ? [{ target, text: 'with more partitions, keys go to other partitions: order per key breaks once' }]
      : []),
  ]
}

const keep = (hub: HubSpec, live: HubActual): string =>
  [live.name, live.partitions, ...(hub.retentionHours.given ? [formatHours(hub.retentionHours.value)] : [])].join(':')
const another = (hub: HubSpec): string =>
  [
    `${hub.name.slice(0, 253)}-v2`,
    hub.partitions.value,
    ...(hub.retentionHours.given ? [formatHours(hub.retentionHours.value)] : []),
  ].join(':')

function refusePartitionChange(hub: HubSpec, live: HubActual, tier: LiveTier): readonly Refusal[] {
  const fewer = hub.partitions.value < live.partitions
  if (!fewer && LIMITS[tier].canAddPartitions) return refusePartitions(hub, tier)
  const because = fewer
    ? 'Partitions cannot be taken away: the events in them would be lost.'
    : `On ${tier} the count is fixed when the hub is made. Premium can add partitions, but moving there needs a new namespace.`
  return [
    {
      what: `Can't change the partition count of hub ${live.name} from ${live.partitions} to ${hub.partitions.value}`,
      because,
      waysOut: [
        { text: `keep ${live.partitions} partitions`, flags: { [`--hub ${live.name}`]: keep(hub, live) } },
        { text: 'use a second hub', flags: { [`--hub ${live.name}`]: another(hub) } },
      ],
      link: PARTITIONS_LINK,
    },
  ]
}

function refusePartitions(hub: HubSpec, tier: LiveTier): readonly Refusal[] {
  const most = LIMITS[tier].maxPartitionsPerHub
  if (hub.partitions.value <= most) return []
  const waysOut: readonly WayOut[] = [{ text: `use ${most}`, flags: { [`--hub ${hub.name}`]: `${hub.name}:${most}` } }]
  return [
    {
      what: `Can't have ${hub.partitions.value} partitions in hub ${hub.name}`,
      because: `The namespace is on ${tier}, where a hub has at most ${most}.`,
      waysOut,
      link: QUOTAS_LINK,
    },
  ]
}

function refuseRetention(hub: HubSpec, live: HubActual | undefined, tier: LiveTier): readonly Refusal[] {
  const most = LIMITS[tier].maxRetentionHours
  if (live && live.cleanupPolicy === 'Compact') {
    return [
      {
        what: `Can't set a retention for hub ${live.name}`,
        because: 'It is compacted: it keeps the newest event of each key for good, and this cannot be changed.',
        waysOut: [
          { text: 'leave its retention out' },
          { text: 'use a second hub', flags: { [`--hub ${live.name}`]: another(hub) } },
        ],
        link: 'https://learn.microsoft.com/azure/event-hubs/log-compaction',
      },
    ]
  }
  if (hub.retentionHours.value <= most) return []
  const partitions = live?.partitions ?? hub.partitions.value
  return [
    {
      what: `Can't keep events of hub ${hub.name} for ${formatHours(hub.retentionHours.value)}`,
      because: `The namespace is on ${tier}, where retention is at most ${formatHours(most)}.`,
      waysOut: [
        {
          text: `keep them for ${formatHours(most)}`,
          flags: { [`--hub ${hub.name}`]: `${hub.name}:${partitions}:${formatHours(most)}` },
        },
        ...(tier === 'Basic' && hub.retentionHours.value <= LIMITS.Standard.maxRetentionHours
          ? [{ text: 'move the namespace to Standard', flags: { '--tier': 'Standard' } }]
          : []),
      ],
      link: QUOTAS_LINK,
    },
  ]
}

/** The namespace holds a number of hubs, and on Premium a number of partitions over all of them. */
function refuseTooMany(spec: Spec, actual: Actual, tier: LiveTier): readonly Step[] {
  const added = spec.hubs.filter((hub) => !findByName(actual.hubs, hub.name))
  if (added.length === 0) return []
  const units = capacityAfter(spec, actual.namespace)
  const hubs = actual.hubs.length + added.length
  const partitions = [...actual.hubs.map((hub) => hub.partitions), ...added.map((hub) => hub.partitions.value)].reduce(
    (a, b) => a + b,
    0,
  )
  const maxPartitions = (LIMITS[tier].maxPartitionsPerUnit ?? Infinity) * units
  const refusals = [
    ...(hubs > maxHubsOf(tier, units) ? [tooMany(spec, tier, units, `${hubs} hubs`, maxHubsOf(tier, units))] : []),
    ...(partitions > maxPartitions ? [tooMany(spec, tier, units, `${partitions} partitions`, maxPartitions)] : []),
  ]
  if (refusals.length === 0) return []
  return [{ action: 'refuse', target: { kind: 'namespace', name: spec.namespace.name }, changes: [], refusals }]
}

function tooMany(spec: Spec, tier: LiveTier, units: number, what: string, most: number): Refusal {
  return {
    what: `Can't have ${what} in namespace ${spec.namespace.name}`,
    because: `On ${tier} with ${formatCapacity(tier, units)} it holds at most ${most}.`,
    waysOut: [{ text: 'make a second namespace', flags: { '--namespace': `${spec.namespace.name.slice(0, 48)}-2` } }],
    link: QUOTAS_LINK,
  }
}
