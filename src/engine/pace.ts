import type { Clock } from '../lib/clock.ts'

/** What Resource Manager counts apart. A POST counts as a write, also one that changes nothing. */
export type RequestKind = 'reads' | 'writes' | 'deletes'

/**
 * Token buckets of Resource Manager, for one principal in one subscription and region.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
 */
const BUCKETS: Readonly<Record<RequestKind, { readonly size: number; readonly perSecond: number }>> = {
  reads: { size: 250, perSecond: 25 },
  writes: { size: 200, perSecond: 10 },
  deletes: { size: 200, perSecond: 10 },
}

/** Left unused, for requests that meet on the way and arrive together. */
const RESERVE = 2

/**
 * How fast requests may follow each other, from what each answer tells of what is left. Where Azure tells nothing, or has
 * other limits than it publishes, nothing waits here, and the gate waits when it is throttled. One for all requests of a run.
 */
export class Pace {
  readonly #clock: Clock
  readonly #left = new Map<RequestKind, { readonly tokens: number; readonly at: number }>()
  readonly #unanswered: Record<RequestKind, number> = { reads: 0, writes: 0, deletes: 0 }

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes the next turn, and answers in how many milliseconds it is. `leave` has to follow. */
  enter(kind: RequestKind): number {
    this.#unanswered[kind]++
    const left = this.#left.get(kind)
    if (!left) return 0
    const { size, perSecond } = BUCKETS[kind]
    const now = this.#clock.now()
    const tokens = Math.min(size, left.tokens + ((now - left.at) / 1_000) * perSecond) - 1
    this.#left.set(kind, { tokens, at: now })
    return tokens >= 0 ? 0 : Math.ceil((-tokens / perSecond) * 1_000)
  }

  leave(kind: RequestKind): void {
    this.#unanswered[kind]--
  }

  /** Azure answered, and said how many it would still take then. Those under way may not be counted yet: they are here. */
  learn(kind: RequestKind, left: number): void {
    const others = Math.max(0, this.#unanswered[kind] - 1)
    this.#left.set(kind, { tokens: left - others - RESERVE, at: this.#clock.now() })
  }
}
