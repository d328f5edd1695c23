import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readBatchHead } from '../../../src/local/batch/record-batch.ts'
import {
  checkRecords,
  type KafkaRecord,
  MalformedRecords,
  MOST_INFLATED_BYTES,
  readRecords,
} from '../../../src/local/batch/records.ts'
import { arbitraryRecords, batchOf, batchOfRecords, recordBytes, varint } from './support/batch-bytes.ts'

const check = (batch: Buffer, needKeys = false) => checkRecords(batch, readBatchHead(batch), { needKeys })
/** What cannot be read is never stored. */
const read = (batch: Buffer, mostBytes = MOST_INFLATED_BYTES) => {
  const checked = refusalOf(() => check(batch))
  const refused = refusalOf(() => readRecords(batch, readBatchHead(batch), MOST_INFLATED_BYTES))
  expect(checked).toEqual(refused)
  return readRecords(batch, readBatchHead(batch), mostBytes)
}
function refusalOf(work: () => unknown): unknown {
  try {
    work()
    return undefined
  } catch (error) {
    return error
  }
}
const PLAIN: KafkaRecord = { offsetDelta: 0, timestampDeltaMs: 0, key: null, value: Buffer.from('v'), headers: [] }

it('reads the records of any batch, in gzip or not', () => {
  fc.assert(
    fc.property(arbitraryRecords, fc.boolean(), (records, gzip) => {
      expect(read(batchOfRecords(records, { gzip }))).toEqual(records)
    }),
  )
})

it('reads what its check allows to be large', () => {
  const large: KafkaRecord = { ...PLAIN, timestampDeltaMs: -(2 ** 52), value: Buffer.alloc(300_000, 1) }
  const [again] = read(batchOfRecords([large]))
  expect(again).toMatchObject({ timestampDeltaMs: large.timestampDeltaMs, key: null })
  expect(again!.value!.equals(large.value!)).toBe(true)
})

const raw = recordBytes(PLAIN)
/** A record of which the parts are said by hand; its length is right unless `length` says another. */
const byHand = (parts: readonly (Buffer | number)[], length?: number): Buffer => {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'number' ? varint(part) : part)))
  return Buffer.concat([varint(length ?? body.length), body])
}
const BEGIN = [Buffer.from([0]), 0, 0]

it.each([
  ['a record that says one byte more', byHand([...BEGIN, -1, -1, 0], 7)],
  ['a record that says one byte less', byHand([...BEGIN, -1, -1, 0], 5)],
  ['a record of no bytes', byHand([])],
  ['a record of a negative length', byHand([...BEGIN, -1, -1, 0], -1)],
  ['a byte after the last record', Buffer.concat([raw, Buffer.from([0])])],
  ['a value that is longer than the record', byHand([...BEGIN, -1, 5, Buffer.from('v'), 0])],
  ['a length below that of null', byHand([...BEGIN, -2, -1, 0])],
  ['more headers than bytes', byHand([...BEGIN, -1, -1, 2 ** 31 - 1])],
  ['a negative count of headers', byHand([...BEGIN, -1, -1, -1])],
  ['a header without a key', byHand([...BEGIN, -1, -1, 1, -1, -1])],
  ['an offset that is not the next one', byHand([BEGIN[0]!, 0, 1, -1, -1, 0])],
  ['a number that does not end', byHand([BEGIN[0]!, Buffer.alloc(20, 0xff)])],
  ['a number beyond 2^53', byHand([BEGIN[0]!, varint(2n ** 62n), 0, -1, -1, 0])],
])('refuses %s', (_, records) => {
  expect(() => read(batchOf(records, {}))).toThrow(MalformedRecords)
})

it('refuses a batch whose head does not fit its records', () => {
  const two = Buffer.concat([raw, recordBytes({ ...PLAIN, offsetDelta: 1 })])
  expect(read(batchOf(two, { count: 2 }))).toHaveLength(2)
  expect(() => read(batchOf(Buffer.alloc(0), { count: 0 }))).toThrow(MalformedRecords)
  for (const fields of [
    ...[{ count: 1 }, { count: 3 }, { count: 0 }, { count: -1 }, { count: 2, lastOffsetDelta: 2 }],
    ...[
      { count: 2, codec: 1 },
      { count: 2, codec: 2 },
      { count: 2, codec: 4 },
    ],
  ])
    expect(() => read(batchOf(two, fields)), JSON.stringify(fields)).toThrow(MalformedRecords)
})

it('refuses more records than any request could hold without gzip', () => {
  const records = Array.from({ length: 150_001 }, (_, offsetDelta) => ({ ...PLAIN, value: null, offsetDelta }))
  expect(() => read(batchOfRecords(records, { gzip: true }))).toThrow('Wrong count of records')
})

it('refuses more headers than any request could hold without gzip', () => {
  const headers = Array.from({ length: 75_001 }, () => ({ key: '', value: null }))
  const records = [0, 1].map((offsetDelta) => ({ ...PLAIN, offsetDelta, headers }))
  expect(read(batchOfRecords(records.slice(0, 1), { gzip: true }))).toHaveLength(1)
  expect(() => read(batchOfRecords(records, { gzip: true }))).toThrow('Wrong count of headers')
})

it('wants keys where they are needed', () => {
  const batch = batchOfRecords([
    { ...PLAIN, key: Buffer.alloc(0) },
    { ...PLAIN, offsetDelta: 1 },
  ])
  check(batch)
  expect(() => check(batch, true)).toThrow('A record has no key')
  check(batchOfRecords([{ ...PLAIN, key: Buffer.alloc(0) }]), true)
})

it('inflates no gzip beyond the bound', () => {
  const record = { ...PLAIN, value: Buffer.alloc(10_000) }
  const bytes = recordBytes(record).length
  const batch = batchOfRecords([record], { gzip: true })
  expect(read(batch, bytes)).toEqual([record])
  expect(() => read(batch, bytes - 1)).toThrow(MalformedRecords)
  // A gigabyte in a megabyte.
  const bomb = Buffer.concat(Array<Buffer>(16).fill(gzipSync(Buffer.alloc(64 * 1024 * 1024))))
  const before = process.resourceUsage().maxRSS
  expect(() => read(batchOf(bomb, { codec: 1 }))).toThrow(MalformedRecords)
  expect((process.resourceUsage().maxRSS - before) * 1024).toBeLessThan(8 * MOST_INFLATED_BYTES)
})

it('says of any bytes whatever that they are records or malformed, and nothing else', () => {
  const changed = fc
    .tuple(arbitraryRecords, fc.boolean(), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }), fc.nat(100))
    .map(([records, gzip, changes, cut]) => {
      const batch = batchOfRecords(records, { gzip })
      const bytes = Buffer.from(batch.subarray(61))
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte
      return batchOf(bytes.subarray(0, Math.max(0, bytes.length - cut)), { codec: gzip ? 1 : 0, count: records.length })
    })
  const random = fc
    .tuple(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: -2, max: 9 }), fc.nat(4))
    .map(([array, count, codec]) => batchOf(Buffer.from(array), { count, codec }))
  fc.assert(
    fc.property(fc.oneof(changed, random), (batch) => {
      try {
        read(batch)
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedRecords)
      }
    }),
    { numRuns: 1_000 },
  )
})
