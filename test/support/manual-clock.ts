import type { Clock } from '../../src/lib/clock.ts'

interface Sleeper {
  readonly wakeAt: number
  readonly wake: () => void
}

/**
 * A clock turned by hand. `advance(ms)` wakes the sleepers that are due, in order. With `autoAdvance`, time jumps to the
 * next sleeper as soon as everything else has come to rest (a few turns of the event loop), so that minutes of waiting
 * for a provisioning state pass at once and are still seen in order.
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
      const sleeper: Sleeper = { wakeAt: this.#now + Math.max(0, ms), wake: resolve }
      this.#sleepers.push(sleeper)
      signal?.addEventListener(
        'abort',
        () => {
          this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
          reject(signal.reason as Error)
        },
        { once: true },
      )
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
    setTimeout(() => {
      this.#advancing = false
      const next = this.#sleepers.reduce((least, s) => Math.min(least, s.wakeAt), Infinity)
      if (next === Infinity) return
      this.advance(next - this.#now)
      if (this.#sleepers.length > 0) this.#advanceWhenQuiet()
    }, 2)
  }
}
