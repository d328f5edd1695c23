/**
 * What happened in one minute. Bytes are those of the events as they are stored: the same that count for the limits.
 * A request is a publication, or what was refused.
 */
export class Counts {
  incomingBytes = 0
  incomingMessages = 0
  incomingRequests = 0
  outgoingBytes = 0
  outgoingMessages = 0
  throttledRequests = 0
  serverErrors = 0
  userErrors = 0
  quotaExceededErrors = 0
  capturedMessages = 0
  capturedBytes = 0
}

/** What is measured at moments, and holds until it is measured again. */
export interface Gauges {
  readonly sizeBytes?: number | undefined
  /** Events that are in no file of Capture yet. */
  readonly captureBacklog?: number | undefined
  /** Connections of clients to a namespace. */
  readonly connections?: number | undefined
}

/** From its minute on; `gauges` is empty from the minute on in which there was nothing left to measure. */
interface Measured {
  readonly minute: number
  readonly gauges: Gauges
}

/** The minutes of one hub, or of its namespace. Minutes are counted since the Unix epoch. */
export class History {
  readonly name: string
  /** Only those in which something happened. */
  readonly #minutes = new Map<number, Counts>()
  /** Only changes, in their order. */
  readonly #measured: Measured[] = []
  #minute = NaN
  #counts = new Counts()

  constructor(name: string) {
    this.name = name
  }

  /** Of the minute that goes on, to be raised. */
  countsOf(minute: number): Counts {
    if (minute === this.#minute) return this.#counts
    const counts = this.#minutes.get(minute) ?? new Counts()
    this.#minutes.set(minute, counts)
    this.#minute = minute
    return (this.#counts = counts)
  }

  /** What is measured first was so since another minute, that in which it came to be. */
  measure(minute: number, gauges: Gauges, since = minute): void {
    const last = this.#measured.at(-1)
    if (last && isSame(last.gauges, gauges)) return
    if (last && last.minute >= minute) this.#measured.pop()
    this.#measured.push({ minute: last ? Math.max(minute, last.minute) : Math.min(minute, since), gauges })
  }

  /** What happened in a minute; undefined where nothing did. */
  countsAt(minute: number): Counts | undefined {
    return this.#minutes.get(minute)
  }

  /** What was measured in a minute or before it. */
  gaugesAt(minute: number): Gauges {
    let [low, high] = [0, this.#measured.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#measured[middle]!.minute <= minute) low = middle + 1
      else high = middle
    }
    return this.#measured[low - 1]?.gauges ?? {}
  }

  /** Drops what is older, and tells whether nothing is left. */
  forgetBefore(minute: number): boolean {
    for (const old of this.#minutes.keys()) if (old < minute) this.#minutes.delete(old)
    while (this.#measured.length > 1 && this.#measured[1]!.minute <= minute) this.#measured.shift()
    const isMeasured = this.#measured.some(({ gauges }) => Object.keys(gauges).length > 0)
    return this.#minutes.size === 0 && !isMeasured
  }
}

const isSame = (a: Gauges, b: Gauges): boolean =>
  a.sizeBytes === b.sizeBytes && a.captureBacklog === b.captureBacklog && a.connections === b.connections
