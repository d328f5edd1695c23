import type { Clock } from '../../../lib/clock.ts'

/** Runs something once after a while, unless it is stopped or started anew before. */
export class Timer {
  readonly #clock: Clock
  readonly #run: () => void
  #waiting: AbortController | undefined

  constructor(clock: Clock, run: () => void) {
    this.#clock = clock
    this.#run = run
  }

  start(ms: number): void {
    this.stop()
    const waiting = (this.#waiting = new AbortController())
    void this.#wait(ms, waiting)
  }

  stop(): void {
    this.#waiting?.abort()
    this.#waiting = undefined
  }

  async #wait(ms: number, waiting: AbortController): Promise<void> {
    try {
      await this.#clock.sleep(ms, waiting.signal)
    } catch {
      return // Stopped.
    }
    if (this.#waiting !== waiting) return
    this.#waiting = undefined
    this.#run()
  }
}
