import { formatHours } from '../lib/duration.ts'
import { LIMITS, NAME_LIMITS, type LiveTier } from '../lib/limits.ts'
import { sameName } from '../lib/names.ts'
import type { HubSpec, Spec } from './spec.ts'
import { tierAfter } from './plan-capacity.ts'
import type { Actual } from './actual.ts'
import type { HubActual } from './shapes.ts'
import type { Refusal, WayOut } from './step.ts'
import type { EntryEdit } from '../inputs/refer.ts'

const QUOTAS_LINK = 'https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas'
const COMPACTION_LINK = 'https://learn.microsoft.com/azure/event-hubs/log-compaction'
const PARTITIONS_LINK = 'https://learn.microsoft.com/azure/event-hubs/dynamically-add-partitions'

/** What is said about hubs: the tier they will be on, and the names that another hub cannot have. */
export interface HubContext {
  readonly tier: LiveTier
  readonly taken: readonly string[]
  readonly storageAccounts: Actual['storageAccounts']
}
export const hubContextOf = (spec: Spec, actual: Actual): HubContext => ({
  tier: tierAfter(spec, actual.namespace),
  taken: [...spec.hubs, ...actual.hubs].map((hub) => hub.name),
  storageAccounts: actual.storageAccounts,
})

/** The hub as it shall be asked for, with the retention that was asked for. */
const hubEdit = (hub: HubSpec, name: string, partitions: number, retentionHours?: number): EntryEdit => ({
  of: hub.name,
  name,
  partitions,
  retentionHours: retentionHours ?? (hub.retentionHours.given ? hub.retentionHours.value : undefined),
})

const secondHub = (hub: HubSpec, { taken }: HubContext): WayOut => ({
  text: 'use a second hub',
  edit: { hub: hubEdit(hub, freeName(hub.name, taken), hub.partitions.value) },
})

function freeName(name: string, taken: readonly string[]): string {
  for (let version = 2; ; version++) {
    const suffix = `-v${version}`
    const free = `${name.slice(0, NAME_LIMITS.hub.max - suffix.length)}${suffix}`
    if (!taken.some((one) => sameName(one, free))) return free
  }
}

/** Another count than the hub has. Only Premium and Dedicated can add partitions; none can take them away. */
export function refusePartitionChange(hub: HubSpec, live: HubActual, context: HubContext): readonly Refusal[] {
  const { tier } = context
  const fewer = hub.partitions.value < live.partitions
  if (!fewer && LIMITS[tier].canAddPartitions) return refusePartitions(hub, context)
  const because = fewer
    ? 'Partitions cannot be taken away: the events in them would be lost.'
    : `On ${tier} the count is fixed when the hub is made. Premium can add partitions, but moving there needs a new namespace.`
  return [
    {
      what: `Can't change the partition count of hub ${live.name} from ${live.partitions} to ${hub.partitions.value}`,
      because,
      waysOut: [
        {
          text: `keep ${live.partitions} partition${live.partitions === 1 ? '' : 's'}`,
          edit: { hub: hubEdit(hub, hub.name, live.partitions) },
        },
        secondHub(hub, context),
      ],
      link: PARTITIONS_LINK,
    },
  ]
}

/** More partitions than a hub of the tier can have. */
export function refusePartitions(hub: HubSpec, { tier }: HubContext): readonly Refusal[] {
  const most = LIMITS[tier].maxPartitionsPerHub
  if (hub.partitions.value <= most) return []
  return [
    {
      what: `Can't have ${hub.partitions.value} partitions in hub ${hub.name}`,
      because: `The namespace is on ${tier}, where a hub has at most ${most}.`,
      waysOut: [{ text: `use ${most}`, edit: { hub: hubEdit(hub, hub.name, most) } }],
      link: QUOTAS_LINK,
    },
  ]
}

/** A retention that the tier does not allow, or that a compacted hub does not have. */
export function refuseRetention(hub: HubSpec, live: HubActual | undefined, context: HubContext): readonly Refusal[] {
  const { tier } = context
  if (live?.cleanupPolicy === 'Compact') {
    return [
      {
        what: `Can't set a retention for hub ${live.name}`,
        because: 'It is compacted: it keeps the newest event of each key for good, and this cannot be changed.',
        waysOut: [{ text: 'leave its retention out' }, secondHub(hub, context)],
        link: COMPACTION_LINK,
      },
    ]
  }
  const most = LIMITS[tier].maxRetentionHours
  if (hub.retentionHours.value <= most) return []
  const partitions = live?.partitions ?? hub.partitions.value
  return [
    {
      what: `Can't keep events of hub ${hub.name} for ${formatHours(hub.retentionHours.value)}`,
      because: `The namespace is on ${tier}, where retention is at most ${formatHours(most)}.`,
      waysOut: [
        {
          text: `keep them for ${formatHours(most)}`,
          edit: { hub: hubEdit(hub, hub.name, partitions, most) },
        },
        ...(tier === 'Basic' && hub.retentionHours.value <= LIMITS.Standard.maxRetentionHours
          ? [{ text: 'move the namespace to Standard', edit: { tier: 'Standard' } } as const]
          : []),
      ],
      link: QUOTAS_LINK,
    },
  ]
}

/** A compacted hub on a tier that has none. */
export function refuseCompaction(hub: HubSpec, { tier }: HubContext): readonly Refusal[] {
  if (LIMITS[tier].compaction) return []
  return [
    {
      what: `Can't make compacted hub ${hub.name}`,
      because: `The namespace is on ${tier}, which has no compaction.`,
      waysOut: [
        { text: 'move the namespace to Standard', edit: { tier: 'Standard' } },
        { text: 'say cleanupPolicy: Delete in the manifest' },
      ],
      link: COMPACTION_LINK,
    },
  ]
}

/** The policy that a hub has cannot be changed. */
export function refuseCleanupPolicy(hub: HubSpec, live: HubActual): Refusal {
  const [from, to] = [live.cleanupPolicy, hub.cleanupPolicy.value]
  return {
    what: `Can't change the cleanup policy of hub ${live.name} from ${from} to ${to}`,
    because: 'It is fixed when the hub is made.',
    waysOut: [{ text: `say cleanupPolicy: ${from} in the manifest, or give the hub with ${to} another name` }],
    link: COMPACTION_LINK,
  }
}
