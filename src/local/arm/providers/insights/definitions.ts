import type { Counts, Gauges } from '../../../hubs/history.ts'

export type Aggregation = 'Total' | 'Average' | 'Minimum' | 'Maximum' | 'Count'
export type Dimension = 'EntityName' | 'OperationResult'

/** A metric of namespaces. */
export interface Definition {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly unit: 'Count' | 'Bytes'
  /** The first one is answered where none is asked for. */
  readonly aggregations: readonly Aggregation[]
  readonly dimensions: readonly Dimension[]
  /** What the counted is called in dimension OperationResult, where it has that. */
  readonly result?: string
  /** Its value where something was counted in a minute. */
  readonly count?: (counts: Counts) => number
  /** Its value as it was measured. */
  readonly gauge?: keyof Gauges
  /** Requests may be about a hub or, like those that were not let in, about none. */
  readonly scope: 'hubs' | 'requests' | 'namespace'
}

const RESULTS = ['EntityName', 'OperationResult'] as const

const counted = (
  name: string,
  unit: Definition['unit'],
  title: string,
  count: Definition['count'],
  more: Partial<Definition> = {},
): Definition => ({
  ...{ name, title, unit, aggregations: ['Total'], dimensions: ['EntityName'], scope: 'hubs', ...(count && { count }) },
  description: `${title.replace(/\.$/, '')} for Microsoft.EventHub.`,
  ...more,
})

const withResult = (name: string, title: string, result: string, count: Definition['count']): Definition =>
  counted(name, 'Count', title, count, { dimensions: RESULTS, result, scope: 'requests' })

const LEVELS = ['Average', 'Minimum', 'Maximum'] as const

/**
 * The metrics that are simulated, as Azure describes them. Names, titles, units, aggregations and dimensions:
 * https://learn.microsoft.com/azure/azure-monitor/reference/supported-metrics/microsoft-eventhub-namespaces-metrics
 * Results: https://learn.microsoft.com/azure/event-hubs/monitor-event-hubs-reference#metric-dimensions; that of
 * ServerErrors is a guess.
 */
export const DEFINITIONS: readonly Definition[] = [
  withResult(
    'SuccessfulRequests',
    'Successful Requests',
    'success',
    (minute) => minute.incomingRequests - failed(minute),
  ),
  withResult('ServerErrors', 'Server Errors.', 'internalservererror', ({ serverErrors }) => serverErrors),
  withResult('UserErrors', 'User Errors.', 'clienterror', ({ userErrors }) => userErrors),
  withResult('QuotaExceededErrors', 'Quota Exceeded Errors.', 'quotaexceeded', (minute) => minute.quotaExceededErrors),
  withResult('ThrottledRequests', 'Throttled Requests.', 'serverbusy', ({ throttledRequests }) => throttledRequests),
  counted('IncomingRequests', 'Count', 'Incoming Requests', ({ incomingRequests }) => incomingRequests, {
    scope: 'requests',
  }),
  counted('IncomingMessages', 'Count', 'Incoming Messages', ({ incomingMessages }) => incomingMessages),
  counted('OutgoingMessages', 'Count', 'Outgoing Messages', ({ outgoingMessages }) => outgoingMessages),
  counted('IncomingBytes', 'Bytes', 'Incoming Bytes.', ({ incomingBytes }) => incomingBytes),
  counted('OutgoingBytes', 'Bytes', 'Outgoing Bytes.', ({ outgoingBytes }) => outgoingBytes),
  counted('ActiveConnections', 'Count', 'ActiveConnections', undefined, {
    ...{ description: 'Total Active Connections for Microsoft.EventHub.', gauge: 'connections', scope: 'namespace' },
    ...{ aggregations: LEVELS, dimensions: [] },
  }),
  counted('CaptureBacklog', 'Count', 'Capture Backlog.', undefined, { gauge: 'captureBacklog' }),
  counted('CapturedMessages', 'Count', 'Captured Messages.', ({ capturedMessages }) => capturedMessages),
  counted('CapturedBytes', 'Bytes', 'Captured Bytes.', ({ capturedBytes }) => capturedBytes),
  counted('Size', 'Bytes', 'Size', undefined, {
    ...{ description: 'Size of an EventHub in Bytes.', gauge: 'sizeBytes', aggregations: LEVELS },
  }),
]

const failed = (minute: Counts): number =>
  minute.serverErrors + minute.userErrors + minute.quotaExceededErrors + minute.throttledRequests

/** ISO 8601, and milliseconds. What other resources have too: https://learn.microsoft.com/azure/azure-monitor/reference/supported-metrics/metrics-index */
export const TIME_GRAINS: ReadonlyMap<string, number> = new Map([
  ...([1, 5, 15, 30] as const).map((minutes) => [`PT${minutes}M`, minutes * 60_000] as const),
  ...([1, 6, 12] as const).map((hours) => [`PT${hours}H`, hours * 3_600_000] as const),
  ['P1D', 86_400_000],
])
