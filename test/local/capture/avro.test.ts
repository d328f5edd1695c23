import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AvroWriter } from '../../../src/local/capture/avro.ts'
import { encodeBinary, encodeSection } from '../../../src/local/encoding/writer.ts'
import type { StoredEvent } from '../../../src/local/log/record.ts'
import { fileOf, readByAvsc, storedEvent } from './support/captured.ts'

const KINDS = '["long","double","string","bytes"'
const SCHEMA =
  '{"type":"record","name":"EventData","namespace":"Microsoft.ServiceBus.Messaging","fields":[' +
  '{"name":"SequenceNumber","type":"long"},{"name":"Offset","type":"string"},' +
  '{"name":"EnqueuedTimeUtc","type":"string"},' +
  `{"name":"SystemProperties","type":{"type":"map","values":${KINDS}]}},` +
  `{"name":"Properties","type":{"type":"map","values":${KINDS},"null"]}},` +
  '{"name":"Body","type":["null","bytes"]}]}'
const MARKER = Buffer.from('0123456789abcdef')
const body = (bytes: Buffer): Buffer => encodeSection(0x75, encodeBinary(bytes))

describe('the header of a file', () => {
  it('is that of Azure, byte for byte', () => {
    const metadata = `\x14avro.codec\x08null\x16avro.schema\xec\x06${SCHEMA}`
    const expected = Buffer.from(`Obj\x01\x04${metadata}\x00${MARKER.toString()}`, 'latin1')
    expect(new AvroWriter('null', MARKER).header.toString('latin1')).toBe(expected.toString('latin1'))
  })

  it('has a marker of its own in each file', () => {
    expect(new AvroWriter('null').header.equals(new AvroWriter('null').header)).toBe(false)
  })
})

it('has 508 bytes without events', async () => {
  const { bytes, plainBytes } = await fileOf([])
  expect([bytes.length, plainBytes]).toEqual([508, 508])
  expect(await readByAvsc(bytes)).toEqual([])
  expect(await readByAvsc((await fileOf([], 'deflate')).bytes)).toEqual([])
})

/** Bytes one by one would take long to compare. */
const hashOf = (bytes: Buffer): string => createHash('sha1').update(bytes).digest('hex')

const arbitraryEvent = fc
  .record({
    sequenceNumber: fc.oneof(fc.nat(1_000), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })),
    offset: fc.oneof(fc.constantFrom(0, 9, 10, 99, 100, 999_999_999_999), fc.maxSafeNat()),
    enqueuedTimeMs: fc.integer({ min: 0, max: Date.UTC(2999, 0) }),
    partitionKey: fc.option(fc.string({ unit: 'binary', maxLength: 300 }), { nil: undefined }),
    body: fc
      .tuple(fc.nat(70_000), fc.uint8Array({ minLength: 1, maxLength: 9 }))
      .map(([length, fill]) => Buffer.alloc(length, fill)),
  })
  .map(({ body: bytes, ...event }) => ({ stored: storedEvent({ ...event, bare: body(bytes) }), bytes }))

describe.each(['null', 'deflate'] as const)('with codec %s', (codec) => {
  it('says what was stored', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryEvent, { maxLength: 20 }), async (events) => {
        const { bytes, plainBytes } = await fileOf(
          events.map(({ stored }) => stored),
          codec,
        )
        if (codec === 'null') expect(bytes).toHaveLength(plainBytes)
        const read = await readByAvsc(bytes)
        const expected = events.map(({ stored, bytes }) => ({
          SequenceNumber: BigInt(stored.sequenceNumber),
          Offset: String(stored.offset),
          SystemProperties:
            stored.partitionKey === undefined ? {} : { 'x-opt-partition-key': { string: stored.partitionKey } },
          ...{ Properties: {}, Body: hashOf(bytes) },
        }))
        expect(read.map(({ EnqueuedTimeUtc: _, Body, ...event }) => ({ ...event, Body: hashOf(Body!.bytes) }))).toEqual(
          expected,
        )
        const seconds = events.map(({ stored }) => Math.floor(stored.enqueuedTimeMs / 1_000))
        expect(read.map(({ EnqueuedTimeUtc }) => Date.parse(`${EnqueuedTimeUtc} UTC`) / 1_000)).toEqual(seconds)
      }),
      { numRuns: 40 },
    )
  })

  it('is written in blocks that are as long as memory allows', async () => {
    const events = Array.from({ length: 1_000 }, (_, i) =>
      storedEvent({ sequenceNumber: i, bare: body(Buffer.alloc(1_000, i)) }),
    )
    const { bytes, blocks, plainBytes } = await fileOf(events, codec)
    expect(blocks).toBe(4)
    expect(plainBytes).toBeGreaterThan(1_000_000)
    expect(codec === 'null' ? bytes.length === plainBytes : bytes.length < plainBytes / 10).toBe(true)
    expect((await readByAvsc(bytes)).map(({ SequenceNumber }) => Number(SequenceNumber))).toEqual(
      events.map((_, i) => i),
    )
  })

  it('takes an event that is larger than a block, and goes on', async () => {
    const sizes = [10, 3_000_000, 10, 300_000]
    const events: readonly StoredEvent[] = sizes.map((size, i) => storedEvent({ bare: body(Buffer.alloc(size, i)) }))
    const { bytes, blocks } = await fileOf(events, codec)
    expect(blocks).toBe(2)
    const read = await readByAvsc(bytes)
    expect(read.map(({ Body }) => Body!.bytes.equals(Buffer.alloc(Body!.bytes.length, Body!.bytes[0])))).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect(read.map(({ Body }) => Body!.bytes.length)).toEqual(sizes)
  })
})

it('has no block more than it needs', async () => {
  const writer = new AvroWriter('null')
  writer.add(storedEvent({}))
  await writer.takeBlock()
  expect([writer.events, await writer.end()]).toEqual([1, undefined])
})

it('keeps nothing of an event, whose bytes are good for a while only', async () => {
  const bare = body(Buffer.from('before'))
  const writer = new AvroWriter('null')
  writer.add(storedEvent({ bare }))
  bare.fill(0)
  const file = Buffer.concat([writer.header, await writer.takeBlock()])
  expect((await readByAvsc(file))[0]!.Body!.bytes.toString()).toBe('before')
})
