import { gunzipSync } from 'node:zlib'
import { type BatchHead, GZIP, NO_COMPRESSION, RECORDS_AT } from './record-batch.ts'

/** Bytes that are not the records of a batch: the sender's mistake. */
export class MalformedRecords extends Error {}

export interface KafkaHeader {
  readonly key: string
  readonly value: Buffer | null
}

/** What a record carries. Its buffers are parts of the batch, or of what its gzip holds. */
export interface KafkaContent {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly KafkaHeader[]
}

export interface KafkaRecord extends KafkaContent {
  readonly offsetDelta: number
  readonly timestampDeltaMs: number
}

/** gzip makes a thousand bytes of one. No request is larger than 1 MB: what does not get larger by eight is let through. */
export const MOST_INFLATED_BYTES = 8 * 1024 * 1024
/** As many empty records as the largest request has room for. In gzip there could be far more, and each takes memory. */
const MOST_RECORDS = 150_000
const MOST_HEADERS = MOST_RECORDS

/** The length of what is null. */
const NULL_LENGTH = -1
const NO_HEADERS: readonly KafkaHeader[] = []

/**
 * The records of `batch`, each of which has to be as long as it says and to have the next offset. Throws
 * MalformedRecords, also where gzip inflates to more than `mostBytes`.
 */
export function readRecords(batch: Buffer, head: BatchHead, mostBytes: number): readonly KafkaRecord[] {
  const records: KafkaRecord[] = []
  eachRecord(recordBytes(batch, head, mostBytes), head, (cursor, timestampDeltaMs) => {
    const key = cursor.bytesOrNull()
    const value = cursor.bytesOrNull()
    records.push({ offsetDelta: records.length, timestampDeltaMs, key, value, headers: readHeaders(cursor) })
  })
  return records
}

/** Throws MalformedRecords where `readRecords` would, and for a record without a key where keys are needed. */
export function checkRecords(batch: Buffer, head: BatchHead, { needKeys }: { readonly needKeys: boolean }): void {
  eachRecord(recordBytes(batch, head, MOST_INFLATED_BYTES), head, (cursor) => {
    if (cursor.skipBytes() === NULL_LENGTH && needKeys) throw new MalformedRecords('A record has no key')
    cursor.skipBytes()
    for (let left = countHeaders(cursor); left > 0; left--) {
      skipHeaderKey(cursor)
      cursor.skipBytes()
    }
  })
}

/** `visit` goes on behind the headers of a record. */
function eachRecord(
  records: Buffer,
  { count, lastOffsetDelta }: BatchHead,
  visit: (cursor: Cursor, timestampDeltaMs: number) => void,
): void {
  if (count < 1 || count > MOST_RECORDS || count !== lastOffsetDelta + 1)
    throw new MalformedRecords('Wrong count of records')
  const cursor = new Cursor(records)
  for (let i = 0; i < count; i++) {
    const length = cursor.varint()
    const end = cursor.at + length
    cursor.need(length)
    // The attributes of a record, of which none is used.
    cursor.at++
    const timestampDeltaMs = cursor.varint()
    if (cursor.varint() !== i) throw new MalformedRecords('The offsets of the records do not ascend by one')
    visit(cursor, timestampDeltaMs)
    if (cursor.at !== end) throw new MalformedRecords('A record is not as long as it says')
  }
  if (cursor.left > 0) throw new MalformedRecords('There are more bytes than records')
}

function recordBytes(batch: Buffer, { bytes, compression }: BatchHead, mostBytes: number): Buffer {
  const raw = batch.subarray(RECORDS_AT, bytes)
  if (compression === NO_COMPRESSION) return raw
  if (compression !== GZIP) throw new MalformedRecords(`Compression ${compression} is not read`)
  try {
    return gunzipSync(raw, { maxOutputLength: mostBytes })
  } catch (error) {
    throw new MalformedRecords(`The gzip of the batch: ${(error as Error).message}`)
  }
}

function readHeaders(cursor: Cursor): readonly KafkaHeader[] {
  const count = countHeaders(cursor)
  if (count === 0) return NO_HEADERS
  const headers: KafkaHeader[] = []
  for (let i = 0; i < count; i++) {
    const keyBytes = skipHeaderKey(cursor)
    const key = cursor.bytes.toString('utf8', cursor.at - keyBytes, cursor.at)
    headers.push({ key, value: cursor.bytesOrNull() })
  }
  return headers
}

function countHeaders(cursor: Cursor): number {
  const count = cursor.varint()
  cursor.headers += count
  if (count < 0 || cursor.headers > MOST_HEADERS) throw new MalformedRecords('Wrong count of headers')
  return count
}

/** Returns how many bytes it has. */
function skipHeaderKey(cursor: Cursor): number {
  const length = cursor.skipBytes()
  if (length === NULL_LENGTH) throw new MalformedRecords('A header has no key')
  return length
}

/** No value has more bytes: https://protobuf.dev/programming-guides/encoding/#varints */
const MOST_VARINT_BYTES = 10

class Cursor {
  readonly bytes: Buffer
  at = 0
  /** So many were in all records so far. */
  headers = 0

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  get left(): number {
    return this.bytes.length - this.at
  }

  need(bytes: number): void {
    if (bytes < 0 || bytes > this.left) throw new MalformedRecords('A value is longer than what holds it')
  }

  /** A zigzag number. Those beyond 2^53, which no honest batch has, are refused. */
  varint(): number {
    let raw = 0
    let scale = 1
    for (let i = 0; i < MOST_VARINT_BYTES; i++) {
      this.need(1)
      const byte = this.bytes[this.at++]!
      raw += (byte & 0x7f) * scale
      scale *= 128
      if (byte < 0x80) {
        if (raw > Number.MAX_SAFE_INTEGER) break
        return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2
      }
    }
    throw new MalformedRecords('A number is too large')
  }

  /** Steps over bytes behind their length, and returns that; NULL_LENGTH for null. */
  skipBytes(): number {
    const length = this.varint()
    if (length === NULL_LENGTH) return length
    this.need(length)
    this.at += length
    return length
  }

  bytesOrNull(): Buffer | null {
    const length = this.skipBytes()
    return length === NULL_LENGTH ? null : this.bytes.subarray(this.at - length, this.at)
  }
}
