import type { History } from '../../../hubs/history.ts'
import { NAMESPACE_ONLY } from '../../../hubs/traffic.ts'
import { keyOf } from '../../core/model.ts'
import type { Aggregation, Definition } from './definitions.ts'
import type { MetricsQuery } from './query.ts'

const MINUTE_MS = 60_000

/** One series of a metric: the values of its dimensions, by which the question splits, and its points. */
export interface Series {
  readonly dimensions: readonly (readonly [name: string, value: string])[]
  readonly points: readonly Point[]
}

interface Point {
  readonly atMs: number
  readonly values: Values
}

/** What the minutes of a point come to, one value a minute and hub. */
interface Values {
  readonly count: number
  readonly total: number
  readonly minimum: number
  readonly maximum: number
}

const NONE: Values = { count: 0, total: 0, minimum: Infinity, maximum: -Infinity }

const plus = (a: Values, b: Values): Values => ({
  count: a.count + b.count,
  total: a.total + b.total,
  minimum: Math.min(a.minimum, b.minimum),
  maximum: Math.max(a.maximum, b.maximum),
})

/** Undefined where there is no value. */
export function aggregate({ count, total, minimum, maximum }: Values, aggregation: Aggregation): number | undefined {
  if (count === 0) return undefined
  return { Total: total, Average: total / count, Minimum: minimum, Maximum: maximum, Count: count }[aggregation]
}

/** What happened, and since when and up to when it is known. */
export interface Known {
  readonly histories: readonly History[]
  /** A whole minute: the first one with values. What was before it is forgotten. */
  readonly fromMs: number
  /** The minute at this time is the last one with values. */
  readonly untilMs: number
}

/** The series of a metric that the query asks for, no more than it takes. */
export function seriesOf(metric: Definition, query: MetricsQuery, { histories, ...known }: Known): readonly Series[] {
  const { order, top } = query
  const names = metric.dimensions.map((name) => keyOf(name))
  const filter = new Map([...query.filter].filter(([name]) => names.includes(name)))
  const isMeant = (dimension: string, value: string) => {
    const values = filter.get(dimension) ?? ['*']
    return values.includes('*') || values.some((one) => keyOf(one) === keyOf(value))
  }
  if (metric.result !== undefined && !isMeant('operationresult', metric.result)) return []
  const meant = histories.filter((one) => isAbout(metric, one) && isMeant('entityname', one.name))
  const series = (group: readonly History[]): Series => {
    const values = new Map([
      ['entityname', group[0]?.name ?? ''],
      ['operationresult', metric.result ?? ''],
    ])
    const dimensions = [...filter.keys()].map((name) => [name, values.get(name)!] as const)
    return { dimensions, points: pointsOf(metric, query, { histories: group, ...known }) }
  }
  if (filter.size === 0) return [series(meant)]
  const groups = filter.has('entityname') ? meant.map((one) => [one]) : [meant]
  const found = groups.map(series).filter(({ points }) => points.some(({ values }) => values.count > 0))
  return (order ? found.toSorted((a, b) => compare(a, b, order)) : found).slice(0, top)
}

function isAbout({ scope }: Definition, { name }: History): boolean {
  if (name === NAMESPACE_ONLY) return scope !== 'hubs'
  return scope !== 'namespace'
}

/** By the value over all of the time. */
function compare(a: Series, b: Series, order: NonNullable<MetricsQuery['order']>): number {
  const rank = ({ points }: Series) =>
    aggregate(points.map(({ values }) => values).reduce(plus, NONE), order.aggregation) ?? 0
  return (rank(a) - rank(b)) * (order.isDescending ? -1 : 1)
}

function pointsOf(metric: Definition, query: MetricsQuery, { histories, ...known }: Known): readonly Point[] {
  const { fromMs, toMs, intervalMs } = query
  const points: Point[] = []
  for (let atMs = fromMs; atMs < toMs; atMs += intervalMs) {
    let values = NONE
    const endMs = Math.min(atMs + intervalMs, toMs)
    for (let ms = Math.max(atMs, known.fromMs); ms < endMs && ms <= known.untilMs; ms += MINUTE_MS) {
      for (const history of histories) {
        const value = valueIn(metric, history, ms / MINUTE_MS)
        if (value !== undefined) values = plus(values, { count: 1, total: value, minimum: value, maximum: value })
      }
    }
    points.push({ atMs, values })
  }
  return points
}

/** Where nothing happened it is 0 while there was a hub, whose backlog is known, and nothing before and after that. */
function valueIn({ count, gauge }: Definition, history: History, minute: number): number | undefined {
  if (gauge) return history.gaugesAt(minute)[gauge]
  const counts = history.countsAt(minute)
  if (counts) return count?.(counts)
  return history.gaugesAt(minute).captureBacklog === undefined ? undefined : 0
}
