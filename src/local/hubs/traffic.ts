import { MalformedAmqp } from '../encoding/reader.ts'
import { UnstorableEvent } from '../log/record.ts'
import type { Amount } from './budget.ts'
import type { LocalHub } from './directory.ts'
import { HubError, type Refused, StacklessError } from './errors.ts'
import { type Gauges, History } from './history.ts'

/** Which count a refusal belongs to. */
type RefusalCount = 'throttledRequests' | 'quotaExceededErrors' | 'serverErrors' | 'userErrors'

const REFUSALS: Readonly<Partial<Record<Refused['because'], RefusalCount>>> = {
  throttled: 'throttledRequests',
  'too-many-readers': 'quotaExceededErrors',
  'disk-full': 'serverErrors',
  lost: 'serverErrors',
}

const CLIENTS_MISTAKES = [StacklessError, MalformedAmqp, UnstorableEvent]

/** A refusal that has no place in the list is the client's own mistake; what nobody foresaw is ours. */
function countOf(error: unknown): RefusalCount {
  if (error instanceof HubError) return REFUSALS[error.refused.because] ?? 'userErrors'
  return CLIENTS_MISTAKES.some((type) => error instanceof type) ? 'userErrors' : 'serverErrors'
}

/** What is not about one hub: https://learn.microsoft.com/azure/event-hubs/monitor-event-hubs-reference#metric-dimensions */
export const NAMESPACE_ONLY = '-NamespaceOnlyMetric-'

const MINUTE_MS = 60_000
const KEPT_MINUTES = 24 * 60

/** Of a hub, or of a namespace where there is no hub. */
export interface Measurement {
  readonly namespace: string
  readonly hub?: string
  /** When it was made, or this process began to see it. Milliseconds since the Unix epoch. */
  readonly sinceMs?: number
  readonly gauges: Gauges
}

/** Counts what passes the hubs, by the minute, since the start and for a day at most. All times are of the caller's clock. */
export class Traffic {
  /** By the names of namespace and hub, as the directory writes them. Of a hub that is gone, what was stays. */
  readonly #histories = new Map<string, Map<string, History>>()

  /** A publication came in. */
  countIn(hub: LocalHub, { bytes, events }: Amount, nowMs: number): void {
    const counts = this.#of(hub.namespace, hub.name).countsOf(minuteOf(nowMs))
    counts.incomingRequests++
    counts.incomingMessages += events
    counts.incomingBytes += bytes
  }

  /** A reader was given events. */
  countOut(hub: LocalHub, { bytes, events }: Amount, nowMs: number): void {
    const counts = this.#of(hub.namespace, hub.name).countsOf(minuteOf(nowMs))
    counts.outgoingMessages += events
    counts.outgoingBytes += bytes
  }

  /** A file of Capture was written. */
  countCaptured(hub: LocalHub, { bytes, events }: Amount, nowMs: number): void {
    const counts = this.#of(hub.namespace, hub.name).countsOf(minuteOf(nowMs))
    counts.capturedMessages += events
    counts.capturedBytes += bytes
  }

  /** A request was refused. Without a hub it was about the namespace, or about what the client may not see. */
  countRefused(namespace: string, hub: LocalHub | undefined, error: unknown, nowMs: number): void {
    const isHidden = error instanceof HubError && error.refused.because === 'missing-right'
    const counts = this.#of(namespace, isHidden || !hub ? NAMESPACE_ONLY : hub.name).countsOf(minuteOf(nowMs))
    counts.incomingRequests++
    counts[countOf(error)]++
  }

  /** These are the hubs, or namespaces, that there are now, and what is measured of them. Older values go. */
  measure(now: readonly Measurement[], nowMs: number): void {
    const minute = minuteOf(nowMs)
    const seen = new Set<History>()
    for (const { namespace, hub = NAMESPACE_ONLY, gauges, sinceMs = nowMs } of now) {
      const history = this.#of(namespace, hub)
      history.measure(minute, gauges, minuteOf(sinceMs))
      seen.add(history)
    }
    for (const [namespace, histories] of this.#histories) {
      for (const [name, history] of histories) {
        if (!seen.has(history)) history.measure(minute, {})
        if (history.forgetBefore(minute - KEPT_MINUTES)) histories.delete(name)
      }
      if (histories.size === 0) this.#histories.delete(namespace)
    }
  }

  /** The hubs of a namespace with what happened to them, those that are gone included, in the order of their names. */
  historiesOf(namespace: string): readonly History[] {
    return [...(this.#histories.get(namespace)?.values() ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  #of(namespace: string, hub: string): History {
    let histories = this.#histories.get(namespace)
    if (!histories) this.#histories.set(namespace, (histories = new Map<string, History>()))
    let history = histories.get(hub)
    if (!history) histories.set(hub, (history = new History(hub)))
    return history
  }
}

/** The first minute that is still kept. Milliseconds since the Unix epoch. */
export const keptSinceMs = (nowMs: number): number => (minuteOf(nowMs) - KEPT_MINUTES) * MINUTE_MS

const minuteOf = (ms: number): number => Math.floor(ms / MINUTE_MS)
