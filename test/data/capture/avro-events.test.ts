import { Readable } from 'node:stream'
import { LONG } from '../../support/avro-long.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { capturedEvents, type CapturedEvent } from '../../../src/data/capture/avro-events.ts'
import { AZURE_SCHEMA, avroFile, inChunks, record } from './avro-files.ts'

async function read(bytes: Buffer, chunkBytes = 1_000): Promise<readonly CapturedEvent[]> {
  const events: CapturedEvent[] = []
  for await (const event of capturedEvents(inChunks(bytes, chunkBytes))) events.push(event)
  return events
}

/** avsc takes no larger ones. */
const MOST = 2 ** 52
const long = fc.oneof(
  fc.integer({ min: -MOST, max: MOST }),
  fc.constantFrom(0, -1, 63, -64, 64, 2 ** 31, 2 ** 48, 2 ** 49, 2 ** 50, MOST, -MOST),
)
const value = fc.oneof(
  long.map((n) => ({ long: n })),
  fc.double({ noNaN: true }).map((n) => ({ double: n })),
  fc.string({ unit: 'grapheme' }).map((s) => ({ string: s })),
  fc.uint8Array().map((b) => ({ bytes: Buffer.from(b) })),
)
const name = fc
  .string({ unit: 'grapheme', minLength: 1 })
  .filter((one) => one !== '__proto__' && !one.startsWith('x-opt-'))
const records = fc.array(
  fc.record({
    SequenceNumber: long,
    Offset: fc.nat().map(String),
    EnqueuedTimeUtc: fc.constant('12/2/2021 2:58:24 PM'),
    SystemProperties: fc.dictionary(name, value),
    Properties: fc.dictionary(name, fc.oneof(value, fc.constant(null))),
    Body: fc.option(fc.uint8Array({ maxLength: 2_000 }).map((bytes) => ({ bytes: Buffer.from(bytes) }))),
  }),
  { maxLength: 20 },
)
const plain = (values: object) =>
  Object.fromEntries(
    Object.entries(values).map(([key, one]) => [key, one === null ? null : Object.values(one as object)[0]]),
  )

test('what avsc wrote is read, in blocks of any size, chunks of any size and both codecs', async () => {
  await fc.assert(
    fc.asyncProperty(
      records,
      fc.constantFrom<'null' | 'deflate'>('null', 'deflate'),
      fc.integer({ min: 1, max: 5_000 }),
      fc.integer({ min: 50, max: 5_000 }),
      async (all, codec, chunkBytes, blockSize) => {
        const events = await read(await avroFile(all, { codec, blockSize }), chunkBytes)
        expect(events.map(({ sequenceNumber, offset }) => [sequenceNumber, offset])).toEqual(
          all.map(({ SequenceNumber, Offset }) => [SequenceNumber, Offset]),
        )
        expect(events.map(({ properties }) => properties)).toEqual(all.map(({ Properties }) => plain(Properties)))
        expect(events.map(({ body }) => body)).toEqual(all.map(({ Body }) => Body?.bytes ?? null))
      },
    ),
    { numRuns: 60 },
  )
})

test('a key, a Kafka key and the fields of a message have their own places', async () => {
  const SystemProperties = {
    'x-opt-partition-key': { string: 'device-7' },
    'x-opt-kafka-key': { bytes: Buffer.from('k') },
    'x-opt-publisher': { string: 'p' },
    'content-type': { string: 'application/json' },
    'message-id': { string: 'm1' },
  }
  const [event] = await read(await avroFile([record({ SystemProperties })]))
  expect(event).toMatchObject({
    key: 'device-7',
    kafkaKey: Buffer.from('k'),
    systemProperties: { contentType: 'application/json', messageId: 'm1', 'x-opt-publisher': 'p' },
    enqueuedTime: new Date('2021-12-02T14:58:24Z'),
  })
})

test.each([
  ['1/31/2026 12:00:00 AM', '2026-01-31T00:00:00Z'],
  ['1/1/2026 12:59:59 PM', '2026-01-01T12:59:59Z'],
  ['11/30/2026 11:05:09 PM', '2026-11-30T23:05:09Z'],
])('the time %s is %s', async (EnqueuedTimeUtc, iso) => {
  const [event] = await read(await avroFile([record({ EnqueuedTimeUtc })]))
  expect(event!.enqueuedTime).toEqual(new Date(iso))
})

test('numbers beyond those of JavaScript keep all their digits', async () => {
  const numbers = [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, -(2n ** 53n) - 1n, 2n ** 49n, -(2n ** 49n), 5n]
  const registry = { long: LONG }
  const all = numbers.map((n) => record({ SequenceNumber: n }))
  const events = await read(await avroFile(all, { registry }))
  expect(events.map(({ sequenceNumber }) => BigInt(sequenceNumber))).toEqual(numbers)
  expect(typeof events.at(-1)!.sequenceNumber).toBe('number')
})

test('a file without null in Properties, as the page of Azure shows it, is read', async () => {
  const schema = JSON.parse(JSON.stringify(AZURE_SCHEMA).replace(',"null"]', ']')) as typeof AZURE_SCHEMA
  expect(JSON.stringify(schema)).not.toContain(',"null"]')
  const events = await read(await avroFile([record({ Properties: { a: { long: 7 } } })], { schema }))
  expect(events[0]!.properties).toEqual({ a: 7 })
})

test('fields that nobody knows, of every type that Avro has, are passed over', async () => {
  const more = [
    { name: 'Flag', type: 'boolean', value: true },
    { name: 'Kind', type: { type: 'enum', name: 'Kind', symbols: ['A', 'B'] }, value: 'B' },
    { name: 'Hash', type: { type: 'fixed', name: 'Hash', size: 3 }, value: Buffer.from([1, 2, 3]) },
    { name: 'Tags', type: { type: 'array', items: 'string' }, value: ['x', 'y'] },
    {
      name: 'Part',
      type: {
        type: 'record',
        name: 'Part',
        namespace: 'other',
        fields: [
          { name: 'Next', type: ['null', 'Part'] },
          { name: 'F', type: 'float' },
        ],
      },
      value: { Next: { 'other.Part': { Next: null, F: 1 } }, F: 2 },
    },
    { name: 'Again', type: 'Kind', value: 'A' },
    { name: 'When', type: { type: 'int', logicalType: 'date' }, value: 12 },
  ]
  const [first, ...others] = AZURE_SCHEMA.fields
  const schema = { ...AZURE_SCHEMA, fields: [first!, ...more.map(({ name, type }) => ({ name, type })), ...others] }
  const extra = Object.fromEntries(more.map(({ name, value }) => [name, value]))
  const all = [0, 1].map((n) => ({ ...record({ SequenceNumber: n, Body: { bytes: Buffer.from(`b${n}`) } }), ...extra }))
  const events = await read(await avroFile(all, { schema: schema as typeof AZURE_SCHEMA }))
  expect(events.map(({ sequenceNumber, body }) => [sequenceNumber, String(body)])).toEqual([
    [0, 'b0'],
    [1, 'b1'],
  ])
})

const fails = async (bytes: Buffer) =>
  read(bytes).then(
    () => 'read',
    (error: Error) => `${error.constructor.name}: ${error.message}`,
  )

test('what is broken is told: not Avro, cut at any byte, damaged, packed otherwise, not of Capture', async () => {
  const whole = await avroFile([record({}), record({})], { codec: 'deflate' })
  expect(await fails(Buffer.from('hello'))).toBe('BrokenFile: is no Avro file')
  expect(await fails(Buffer.alloc(0))).toBe('BrokenFile: is no Avro file')
  const header = (await avroFile([])).length
  for (let length = 4; length < whole.length; length++) {
    const outcome = await fails(whole.subarray(0, length))
    // A file may end after its header or after a block.
    if (outcome !== 'read') expect(outcome).toMatch(/^BrokenFile: ends in the middle/)
    else expect(Math.abs(length - header)).toBeLessThan(10)
  }
  const damaged = Buffer.from(whole)
  damaged[damaged.length - 1]! ^= 1
  expect(await fails(damaged)).toBe('BrokenFile: is damaged: a block does not end as it has to')
  const unpackable = Buffer.from(whole)
  unpackable.fill(0xff, unpackable.length - 40, unpackable.length - 16)
  expect(await fails(unpackable)).toMatch(/^BrokenFile: is damaged/)
  const repacked = (await avroFile([record({})])).toString('latin1').replace('avro.codec\x08null', 'avro.codec\x08zstd')
  expect(await fails(Buffer.from(repacked, 'latin1'))).toBe(
    'BrokenFile: is packed with zstd, which Capture does not use',
  )
  const schema = { type: 'record', name: 'Other', fields: [{ name: 'Body', type: 'string' }] }
  const other = await avroFile([{ Body: 'x' }], {
    schema: schema as unknown as typeof AZURE_SCHEMA,
  })
  expect(await fails(other)).toBe(
    'BrokenFile: is no file of Capture: its events have no SequenceNumber, Offset, EnqueuedTimeUtc, SystemProperties, Properties',
  )
  expect(await fails(await avroFile([record({ EnqueuedTimeUtc: 'soon' })]))).toContain(
    'holds a time that is none: "soon"',
  )
})

test('an empty block is passed over, wherever it stands', async () => {
  const whole = await avroFile([record({ SequenceNumber: 1 })])
  const marker = whole.subarray(-16)
  const header = whole.subarray(0, whole.indexOf(marker) + 16)
  const [block, empty] = [whole.subarray(header.length), Buffer.concat([Buffer.of(0, 0), marker])]
  const events = await read(Buffer.concat([header, empty, block, empty, block, empty]))
  expect(events.map(({ sequenceNumber }) => sequenceNumber)).toEqual([1, 1])
  expect(await read(Buffer.concat([header, empty]))).toEqual([])
})

test('a damaged count of properties ends at the end of its block', async () => {
  const whole = await avroFile([record({ Properties: { a: { long: 1 } }, Body: null })])
  const damaged = Buffer.from(whole)
  // The count, the length of the name, the name, the kind and the value.
  const at = damaged.lastIndexOf(Buffer.of(2, 2, 0x61, 0, 2))
  damaged.fill(0xff, at, at + 4)
  damaged[at + 4] = 0x7e
  expect(await fails(damaged)).toBe('BrokenFile: is damaged: a value goes past the end of its block')
})

test('the events before the damage come', async () => {
  const whole = await avroFile([record({ SequenceNumber: 1 }), record({ SequenceNumber: 2 })], { blockSize: 50 })
  const seen: unknown[] = []
  await expect(async () => {
    for await (const { sequenceNumber } of capturedEvents(inChunks(whole.subarray(0, -1), 100)))
      seen.push(sequenceNumber)
  }).rejects.toThrow('ends in the middle')
  expect(seen).toEqual([1])
})

test('a reader that leaves early ends the reading of the file', async () => {
  const source = Readable.from(
    inChunks(
      await avroFile(
        Array.from({ length: 100 }, () => record({})),
        { blockSize: 50 },
      ),
      10,
    ),
  )
  const events = capturedEvents(source as AsyncIterable<Buffer>)
  await events.next()
  expect(source.destroyed).toBe(false)
  await events.return(undefined)
  expect(source.destroyed).toBe(true)
})
