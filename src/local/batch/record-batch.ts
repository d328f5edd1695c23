import { crc32c, joinCrc32c } from '../../lib/crc32c.ts'

/*
 * Where the fields of a record batch are, of version 2, the only one that clients still write.
 * https://kafka.apache.org/documentation/#recordbatch
 */
const AT = {
  baseOffset: 0,
  length: 8,
  partitionLeaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
} as const
/** Where its records begin. */
export const RECORDS_AT = 61
const LENGTH_COVERS_FROM = 12
export const MAGIC = 2
/** What a stamp changes stands before this; the checksum covers it and all that follows. */
const STAMPED_END = 43

/** Bits of the attributes. */
const COMPRESSION = 0x07
const LOG_APPEND_TIME = 0x08
const TRANSACTIONAL = 0x10
const CONTROL = 0x20

export const NO_COMPRESSION = 0
export const GZIP = 1

/** What a batch says of itself. */
export interface BatchHead {
  /** Of the whole batch, with its head. */
  readonly bytes: number
  readonly magic: number
  /** 0 for none, 1 for gzip; others exist. */
  readonly compression: number
  readonly isLogAppend: boolean
  readonly isTransactional: boolean
  readonly isControl: boolean
  readonly lastOffsetDelta: number
  /** Milliseconds since the Unix epoch. */
  readonly baseTimestampMs: number
  readonly maxTimestampMs: number
  /** -1 for a producer that is not idempotent; then the two that follow mean nothing. */
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly count: number
}

/** Bytes that are not a batch, or not the ones that were sent. */
export class CorruptBatch extends Error {}

/** The head of the batch at `at`. Throws CorruptBatch where the bytes end before it does. */
export function readBatchHead(bytes: Buffer, at = 0): BatchHead {
  if (bytes.length - at < RECORDS_AT) throw new CorruptBatch('The head of a batch is cut short')
  const size = bytes.readInt32BE(at + AT.length) + LENGTH_COVERS_FROM
  const attributes = bytes.readUInt16BE(at + AT.attributes)
  return {
    bytes: size,
    magic: bytes.readInt8(at + AT.magic),
    compression: attributes & COMPRESSION,
    isLogAppend: (attributes & LOG_APPEND_TIME) !== 0,
    isTransactional: (attributes & TRANSACTIONAL) !== 0,
    isControl: (attributes & CONTROL) !== 0,
    lastOffsetDelta: bytes.readInt32BE(at + AT.lastOffsetDelta),
    baseTimestampMs: readInt64(bytes, at + AT.baseTimestamp),
    maxTimestampMs: readInt64(bytes, at + AT.maxTimestamp),
    producerId: readInt64(bytes, at + AT.producerId),
    producerEpoch: bytes.readInt16BE(at + AT.producerEpoch),
    baseSequence: bytes.readInt32BE(at + AT.baseSequence),
    count: bytes.readInt32BE(at + AT.count),
  }
}

/** Throws CorruptBatch where the bytes of the batch at `at` are too few, or do not fit its checksum. */
export function checkBatch(bytes: Buffer, at: number, { bytes: size }: BatchHead): void {
  if (size < RECORDS_AT || size > bytes.length - at) throw new CorruptBatch('A batch says a wrong length')
  if (crc32c(bytes, at + AT.attributes, at + size) !== bytes.readUInt32BE(at + AT.crc))
    throw new CorruptBatch('A batch does not fit its checksum')
}

/**
 * Writes the offset of its first record into a checked batch, and the time of its storing; without one, the times of the
 * producer are those that count. The checksum follows from the old one, so that the records need not be read again.
 */
export function stampBatch(batch: Buffer, firstSequenceNumber: number, logAppendTimeMs: number | undefined): void {
  writeInt64(batch, firstSequenceNumber, AT.baseOffset)
  batch.writeInt32BE(0, AT.partitionLeaderEpoch)
  const attributes = batch.readUInt16BE(AT.attributes)
  const isStamped = (attributes & LOG_APPEND_TIME) !== 0
  if (logAppendTimeMs === undefined && !isStamped) return
  const before = crc32c(batch, AT.attributes, STAMPED_END)
  batch.writeUInt16BE(
    logAppendTimeMs === undefined ? attributes ^ LOG_APPEND_TIME : attributes | LOG_APPEND_TIME,
    AT.attributes,
  )
  if (logAppendTimeMs !== undefined) writeInt64(batch, logAppendTimeMs, AT.maxTimestamp)
  const after = crc32c(batch, AT.attributes, STAMPED_END)
  const rest = batch.length - STAMPED_END
  // What is left of the sum without its old beginning is that of the rest.
  batch.writeUInt32BE(joinCrc32c(after, joinCrc32c(before, batch.readUInt32BE(AT.crc), rest), rest), AT.crc)
}

/** The values of a new batch's head. It is not compressed, and no producer's. */
export interface HeadToWrite {
  readonly firstSequenceNumber: number
  readonly isLogAppend: boolean
  readonly baseTimestampMs: number
  readonly maxTimestampMs: number
  readonly count: number
}

/** Writes the head of the batch that `batch` is, its records being there. */
export function writeBatchHead(batch: Buffer, head: HeadToWrite): void {
  writeInt64(batch, head.firstSequenceNumber, AT.baseOffset)
  batch.writeInt32BE(batch.length - LENGTH_COVERS_FROM, AT.length)
  batch.writeInt32BE(0, AT.partitionLeaderEpoch)
  batch.writeInt8(MAGIC, AT.magic)
  batch.writeUInt16BE(head.isLogAppend ? LOG_APPEND_TIME : 0, AT.attributes)
  batch.writeInt32BE(head.count - 1, AT.lastOffsetDelta)
  writeInt64(batch, head.baseTimestampMs, AT.baseTimestamp)
  writeInt64(batch, head.maxTimestampMs, AT.maxTimestamp)
  writeInt64(batch, -1, AT.producerId)
  batch.writeInt16BE(-1, AT.producerEpoch)
  batch.writeInt32BE(-1, AT.baseSequence)
  batch.writeInt32BE(head.count, AT.count)
  batch.writeUInt32BE(crc32c(batch, AT.attributes), AT.crc)
}

/** Exact up to 53 bits, as all of these values are. */
const readInt64 = (bytes: Buffer, at: number): number => bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4)

function writeInt64(bytes: Buffer, value: number, at: number): void {
  bytes.writeInt32BE(Math.floor(value / 2 ** 32), at)
  bytes.writeUInt32BE(value >>> 0, at + 4)
}
