/** A partition as its service describes it. */
export interface PartitionState {
  readonly partition: string
  readonly isEmpty: boolean
  /** Of the oldest event that is kept. */
  readonly beginningSequenceNumber: number
  /** Of the newest event; -1 before the first one. */
  readonly lastSequenceNumber: number
  /** When the newest event came, in milliseconds since the Unix epoch; undefined before the first one. */
  readonly lastEnqueuedMs: number | undefined
}

/** How it is known how far a group has read. */
export type PositionSource = 'checkpoints' | 'kafka' | 'readers'

/** How far a group of readers has read a hub. */
export interface GroupPositions {
  /** A consumer group, or the id of a Kafka group. */
  readonly group: string
  readonly source: PositionSource
  /** Partitions without an entry were never read, as far as the source knows. */
  readonly partitions: readonly PartitionPosition[]
}

export interface PartitionPosition {
  readonly partition: string
  /** The sequence number of the first event that is not read. */
  readonly nextSequenceNumber: number
}

/** The first event of a partition at or after a sequence number. */
export interface UnreadEvent {
  readonly partition: string
  readonly nextSequenceNumber: number
  /** When it came, in milliseconds since the Unix epoch. */
  readonly enqueuedMs: number
}
