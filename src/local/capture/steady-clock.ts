import type { Bell, Clock } from '../../lib/clock.ts'

/** Nobody asks for so long a sleep more: the machine slept. */
const SUSPENDED_MS = 30_000
/** No sleep is longer. */
export const DAY_MS = 24 * 3_600_000

/** A clock that does not go back, for windows that end in time also where somebody sets the clock back. */
export class SteadyClock {
  readonly #clock: Clock
  #lastMs: number
  /** What was taken back when the clock was set back. */
  #skewMs = 0
  #awakeSinceMs: number

  /** It begins at `leastMs` or later. Milliseconds since the Unix epoch. */
  constructor(clock: Clock, leastMs = -Infinity) {
    this.#clock = clock
    this.#awakeSinceMs = clock.now()
    this.#lastMs = leastMs
  }

  /** Since when somebody looks at it without a long pause: the start, or the end of a sleep of the machine. */
  get awakeSinceMs(): number {
    return this.#awakeSinceMs
  }

  now(): number {
    const nowMs = this.#clock.now() + this.#skewMs
    if (nowMs < this.#lastMs) this.#skewMs += this.#lastMs - nowMs
    return (this.#lastMs = Math.max(nowMs, this.#lastMs))
  }

  /** Waits for the bell, or for `ms`. */
  async rest(bell: Bell, ms: number): Promise<void> {
    const beforeMs = this.now()
    await bell.wait(this.#clock, Math.min(ms, DAY_MS))
    const nowMs = this.now()
    if (nowMs - beforeMs > ms + SUSPENDED_MS) this.#awakeSinceMs = nowMs
  }
}
