import type { Latency } from '../engine/load-test.ts'

/** Which of the numbers from 0 on have been seen, one bit each. */
export class SeenNumbers {
  #bits = new Uint8Array(1_024)
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Whether it is new. */
  add(n: number): boolean {
    const at = Math.floor(n / 8)
    if (at >= this.#bits.length) {
      const longer = new Uint8Array(Math.max(2 * this.#bits.length, at + 1))
      longer.set(this.#bits)
      this.#bits = longer
    }
    const bit = 1 << (n % 8)
    if ((this.#bits[at]! & bit) !== 0) return false
    this.#bits[at]! |= bit
    this.#count++
    return true
  }
}

/** Longer ones count as this. */
const LONGEST_MS = 120_000

/** Counts times by the millisecond. */
export class Latencies {
  readonly #counts = new Uint32Array(LONGEST_MS + 1)
  #count = 0
  #most = 0

  add(ms: number): void {
    const whole = Math.min(LONGEST_MS, Math.max(0, Math.round(ms)))
    this.#counts[whole]!++
    this.#count++
    this.#most = Math.max(this.#most, whole)
  }

  /** Undefined before the first one. */
  get summary(): Latency | undefined {
    return this.#count === 0 ? undefined : { p50: this.#quantile(0.5), p99: this.#quantile(0.99), most: this.#most }
  }

  /** The shortest time that so large a part of all does not exceed. */
  #quantile(part: number): number {
    const wanted = Math.ceil(part * this.#count)
    let passed = 0
    return this.#counts.findIndex((count) => (passed += count) >= wanted)
  }
}
