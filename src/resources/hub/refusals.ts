import type { EntryEdit } from '../../inputs/refer.ts'
import { formatHours } from '../../lib/duration.ts'
import { LIMITS, NAME_LIMITS, type LiveTier } from '../../lib/limits.ts'
import { sameName } from '../../lib/names.ts'
import type { CaptureSurroundings } from '../capture/account.ts'
import { MOVE_TO_STANDARD, QUOTAS_LINK, type Refusal, type WayOut } from '../step.ts'
import type { HubActual, HubSpec } from './hub.ts'
import { settledStatus } from './settings.ts'

const COMPACTION_LINK = 'https://learn.microsoft.com/azure/event-hubs/log-compaction'
const PARTITIONS_LINK = 'https://learn.microsoft.com/azure/event-hubs/dynamically-add-partitions'

/** What the plan of a hub depends on: the tier it will be on, and the names that are taken. */
export interface HubContext extends CaptureSurroundings {
  readonly tier: LiveTier
  readonly taken: readonly string[]
}

/** A changed hub. It keeps the retention that was asked for. */
export function hubEdit({ name, retentionHours }: HubSpec, changed: Omit<EntryEdit, 'of' | 'hub'>): EntryEdit {
  const retention = changed.retention ?? (retentionHours.given ? retentionHours.value : undefined)
  return { of: name, ...changed, ...(retention === undefined ? {} : { retention }) }
}

/** `1 partition`, `4 partitions`. */
export const formatPartitions = (count: number): string => `${count} partition${count === 1 ? '' : 's'}`

const secondHub = (hub: HubSpec, { taken }: HubContext): WayOut => ({
  text: 'use a second hub',
  edit: { hub: hubEdit(hub, { name: freeName(hub.name, taken), partitions: hub.partitions.value }) },
})

/** A name for a second hub: `clicks-v2`. */
export function freeName(name: string, taken: readonly string[]): string {
  for (let version = 2; ; version++) {
    const suffix = `-v${version}`
    const free = `${name.slice(0, NAME_LIMITS.hub.max - suffix.length)}${suffix}`
    if (!taken.some((one) => sameName(one, free))) return free
  }
}

/** Only Premium and Dedicated can add partitions. No tier can remove them. */
export function refusePartitionChange(hub: HubSpec, live: HubActual, context: HubContext): Refusal | undefined {
  const { tier } = context
  const fewer = hub.partitions.value < live.partitions
  if (!fewer && LIMITS[tier].canAddPartitions) return refusePartitions(hub, context)
  const because = fewer
    ? 'Partitions cannot be taken away: the events in them would be lost.'
    : `On ${tier} the count is fixed when the hub is made. Premium can add partitions, but moving there needs a new namespace.`
  const { partitions } = live
  return {
    what: `Can't change the partition count of hub ${live.name} from ${partitions} to ${hub.partitions.value}`,
    because,
    waysOut: [
      {
        text: `keep ${formatPartitions(partitions)}`,
        edit: { hub: hubEdit(hub, { name: hub.name, partitions }) },
      },
      secondHub(hub, context),
    ],
    link: PARTITIONS_LINK,
  }
}

/** Refuses more partitions than the tier allows. */
export function refusePartitions(hub: HubSpec, { tier }: HubContext): Refusal | undefined {
  const most = LIMITS[tier].maxPartitionsPerHub
  if (hub.partitions.value <= most) return undefined
  return {
    what: `Can't have ${hub.partitions.value} partitions in hub ${hub.name}`,
    because: `The namespace is on ${tier}, where a hub has at most ${most}.`,
    waysOut: [{ text: `use ${most}`, edit: { hub: hubEdit(hub, { name: hub.name, partitions: most }) } }],
    link: QUOTAS_LINK,
  }
}

/** Refuses a retention that the tier does not allow, and any retention for a compacted hub. */
export function refuseRetention(hub: HubSpec, live: HubActual | undefined, context: HubContext): Refusal | undefined {
  const { tier } = context
  if (live?.cleanupPolicy === 'Compact') {
    return {
      what: `Can't set a retention for hub ${live.name}`,
      because: 'It is compacted: it keeps the newest event of each key for good, and this cannot be changed.',
      waysOut: [{ text: 'leave its retention out' }, secondHub(hub, context)],
      link: COMPACTION_LINK,
    }
  }
  const most = LIMITS[tier].maxRetentionHours
  const { value } = hub.retentionHours
  if (value <= most) return undefined
  const partitions = live?.partitions ?? hub.partitions.value
  return {
    what: `Can't keep events of hub ${hub.name} for ${formatHours(value)}`,
    because: `The namespace is on ${tier}, where retention is at most ${formatHours(most)}.`,
    waysOut: [
      {
        text: `keep them for ${formatHours(most)}`,
        edit: { hub: hubEdit(hub, { name: hub.name, partitions, retention: most }) },
      },
      ...(tier === 'Basic' && value <= LIMITS.Standard.maxRetentionHours ? [MOVE_TO_STANDARD] : []),
    ],
    link: QUOTAS_LINK,
  }
}

/** Refuses a compacted hub on a tier without compaction. */
export function refuseCompaction(hub: HubSpec, { tier }: HubContext): Refusal | undefined {
  if (LIMITS[tier].compaction) return undefined
  return {
    what: `Can't make compacted hub ${hub.name}`,
    because: `The namespace is on ${tier}, which has no compaction.`,
    waysOut: [MOVE_TO_STANDARD, { text: 'set cleanupPolicy: Delete in the manifest' }],
    link: COMPACTION_LINK,
  }
}

/** Refuses another cleanup policy for an existing hub. */
export function refuseCleanupPolicy(hub: HubSpec, live: HubActual): Refusal {
  const [from, to] = [live.cleanupPolicy, hub.cleanupPolicy.value]
  return {
    what: `Can't change the cleanup policy of hub ${live.name} from ${from} to ${to}`,
    because: 'It is fixed when the hub is made.',
    waysOut: [{ text: `set cleanupPolicy: ${from} in the manifest, or give the hub with ${to} another name` }],
    link: COMPACTION_LINK,
  }
}

/** Refuses a timestamp type where the cloud does not know it. */
export const refuseTimestampType = ({ name, timestampType }: HubSpec): Refusal => ({
  what: `Can't set the timestamp type of hub ${name} to ${timestampType.value}`,
  because: 'This cloud has only an older version of Event Hubs, without timestamp types.',
  waysOut: [{ text: 'leave timestampType out of the manifest' }],
})

/**
 * Refuses a hub that would be disabled and captured. Azure documents this for Disabled, not for SendDisabled and
 * ReceiveDisabled.
 */
export function refuseDisabled(hub: HubSpec, live: HubActual | undefined): Refusal | undefined {
  const { capture, name, status } = hub
  const statusAfter = status.given || !live ? status.value : settledStatus(live.status)
  const isCaptured = capture ? capture.enabled : live?.capture !== undefined
  if (statusAfter !== 'Disabled' || !isCaptured) return undefined
  return {
    what: `Can't capture hub ${name} while it is disabled`,
    because: 'Azure does not disable a hub with Capture, and does not capture one that is disabled.',
    waysOut: [
      { text: 'set status: Active for it in the manifest' },
      capture ? { text: 'leave Capture out' } : { text: 'switch Capture off', edit: { noCapture: true } },
    ],
    link: 'https://learn.microsoft.com/azure/event-hubs/resource-manager-exceptions',
  }
}
