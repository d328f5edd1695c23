/** What is expected to come into one hub, and who reads it. */
export interface Load {
  /** The mean. */
  readonly eventsPerSecond: number
  readonly bytesPerEvent: number
  /** How many times the mean comes in at the busiest; 1 for a steady load. */
  readonly peak: number
  /** Applications that read every event, each for itself. */
  readonly readers: number
  /** Workers that share the reading of one application: of the one that has most. */
  readonly workers: number
  /** All events stay in one order. */
  readonly ordered: boolean
  /** What nobody said, so that a usual value stands for it. */
  readonly assumed: readonly ('bytesPerEvent' | 'peak' | 'readers' | 'workers')[]
}

/** A hub with its load. */
export interface HubLoad {
  readonly name: string
  readonly load: Load
  /** Undefined for a compacted hub, which keeps the newest event of each key. */
  readonly retentionHours: number | undefined
}

/** The mean of what comes in, or what comes in at the busiest. */
export type Moment = 'mean' | 'peak'

/** Events for one second. */
export const eventsIn = ({ eventsPerSecond, peak }: Load, at: Moment): number =>
  eventsPerSecond * (at === 'peak' ? peak : 1)

/** Bytes for one second. */
export const bytesIn = (load: Load, at: Moment): number => eventsIn(load, at) * load.bytesPerEvent

/** Bytes that are kept when the retention has passed once. Undefined for a compacted hub: it depends on the keys. */
export const bytesKept = ({ load, retentionHours }: HubLoad): number | undefined =>
  retentionHours === undefined ? undefined : bytesIn(load, 'mean') * retentionHours * 3_600
