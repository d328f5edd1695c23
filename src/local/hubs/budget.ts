import type { LIMITS, LiveTier } from '../../lib/limits.ts'

/** An amount of data, or what may pass in a second. What comes first counts. */
export interface Amount {
  readonly bytes: number
  readonly events: number
}

type UnitOfCapacity = (typeof LIMITS)[LiveTier]['unit']

/**
 * What one unit lets pass in a second. A cluster does not throttle.
 *
 * - Throughput unit: https://learn.microsoft.com/azure/event-hubs/event-hubs-scalability (version of 2026-02-05, read
 *   2026-11). A megabyte is 1,000,000 bytes.
 * - Processing unit: the same page names about 5 to 10 MB/s in and 10 to 20 MB/s out, and promises nothing. The lower end
 *   is a guess. No limit of events is published, and an event has at least one byte.
 */
export const RATES: Readonly<Record<UnitOfCapacity, { readonly in: Amount; readonly out: Amount } | undefined>> = {
  'throughput unit': { in: { bytes: 1_000_000, events: 1_000 }, out: { bytes: 2_000_000, events: 4_096 } },
  'processing unit': { in: { bytes: 5_000_000, events: 5_000_000 }, out: { bytes: 10_000_000, events: 10_000_000 } },
  'capacity unit': undefined,
}

/** So many seconds' worth may pass at once after a rest. The service keeps "a short window"; its length is a guess. */
export const BURST_SECONDS = 1

export const times = ({ bytes, events }: Amount, factor: number): Amount => ({
  bytes: bytes * factor,
  events: events * factor,
})

/**
 * What is left of a rate. As long as anything is left, a whole publication or read may pass, however large: it takes
 * the budget below zero, and the next one waits until that is made up for. So large and small ones have the same chance.
 */
export class Budget {
  #perSecond: Amount
  #left: Amount
  #filledAtMs: number

  constructor(perSecond: Amount, nowMs: number) {
    this.#perSecond = perSecond
    this.#left = times(perSecond, BURST_SECONDS)
    this.#filledAtMs = nowMs
  }

  /** How long until something is left; 0 when it is. */
  waitMs(nowMs: number): number {
    this.#fill(nowMs)
    const wait = (key: keyof Amount) =>
      this.#left[key] > 0 ? 0 : Math.floor((-this.#left[key] / this.#perSecond[key]) * 1_000) + 1
    return Math.max(wait('bytes'), wait('events'))
  }

  spend({ bytes, events }: Amount, nowMs: number): void {
    this.#fill(nowMs)
    this.#left = { bytes: this.#left.bytes - bytes, events: this.#left.events - events }
  }

  /** From now on the rate is another one. What is added to it may pass at once. */
  resize(perSecond: Amount, nowMs: number): void {
    this.#fill(nowMs)
    const added = (key: keyof Amount) => Math.max(0, perSecond[key] - this.#perSecond[key]) * BURST_SECONDS
    this.#left = { bytes: this.#left.bytes + added('bytes'), events: this.#left.events + added('events') }
    this.#perSecond = perSecond
    this.#fill(nowMs)
  }

  #fill(nowMs: number): void {
    // A clock that was set back gives nothing.
    const seconds = Math.max(0, nowMs - this.#filledAtMs) / 1_000
    const filled = (key: keyof Amount) =>
      Math.min(this.#perSecond[key] * BURST_SECONDS, this.#left[key] + this.#perSecond[key] * seconds)
    this.#left = { bytes: filled('bytes'), events: filled('events') }
    this.#filledAtMs = nowMs
  }
}
