import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HUB, sasToken, testDirectory } from './support/local.ts'
import * as raw from './support/raw-client.ts'
import {
  encodeBinary,
  encodeBoolean,
  encodeList,
  encodeMap,
  encodeSection,
  encodeString,
  encodeSymbol,
  errorOf,
  frame,
  HEADER,
  NULL,
  P,
  RawClient,
  uint,
  ulong,
} from './support/raw-client.ts'
import { RECORDED_HUBS, recordedSessions } from './support/recorded.ts'
import { bundleScript, runScript, type Running } from './support/spawn.ts'
import { folderOfSuite } from '../../support/temporary-folder.ts'

/** For each of the three tests with random changes: 33,334 makes a hundred thousand. */
const RUNS = Number(process.env['BROKER_FUZZ_RUNS'] ?? 300)
const MOST_RSS_BYTES = 220 * 1024 * 1024

const folder = folderOfSuite()
let broker: Running<{ port: number }>
let exited = false

beforeAll(async () => {
  broker = await runScript(await bundleScript('broker-process.ts', folder), [`${folder}/logs`, '0', ...RECORDED_HUBS])
  broker.child.once('exit', () => (exited = true))
})
afterAll(async () => {
  await broker.kill()
})

/** An attach is answered with what the client asked for; what is nonsense there is the client's own. */
const OWN_WORDS = /^(?:source|target|attach)\.[\w-]+ (?:is no |has )/

/** Sends what it is given and waits until the broker has dealt with it: it ends the connection, or is asked to. */
async function poke(...parts: readonly Buffer[]): Promise<RawClient> {
  const client = new RawClient(broker.ready.port)
  client.socket.end(Buffer.concat(parts))
  await ended(client)
  return client
}

const ended = (client: RawClient): Promise<void> =>
  client.ended().catch((error: Error) => {
    if (!OWN_WORDS.test(error.message)) throw error
  })

async function expectAlive(): Promise<void> {
  expect(exited, broker.stderr()).toBe(false)
  const client = new RawClient(broker.ready.port)
  await client.openSession({ sasl: 'ANONYMOUS' })
  const rule = testDirectory().rules()[0]!
  const { status } = await client.putToken(
    'sb://h/',
    sasToken('sb://h/', rule.name, rule.primaryKey, Date.now() + 60_000),
  )
  expect(status).toBe(202)
  client.end()
  if (process.platform === 'linux') {
    const [, pages] = readFileSync(`/proc/${broker.child.pid}/statm`, 'utf8').split(' ')
    expect(Number(pages) * 4096).toBeLessThan(MOST_RSS_BYTES)
  }
  // The engine prints when something takes it by surprise; nothing may.
  const unexpected = broker
    .stderr()
    .split('\n')
    .filter((line) => line !== '' && !line.includes('was turned away'))
  expect(unexpected).toEqual([])
}

/** A whole session as a client would send it, without waiting for anything. */
function session(): Buffer[] {
  const client = new RawClient(broker.ready.port)
  client.end()
  const rule = testDirectory().rules()[0]!
  const token = sasToken('sb://h/', rule.name, rule.primaryKey, Date.now() + 60_000)
  const request = raw.requestMessage({
    id: ulong(1),
    replyTo: 'r',
    properties: { operation: 'put-token', name: 'sb://h/' },
    body: encodeSection(0x77, encodeString(token)),
  })
  return [
    HEADER.amqp,
    client.openFrame(),
    client.beginFrame(),
    client.attachFrame('sender', { name: 'cbs', handle: 0, source: 'r', target: '$cbs' }),
    client.attachFrame('receiver', { name: 'r', handle: 1, source: '$cbs', target: 'r' }),
    client.flowFrame(1, 10),
    client.transferFrame(0, 0, request),
    client.attachFrame('sender', { name: 's', handle: 2, source: 'x', target: HUB }),
    client.attachFrame('receiver', {
      name: 'in',
      handle: 3,
      source: `${HUB}/ConsumerGroups/$Default/Partitions/0`,
      target: 'x',
      properties: [encodeSymbol('com.microsoft:epoch'), raw.encodeLong(1)],
    }),
    client.flowFrame(3, 10, { drain: true }),
    client.transferFrame(2, 1, encodeSection(0x75, encodeBinary(Buffer.from('hello')))),
    client.acceptFrame(0, 1, false),
    frame(0, P.detach, [uint(2), encodeBoolean(true)]),
    frame(0, P.end, []),
    frame(0, P.close, []),
  ]
}

interface Change {
  readonly part: number
  readonly at: number
  readonly byte: number
  readonly kind: 'set' | 'cut' | 'drop' | 'repeat' | 'swap'
}
const changes = fc.array(
  fc.record<Change>({
    part: fc.nat(),
    at: fc.nat(),
    byte: fc.nat(255),
    kind: fc.constantFrom('set', 'cut', 'drop', 'repeat', 'swap'),
  }),
  { minLength: 1, maxLength: 4 },
)

/** Headers and frames with some of them damaged, out of place or not there. */
function changed(session: readonly Buffer[], all: readonly Change[]): Buffer[] {
  const parts = session.map((part) => Buffer.from(part))
  for (const { part, at, byte, kind } of all) {
    const index = part % parts.length
    const target = parts[index]!
    if (kind === 'set' && target.length > 0) target[at % target.length] = byte
    if (kind === 'cut') parts[index] = target.subarray(0, at % (target.length + 1))
    if (kind === 'drop') parts[index] = Buffer.alloc(0)
    if (kind === 'repeat') parts.splice(index, 0, Buffer.from(target))
    if (kind === 'swap') parts.splice(at % parts.length, 0, ...parts.splice(index, 1))
  }
  return parts
}

describe('whatever a client sends', { timeout: 60_000 + 100 * RUNS }, () => {
  it('stays up under random bytes', async () => {
    const bytes = fc.uint8Array({ maxLength: 300 }).map((a) => Buffer.from(a))
    await fc.assert(
      fc.asyncProperty(bytes, fc.constantFrom(Buffer.alloc(0), HEADER.amqp, HEADER.sasl), async (rubbish, header) => {
        await poke(header, rubbish)
      }),
      { numRuns: RUNS },
    )
    await expectAlive()
  })

  it('stays up when bytes of a session are changed, left out or repeated', async () => {
    await fc.assert(
      fc.asyncProperty(changes, async (all) => {
        await poke(...changed(session(), all))
      }),
      { numRuns: RUNS },
    )
    await expectAlive()
  })

  it('understands what real clients sent, all at once', async () => {
    for (const { name, parts } of recordedSessions()) {
      const { frames } = await poke(...parts)
      const errors = frames
        .filter(({ code }) => code === P.close || code === P.end || code === P.detach)
        .map(({ fields }) => fields.at(-1))
        .flatMap((error) => (error ? [errorOf(error).condition] : []))
      // Some of them asked for a hub that is not there, or go on where this log has not been yet.
      const expected = ['amqp:not-found', 'com.microsoft:argument-error']
      expect(
        errors.filter((condition) => !expected.includes(String(condition))),
        name,
      ).toEqual([])
      expect(frames.filter(({ code }) => code === P.attach).length, name).toBeGreaterThan(0)
    }
    await expectAlive()
  })

  it('stays up when bytes of what real clients sent are changed, left out or repeated', async () => {
    const sessions = fc.constantFrom(...recordedSessions())
    await fc.assert(
      fc.asyncProperty(sessions, changes, async ({ parts }, all) => {
        await poke(...changed(parts, all))
      }),
      { numRuns: RUNS },
    )
    await expectAlive()
  })

  it('stays up when any field of any performative has a wrong type', async () => {
    const WRONG = [
      NULL,
      encodeBoolean(true),
      uint(0xffffffff),
      ulong(2n ** 64n - 1n),
      encodeString('x'),
      encodeSymbol('x'),
      encodeBinary(Buffer.alloc(3)),
      encodeList([uint(1)]),
      encodeMap([encodeString('__proto__'), NULL]),
      raw.described(ulong(0x28), encodeString('not a list')),
      encodeString('__proto__'),
      Buffer.from('f00000000500000001a1', 'hex'),
      Buffer.from([0x71, 0x80, 0, 0, 0]),
    ]
    const counts: Readonly<Record<number, number>> = {
      [P.open]: 10,
      [P.begin]: 8,
      [P.attach]: 14,
      [P.flow]: 11,
      [P.transfer]: 11,
      [P.disposition]: 6,
      [P.detach]: 3,
      [P.end]: 1,
      [P.close]: 1,
    }
    const DEFAULTS: Readonly<Record<number, readonly Buffer[]>> = {
      [P.open]: [encodeString('c')],
      [P.begin]: [NULL, uint(0), uint(100), uint(100)],
      [P.attach]: [
        encodeString('n'),
        uint(9),
        encodeBoolean(false),
        NULL,
        NULL,
        NULL,
        encodeSection(0x29, encodeList([encodeString(HUB)])),
        NULL,
        NULL,
        uint(0),
      ],
      [P.flow]: [uint(0), uint(100), uint(0), uint(100), uint(3), uint(0), uint(10)],
      [P.transfer]: [uint(0), uint(1), encodeBinary(Buffer.from('1')), uint(0)],
      [P.disposition]: [encodeBoolean(true), uint(0)],
      [P.detach]: [uint(0)],
    }
    for (const [code, fieldCount] of Object.entries(counts)) {
      const all: Promise<void>[] = []
      for (let field = 0; field < fieldCount; field++) {
        for (const wrong of WRONG) {
          const fields = Array.from({ length: fieldCount }, (_, i) => DEFAULTS[Number(code)]?.[i] ?? NULL)
          fields[field] = wrong
          const before =
            Number(code) === P.open
              ? [HEADER.amqp]
              : Number(code) === P.begin
                ? session().slice(0, 2)
                : session().slice(0, 10)
          const client = new RawClient(broker.ready.port)
          client.send(...before, frame(0, Number(code), fields), frame(0, P.close, []))
          client.socket.end()
          client.socket.on('end', () => client.socket.destroy())
          all.push(ended(client))
          if (field === fieldCount - 1) await Promise.all(all)
        }
      }
    }
    await expectAlive()
  })

  it('does not follow a frame or a count that is not borne out by bytes', async () => {
    const head = (size: number) => Buffer.concat([raw.uint(size).subarray(1), Buffer.from([2, 0, 0, 0])])
    for (const size of [0, 1, 7, 65_537, 2 ** 31, 2 ** 32 - 1]) {
      const client = await poke(HEADER.amqp, head(size), Buffer.alloc(20_000))
      const close = client.frames.find(({ code }) => code === P.close)
      expect(errorOf(close!.fields[0])).toMatchObject({ condition: 'amqp:connection:framing-error' })
    }
    const bomb = Buffer.from('f000000005ffffffff40', 'hex')
    await poke(
      HEADER.amqp,
      frame(0, P.open, [
        encodeString('c'),
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        encodeMap([encodeSymbol('x'), bomb]),
      ]),
    )
    await poke(
      ...session().slice(0, 3),
      frame(0, P.disposition, [
        encodeBoolean(true),
        uint(0),
        uint(0xffffffff),
        encodeBoolean(false),
        encodeSection(0x24, encodeList([])),
      ]),
    )
    await poke(HEADER.amqp, frame(0, P.open, [encodeString('c'), NULL, uint(60)]), ...session().slice(2))
    await poke(HEADER.amqp, frame(0, P.open, [encodeString('c'), NULL, NULL, NULL, uint(1)]), ...session().slice(2))
    await expectAlive()
  })

  it('keeps nothing of endless messages, unread replies and half handshakes', async () => {
    const client = new RawClient(broker.ready.port)
    const rule = testDirectory().rules()[0]!
    await client.openSession()
    await client.putToken('sb://h/', sasToken('sb://h/', rule.name, rule.primaryKey, Date.now() + 60_000))
    // 60 MB of one message on a link that takes 1 MB.
    client.send(client.attachFrame('sender', { name: 's', handle: 0, source: 'x', target: HUB }))
    for (let i = 0; i < 1_000; i++) client.send(client.transferFrame(0, 1, Buffer.alloc(60_000, 1), { more: i < 999 }))
    const { fields } = await client.next(P.disposition)
    expect(errorOf((fields[4] as { value: unknown[] }).value[0])).toMatchObject({
      condition: 'amqp:link:message-size-exceeded',
    })
    // Requests whose replies are never fetched.
    client.send(
      client.attachFrame('sender', { name: 'm', handle: 1, source: 'x', target: '$management' }),
      client.attachFrame('receiver', { name: 'mr', handle: 2, source: '$management', target: 'mr' }),
    )
    const request = raw.requestMessage({
      id: ulong(1),
      replyTo: 'mr',
      properties: { operation: 'READ' },
      body: encodeSection(0x77, NULL),
    })
    for (let i = 0; i < 250; i++) client.send(client.transferFrame(1, 2 + i, request, { settled: true }))
    const halves = Array.from({ length: 200 }, () => new RawClient(broker.ready.port))
    for (const half of halves) half.send(HEADER.sasl.subarray(0, 5))
    await expectAlive()
    for (const half of halves) half.end()
    client.end()
  })
})
