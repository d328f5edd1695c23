import type { Clock } from '../lib/clock.ts'

/** With a rate, events go out in this many portions a second. */
const PORTIONS_PER_SECOND = 10
/** Events that go out together, whatever the rate. */
export const MOST_AT_ONCE = 1_000
/** After a pause of the input, or of the service, no more than what this time allows is made up for. */
const MOST_BEHIND_MS = 1_000

/** Lets events go at a steady rate. */
export class Pace {
  readonly #perSecond: number
  readonly #clock: Clock
  #dueMs: number
  #leftOutMs = 0

  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond
    this.#clock = clock
    this.#dueMs = clock.now()
  }

  /** How many events go out together. */
  get portion(): number {
    return Math.min(Math.ceil(this.#perSecond / PORTIONS_PER_SECOND), MOST_AT_ONCE)
  }

  /** How many events the rate had time for, and nobody made up for. */
  get leftOut(): number {
    return Math.floor((this.#leftOutMs * this.#perSecond) / 1_000)
  }

  /** Resolves when so many events may go; without any, when the time of those before has passed. */
  async wait(events: number, signal: AbortSignal): Promise<void> {
    const lateMs = Math.max(0, this.#clock.now() - MOST_BEHIND_MS - this.#dueMs)
    this.#leftOutMs += lateMs
    this.#dueMs += lateMs
    for (let ms = 0; (ms = this.#dueMs - this.#clock.now()) > 0;) await this.#clock.sleep(Math.ceil(ms), signal)
    this.#dueMs += (events / this.#perSecond) * 1_000
  }
}
