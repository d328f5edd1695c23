import type { Clock } from '../../lib/clock.ts'

/** Wakes one who waits, once for each ring. A ring that nobody waits for is kept. */
export class Bell {
  #isRung = false
  #waiting: AbortController | undefined

  ring(): void {
    this.#isRung = true
    this.#waiting?.abort()
  }

  /** Resolves at a ring, or after `ms`. */
  async wait(clock: Clock, ms: number): Promise<void> {
    const waiting = (this.#waiting = new AbortController())
    if (!this.#isRung) await clock.sleep(ms, waiting.signal).catch(() => undefined)
    this.#waiting = undefined
    this.#isRung = false
  }
}
