import { DamagedEvents, type LostEvents } from './damage.ts'
import type { LogFile } from './files.ts'
import { BrokenRecord, checkRecord, claimedBytes, readHead, type RecordHead } from './record-head.ts'
import type { Segment } from './segment.ts'

/** What a reader needs of its partition. */
export interface ReadablePartition {
  /** In the order of their numbers. There is always one. */
  readonly segments: readonly Segment[]
  readonly nextSequenceNumber: number
  /** The number that follows the events of a segment, those that are lost included. */
  numberAfter(segment: Segment): number
  pathOf(segment: Segment): string
}

/** Reads so many bytes of a file or more, as far as there are so many. */
export type Fill = (file: LogFile, position: number, bytes: number) => Buffer

/** A whole record that was checked, at `at` in `bytes`. */
export interface ReadRecord {
  readonly head: RecordHead
  readonly bytes: Buffer
  readonly at: number
  /** Of its first event, in the partition. */
  readonly offset: number
}

/** Goes through the records of a partition onward from a given event, and holds a window of the file. */
export class RecordReader {
  readonly #log: ReadablePartition
  readonly #fill: Fill
  #sequenceNumber: number
  #segment: Segment | undefined
  #position = 0
  #window: Buffer = Buffer.alloc(0)
  #windowStart = 0

  constructor(log: ReadablePartition, sequenceNumber: number, fill: Fill) {
    this.#log = log
    this.#sequenceNumber = sequenceNumber
    this.#fill = fill
  }

  /** The number of the event to go on with, if it is there. */
  get sequenceNumber(): number {
    return this.#sequenceNumber
  }

  /** Also where all that was still to be read has been dropped. */
  get atEnd(): boolean {
    const { segments, nextSequenceNumber } = this.#log
    return Math.max(this.#sequenceNumber, segments[0]!.baseSequenceNumber) >= nextSequenceNumber
  }

  get window(): Buffer {
    return this.#window
  }

  /** Returns the record with the next event and goes on behind it. Throws DamagedEvents, each time until `skipDamage`. */
  next(): ReadRecord {
    const head = this.#toNext()
    const at = this.#position - this.#windowStart
    const offset = this.#segment!.baseOffset + this.#position
    this.#position += head.bytes
    this.#sequenceNumber = (head.sequenceNumber ?? this.#sequenceNumber) + head.events
    return { head, bytes: this.#window, at, offset }
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

  /** Whether all that the next record claims to have is in the window. */
  isInWindow(): boolean {
    const at = this.#position - this.#windowStart
    return at >= 0 && at < this.#window.length && claimedBytes(this.#window, at) <= this.#window.length - at
  }

  dropWindow(): void {
    this.#window = Buffer.alloc(0)
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
    if (!this.isInWindow()) {
      this.#read(0)
      const claimed = claimedBytes(this.#window, 0)
      if (claimed > this.#window.length) this.#read(claimed)
    }
    const at = this.#position - this.#windowStart
    const head = readHead(this.#window, at)
    if (!head || head.bytes > this.#window.length - at) throw new BrokenRecord('cut short')
    if (!holds(head, this.#sequenceNumber)) throw new BrokenRecord('not the next one')
    checkRecord(this.#window, at, head.bytes)
    return head
  }

  #read(bytes: number): void {
    this.#window = this.#fill(this.#segment!.file, this.#position, bytes)
    this.#windowStart = this.#position
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
  }
}

/** A record of an earlier version says no number, and is believed. */
const holds = ({ sequenceNumber: first, events }: RecordHead, sequenceNumber: number): boolean =>
  first === undefined || (first <= sequenceNumber && sequenceNumber < first + events)
