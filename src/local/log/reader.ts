import { DamagedEvents } from './damage.ts'
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
  #damage: DamagedEvents | undefined

  constructor(log: ReadablePartition, sequenceNumber: number) {
    this.#log = log
    this.#sequenceNumber = sequenceNumber
  }

  get atEnd(): boolean {
    return this.#sequenceNumber >= this.#log.nextSequenceNumber
  }

  /**
   * The next events: at most `most`, and no more once they have `mostBytes`, so that large ones cannot fill the memory.
   * At least one, if there is one. Throws DamagedEvents where the next ones are lost, each time until `skipDamage`.
   */
  read(most: number, mostBytes: number): StoredEvent[] {
    const events: StoredEvent[] = []
    let bytes = 0
    try {
      while (events.length < most && bytes < mostBytes && !this.atEnd) {
        this.#find()
        const position = this.#position
        events.push(this.#readOne())
        bytes += this.#position - position
      }
    } catch (error) {
      if (!(error instanceof DamagedEvents)) throw error
      // The events before it first.
      this.#damage = error
      if (events.length === 0) throw error
    }
    if (this.atEnd) this.#window = Buffer.alloc(0)
    return events
  }

  /** Goes on behind the events that `read` found to be lost. */
  skipDamage(): void {
    if (this.#damage) this.#goTo(this.#damage.lost.nextSequenceNumber)
  }

  /** Sets `#segment` and `#position` to the next event. Throws DamagedEvents where there are only later ones. */
  #find(): void {
    const segment = this.#segment
    if (segment && !segment.removed && this.#position < segment.file.size) return
    const { segments } = this.#log
    this.#sequenceNumber = Math.max(this.#sequenceNumber, segments[0]!.baseSequenceNumber)
    const first = segments.findLastIndex((s) => s.baseSequenceNumber <= this.#sequenceNumber)
    const holder = segments[first]!
    const place = holder.seekSequenceNumber(this.#sequenceNumber)
    const isThere = place.position < holder.file.size
    if (!isThere) throw this.#lostAt(holder, place.position, this.#log.numberAfter(holder))
    this.#segment = holder
    this.#position = place.position
    this.#window = Buffer.alloc(0)
  }

  #readOne(): StoredEvent {
    const segment = this.#segment!
    try {
      const head = this.#loadOne()
      const at = this.#position - this.#windowStart
      const event = readEvent(this.#window, at, head, this.#sequenceNumber, segment.baseOffset + this.#position)
      this.#sequenceNumber++
      this.#position += head.bytes
      return event
    } catch (error) {
      if (!(error instanceof BrokenRecord)) throw error
      return this.#readPast(segment, error)
    }
  }

  /** The head of the next record, which is whole in the window then. Throws BrokenRecord. */
  #loadOne(): RecordHead {
    let at = this.#position - this.#windowStart
    if (at < 0 || at >= this.#window.length || claimedBytes(this.#window, at) > this.#window.length - at) {
      this.#load(WINDOW_BYTES)
      at = 0
      const claimed = claimedBytes(this.#window, 0)
      if (claimed > this.#window.length) this.#load(claimed)
    }
    const head = readHead(this.#window, at)
    if (!head || head.bytes > this.#window.length - at) throw new BrokenRecord('cut short')
    if (head.sequenceNumber !== undefined && head.sequenceNumber !== this.#sequenceNumber)
      throw new BrokenRecord('not the next one')
    checkRecord(this.#window, at, head.bytes)
    return head
  }

  /** Where nothing but rubbish is in the way, the event behind it. */
  #readPast(segment: Segment, error: BrokenRecord): StoredEvent {
    const damage = segment.damageAt(this.#position)
    if (!damage) throw error
    const next = Math.min(damage.nextSequenceNumber, this.#log.numberAfter(segment))
    if (next > this.#sequenceNumber) throw this.#lostAt(segment, damage.position, next)
    this.#goTo(next)
    this.#find()
    return this.#readOne()
  }

  #lostAt(segment: Segment, position: number, nextSequenceNumber: number): DamagedEvents {
    const file = this.#log.pathOf(segment)
    return new DamagedEvents({ file, position, firstSequenceNumber: this.#sequenceNumber, nextSequenceNumber })
  }

  #goTo(sequenceNumber: number): void {
    this.#sequenceNumber = sequenceNumber
    this.#segment = undefined
    this.#damage = undefined
  }

  #load(bytes: number): void {
    this.#window = this.#segment!.file.read(this.#position, bytes)
    this.#windowStart = this.#position
  }
}
