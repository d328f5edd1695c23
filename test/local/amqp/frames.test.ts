import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameReader, headerOf } from '../../../src/local/amqp/wire/frame-reader.ts'
import { ChunkPool, FrameWriter } from '../../../src/local/amqp/wire/frame-writer.ts'
import { encodePerformative } from '../../../src/local/amqp/wire/performatives.ts'
import { checkFrame } from './support/amqp-spec.ts'
import { encodeSection, encodeList, frame, NULL, P, uint } from './support/raw-client.ts'

interface Seen {
  readonly what: string
  readonly channel?: number
  readonly fields?: unknown
  readonly payload?: string
}

/** All that a reader makes of these chunks. What it hands on is copied, because its memory is used again. */
function read(chunks: readonly Buffer[]): readonly Seen[] {
  const seen: Seen[] = []
  const reader = new FrameReader({
    onHeader: (layer) => seen.push({ what: `header ${layer}` }),
    onFrame: (layer, channel, performative, payload) =>
      seen.push({
        what: `${layer} ${performative?.name ?? 'empty'}`,
        ...{ channel, fields: performative?.fields, payload: payload.toString('hex') },
      }),
    onForeign: (protocol) => {
      seen.push({ what: `foreign ${protocol}` })
      reader.stop()
    },
  })
  for (const chunk of chunks) reader.receive(Buffer.from(chunk))
  return seen
}

const session = Buffer.concat([
  headerOf('sasl'),
  frame(0, 0x41, [Buffer.from('a303414e59', 'hex'), NULL, NULL], undefined, 1),
  headerOf('amqp'),
  frame(3, P.begin, [NULL, uint(0), uint(7), uint(8)]),
  Buffer.from('0000000802000000', 'hex'),
  frame(3, P.transfer, [uint(1), uint(2)], Buffer.alloc(20_000, 7)),
  frame(4, P.flow, [NULL, uint(1), uint(2), uint(3)]),
  frame(4, P.disposition, [Buffer.from([0x41]), uint(2), NULL, NULL, encodeSection(0x24, encodeList([]))]),
])

describe('the reader of frames', () => {
  it('finds the same frames however the bytes arrive', () => {
    const whole = read([session])
    expect(whole.map(({ what }) => what)).toEqual([
      ...['header sasl', 'sasl sasl-init', 'header amqp', 'amqp begin', 'amqp empty'],
      ...['amqp transfer', 'amqp flow', 'amqp disposition'],
    ])
    const cuts = fc.uniqueArray(fc.nat(session.length), { maxLength: 12 })
    fc.assert(
      fc.property(cuts, (places) => {
        const at = [0, ...places.sort((a, b) => a - b), session.length]
        expect(read(at.slice(1).map((end, i) => session.subarray(at[i], end)))).toEqual(whole)
      }),
    )
    expect(read(Array.from(session, (byte) => Buffer.from([byte])))).toEqual(whole)
  })

  it.each([
    ['tls', '160301'],
    ['http', '474554202f'],
    ['kafka', '0000002300120003'],
    ['amqp-0-9', '414d515000000901'],
    ['unknown', '0908070605'],
  ])('recognizes %s, once, also byte by byte', (protocol, hex) => {
    const bytes = Buffer.from(hex, 'hex')
    const expected = [{ what: `foreign ${protocol}` }]
    expect(read([bytes])).toEqual(expected)
    expect(read(Array.from(bytes, (byte) => Buffer.from([byte])))).toEqual(expected)
  })
})

/** A network that takes what it is given when it is told to. */
class SlowNetwork extends Duplex {
  readonly taken: Buffer[] = []
  #waiting: (() => void)[] = []

  override _read(): void {
    // Nothing ever comes.
  }

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.#waiting.push(() => {
      this.taken.push(Buffer.from(bytes))
      done()
    })
  }

  deliver(): boolean {
    const next = this.#waiting.shift()
    next?.()
    return next !== undefined
  }
}

describe('the writer of frames', () => {
  it('sends every frame as it was written, however slowly the network takes them', async () => {
    const step = fc.oneof(
      fc.record({ payloadBytes: fc.constantFrom(1, 1_000, 10_000, 30_000, 65_000), byte: fc.nat(255) }),
      fc.constantFrom('take' as const, 'turn' as const),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 60, maxLength: 200 }), async (steps) => {
        const network = new SlowNetwork()
        const pool = new ChunkPool()
        const writer = new FrameWriter(network as unknown as Socket, pool)
        const expected: string[] = []
        for (const [deliveryId, one] of steps.entries()) {
          if (one === 'take') network.deliver()
          else if (one === 'turn') await Promise.resolve()
          else {
            const payload = Buffer.alloc(one.payloadBytes, one.byte)
            writer.transfer(9, { handle: 1, deliveryId, settled: true, more: false }, [payload], payload.length)
            expected.push(`${deliveryId} ${one.byte} ${one.payloadBytes}`)
          }
        }
        writer.flush()
        do await new Promise((resolve) => setImmediate(resolve))
        while (network.deliver())
        expect(framesIn(Buffer.concat(network.taken))).toEqual(expected)
        expect(writer.unsentBytes).toBe(0)
      }),
      { numRuns: 25 },
    )
  })
})

/** The transfers in these bytes, each with its number, and the byte that its payload is made of. */
function framesIn(bytes: Buffer): string[] {
  const found: string[] = []
  for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at)) {
    const one = bytes.subarray(at, at + bytes.readUInt32BE(at))
    const { fields } = checkFrame(one)!
    const payload = one.subarray(38)
    expect(payload.every((byte) => byte === payload[0])).toBe(true)
    found.push(`${fields[1]!.content.readUInt32BE(0)} ${payload[0]} ${payload.length}`)
  }
  return found
}

describe('performatives', () => {
  it('are read as they were written, and the specification agrees', () => {
    const [uint32, text, flag] = [fc.nat(2 ** 32 - 1), fc.string({ unit: 'grapheme-ascii' }), fc.boolean()]
    const symbols = fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 200 }), { maxLength: 300 })
    const channel = fc.nat(65_535)
    const any = fc.oneof(
      fc.record({
        name: fc.constant('open' as const),
        fields: fc.record(
          {
            containerId: text,
            hostname: text,
            maxFrameSize: fc.integer({ min: 512, max: 2 ** 32 - 1 }),
            channelMax: channel,
            desiredCapabilities: symbols,
          },
          { requiredKeys: ['containerId'] },
        ),
      }),
      fc.record({
        name: fc.constant('begin' as const),
        fields: fc.record(
          {
            remoteChannel: channel,
            nextOutgoingId: uint32,
            incomingWindow: uint32,
            outgoingWindow: uint32,
            handleMax: uint32,
          },
          { requiredKeys: ['nextOutgoingId', 'incomingWindow', 'outgoingWindow'] },
        ),
      }),
      fc.record({
        name: fc.constant('flow' as const),
        fields: fc.record(
          {
            incomingWindow: uint32,
            nextOutgoingId: uint32,
            outgoingWindow: uint32,
            echo: flag,
          },
          { requiredKeys: ['incomingWindow', 'nextOutgoingId', 'outgoingWindow'] },
        ),
      }),
      fc.record({
        name: fc.constant('detach' as const),
        fields: fc.record({ handle: uint32, closed: flag }, { requiredKeys: ['handle'] }),
      }),
    )
    fc.assert(
      fc.property(any, channel, ({ name, fields }, on) => {
        const body = encodePerformative(name, fields as never)
        const head = Buffer.from([0, 0, 0, 0, 2, 0, on >> 8, on & 255])
        head.writeUInt32BE(body.length + 8)
        const bytes = Buffer.concat([head, body])
        expect(checkFrame(bytes)!.name).toBe(name)
        expect(read([headerOf('amqp'), bytes])[1]).toEqual({
          what: `amqp ${name}`,
          channel: on,
          fields: expect.objectContaining(fields) as unknown,
          payload: '',
        })
      }),
    )
  })
})
