import { DamagedEvents, type LostEvents } from './damage.ts'
import {
  BrokenRecord,
  checkRecord,
  claimedBytes,
  readEvent,
  readHead,
  type RecordHead,
  type StoredEvent,
} from './record.ts'
import type { Segment } from './segment.ts'

const WINDOW_BYTES = 128 * 1024

/** What a reader needs of its partition. */
interface ReadablePartition {
  /** In the order of their numbers. There is always one. */
  readonly segments: readonly Segment[]
  readonly nextSequenceNumber: number
  /** The number that follows the events of a segment, those that are lost included. */
  numberAfter(segment: Segment): number
  pathOf(segment: Segment): string
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
  /** For the windows of a reader that has much to read: new memory would cost more than all the rest of the reading. */
  #memory: Buffer | undefined

  constructor(log: ReadablePartition, sequenceNumber: number) {
    this.#log = log
    this.#sequenceNumber = sequenceNumber
  }

  /** The number of the event that is read next, if it is there. */
  get sequenceNumber(): number {
    return this.#sequenceNumber
  }

  get atEnd(): boolean {
    return this.#sequenceNumber >= this.#log.nextSequenceNumber
  }

  /**
   * The next events: at most `most`, and no more once they have `mostBytes`, so that large ones cannot fill the memory.
   * At least one, if there is one. Their bytes are good until the next call. Throws DamagedEvents where the next ones are lost, each time until `skipDamage`.
   */
  read(most: number, mostBytes: number): StoredEvent[] {
    const events: StoredEvent[] = []
    let bytes = 0
    try {
      while (events.length < most && bytes < mostBytes && !this.atEnd && (events.length === 0 || this.#isSafe())) {
        const head = this.#toNext()
        events.push(this.#eventAt(head))
        bytes += head.bytes
      }
    } catch (error) {
      // The events before the damage first.
      if (!(error instanceof DamagedEvents) || events.length === 0) throw error
    }
    if (this.atEnd) this.#dropWindow()
    return events
  }

  /** Goes on behind the events that are lost, if the next ones are. */
  skipDamage(): void {
    try {
      if (!this.atEnd) this.#toNext()
    } catch (error) {
      if (!(error instanceof DamagedEvents)) throw error
      this.#goTo(error.lost.nextSequenceNumber)
    }
  }

  /** Returns the head of the next record, which is whole in the window then. Throws DamagedEvents. */
  #toNext(): RecordHead {
    for (;;) {
      this.#find()
      try {
        return this.#load()
      } catch (error) {
        if (!(error instanceof BrokenRecord)) throw error
        this.#passRubbish(error)
      }
    }
  }

  /** Sets `#segment` and `#position` to the next event. Throws DamagedEvents where there are only later ones. */
  #find(): void {
    const segment = this.#segment
    if (segment && !segment.removed && this.#position < segment.file.size) return
    const { segments } = this.#log
    this.#sequenceNumber = Math.max(this.#sequenceNumber, segments[0]!.baseSequenceNumber)
    const holder = segments.findLast((one) => one.baseSequenceNumber <= this.#sequenceNumber)!
    const { position } = holder.seekSequenceNumber(this.#sequenceNumber)
    if (position >= holder.file.size) throw this.#lostAt(holder, position, this.#log.numberAfter(holder), 'bytes gone')
    this.#segment = holder
    this.#position = position
    this.#window = Buffer.alloc(0)
  }

  /** Throws BrokenRecord. */
  #load(): RecordHead {
    if (!this.#isInWindow()) {
      this.#fill(WINDOW_BYTES)
      const claimed = claimedBytes(this.#window, 0)
      if (claimed > this.#window.length) this.#fill(claimed)
    }
    const at = this.#position - this.#windowStart
    const head = readHead(this.#window, at)
    if (!head || head.bytes > this.#window.length - at) throw new BrokenRecord('cut short')
    if (head.sequenceNumber !== undefined && head.sequenceNumber !== this.#sequenceNumber)
      throw new BrokenRecord('not the next one')
    checkRecord(this.#window, at, head.bytes)
    return head
  }

  #eventAt(head: RecordHead): StoredEvent {
    const at = this.#position - this.#windowStart
    const offset = this.#segment!.baseOffset + this.#position
    const event = readEvent(this.#window, at, head, this.#sequenceNumber, offset)
    this.#sequenceNumber++
    this.#position += head.bytes
    return event
  }

  /** Goes on behind bytes that never were events. Throws DamagedEvents where there were some. */
  #passRubbish(error: BrokenRecord): void {
    const segment = this.#segment!
    const damage = segment.damageAt(this.#position)
    if (!damage) throw error
    const next = Math.min(damage.nextSequenceNumber, this.#log.numberAfter(segment))
    if (next > this.#sequenceNumber) throw this.#lostAt(segment, damage.position, next, 'bytes damaged')
    this.#goTo(next)
  }

  #lostAt(segment: Segment, position: number, nextSequenceNumber: number, what: LostEvents['what']): DamagedEvents {
    const file = this.#log.pathOf(segment)
    return new DamagedEvents({ file, position, firstSequenceNumber: this.#sequenceNumber, nextSequenceNumber, what })
  }

  #goTo(sequenceNumber: number): void {
    this.#sequenceNumber = sequenceNumber
    this.#segment = undefined
    // Events that this read has found may be in it.
    this.#memory = undefined
  }

  /** Whether all that the next record claims to have is in the window. */
  #isInWindow(): boolean {
    const at = this.#position - this.#windowStart
    return at >= 0 && at < this.#window.length && claimedBytes(this.#window, at) <= this.#window.length - at
  }

  /** Whether the next record can be read without writing over those that this read has found. */
  #isSafe(): boolean {
    return this.#isInWindow() || this.#window.buffer !== this.#memory?.buffer
  }

  #fill(bytes: number): void {
    const { file } = this.#segment!
    const isMuch = bytes === WINDOW_BYTES && file.size - this.#position >= bytes
    const memory = isMuch ? (this.#memory ??= Buffer.allocUnsafeSlow(bytes)) : undefined
    this.#window = file.read(this.#position, bytes, memory)
    this.#windowStart = this.#position
  }

  #dropWindow(): void {
    this.#window = Buffer.alloc(0)
    this.#memory = undefined
  }
}
