import type { Failure } from '../../lib/errors.ts'
import type { LiveTier } from '../../lib/limits.ts'
import type { Text } from '../../lib/phrase.ts'
import type { Way } from '../../sizing/use.ts'
import type { PositionSource } from './positions.ts'

/** Whether a namespace, its hubs and their readers are all right. */
export interface Status {
  /** When it was read, in milliseconds since the Unix epoch. */
  readonly atMs: number
  readonly window: Window
  readonly namespace: NamespaceStatus
  readonly hubs: readonly HubStatus[]
  readonly advice: Advice | undefined
  readonly checks: readonly Check[]
  /** What could not be read, one entry each. */
  readonly unread: readonly Unread[]
}

/** The time that the metrics are of. Both ends are the same where Azure has measured nothing yet. */
export interface Window {
  /** Begin of a minute. */
  readonly fromMs: number
  /** The end of the last minute that Azure has measured, or now in the running one; metrics arrive late. */
  readonly toMs: number
}

export interface NamespaceStatus {
  readonly name: string
  readonly resourceGroup: string
  readonly location: string
  readonly tier: LiveTier
  /** What is there now. */
  readonly units: number
  /** What auto-inflate may raise it to; `units` where it is off. */
  readonly maxUnits: number
  /** Whether auto-inflate is on. */
  readonly isInflating: boolean
  /** The page of the Azure portal; undefined where there is none. */
  readonly portal: string | undefined
  /** Undefined where the metrics could not be read. */
  readonly uses: readonly WayUse[] | undefined
  readonly errors: readonly ErrorCount[] | undefined
  /** Of clients, now and at most in the window. */
  readonly connections: { readonly last: number; readonly most: number } | undefined
  /** The busiest replica in the busiest minute; Azure measures it on Premium only. */
  readonly cpuPercent: number | undefined
}

/** What went in or out of a namespace, as a part of what its units carry. */
export interface WayUse {
  readonly way: Way
  /** Bytes or events for one second, on average and in the busiest minute. */
  readonly mean: number
  readonly peak: number
  /** The ceiling of the units that are there; undefined where none is published. */
  readonly carries: number | undefined
  /** The busiest minute as a part of the ceiling. */
  readonly percent: number | undefined
  /** Each minute of the window, for one second. */
  readonly minutes: readonly number[]
}

/** Requests that failed in the window. */
export interface ErrorCount {
  readonly kind: 'throttled' | 'server' | 'user' | 'quota'
  /** Azure's word for the result; undefined where it gives none. */
  readonly result: string | undefined
  readonly count: number
}

export interface HubStatus {
  readonly name: string
  /** `Active`, or whom the hub keeps out. */
  readonly status: string
  /** Undefined for a compacted hub. */
  readonly retentionHours: number | undefined
  readonly partitionCount: number
  /** Undefined where the metrics could not be read. */
  readonly traffic: HubTraffic | undefined
  /** Of what is kept. */
  readonly sizeBytes: number | undefined
  readonly throttled: number | undefined
  /** Undefined where the partitions could not be read. */
  readonly partitions: readonly PartitionLoad[] | undefined
  readonly skew: Skew | undefined
  readonly lastEventMs: number | undefined
  readonly groups: readonly GroupLag[]
  /** Undefined where it is not captured. */
  readonly capture: CaptureStatus | undefined
}

export interface HubTraffic {
  /** Events for one second: the mean, and each minute. */
  readonly eventsIn: Flow
  readonly eventsOut: Flow
  /** Bytes for one second. */
  readonly bytesIn: Flow
  readonly bytesOut: Flow
}

export interface Flow {
  /** In the whole window. */
  readonly total: number
  readonly meanPerSecond: number
  readonly peakPerSecond: number
  /** Each minute of the window, for one second. */
  readonly minutes: readonly number[]
}

export interface PartitionLoad {
  readonly partition: string
  /** Events that are kept. */
  readonly events: number
  readonly lastSequenceNumber: number
  readonly lastEventMs: number | undefined
}

/** The partition that holds most, where the others hold much less. */
export interface Skew {
  readonly partition: string
  /** Of all kept events: 0 up to 1. */
  readonly share: number
  /** How many times what it would hold if all held the same. */
  readonly times: number
}

export interface GroupLag {
  readonly group: string
  /** Undefined where nothing says how far it has read. By checkpoints and without partitions: it never wrote one. */
  readonly source: PositionSource | undefined
  /** Events that are kept and not read; undefined where it is not known. */
  readonly lag: number | undefined
  /** Events that were dropped before they were read. */
  readonly lost: number
  /** When the oldest unread event is dropped, in milliseconds since the Unix epoch; undefined where nothing is unread. */
  readonly lossMs: number | undefined
  /** In order of their number; those with a position. */
  readonly partitions: readonly PartitionLag[]
  /** Partitions that the source knows nothing of, though events are in them. */
  readonly untouched: readonly string[]
  /** Events that are kept in them: unread, as far as anybody knows. */
  readonly untouchedEvents: number
  /** Partitions with a position behind their last event: it is of an earlier hub of this name. */
  readonly beyond: readonly string[]
}

export interface PartitionLag {
  readonly partition: string
  readonly nextSequenceNumber: number
  readonly lag: number
  readonly lost: number
  readonly lossMs: number | undefined
}

export interface CaptureStatus {
  /** Events that wait to be written, as the embedded Azure says. */
  readonly pendingEvents: number | undefined
  /** Azure's metric of the same: how much waits. */
  readonly backlog: number | undefined
  /** In the window. */
  readonly capturedEvents: number | undefined
}

/** The one thing to do. */
export interface Advice {
  readonly text: Text
}

/** A threshold of `--max-…`. */
export interface Check {
  readonly of: 'lag' | 'throttled'
  readonly most: number
  /** The group that is most behind: `trainer of hub clicks`. */
  readonly where: string | undefined
  /** Undefined where it could not be read: that counts as crossed. */
  readonly value: number | undefined
  readonly crossed: boolean
}

/** What could not be read, and what to do about it. */
export interface Unread {
  readonly what: 'metrics' | 'partitions' | 'checkpoints' | 'kafka groups' | 'age of unread events'
  /** Those of which it could not be read; empty for the whole namespace. */
  readonly hubs: readonly string[]
  readonly failure: Failure
}
