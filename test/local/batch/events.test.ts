import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventsOfBatch, packEvents } from '../../../src/local/batch/events.ts'
import { readBatchHead } from '../../../src/local/batch/record-batch.ts'
import { type KafkaContent, type KafkaRecord, readRecords } from '../../../src/local/batch/records.ts'
import { decodeMessage } from '../../../src/local/encoding/message.ts'
import {
  encodeBinary,
  encodeInt,
  encodeList,
  encodeMap,
  encodeSection,
  encodeString,
  encodeSymbol,
  encodeTimestamp,
  encodeUlong,
  NULL,
} from '../../../src/local/encoding/writer.ts'
import type { EventToStore, StoredEvent } from '../../../src/local/log/record.ts'
import { crc32c } from '../../../src/lib/crc32c.ts'
import { checkMessage } from '../amqp/support/amqp-spec-message.ts'
import { arbitraryMessage } from '../amqp/support/arbitrary-message.ts'
import { arbitraryContent, arbitraryRecords, batchOfRecords } from './support/batch-bytes.ts'

const stored = ({ annotations, ...event }: EventToStore, i = 0): StoredEvent => ({
  ...event,
  sequenceNumber: 1_000_000_000_000 + i,
  offset: i,
  enqueuedTimeMs: 1_800_000_000_000,
  annotationCount: annotations.length,
  annotations: Buffer.concat(annotations),
})
const eventOf = (bare: Buffer, annotations: readonly Buffer[] = []): EventToStore => ({
  ...{ partitionKey: 'device-7', header: Buffer.alloc(0), annotations, bare },
})

/** The records of the batches that follow each other in `bytes`, with their offsets and times. */
function unpack(bytes: Buffer): { offset: number; timeMs: number; record: KafkaRecord }[] {
  const all: { offset: number; timeMs: number; record: KafkaRecord }[] = []
  for (let at = 0; at < bytes.length;) {
    const head = readBatchHead(bytes, at)
    const batch = bytes.subarray(at, at + head.bytes)
    expect(batch.readUInt32BE(17)).toBe(crc32c(batch, 21))
    const base = Number(batch.readBigInt64BE(0))
    for (const record of readRecords(batch, head, 0))
      all.push({ offset: base + record.offsetDelta, timeMs: head.maxTimestampMs, record })
    at += head.bytes
  }
  return all
}
const packed = (event: EventToStore): KafkaContent => {
  const { key, value, headers } = unpack(packEvents([stored(event)], 'LogAppend'))[0]!.record
  return { key, value, headers }
}

describe('events that came by Kafka', () => {
  /** What a map has no room for: a name twice, and a body that is not there. */
  const asMap = ({ key, value, headers }: KafkaContent) => ({
    ...{ key, value: value ?? Buffer.alloc(0) },
    headers: new Map(headers.map((header) => [header.key, header.value])),
  })

  it('come back to Kafka with the same key, value and headers', () => {
    fc.assert(
      fc.property(fc.array(arbitraryContent, { minLength: 1, maxLength: 10 }), (contents) => {
        const records = contents.map((content, offsetDelta) => ({ ...content, offsetDelta, timestampDeltaMs: 0 }))
        const events = eventsOfBatch(batchOfRecords(records))
        const again = unpack(packEvents(events.map(stored), 'Create'))
        expect(again.map(({ record }) => asMap(record))).toEqual(contents.map(asMap))
      }),
    )
  })

  it('are messages that a strict reader of AMQP takes', () => {
    fc.assert(
      fc.property(arbitraryRecords, (records) => {
        for (const { header, annotations, bare } of eventsOfBatch(batchOfRecords(records))) {
          const all =
            annotations.length > 0 ? encodeSection(0x72, encodeMap([...annotations.flatMap(keyAndValue)])) : header
          checkMessage(Buffer.concat([all, bare]))
        }
      }),
    )
  })

  it('have their key in an annotation, text in properties, and bytes in application properties', () => {
    const headers = Object.entries({ 'content-type': 'text/plain', 'message-id': '7', a: 'old', 'user-id': 'me' })
    const record: KafkaRecord = {
      ...{ offsetDelta: 0, timestampDeltaMs: 0, key: Buffer.from([1, 2]), value: null },
      headers: [
        ...headers.map(([key, value]) => ({ key, value: Buffer.from(value) })),
        ...[
          { key: 'a', value: Buffer.from('new') },
          { key: 'none', value: null },
        ],
        // Not what the property of that name can hold.
        ...[
          { key: 'content-encoding', value: Buffer.from([0xff]) },
          { key: 'creation-time', value: Buffer.from('1') },
        ],
      ],
    }
    const [event] = eventsOfBatch(batchOfRecords([record], { gzip: true }))
    expect(event).toMatchObject({ partitionKey: undefined, header: Buffer.alloc(0) })
    expect(event!.annotations).toEqual([
      Buffer.concat([encodeSymbol('x-opt-kafka-key'), encodeBinary(Buffer.from([1, 2]))]),
    ])
    const { properties, applicationProperties, body } = decodeMessage(event!.bare)
    expect(properties.map(({ value }) => value)).toEqual([
      '7',
      Buffer.from('me'),
      ...[null, null, null, null],
      'text/plain',
    ])
    expect([...applicationProperties]).toEqual([
      ...[
        ['a', Buffer.from('new')],
        ['none', null],
      ],
      ...[
        ['content-encoding', Buffer.from([0xff])],
        ['creation-time', Buffer.from('1')],
      ],
    ])
    expect(body).toEqual(Buffer.alloc(0))
  })
})

/** An annotation as one buffer, taken apart at the end of its name. */
const keyAndValue = (entry: Buffer): readonly Buffer[] => {
  const end = 2 + entry[1]!
  return [entry.subarray(0, end), entry.subarray(end)]
}

describe('events that came by AMQP', () => {
  const data = (text: string) => encodeSection(0x75, encodeBinary(Buffer.from(text)))
  const header = (key: string, value: string | Buffer | null) => ({
    key,
    value: typeof value === 'string' ? Buffer.from(value) : value,
  })

  it('have a value of the bytes of their body', () => {
    const value = (bare: Buffer) => packed(eventOf(bare)).value
    expect(value(data('body'))).toEqual(Buffer.from('body'))
    expect(value(data('x'.repeat(300)))).toEqual(Buffer.from('x'.repeat(300)))
    expect(value(Buffer.concat([data('one'), data(' two')]))).toEqual(Buffer.from('one two'))
    expect(value(data(''))).toEqual(Buffer.alloc(0))
    expect(value(Buffer.alloc(0))).toBeNull()
    expect(value(encodeSection(0x75, NULL))).toBeNull()
    expect(value(encodeSection(0x77, encodeString('hi')))).toEqual(encodeString('hi'))
    const list = encodeList([encodeInt(1)])
    expect(value(Buffer.concat([encodeSection(0x76, list), encodeSection(0x76, list)]))).toEqual(
      Buffer.concat([list, list]),
    )
    expect(value(Buffer.concat([data('body'), encodeSection(0x78, encodeMap([]))]))).toEqual(Buffer.from('body'))
  })

  it('have the key of their annotation, which the partition key is not', () => {
    const key = (...annotations: Buffer[]) => packed(eventOf(data('x'), annotations)).key
    const other = Buffer.concat([encodeSymbol('other'), encodeList([encodeString('x-opt-kafka-key')])])
    const named = (value: Buffer) => Buffer.concat([encodeSymbol('x-opt-kafka-key'), value])
    expect(key()).toBeNull()
    expect(key(other, named(encodeBinary(Buffer.from([0, 255]))))).toEqual(Buffer.from([0, 255]))
    expect(key(named(encodeString('text')), other)).toEqual(Buffer.from('text'))
    expect(key(named(encodeInt(1)))).toBeNull()
  })

  it('have headers of text for seven properties, and none for the others', () => {
    const uuid = Buffer.from('98000102030405060708090a0b0c0d0e0f', 'hex')
    const properties = (...list: Buffer[]) =>
      packed(eventOf(Buffer.concat([encodeSection(0x73, encodeList(list)), data('x')]))).headers
    const all = [
      ...[encodeString('id'), encodeBinary(Buffer.from('user')), encodeString('to'), encodeString('subject')],
      ...[encodeString('reply'), encodeString('correlation'), encodeSymbol('text/plain'), encodeSymbol('gzip')],
      ...[encodeTimestamp(1), encodeTimestamp(0), encodeString('group')],
    ]
    expect(properties(...all)).toEqual([
      ...[header('message-id', 'id'), header('user-id', 'user'), header('to', 'to'), header('reply-to', 'reply')],
      ...[header('content-type', 'text/plain'), header('content-encoding', 'gzip')],
      header('creation-time', '1970-01-01T00:00:00.000Z'),
    ])
    expect(properties(encodeUlong(7))).toEqual([header('message-id', '7')])
    expect(properties(uuid)).toEqual([header('message-id', '00010203-0405-0607-0809-0a0b0c0d0e0f')])
    expect(properties(NULL, NULL, encodeString(''))).toEqual([header('to', '')])
    // A time that no calendar has stays as it was encoded.
    const never = encodeTimestamp(2 ** 53)
    expect(properties(...Array<Buffer>(9).fill(NULL), never)).toEqual([header('creation-time', never)])
  })

  it('have headers of encoded bytes for application properties, except bytes, null and the seven names', () => {
    const map = (...entries: Buffer[]) =>
      packed(eventOf(Buffer.concat([encodeSection(0x74, encodeMap(entries)), data('x')]))).headers
    const list = encodeList([encodeInt(1)])
    expect(
      map(
        ...[encodeString('text'), encodeString('hello'), encodeString('number'), encodeInt(1_234)],
        ...[encodeString('list'), list, encodeString('bytes'), encodeBinary(Buffer.from([7]))],
        ...[encodeString('null'), NULL, encodeString('content-type'), encodeString('text/plain')],
        ...[encodeString('to'), encodeInt(5), encodeString('reply-to'), list],
        ...[encodeInt(1), encodeString('a name that is no string'), encodeSymbol('symbol'), encodeInt(2)],
      ),
    ).toEqual([
      ...[header('text', encodeString('hello')), header('number', encodeInt(1_234)), header('list', list)],
      ...[header('bytes', Buffer.from([7])), header('null', null), header('content-type', 'text/plain')],
      ...[header('to', '5'), header('reply-to', list), header('symbol', encodeInt(2))],
    ])
  })

  it('may have more elements of no width than they have bytes, as their messages were long enough for', () => {
    const many = Buffer.from('f000000005000003e841', 'hex')
    const bare = Buffer.concat([
      encodeSection(0x74, encodeMap([encodeString('many'), many])),
      encodeSection(0x75, encodeBinary(Buffer.alloc(0))),
    ])
    expect(packed(eventOf(bare)).headers).toEqual([{ key: 'many', value: many }])
  })

  it('are packed whatever their message is', () => {
    fc.assert(
      fc.property(arbitraryMessage, ({ entries, bare }) => {
        const { value } = packed(eventOf(bare, entries))
        expect(value === null || value.length <= bare.length).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})

it('packs one batch for each run of the same time, with the number of each event as its offset', () => {
  const times = [5, 5, 6, 6, 6, 2, 7].map((ms) => 1_800_000_000_000 + ms)
  const bare = encodeSection(0x75, encodeBinary(Buffer.from('body')))
  const events = times.map((enqueuedTimeMs, i) => ({ ...stored(eventOf(bare), i), enqueuedTimeMs }))
  for (const [type, isLogAppend] of [
    ['LogAppend', true],
    ['Create', false],
  ] as const) {
    const bytes = packEvents(events, type)
    expect(readBatchHead(bytes, 0)).toMatchObject({
      ...{ magic: 2, compression: 0, isTransactional: false, isControl: false, count: 2, lastOffsetDelta: 1 },
      ...{ isLogAppend, baseTimestampMs: times[0], maxTimestampMs: times[0] },
      ...{ producerId: -1, producerEpoch: -1, baseSequence: -1 },
    })
    const records = unpack(bytes)
    expect(records.map(({ offset }) => offset)).toEqual(events.map(({ sequenceNumber }) => sequenceNumber))
    expect(records.map(({ timeMs }) => timeMs)).toEqual(times)
  }
  expect(packEvents([], 'LogAppend')).toHaveLength(0)
})

it('packs numbers and lengths of every width', () => {
  for (const length of [0, 63, 64, 8_191, 8_192, 1_048_575, 1_048_576]) {
    const value = Buffer.alloc(length, 3)
    expect(packed(eventOf(encodeSection(0x75, encodeBinary(value)))).value?.equals(value)).toBe(true)
  }
  const events = Array.from({ length: 10_000 }, (_, i) => stored(eventOf(encodeSection(0x75, NULL)), i))
  expect(unpack(packEvents(events, 'LogAppend')).map(({ offset }) => offset)).toEqual(
    events.map(({ sequenceNumber }) => sequenceNumber),
  )
})
