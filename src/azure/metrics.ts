import type { MetricPoint, MetricSeries, MetricsQuestion, MetricsRead } from '../engine/status/metrics.ts'
import { nameKeyOf, sameName } from '../lib/names.ts'
import type { Query } from './arm-requests.ts'
import { list, number, record, text } from './json.ts'

export const METRICS = '/providers/Microsoft.Insights/metrics'

/**
 * Series of a metric. Where a filter splits it, Azure answers 10 unless more are asked for; no maximum is published. A
 * Premium namespace with all its units has 1,600 hubs, and each may have several results.
 */
const MOST_SERIES = 10_000

/**
 * What Azure takes. It takes 20 names a request, which is more than there are.
 * https://learn.microsoft.com/rest/api/monitor/metrics/list
 */
export const metricsQuery = ({ metrics, aggregation, splitBy, fromMs, toMs }: MetricsQuestion): Query => ({
  metricnamespace: 'Microsoft.EventHub/namespaces',
  metricnames: metrics.join(),
  timespan: [fromMs, toMs].map((ms) => new Date(ms).toISOString()).join('/'),
  interval: 'PT1M',
  aggregation: AGGREGATIONS[aggregation],
  ...(splitBy.length > 0 && {
    $filter: splitBy.map((dimension) => `${dimension} eq '*'`).join(' and '),
    top: String(MOST_SERIES),
  }),
})

const AGGREGATIONS: Readonly<Record<MetricsQuestion['aggregation'], string>> = {
  total: 'Total',
  average: 'Average',
  maximum: 'Maximum',
}

/** Reads an answer, in which a metric may fail while the others are there. */
export function toMetrics(answer: unknown, question: MetricsQuestion): MetricsRead {
  const found = records(record(answer)?.['value'])
  return {
    series: found.flatMap((metric) => seriesOf(metric, question)),
    failed: found.flatMap((metric) => {
      const code = text(metric['errorCode'])
      if (code === undefined || code === 'Success') return []
      return { metric: nameIn(metric) ?? '', why: text(metric['errorMessage']) ?? code }
    }),
  }
}

type Json = Readonly<Record<string, unknown>>

const records = (value: unknown): readonly Json[] => list(value).map((one) => record(one) ?? {})

function seriesOf(metric: Json, question: MetricsQuestion): readonly MetricSeries[] {
  const name = question.metrics.find((asked) => sameName(asked, nameIn(metric) ?? ''))
  if (name === undefined) return []
  return records(metric['timeseries']).map(({ metadatavalues, data }) => {
    const values = new Map(records(metadatavalues).map((one) => [nameKeyOf(nameIn(one) ?? ''), text(one['value'])]))
    return {
      metric: name,
      entity: values.get('entityname'),
      result: values.get('operationresult'),
      points: records(data).flatMap((point) => pointOf(point, question)),
    }
  })
}

/** `{ name: { value: 'EntityName', localizedValue: … } }`, in any case. */
const nameIn = (named: Json): string | undefined => text(record(named['name'])?.['value'])

/** A minute without a value has only its time. What was not asked for, and what nothing can count, is left out. */
function pointOf(point: Json, { aggregation, fromMs, toMs }: MetricsQuestion): readonly MetricPoint[] {
  const atMs = Date.parse(text(point['timeStamp']) ?? '')
  if (!(atMs >= fromMs && atMs < toMs)) return []
  const value = number(point[aggregation])
  return [{ atMs, value: value !== undefined && value >= 0 ? value : undefined }]
}
