import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { METADATA } from '../../../src/local/kafka/wire/apis/session.ts'
import { compileFields, type Fields } from '../../../src/local/kafka/wire/codec.ts'
import { KafkaReader, MalformedRequest } from '../../../src/local/kafka/wire/bytes.ts'
import { startTestBroker, type TestBroker } from '../amqp/support/local.ts'
import { ALL_APIS } from './support/apis.ts'
import { RawClient, TestClient } from './support/client.ts'
import { anyStructure, encodePublished, readPublished } from './support/published.ts'

const RUNS = Number(process.env['KAFKA_FUZZ_RUNS'] ?? 200)
/** What one request may take for a while, however it is made. */
const MOST_BYTES = 256 * 1024 * 1024

const QUIET_MS = 100
/** ApiVersions, with a number that no other request has. */
const LAST = Buffer.from('001200007a7a7a7affff', 'hex')

let broker: TestBroker
beforeAll(async () => {
  broker = await startTestBroker({ mode: 'memory' })
})
afterAll(() => broker.stop())

/** Requests of every API, and those with some of their bytes changed, cut off or doubled. */
const requests: fc.Arbitrary<Buffer> = fc.constantFrom(...readPublished()).chain(({ key, flexible, request }) => {
  const [first, last] = ALL_APIS.find((api) => api.key === key)!.versions
  return fc.integer({ min: first, max: last }).chain((version) =>
    fc
      .record({
        value: anyStructure(request, version),
        changes: fc.array(fc.record({ at: fc.nat(), byte: fc.constantFrom(0, 1, 0x7f, 0x80, 0xfe, 0xff) }), {
          maxLength: 4,
        }),
        cut: fc.option(fc.nat(), { freq: 4 }),
      })
      .map(({ value, changes, cut }) => {
        const isFlexible = version >= flexible
        const body = encodePublished(request, value, { version, isFlexible })
        const head = Buffer.from([0, key, 0, version, 0, 0, 0, 1, 0xff, 0xff, ...(isFlexible ? [0] : [])])
        const all = Buffer.concat([head, body])
        for (const { at, byte } of changes) all[4 + (at % (all.length - 4))] = byte
        return cut === null ? all : all.subarray(0, cut % all.length)
      }),
  )
})

test(
  'no request ends the server, whatever is in it, before and after signing in',
  { timeout: 60_000 + RUNS * 500 },
  async () => {
    const { kafkaPort } = broker.broker
    const anything = fc.uint8Array({ maxLength: 300 }).map((raw) => Buffer.from(raw))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(requests, anything), { maxLength: 5 }), fc.boolean(), async (frames, isIn) => {
        const client = isIn
          ? (await TestClient.signedIn(kafkaPort, broker.connectionString())).raw
          : await RawClient.open(kafkaPort)
        for (const frame of frames) client.send(frame)
        client.send(LAST)
        // Some requests wait for events or members.
        client.socket.setTimeout(QUIET_MS, () => client.close())
        let answer = await client.receive()
        while (answer && (answer.length < 4 || answer.readInt32BE(0) !== LAST.readInt32BE(4)))
          answer = await client.receive()
        client.close()
        const other = await TestClient.signedIn(kafkaPort, broker.connectionString())
        expect(await other.call(METADATA, 9, { topics: [{ name: 'clicks' }] })).toMatchObject({
          topics: [{ errorCode: 0 }],
        })
        other.close()
      }),
      { numRuns: RUNS },
    )
    expect(broker.lines.filter((line) => line.includes('    at '))).toEqual([])
  },
)

test('no request takes much more memory than it is long', { timeout: 120_000 }, () => {
  // The largest request, all of one byte: as counts, lengths and values it asks for the most.
  const reader = new KafkaReader()
  for (const { request, versions, flexible = Infinity } of ALL_APIS) {
    for (const byte of [0, 1, 2, 3, 0x0f, 0x7f]) {
      const frame = Buffer.alloc(1_046_528, byte)
      const before = process.memoryUsage().heapUsed
      const codec = compileFields<Fields>(request, { version: versions[1], isFlexible: versions[1] >= flexible })
      reader.open(frame, 0, frame.length)
      try {
        codec.read(reader)
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedRequest)
      }
      expect(process.memoryUsage().heapUsed - before).toBeLessThan(MOST_BYTES)
    }
  }
})
