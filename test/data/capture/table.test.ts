import { gunzipSync } from 'node:zlib'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ParquetTable } from '../../../src/data/capture/parquet.ts'
import { COLUMNS, csvHeader, csvLine, type TableEvent } from '../../../src/data/capture/table.ts'

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', '"', 'a,b', 'two\nlines', ' x', 'é', '😀', '\r\n'),
)
const bytes = fc.uint8Array({ maxLength: 300 }).map((one) => Buffer.from(one))
const events: fc.Arbitrary<TableEvent> = fc.record({
  partition: fc.nat(31).map(String),
  sequenceNumber: fc.oneof(fc.nat(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  offset: fc.nat().map(String),
  enqueuedTime: fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
  key: fc.option(text),
  kafkaKey: fc.option(
    fc.oneof(
      text.map((one) => Buffer.from(one)),
      bytes,
    ),
    { nil: undefined },
  ),
  properties: fc.dictionary(text, fc.oneof(text, fc.integer(), fc.constant(null))),
  systemProperties: fc.constantFrom({}, { contentType: 'application/json' }, { messageId: 'm' }),
  body: fc.option(
    fc.oneof(
      text.map((one) => Buffer.from(one)),
      bytes,
    ),
  ),
})

/** What a row has to be, said apart from the code. */
function expected({
  partition,
  sequenceNumber,
  offset,
  enqueuedTime,
  key,
  kafkaKey,
  properties,
  systemProperties,
  body,
}: TableEvent) {
  const words = (one: unknown) => {
    if (!Buffer.isBuffer(one)) return null
    const read = one.toString('utf8')
    return Buffer.from(read).equals(one) ? read : one.toString('base64')
  }
  const { contentType = null, ...others } = systemProperties
  return {
    ...{ partition: Number(partition), sequence_number: BigInt(sequenceNumber), offset, enqueued_time: enqueuedTime },
    ...{ partition_key: key, kafka_key: words(kafkaKey), content_type: contentType },
    ...{ properties, system_properties: others, body: words(body) },
    body_encoding: body && !Buffer.from(body.toString('utf8')).equals(body) ? 'base64' : null,
  }
}

const parsed = (row: Record<string, unknown>) => ({
  ...row,
  properties: JSON.parse(row['properties'] as string) as unknown,
  system_properties: JSON.parse(row['system_properties'] as string) as unknown,
})

async function parquetOf(all: readonly TableEvent[]): Promise<Buffer> {
  const parts: Buffer[] = []
  const writer = new ParquetTable(COLUMNS, {
    write: async (part) => void parts.push(Buffer.from(part)),
    createdBy: 'ml-ingest version 1.2.3',
  })
  for (const event of all) await writer.add(event)
  expect(await writer.finish()).toBe(all.length)
  return Buffer.concat(parts)
}

const compressors = { GZIP: (packed: Uint8Array) => gunzipSync(packed) }
const bufferOf = (file: Buffer) => file.buffer.slice(file.byteOffset, file.byteOffset + file.length) as ArrayBuffer

test('another reader finds in the Parquet file what went in, with its types', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(events, { maxLength: 30 }), async (all) => {
      const rows = await parquetReadObjects({ file: bufferOf(await parquetOf(all)), compressors })
      expect(rows.map(parsed)).toEqual(all.map(expected))
    }),
    { numRuns: 60 },
  )
})

const EVENT: TableEvent = {
  ...{ partition: '0', sequenceNumber: 0, offset: '0', enqueuedTime: new Date(0), key: null, kafkaKey: undefined },
  ...{ properties: {}, systemProperties: {}, body: Buffer.alloc(1_000_000, 'x') },
}

test('a large table is written in groups of rows, so that memory stays flat', async () => {
  let largest = 0
  let total = 0
  const parts: Buffer[] = []
  const writer = new ParquetTable(COLUMNS, {
    createdBy: 'test',
    write: async (part) => {
      largest = Math.max(largest, part.length)
      total += part.length
      parts.push(Buffer.from(part))
    },
  })
  for (let i = 0; i < 40; i++) await writer.add({ ...EVENT, sequenceNumber: i })
  expect(total).toBeGreaterThan(0)
  await writer.finish()
  expect(largest).toBeLessThan(20_000_000)
  const file = bufferOf(Buffer.concat(parts))
  expect(parquetMetadata(file).row_groups.length).toBe(3)
  const rows: Record<string, unknown>[] = await parquetReadObjects({ file, compressors, columns: ['sequence_number'] })
  expect(rows.map(({ sequence_number }) => sequence_number)).toEqual(Array.from({ length: 40 }, (_, i) => BigInt(i)))
})

/** Reads CSV as RFC 4180 has it. Null where nothing is between the commas. */
function readCsv(text: string): (string | null)[][] {
  const rows: (string | null)[][] = []
  let row: (string | null)[] = []
  for (let at = 0; at < text.length;) {
    const [, quoted, bare] = /^(?:"((?:[^"]|"")*)"|([^",\n]*))/.exec(text.slice(at))!
    const length = quoted === undefined ? bare!.length : quoted.length + 2
    row.push(quoted?.replaceAll('""', '"') ?? (bare === '' ? null : bare!))
    at += length
    if (text[at] === '\n') {
      rows.push(row)
      row = []
    } else expect(text[at]).toBe(',')
    at++
  }
  return rows
}

test('CSV gives back what went in, null and empty texts apart', () => {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 10 }), (all) => {
      const lines = [csvHeader(), ...all.map(csvLine)].map((line) => `${line}\n`).join('')
      const [header, ...rows] = readCsv(lines)
      const objects = rows.map((row) => Object.fromEntries(row.map((cell, i) => [header![i]!, cell])))
      expect(objects.map(parsed)).toEqual(
        all.map((event) => {
          const row = expected(event)
          const { partition, sequence_number, enqueued_time } = row
          return {
            ...row,
            ...{ partition: String(partition), sequence_number: String(sequence_number) },
            enqueued_time: enqueued_time.toISOString(),
          }
        }),
      )
    }),
  )
})
