import { sameName } from '../../lib/names.ts'
import type { HubActual } from '../../resources/hub/hub.ts'
import type { NamespaceActual } from '../../resources/namespace/namespace.ts'
import { adviceFor, type ToAdvise } from './advice.ts'
import { lagOf, partitionLoad, skewOf, unknownLag } from './lag.ts'
import { hasFailed, type MetricName, type MetricsRead } from './metrics.ts'
import type { GroupPositions, PartitionState, UnreadEvent } from './positions.ts'
import type { CaptureStatus, Check, GroupLag, HubStatus, NamespaceStatus, Status, Unread, Window } from './status.ts'
import {
  countOf,
  ERROR_METRICS,
  errorCounts,
  hubTotal,
  hubTraffic,
  lastValue,
  measuredWindow,
  mostValue,
  TRAFFIC_METRICS,
  wayUses,
} from './traffic.ts'

/** What was read of a namespace. */
export interface Observed {
  readonly atMs: number
  /** The begin of the time that was asked for. */
  readonly fromMs: number
  readonly resourceGroup: string
  readonly namespace: NamespaceActual
  readonly portal: string | undefined
  /** Undefined where they could not be read. */
  readonly metrics: MetricsRead | undefined
  readonly hubs: readonly ObservedHub[]
  readonly unread: readonly Unread[]
}

export interface ObservedHub {
  readonly hub: HubActual
  /** `$Default` too. */
  readonly consumerGroups: readonly string[]
  /** Undefined where they could not be read. */
  readonly states: readonly PartitionState[] | undefined
  readonly positions: readonly GroupPositions[]
  /** Whether the checkpoints of all groups are among them. */
  readonly hasCheckpoints: boolean
  readonly unreadEvents: readonly UnreadEvent[]
  /** Events that Capture has yet to write, where somebody says. */
  readonly pendingEvents: number | undefined
}

/** What is too much. */
export interface Thresholds {
  readonly maxLag: number | undefined
  readonly maxThrottled: number | undefined
  /** The one group that is judged; undefined for all of which something is known. */
  readonly group: string | undefined
}

/** Judges what was read of a namespace. */
export function assess(observed: Observed, thresholds: Thresholds, priceOf: ToAdvise['priceOf']): Status {
  const { group: only } = thresholds
  const { atMs, fromMs, metrics, unread } = observed
  const window = measuredWindow(metrics?.series ?? [], fromMs, atMs)
  const namespace = namespaceStatus(observed, window)
  const hubs = observed.hubs
    .map((hub) => hubStatus(hub, metrics, window))
    .map((hub) =>
      only === undefined ? hub : { ...hub, groups: hub.groups.filter(({ group }) => sameName(group, only)) },
    )
  const advice = adviceFor({ atMs, namespace, hubs, priceOf })
  return { atMs, window, namespace, hubs, advice, checks: checksOf({ namespace, hubs, unread }, thresholds), unread }
}

/** The series, where all of some metrics could be read. */
const seriesWith = (metrics: MetricsRead | undefined, names: readonly MetricName[]) =>
  metrics && !names.some((name) => hasFailed(metrics, name)) ? metrics.series : undefined

function namespaceStatus({ namespace, resourceGroup, portal, metrics }: Observed, window: Window): NamespaceStatus {
  const { name, location, tier, capacity, autoInflateMax } = namespace
  const series = metrics?.series
  const traffic = seriesWith(metrics, TRAFFIC_METRICS)
  const errors = seriesWith(metrics, ERROR_METRICS)
  const last = series && lastValue(series, 'ActiveConnections')
  const most = series && mostValue(series, 'ActiveConnections')
  return {
    ...{ name, resourceGroup, location, tier, portal },
    ...{ units: capacity, maxUnits: Math.max(capacity, autoInflateMax) },
    isInflating: autoInflateMax > 0,
    uses: traffic && wayUses(traffic, { tier, units: capacity }, window),
    errors: errors && window.toMs > window.fromMs ? errorCounts(errors, window) : undefined,
    connections: last === undefined || most === undefined ? undefined : { last, most },
    cpuPercent: series && mostValue(series, 'NamespaceCpuUsage'),
  }
}

function hubStatus(observed: ObservedHub, metrics: MetricsRead | undefined, window: Window): HubStatus {
  const { hub, states } = observed
  const { name, status, retentionHours, partitions: partitionCount } = hub
  const series = metrics?.series
  const traffic = seriesWith(metrics, TRAFFIC_METRICS)
  const throttled = seriesWith(metrics, ['ThrottledRequests'])
  const partitions = states?.map(partitionLoad)
  const last = (partitions ?? []).flatMap(({ lastEventMs }) => lastEventMs ?? [])
  return {
    ...{ name, status, retentionHours, partitionCount, partitions },
    traffic: traffic && hubTraffic(traffic, name, window),
    sizeBytes: series && lastValue(series, 'Size', name),
    throttled: throttled && hubTotal(throttled, name, 'ThrottledRequests', window),
    skew: partitions && skewOf(partitions),
    lastEventMs: last.length === 0 ? undefined : Math.max(...last),
    groups: groupsOf(observed),
    capture: captureOf(observed, metrics, window),
  }
}

/** The consumer groups of the hub, each by what says most of it, then the groups of Kafka that read it. */
function groupsOf(observed: ObservedHub): readonly GroupLag[] {
  const { hub, consumerGroups, states, positions, hasCheckpoints, unreadEvents } = observed
  if (!states) return consumerGroups.map(unknownLag)
  const facts = { states, unread: unreadEvents, retentionHours: hub.retentionHours }
  const own = (source: GroupPositions['source'], group: string) =>
    positions.find((one) => one.source === source && sameName(one.group, group))
  const named = consumerGroups.map((group) => {
    const found = own('checkpoints', group) ?? own('readers', group)
    if (!found && !hasCheckpoints) return unknownLag(group)
    return { ...lagOf(found ?? { group, source: 'checkpoints', partitions: [] }, facts), group }
  })
  // Checkpoints of a consumer group that was deleted stay in their container.
  const byKafka = positions.filter(({ source }) => source === 'kafka')
  return [...named, ...byKafka.map((one) => lagOf(one, facts))]
}

function captureOf(
  { hub, pendingEvents }: ObservedHub,
  metrics: MetricsRead | undefined,
  window: Window,
): CaptureStatus | undefined {
  if (!hub.capture) return undefined
  const series = metrics?.series
  return {
    pendingEvents,
    backlog: series && lastValue(series, 'CaptureBacklog', hub.name),
    capturedEvents: series && hubTotal(series, hub.name, 'CapturedMessages', window),
  }
}

/** A number that is not known in all its parts is not known. */
function checksOf(
  { namespace: { errors }, hubs, unread }: Pick<Status, 'namespace' | 'hubs' | 'unread'>,
  { maxLag, maxThrottled, group }: Thresholds,
): readonly Check[] {
  const lags = hubs.flatMap((hub) => hub.groups.flatMap((one) => unreadOf(one, hub.name)))
  const [worst] = lags.sort((a, b) => b.value - a.value)
  const isUnknown = group !== undefined && hubs.some(({ groups }) => groups.some(({ lag }) => lag === undefined))
  const isPartial = isUnknown || unread.some(({ what }) => what !== 'metrics' && what !== 'age of unread events')
  const throttled = errors && { value: countOf(errors, 'throttled'), where: undefined }
  return [...checkOf('lag', maxLag, worst, isPartial), ...checkOf('throttled', maxThrottled, throttled, false)]
}

interface Found {
  readonly value: number
  readonly where: string | undefined
}

/** A partition that its group has no position in counts with all its events: it may be the one where nobody reads. */
const unreadOf = ({ group, lag, untouchedEvents }: GroupLag, hub: string): readonly Found[] =>
  lag === undefined ? [] : [{ value: lag + untouchedEvents, where: `${group} of hub ${hub}` }]

function checkOf(
  of: Check['of'],
  most: number | undefined,
  found: Found | undefined,
  isPartial: boolean,
): readonly Check[] {
  if (most === undefined) return []
  const { value, where } = found && !(isPartial && found.value <= most) ? found : { value: undefined, where: undefined }
  return [{ of, most, where, value, crossed: value === undefined || value > most }]
}
