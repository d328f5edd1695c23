import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/manual-clock.ts'
import { eventually } from './support/clients.ts'
import { HUB, NAMESPACE, sasToken, startTestBroker, type TestBroker } from './support/local.ts'
import * as raw from './support/raw-client.ts'
import { errorOf, frame, HEADER, NULL, P, RawClient, uint } from './support/raw-client.ts'

/** What the specification asks of a server, where no client of Event Hubs would go by itself. */

const CONSUMER = `${HUB}/ConsumerGroups/$Default/Partitions/0`
const data = (text: string) => raw.encodeSection(0x75, raw.encodeBinary(Buffer.from(text)))
const sender = { name: 's', handle: 0, source: 'x', target: `${HUB}/Partitions/0` }
const receiver = { name: 'r', handle: 0, source: CONSUMER, target: 't' }

let local: TestBroker
let client: RawClient
let clock: ManualClock

beforeEach(async () => {
  clock = new ManualClock()
  local = await startTestBroker({ mode: 'memory', clock })
  client = new RawClient(local.broker.port)
})
afterEach(async () => {
  client.end()
  await local.stop()
})

async function signIn(options: Parameters<RawClient['openSession']>[0] = {}): Promise<void> {
  await client.openSession(options)
  const { name, primaryKey } = local.directory.rules()[0]!
  const { status } = await client.putToken('sb://h/', sasToken('sb://h/', name, primaryKey, clock.now() + 3_600_000))
  expect(status).toBe(202)
}

async function fill(bodies: readonly Buffer[]): Promise<void> {
  const events = bodies.map((body) => ({ body }))
  await local.broker.appendEvents({ namespace: NAMESPACE, hub: HUB, partition: '0', events })
}

/** Those of the link with the events; the answers of `$cbs` come on another. */
const eventTransfers = () => client.frames.filter(({ code, fields }) => code === P.transfer && fields[0] === 0)
const endError = async () => errorOf((await client.next(P.end)).fields[0])

describe('a session', () => {
  it.each([
    ['no link has this handle', () => client.transferFrame(9, 1, data('x')), 'amqp:session:unattached-handle'],
    ['no link has this handle to detach', () => frame(0, P.detach, [uint(9)]), 'amqp:session:unattached-handle'],
    [
      'the handle is in use',
      () => client.attachFrame('sender', { ...sender, name: 'two' }),
      'amqp:session:handle-in-use',
    ],
    [
      'there is no such settle mode',
      () => client.attachFrame('sender', { ...sender, handle: 1, sndSettleMode: 3 }),
      'amqp:invalid-field',
    ],
  ])('ends where %s, and the connection goes on', async (_, bytes, condition) => {
    await signIn()
    client.send(client.attachFrame('sender', sender))
    await client.next(P.flow)
    client.send(bytes())
    expect(await endError()).toMatchObject({ condition })
    expect(local.broker.stats().hubs[0]!.senders).toBe(0)
    // What was under way is ignored, until the client has answered and begins anew.
    client.send(client.transferFrame(0, 1, data('late')), frame(0, P.end, []), client.beginFrame())
    await client.next(P.begin)
    client.send(client.attachFrame('sender', sender), client.transferFrame(0, 1, data('x')))
    await client.next(P.disposition)
  })

  it('is answered when the client ends it', async () => {
    await signIn()
    client.send(client.attachFrame('sender', sender), frame(0, P.end, []))
    expect((await client.next(P.end)).fields[0]).toBeNull()
    expect(local.broker.stats().hubs[0]!.senders).toBe(0)
  })

  it('opens its window again while a message comes in very many frames', async () => {
    await signIn()
    client.send(client.attachFrame('sender', sender))
    await client.next(P.flow)
    const message = data('x'.repeat(6_000))
    for (let at = 0; at < message.length; at++) {
      client.send(client.transferFrame(0, 1, message.subarray(at, at + 1), { more: at < message.length - 1 }))
    }
    expect((await client.next(P.disposition)).fields[3]).toBe(true)
    expect(client.count(P.flow)).toBeGreaterThan(2)
  })

  it('settles many deliveries that it took in one turn by one disposition', async () => {
    await signIn()
    client.send(client.attachFrame('sender', sender))
    await client.next(P.flow)
    client.send(...Array.from({ length: 100 }, (_, id) => client.transferFrame(0, id, data('x'))))
    const settled = () =>
      client.frames.filter(({ code }) => code === P.disposition).map(({ fields }) => fields.slice(1, 3) as number[])
    await client.until(() => settled().at(-1)?.[1] === 99)
    expect(
      settled().flatMap(([first, last]) => Array.from({ length: last! - first! + 1 }, (_, i) => first! + i)),
    ).toEqual(Array.from({ length: 100 }, (_, i) => i))
    expect(settled().length).toBeLessThan(20)
  })
})

describe('counts up to the largest', () => {
  const MOST = 2 ** 32 - 1

  it('of credit and window are taken as they are', async () => {
    await signIn()
    await fill([Buffer.from('one'), Buffer.from('two')])
    client.send(client.attachFrame('receiver', receiver))
    await client.next(P.attach)
    const session = [uint(client.count(P.transfer)), uint(MOST), uint(0), uint(100)]
    client.send(frame(0, P.flow, [...session, uint(0), uint(0), uint(MOST)]))
    await client.until(() => eventTransfers().length === 2)
  })

  it('of elements without width are not followed', async () => {
    await signIn()
    const array = Buffer.from('f000000005000186a040', 'hex')
    const properties = raw.encodeMap([raw.encodeSymbol('x'), array])
    const flow = [uint(0), uint(100), uint(0), uint(100), ...Array<Buffer>(6).fill(NULL), properties]
    client.send(frame(0, P.flow, flow))
    expect(errorOf((await client.next(P.close)).fields[0])).toMatchObject({ condition: 'amqp:decode-error' })
  })
})

describe('a link', () => {
  it('is not opened with a text that is none: what is sent back has to be right too', async () => {
    await signIn()
    const address = Buffer.from('a102ff80', 'hex')
    const sourceFields = raw.encodeList([raw.encodeString('x')])
    client.send(client.attachFrame('sender', { ...sender, sourceFields, targetFields: raw.encodeList([address]) }))
    expect(errorOf((await client.next(P.close)).fields[0])).toMatchObject({ condition: 'amqp:decode-error' })
  })

  it('that was refused settles what was on its way', async () => {
    await signIn()
    client.send(client.attachFrame('sender', { ...sender, name: 'refused', handle: 1, target: 'missing' }))
    await client.next(P.detach)
    const refused = client.frames.find(({ code, fields }) => code === P.attach && fields[0] === 'refused')!
    expect(refused.fields[6]).toBeNull()
    client.send(client.transferFrame(1, 7, data('x')))
    const { fields } = await client.next(P.disposition)
    expect([fields[1], (fields[4] as { descriptor: unknown }).descriptor]).toEqual([7, 0x25])
  })

  it('sends a message in parts as the window of the session opens', async () => {
    await signIn({ incomingWindow: 2, maxFrameSize: 512 })
    const body = Buffer.from(Array.from({ length: 3_000 }, (_, i) => i % 251))
    await fill([body, Buffer.from('next')])
    const received = () => client.count(P.transfer)
    const open = () =>
      client.send(
        frame(0, P.flow, [...[uint(received()), uint(2), uint(0), uint(100)], ...[uint(0), uint(0), uint(10)]]),
      )
    client.send(client.attachFrame('receiver', receiver))
    await client.next(P.attach)
    let allowed = 0
    const isDone = () => eventTransfers().filter(({ fields }) => fields[5] === false).length === 2
    while (!isDone()) {
      const before = received()
      allowed = Math.max(allowed, before + 2)
      open()
      await client.until(() => received() > before)
      expect(received()).toBeLessThanOrEqual(allowed)
    }
    const [first, second] = [1, 2].map((id) => eventTransfers().filter(({ fields }) => fields[1] === id))
    expect(first!.map(({ fields }) => fields[5])).toEqual([...Array<boolean>(first!.length - 1).fill(true), false])
    expect(raw.sectionsOf(Buffer.concat(first!.map(({ payload }) => payload))).get(0x75)).toEqual(body)
    expect(second).toHaveLength(1)
  })

  it('keeps every frame within the limit of the client, errors with long texts too', async () => {
    await signIn({ maxFrameSize: 512 })
    const missing = `${'x'.repeat(200)}/ConsumerGroups/$Default/Partitions/0`
    client.send(client.attachFrame('receiver', { ...receiver, source: missing }))
    const { description } = errorOf((await client.next(P.detach)).fields[2])
    expect(description).toContain('The messaging entity')
    const sizes = client.sizes.filter((size) => size > 512)
    expect(sizes).toEqual([])
  })

  it('answers a drain at the end of the events, also without room for one', async () => {
    await signIn()
    client.send(client.attachFrame('receiver', receiver))
    await client.next(P.attach)
    const session = [uint(client.count(P.transfer)), uint(0), uint(0), uint(100)]
    const draining = [NULL, raw.encodeBoolean(true)]
    client.send(frame(0, P.flow, [...session, uint(0), uint(0), uint(5), ...draining]))
    expect((await client.next(P.flow)).fields[6]).toBe(0)
  })

  it('is detached when a delivery begins before the last one has ended', async () => {
    await signIn()
    client.send(client.attachFrame('sender', sender))
    await client.next(P.flow)
    client.send(client.transferFrame(0, 1, data('one'), { more: true }), client.transferFrame(0, 2, data('two')))
    expect(errorOf((await client.next(P.detach)).fields[2])).toMatchObject({ condition: 'amqp:not-allowed' })
    expect(local.broker.stats().hubs[0]!.events).toBe(0)
  })

  it('answers an attach that is too large for the frames of the client by its addresses', async () => {
    await signIn({ maxFrameSize: 512 })
    const many = raw.encodeMap([raw.encodeSymbol('x'), raw.encodeString('y'.repeat(600))])
    const source = raw.encodeList([raw.encodeString(CONSUMER), ...Array<Buffer>(4).fill(NULL), many])
    client.send(client.attachFrame('receiver', { ...receiver, sourceFields: source }))
    const { typed } = await client.next(P.attach)
    expect(typed[5]!.items[0]!.content.toString()).toBe(CONSUMER)
    expect(Math.max(...client.sizes)).toBeLessThanOrEqual(512)
  })

  it('gives credit back when a client drains, none left included', async () => {
    await signIn()
    await fill([Buffer.from('one'), Buffer.from('two')])
    client.send(client.attachFrame('receiver', receiver), client.flowFrame(0, 2, { drain: true }))
    const { fields } = await client.next(P.flow)
    expect([fields[5], fields[6], fields[8], eventTransfers().length]).toEqual([2, 0, true, 2])
  })
})

describe('an idle connection', () => {
  it('is closed with a reason when the client has shown no sign of life for long', async () => {
    await signIn()
    const pass = async (ms: number) => {
      clock.advance(ms)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await pass(240_000)
    expect(client.count(P.close)).toBe(0)
    client.send(Buffer.from('0000000802000000', 'hex'))
    client.send(client.attachFrame('sender', sender))
    await client.next(P.flow)
    await pass(240_000)
    expect(client.count(P.close)).toBe(0)
    await pass(240_000)
    expect(errorOf((await client.next(P.close)).fields[0])).toMatchObject({ condition: 'amqp:resource-limit-exceeded' })
    await client.ended()
    // The hubs themselves wait for a minute at most.
    expect(clock.pending.filter((ms) => ms > 60_000)).toEqual([])
  })

  it('shows the client signs of life, however long a time it names', async () => {
    await client.openSession({ idleTimeoutMs: 2 ** 32 - 1 })
    clock.advance(120_000)
    await client.next(-1)
  })
})

describe('the handshake', () => {
  it.each([
    ['a frame before open', () => [HEADER.amqp, client.beginFrame()], 'amqp:connection:framing-error'],
    [
      'a limit that AMQP does not allow',
      () => [HEADER.amqp, client.openFrame({ maxFrameSize: 511 })],
      'amqp:invalid-field',
    ],
    ['a second header', () => [HEADER.amqp, client.openFrame(), HEADER.amqp], 'amqp:connection:framing-error'],
    [
      'a link outside of a session',
      () => [HEADER.amqp, client.openFrame(), client.attachFrame('sender', sender)],
      'amqp:not-allowed',
    ],
    [
      'a session on a channel that has one',
      () => [HEADER.amqp, client.openFrame(), client.beginFrame(), client.beginFrame()],
      'amqp:not-allowed',
    ],
    [
      'a frame of SASL after it',
      () => [HEADER.amqp, client.openFrame(), frame(0, 0x41, [raw.encodeSymbol('PLAIN'), NULL, NULL], undefined, 1)],
      'amqp:connection:framing-error',
    ],
  ])('refuses %s with an open, and a close that says why', async (_, parts, condition) => {
    client.send(...parts())
    await client.next(P.open)
    expect(errorOf((await client.next(P.close)).fields[0])).toMatchObject({ condition })
    await client.ended()
    await eventually(() => local.broker.stats().connections === 0, 'nothing is left')
  })

  it('asks for the password that PLAIN was begun without', async () => {
    client.send(HEADER.sasl, frame(0, 0x41, [raw.encodeSymbol('PLAIN'), NULL, NULL], undefined, 1))
    await client.next(0x42)
    const { name, primaryKey } = local.directory.rules()[0]!
    client.send(frame(0, 0x43, [raw.encodeBinary(Buffer.from(`\0${name}\0${primaryKey}`))], undefined, 1))
    expect((await client.next(0x44)).fields[0]).toBe(0)
  })

  it('ends with the outcomes of what came with the close', async () => {
    await signIn()
    client.send(client.attachFrame('sender', sender))
    await client.next(P.flow)
    client.send(client.transferFrame(0, 1, data('x')), frame(0, P.close, []))
    await client.next(P.disposition)
    await client.next(P.close)
  })

  it('does not outlast a client that goes on sending after the end', async () => {
    client.send(HEADER.amqp, client.beginFrame())
    await client.next(P.close)
    client.socket.on('end', () => client.send(Buffer.alloc(1)))
    clock.advance(10_000)
    await eventually(() => local.broker.stats().connections === 0, 'it is gone')
  })

  it('refuses a mechanism that it does not offer', async () => {
    client.send(HEADER.sasl, frame(0, 0x41, [raw.encodeSymbol('SCRAM-SHA-1'), NULL, NULL], undefined, 1))
    expect((await client.next(0x44)).fields[0]).toBe(1)
    await client.ended()
  })
})
