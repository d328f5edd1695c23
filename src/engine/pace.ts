import type { Clock } from '../lib/clock.ts'

/** Resource Manager has a separate limit for each. Every POST counts as a write. */
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

/** Tokens left unused, because requests may overtake each other on the network. */
const RESERVE = 2

/**
 * Delays requests so that they stay below Azure's limits, from the remaining count in each answer. Without such a count
 * nothing is delayed here; the gate then waits when Azure throttles.
 */
export class Pace {
  readonly #clock: Clock
  readonly #left = new Map<RequestKind, { readonly tokens: number; readonly at: number }>()
  readonly #unanswered: Record<RequestKind, number> = { reads: 0, writes: 0, deletes: 0 }

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes a token and answers how many milliseconds to wait for it. Call `leave` afterwards. */
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

  /** Takes the remaining count of an answer. Azure may not have counted the pending requests yet. */
  learn(kind: RequestKind, left: number): void {
    const others = Math.max(0, this.#unanswered[kind] - 1)
    this.#left.set(kind, { tokens: left - others - RESERVE, at: this.#clock.now() })
  }
}
