import { crc32 } from 'node:zlib'
import { crc32c } from '../../lib/crc32c.ts'

/*
 * Every record begins with
 *   u32 bytes after the check | u32 check of them | u8 kind | u48 enqueued time in ms | u48 number of its first event
 * The check is CRC-32. Kinds 1 and 2, which earlier versions wrote, have no sequence number, and CRC-32C.
 */
const PREFIX_BYTES = 8
const KIND_AT = 8
const TIME_AT = 9
const NUMBER_AT = 15
const NUMBERED_BYTES = 21
/** A batch says next how many events it holds. */
const COUNT_AT = NUMBERED_BYTES
/** Larger than the largest publication of any tier. A longer length is taken for damage. */
const MAX_RECORD_BYTES = 128 * 1024 * 1024

interface Kind {
  /** False where more events of the same publication follow. A publication that was not complete is cut off whole. */
  readonly endsPublication: boolean
  /** The bytes before those whose number differs. */
  readonly fixedBytes: number
  readonly isNumbered: boolean
  readonly isBatch: boolean
  checkOf(bytes: Buffer, start: number, end: number): number
}

const OLD = { fixedBytes: 27, isNumbered: false, isBatch: false, checkOf: crc32c }
/** Node's own check takes a fraction of the time of one in JavaScript. */
const checkOf = (bytes: Buffer, start: number, end: number) =>
  crc32(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start))
const EVENT = { fixedBytes: 33, isNumbered: true, isBatch: false, checkOf }
const BATCH = { fixedBytes: 29, isNumbered: true, isBatch: true, checkOf }

const KINDS: readonly (Kind | undefined)[] = [
  undefined,
  { ...OLD, endsPublication: true },
  { ...OLD, endsPublication: false },
  { ...EVENT, endsPublication: true },
  { ...EVENT, endsPublication: false },
  { ...BATCH, endsPublication: true },
]

/** The kinds that are written, and the bytes of each before those whose number differs. */
export const WRITTEN = {
  event: { last: 3, more: 4, fixedBytes: EVENT.fixedBytes },
  batch: { code: 5, fixedBytes: BATCH.fixedBytes },
} as const

/**
 * No record takes fewer for each event in it. So each event has an offset of its own, and bytes that are lost say how many
 * events are lost at most.
 */
export const LEAST_EVENT_BYTES = OLD.fixedBytes

/** So many events at most fit into this many bytes of a file. */
export const mostEventsIn = (bytes: number): number => Math.ceil(bytes / LEAST_EVENT_BYTES)

/** The bytes at this place are not a record: the end of what was written, or damage. */
export class BrokenRecord extends Error {}

export interface RecordHead {
  readonly bytes: number
  readonly endsPublication: boolean
  /** Whether it holds a batch, and not one event. */
  readonly isBatch: boolean
  readonly events: number
  readonly enqueuedTimeMs: number
  /** Of the first event. Undefined in a record of an earlier version. */
  readonly sequenceNumber: number | undefined
}

export interface HeadToWrite {
  readonly kind: number
  readonly bytes: number
  readonly enqueuedTimeMs: number
  readonly sequenceNumber: number
}

/** Writes what every record begins with at `at`. What follows must be there: the check covers it. */
export function writeHead(record: Buffer, at: number, head: HeadToWrite): void {
  record.writeUInt32BE(head.bytes - PREFIX_BYTES, at)
  record[at + KIND_AT] = head.kind
  writeU48(record, head.enqueuedTimeMs, at + TIME_AT)
  writeU48(record, head.sequenceNumber, at + NUMBER_AT)
  record.writeUInt32BE(checkOf(record, at + PREFIX_BYTES, at + head.bytes), at + 4)
}

/** The head of the record at `at`; undefined when `bytes` ends before the head does. Throws BrokenRecord. */
export function readHead(bytes: Buffer, at: number): RecordHead | undefined {
  if (bytes.length - at <= KIND_AT) return undefined
  const kind = KINDS[bytes[at + KIND_AT]!]
  const size = claimedBytes(bytes, at)
  if (!kind || size < kind.fixedBytes || size > MAX_RECORD_BYTES) throw new BrokenRecord('not a record')
  if (bytes.length - at < kind.fixedBytes) return undefined
  const { endsPublication, isBatch } = kind
  const events = isBatch ? bytes.readUInt32BE(at + COUNT_AT) : 1
  if (isBatch && (events === 0 || events > mostEventsIn(size)))
    throw new BrokenRecord('more events than bytes for them')
  const enqueuedTimeMs = readU48(bytes, at + TIME_AT)
  const sequenceNumber = kind.isNumbered ? readU48(bytes, at + NUMBER_AT) : undefined
  return { bytes: size, endsPublication, isBatch, events, enqueuedTimeMs, sequenceNumber }
}

/** Where what differs in length begins in the record at `at`. */
export const fixedBytesOf = (bytes: Buffer, at: number): number => KINDS[bytes[at + KIND_AT]!]!.fixedBytes

/** How many bytes the record at `at` claims to have, for reading enough of it. */
export const claimedBytes = (bytes: Buffer, at: number): number =>
  bytes.length - at < 4 ? EVENT.fixedBytes : bytes.readUInt32BE(at) + PREFIX_BYTES

/** What must be there of a record for the two that follow. */
export const STEP_BYTES = KIND_AT + 1

/** How far it is from the record at `at` to the next one. Throws BrokenRecord. */
export function stepOf(bytes: Buffer, at: number): number {
  const size = bytes.readUInt32BE(at) + PREFIX_BYTES
  if (size < LEAST_EVENT_BYTES || KINDS[bytes[at + KIND_AT]!] === undefined) throw new BrokenRecord('not a record')
  return size
}

export const isBatchAt = (bytes: Buffer, at: number): boolean => bytes[at + KIND_AT] === WRITTEN.batch.code

/** Whether a record may be as long. */
export const isPossibleSize = (bytes: number): boolean => bytes <= MAX_RECORD_BYTES

/** Throws BrokenRecord where the bytes of the record at `at` do not fit its checksum. */
export function checkRecord(bytes: Buffer, at: number, size: number): void {
  const kind = KINDS[bytes[at + KIND_AT]!]
  if (kind?.checkOf(bytes, at + PREFIX_BYTES, at + size) !== bytes.readUInt32BE(at + 4))
    throw new BrokenRecord('wrong checksum')
}

/** The number that a record at `at` would have; undefined where its kind has none, or is none. */
export const numberAt = (bytes: Buffer, at: number): number | undefined =>
  KINDS[bytes[at + KIND_AT]!]?.isNumbered ? readU48(bytes, at + NUMBER_AT) : undefined

// Faster than writeUIntBE and readUIntBE.
function writeU48(bytes: Buffer, value: number, at: number): void {
  bytes.writeUInt16BE(Math.floor(value / 2 ** 32), at)
  bytes.writeUInt32BE(value >>> 0, at + 2)
}
const readU48 = (bytes: Buffer, at: number): number => bytes.readUInt16BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 2)
