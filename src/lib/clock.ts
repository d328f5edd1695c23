/** The time. It is passed in everywhere, so that tests can set it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Resolves after `ms` milliseconds; rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const realClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const onAbort = () => {
        clearTimeout(timer)
        reject(signal?.reason as Error)
      }
      if (signal?.aborted) return reject(signal.reason as Error)
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }, ms)
      signal?.addEventListener('abort', onAbort, { once: true })
    }),
}

/** Measures a run without the time in which a person thinks. */
export class Stopwatch {
  readonly #clock: Clock
  #startedAt: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#startedAt = clock.now()
  }

  get elapsedMs(): number {
    return this.#clock.now() - this.#startedAt
  }

  /** Does not count the time until `work` ends. */
  async pauseFor<T>(work: Promise<T>): Promise<T> {
    const pausedAt = this.#clock.now()
    try {
      return await work
    } finally {
      this.#startedAt += this.#clock.now() - pausedAt
    }
  }
}

/** Wakes one who waits, once for each ring. A ring that nobody waits for is kept. */
export class Bell {
  #isRung = false
  #waiting: AbortController | undefined

  ring(): void {
    this.#isRung = true
    this.#waiting?.abort()
  }

  /** Forgets a ring that nobody waited for. */
  silence(): void {
    this.#isRung = false
  }

  /** Resolves at a ring, or after `ms`. */
  async wait(clock: Clock, ms: number): Promise<void> {
    const waiting = (this.#waiting = new AbortController())
    if (!this.#isRung) await clock.sleep(ms, waiting.signal).catch(() => undefined)
    this.#waiting = undefined
    this.#isRung = false
  }
}
