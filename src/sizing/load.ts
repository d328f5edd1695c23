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
}

/** A hub with its load. */
export interface HubLoad {
  readonly name: string
  readonly load: Load
  /** Undefined for a compacted hub, which keeps the newest event of each key. */
  readonly retentionHours: number | undefined
}
