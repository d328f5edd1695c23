import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readSections } from '../../../src/local/encoding/message.ts'
import { AmqpReader, MalformedAmqp } from '../../../src/local/encoding/reader.ts'
import { readPublication } from '../../../src/local/amqp/event-codec.ts'
import { arbitraryMessage } from './support/arbitrary-message.ts'
import { HUB, sasToken, startTestBroker, type TestBroker } from './support/local.ts'
import {
  encodeBinary,
  encodeMap,
  encodeSection,
  encodeString,
  encodeSymbol,
  P,
  RawClient,
} from './support/raw-client.ts'

let local: TestBroker
let client: RawClient

beforeAll(async () => {
  local = await startTestBroker()
  client = new RawClient(local.broker.port)
  await client.openSession()
  const rule = local.directory.rules()[0]!
  await client.putToken('sb://h/', sasToken('sb://h/', rule.name, rule.primaryKey, Date.now() + 600_000))
  client.send(
    client.attachFrame('sender', { name: 's', handle: 0, source: 'x', target: `${HUB}/Partitions/0` }),
    client.attachFrame('receiver', {
      name: 'r',
      handle: 1,
      source: `${HUB}/ConsumerGroups/$Default/Partitions/0`,
      target: 't',
    }),
    client.flowFrame(1, 1_000_000),
  )
})
afterAll(async () => {
  client.end()
  await local.stop()
})

let nextDelivery = 1
/** Sends messages as one publication, and returns them as a reader gets them. */
async function roundTrip(messages: readonly Buffer[], partitionKey: string | undefined): Promise<Buffer[]> {
  const isBatch = messages.length > 1
  const envelope =
    partitionKey === undefined
      ? []
      : [encodeSection(0x72, encodeMap([encodeSymbol('x-opt-partition-key'), encodeString(partitionKey)]))]
  const payload = isBatch
    ? Buffer.concat([...envelope, ...messages.map((message) => encodeSection(0x75, encodeBinary(message)))])
    : messages[0]!
  client.send(client.transferFrame(0, nextDelivery++, payload, { format: isBatch ? 0x80013700 : 0 }))
  const received: Buffer[] = []
  while (received.length < messages.length) received.push((await client.next(P.transfer)).payload)
  return received
}

it('gives back any message byte for byte', async () => {
  let sequenceNumber = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(arbitraryMessage, { minLength: 1, maxLength: 4 }),
      fc.option(fc.string(), { nil: undefined }),
      async (all, key) => {
        const received = await roundTrip(
          all.map(({ message }) => message),
          key,
        )
        for (const [i, { header, entries, bare }] of all.entries()) {
          const bytes = received[i]!
          // What the sender wrote stands in one piece each: header, annotations after the broker's own, and all the rest.
          expect(bytes.subarray(0, header.length).equals(header)).toBe(true)
          const end = Buffer.concat([...entries, bare])
          expect(bytes.subarray(bytes.length - end.length).equals(end)).toBe(true)
          const sections = readSections(bytes)
          const annotations = sections.find(({ code }) => code === 0x72)!
          const map = new AmqpReader(bytes, annotations.valueStart, annotations.end).read() as Map<unknown, unknown>
          expect(map.get('x-opt-sequence-number')).toBe(sequenceNumber++)
          expect(map.get('x-opt-partition-key')).toBe(all.length > 1 ? key : undefined)
        }
      },
    ),
    { numRuns: 150 },
  )
})

it('refuses any message that is cut short, and never reads past its end', () => {
  fc.assert(
    fc.property(
      arbitraryMessage,
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      ({ message }, part) => {
        const cut = message.subarray(0, Math.floor(message.length * part))
        try {
          const whole = readSections(cut)
          // Cut between two sections it is a message again, if a poorer one.
          expect(whole.at(-1)?.end ?? 0).toBe(cut.length)
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedAmqp)
        }
      },
    ),
  )
})

it('says of any bytes whatever that they are a message or malformed, and nothing else', () => {
  const mutated = fc
    .tuple(arbitraryMessage, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }))
    .map(([{ message }, changes]) => {
      const bytes = Buffer.from(message)
      for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte
      return bytes
    })
  fc.assert(
    fc.property(
      fc.oneof(
        mutated,
        fc.uint8Array({ maxLength: 200 }).map((a) => Buffer.from(a)),
      ),
      fc.constantFrom(0, 0x80013700),
      (bytes, format) => {
        try {
          readPublication(bytes, format)
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedAmqp)
        }
      },
    ),
    { numRuns: 500 },
  )
})

it('does not believe a length or a count that the bytes do not bear out', () => {
  const bombs = [
    // Four billion nulls, four billion empty lists, four billion uuids, and nests without end.
    Buffer.from('f000000005ffffffff40', 'hex'),
    Buffer.from('f000000005ffffffff45', 'hex'),
    Buffer.from('f000000005ffffffff98', 'hex'),
    Buffer.from('d000000004ffffffff', 'hex'),
    Buffer.concat([Buffer.alloc(60_000, 0), Buffer.from([0x40])]),
    Buffer.concat(Array.from({ length: 10_000 }, () => Buffer.from([0xc0, 0xff, 0x01]))),
  ]
  for (const bomb of bombs) {
    expect(() => new AmqpReader(bomb).skip(), bomb.subarray(0, 12).toString('hex')).toThrow(MalformedAmqp)
    expect(() => new AmqpReader(bomb).read()).toThrow(MalformedAmqp)
  }
})
