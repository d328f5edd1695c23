import { BrokenRecord, checkRecord, claimedBytes, readEvent, readHead, type StoredEvent } from './record.ts'
import type { Segment } from './segment.ts'

const WINDOW_BYTES = 128 * 1024

/** What a reader needs of its partition. */
interface ReadablePartition {
  /** In the order of their numbers. There is always one. */
  readonly segments: readonly Segment[]
  readonly nextSequenceNumber: number
}

/**
 * Reads a partition onward from a given event. Holds at most a window of the file, and nothing while it is at the end.
 */
export class LogReader {
  readonly #log: ReadablePartition
  #sequenceNumber: number
  #segment: Segment | undefined
  #position = 0
  #window: Buffer = Buffer.alloc(0)
  #windowStart = 0

  constructor(log: ReadablePartition, sequenceNumber: number) {
    this.#log = log
    this.#sequenceNumber = sequenceNumber
  }

  get atEnd(): boolean {
    return this.#sequenceNumber >= this.#log.nextSequenceNumber
  }

  /**
   * The next events: at most `most`, and no more once they have `mostBytes`, so that large ones cannot fill the memory.
   * At least one, if there is one. Throws BrokenRecord on a damaged file.
   */
  read(most: number, mostBytes: number): StoredEvent[] {
    const events: StoredEvent[] = []
    let bytes = 0
    while (events.length < most && bytes < mostBytes && !this.atEnd && this.#find()) {
      const position = this.#position
      events.push(this.#readOne())
      bytes += this.#position - position
    }
    if (this.atEnd) this.#window = Buffer.alloc(0)
    return events
  }

  /** Sets `#segment` and `#position` to the next event. */
  #find(): boolean {
    const segment = this.#segment
    if (segment && !segment.removed && this.#position < segment.file.size) return true
    const { segments } = this.#log
    this.#sequenceNumber = Math.max(this.#sequenceNumber, segments[0]!.baseSequenceNumber)
    for (
      let i = segments.findLastIndex((s) => s.baseSequenceNumber <= this.#sequenceNumber);
      i < segments.length;
      i++
    ) {
      const place = segments[i]!.seekSequenceNumber(this.#sequenceNumber)
      if (place.position < segments[i]!.file.size) {
        this.#segment = segments[i]
        this.#position = place.position
        this.#sequenceNumber = place.sequenceNumber
        this.#window = Buffer.alloc(0)
        return true
      }
    }
    return false
  }

  #readOne(): StoredEvent {
    const segment = this.#segment!
    let at = this.#position - this.#windowStart
    if (at < 0 || at >= this.#window.length || claimedBytes(this.#window, at) > this.#window.length - at) {
      this.#load(WINDOW_BYTES)
      at = 0
      const claimed = claimedBytes(this.#window, 0)
      if (claimed > this.#window.length) this.#load(claimed)
    }
    const head = readHead(this.#window, at)
    if (!head || head.bytes > this.#window.length - at) throw new BrokenRecord('cut short')
    checkRecord(this.#window, at, head.bytes)
    const event = readEvent(this.#window, at, head, this.#sequenceNumber, segment.baseOffset + this.#position)
    this.#sequenceNumber++
    this.#position += head.bytes
    return event
  }

  #load(bytes: number): void {
    this.#window = this.#segment!.file.read(this.#position, bytes)
    this.#windowStart = this.#position
  }
}
