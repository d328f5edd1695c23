import type { GroupLag, HubStatus, NamespaceStatus, Status } from '../../engine/status/status.ts'
import type { StatusDocument, TargetEntry } from '../document-schema.ts'
import { viewOfFailure } from '../error-view.ts'
import { EXIT } from '../exit.ts'
import type { Speller } from '../spell.ts'
import { spelled } from '../told.ts'

interface StatusFacts {
  readonly target: TargetEntry
  readonly speller: Speller
  /** --exit-code: a crossed threshold has an exit code of its own. */
  readonly usesExitCode: boolean
}

/** The document of `status`. */
export function statusDocument(status: Status, { target, speller, usesExitCode }: StatusFacts): StatusDocument {
  const { atMs, window, namespace, hubs, advice, checks, unread } = status
  return {
    ...{ schemaVersion: 1, command: 'status', result: 'ok', target },
    exitCode: usesExitCode && checks.some(({ crossed }) => crossed) ? EXIT.pending : EXIT.ok,
    readAt: timeOf(atMs),
    window: { from: timeOf(window.fromMs), to: timeOf(window.toMs) },
    namespace: namespaceEntry(namespace),
    hubs: hubs.map(hubEntry),
    advice: advice ? spelled(advice.text, speller) : null,
    checks: checks.map(({ of, most, where, value, crossed }) => ({
      ...{ of, most, where: where ?? null, value: value ?? null, crossed },
    })),
    unread: unread.map(({ what, hubs: of, failure }) => ({
      ...{ what, hubs: of },
      error: viewOfFailure(failure, speller),
    })),
    error: null,
  }
}

const timeOf = (ms: number): string => new Date(ms).toISOString()
const timeOrNull = (ms: number | undefined): string | null => (ms === undefined ? null : timeOf(ms))

const namespaceEntry = (namespace: NamespaceStatus): StatusDocument['namespace'] => {
  const { tier, location, units, maxUnits, isInflating, portal, uses, errors, connections, cpuPercent } = namespace
  return {
    ...{ tier, location, units, maxUnits, isInflating, portal: portal ?? null, connections: connections ?? null },
    cpuPercent: cpuPercent ?? null,
    uses:
      uses?.map(({ way, mean, peak, carries, percent, minutes }) => ({
        ...{ of: way, meanPerSecond: mean, peakPerSecond: peak },
        ...{ carriesPerSecond: carries ?? null, percent: percent ?? null, minutes },
      })) ?? null,
    errors: errors?.map(({ kind, result, count }) => ({ kind, result: result ?? null, count })) ?? null,
  }
}

function hubEntry(hub: HubStatus): StatusDocument['hubs'][number] {
  const { name, status, partitionCount, traffic, partitions, skew, groups, capture } = hub
  return {
    ...{ name, status, partitionCount, traffic: traffic ?? null, skew: skew ?? null },
    retentionHours: hub.retentionHours ?? null,
    sizeBytes: hub.sizeBytes ?? null,
    throttled: hub.throttled ?? null,
    partitions:
      partitions?.map(({ partition, events, lastSequenceNumber, lastEventMs }) => ({
        ...{ partition, events, lastSequenceNumber, lastEventAt: timeOrNull(lastEventMs) },
      })) ?? null,
    lastEventAt: timeOrNull(hub.lastEventMs),
    groups: groups.map(groupEntry),
    capture: capture
      ? {
          pendingEvents: capture.pendingEvents ?? null,
          backlog: capture.backlog ?? null,
          capturedEvents: capture.capturedEvents ?? null,
        }
      : null,
  }
}

const groupEntry = ({
  group,
  source,
  lag,
  lost,
  lossMs,
  partitions,
  untouched,
  untouchedEvents,
  beyond,
}: GroupLag) => ({
  ...{
    group,
    source: source ?? null,
    lag: lag ?? null,
    lost,
    lossAt: timeOrNull(lossMs),
    untouched,
    untouchedEvents,
    beyond,
  },
  partitions: partitions.map(({ partition, nextSequenceNumber, lag, lost, lossMs }) => ({
    ...{ partition, nextSequenceNumber, lag, lost, lossAt: timeOrNull(lossMs) },
  })),
})
