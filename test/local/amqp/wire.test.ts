import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Described } from '../../../src/local/encoding/reader.ts'
import { eventually } from './support/clients.ts'
import { HUB, sasToken, startTestBroker, type TestBroker } from './support/local.ts'
import * as raw from './support/raw-client.ts'
import { errorOf, frame, HEADER, P, RawClient, uint, ulong } from './support/raw-client.ts'

const PAST_FIELDS: Readonly<Record<number, number>> = {
  [P.open]: 10,
  [P.begin]: 8,
  [P.attach]: 14,
  [P.flow]: 11,
  [P.transfer]: 11,
  [P.disposition]: 6,
  [P.detach]: 3,
  [P.close]: 1,
}
const CONSUMER = `${HUB}/ConsumerGroups/$Default/Partitions/0`
const data = (text: string) => raw.encodeSection(0x75, raw.encodeBinary(Buffer.from(text)))

let local: TestBroker
let client: RawClient
const clients: RawClient[] = []
const newClient = () => {
  const next = new RawClient(local.broker.port)
  clients.push(next)
  return next
}
const token = (
  audience: string,
  {
    key = local.directory.rules()[0]!.primaryKey,
    name = 'RootManageSharedAccessKey',
    expires = Date.now() + 60_000,
  } = {},
) => sasToken(audience, name, key, expires)
/** A session with a token for everything. */
const signIn = async (of = client, options: Parameters<RawClient['openSession']>[0] = {}) => {
  await of.openSession(options)
  const { status } = await of.putToken('amqp://localhost/', token('amqp://localhost/'))
  expect(status).toBe(202)
}
const fill = async (count: number, partition = '0') => {
  await local.broker.appendEvents({
    namespace: 'test-ns',
    hub: HUB,
    partition,
    events: Array.from({ length: count }, (_, i) => ({ body: Buffer.from(String(i)) })),
  })
}
const bodies = (frames: readonly raw.RawFrame[]) =>
  frames.map(({ payload }) => (raw.sectionsOf(payload).get(0x75) as Buffer).toString())
const transfers = () => client.frames.filter(({ code, channel }) => code === P.transfer && channel === 0).slice(1)

beforeAll(async () => {
  local = await startTestBroker({ mode: 'memory' })
})
beforeEach(() => {
  local.directory.removeHub(HUB)
  local.directory.addHub(HUB)
  client = newClient()
})
afterEach(() => {
  for (const each of clients.splice(0)) each.end()
})
afterAll(async () => {
  await eventually(() => local.broker.stats().connections === 0, 'nothing is left of clients that have gone')
  expect(local.broker.stats().hubs[0]).toMatchObject({ senders: 0, receivers: 0 })
  await local.stop()
})

describe('the handshake', () => {
  it.each(['ANONYMOUS', 'MSSBCBS', 'EXTERNAL'])('lets a client in by SASL %s', async (sasl) => {
    await signIn(client, { sasl })
    expect(client.headers).toHaveLength(2)
  })

  it('lets a client in without a SASL layer', async () => {
    await signIn()
    expect(client.headers).toEqual([HEADER.amqp])
  })

  it('takes a rule and its key by SASL PLAIN, and refuses a wrong one', async () => {
    const { name, primaryKey } = local.directory.rules()[0]!
    for (const [password, outcome] of [
      [primaryKey, 0],
      ['wrong', 1],
    ] as const) {
      const plain = newClient()
      plain.send(HEADER.sasl)
      const [mechanisms] = (await plain.next(0x40)).fields
      expect(mechanisms).toEqual(expect.arrayContaining(['ANONYMOUS', 'PLAIN', 'EXTERNAL', 'MSSBCBS']))
      const response = raw.encodeBinary(Buffer.from(`\0${name}\0${password}`))
      plain.send(frame(0, 0x41, [raw.encodeSymbol('PLAIN'), response, raw.NULL], undefined, 1))
      expect((await plain.next(0x44)).fields[0]).toBe(outcome)
      if (outcome === 1) continue
      plain.send(HEADER.amqp, plain.openFrame(), plain.beginFrame())
      plain.send(plain.attachFrame('sender', { name: 's', handle: 0, source: 'x', target: HUB }))
      expect((await plain.next(P.attach)).fields[6]).toBeTruthy()
    }
  })

  it('takes everything of the handshake in one piece, and in single bytes', async () => {
    const all = Buffer.concat([
      HEADER.sasl,
      frame(0, 0x41, [raw.encodeSymbol('ANONYMOUS'), raw.NULL, raw.NULL], undefined, 1),
      HEADER.amqp,
      client.openFrame(),
      client.beginFrame(),
    ])
    client.send(all)
    await client.next(P.begin)
    const slow = newClient()
    slow.socket.setNoDelay(true)
    for (const byte of all) {
      slow.send(Buffer.from([byte]))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await slow.next(P.begin)
  })

  it('announces the limits of the service', async () => {
    client.send(HEADER.amqp, client.openFrame())
    const { fields } = await client.next(P.open)
    expect([fields[2], fields[3], fields[4]]).toEqual([65_536, 4_999, 240_000])
  })

  it('listens on both loopback addresses', async () => {
    const second = new RawClient(local.broker.port, '::1')
    clients.push(second)
    await second.openSession()
  })

  it('sends signs of life at half of the time that the client asks for', async () => {
    await client.openSession({ idleTimeoutMs: 200 })
    await client.until(() => client.frames.filter(({ code }) => code === -1).length >= 3)
  })
})

describe('performatives', () => {
  it('carry all their fields, none of which a client in Python needs is null', async () => {
    await signIn()
    await fill(1)
    client.send(
      client.attachFrame('receiver', { name: 'r', handle: 0, source: CONSUMER, target: 't' }),
      client.flowFrame(0, 1, { echo: true }),
      client.attachFrame('sender', { name: 's', handle: 1, source: 't', target: HUB }),
      client.transferFrame(1, 1, data('x')),
      client.attachFrame('sender', { name: 'bad', handle: 2, source: 't', target: 'missing' }),
    )
    const detach = await client.next(P.detach)
    await client.until(() => client.count(P.disposition) > 0 && transfers().length > 0)
    expect(errorOf(detach.fields[2]).fields).toBe(3)
    client.send(frame(0, P.close, []))
    await client.next(P.close)
    for (const { code, fields } of client.frames.filter(({ type }) => type === 0)) {
      expect(fields, `0x${code.toString(16)}`).toHaveLength(PAST_FIELDS[code] ?? 0)
    }
    const begin = client.frames.find(({ code }) => code === P.begin)!.fields
    expect([begin[4], begin[7]]).toEqual([4_999, new Map()])
    const attach = client.frames.find(({ code, fields }) => code === P.attach && fields[0] === 's')!.fields
    expect([attach[10], attach[13]]).toEqual([1_048_576, new Map()])
  })

  it('answer an attach with the source and the target of the client, each field in the type that it had', async () => {
    await signIn()
    const symbols = Buffer.concat([
      Buffer.from('f00000001c00000002a3', 'hex'),
      ...['amqp:accepted', 'rejected'].map((text) => raw.encodeSymbol(text).subarray(1)),
    ])
    const selector = raw.encodeSymbol('apache.org:selector-filter:string')
    const sourceFields = [
      ...[raw.encodeString(CONSUMER), uint(2), raw.encodeSymbol('never'), uint(7), raw.encodeBoolean(false)],
      raw.encodeMap([raw.encodeSymbol('lifetime'), uint(1)]),
      raw.encodeSymbol('copy'),
      raw.encodeMap([selector, raw.described(selector, raw.encodeString("amqp.annotation.x-opt-offset > '-1'"))]),
      raw.encodeSection(0x24, raw.encodeList([])),
      symbols,
      raw.encodeSymbol('queue'),
    ]
    const targetFields = [raw.encodeString('my-target'), uint(0), raw.encodeSymbol('session-end'), uint(0)]
    client.send(
      client.attachFrame('receiver', {
        ...{ name: 'r', handle: 0 },
        sourceFields: raw.encodeList(sourceFields),
        targetFields: raw.encodeList(targetFields),
      }),
    )
    const { typed } = await client.next(P.attach)
    const [source, target] = [typed[5]!, typed[6]!]
    expect([source, target].map(({ descriptor }) => descriptor!.content.toString('hex'))).toEqual(['28', '29'])
    expect(source.items.map(({ type }) => type)).toEqual([
      ...['string', 'uint', 'symbol', 'uint', 'boolean', 'map', 'symbol', 'map', 'list', 'array', 'symbol'],
    ])
    expect(source.items.map(({ content }) => content.toString('latin1'))).toMatchObject({
      0: CONSUMER,
      2: 'never',
      6: 'copy',
    })
    expect(source.items[7]!.items[1]).toMatchObject({ type: 'string', descriptor: { type: 'symbol' } })
    expect(source.items[9]!.items.map(({ content }) => content.toString())).toEqual(['amqp:accepted', 'rejected'])
    expect(target.items.map(({ type }) => type)).toEqual([
      ...['string', 'uint', 'symbol', 'uint', 'null', 'null', 'null'],
    ])
  })

  it('answer ends that are empty lists, or that no client should send, by ends of their own number of fields', async () => {
    await signIn()
    const empty = Buffer.from([0x45])
    const wrong = raw.encodeList([
      raw.encodeString('x'),
      raw.encodeString('durable?'),
      uint(1),
      raw.encodeSymbol('timeout?'),
    ])
    client.send(
      client.attachFrame('sender', { name: 's', handle: 0, sourceFields: empty, target: HUB }),
      client.attachFrame('receiver', { name: 'r', handle: 1, source: CONSUMER, targetFields: empty }),
      client.attachFrame('receiver', { name: 'w', handle: 2, source: CONSUMER, targetFields: wrong }),
    )
    const answers = [await client.next(P.attach), await client.next(P.attach), await client.next(P.attach)]
    expect(answers.map(({ typed }) => [typed[5]!.items.length, typed[6]!.items.length])).toEqual([
      ...[
        [11, 7],
        [11, 7],
        [11, 7],
      ],
    ])
    expect(answers[2]!.typed[6]!.items.map(({ type }) => type)).toEqual(['string', ...Array<string>(6).fill('null')])
  })

  it.each([
    [
      'a field of a wrong type',
      [raw.encodeString('one'), uint(10), uint(0), uint(10)],
      'Field 0 of begin has a wrong type',
    ],
    ['a mandatory field that is null', [raw.NULL, raw.NULL, uint(10), uint(10)], 'Field 1 of begin has a wrong type'],
    ['a mandatory field that is left out', [raw.NULL, uint(0)], 'A mandatory field of begin is missing'],
    ['a field too many', Array.from({ length: 9 }, () => uint(0)), 'of begin'],
  ])('are refused with %s, before they reach the engine', async (_, fields, text) => {
    client.send(HEADER.amqp, client.openFrame(), frame(0, P.begin, fields))
    expect(errorOf((await client.next(P.close)).fields[0])).toMatchObject({
      condition: 'amqp:decode-error',
      description: expect.stringContaining(text) as string,
    })
    await client.ended()
  })

  it('refuse a link by an attach without ends, then a detach with the reason', async () => {
    await signIn()
    client.send(
      client.attachFrame('receiver', {
        name: 'r',
        handle: 7,
        source: `${HUB}/ConsumerGroups/none/Partitions/0`,
        target: 't',
      }),
    )
    const attach = await client.next(P.attach)
    expect([attach.fields[5], attach.fields[6]]).toEqual([null, null])
    const detach = await client.next(P.detach)
    expect(detach.fields[1]).toBe(true)
    expect(errorOf(detach.fields[2])).toMatchObject({
      condition: 'amqp:not-found',
      description: expect.stringMatching(
        /^The messaging entity '.*' could not be found\. TrackingId:\w+, SystemTracker:.*, Timestamp:/,
      ) as string,
    })
  })
})

describe('$cbs', () => {
  it.each([
    ['ulong, as Java', ulong(1)],
    ['ulong 0, as Python', Buffer.from([0x44])],
    ['string, as JavaScript', raw.encodeString('id-1')],
    ['uuid', raw.uuid(Buffer.alloc(16, 7))],
  ])('answers with the message id in its own type: %s', async (_, id) => {
    await client.openSession()
    const { payload, status } = await client.putToken('sb://localhost/clicks', token('sb://localhost/clicks'), { id })
    expect(status).toBe(202)
    const correlation = Buffer.concat([Buffer.alloc(5, 0x40), id])
    expect(payload.includes(correlation)).toBe(true)
    // A 32-bit int in its full width, under both spellings.
    expect(payload.includes(Buffer.concat([raw.encodeString('status-code'), raw.encodeInt(202)]))).toBe(true)
    expect(payload.includes(Buffer.concat([raw.encodeString('statusCode'), raw.encodeInt(202)]))).toBe(true)
  })

  it('goes by the token, whatever type the request states', async () => {
    await client.openSession()
    const audience = 'sb://localhost/clicks'
    expect((await client.putToken(audience, token(audience), { type: 'jwt' })).status).toBe(202)
    const bad = await client.putToken(audience, token(audience, { key: 'wrong' }), { type: 'jwt', attach: false })
    expect(bad.status).toBe(401)
  })

  it.each([
    [
      'a wrong key',
      (): string => token('sb://h/clicks', { key: 'no' }),
      401,
      'InvalidSignature: The token has an invalid signature.',
    ],
    [
      'an expired token',
      (): string => token('sb://h/clicks', { expires: Date.parse('2025-05-25T11:15:14Z') }),
      401,
      "ExpiredToken: The token is expired. Expiration time: '2025-05-25 11:15:14Z'",
    ],
    ['a token for another hub', (): string => token('sb://h/other'), 401, 'InvalidAudience'],
    [
      'an Entra token',
      (): string => 'eyJ0eXAi.eyJhdWQi.c2lnbmF0',
      401,
      'Microsoft Entra tokens are not supported by the local Event Hubs',
    ],
    ['something else', (): string => 'hello there', 401, 'MalformedToken'],
    ['half a signature', (): string => 'SharedAccessSignature sr=x&sig=%zz&se=1&skn=a', 401, 'MalformedToken'],
  ] as const)('refuses %s', async (_, make, expected, text) => {
    await client.openSession()
    const { status, payload } = await client.putToken('sb://h/clicks', make())
    const properties = raw.applicationProperties(payload)
    expect(status).toBe(expected)
    expect(properties.get('status-description')).toContain(text)
    expect(properties.get('error-condition')).toBe('com.microsoft:auth-failed')
  })

  it('says that a hub is not there', async () => {
    await client.openSession()
    const { status, payload } = await client.putToken('sb://h/missing', token('sb://h/missing'))
    expect(status).toBe(404)
    expect(raw.applicationProperties(payload).get('status-description')).toMatch(/could not be found/)
  })

  it('lets a client use only what its tokens cover', async () => {
    await client.openSession()
    await client.putToken(`sb://h/${HUB}/Partitions/1`, token(`sb://h/${HUB}/Partitions/1`))
    client.send(client.attachFrame('sender', { name: 'a', handle: 0, source: 'x', target: `${HUB}/Partitions/1` }))
    expect((await client.next(P.attach)).fields[6]).toBeTruthy()
    client.send(client.attachFrame('sender', { name: 'b', handle: 1, source: 'x', target: `${HUB}/Partitions/2` }))
    expect(errorOf((await client.next(P.detach)).fields[2])).toMatchObject({ condition: 'amqp:unauthorized-access' })
  })
})

describe('$management', () => {
  const ask = async (address: string, fields: Record<string, string>, withToken: boolean) => {
    client.send(
      client.attachFrame('sender', { name: 'm:s', handle: 0, source: 'x', target: address }),
      client.attachFrame('receiver', { name: 'm:r', handle: 1, source: address, target: 'reply-here' }),
      // One credit just before each request, as Java.
      client.flowFrame(1, 1),
      client.transferFrame(
        0,
        withToken ? 1 : 0,
        raw.requestMessage({
          id: raw.encodeString('1'),
          replyTo: 'reply-here',
          properties: { operation: 'READ', ...fields },
          body: data('[]'),
        }),
      ),
    )
    const { payload } = await client.next(P.transfer)
    return {
      payload,
      properties: raw.applicationProperties(payload),
      body: raw.sectionsOf(payload).get(0x77) as Map<string, unknown>,
    }
  }

  it.each(['$management', `${HUB}/$management`])(
    'answers at %s with the types that strict clients need',
    async (address) => {
      await signIn()
      const { payload, properties, body } = await ask(address, { type: 'com.microsoft:eventhub', name: HUB }, true)
      expect(properties.get('status-code')).toBe(200)
      expect(Object.fromEntries(body)).toMatchObject({
        name: HUB,
        partition_count: 4,
        partition_ids: ['0', '1', '2', '3'],
        georeplication_factor: 1,
      })
      // An array of strings (0xf0, 0xa1), not a list; a timestamp for the time.
      const at = payload.indexOf('partition_ids') + 'partition_ids'.length
      expect([payload[at], payload[at + 9]]).toEqual([0xf0, 0xa1])
      expect(payload[payload.indexOf('created_at') + 'created_at'.length]).toBe(0x83)
    },
  )

  it('describes a partition with longs, timestamps and no nulls', async () => {
    await signIn()
    const { payload, body } = await ask(
      '$management',
      { type: 'com.microsoft:partition', name: HUB, partition: '3' },
      true,
    )
    expect(body.get('is_partition_empty')).toBe(true)
    expect([...body.values()].every((value) => value !== null)).toBe(true)
    for (const [name, code] of [
      ['begin_sequence_number', 0x81],
      ['last_enqueued_sequence_number', 0x81],
      ['last_enqueued_time_utc', 0x83],
      ['last_enqueued_offset', 0xa1],
    ] as const) {
      expect(payload[payload.indexOf(name) + name.length], name).toBe(code)
    }
  })

  it('goes by the token in the request where the connection has put none', async () => {
    await client.openSession()
    const good = await ask(
      '$management',
      { type: 'com.microsoft:eventhub', name: HUB, security_token: token(`sb://localhost/${HUB}`) },
      false,
    )
    expect(good.properties.get('status-code')).toBe(200)
  })

  it.each([
    ['no token at all', {}, 401],
    [
      'a forged token',
      { security_token: 'SharedAccessSignature sr=x&sig=AAAA&se=9999999999&skn=RootManageSharedAccessKey' },
      401,
    ],
    ['a partition that is not there', { type: 'com.microsoft:partition', partition: '4' }, 400],
    ['a hub that is not there', { name: 'missing' }, 404],
    ['an operation that is none', { operation: 'WRITE' }, 501],
    ['a type that is none', { type: 'com.microsoft:queue' }, 501],
  ] as const)('refuses %s', async (_, fields, status) => {
    const needsClaim = status !== 401
    if (needsClaim) await signIn()
    else await client.openSession()
    const { properties } = await ask(
      '$management',
      { type: 'com.microsoft:eventhub', name: HUB, ...fields },
      needsClaim,
    )
    expect(properties.get('status-code')).toBe(status)
    expect(typeof properties.get('error-condition')).toBe('string')
  })
})

describe('sending', () => {
  const openSender = async (target = HUB) => {
    await signIn()
    client.send(client.attachFrame('sender', { name: 's', handle: 0, source: 'x', target }))
    await client.next(P.attach)
  }
  const outcome = async (): Promise<{
    settled: unknown
    code: unknown
    error: ReturnType<typeof errorOf> | undefined
  }> => {
    const { fields } = await client.next(P.disposition)
    const state = fields[4] as Described
    return {
      settled: fields[3],
      code: state.descriptor,
      error: state.descriptor === 0x25 ? errorOf((state.value as unknown[])[0]) : undefined,
    }
  }
  const last = () =>
    local.broker
      .stats()
      .hubs.find(({ name }) => name === HUB)!
      .partitions.map(({ lastSequenceNumber }) => lastSequenceNumber)

  it.each([
    `/${HUB}/Partitions/2`,
    `amqps://ns.servicebus.windows.net/${HUB.toUpperCase()}/partitions/2`,
    `${HUB}/%50artitions/2`,
  ])('takes the address %s', async (address) => {
    await openSender(address)
    client.send(client.transferFrame(0, 1, data('x')))
    expect(await outcome()).toMatchObject({ settled: true, code: 0x24 })
    expect(last()).toEqual([-1, -1, 0, -1])
  })

  it('joins a message from many transfers, and forgets one that is aborted', async () => {
    await openSender(`${HUB}/Partitions/0`)
    const message = data('x'.repeat(200_000))
    for (let at = 0; at < message.length; at += 50_000) {
      const part = message.subarray(at, at + 50_000)
      client.send(client.transferFrame(0, 1, part, { more: at + 50_000 < message.length }))
    }
    expect(await outcome()).toMatchObject({ code: 0x24 })
    client.send(
      client.transferFrame(0, 2, message.subarray(0, 100), { more: true }),
      client.transferFrame(0, 2, Buffer.alloc(0), { aborted: true }),
    )
    client.send(client.transferFrame(0, 3, data('after')))
    expect(await outcome()).toMatchObject({ code: 0x24 })
    expect(last()[0]).toBe(1)
  })

  it('takes pre-settled messages without an answer', async () => {
    await openSender(`${HUB}/Partitions/0`)
    for (let id = 1; id <= 600; id++) client.send(client.transferFrame(0, id, data('x'), { settled: true }))
    await eventually(() => last()[0] === 599, 'all stored')
    expect(client.count(P.disposition)).toBe(0)
  })

  it('rejects what is too large, and goes on', async () => {
    local.directory.changeHub(HUB, { maxMessageBytes: 1_000 })
    await openSender()
    client.send(client.transferFrame(0, 5 - 4, data('x'.repeat(2_000))))
    expect(await outcome()).toMatchObject({
      code: 0x25,
      error: {
        condition: 'amqp:link:message-size-exceeded',
        description:
          'The received message (delivery-id:1, size:2008 bytes) exceeds the limit (1000 bytes) currently allowed on the link.',
      },
    })
    client.send(client.transferFrame(0, 2, data('x')))
    expect(await outcome()).toMatchObject({ code: 0x24 })
  })

  it('stores a batch whole or not at all', async () => {
    await openSender()
    const event = (text: string) => raw.encodeSection(0x75, raw.encodeBinary(data(text)))
    client.send(
      client.transferFrame(
        0,
        1,
        Buffer.concat([event('a'), raw.encodeSection(0x75, raw.encodeBinary(Buffer.from('rubbish')))]),
        { format: 0x80013700 },
      ),
    )
    expect(await outcome()).toMatchObject({ code: 0x25, error: { condition: 'amqp:decode-error' } })
    expect(last()).toEqual([-1, -1, -1, -1])
    client.send(client.transferFrame(0, 2, Buffer.concat([event('a'), event('b'), event('c')]), { format: 0x80013700 }))
    expect(await outcome()).toMatchObject({ code: 0x24 })
    expect(last().filter((n) => n === 2)).toHaveLength(1)
  })

  it.each([
    ['idempotent producers', { target: HUB, desiredCapabilities: ['com.microsoft:idempotent-producer'] }],
    ['publisher endpoints', { target: `${HUB}/Publishers/me` }],
  ])('refuses %s by name', async (_, options) => {
    await signIn()
    client.send(client.attachFrame('sender', { name: 's', handle: 0, source: 'x', ...options }))
    const { condition, description } = errorOf((await client.next(P.detach)).fields[2])
    expect(condition).toBe('amqp:not-implemented')
    expect(description).toContain('not supported by the local Event Hubs')
  })

  it('goes round robin with a partition key that is no string, as Python sends one', async () => {
    await openSender()
    const annotations = raw.encodeSection(
      0x72,
      raw.encodeMap([raw.encodeSymbol('x-opt-partition-key'), raw.encodeLong(4242)]),
    )
    const batch = Buffer.concat([annotations, raw.encodeSection(0x75, raw.encodeBinary(data('x')))])
    for (let id = 1; id <= 4; id++) {
      client.send(client.transferFrame(0, id, batch, { format: 0x80013700 }))
      expect(await outcome()).toMatchObject({ code: 0x24 })
    }
    expect(last()).toEqual([0, 0, 0, 0])
  })

  it('refuses a format of messages that it does not know', async () => {
    await openSender()
    client.send(client.transferFrame(0, 1, data('x'), { format: 77 }))
    expect(await outcome()).toMatchObject({ code: 0x25, error: { condition: 'amqp:not-implemented' } })
  })
})

describe('receiving', () => {
  const filter = (descriptor: Buffer | undefined, text: string) =>
    descriptor ? raw.described(descriptor, raw.encodeString(text)) : raw.encodeString(text)

  it.each([
    ['JavaScript: a number, quoted', ulong(0x468c00000004), "amqp.annotation.x-opt-sequence-number > '4'"],
    [
      'Python and Java: a symbol',
      raw.encodeSymbol('apache.org:selector-filter:string'),
      "amqp.annotation.x-opt-sequence-number > '4'",
    ],
    ['.NET: another number, unquoted', ulong(0x13700000a), 'amqp.annotation.x-opt-sequence-number > 4'],
    ['no descriptor', undefined, "amqp.annotation.x-opt-sequence-number >= '5'"],
  ] as const)('reads the filter of %s', async (_, descriptor, text) => {
    await signIn()
    await fill(10)
    client.send(
      client.attachFrame('receiver', {
        name: 'r',
        handle: 0,
        source: CONSUMER,
        target: 't',
        filter: filter(descriptor, text),
      }),
      client.flowFrame(0, 100),
    )
    await client.until(() => transfers().length === 5)
    expect(bodies(transfers())).toEqual(['5', '6', '7', '8', '9'])
  })

  it('refuses a filter that it cannot read', async () => {
    await signIn()
    client.send(
      client.attachFrame('receiver', {
        name: 'r',
        handle: 0,
        source: CONSUMER,
        target: 't',
        filter: filter(ulong(1), 'color = 1'),
      }),
    )
    expect(errorOf((await client.next(P.detach)).fields[2])).toMatchObject({
      condition: 'com.microsoft:argument-error',
      description: "The filter 'color = 1' is not a valid amqp filter for EventHub entities.",
    })
  })

  it('takes attach and flow in one piece, and keeps to the credit', async () => {
    await signIn()
    await fill(10)
    client.send(
      client.attachFrame('receiver', { name: 'r', handle: 0, source: CONSUMER, target: 't' }),
      client.flowFrame(0, 1),
    )
    await client.until(() => transfers().length === 1)
    const codes = client.frames.map(({ code }) => code)
    expect(codes.lastIndexOf(P.attach)).toBeLessThan(codes.lastIndexOf(P.transfer))
    for (let n = 1; n < 5; n++) {
      client.send(client.flowFrame(0, 1, { deliveryCount: n, nextIncoming: n + 1 }))
      await client.until(() => transfers().length === n + 1)
    }
    // Asking for an echo proves that nothing more was on its way.
    client.send(client.flowFrame(0, 0, { deliveryCount: 5, nextIncoming: 6, echo: true }))
    await client.next(P.flow)
    expect(bodies(transfers())).toEqual(['0', '1', '2', '3', '4'])
  })

  it('keeps to the window of the session, and says nothing of a link after its end', async () => {
    await signIn(client, { incomingWindow: 6 })
    await fill(20)
    const window = (received: number, credit: number) =>
      client.send(
        frame(0, P.flow, [
          ...[uint(received + 1), uint(6), uint(0), uint(1_000)],
          ...[uint(0), uint(received), uint(credit), raw.NULL, raw.NULL, raw.encodeBoolean(true)],
        ]),
      )
    client.send(client.attachFrame('receiver', { name: 'r', handle: 0, source: CONSUMER, target: 't' }))
    await client.next(P.attach)
    window(0, 100)
    await client.until(() => transfers().length === 6)
    await client.next(P.flow)
    window(6, 94)
    await client.until(() => transfers().length === 12)
    client.send(frame(0, P.detach, [uint(0), raw.encodeBoolean(true)]))
    await client.next(P.detach)
    client.send(
      frame(0, P.flow, [
        uint(13),
        uint(1_000),
        uint(0),
        uint(1_000),
        raw.NULL,
        raw.NULL,
        raw.NULL,
        raw.NULL,
        raw.NULL,
        raw.encodeBoolean(true),
      ]),
    )
    await client.next(P.flow)
    expect(transfers()).toHaveLength(12)
  })

  it('drains: sends what there is and gives the rest of the credit back', async () => {
    await signIn()
    await fill(3)
    client.send(client.attachFrame('receiver', { name: 'r', handle: 0, source: CONSUMER, target: 't' }))
    await client.next(P.attach)
    client.send(client.flowFrame(0, 10, { drain: true }))
    const flow = await client.next(P.flow)
    expect(transfers()).toHaveLength(3)
    expect([flow.fields[5], flow.fields[6], flow.fields[8]]).toEqual([10, 0, true])
    // The counts of both sides agree afterwards.
    client.send(client.flowFrame(0, 2, { deliveryCount: 10, nextIncoming: 4 }))
    await fill(5)
    await client.until(() => transfers().length >= 5)
    client.send(client.flowFrame(0, 0, { deliveryCount: 12, nextIncoming: 6, echo: true }))
    await client.next(P.flow)
    expect(transfers()).toHaveLength(5)
  })

  it.each([
    ['settled to a client that asks for it, as .NET', 1, true, 1],
    ['settled to a client that names no mode, as Go, which never settles', undefined, true, 2],
    ['unsettled to a client that asks for it, as Java', 0, false, 0],
    ['unsettled to a client that names the mixed mode, as Proton', 2, false, 2],
  ] as const)('sends %s', async (_, sndSettleMode, settled, answered) => {
    await signIn()
    await fill(3)
    client.send(
      client.attachFrame('receiver', {
        ...{ name: 'r', handle: 0, source: CONSUMER, target: 't' },
        ...(sndSettleMode !== undefined && { sndSettleMode }),
      }),
      client.flowFrame(0, 10),
    )
    expect((await client.next(P.attach)).fields[3]).toBe(answered)
    await client.until(() => transfers().length === 3)
    expect(transfers().map(({ fields }) => fields[4])).toEqual([settled, settled, settled])
  })

  it.each([
    [
      'settles second, as Java',
      { sndSettleMode: 0, rcvSettleMode: 1 },
      (first: number, last: number) => client.acceptFrame(first, last, false),
    ],
    [
      'settles first',
      { sndSettleMode: 2, rcvSettleMode: 0 },
      (first: number, last: number) => client.acceptFrame(first, last, true),
    ],
    ['is sent pre-settled, as .NET', { sndSettleMode: 1 }, undefined],
  ] as const)('brings 20,000 events to a client that %s', async (_, modes, settle) => {
    await signIn()
    for (let i = 0; i < 20; i++) await fill(1_000)
    client.send(
      client.attachFrame('receiver', { name: 'r', handle: 0, source: CONSUMER, target: 't', ...modes }),
      client.flowFrame(0, 1_000),
    )
    const received: raw.RawFrame[] = []
    let acknowledged = 0
    while (received.length < 20_000) {
      const next = await client.next(P.transfer)
      received.push(next)
      if (received.length % 500 !== 0) continue
      if (settle) client.send(settle(received.at(-500)!.fields[1] as number, next.fields[1] as number))
      client.send(client.flowFrame(0, 1_000, { deliveryCount: received.length, nextIncoming: received.length + 1 }))
      acknowledged += 500
    }
    expect(acknowledged).toBe(20_000)
    expect(bodies(received)).toEqual(Array.from({ length: 20_000 }, (_value, i) => String(i % 1_000)))
    if ('rcvSettleMode' in modes && modes.rcvSettleMode === 1) {
      await client.until(() =>
        client.frames.some(({ code, fields }) => code === P.disposition && fields[0] === false && fields[3] === true),
      )
    }
  })

  it('never sends a client more than it has room for, and all of it in the end', async () => {
    await signIn()
    const body = Buffer.alloc(500_000, 1)
    for (let i = 0; i < 40; i++)
      await local.broker.appendEvents({ namespace: 'test-ns', hub: HUB, partition: '0', events: [{ body }] })
    client.socket.pause()
    client.send(
      client.attachFrame('receiver', { name: 'r', handle: 0, source: CONSUMER, target: 't' }),
      client.flowFrame(0, 1_000),
    )
    await eventually(() => local.broker.stats().hubs.some(({ receivers }) => receivers === 1), 'attached')
    client.socket.resume()
    const whole = () => client.frames.filter(({ code, fields }) => code === P.transfer && fields[5] !== true).length - 1
    await client.until(() => whole() === 40)
  })

  it('gives sequence numbers, offsets and times as annotations', async () => {
    await signIn()
    await fill(2)
    client.send(
      client.attachFrame('receiver', { name: 'r', handle: 0, source: CONSUMER, target: null }),
      client.flowFrame(0, 10),
    )
    await client.until(() => transfers().length === 2)
    const annotations = raw.annotationsOf(transfers()[1]!.payload)
    expect(annotations.get('x-opt-sequence-number')).toBe(1)
    expect(Number(annotations.get('x-opt-offset'))).toBeGreaterThan(1)
    expect(annotations.get('x-opt-enqueued-time')).toBeInstanceOf(Date)
    expect(transfers()[1]!.fields[3]).toBe(0)
  })

  it('lets two links of one name live on one session, one in each direction', async () => {
    await signIn()
    client.send(
      client.attachFrame('sender', { name: 'same', handle: 0, source: 'x', target: `${HUB}/Partitions/0` }),
      client.attachFrame('receiver', { name: 'same', handle: 1, source: CONSUMER, target: 't' }),
      client.flowFrame(1, 10),
      client.transferFrame(0, 1, data('hello')),
    )
    await client.until(() => transfers().length === 1)
    client.send(frame(0, P.detach, [uint(0), raw.encodeBoolean(true)]))
    await client.next(P.detach)
    client.send(
      client.attachFrame('sender', { name: 'same', handle: 0, source: 'x', target: `${HUB}/Partitions/0` }),
      client.transferFrame(0, 2, data('again')),
    )
    client.send(client.flowFrame(1, 10, { deliveryCount: 1, nextIncoming: 2 }))
    await client.until(() => transfers().length === 2)
  })
})

describe('a client of another protocol', () => {
  it.each([
    ['Kafka', Buffer.from('00000023001200030000000100096b61666b616a73000000', 'hex'), 'Kafka', ''],
    ['TLS', Buffer.from('16030100c8010000c40303', 'hex'), 'UseDevelopmentEmulator', ''],
    [
      'WebSockets',
      Buffer.from('GET /$servicebus/websocket HTTP/1.1\r\nUpgrade: websocket\r\n\r\n'),
      'WebSockets',
      'HTTP/1.1 501 Not Implemented',
    ],
    ['AMQP 0-9-1', Buffer.from('AMQP\0\0\x09\x01', 'latin1'), 'another version of AMQP', 'AMQP'],
    ['nonsense', Buffer.from([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]), 'unknown', ''],
  ])('is turned away and named in the log: %s', async (_, bytes, line, answer) => {
    const chunks: Buffer[] = []
    client.socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    client.send(bytes)
    await client.ended()
    expect(Buffer.concat(chunks).toString('latin1')).toContain(answer)
    expect(local.lines.filter((text) => text.includes(line))).toHaveLength(1)
  })
})
