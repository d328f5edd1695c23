import { DamagedEvents } from './damage.ts'
import type { LogFile } from './files.ts'
import { type EventToStore, readBatch, readEvent, type StoredBatch, type StoredEvent } from './record.ts'
import { type ReadablePartition, type ReadRecord, RecordReader } from './record-reader.ts'

const WINDOW_BYTES = 128 * 1024
/** Enough to see how long a record is. */
const LEAST_WINDOW_BYTES = 1024

/** Takes the batch of a client apart. Bytes of an event may be bytes of the batch. */
export type Unpack = (batch: Buffer) => readonly EventToStore[]

/**
 * Reads the events of a partition onward from a given one. Holds at most a window of the file and one batch, and nothing
 * while it is at the end.
 */
export class LogReader {
  readonly #records: RecordReader
  readonly #unpack: Unpack
  /** For the windows of a reader that has much to read: new memory would cost more than all the rest of the reading. */
  #memory: Buffer | undefined
  /** Events of a batch that were not read yet, the next one at the end. */
  #waiting: StoredEvent[] = []
  #found: StoredEvent[] = []

  constructor(log: ReadablePartition, sequenceNumber: number, unpack: Unpack) {
    this.#records = new RecordReader(log, sequenceNumber, (...wanted) => this.#fill(...wanted))
    this.#unpack = unpack
  }

  /** The number of the event that is read next, if it is there. */
  get sequenceNumber(): number {
    return this.#waiting.at(-1)?.sequenceNumber ?? this.#records.sequenceNumber
  }

  get atEnd(): boolean {
    return this.#waiting.length === 0 && this.#records.atEnd
  }

  /**
   * The next events: at most `most`, and no more once they have `mostBytes`, so that large ones cannot fill the memory.
   * At least one, if there is one. Their bytes are good until the next call. Throws DamagedEvents where the next ones are lost, each time until `skipDamage`.
   */
  read(most: number, mostBytes: number): StoredEvent[] {
    const events = (this.#found = [] as StoredEvent[])
    let bytes = 0
    try {
      while (events.length < most && bytes < mostBytes && !this.atEnd && (events.length === 0 || this.#isSafe())) {
        const event = this.#waiting.pop() ?? this.#next()
        events.push(event)
        bytes += event.bare.length + event.annotations.length + event.header.length
      }
    } catch (error) {
      // The events before the damage first.
      if (!(error instanceof DamagedEvents) || events.length === 0) throw error
    }
    if (this.atEnd) {
      this.#records.dropWindow()
      this.#memory = undefined
    }
    return events
  }

  /** Goes on behind the events that are lost, if the next ones are. */
  skipDamage(): void {
    this.#records.skipDamage()
  }

  #next(): StoredEvent {
    const first = this.#records.sequenceNumber
    const record = this.#records.next()
    const { bytes, at, head, offset } = record
    if (!head.isBatch) return readEvent(bytes, at, head, this.#records.sequenceNumber - 1, offset)
    this.#waiting = this.#eventsIn(record)
      .filter((event) => event.sequenceNumber >= first)
      .reverse()
    return this.#waiting.pop()!
  }

  #eventsIn({ bytes, at, head, offset }: ReadRecord): StoredEvent[] {
    const batch = readBatch(bytes, at, head)
    return this.#unpack(batch.bytes).map((event, i) => ({
      sequenceNumber: batch.firstSequenceNumber + i,
      offset: offset + i,
      enqueuedTimeMs: head.enqueuedTimeMs,
      partitionKey: event.partitionKey,
      header: event.header,
      annotationCount: event.annotations.length,
      annotations: event.annotations.length === 1 ? event.annotations[0]! : Buffer.concat(event.annotations),
      bare: event.bare,
    }))
  }

  /** Whether the next event can be read without writing over those that this read has found. */
  #isSafe(): boolean {
    const { window } = this.#records
    return this.#waiting.length > 0 || this.#records.isInWindow() || window.buffer !== this.#memory?.buffer
  }

  #fill(file: LogFile, position: number, bytes: number): Buffer {
    const isMuch = bytes <= WINDOW_BYTES && file.size - position >= WINDOW_BYTES
    // Behind damage it goes on at once, and events that this read has found may be in the memory.
    if (this.#found.length > 0) this.#memory = undefined
    const memory = isMuch ? (this.#memory ??= Buffer.allocUnsafeSlow(WINDOW_BYTES)) : undefined
    return file.read(position, Math.max(bytes, WINDOW_BYTES), memory)
  }
}

/** What is stored one after another: a batch as it came, or events that came without one. */
export type Stored =
  | { readonly kind: 'batch'; readonly batch: StoredBatch }
  | { readonly kind: 'events'; readonly events: readonly StoredEvent[] }

/** Reads what is stored of a partition as it is, onward from a given event. Holds nothing between two reads. */
export class StoredReader {
  readonly #records: RecordReader
  #mostBytes = 0
  #memory: Buffer | undefined

  constructor(log: ReadablePartition, sequenceNumber: number) {
    this.#records = new RecordReader(log, sequenceNumber, (...wanted) => this.#fill(...wanted))
  }

  /** The number of the event that is read next, if it is there. It may be one in the middle of a batch. */
  get sequenceNumber(): number {
    return this.#records.sequenceNumber
  }

  get atEnd(): boolean {
    return this.#records.atEnd
  }

  /**
   * As much as one read of `mostBytes` of the file brings; at least one record, if there is one, which may be larger. The
   * read goes into `memory`, if that has room. Throws DamagedEvents where the next ones are lost, each time until `skipDamage`.
   */
  read(mostBytes: number, memory?: Buffer): readonly Stored[] {
    const stored: Stored[] = []
    let run: StoredEvent[] | undefined
    this.#mostBytes = Math.max(mostBytes, LEAST_WINDOW_BYTES)
    this.#memory = memory
    try {
      while (!this.atEnd && (stored.length === 0 || this.#records.isInWindow())) {
        const { bytes, at, head, offset } = this.#records.next()
        if (head.isBatch) {
          stored.push({ kind: 'batch', batch: readBatch(bytes, at, head) })
          run = undefined
        } else {
          if (!run) stored.push({ kind: 'events', events: (run = []) })
          run.push(readEvent(bytes, at, head, this.#records.sequenceNumber - 1, offset))
        }
      }
    } catch (error) {
      // The events before the damage first.
      if (!(error instanceof DamagedEvents) || stored.length === 0) throw error
    } finally {
      this.#records.dropWindow()
      this.#memory = undefined
    }
    return stored
  }

  /** Goes on behind the events that are lost, if the next ones are. */
  skipDamage(): void {
    this.#records.skipDamage()
  }

  #fill(file: LogFile, position: number, bytes: number): Buffer {
    const { length = 0 } = this.#memory ?? {}
    const wanted = Math.max(bytes, this.#mostBytes)
    return wanted <= length ? file.read(position, wanted, this.#memory) : file.read(position, wanted)
  }
}
