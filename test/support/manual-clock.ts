import { subscribe } from 'node:diagnostics_channel'
import type { Clock } from '../../src/lib/clock.ts'

interface Sleeper {
  readonly wakeAt: number
  readonly wake: () => void
}

/** Requests of this process that have no answer yet. */
let requestsUnderWay = 0
subscribe('http.client.request.start', () => requestsUnderWay++)
subscribe('http.client.response.finish', () => requestsUnderWay--)
subscribe('http.client.request.error', () => requestsUnderWay--)

const QUIET_MS = 2
/** With a request under way, the one who sleeps is probably the server that shall answer it, and then not for long. */
const QUIET_WHILE_REQUESTING_MS = 25
const LONGEST_JUMP_WHILE_REQUESTING_MS = 10_000
/** What sleeps longer is a time limit, which tests reach by `advance`. */
const LONGEST_JUMP_MS = 10 * 60_000

/**
 * A clock turned by hand. `advance(ms)` wakes the sleepers that are due, in order. With `autoAdvance`, time jumps to the
 * next sleeper as soon as everything else has come to rest, so that minutes of waiting for a provisioning state pass at
 * once and are still seen in order.
 */
export class ManualClock implements Clock {
  #now: number
  #sleepers: Sleeper[] = []
  readonly #autoAdvance: boolean
  #advancing = false

  constructor(options: { readonly start?: number; readonly autoAdvance?: boolean } = {}) {
    this.#now = options.start ?? Date.parse('2026-03-01T12:00:00Z')
    this.#autoAdvance = options.autoAdvance ?? false
  }

  now(): number {
    return this.#now
  }

  /** Milliseconds from the start that somebody sleeps for; for asserting what was waited for. */
  get pending(): readonly number[] {
    return this.#sleepers.map((sleeper) => sleeper.wakeAt - this.#now)
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error)
      const onAbort = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
        reject(signal?.reason as Error)
      }
      const wake = () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      const sleeper: Sleeper = { wakeAt: this.#now + Math.max(0, ms), wake }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', onAbort, { once: true })
      if (this.#autoAdvance) this.#advanceWhenQuiet()
    })
  }

  advance(ms: number): void {
    const target = this.#now + ms
    for (;;) {
      const due = this.#sleepers.filter((s) => s.wakeAt <= target).sort((a, b) => a.wakeAt - b.wakeAt)[0]
      if (!due) break
      this.#now = Math.max(this.#now, due.wakeAt)
      this.#sleepers = this.#sleepers.filter((s) => s !== due)
      due.wake()
    }
    this.#now = target
  }

  #advanceWhenQuiet(): void {
    if (this.#advancing) return
    this.#advancing = true
    setTimeout(
      () => {
        this.#advancing = false
        const next = Math.min(...this.#sleepers.map((sleeper) => sleeper.wakeAt))
        if (next - this.#now > LONGEST_JUMP_MS) return
        const isSlowMachine = requestsUnderWay > 0 && next - this.#now > LONGEST_JUMP_WHILE_REQUESTING_MS
        if (!isSlowMachine) this.advance(next - this.#now)
        if (this.#sleepers.length > 0) this.#advanceWhenQuiet()
      },
      requestsUnderWay > 0 ? QUIET_WHILE_REQUESTING_MS : QUIET_MS,
    )
  }
}
