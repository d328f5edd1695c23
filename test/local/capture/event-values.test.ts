import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { captureTimeOf, valuesOf } from '../../../src/local/capture/event-values.ts'
import {
  encodeBinary,
  encodeBoolean,
  encodeDouble,
  encodeInt,
  encodeList,
  encodeLong,
  encodeMap,
  encodeSection,
  encodeString,
  encodeSymbol,
  encodeTimestamp,
  encodeUint,
  NULL,
} from '../../../src/local/encoding/writer.ts'
import { eventsOfBatch } from '../../../src/local/batch/events.ts'
import { arbitraryMessage } from '../amqp/support/arbitrary-message.ts'
import { arbitraryRecords, batchOfRecords } from '../batch/support/batch-bytes.ts'
import { fileOf, readByAvsc, storedEvent } from './support/captured.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const data = (bytes: string | Buffer): Buffer => encodeSection(0x75, encodeBinary(Buffer.from(bytes)))
const properties = (...entries: readonly Buffer[]): Buffer => encodeSection(0x74, encodeMap(entries))

/** The first event of a file of this one, as avsc reads it. */
const captured = async (fields: Parameters<typeof storedEvent>[0]) =>
  (await readByAvsc((await fileOf([storedEvent(fields)])).bytes))[0]!

describe('a property', () => {
  it.each([
    ['null', NULL, null],
    ['true', encodeBoolean(true), { string: 'True' }],
    ['false in a byte', hex('5600'), { string: 'False' }],
    ['a ubyte', hex('50ff'), { long: 255n }],
    ['a byte', hex('51ff'), { long: -1n }],
    ['a ushort', hex('60ffff'), { long: 65_535n }],
    ['a short', hex('618000'), { long: -32_768n }],
    ['a uint', encodeUint(4_294_967_295), { long: 4_294_967_295n }],
    ['a uint of no width', encodeUint(0), { long: 0n }],
    ['an int', encodeInt(-2_147_483_648), { long: -2_147_483_648n }],
    ['a long', encodeLong(-9_007_199_254_740_991), { long: -9_007_199_254_740_991n }],
    ['the largest long', hex('817fffffffffffffff'), { long: 9_223_372_036_854_775_807n }],
    ['the least long', hex('818000000000000000'), { long: -9_223_372_036_854_775_808n }],
    ['a ulong', hex('807fffffffffffffff'), { long: 9_223_372_036_854_775_807n }],
    ['a ulong that is no long', hex('808000000000000000'), { string: '9223372036854775808' }],
    ['a float', hex('723fc00000'), { double: 1.5 }],
    ['a double that is whole', encodeDouble(3), { double: 3 }],
    ['a double', encodeDouble(-Infinity), { double: -Infinity }],
    ['a char', hex('730001f600'), { string: '😀' }],
    ['a time', encodeTimestamp(Date.UTC(2021, 11, 2, 14, 58, 24, 999)), { string: '12/2/2021 2:58:24 PM' }],
    ['a time that .NET has not', hex('837fffffffffffffff'), { bytes: hex('837fffffffffffffff') }],
    ['a uuid', hex('98 00112233445566778899aabbccddeeff'), { string: '00112233-4455-6677-8899-aabbccddeeff' }],
    ['a decimal', hex('7422500001'), { bytes: hex('7422500001') }],
    ['a string', encodeString('é'.repeat(300)), { string: 'é'.repeat(300) }],
    ['a symbol', encodeSymbol('s'), { string: 's' }],
    ['a string that is no UTF-8', hex('a102 41ff'), { string: 'A\ufffd' }],
    ['a binary', encodeBinary(hex('00ff')), { bytes: hex('00ff') }],
    ['a long binary', encodeBinary(Buffer.alloc(256)), { bytes: Buffer.alloc(256) }],
    ['a list', encodeList([encodeInt(1)]), { bytes: encodeList([encodeInt(1)]) }],
    ['an empty list', hex('45'), { bytes: hex('45') }],
    ['a map', encodeMap([]), { bytes: encodeMap([]) }],
    ['a described value', hex('0053 0141'), { bytes: hex('0053 0141') }],
  ])('%s', async (_, encoded, value) => {
    const event = await captured({ bare: Buffer.concat([properties(encodeString('name'), encoded), data('x')]) })
    expect(event).toMatchObject({
      Properties: { name: value },
      SystemProperties: {},
      Body: { bytes: Buffer.from('x') },
    })
  })

  it('has the last value of a name that is there twice, and a name that is a string', async () => {
    const entries = [...['a', 'a'].flatMap((name, i) => [encodeString(name), encodeInt(i)]), encodeInt(7), encodeInt(8)]
    const { Properties } = await captured({ bare: Buffer.concat([properties(...entries), data('')]) })
    expect(Properties).toEqual({ a: { long: 1n } })
  })

  it('is one of many', async () => {
    const names = Array.from({ length: 1_000 }, (_, i) => `name-${i}`)
    const bare = Buffer.concat([properties(...names.flatMap((name) => [encodeString(name), NULL])), data('')])
    expect(Object.keys((await captured({ bare })).Properties)).toEqual(names)
  })
})

describe('the system properties', () => {
  it('are the key and the annotations of the sender, but no null', async () => {
    const annotations = [
      [encodeSymbol('x-opt-publisher'), encodeString('p')],
      [encodeSymbol('x-opt-kafka-key'), encodeBinary(hex('6b'))],
      [encodeSymbol('x-note'), NULL],
      [hex('8000000000000000ff'), encodeInt(1)],
    ].map((entry) => Buffer.concat(entry))
    expect(await captured({ partitionKey: 'key', annotations })).toMatchObject({
      SystemProperties: {
        ...{ 'x-opt-partition-key': { string: 'key' }, 'x-opt-publisher': { string: 'p' } },
        'x-opt-kafka-key': { bytes: hex('6b') },
      },
      Properties: {},
    })
  })

  it("are AMQP's own properties under their names", async () => {
    const own = Array.from({ length: 13 }, (_, place) => encodeInt(place))
    const bare = Buffer.concat([encodeSection(0x73, encodeList(own)), data('')])
    const names = 'message-id user-id to subject reply-to correlation-id content-type content-encoding '
    const more = 'absolute-expiry-time creation-time group-id group-sequence reply-to-group-id'
    const expected = `${names}${more}`.split(' ').map((name, place) => [name, { long: BigInt(place) }] as const)
    expect(Object.entries((await captured({ bare })).SystemProperties)).toEqual(expected)
  })

  it('leave out what is null there', async () => {
    const bare = Buffer.concat([encodeSection(0x73, encodeList([NULL, NULL, encodeString('to')])), data('')])
    expect((await captured({ bare })).SystemProperties).toEqual({ to: { string: 'to' } })
  })
})

describe('the body', () => {
  const footer = encodeSection(0x78, encodeMap([]))
  const value = encodeString('text')
  const list = encodeList([encodeInt(1)])
  it.each([
    ['a data section', data('one'), 'one'],
    ['one before a footer', Buffer.concat([data('one'), footer]), 'one'],
    ['several', Buffer.concat([data('one'), data(Buffer.alloc(300, 'x'))]), `one${'x'.repeat(300)}`],
    ['no bytes', data(''), ''],
    ['null', encodeSection(0x75, NULL), null],
    ['none', Buffer.alloc(0), null],
    ['a value', encodeSection(0x77, value), value],
    ['sequences', Buffer.concat([encodeSection(0x76, list), encodeSection(0x76, list)]), Buffer.concat([list, list])],
  ])('of %s', async (_, bare, expected) => {
    expect((await captured({ bare })).Body).toEqual(expected === null ? null : { bytes: Buffer.from(expected) })
  })
})

it.each([
  [Date.UTC(2021, 11, 2, 14, 58, 24), '12/2/2021 2:58:24 PM'],
  [Date.UTC(2022, 0, 31, 0, 0, 5), '1/31/2022 12:00:05 AM'],
  [Date.UTC(2022, 9, 10, 12, 9, 0), '10/10/2022 12:09:00 PM'],
  [Date.UTC(2022, 9, 10, 11, 59, 59, 999), '10/10/2022 11:59:59 AM'],
])('writes times as Azure does', (timeMs, text) => {
  expect(captureTimeOf(timeMs)).toBe(text)
})

it('has values for any message of AMQP', () => {
  fc.assert(
    fc.property(arbitraryMessage, ({ entries, bare }) => {
      const { systemProperties } = valuesOf(storedEvent({ annotations: entries, bare }))
      for (const { kind } of systemProperties.values()) expect(kind).not.toBe('null')
    }),
  )
})

it('reads whatever came by Kafka', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryRecords, async (records) => {
      const events = eventsOfBatch(batchOfRecords(records)).map((event, i) =>
        storedEvent({ ...event, sequenceNumber: i }),
      )
      const read = await readByAvsc((await fileOf(events, 'deflate')).bytes)
      const bodies = records.map(({ value }) => ({ bytes: value ?? Buffer.alloc(0) }))
      expect(read.map(({ Body }) => Body)).toEqual(bodies)
      const keys = records.map(({ key }) => (key ? { bytes: key } : undefined))
      expect(read.map(({ SystemProperties }) => SystemProperties['x-opt-kafka-key'])).toEqual(keys)
    }),
    { numRuns: 50 },
  )
})

it('takes more elements of no width than the event has bytes, which the whole message had', async () => {
  const many = hex('f0 00000005 000003e8 41')
  const event = await captured({ bare: Buffer.concat([properties(encodeString('many'), many), data('')]) })
  expect(event.Properties).toEqual({ many: { bytes: many } })
})
