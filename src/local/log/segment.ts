import type { LostEvents } from './damage.ts'
import type { LogFile } from './files.ts'
import { type EncodedRecords, readBatch, type StoredBatch } from './record.ts'
import { BrokenRecord, readHead, type RecordHead, WRITTEN } from './record-head.ts'
import { batchesIn, type Damage, damageFrom, walk } from './scan.ts'

/** One entry of the index stands for this many bytes. */
const INDEX_BYTES = 64 * 1024

/** A position in a segment: the record that starts there holds the event `sequenceNumber`, and perhaps more behind it. */
export interface Place {
  readonly position: number
  readonly sequenceNumber: number
}

interface IndexEntry extends Place {
  readonly enqueuedTimeMs: number
}

const NAME = /^(\d{20})-(\d{20})\.log$/

/** The name says all that must be known of an empty segment, so that numbers go on when its events are gone. */
export const segmentName = (baseSequenceNumber: number, baseOffset: number): string =>
  `${String(baseSequenceNumber).padStart(20, '0')}-${String(baseOffset).padStart(20, '0')}.log`

/** What the name of a segment says; undefined for any other file. */
export function parseSegmentName(name: string): { baseSequenceNumber: number; baseOffset: number } | undefined {
  const match = NAME.exec(name)
  return match ? { baseSequenceNumber: Number(match[1]), baseOffset: Number(match[2]) } : undefined
}

/**
 * One file of a partition's log, with a sparse index by position, sequence number and time. Where the bytes are not the
 * records that they should be, it looks for the next one and tells `onDamage`.
 */
export class Segment {
  readonly name: string
  readonly file: LogFile
  readonly baseSequenceNumber: number
  readonly baseOffset: number
  /** Its file is gone. Readers in it must go on at the beginning of the partition. */
  removed = false
  readonly #onDamage: (segment: Segment, damage: Damage) => void
  #index: IndexEntry[] | undefined
  #nextIndexed = 0
  #damages: Damage[] = []
  #nextSequenceNumber: number
  #lastTimeMs = 0
  #lastPosition = 0
  #publicationEnd = 0
  #firstTimeMs: number | undefined

  constructor(name: string, file: LogFile, onDamage: (segment: Segment, damage: Damage) => void) {
    const base = parseSegmentName(name)!
    this.name = name
    this.file = file
    this.baseSequenceNumber = base.baseSequenceNumber
    this.baseOffset = base.baseOffset
    this.#nextSequenceNumber = base.baseSequenceNumber
    this.#onDamage = onDamage
  }

  /** One more than the number of the last event that can be read. */
  get nextSequenceNumber(): number {
    this.#loadIndex()
    return this.#nextSequenceNumber
  }

  get lastTimeMs(): number {
    this.#loadIndex()
    return this.#lastTimeMs
  }

  get lastOffset(): number {
    this.#loadIndex()
    return this.baseOffset + this.#lastPosition
  }

  get nextOffset(): number {
    return this.baseOffset + this.file.size
  }

  /** Where the last whole publication ends, as far as is known. */
  get publicationEnd(): number {
    return this.#publicationEnd
  }

  /** As far as is known. */
  get damages(): readonly Damage[] {
    return this.#damages
  }

  get endsDamaged(): boolean {
    return this.#damages.at(-1)?.nextSequenceNumber === Infinity
  }

  /** Undefined for an empty segment. Reads one record, not the whole. */
  get firstTimeMs(): number | undefined {
    if (!this.#index && this.file.size > 0) this.#firstTimeMs ??= firstTimeIn(this.file)
    return this.#firstTimeMs ?? this.#loadIndex()[0]?.enqueuedTimeMs
  }

  /** Reads the whole file, each record with its checksum, and tells nobody. */
  check(): readonly Damage[] {
    this.#reset()
    const { size } = this.file
    for (let position = 0; position < size;) {
      try {
        for (const { position: at, head } of walk(this.file, position, size, true)) {
          this.#addRecord(at, head)
          position = at + head.bytes
        }
      } catch (error) {
        if (!(error instanceof BrokenRecord)) throw error
        const damage = damageFrom(this.file, position, this.#nextSequenceNumber)
        this.#damages.push(damage)
        if (damage.nextSequenceNumber !== Infinity) this.#nextSequenceNumber = damage.nextSequenceNumber
        position = damage.end
      }
    }
    return this.#damages
  }

  /** The damage that is in the way of a reader at `position`; undefined where there is none. */
  damageAt(position: number): Damage | undefined {
    const find = () => this.#damages.find((one) => one.position <= position && position <= lastPositionOf(one))
    return find() ?? (this.#checkAndTell(), find())
  }

  /** What is known to be lost, in the file and up to `next`, the number that follows it. */
  losses(next: number): readonly Omit<LostEvents, 'file'>[] {
    const losses = this.#damages.map((damage) => ({
      ...{ position: damage.position, firstSequenceNumber: damage.firstSequenceNumber },
      nextSequenceNumber: Math.min(damage.nextSequenceNumber, next),
      what: whatOf(damage),
    }))
    if (!this.#index || this.endsDamaged) return losses
    const { size } = this.file
    const behind = { position: size, firstSequenceNumber: this.#nextSequenceNumber, nextSequenceNumber: next }
    return [...losses, { ...behind, what: 'bytes gone' }]
  }

  append({ bytes, sizes, eventsEach }: EncodedRecords, enqueuedTimeMs: number): void {
    this.#loadIndex()
    let position = this.file.size
    this.file.append(bytes)
    for (const size of sizes) {
      this.#add(position, enqueuedTimeMs, eventsEach)
      position += size
    }
    this.#publicationEnd = position
  }

  /** The beginning of each batch that can be found. */
  *batchHeads(mostBytes: number): Generator<StoredBatch> {
    for (const position of this.#batches()) {
      const bytes = this.file.read(position, WRITTEN.batch.fixedBytes + mostBytes)
      const head = readHead(bytes, 0)
      if (head) yield readBatch(bytes, 0, head)
    }
  }

  cut(position: number): void {
    this.file.truncate(position)
    this.check()
  }

  /**
   * The first event with this sequence number or a later one; the end of the segment when there is none. As with the
   * others, the place may be a damage in which such an event was lost.
   */
  seekSequenceNumber(sequenceNumber: number): Place {
    return this.#seek((place) => place.sequenceNumber < sequenceNumber)
  }

  seekOffset(offset: number): Place {
    return this.#seek((place) => this.baseOffset + place.position < offset)
  }

  /** The first event that was enqueued after `timeMs`, or at it when `inclusive`. */
  seekTime(timeMs: number, inclusive: boolean): Place {
    return this.#seek((place) => (inclusive ? place.enqueuedTimeMs < timeMs : place.enqueuedTimeMs <= timeMs))
  }

  /** The first record with an event of which `isBefore` is false, given that it is true of all events up to some place. */
  #seek(isBefore: (entry: IndexEntry) => boolean): Place {
    try {
      return this.#seekOnce(isBefore)
    } catch (error) {
      if (!(error instanceof BrokenRecord)) throw error
      this.#checkAndTell()
      return this.#seekOnce(isBefore)
    }
  }

  #seekOnce(isBefore: (entry: IndexEntry) => boolean): Place {
    const index = this.#loadIndex()
    const before = countBefore(index.length, (i) => isBefore(index[i]!))
    const start: Place = index[before - 1] ?? { position: 0, sequenceNumber: this.baseSequenceNumber }
    let { position, sequenceNumber } = start
    const damages = this.#damages.filter((one) => one.position >= position && one.firstSequenceNumber >= sequenceNumber)
    for (const damage of [...damages, undefined]) {
      for (const { position: at, head } of walk(this.file, position, damage?.position ?? this.file.size, false)) {
        needNumber(head, sequenceNumber)
        const eventAt = (i: number): IndexEntry => ({
          ...{ position: at + i, sequenceNumber: sequenceNumber + i, enqueuedTimeMs: head.enqueuedTimeMs },
        })
        const before = countBefore(head.events, (i) => isBefore(eventAt(i)))
        sequenceNumber += before
        if (before < head.events) return { position: at, sequenceNumber }
      }
      if (!damage) break
      const last = { position: lastPositionOf(damage), enqueuedTimeMs: damage.nextTimeMs }
      const isPast = isBefore({ ...last, sequenceNumber: damage.nextSequenceNumber - 1 })
      if (!isPast || damage.nextSequenceNumber === Infinity) return { position: damage.position, sequenceNumber }
      position = damage.end
      sequenceNumber = damage.nextSequenceNumber
    }
    return { position: this.file.size, sequenceNumber }
  }

  /** Reads the heads alone, unless they do not follow each other as they should. */
  #loadIndex(): IndexEntry[] {
    if (this.#index) return this.#index
    try {
      this.#reset()
      for (const { position, head } of walk(this.file, 0, this.file.size, false)) this.#addRecord(position, head)
    } catch (error) {
      if (!(error instanceof BrokenRecord)) throw error
      this.#checkAndTell()
    }
    return this.#index!
  }

  #batches(): readonly number[] {
    const find = (): readonly number[] => {
      const starts = [0, ...this.#damages.map(({ end }) => end)]
      const ends = [...this.#damages.map(({ position }) => position), this.file.size]
      return starts.flatMap((start, i) => batchesIn(this.file, start, ends[i]!))
    }
    try {
      return find()
    } catch (error) {
      if (!(error instanceof BrokenRecord)) throw error
      this.#checkAndTell()
      return find()
    }
  }

  #checkAndTell(): void {
    for (const damage of this.check()) this.#onDamage(this, damage)
  }

  #reset(): void {
    this.#index = []
    this.#nextIndexed = 0
    this.#damages = []
    this.#nextSequenceNumber = this.baseSequenceNumber
    this.#lastPosition = 0
    this.#lastTimeMs = 0
    this.#publicationEnd = 0
  }

  #addRecord(position: number, head: RecordHead): void {
    needNumber(head, this.#nextSequenceNumber)
    this.#add(position, head.enqueuedTimeMs, head.events)
    if (head.endsPublication) this.#publicationEnd = position + head.bytes
  }

  #add(position: number, enqueuedTimeMs: number, events: number): void {
    if (position >= this.#nextIndexed) {
      this.#index!.push({ position, sequenceNumber: this.#nextSequenceNumber, enqueuedTimeMs })
      this.#nextIndexed = position + INDEX_BYTES
    }
    this.#nextSequenceNumber += events
    this.#lastPosition = position + events - 1
    this.#lastTimeMs = enqueuedTimeMs
  }
}

/** How many of `length` things come before a place, given that they are the first ones. */
function countBefore(length: number, isBefore: (i: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >> 1
    if (isBefore(middle)) low = middle + 1
    else high = middle
  }
  return low
}

/** Undefined where the first record is damaged: then the index knows the first one that is whole. */
function firstTimeIn(file: LogFile): number | undefined {
  try {
    const [first] = walk(file, 0, file.size, true)
    return first?.head.enqueuedTimeMs
  } catch (error) {
    if (!(error instanceof BrokenRecord)) throw error
    return undefined
  }
}

const whatOf = ({ position, end }: Damage): LostEvents['what'] => (end > position ? 'bytes damaged' : 'bytes gone')

const lastPositionOf = ({ position, end }: Damage): number => Math.max(position, end - 1)

function needNumber({ sequenceNumber }: RecordHead, expected: number): void {
  if (sequenceNumber !== undefined && sequenceNumber !== expected) throw new BrokenRecord('not the next one')
}
