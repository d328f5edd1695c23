import { sameName } from '../../lib/names.ts'
import type { HubActual } from '../../resources/hub/hub.ts'
import type { NamespaceActual } from '../../resources/namespace/namespace.ts'
import { adviceFor, type ToAdvise } from './advice.ts'
import { lagOf, partitionLoad, skewOf, unknownLag } from './lag.ts'
import type { MetricsRead } from './metrics.ts'
import type { GroupPositions, PartitionState, UnreadEvent } from './positions.ts'
import type { CaptureStatus, Check, GroupLag, HubStatus, NamespaceStatus, Status, Unread, Window } from './status.ts'
import { errorCounts, hubTotal, hubTraffic, lastValue, measuredWindow, mostValue, wayUses } from './traffic.ts'

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
}

/** Judges what was read of a namespace. */
export function assess(observed: Observed, thresholds: Thresholds, priceOf: ToAdvise['priceOf']): Status {
  const { atMs, fromMs, metrics, unread } = observed
  const window = measuredWindow(metrics?.series ?? [], fromMs, atMs)
  const namespace = namespaceStatus(observed, window)
  const hubs = observed.hubs.map((hub) => hubStatus(hub, metrics, window))
  const advice = adviceFor({ atMs, namespace, hubs, priceOf })
  return { atMs, window, namespace, hubs, advice, checks: checksOf(namespace, hubs, thresholds), unread }
}

function namespaceStatus({ namespace, resourceGroup, portal, metrics }: Observed, window: Window): NamespaceStatus {
  const { name, location, tier, capacity, autoInflateMax } = namespace
  const series = metrics?.series
  const last = series && lastValue(series, 'ActiveConnections')
  const most = series && mostValue(series, 'ActiveConnections')
  return {
    ...{ name, resourceGroup, location, tier, portal },
    ...{ units: capacity, maxUnits: Math.max(capacity, autoInflateMax) },
    uses: series && wayUses(series, { tier, units: capacity }, window),
    errors: series && errorCounts(series, window),
    connections: last === undefined || most === undefined ? undefined : { last, most },
    cpuPercent: series && mostValue(series, 'NamespaceCpuUsage'),
  }
}

function hubStatus(observed: ObservedHub, metrics: MetricsRead | undefined, window: Window): HubStatus {
  const { hub, states } = observed
  const { name, status, retentionHours, partitions: partitionCount } = hub
  const series = metrics?.series
  const partitions = states?.map(partitionLoad)
  const last = (partitions ?? []).flatMap(({ lastEventMs }) => lastEventMs ?? [])
  return {
    ...{ name, status, retentionHours, partitionCount, partitions },
    traffic: series && hubTraffic(series, name, window),
    sizeBytes: series && lastValue(series, 'Size', name),
    throttled: series && hubTotal(series, name, 'ThrottledRequests', window),
    skew: partitions && skewOf(partitions),
    lastEventMs: last.length === 0 ? undefined : Math.max(...last),
    groups: groupsOf(observed),
    capture: captureOf(observed, metrics, window),
  }
}

/** The consumer groups of the hub, each by what says most of it, then other groups that read it. */
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
  const others = positions.filter(
    ({ source, group }) => source === 'kafka' || !consumerGroups.some((one) => sameName(one, group)),
  )
  return [...named, ...others.map((one) => lagOf(one, facts))]
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

function checksOf(
  { errors }: NamespaceStatus,
  hubs: readonly HubStatus[],
  { maxLag, maxThrottled }: Thresholds,
): readonly Check[] {
  const lags = hubs.flatMap(({ groups }) => groups.flatMap(({ lag }) => lag ?? []))
  const throttled = errors?.reduce((sum, { kind, count }) => sum + (kind === 'throttled' ? count : 0), 0)
  return [
    ...checkOf('lag', maxLag, lags.length === 0 ? undefined : Math.max(...lags)),
    ...checkOf('throttled', maxThrottled, throttled),
  ]
}

const checkOf = (of: Check['of'], most: number | undefined, value: number | undefined): readonly Check[] =>
  most === undefined ? [] : [{ of, most, value, crossed: value === undefined || value > most }]
