import { crc32 } from 'node:zlib'
import { crc32c } from './crc32c.ts'

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
 * A record:
 *   u32 bytes after the check | u32 check of them | u8 kind | u48 enqueued time in ms | u48 sequence number
 *   u16 length of key | u32 of header | u16 count of annotations | u32 of annotations | key | header | annotations | bare
 * The check is CRC-32. Kinds 1 and 2, which earlier versions wrote, have no sequence number, and CRC-32C.
 */
const PREFIX_BYTES = 8
const KIND_AT = 8
const TIME_AT = 9
const NUMBER_AT = 15
/** The four fields before the key. */
const LENGTHS_BYTES = 12
const NO_KEY = 0xffff
const MOST_ANNOTATIONS = 0xffff
/** Larger than the largest publication of any tier. A longer length is taken for damage. */
const MAX_RECORD_BYTES = 128 * 1024 * 1024

interface Kind {
  /** False where more events of the same publication follow. A publication that was not complete is cut off whole. */
  readonly endsPublication: boolean
  readonly fixedBytes: number
  readonly isNumbered: boolean
  checkOf(bytes: Buffer, start: number, end: number): number
}

const OLD = { fixedBytes: 27, isNumbered: false, checkOf: crc32c }
/** Of the kinds that are written. Node's own check takes a fraction of the time of one in JavaScript. */
const NEW = {
  ...{ fixedBytes: 33, isNumbered: true },
  checkOf: (bytes: Buffer, start: number, end: number) =>
    crc32(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start)),
}

const KINDS: readonly (Kind | undefined)[] = [
  undefined,
  { ...OLD, endsPublication: true },
  { ...OLD, endsPublication: false },
  { ...NEW, endsPublication: true },
  { ...NEW, endsPublication: false },
]
const WRITTEN = { last: 3, more: 4, ...NEW } as const
/** No record of any kind is shorter. */
const LEAST_RECORD_BYTES = OLD.fixedBytes

// Faster than writeUIntBE and readUIntBE.
function writeU48(bytes: Buffer, value: number, at: number): void {
  bytes.writeUInt16BE(Math.floor(value / 2 ** 32), at)
  bytes.writeUInt32BE(value >>> 0, at + 2)
}
const readU48 = (bytes: Buffer, at: number): number => bytes.readUInt16BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 2)

/** So many events at most fit into this many bytes of a file. */
export const mostEventsIn = (bytes: number): number => Math.ceil(bytes / LEAST_RECORD_BYTES)

const MOST_SCRATCH_BYTES = 1024 * 1024

/** An event that a record has no room for. */
export class UnstorableEvent extends Error {}

/** The bytes at this place are not a record: the end of what was written, or damage. */
export class BrokenRecord extends Error {}

export interface RecordHead {
  readonly bytes: number
  readonly endsPublication: boolean
  readonly enqueuedTimeMs: number
  /** Undefined in a record of an earlier version. */
  readonly sequenceNumber: number | undefined
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

/** One publication as the bytes to append, in `scratch`, and the length of each record in it. Throws UnstorableEvent. */
export function encodeRecords(
  events: readonly EventToStore[],
  enqueuedTimeMs: number,
  firstSequenceNumber: number,
  scratch: Scratch,
): { bytes: Buffer; sizes: number[] } {
  const keys = events.map(({ partitionKey }) =>
    partitionKey === undefined ? undefined : Buffer.from(partitionKey, 'utf8'),
  )
  for (const [i, event] of events.entries()) {
    if ((keys[i]?.length ?? 0) >= NO_KEY) throw new UnstorableEvent(`A partition key of ${keys[i]!.length} bytes`)
    if (event.annotations.length > MOST_ANNOTATIONS)
      throw new UnstorableEvent(`An event with ${event.annotations.length} annotations`)
  }
  const annotations = events.map((event) => event.annotations.reduce((sum, entry) => sum + entry.length, 0))
  const sizes = events.map(
    (event, i) =>
      WRITTEN.fixedBytes + (keys[i]?.length ?? 0) + event.header.length + annotations[i]! + event.bare.length,
  )
  const bytes = scratch.take(sizes.reduce((sum, size) => sum + size, 0))
  let start = 0
  events.forEach((event, i) => {
    const key = keys[i]
    const end = start + sizes[i]!
    const lengths = start + WRITTEN.fixedBytes - LENGTHS_BYTES
    bytes.writeUInt32BE(sizes[i]! - PREFIX_BYTES, start)
    bytes[start + KIND_AT] = i === events.length - 1 ? WRITTEN.last : WRITTEN.more
    writeU48(bytes, enqueuedTimeMs, start + TIME_AT)
    writeU48(bytes, firstSequenceNumber + i, start + NUMBER_AT)
    bytes.writeUInt16BE(key ? key.length : NO_KEY, lengths)
    bytes.writeUInt32BE(event.header.length, lengths + 2)
    bytes.writeUInt16BE(event.annotations.length, lengths + 6)
    bytes.writeUInt32BE(annotations[i]!, lengths + 8)
    let at = start + WRITTEN.fixedBytes
    if (key) at += key.copy(bytes, at)
    at += event.header.copy(bytes, at)
    for (const entry of event.annotations) at += entry.copy(bytes, at)
    event.bare.copy(bytes, at)
    bytes.writeUInt32BE(WRITTEN.checkOf(bytes, start + PREFIX_BYTES, end), start + 4)
    start = end
  })
  return { bytes, sizes }
}

/** The head of the record at `at`; undefined when `bytes` ends before the head does. Throws BrokenRecord. */
export function readHead(bytes: Buffer, at: number): RecordHead | undefined {
  if (bytes.length - at <= KIND_AT) return undefined
  const kind = KINDS[bytes[at + KIND_AT]!]
  const size = bytes.readUInt32BE(at) + PREFIX_BYTES
  if (!kind || size < kind.fixedBytes || size > MAX_RECORD_BYTES) throw new BrokenRecord('not a record')
  if (bytes.length - at < kind.fixedBytes) return undefined
  return {
    bytes: size,
    endsPublication: kind.endsPublication,
    enqueuedTimeMs: readU48(bytes, at + TIME_AT),
    sequenceNumber: kind.isNumbered ? readU48(bytes, at + NUMBER_AT) : undefined,
  }
}

/** How many bytes the record at `at` claims to have, for reading enough of it. */
export const claimedBytes = (bytes: Buffer, at: number): number =>
  bytes.length - at < 4 ? WRITTEN.fixedBytes : bytes.readUInt32BE(at) + PREFIX_BYTES

/** Throws BrokenRecord where the bytes of the record at `at` do not fit its checksum. */
export function checkRecord(bytes: Buffer, at: number, size: number): void {
  const kind = KINDS[bytes[at + KIND_AT]!]
  if (kind?.checkOf(bytes, at + PREFIX_BYTES, at + size) !== bytes.readUInt32BE(at + 4))
    throw new BrokenRecord('wrong checksum')
}

/** The event in the whole, checked record at `at`. */
export function readEvent(
  bytes: Buffer,
  at: number,
  head: RecordHead,
  sequenceNumber: number,
  offset: number,
): StoredEvent {
  const keyStart = at + KINDS[bytes[at + KIND_AT]!]!.fixedBytes
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

/** Whether `bytes`, the end of a file, are the beginning of record `sequenceNumber`: what a killed process leaves. */
export function isTorn(bytes: Buffer, sequenceNumber: number): boolean {
  const claimed = claimedBytes(bytes, 0)
  if (claimed <= bytes.length || claimed > MAX_RECORD_BYTES) return false
  try {
    const number = readHead(bytes, 0)?.sequenceNumber
    return number === undefined || number === sequenceNumber
  } catch {
    return false
  }
}

/** More than any file holds. A number that is farther away is not one of this file. */
const MOST_LOST = 2 ** 24

export interface FoundRecord {
  readonly at: number
  readonly sequenceNumber: number
  readonly enqueuedTimeMs: number
}

/**
 * The next whole record where `bytes` do not begin with record `expected`, as they should. Undefined when there is none,
 * or only such as have no number and could be any.
 */
export function findRecord(bytes: Buffer, expected: number): FoundRecord | undefined {
  const isNear = (number: number) => number >= expected && number < expected + MOST_LOST
  // The record is whole, and those before it are gone; or it has changed, and its length has not.
  for (const at of [0, claimedBytes(bytes, 0)]) {
    const record = wholeRecord(bytes, at)
    const sequenceNumber = record && (record.sequenceNumber ?? expected + 1)
    if (sequenceNumber !== undefined && isNear(sequenceNumber)) return { ...record!, at, sequenceNumber }
  }
  // What looks like a record may be part of the body of an event. A real one is followed by the next one.
  let likely: FoundRecord | undefined
  for (let at = 1; at + WRITTEN.fixedBytes <= bytes.length; at++) {
    if (!KINDS[bytes[at + KIND_AT]!]?.isNumbered || claimedBytes(bytes, at) > bytes.length - at) continue
    const sequenceNumber = readU48(bytes, at + NUMBER_AT)
    const record = isNear(sequenceNumber) ? wholeRecord(bytes, at) : undefined
    if (!record) continue
    const found = { ...record, at, sequenceNumber }
    if (isFollowed(bytes, found)) return likely && likely.sequenceNumber < sequenceNumber ? likely : found
    if (sequenceNumber <= expected + mostEventsIn(at)) likely ??= found
  }
  return likely
}

/** Whether the record behind this one is the next, or there is none. */
function isFollowed(bytes: Buffer, { at, sequenceNumber }: FoundRecord): boolean {
  const end = at + claimedBytes(bytes, at)
  return end === bytes.length || wholeRecord(bytes, end)?.sequenceNumber === sequenceNumber + 1
}

function wholeRecord(bytes: Buffer, at: number): RecordHead | undefined {
  try {
    const head = at < bytes.length ? readHead(bytes, at) : undefined
    if (!head || head.bytes > bytes.length - at) return undefined
    checkRecord(bytes, at, head.bytes)
    return head
  } catch {
    return undefined
  }
}
