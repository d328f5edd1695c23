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
 *   u32 bytes after the check | u32 CRC-32C of them | u8 kind | u48 enqueued time in ms
 *   u16 length of key | u32 of header | u16 count of annotations | u32 of annotations | key | header | annotations | bare
 */
const PREFIX_BYTES = 8
const FIXED_BYTES = 27
const NO_KEY = 0xffff
/** Larger than the largest publication of any tier. A longer length is taken for damage. */
const MAX_RECORD_BYTES = 128 * 1024 * 1024
/** Whether more events of the same publication follow. A publication counts whole or not at all. */
const KIND = { last: 1, more: 2 } as const

/** The bytes at this place are not a record: the end of what was written, or damage. */
export class BrokenRecord extends Error {}

export interface RecordHead {
  readonly bytes: number
  readonly endsPublication: boolean
  readonly enqueuedTimeMs: number
}

/** One publication as the bytes to append, and the length of each record in it. */
export function encodeRecords(
  events: readonly EventToStore[],
  enqueuedTimeMs: number,
): { bytes: Buffer; sizes: number[] } {
  const keys = events.map(({ partitionKey }) =>
    partitionKey === undefined ? undefined : Buffer.from(partitionKey, 'utf8'),
  )
  const annotations = events.map((event) => event.annotations.reduce((sum, entry) => sum + entry.length, 0))
  const sizes = events.map(
    (event, i) => FIXED_BYTES + (keys[i]?.length ?? 0) + event.header.length + annotations[i]! + event.bare.length,
  )
  const bytes = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + size, 0))
  let start = 0
  events.forEach((event, i) => {
    const key = keys[i]
    const end = start + sizes[i]!
    bytes.writeUInt32BE(sizes[i]! - PREFIX_BYTES, start)
    bytes[start + 8] = i === events.length - 1 ? KIND.last : KIND.more
    bytes.writeUIntBE(enqueuedTimeMs, start + 9, 6)
    bytes.writeUInt16BE(key ? key.length : NO_KEY, start + 15)
    bytes.writeUInt32BE(event.header.length, start + 17)
    bytes.writeUInt16BE(event.annotations.length, start + 21)
    bytes.writeUInt32BE(annotations[i]!, start + 23)
    let at = start + FIXED_BYTES
    for (const part of [key, event.header, ...event.annotations, event.bare]) if (part) at += part.copy(bytes, at)
    bytes.writeUInt32BE(crc32c(bytes, start + PREFIX_BYTES, end), start + 4)
    start = end
  })
  return { bytes, sizes }
}

/** The head of the record at `at`; undefined when `bytes` ends before the record does. Throws BrokenRecord. */
export function readHead(bytes: Buffer, at: number): RecordHead | undefined {
  if (bytes.length - at < FIXED_BYTES) return undefined
  const size = bytes.readUInt32BE(at) + PREFIX_BYTES
  const kind = bytes[at + 8]
  if (size < FIXED_BYTES || size > MAX_RECORD_BYTES || (kind !== KIND.last && kind !== KIND.more)) {
    throw new BrokenRecord('not a record')
  }
  return { bytes: size, endsPublication: kind === KIND.last, enqueuedTimeMs: bytes.readUIntBE(at + 9, 6) }
}

/** How many bytes the record at `at` claims to have, for reading enough of it. */
export const claimedBytes = (bytes: Buffer, at: number): number =>
  bytes.length - at < 4 ? FIXED_BYTES : bytes.readUInt32BE(at) + PREFIX_BYTES

/** Throws BrokenRecord where the bytes of the record at `at` do not fit its checksum. */
export function checkRecord(bytes: Buffer, at: number, size: number): void {
  if (crc32c(bytes, at + PREFIX_BYTES, at + size) !== bytes.readUInt32BE(at + 4))
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
  const keyLength = bytes.readUInt16BE(at + 15)
  const keyStart = at + FIXED_BYTES
  const headerStart = keyStart + (keyLength === NO_KEY ? 0 : keyLength)
  const annotationsStart = headerStart + bytes.readUInt32BE(at + 17)
  const bareStart = annotationsStart + bytes.readUInt32BE(at + 23)
  return {
    sequenceNumber,
    offset,
    enqueuedTimeMs: head.enqueuedTimeMs,
    partitionKey: keyLength === NO_KEY ? undefined : bytes.toString('utf8', keyStart, headerStart),
    header: bytes.subarray(headerStart, annotationsStart),
    annotationCount: bytes.readUInt16BE(at + 21),
    annotations: bytes.subarray(annotationsStart, bareStart),
    bare: bytes.subarray(bareStart, at + head.bytes),
  }
}

/** Eight tables of the Castagnoli polynomial, so that a turn of the loop takes eight bytes. */
const TABLES = buildTables()

function buildTables(): Int32Array[] {
  const tables = Array.from({ length: 8 }, () => new Int32Array(256))
  for (let byte = 0; byte < 256; byte++) {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
    tables[0]![byte] = value
  }
  for (let byte = 0; byte < 256; byte++) {
    for (let table = 1; table < 8; table++) {
      const previous = tables[table - 1]![byte]!
      tables[table]![byte] = (previous >>> 8) ^ tables[0]![previous & 0xff]!
    }
  }
  return tables
}

/** CRC-32C (RFC 3720, appendix B.4) of bytes `start` to `end`. */
export function crc32c(bytes: Buffer, start = 0, end = bytes.length): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES as Eight
  let crc = -1
  let at = start
  for (; at + 8 <= end; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    crc =
      t7[crc & 0xff]! ^
      t6[(crc >>> 8) & 0xff]! ^
      t5[(crc >>> 16) & 0xff]! ^
      t4[crc >>> 24]! ^
      t3[bytes[at + 4]!]! ^
      t2[bytes[at + 5]!]! ^
      t1[bytes[at + 6]!]! ^
      t0[bytes[at + 7]!]!
  }
  for (; at < end; at++) crc = t0[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8)
  return ~crc >>> 0
}

type Eight = [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array]
