import { sameName } from '../../lib/names.ts'

/**
 * Metrics of a namespace, all measured once a minute.
 * https://learn.microsoft.com/azure/event-hubs/monitor-event-hubs-reference
 */
export type MetricName =
  | 'IncomingBytes'
  | 'IncomingMessages'
  | 'OutgoingBytes'
  | 'OutgoingMessages'
  | 'ThrottledRequests'
  | 'ServerErrors'
  | 'UserErrors'
  | 'QuotaExceededErrors'
  | 'ActiveConnections'
  | 'Size'
  | 'CaptureBacklog'
  | 'CapturedMessages'
  | 'NamespaceCpuUsage'

export interface MetricsQuestion {
  readonly metrics: readonly MetricName[]
  /** `total`: what happened in a minute. `average` and `maximum`: of what was measured in it. */
  readonly aggregation: 'total' | 'average' | 'maximum'
  /** What to split by. Without it the whole namespace is one series. */
  readonly splitBy: readonly ('EntityName' | 'OperationResult')[]
  /** Milliseconds since the Unix epoch, whole minutes: from the first, up to the second one. */
  readonly fromMs: number
  readonly toMs: number
}

/** One metric of the namespace, or of a hub in it. */
export interface MetricSeries {
  readonly metric: MetricName
  /** The hub, where the question splits by `EntityName`. Azure may write it in lower case, or give what is no hub. */
  readonly entity: string | undefined
  /** Where the question splits by `OperationResult`. */
  readonly result: string | undefined
  readonly points: readonly MetricPoint[]
}

/** One minute. */
export interface MetricPoint {
  /** Begin of the minute, in milliseconds since the Unix epoch. */
  readonly atMs: number
  /** Undefined where Azure has none, or none yet. */
  readonly value: number | undefined
}

export interface MetricsRead {
  readonly series: readonly MetricSeries[]
  /** Metrics that Azure could not read while it answered the others, and why. */
  readonly failed: readonly { readonly metric: string; readonly why: string }[]
}

/** Whether a metric was asked for in vain. */
export const hasFailed = ({ failed }: MetricsRead, name: MetricName): boolean =>
  failed.some(({ metric }) => sameName(metric, name))
