import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { crc32c } from '../../../../src/lib/crc32c.ts'
import type { KafkaContent, KafkaRecord } from '../../../../src/local/batch/records.ts'

/** Batches made by the letter of https://kafka.apache.org/documentation/#recordbatch, without the code under test. */

/** A zigzag number of any size. */
export function varint(value: number | bigint): Buffer {
  const wide = BigInt(value)
  let rest = BigInt.asUintN(64, (wide << 1n) ^ (wide >> 63n))
  const bytes: number[] = []
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(rest)])
}

const bytesOrNull = (bytes: Buffer | null): Buffer =>
  bytes === null ? varint(-1) : Buffer.concat([varint(bytes.length), bytes])

export function recordBytes({ timestampDeltaMs, offsetDelta, key, value, headers }: KafkaRecord): Buffer {
  const body = Buffer.concat([
    ...[Buffer.from([0]), varint(timestampDeltaMs), varint(offsetDelta), bytesOrNull(key), bytesOrNull(value)],
    varint(headers.length),
    ...headers.flatMap((header) => [bytesOrNull(Buffer.from(header.key)), bytesOrNull(header.value)]),
  ])
  return Buffer.concat([varint(body.length), body])
}

export interface BatchFields {
  readonly baseOffset?: number
  readonly codec?: number
  readonly count?: number
  readonly lastOffsetDelta?: number
  readonly baseTimestampMs?: number
}

/** A batch with a right check, whatever else is wrong with it. `records` are compressed already. */
export function batchOf(records: Buffer, fields: BatchFields): Buffer {
  const { baseOffset = 0, codec = 0, count = 1, lastOffsetDelta = count - 1, baseTimestampMs = 0 } = fields
  const head = Buffer.alloc(61)
  head.writeBigInt64BE(BigInt(baseOffset), 0)
  head.writeInt32BE(head.length - 12 + records.length, 8)
  head[16] = 2
  head.writeInt16BE(codec, 21)
  head.writeInt32BE(lastOffsetDelta, 23)
  head.writeBigInt64BE(BigInt(baseTimestampMs), 27)
  head.writeBigInt64BE(BigInt(baseTimestampMs), 35)
  head.fill(0xff, 43, 57)
  head.writeInt32BE(count, 57)
  const batch = Buffer.concat([head, records])
  batch.writeUInt32BE(crc32c(batch, 21, batch.length), 17)
  return batch
}

export function batchOfRecords(records: readonly KafkaRecord[], { gzip = false } = {}): Buffer {
  const raw = Buffer.concat(records.map(recordBytes))
  return batchOf(gzip ? gzipSync(raw) : raw, { codec: gzip ? 1 : 0, count: records.length })
}

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))
const nullable = fc.option(bytes, { nil: null })
/** Some of them have a place of their own in AMQP. */
const headerKey = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('message-id', 'user-id', 'to', 'reply-to', 'content-type', 'content-encoding', 'creation-time'),
)
const headerValue = fc.oneof(
  nullable,
  fc.string().map((text) => Buffer.from(text)),
  fc.date({ noInvalidDate: true }).map((date) => Buffer.from(date.toISOString())),
)

export const arbitraryContent: fc.Arbitrary<KafkaContent> = fc.record({
  key: nullable,
  value: nullable,
  headers: fc.array(fc.record({ key: headerKey, value: headerValue }), { maxLength: 5 }),
})

export const arbitraryRecords: fc.Arbitrary<readonly KafkaRecord[]> = fc
  .array(fc.tuple(arbitraryContent, fc.integer()), { minLength: 1, maxLength: 20 })
  .map((all) => all.map(([content, timestampDeltaMs], offsetDelta) => ({ ...content, timestampDeltaMs, offsetDelta })))
