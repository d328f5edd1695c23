import type { LiveTier } from '../lib/limits.ts'
import { eventsIn, type Load } from '../sizing/load.ts'
import { bytesOfPartitions } from '../sizing/partitions.ts'
import { CARRIED, roundUp } from '../sizing/use.ts'
import type { Failure } from '../lib/errors.ts'

/** What a load test sends. */
export interface LoadPlan {
  readonly eventsPerSecond: number
  readonly bytesPerEvent: number
  readonly durationMs: number
  /** Whether the rate is the expected load, or most of what the units take in. */
  readonly by: 'load' | 'units'
}

/** What came through. */
export interface LoadOutcome {
  readonly plan: LoadPlan
  /** How long it sent. */
  readonly elapsedMs: number
  /** Events of the plan that were not sent: this machine, its network or the service was slower, or somebody stopped it. */
  readonly unsent: number
  /** Events that the service accepted. */
  readonly accepted: number
  /** Requests that the service refused because more came in than it takes, and their events. They are not sent again. */
  readonly throttledRequests: number
  readonly throttledEvents: number
  /** Accepted events that were read back, that were not, and how many came more than once. */
  readonly received: number
  readonly lost: number
  readonly doubled: number
  /** From a request to its answer; undefined when nothing was accepted. */
  readonly acknowledged: Latency | undefined
  /** From sending an event to reading it; undefined when nothing was read. */
  readonly endToEnd: Latency | undefined
  /** What stopped it before its time: the reason of the signal. Undefined where nothing did. */
  readonly stoppedBy: unknown
  /** Why sending or reading ended early. */
  readonly error: Failure | undefined
}

/** In whole milliseconds. */
export interface Latency {
  readonly p50: number
  readonly p99: number
  readonly most: number
}

/** How many events a rate has sent after some time. */
export const eventsAfter = ({ eventsPerSecond }: Pick<LoadPlan, 'eventsPerSecond'>, elapsedMs: number): number =>
  roundUp((eventsPerSecond * elapsedMs) / 1_000)

interface Sized {
  readonly load: Load | undefined
  readonly tier: LiveTier
  readonly units: number
  readonly partitions: number
  readonly usualBytes: number
  readonly durationMs: number
}

/** Of what the units take in, so that the probe's own properties have room and nothing is throttled without need. */
const SHARE = 0.9

/** The load at its busiest, else most of what units and partitions take in. Undefined where nothing is published. */
export function loadPlanOf({ load, tier, units, partitions, usualBytes, durationMs }: Sized): LoadPlan | undefined {
  if (load)
    return {
      ...{ eventsPerSecond: eventsIn(load, 'peak'), bytesPerEvent: load.bytesPerEvent },
      ...{ durationMs, by: 'load' },
    }
  const { 'bytes in': bytes, 'events in': events } = CARRIED[tier]
  if (!bytes) return undefined
  const bytesPerSecond = Math.min(bytes.perUnit * units, bytesOfPartitions(partitions))
  const most = Math.min(bytesPerSecond / usualBytes, (events?.perUnit ?? Infinity) * units)
  return { eventsPerSecond: SHARE * most, bytesPerEvent: usualBytes, durationMs, by: 'units' }
}
