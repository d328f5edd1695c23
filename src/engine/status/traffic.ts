import type { LiveTier } from '../../lib/limits.ts'
import { sameName } from '../../lib/names.ts'
import { CARRIED, WAYS, type Way } from '../../sizing/use.ts'
import type { MetricName, MetricSeries } from './metrics.ts'
import type { ErrorCount, Flow, HubTraffic, WayUse, Window } from './status.ts'

const MINUTE_MS = 60_000
const SECONDS = 60
/** So much of a minute says what the rest of it will be like. */
const TELLING_SECONDS = 20

/** What is measured in each way. */
const METRIC_OF: Readonly<Record<Way, MetricName>> = {
  'bytes in': 'IncomingBytes',
  'events in': 'IncomingMessages',
  'bytes out': 'OutgoingBytes',
  'events out': 'OutgoingMessages',
}

const KIND_OF = {
  ThrottledRequests: 'throttled',
  ServerErrors: 'server',
  UserErrors: 'user',
  QuotaExceededErrors: 'quota',
} as const satisfies Partial<Record<MetricName, ErrorCount['kind']>>

/** Metrics that count what happened, for the namespace and each hub. */
export const TRAFFIC_METRICS: readonly MetricName[] = [
  ...Object.values(METRIC_OF),
  'CapturedMessages',
  'CaptureBacklog',
]
/** Metrics that count failed requests by their result. */
export const ERROR_METRICS = Object.keys(KIND_OF) as (keyof typeof KIND_OF)[]

/** The minutes that have been measured, from the first to the last one of any series, up to now. Empty without any. */
export function measuredWindow(series: readonly MetricSeries[], fromMs: number, nowMs: number): Window {
  let [first, last] = [Infinity, -Infinity]
  // There may be more points than a call takes arguments.
  for (const { points } of series) {
    for (const { atMs, value } of points) {
      if (value === undefined) continue
      first = Math.min(first, atMs)
      last = Math.max(last, atMs)
    }
  }
  return first > last ? { fromMs, toMs: fromMs } : { fromMs: first, toMs: Math.min(last + MINUTE_MS, nowMs) }
}

/** How many events or bytes a metric counted, minute by minute. A minute without a value had none. */
function minutesOf(series: readonly MetricSeries[], metric: MetricName, { fromMs, toMs }: Window): readonly number[] {
  const minutes = Array.from({ length: Math.ceil((toMs - fromMs) / MINUTE_MS) }, () => 0)
  for (const one of series.filter((any) => any.metric === metric)) {
    for (const { atMs, value = 0 } of one.points) {
      const at = (atMs - fromMs) / MINUTE_MS
      if (minutes[at] !== undefined) minutes[at] += value
    }
  }
  return minutes
}

/** Sixty, or those that the running minute has had. One that has just begun counts as whole: a burst is no rate. */
function secondsIn(minute: number, { fromMs, toMs }: Window): number {
  const had = (toMs - fromMs) / 1_000 - minute * SECONDS
  return had >= TELLING_SECONDS ? Math.min(had, SECONDS) : SECONDS
}

function flowOf(series: readonly MetricSeries[], metric: MetricName, window: Window): Flow {
  const counts = minutesOf(series, metric, window)
  const total = counts.reduce((sum, one) => sum + one, 0)
  const seconds = counts.map((_, i) => secondsIn(i, window))
  const minutes = counts.map((one, i) => one / seconds[i]!)
  const all = seconds.reduce((sum, one) => sum + one, 0)
  return {
    total,
    meanPerSecond: all === 0 ? 0 : total / all,
    peakPerSecond: Math.max(0, ...minutes),
    minutes,
  }
}

const ofHub = (series: readonly MetricSeries[], hub: string): readonly MetricSeries[] =>
  series.filter(({ entity }) => entity !== undefined && sameName(entity, hub))

/** What went in and out of a hub. */
export function hubTraffic(series: readonly MetricSeries[], hub: string, window: Window): HubTraffic {
  const own = ofHub(series, hub)
  const flow = (way: Way): Flow => flowOf(own, METRIC_OF[way], window)
  return {
    eventsIn: flow('events in'),
    eventsOut: flow('events out'),
    bytesIn: flow('bytes in'),
    bytesOut: flow('bytes out'),
  }
}

/** All that a metric counted of a hub. */
export const hubTotal = (series: readonly MetricSeries[], hub: string, metric: MetricName, window: Window): number =>
  flowOf(ofHub(series, hub), metric, window).total

/** What was measured last of a hub, or of the namespace without one. */
export function lastValue(series: readonly MetricSeries[], metric: MetricName, hub?: string): number | undefined {
  const own = (hub === undefined ? series : ofHub(series, hub)).filter((one) => one.metric === metric)
  const points = own.flatMap((one) => one.points).filter(({ value }) => value !== undefined)
  return points.reduce<(typeof points)[number] | undefined>(
    (last, one) => (last && last.atMs > one.atMs ? last : one),
    undefined,
  )?.value
}

/** The most that was measured of the namespace. */
export function mostValue(series: readonly MetricSeries[], metric: MetricName): number | undefined {
  let most: number | undefined
  for (const one of series) {
    if (one.metric !== metric) continue
    for (const { value } of one.points) if (value !== undefined) most = Math.max(most ?? value, value)
  }
  return most
}

export interface Units {
  readonly tier: LiveTier
  readonly units: number
}

/** How much of its units a namespace uses, in each way. */
export const wayUses = (series: readonly MetricSeries[], { tier, units }: Units, window: Window): readonly WayUse[] =>
  WAYS.map((way) => {
    const { meanPerSecond, peakPerSecond, minutes } = flowOf(series, METRIC_OF[way], window)
    const carried = CARRIED[tier][way]
    const carries = carried && carried.perUnit * units
    const percent = carries && (peakPerSecond / carries) * 100
    return { way, mean: meanPerSecond, peak: peakPerSecond, carries, percent, minutes }
  })

/** Requests that failed, by kind and result, without those that are none. */
export function errorCounts(series: readonly MetricSeries[], window: Window): readonly ErrorCount[] {
  const counts = new Map<string, ErrorCount>()
  for (const metric of ERROR_METRICS) {
    for (const one of series.filter((any) => any.metric === metric)) {
      const { total } = flowOf([one], metric, window)
      const key = `${metric} ${one.result ?? ''}`
      if (total === 0) continue
      const count = (counts.get(key)?.count ?? 0) + total
      counts.set(key, { kind: KIND_OF[metric], result: one.result, count })
    }
  }
  return [...counts.values()]
}

/** How many requests failed in this way. */
export const countOf = (errors: readonly ErrorCount[], wanted: ErrorCount['kind']): number =>
  errors.reduce((sum, { kind, count }) => sum + (kind === wanted ? count : 0), 0)
