import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { METADATA } from '../../../src/local/kafka/wire/apis/session.ts'
import { startTestBroker, type TestBroker } from '../amqp/support/local.ts'
import { ALL_APIS } from './support/apis.ts'
import { RawClient, TestClient } from './support/client.ts'
import { commitOffsets, LONG_REQUESTS } from './support/long-requests.ts'
import { anyStructure, encodePublished, readPublished } from './support/published.ts'

const RUNS = Number(process.env['KAFKA_FUZZ_RUNS'] ?? 200)
const LARGEST_BYTES = 1_046_528 - 100
const MOST_ELEMENTS = 50_000
/** What one request may take for a while, with what is not yet collected: answers of DescribeConfigs take 105 MB, others 45 MB. */
const MOST_BYTES = 128 * 1024 * 1024

const QUIET_MS = 100
/** ApiVersions, with a number that no other request has. */
const LAST = Buffer.from('001200007a7a7a7affff', 'hex')

let broker: TestBroker
beforeAll(async () => {
  broker = await startTestBroker({ mode: 'memory' })
  await commitOffsets(broker)
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

/** The memory of this process without what nobody needs any more. */
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const heldBytes = (): number => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers

test.each(LONG_REQUESTS.map((one) => [one.title, one] as const))(
  'the most elements take little memory, and more are turned away: %s',
  { timeout: 60_000 },
  async (_title, { encode }) => {
    const { kafkaPort } = broker.broker
    const each = (encode(2_000).length - encode(1_000).length) / 1_000
    for (const elements of [MOST_ELEMENTS - 10, Infinity]) {
      const request = encode(Math.floor(Math.min(elements, LARGEST_BYTES / each)))
      const client = (await TestClient.signedIn(kafkaPort, broker.connectionString())).raw
      collect()
      const before = heldBytes()
      let most = before
      let isOver = false
      const watch = () => {
        most = Math.max(most, heldBytes())
        if (!isOver) setImmediate(watch)
      }
      watch()
      client.socket.write(request)
      await client.receive()
      isOver = true
      client.close()
      expect(most - before).toBeLessThan(MOST_BYTES)
    }
  },
)
