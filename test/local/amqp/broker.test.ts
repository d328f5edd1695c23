import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import * as sdk from '@azure/event-hubs'
import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/manual-clock.ts'
import { eventually, ONCE, read, withProducer } from './support/clients.ts'
import {
  HUB,
  NAMESPACE,
  sasToken,
  startBroker,
  startTestBroker,
  testDirectory,
  type TestBroker,
  type TestBrokerOptions,
} from './support/local.ts'
import { errorOf, P, RawClient } from './support/raw-client.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const started: TestBroker[] = []
const start = async (setup: TestBrokerOptions = {}): Promise<TestBroker> => {
  const local = await startTestBroker(setup)
  started.push(local)
  return local
}
afterEach(async () => {
  for (const local of started.splice(0)) await local.stop()
})

const append = (
  local: TestBroker,
  bodies: readonly string[],
  fields: { partition?: string; partitionKey?: string } = { partition: '0' },
) =>
  local.broker.appendEvents({
    namespace: NAMESPACE,
    hub: HUB,
    events: bodies.map((body) => ({ body: Buffer.from(body) })),
    ...fields,
  })
const readAll = async (local: TestBroker, partition = '0') => {
  const bodies: string[] = []
  for await (const { body } of local.broker.readEvents({
    namespace: NAMESPACE,
    hub: HUB,
    partition,
    start: { kind: 'earliest' },
  })) {
    bodies.push((body as Buffer).toString())
  }
  return bodies
}

describe('the port', () => {
  it('is another, and said to be, when the one asked for is taken on either address', async () => {
    for (const host of ['127.0.0.1', '::1']) {
      const other = createServer()
      await new Promise<void>((resolve) => other.listen(0, host, resolve))
      const { port } = other.address() as { port: number }
      const local = await start({ mode: 'memory', options: { port } })
      expect(local.broker.port).not.toBe(port)
      await new Promise((resolve) => other.close(resolve))
    }
  })

  it('is free again after close, and clients are told why they go', async () => {
    const local = await startTestBroker({ mode: 'memory' })
    const client = new RawClient(local.broker.port)
    await client.openSession()
    await local.stop()
    const { fields } = await client.next(P.close)
    expect(errorOf(fields[0])).toMatchObject({ condition: 'amqp:connection:forced' })
    await client.ended()
    const again = await start({ mode: 'memory', options: { port: local.broker.port } })
    expect(again.broker.port).toBe(local.broker.port)
  })

  it('is not opened when the folder cannot be used', async () => {
    const folder = join(temporaryFolder(), 'a\0b')
    await expect(
      startBroker({
        directory: testDirectory(),
        clock: new ManualClock(),
        storage: { folder },
        port: 0,
        log: () => undefined,
      }),
    ).rejects.toThrow()
  })
})

describe('a restart', () => {
  it('is survived by the same producer and consumer objects', async () => {
    const folder = temporaryFolder()
    const directory = testDirectory()
    const first = await startTestBroker({ folder, directory })
    const { port } = first.broker
    const string = first.connectionString()
    const producer = new sdk.EventHubProducerClient(string, { retryOptions: { maxRetries: 5, retryDelayInMs: 50 } })
    await producer.sendBatch([{ body: 'before' }], { partitionId: '0' })
    const reading = read(sdk, string, { partition: '0' })
    await reading.until(1)
    await reading.close()
    await first.broker.close()
    const second = await start({ folder, directory, options: { port } })
    expect(second.broker.port).toBe(port)
    // The client takes some turns to see that it was disconnected, and fails for good when it is used in them.
    await new Promise((resolve) => setTimeout(resolve, 100))
    await producer.sendBatch([{ body: 'after' }], { partitionId: '0' })
    await producer.close()
    const resumed = read(sdk, string, { partition: '0', startPosition: { sequenceNumber: 0 } })
    expect((await resumed.until(1))[0]).toMatchObject({ body: 'after', sequenceNumber: 1 })
    await resumed.close()
  })

  it('finds the hubs of now, and sets aside the events of those that are gone', async () => {
    const folder = temporaryFolder()
    const directory = testDirectory()
    directory.addHub('gone')
    const first = await startTestBroker({ folder, directory })
    await append(first, ['kept'])
    await first.broker.appendEvents({ namespace: NAMESPACE, hub: 'gone', events: [{ body: Buffer.from('x') }] })
    await first.broker.close()
    directory.removeHub('gone')
    const second = await start({ folder, directory })
    expect(await readAll(second)).toEqual(['kept'])
    expect(readdirSync(join(folder, NAMESPACE)).sort()).toEqual([HUB, 'gone+1'])
  })
})

describe('time', () => {
  const signIn = async (
    local: TestBroker,
    clock: ManualClock,
    expiresInMs: number,
    client: RawClient,
    attach: boolean,
  ) => {
    const rule = local.directory.rules()[0]!
    return client.putToken(
      `sb://h/${HUB}`,
      sasToken(`sb://h/${HUB}`, rule.name, rule.primaryKey, clock.now() + expiresInMs),
      { attach },
    )
  }

  it('detaches a link whose token has run out, and not one whose token was renewed', async () => {
    const clock = new ManualClock()
    const local = await start({ mode: 'memory', clock })
    const client = new RawClient(local.broker.port)
    await client.openSession()
    await signIn(local, clock, 60_000, client, true)
    client.send(client.attachFrame('sender', { name: 's', handle: 0, source: 'x', target: HUB }))
    await client.next(P.attach)
    clock.advance(50_000)
    await signIn(local, clock, 60_000, client, false)
    for (let i = 0; i < 10; i++) {
      clock.advance(5_000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(client.count(P.detach)).toBe(0)
    for (let i = 0; i < 4; i++) {
      clock.advance(5_000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const { fields } = await client.next(P.detach)
    expect(errorOf(fields[2])).toMatchObject({
      condition: 'amqp:link:detach-forced',
      description: expect.stringContaining("Unauthorized access. 'Send' claim(s) are required") as string,
    })
    client.end()
  })

  it('drops events after the retention of the hub, and shortens it when the hub changes', async () => {
    const clock = new ManualClock()
    const local = await start({ clock })
    await append(local, ['first'])
    clock.advance(2 * 3_600_000)
    await append(local, ['second'])
    const pass = async (ms: number) => {
      clock.advance(ms)
      for (let i = 0; i < 13; i++) {
        clock.advance(5_000)
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    await pass(3_600_000)
    expect(await readAll(local)).toEqual(['first', 'second'])
    local.directory.changeHub(HUB, { retentionHours: 2 })
    await pass(0)
    expect(await readAll(local)).toEqual(['second'])
    expect(local.broker.stats().hubs[0]!.partitions[0]).toMatchObject({
      events: 1,
      firstSequenceNumber: 1,
      lastSequenceNumber: 1,
    })
    await pass(3 * 3_600_000)
    expect(await readAll(local)).toEqual([])
    const producer = new sdk.EventHubProducerClient(local.connectionString(), ONCE)
    const properties = await producer.getPartitionProperties('0')
    await producer.close()
    expect(properties).toMatchObject({ isEmpty: true, beginningSequenceNumber: 1, lastEnqueuedSequenceNumber: 1 })
    expect((await append(local, ['third'])).firstSequenceNumber).toBe(2)
  })
})

describe('events without a client', () => {
  it('are read by clients as any others', async () => {
    const local = await start()
    const sent = await local.broker.appendEvents({
      namespace: NAMESPACE,
      hub: HUB,
      partitionKey: 'device-7',
      events: [
        {
          body: Buffer.from('{"a":1}'),
          contentType: 'application/json',
          properties: { n: 1, x: 1.5, t: 'ä', b: true },
        },
      ],
    })
    expect(sent).toEqual({ partition: '2', firstSequenceNumber: 0, lastSequenceNumber: 0 })
    const reading = read(sdk, local.connectionString(), { partition: '2' })
    const [event] = await reading.until(1)
    await reading.close()
    expect(event).toMatchObject({
      body: { a: 1 },
      contentType: 'application/json',
      partitionKey: 'device-7',
      properties: { n: 1, x: 1.5, t: 'ä', b: true },
    })
  })

  it('show what clients have sent', async () => {
    const local = await start()
    await withProducer(sdk, local.connectionString(), (producer) =>
      producer.sendBatch([{ body: { n: 1 }, properties: { k: 'v' }, contentType: 'application/json' }], {
        partitionKey: 'k',
        partitionId: undefined as never,
      }),
    )
    const all = await Promise.all(
      ['0', '1', '2', '3'].map(async (partition) => {
        const events = []
        for await (const event of local.broker.readEvents({
          namespace: NAMESPACE,
          hub: HUB,
          partition,
          start: { kind: 'earliest' },
        }))
          events.push(event)
        return events
      }),
    )
    const [event] = all.flat()
    expect(event).toMatchObject({ sequenceNumber: 0, partitionKey: 'k', contentType: 'application/json' })
    expect((event!.body as Buffer).toString()).toBe('{"n":1}')
    expect(Object.fromEntries(event!.properties as Map<string, unknown>)).toEqual({ k: 'v' })
  })

  it('are followed until the reader has had enough, or the hub is gone', async () => {
    const local = await start({ mode: 'memory' })
    const request = { namespace: NAMESPACE, hub: HUB, partition: '0', start: { kind: 'latest' } as const, follow: true }
    await append(local, ['old'])
    const ending = new AbortController()
    const follow = async (signal?: AbortSignal) => {
      const seen: string[] = []
      for await (const { body } of local.broker.readEvents({ ...request, ...(signal && { signal }) }))
        seen.push((body as Buffer).toString())
      return seen
    }
    const [aborted, orphaned] = [follow(ending.signal), follow()]
    await new Promise((resolve) => setImmediate(resolve))
    await append(local, ['a', 'b'])
    await append(local, ['c'])
    await new Promise((resolve) => setImmediate(resolve))
    ending.abort()
    expect(await aborted).toEqual(['a', 'b', 'c'])
    local.directory.removeHub(HUB)
    expect(await orphaned).toEqual(['a', 'b', 'c'])
  })

  it('are refused where there is no such hub or partition', async () => {
    const local = await start({ mode: 'memory' })
    const events = [{ body: Buffer.from('x') }]
    await expect(local.broker.appendEvents({ namespace: NAMESPACE, hub: 'none', events })).rejects.toMatchObject({
      refused: { because: 'not-found', path: 'none' },
    })
    await expect(append(local, ['x'], { partition: '9' })).rejects.toMatchObject({
      refused: { because: 'no-such-partition', partitionCount: 4 },
    })
  })
})

describe('what can go wrong with the files', () => {
  it('is told to the sender and to the log, and nothing is acknowledged', async () => {
    const local = await start()
    const string = local.connectionString()
    await withProducer(sdk, string, async (producer) => {
      await producer.sendBatch([{ body: 'x' }], { partitionId: '0' })
      // A file where the folder of the next partition should be.
      writeFileSync(join(local.folder!, NAMESPACE, HUB, '1'), 'in the way')
      const failed = producer.sendBatch([{ body: 'y' }], { partitionId: '1' })
      await expect(failed).rejects.toThrow(/ENOTDIR|EEXIST/)
      await producer.sendBatch([{ body: 'z' }], { partitionId: '0' })
    })
    expect(local.lines.join()).toMatch(/ENOTDIR|EEXIST/)
    expect(await readAll(local)).toEqual(['"x"', '"z"'])
  })
})

it('acknowledges from the disk itself when durable', async () => {
  const local = await start({ options: { durable: true } })
  const string = local.connectionString()
  await withProducer(sdk, string, async (producer) => {
    await Promise.all(Array.from({ length: 50 }, (_, i) => producer.sendBatch([{ body: i }], { partitionId: '0' })))
  })
  expect(new Set(await readAll(local)).size).toBe(50)
})

it('says who is connected and what is stored', async () => {
  const local = await start()
  await withProducer(sdk, local.connectionString(), async (producer) => {
    await producer.sendBatch([{ body: 'abc' }], { partitionId: '1' })
    const stats = local.broker.stats()
    expect(stats.connections).toBe(1)
    expect(stats.hubs[0]).toMatchObject({ namespace: NAMESPACE, name: HUB, senders: 1, receivers: 0, events: 1 })
    expect(stats.hubs[0]!.partitions[1]).toMatchObject({
      partition: '1',
      events: 1,
      firstSequenceNumber: 0,
      lastSequenceNumber: 0,
    })
    expect(stats.hubs[0]!.bytes).toBeGreaterThan(3)
  })
  await eventually(() => local.broker.stats().connections === 0, 'the client has gone')
  expect(local.broker.stats().hubs[0]!.senders).toBe(0)
})

it('writes nothing in memory mode', async () => {
  const folder = temporaryFolder()
  const local = await start({ mode: 'memory' })
  await append(local, ['x'])
  expect(await readAll(local)).toEqual(['x'])
  expect(existsSync(join(folder, NAMESPACE))).toBe(false)
})

// Two of the client's own 30 second heartbeats: too long for every run.
it.runIf(process.env['BROKER_SOAK'])('keeps idle clients beyond the heartbeat', { timeout: 180_000 }, async () => {
  const local = await start({ mode: 'memory' })
  const string = local.connectionString()
  const producer = new sdk.EventHubProducerClient(string, ONCE)
  await producer.sendBatch([{ body: 1 }], { partitionId: '0' })
  const reading = read(sdk, string, { partition: '0' })
  await reading.until(1)
  await new Promise((resolve) => setTimeout(resolve, 75_000))
  await producer.sendBatch([{ body: 2 }], { partitionId: '0' })
  expect((await reading.until(2))[1]!.body).toBe(2)
  expect(local.broker.stats().connections).toBe(2)
  await Promise.all([producer.close(), reading.close()])
})
