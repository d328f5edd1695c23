import { fixedBytesOf, LEAST_EVENT_BYTES, type RecordHead, WRITTEN, writeHead } from './record-head.ts'

/** What is kept of one event: the sender's bytes, split where we add something for readers. */
export interface EventToStore {
  readonly partitionKey: string | undefined
  /** The encoded header section, or no bytes. */
  readonly header: Buffer
  /** Entries of the sender's message annotations, each one key and value as encoded. */
  readonly annotations: readonly Buffer[]
  /** From the properties section to the end. */
  readonly bare: Buffer
}

export interface StoredEvent {
  readonly sequenceNumber: number
  readonly offset: number
  /** Milliseconds since the Unix epoch. */
  readonly enqueuedTimeMs: number
  readonly partitionKey: string | undefined
  readonly header: Buffer
  readonly annotationCount: number
  readonly annotations: Buffer
  readonly bare: Buffer
}

/*
 * After its head, the record of an event has
 *   u16 length of key | u32 of header | u16 count of annotations | u32 of annotations | key | header | annotations | bare
 * and that of a batch
 *   u32 count of events | u32 length of batch | batch | zeros, where there are more events than bytes for them
 */
const LENGTHS_BYTES = 12
const COUNT_BYTES = 8
const NO_KEY = 0xffff
const MOST_ANNOTATIONS = 0xffff

const MOST_SCRATCH_BYTES = 1024 * 1024

/** An event that a record has no room for. */
export class UnstorableEvent extends Error {}

/** A batch that a client made of its events, which is kept as it came. */
export interface BatchToStore {
  readonly bytes: Buffer
  readonly events: number
  /** Writes into it what is known only now: the number of its first event, and the time in ms since the Unix epoch. */
  stamp(firstSequenceNumber: number, enqueuedTimeMs: number): void
}

export interface StoredBatch {
  readonly firstSequenceNumber: number
  readonly events: number
  /** Milliseconds since the Unix epoch. */
  readonly enqueuedTimeMs: number
  readonly bytes: Buffer
}

/** One publication as the bytes to append. */
export interface EncodedRecords {
  readonly bytes: Buffer
  /** The length of each record. */
  readonly sizes: readonly number[]
  /** How many events each record holds. */
  readonly eventsEach: number
}

/** Memory that is used again for each publication: new memory would cost more than all the rest of the writing. */
export class Scratch {
  #memory: Buffer = Buffer.alloc(0)

  /** So many bytes, good until the next call. */
  take(bytes: number): Buffer {
    if (bytes > MOST_SCRATCH_BYTES) return Buffer.allocUnsafeSlow(bytes)
    if (bytes > this.#memory.length)
      this.#memory = Buffer.allocUnsafeSlow(Math.min(MOST_SCRATCH_BYTES, Math.max(bytes, this.#memory.length * 2)))
    return this.#memory.subarray(0, bytes)
  }
}

/** The records of events in `scratch`. Throws UnstorableEvent. */
export function encodeEvents(
  events: readonly EventToStore[],
  enqueuedTimeMs: number,
  firstSequenceNumber: number,
  scratch: Scratch,
): EncodedRecords {
  const keys = events.map(({ partitionKey }) =>
    partitionKey === undefined ? undefined : Buffer.from(partitionKey, 'utf8'),
  )
  for (const [i, event] of events.entries()) {
    if ((keys[i]?.length ?? 0) >= NO_KEY) throw new UnstorableEvent(`A partition key of ${keys[i]!.length} bytes`)
    if (event.annotations.length > MOST_ANNOTATIONS)
      throw new UnstorableEvent(`An event with ${event.annotations.length} annotations`)
  }
  const { last, more, fixedBytes } = WRITTEN.event
  const annotations = events.map((event) => event.annotations.reduce((sum, entry) => sum + entry.length, 0))
  const sizes = events.map(
    (event, i) => fixedBytes + (keys[i]?.length ?? 0) + event.header.length + annotations[i]! + event.bare.length,
  )
  const bytes = scratch.take(sizes.reduce((sum, size) => sum + size, 0))
  let start = 0
  events.forEach((event, i) => {
    const key = keys[i]
    const lengths = start + fixedBytes - LENGTHS_BYTES
    bytes.writeUInt16BE(key ? key.length : NO_KEY, lengths)
    bytes.writeUInt32BE(event.header.length, lengths + 2)
    bytes.writeUInt16BE(event.annotations.length, lengths + 6)
    bytes.writeUInt32BE(annotations[i]!, lengths + 8)
    let at = start + fixedBytes
    if (key) at += key.copy(bytes, at)
    at += event.header.copy(bytes, at)
    for (const entry of event.annotations) at += entry.copy(bytes, at)
    event.bare.copy(bytes, at)
    const kind = i === events.length - 1 ? last : more
    writeHead(bytes, start, { kind, bytes: sizes[i]!, enqueuedTimeMs, sequenceNumber: firstSequenceNumber + i })
    start += sizes[i]!
  })
  return { bytes, sizes, eventsEach: 1 }
}

/** The record of a batch in `scratch`. */
export function encodeBatch(
  batch: BatchToStore,
  enqueuedTimeMs: number,
  sequenceNumber: number,
  scratch: Scratch,
): EncodedRecords {
  const { code, fixedBytes } = WRITTEN.batch
  const end = fixedBytes + batch.bytes.length
  const size = Math.max(end, batch.events * LEAST_EVENT_BYTES)
  batch.stamp(sequenceNumber, enqueuedTimeMs)
  const bytes = scratch.take(size)
  bytes.writeUInt32BE(batch.events, fixedBytes - COUNT_BYTES)
  bytes.writeUInt32BE(batch.bytes.length, fixedBytes - 4)
  batch.bytes.copy(bytes, fixedBytes)
  bytes.fill(0, end)
  writeHead(bytes, 0, { kind: code, bytes: size, enqueuedTimeMs, sequenceNumber })
  return { bytes, sizes: [size], eventsEach: batch.events }
}

/** The batch in the whole, checked record at `at`. */
export function readBatch(bytes: Buffer, at: number, head: RecordHead): StoredBatch {
  const { events, enqueuedTimeMs } = head
  const start = at + fixedBytesOf(bytes, at)
  const length = bytes.readUInt32BE(start - 4)
  return {
    firstSequenceNumber: head.sequenceNumber!,
    events,
    enqueuedTimeMs,
    bytes: bytes.subarray(start, start + length),
  }
}

/** The event in the whole, checked record at `at`. */
export function readEvent(
  bytes: Buffer,
  at: number,
  head: RecordHead,
  sequenceNumber: number,
  offset: number,
): StoredEvent {
  const keyStart = at + fixedBytesOf(bytes, at)
  const lengths = keyStart - LENGTHS_BYTES
  const keyLength = bytes.readUInt16BE(lengths)
  const headerStart = keyStart + (keyLength === NO_KEY ? 0 : keyLength)
  const annotationsStart = headerStart + bytes.readUInt32BE(lengths + 2)
  const bareStart = annotationsStart + bytes.readUInt32BE(lengths + 8)
  return {
    sequenceNumber,
    offset,
    enqueuedTimeMs: head.enqueuedTimeMs,
    partitionKey: keyLength === NO_KEY ? undefined : bytes.toString('utf8', keyStart, headerStart),
    header: bytes.subarray(headerStart, annotationsStart),
    annotationCount: bytes.readUInt16BE(lengths + 6),
    annotations: bytes.subarray(annotationsStart, bareStart),
    bare: bytes.subarray(bareStart, at + head.bytes),
  }
}
