import type { LogFile } from './files.ts'
import { BrokenRecord, checkRecord, claimedBytes, readHead, type RecordHead } from './record.ts'

/** One entry of the index stands for this many bytes. */
const INDEX_BYTES = 64 * 1024
const WINDOW_BYTES = 128 * 1024

/** A position in a segment: the record that starts there holds the event `sequenceNumber`. */
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

/** One file of a partition's log, with a sparse index by position, sequence number and time. */
export class Segment {
  readonly name: string
  readonly file: LogFile
  readonly baseSequenceNumber: number
  readonly baseOffset: number
  /** Its file is gone. Readers in it must go on at the beginning of the partition. */
  removed = false
  #index: IndexEntry[] | undefined
  #events = 0
  #lastTimeMs = 0
  #lastPosition = 0

  constructor(name: string, file: LogFile) {
    const base = parseSegmentName(name)!
    this.name = name
    this.file = file
    this.baseSequenceNumber = base.baseSequenceNumber
    this.baseOffset = base.baseOffset
  }

  get nextSequenceNumber(): number {
    this.#loadIndex()
    return this.baseSequenceNumber + this.#events
  }

  get lastTimeMs(): number {
    this.#loadIndex()
    return this.#lastTimeMs
  }

  get lastOffset(): number {
    this.#loadIndex()
    return this.baseOffset + this.#lastPosition
  }

  /** Undefined for an empty segment. Reads one record's head, not the whole. */
  get firstTimeMs(): number | undefined {
    if (this.#index) return this.#index[0]?.enqueuedTimeMs
    return readHead(this.file.read(0, 64), 0)?.enqueuedTimeMs
  }

  /** For a segment that may have been written to when the process died: cuts off what is not a whole publication. */
  recover(): { cutBytes: number } {
    let whole = 0
    this.#index = []
    try {
      for (const record of walk(this.file, 0, this.file.size, true)) {
        this.#add(record.position, record.head)
        if (record.head.endsPublication) whole = record.position + record.head.bytes
      }
    } catch (error) {
      if (!(error instanceof BrokenRecord)) throw error
    }
    const cutBytes = this.file.size - whole
    if (cutBytes > 0) {
      this.file.truncate(whole)
      this.#reload()
    }
    return { cutBytes }
  }

  append(bytes: Buffer, sizes: readonly number[], enqueuedTimeMs: number): void {
    this.#loadIndex()
    let position = this.file.size
    this.file.append(bytes)
    for (const size of sizes) {
      this.#add(position, { bytes: size, endsPublication: true, enqueuedTimeMs })
      position += size
    }
  }

  /** The first event with this sequence number or a later one; the end of the segment when there is none. */
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

  /** The first record of which `isBefore` is false, given that it is true of all records up to some place. */
  #seek(isBefore: (entry: IndexEntry) => boolean): Place {
    const index = this.#loadIndex()
    let low = 0
    let high = index.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (isBefore(index[middle]!)) low = middle + 1
      else high = middle
    }
    const start: Place = index[Math.max(0, low - 1)] ?? { position: 0, sequenceNumber: this.baseSequenceNumber }
    let { sequenceNumber } = start
    for (const { position, head } of walk(this.file, start.position, this.file.size, false)) {
      if (!isBefore({ position, sequenceNumber, enqueuedTimeMs: head.enqueuedTimeMs }))
        return { position, sequenceNumber }
      sequenceNumber++
    }
    return { position: this.file.size, sequenceNumber }
  }

  #loadIndex(): IndexEntry[] {
    return this.#index ?? this.#reload()
  }

  #reload(): IndexEntry[] {
    const index: IndexEntry[] = (this.#index = [])
    this.#events = 0
    this.#lastPosition = 0
    this.#lastTimeMs = 0
    for (const { position, head } of walk(this.file, 0, this.file.size, false)) this.#add(position, head)
    return index
  }

  #add(position: number, head: RecordHead): void {
    const index = this.#index!
    const last = index.at(-1)
    if (!last || position - last.position >= INDEX_BYTES) {
      const sequenceNumber = this.baseSequenceNumber + this.#events
      index.push({ position, sequenceNumber, enqueuedTimeMs: head.enqueuedTimeMs })
    }
    this.#events++
    this.#lastPosition = position
    this.#lastTimeMs = head.enqueuedTimeMs
  }
}

/** The records from `from` to `end`, a window of the file at a time. Throws BrokenRecord at bytes that are not one. */
function* walk(
  file: LogFile,
  from: number,
  end: number,
  check: boolean,
): Generator<{ position: number; head: RecordHead }> {
  let position = from
  while (position < end) {
    let window = file.read(position, WINDOW_BYTES)
    const claimed = claimedBytes(window, 0)
    if (check && claimed > end - position) throw new BrokenRecord('longer than the file')
    if (check && claimed > window.length) window = file.read(position, claimed)
    let at = 0
    for (;;) {
      const head = readHead(window, at)
      if (!head || (check && at + head.bytes > window.length)) break
      if (check) checkRecord(window, at, head.bytes)
      yield { position: position + at, head }
      at += head.bytes
      if (at >= window.length) break
    }
    if (at === 0) throw new BrokenRecord('cut short')
    position += at
  }
}
