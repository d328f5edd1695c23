import { DamageKeeper, type LostEvents } from './damage.ts'
import type { Folder } from './files.ts'
import type { GivenOut } from './ledger.ts'
import { droppedFiles, recover, tellDamage } from './recovery.ts'
import {
  type BatchToStore,
  type EncodedRecords,
  encodeBatch,
  encodeEvents,
  type EventToStore,
  type Scratch,
  type StoredBatch,
} from './record.ts'
import { LogReader, StoredReader, type Unpack } from './reader.ts'
import { parseSegmentName, Segment, segmentName } from './segment.ts'

const MAX_SEGMENT_BYTES = 16 * 1024 * 1024
/** Retention drops whole segments, so none covers more time than the shortest retention of a hub. */
const MAX_SEGMENT_AGE_MS = 3_600_000

export interface PartitionOptions {
  /** When the partition holds more, the oldest events are dropped. */
  readonly maxBytes: number
  /** `stored` waits for the disk itself. */
  readonly durable: boolean
  readonly log: (line: string) => void
  /** Shared by all partitions. */
  readonly scratch: Scratch
  readonly unpack: Unpack
  /** The name of the partition in a line of the log. */
  readonly label: string
  /** What it had given out when it was last asked for `givenOut`. */
  readonly given?: GivenOut | undefined
  /** Keeps `givenOut`, if it can. */
  readonly onGivenOut?: () => boolean
}

export interface PartitionState {
  /** The number of the oldest event that is kept; of the next one when there is none. */
  readonly beginSequenceNumber: number
  /** -1 before the first event. */
  readonly lastSequenceNumber: number
  /** -1 before the first event. */
  readonly lastOffset: number
  /** Milliseconds since the Unix epoch; 0 when not known. */
  readonly lastEnqueuedTimeMs: number
  readonly isEmpty: boolean
  readonly bytes: number
  /** How many events were dropped for the size of the partition since it was opened. */
  readonly droppedEvents: number
}

export interface Appended {
  readonly firstSequenceNumber: number
  readonly lastSequenceNumber: number
  /** Set when the acknowledgement has to wait: resolves when the events are on the disk. */
  readonly stored: Promise<void> | undefined
}

/** Where a reader starts; `time` in milliseconds since the Unix epoch. */
export type StartPosition =
  | { readonly kind: 'earliest' }
  | { readonly kind: 'latest' }
  | { readonly kind: 'offset' | 'sequenceNumber' | 'time'; readonly value: number; readonly inclusive: boolean }

/**
 * The events of one partition, in segments. Sequence numbers and offsets only grow, over restarts and retention too.
 */
export class PartitionLog {
  readonly #folder: Folder
  readonly #options: PartitionOptions
  readonly #maxSegmentBytes: number
  readonly #keeper: DamageKeeper
  readonly #segments: Segment[]
  readonly #listeners = new Set<() => void>()
  /** Events of files before the first one that are gone. */
  readonly #lostBefore: LostEvents | undefined
  #nextSequenceNumber: number
  #nextOffset: number
  #lastOffset: number
  #lastTimeMs: number
  #bytes: number
  #droppedEvents = 0
  #closed = false
  #isDropping = false
  #isKept = false

  constructor(folder: Folder, options: PartitionOptions) {
    this.#folder = folder
    this.#options = options
    this.#maxSegmentBytes = Math.min(MAX_SEGMENT_BYTES, Math.ceil(options.maxBytes / 4))
    const log = (line: string) => options.log(`${options.label}: ${line}`)
    this.#keeper = new DamageKeeper(folder, log)
    const { given } = options
    const names = folder
      .list()
      .filter((name) => parseSegmentName(name))
      .sort()
    const dropped = droppedFiles(names, given)
    for (const name of dropped) this.#delete(name)
    this.#segments = names.filter((name) => !dropped.includes(name)).map((name) => this.#segment(name))
    const { next, lostBefore } = recover({
      ...{ folder, segments: this.#segments, given, keeper: this.#keeper, log },
      maxSegmentBytes: MAX_SEGMENT_BYTES,
    })
    this.#lostBefore = lostBefore
    this.#nextSequenceNumber = next?.sequenceNumber ?? this.#segments.at(-1)?.nextSequenceNumber ?? 0
    this.#nextOffset = next?.offset ?? this.#segments.at(-1)?.nextOffset ?? 0
    if (next) this.#roll()
    else if (this.#segments.length === 0) this.#segments.push(this.#segment(segmentName(0, 0)))
    const newest = this.#segments.findLast((segment) => segment.file.size > 0)
    this.#lastOffset = newest?.lastOffset ?? this.#nextOffset - 1
    this.#lastTimeMs = newest?.lastTimeMs ?? 0
    this.#bytes = this.#segments.reduce((sum, segment) => sum + segment.file.size, 0)
  }

  get #active(): Segment {
    return this.#segments.at(-1)!
  }

  get segments(): readonly Segment[] {
    return this.#segments
  }

  get nextSequenceNumber(): number {
    return this.#nextSequenceNumber
  }

  state(): PartitionState {
    const beginSequenceNumber =
      this.#segments.find((s) => s.file.size > 0)?.baseSequenceNumber ?? this.#nextSequenceNumber
    return {
      beginSequenceNumber,
      lastSequenceNumber: this.#nextSequenceNumber - 1,
      lastOffset: this.#lastOffset,
      lastEnqueuedTimeMs: this.#lastTimeMs,
      isEmpty: beginSequenceNumber === this.#nextSequenceNumber,
      bytes: this.#bytes,
      droppedEvents: this.#droppedEvents,
    }
  }

  /** Stores one publication, whole or not at all. Throws what the file system throws. */
  append(events: readonly EventToStore[], nowMs: number): Appended {
    return this.#append(events.length, nowMs, (timeMs, first, scratch) => encodeEvents(events, timeMs, first, scratch))
  }

  /** As `append`, of a batch as it came but for its stamp. */
  appendBatch(batch: BatchToStore, nowMs: number): Appended {
    return this.#append(batch.events, nowMs, (timeMs, first, scratch) => encodeBatch(batch, timeMs, first, scratch))
  }

  #append(
    events: number,
    nowMs: number,
    encode: (timeMs: number, firstSequenceNumber: number, scratch: Scratch) => EncodedRecords,
  ): Appended {
    // A clock that was set back must not make the times of a partition go back.
    const timeMs = Math.max(nowMs, this.#lastTimeMs)
    const encoded = encode(timeMs, this.#nextSequenceNumber, this.#options.scratch)
    const { bytes, sizes, eventsEach } = encoded
    this.#rollIfDue(bytes.length, timeMs)
    this.#active.append(encoded, timeMs)
    const firstSequenceNumber = this.#nextSequenceNumber
    this.#nextSequenceNumber += events
    this.#lastOffset = this.#nextOffset + bytes.length - sizes.at(-1)! + eventsEach - 1
    this.#nextOffset += bytes.length
    this.#lastTimeMs = timeMs
    this.#bytes += bytes.length
    this.#trimToSize()
    if (!this.#options.durable) this.#keepGivenOut()
    for (const listener of this.#listeners) listener()
    return {
      firstSequenceNumber,
      lastSequenceNumber: this.#nextSequenceNumber - 1,
      // Only then: nothing may be said to have been given out that a power cut can take.
      stored: this.#options.durable ? this.#active.file.sync().then(() => this.#keepGivenOut()) : undefined,
    }
  }

  /** The number that a reader with this start gets first: one after the last when there is none yet. */
  locate(start: StartPosition): number {
    if (start.kind === 'earliest') return this.state().beginSequenceNumber
    if (start.kind === 'latest') return this.#nextSequenceNumber
    const { value, inclusive } = start
    if (start.kind === 'sequenceNumber') return inclusive ? value : value + 1
    if (start.kind === 'offset') {
      const offset = inclusive ? value : value + 1
      return this.#segmentBefore((segment) => segment.baseOffset <= offset).seekOffset(offset).sequenceNumber
    }
    const isEarlier = (timeMs: number) => (inclusive ? timeMs < value : timeMs <= value)
    const startsEarlier = (segment: Segment) => segment.firstTimeMs !== undefined && isEarlier(segment.firstTimeMs)
    return this.#segmentBefore(startsEarlier).seekTime(value, inclusive).sequenceNumber
  }

  /** Reads on from `sequenceNumber`, or from the oldest event if that one is gone. */
  reader(sequenceNumber: number): LogReader {
    return new LogReader(this, sequenceNumber, this.#options.unpack)
  }

  /** As `reader`, of what is stored as it is: batches are not taken apart. */
  storedReader(sequenceNumber: number): StoredReader {
    return new StoredReader(this, sequenceNumber)
  }

  /** The beginning of each batch, `mostBytes` of it, in their order. Those whose place is damaged are left out. */
  *batchHeads(mostBytes: number): Generator<StoredBatch> {
    for (const segment of this.#segments) yield* segment.batchHeads(mostBytes)
  }

  /** The events from `sequenceNumber` on that are known to be lost: older files are only looked at when they are read. */
  losses(sequenceNumber: number): readonly LostEvents[] {
    const ofSegments = this.#segments.flatMap((segment) =>
      segment.losses(this.numberAfter(segment)).map((lost) => ({ ...lost, file: this.pathOf(segment) })),
    )
    const losses = this.#lostBefore ? [this.#lostBefore, ...ofSegments] : ofSegments
    return losses.filter((lost) => lost.nextSequenceNumber > Math.max(sequenceNumber, lost.firstSequenceNumber))
  }

  /** How many events can be read, as far as is known. */
  get readableEvents(): number {
    const { beginSequenceNumber: begin, lastSequenceNumber } = this.state()
    const lost = this.losses(begin).map((one) => one.nextSequenceNumber - Math.max(begin, one.firstSequenceNumber))
    return lost.reduce((events, count) => events - count, lastSequenceNumber - begin + 1)
  }

  /** How many bytes were ever stored, those included that are gone. It only grows. */
  get appendedBytes(): number {
    return this.#nextOffset
  }

  /** Calls `listener` after each publication, and when the log is closed. */
  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Drops the segments in which every event is older than `retentionHours`. */
  trimToAge(nowMs: number, retentionHours: number): void {
    const oldest = nowMs - retentionHours * 3_600_000
    if (this.#active.file.size > 0 && this.#lastTimeMs < oldest) this.#roll()
    while (this.#segments.length > 1 && isOlder(this.#segments[0]!, oldest)) {
      this.#dropFirst()
      this.#isDropping = false
    }
  }

  close(): void {
    this.#closed = true
    for (const segment of this.#segments) segment.file.close()
    for (const listener of this.#listeners) listener()
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Undefined where there was no event yet. */
  get givenOut(): GivenOut | undefined {
    if (this.#nextSequenceNumber === 0) return undefined
    return {
      firstSequenceNumber: this.#segments[0]!.baseSequenceNumber,
      newestSegment: this.#active.baseSequenceNumber,
      nextSequenceNumber: this.#nextSequenceNumber,
      nextOffset: this.#nextOffset,
      isExact: this.#closed,
    }
  }

  pathOf(segment: Segment): string {
    return this.#folder.pathOf(segment.name)
  }

  /** The number that follows the events of a segment, those that are lost included. */
  numberAfter(segment: Segment): number {
    return this.#segments[this.#segments.indexOf(segment) + 1]?.baseSequenceNumber ?? this.#nextSequenceNumber
  }

  #segmentBefore(isBefore: (segment: Segment) => boolean): Segment {
    return this.#segments.findLast(isBefore) ?? this.#segments[0]!
  }

  #rollIfDue(addedBytes: number, timeMs: number): void {
    const { file, endsDamaged } = this.#active
    if (file.size === 0) return
    const age = timeMs - (this.#active.firstTimeMs ?? timeMs)
    if (file.size + addedBytes > this.#maxSegmentBytes || age >= MAX_SEGMENT_AGE_MS || endsDamaged) this.#roll()
  }

  #roll(): void {
    this.#segments.push(this.#segment(segmentName(this.#nextSequenceNumber, this.#nextOffset)))
    // Written at once, though empty. If all older ones were dropped, numbers would otherwise start again.
    this.#active.file.truncate(0)
    this.#isKept = false
  }

  #segment(name: string): Segment {
    return new Segment(name, this.#folder.file(name), (segment, damage) =>
      tellDamage(this.#keeper, segment, damage, this.numberAfter(segment)),
    )
  }

  #keepGivenOut(): void {
    this.#isKept ||= this.#options.onGivenOut?.() ?? true
  }

  #delete(name: string): void {
    try {
      this.#folder.remove(name)
    } catch (error) {
      const why = (error as Error).message
      this.#options.log(`${this.#options.label}: cannot delete ${name}, whose events were dropped: ${why}`)
    }
  }

  #trimToSize(): void {
    if (this.#bytes <= this.#options.maxBytes || this.#segments.length === 1) return
    if (!this.#isDropping) {
      this.#isDropping = true
      const megabytes = Math.round(this.#options.maxBytes / (1024 * 1024))
      this.#options.log(`${this.#options.label}: holds ${megabytes} MB; from now on the oldest events are dropped`)
    }
    while (this.#bytes > this.#options.maxBytes && this.#segments.length > 1) {
      this.#droppedEvents += this.#segments[1]!.baseSequenceNumber - this.#segments[0]!.baseSequenceNumber
      this.#dropFirst()
    }
  }

  #dropFirst(): void {
    const segment = this.#segments.shift()!
    this.#isKept = false
    this.#keepGivenOut()
    this.#bytes -= segment.file.size
    segment.removed = true
    segment.file.close()
    this.#delete(segment.name)
  }
}

/** `lastTimeMs` may read the whole file for its index, so the first time is checked first. */
const isOlder = (segment: Segment, timeMs: number): boolean =>
  (segment.firstTimeMs ?? 0) < timeMs && segment.lastTimeMs < timeMs
