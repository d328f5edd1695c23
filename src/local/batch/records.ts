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
/** As many empty records as the largest request has room for. In gzip there could be eight times as many. */
const MOST_RECORDS = 150_000

const NO_HEADERS: readonly KafkaHeader[] = []

/**
 * The records of `batch`, each of which has to be as long as it says and to have the next offset. Throws
 * MalformedRecords, also where gzip inflates to more than `mostBytes`.
 */
export function readRecords(batch: Buffer, head: BatchHead, mostBytes: number): readonly KafkaRecord[] {
  const records: KafkaRecord[] = []
  eachRecord(batch, head, mostBytes, (cursor) => {
    const record = readRecord(cursor)
    records.push(record)
    return record.offsetDelta
  })
  return records
}

/** Throws MalformedRecords where `readRecords` would, and where a record has no key that needs one. */
export function checkRecords(batch: Buffer, head: BatchHead, { needKeys }: { readonly needKeys: boolean }): void {
  eachRecord(batch, head, MOST_INFLATED_BYTES, (cursor) => {
    cursor.at++
    cursor.varint()
    const offsetDelta = cursor.varint()
    if (!cursor.skipBytes() && needKeys) throw new MalformedRecords('A record of a compacted hub has no key')
    cursor.skipBytes()
    for (let left = readHeaderCount(cursor); left > 0; left--) {
      if (!cursor.skipBytes()) throw new MalformedRecords('A header has no key')
      cursor.skipBytes()
    }
    return offsetDelta
  })
}

/** `read` goes through one record behind its length, and returns its offset. */
function eachRecord(batch: Buffer, head: BatchHead, mostBytes: number, read: (cursor: Cursor) => number): void {
  const { count, lastOffsetDelta } = head
  if (count < 1 || count !== lastOffsetDelta + 1 || count > MOST_RECORDS)
    throw new MalformedRecords('Wrong count of records')
  const cursor = new Cursor(recordBytes(batch, head, mostBytes))
  for (let i = 0; i < count; i++) {
    const length = cursor.varint()
    const end = cursor.at + length
    cursor.need(length)
    if (read(cursor) !== i) throw new MalformedRecords('The offsets of the records do not ascend by one')
    if (cursor.at !== end) throw new MalformedRecords('A record is not as long as it says')
  }
  if (!cursor.done) throw new MalformedRecords('There are more bytes than records')
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

function readRecord(cursor: Cursor): KafkaRecord {
  // The attributes of a record, of which none is used.
  cursor.at++
  return {
    timestampDeltaMs: cursor.varint(),
    offsetDelta: cursor.varint(),
    key: cursor.bytesOrNull(),
    value: cursor.bytesOrNull(),
    headers: readHeaders(cursor),
  }
}

function readHeaders(cursor: Cursor): readonly KafkaHeader[] {
  const count = readHeaderCount(cursor)
  if (count === 0) return NO_HEADERS
  const headers: KafkaHeader[] = []
  for (let i = 0; i < count; i++) {
    const key = cursor.bytesOrNull()
    if (key === null) throw new MalformedRecords('A header has no key')
    headers.push({ key: key.toString('utf8'), value: cursor.bytesOrNull() })
  }
  return headers
}

function readHeaderCount(cursor: Cursor): number {
  const count = cursor.varint()
  if (count < 0 || count > cursor.left) throw new MalformedRecords('Wrong count of headers')
  return count
}

/** No value has more bytes: https://protobuf.dev/programming-guides/encoding/#varints */
const MOST_VARINT_BYTES = 10

class Cursor {
  readonly #bytes: Buffer
  at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.at
  }

  get done(): boolean {
    return this.left === 0
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
      const byte = this.#bytes[this.at++]!
      raw += (byte & 0x7f) * scale
      scale *= 128
      if (byte < 0x80) {
        if (raw > Number.MAX_SAFE_INTEGER) break
        return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2
      }
    }
    throw new MalformedRecords('A number is too large')
  }

  bytesOrNull(): Buffer | null {
    const length = this.varint()
    if (length === -1) return null
    this.need(length)
    const start = this.at
    this.at += length
    return this.#bytes.subarray(start, this.at)
  }

  /** False where they are null. */
  skipBytes(): boolean {
    const length = this.varint()
    if (length === -1) return false
    this.need(length)
    this.at += length
    return true
  }
}
