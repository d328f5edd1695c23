import type { History } from '../../../hubs/history.ts'
import { keptSinceMs } from '../../../hubs/traffic.ts'
import { normalizeLocation } from '../../core/regions.ts'
import type { ArmReply, Call, Provider } from '../../core/routes.ts'
import { namespaceId } from '../eventhub/model.ts'
import { needNamespace } from '../eventhub/namespace.ts'
import { type Aggregation, type Definition, DEFINITIONS, TIME_GRAINS } from './definitions.ts'
import { checkMetricNamespace, METRIC_NAMESPACE, type MetricsQuery, readQuery } from './query.ts'
import { aggregate, type Known, type Series, seriesOf } from './series.ts'

/** Reads what happened in a namespace. */
export type ReadTraffic = (namespace: string) => readonly History[]

const MINUTE_MS = 60_000
/** So many minutes, the one that goes on included, have no values under the fault. */
const LATE_MINUTES = 3
/** https://learn.microsoft.com/azure/azure-monitor/essentials/data-platform-metrics#retention-of-metrics */
const RETENTION = 'P93D'

const isoOf = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z')

const nameOf = ({ name, title }: Definition) => ({ value: name, localizedValue: title })

/** https://learn.microsoft.com/rest/api/monitor/metrics/list */
const list =
  (readTraffic: ReadTraffic) =>
  (call: Call): ArmReply => {
    const namespace = needNamespace(call)
    const query = readQuery(call)
    const { fromMs, toMs, interval, isMetadata, metrics } = query
    const lateMs = call.context.delaysMetrics(call.path) ? LATE_MINUTES * MINUTE_MS : 0
    const failing = call.context.failsMetric(
      metrics.map(({ name }) => name),
      call.path,
    )
    const known = {
      histories: readTraffic(namespace.name),
      ...{ fromMs: keptSinceMs(call.now), untilMs: call.now - lateMs },
    }
    const body = {
      ...(!isMetadata && { cost: Math.max(0, Math.ceil((toMs - fromMs) / MINUTE_MS) - 1) }),
      timespan: `${isoOf(fromMs)}/${isoOf(toMs)}`,
      ...(!isMetadata && { interval }),
      value: metrics.map((metric) => ({
        id: `${namespaceId(namespace)}/providers/Microsoft.Insights/metrics/${metric.name}`,
        type: 'Microsoft.Insights/metrics',
        name: nameOf(metric),
        displayDescription: metric.description,
        unit: metric.unit,
        ...(metric.name === failing ? failed(metric) : answered(metric, query, known)),
      })),
      namespace: METRIC_NAMESPACE,
      resourceregion: normalizeLocation(namespace.location),
    }
    return { status: 200, body }
  }

/**
 * As in the example of
 * https://github.com/Azure/azure-rest-api-specs/blob/main/specification/monitor/resource-manager/Microsoft.Insights/stable/2018-01-01/examples/GetMetricError.json
 */
const failed = ({ name }: Definition) => ({
  timeseries: [],
  errorCode: 'InvalidSamplingType',
  errorMessage: `Sampling type is not found. Metric:${name}, SamplingType:NullableAverage.`,
})

function answered(metric: Definition, query: MetricsQuery, known: Known) {
  const { isMetadata } = query
  const aggregations = query.aggregations.length > 0 ? query.aggregations : metric.aggregations.slice(0, 1)
  const timeseries = seriesOf(metric, query, known).map((one) => ({
    metadatavalues: one.dimensions.map(([name, value]) => ({ name: { value: name, localizedValue: name }, value })),
    ...(!isMetadata && { data: one.points.map((point) => pointOf(point, aggregations)) }),
  }))
  return { timeseries, ...(!isMetadata && { errorCode: 'Success' }) }
}

/** A point without a value has its time alone. */
const pointOf = ({ atMs, values }: Series['points'][number], aggregations: readonly Aggregation[]) => ({
  timeStamp: isoOf(atMs),
  ...Object.fromEntries(aggregations.map((one) => [one.toLowerCase(), aggregate(values, one)])),
})

/** https://learn.microsoft.com/rest/api/monitor/metric-definitions/list */
function listDefinitions(call: Call): ArmReply {
  const resourceId = namespaceId(needNamespace(call))
  checkMetricNamespace(call)
  const value = DEFINITIONS.map((definition) => ({
    id: `${resourceId}/providers/microsoft.insights/metricdefinitions/${definition.name}`,
    ...{ resourceId, namespace: METRIC_NAMESPACE, name: nameOf(definition) },
    ...{ displayDescription: definition.description, isDimensionRequired: false, unit: definition.unit },
    primaryAggregationType: definition.aggregations[0],
    supportedAggregationTypes: definition.aggregations,
    metricAvailabilities: [...TIME_GRAINS.keys()].map((timeGrain) => ({ timeGrain, retention: RETENTION })),
    dimensions: definition.dimensions.map((name) => ({ value: name, localizedValue: name })),
  }))
  return { status: 200, body: { value } }
}

const NAMESPACE =
  '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.EventHub/namespaces/{namespace}'

/** Metrics of namespaces, and what metrics there are. Nothing of it is written. */
export const insights = (readTraffic: ReadTraffic): Provider => ({
  namespace: 'Microsoft.Insights',
  apiVersions: ['2024-02-01', '2023-10-01', '2021-05-01', '2019-07-01', '2018-01-01'],
  needsRegistration: false,
  routes: [
    { method: 'GET', template: `${NAMESPACE}/providers/Microsoft.Insights/metrics`, handle: list(readTraffic) },
    {
      method: 'GET',
      template: `${NAMESPACE}/providers/Microsoft.Insights/metricDefinitions`,
      handle: listDefinitions,
    },
  ],
})
