import { parseHours } from '../../lib/duration.ts'
import { bad, EMPTY, ok, type Parser } from '../../lib/parser.ts'
import { sameName } from '../../lib/names.ts'

export const CLEANUP_POLICIES = ['Delete', 'Compact', 'DeleteOrCompact'] as const
/** https://learn.microsoft.com/azure/event-hubs/log-compaction */
export type CleanupPolicy = (typeof CLEANUP_POLICIES)[number]

/** Whether the newest event of each key is kept. Basic has no compaction. */
export const compacts = (policy: string): boolean => policy !== 'Delete'
/** A hub of policy `Compact` has no retention. */
export const hasRetention = (policy: string): boolean => policy !== 'Compact'

export const HUB_STATUSES = ['Active', 'Disabled', 'SendDisabled', 'ReceiveDisabled'] as const
/**
 * The states that can be set; Azure has others, which are temporary.
 * https://learn.microsoft.com/azure/event-hubs/configure-event-hub-properties
 */
export type HubStatus = (typeof HUB_STATUSES)[number]

/** The state that a hub has now, or goes to by itself: a temporary state, such as `Restoring`, ends as `Active`. */
export const settledStatus = (live: string): HubStatus => HUB_STATUSES.find((one) => sameName(one, live)) ?? 'Active'

export const TIMESTAMP_TYPES = ['LogAppend', 'Create'] as const
/** `LogAppend`: when Azure stored the event. `Create`: when its sender made it. */
export type TimestampType = (typeof TIMESTAMP_TYPES)[number]

/** In hours. Azure publishes no limits, so it judges the value. */
export const parseTombstoneRetention: Parser<number> = (text) => {
  if (text.trim() === '') return EMPTY
  const hours = parseHours(text)
  if (hours === undefined) return bad('is not a time: hours or days, such as 24h or 7d')
  return hours < 1 ? bad('is out of range: tombstones are kept for at least 1h') : ok(hours)
}
