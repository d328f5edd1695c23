import { randomUUID } from 'node:crypto'
import { ArmError } from '../../core/errors.ts'
import { keyOf } from '../../core/model.ts'
import type { Call } from '../../core/routes.ts'
import { type Aggregation, type Definition, DEFINITIONS, TIME_GRAINS } from './definitions.ts'
import { type DimensionFilter, readDimensionFilter } from './dimension-filter.ts'

export const METRIC_NAMESPACE = 'Microsoft.EventHub/namespaces'

/** What a request for metrics asks for. */
export interface MetricsQuery {
  /** Milliseconds since the Unix epoch; the first one is a whole minute. */
  readonly fromMs: number
  readonly toMs: number
  /** As the answer names it. */
  readonly interval: string
  readonly intervalMs: number
  readonly metrics: readonly Definition[]
  /** Empty: each metric has its own. */
  readonly aggregations: readonly Aggregation[]
  readonly filter: DimensionFilter
  /** Infinity without a filter. */
  readonly top: number
  readonly order: { readonly aggregation: Aggregation; readonly isDescending: boolean } | undefined
  readonly isMetadata: boolean
}

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** With a filter. https://learn.microsoft.com/rest/api/monitor/metrics/list */
const USUAL_TOP = 10
/** Who asks for more gets its end: https://github.com/Azure/azure-sdk-for-python/issues/13547 */
const LONGEST_MS = 31 * DAY_MS

/** An error of this provider has no envelope: https://learn.microsoft.com/rest/api/monitor/metrics/list#errorresponse */
const badRequest = (message: string): ArmError =>
  new ArmError({ status: 400, code: 'BadRequest', message, from: 'provider', isBare: true })

/** Reads the query of a request. Throws ArmError 400. */
export function readQuery(call: Call): MetricsQuery {
  const { query } = call
  checkMetricNamespace(call)
  const timespan = readTimespan(query.get('timespan'), call.now)
  const metrics = readNames(query.get('metricnames'))
  const filter = readFilter(query.get('$filter') ?? '')
  const mayBeWrong = keyOf(query.get('validatedimensions') ?? '') === 'false'
  if (!mayBeWrong) for (const metric of metrics) checkDimensions(metric, filter)
  return {
    ...timespan,
    ...readInterval(query.get('interval') ?? 'PT1M', timespan),
    ...{ metrics, filter },
    aggregations: (query.get('aggregation') ?? '').split(',').filter(Boolean).map(readAggregation),
    top: filter.size === 0 ? Infinity : readTop(query.get('top')),
    order: readOrder(query.get('orderby')),
    isMetadata: keyOf(query.get('resulttype') ?? '') === 'metadata',
  }
}

/** Throws ArmError 400 where a request names a namespace of metrics that the resource does not have. */
export function checkMetricNamespace({ query }: Call): void {
  const named = query.get('metricnamespace') ?? METRIC_NAMESPACE
  if (keyOf(named) !== keyOf(METRIC_NAMESPACE))
    throw badRequest(`Failed to find metric configuration for namespace: ${named}`)
}

const DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/i
const DURATION = /^P(?=[\dT])(?:(\d{1,4})D)?(?:T(?=\d)(?:(\d{1,4})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?$/i

/** Two of a begin, an end and a duration; or a duration up to now. Without any, the last hour. */
function readTimespan(text: string | undefined, nowMs: number): { readonly fromMs: number; readonly toMs: number } {
  const [first = '', second, ...more] = (text ?? 'PT1H').split('/')
  const [a, b] = [readTime(first), readTime(second)]
  const [lengthA, lengthB] = [readDuration(first), readDuration(second)]
  const toMs = b ?? (second === undefined ? nowMs : a !== undefined && lengthB !== undefined ? a + lengthB : NaN)
  const fromMs = a ?? (lengthA === undefined ? NaN : toMs - lengthA)
  // https://github.com/Azure/azure-sdk-for-net/issues/40047
  if (!(fromMs < toMs) || more.length > 0 || (second === undefined && a !== undefined))
    throw badRequest(
      `Detected invalid time interval input: ${text}, supported Iso 8601 time interval format: ` +
        `(Datetime/Datetime, Datetime/Duration, Duration/Datetime, Duration)`,
    )
  return { fromMs: Math.floor(Math.max(fromMs, toMs - LONGEST_MS) / MINUTE_MS) * MINUTE_MS, toMs }
}

/** A time without a zone is UTC. */
function readTime(text = ''): number | undefined {
  if (!DATE.test(text)) return undefined
  const ms = Date.parse(/T.*(?:Z|[+-]\d\d:\d\d)$|^[^T]*$/i.test(text) ? text : `${text}Z`)
  return Number.isNaN(ms) ? undefined : ms
}

function readDuration(text = ''): number | undefined {
  const parts = DURATION.exec(text)?.slice(1)
  if (!parts) return undefined
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.map((part) => Number(part ?? 0))
  return days * DAY_MS + hours * HOUR_MS + minutes * MINUTE_MS + seconds * 1_000
}

/** `FULL` is one point for all, and answered as the duration that it has. */
function readInterval(text: string, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) {
  const wholeMs = Math.ceil((toMs - fromMs) / MINUTE_MS) * MINUTE_MS
  if (keyOf(text) === 'full') return { interval: durationOf(wholeMs), intervalMs: wholeMs }
  const wantedMs = readDuration(text)
  const [interval, intervalMs] = [...TIME_GRAINS].find(([, ms]) => ms === wantedMs) ?? []
  if (interval !== undefined && intervalMs !== undefined) return { interval, intervalMs }
  // https://github.com/Azure/azure-libraries-for-net/issues/495
  throw badRequest(
    `Invalid time grain duration: ${text}, supported ones are: ${[...TIME_GRAINS.values()].map(clockOf).join(',')}`,
  )
}

/** `PT4H`, `P1DT30M` */
function durationOf(ms: number): string {
  const [days, hours, minutes] = [Math.floor(ms / DAY_MS), Math.floor(ms / HOUR_MS) % 24, (ms / MINUTE_MS) % 60]
  const time = `${hours > 0 ? `${hours}H` : ''}${minutes > 0 ? `${minutes}M` : ''}`
  return `P${days > 0 ? `${days}D` : ''}${time === '' ? '' : `T${time}`}`
}

/** `00:05:00`, `1.00:00:00` */
const clockOf = (ms: number): string =>
  `${ms < DAY_MS ? '' : `${ms / DAY_MS}.`}${new Date(ms).toISOString().slice(11, 19)}`

function readNames(text: string | undefined): readonly Definition[] {
  const names = [...new Set((text ?? DEFINITIONS[0]!.name).split(',').map((name) => name.trim()))]
  return names.map((name) => {
    const known = DEFINITIONS.find((one) => keyOf(one.name) === keyOf(name))
    if (known) return known
    // https://github.com/Checkmk/checkmk/blob/master/tests/unit/cmk/special_agents/test_agent_azure.py
    throw badRequest(
      `Failed to find metric configuration for provider: Microsoft.EventHub, resource Type: namespaces, ` +
        `metric: ${name}, Valid metrics: ${DEFINITIONS.map((one) => one.name).join(',')}`,
    )
  })
}

function readFilter(text: string): DimensionFilter {
  const filter = readDimensionFilter(text)
  if (filter) return filter
  throw badRequest(
    `Invalid $filter: ${text}. Conditions of the form <name> eq '<value>' are allowed, or between values of one name`,
  )
}

function checkDimensions({ name, dimensions }: Definition, filter: DimensionFilter): void {
  const known = dimensions.map((one) => keyOf(one))
  if ([...filter.keys()].every((one) => known.includes(one))) return
  // https://github.com/tomkerkhove/promitor/issues/2557
  throw badRequest(
    `Metric: ${name} does not support requested dimension combination: ${[...filter.keys()].join(',')}, ` +
      `supported ones are: ${dimensions.join(',')}, TraceId: {${randomUUID()}}`,
  )
}

const AGGREGATIONS: readonly Aggregation[] = ['Total', 'Average', 'Minimum', 'Maximum', 'Count']

function readAggregation(text: string): Aggregation {
  const known = AGGREGATIONS.find((one) => keyOf(one) === keyOf(text.trim()))
  if (known) return known
  throw badRequest(`Invalid aggregation: ${text}, supported ones are: ${AGGREGATIONS.join(',')}`)
}

function readTop(text: string | undefined): number {
  if (text === undefined) return USUAL_TOP
  if (!/^[1-9]\d{0,8}$/.test(text)) throw badRequest(`Invalid top: ${text}`)
  return Number(text)
}

/** `Average asc`; `sum` stands for Total. */
function readOrder(text: string | undefined): MetricsQuery['order'] {
  if (text === undefined || text.trim() === '') return undefined
  const [word = '', direction = 'asc', ...more] = text.trim().split(/\s+/)
  if (more.length > 0 || !/^(asc|desc)$/i.test(direction)) throw badRequest(`Invalid orderby: ${text}`)
  const aggregation = readAggregation(keyOf(word) === 'sum' ? 'Total' : word)
  return { aggregation, isDescending: keyOf(direction) === 'desc' }
}
