import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { readBatchHead, checkBatch } from '../../../src/local/batch/record-batch.ts'
import { MOST_INFLATED_BYTES, readRecords } from '../../../src/local/batch/records.ts'
import {
  FETCH,
  INIT_PRODUCER_ID,
  LIST_OFFSETS,
  OFFSET_FOR_LEADER_EPOCH,
  PRODUCE,
} from '../../../src/local/kafka/wire/apis/records.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { HUB, NAMESPACE, startTestBroker, type TestBroker } from '../amqp/support/local.ts'
import { TestClient } from './support/client.ts'
import { batchOfTexts, fetch, fetchRequest, produce, produceRequest } from './support/records.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

let clock: ManualClock
let test: TestBroker
let client: TestClient

const signIn = async (connection = test.connectionString({ hub: null })): Promise<TestClient> => {
  const opened = await TestClient.signedIn(test.broker.kafkaPort, connection)
  onTestFinished(() => opened.close())
  return opened
}
const start = async (options: Parameters<typeof startTestBroker>[0] = {}): Promise<void> => {
  clock = new ManualClock()
  test = await startTestBroker({ mode: 'memory', clock, ...options })
  client = await signIn()
}
beforeEach(async () => {
  await start()
  return () => test.stop()
})

/** What a batch or several hold: offset, key and value. */
function recordsIn(bytes: Buffer | null): string[] {
  const texts: string[] = []
  for (let at = 0; bytes && at < bytes.length;) {
    const head = readBatchHead(bytes, at)
    checkBatch(bytes, at, head)
    const batch = bytes.subarray(at, at + head.bytes)
    const base = Number(batch.readBigInt64BE(0))
    for (const { offsetDelta, key, value } of readRecords(batch, head, MOST_INFLATED_BYTES))
      texts.push(`${base + offsetDelta} ${key ? `${key.toString()}=` : ''}${value?.toString()}`)
    at += head.bytes
  }
  return texts
}
const sendByAmqp = (...bodies: readonly string[]) =>
  test.broker.appendEvents({
    ...{ namespace: NAMESPACE, hub: HUB, partition: '0' },
    events: bodies.map((body) => ({ body: Buffer.from(body) })),
  })

/** Lets time pass until there is an answer. */
async function waitFor<T>(answer: Promise<T>): Promise<{ readonly answer: T; readonly waitedMs: number }> {
  const startedMs = clock.now()
  let isOver = false
  void answer.finally(() => (isOver = true))
  while (!isOver) {
    clock.advance(50)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { answer: await answer, waitedMs: clock.now() - startedMs }
}

describe('produce', () => {
  it('stores batches as they came, with their offsets and the time of their storing', async () => {
    expect(await produce(client, HUB, batchOfTexts(['a', 'k=b']))).toMatchObject({
      ...{ errorCode: 0, baseOffset: 0, logAppendTimeMs: clock.now(), logStartOffset: 0 },
    })
    clock.advance(1_000)
    expect(await produce(client, HUB, batchOfTexts(['c'], { gzip: true }))).toMatchObject({ baseOffset: 2 })
    const { records, highWatermark, lastStableOffset, logStartOffset } = await fetch(client, HUB, 0)
    expect([highWatermark, lastStableOffset, logStartOffset]).toEqual([3, 3, 0])
    expect(recordsIn(records)).toEqual(['0 a', '1 k=b', '2 c'])
    const head = readBatchHead(records!, readBatchHead(records!).bytes)
    expect(head).toMatchObject({ isLogAppend: true, maxTimestampMs: clock.now(), compression: 1 })
  })

  it('leaves the times of a hub alone that keeps those of the producers, and says that they are theirs', async () => {
    test.directory.changeHub(HUB, { timestampType: 'Create' })
    await produce(client, HUB, batchOfTexts(['a'], { attributes: 0x08 }), { partition: 1 })
    const partitions = [{ partition: 1, fetchOffset: 0, partitionMaxBytes: 1_000_000 }]
    const { records: cleared } = await fetch(client, HUB, 0, { topics: [{ topic: HUB, partitions }] })
    expect(readBatchHead(cleared!).isLogAppend).toBe(false)
    expect(recordsIn(cleared)).toEqual(['0 a'])
    const batch = batchOfTexts(['a'])
    expect(await produce(client, HUB, Buffer.from(batch))).toMatchObject({ errorCode: 0, logAppendTimeMs: -1 })
    const { records } = await fetch(client, HUB, 0)
    expect(records!.subarray(21)).toEqual(batch.subarray(21))
  })

  it.each([
    ['a topic that is not there', 'nowhere', batchOfTexts(['a']), {}, 3],
    ['a partition that is not there', HUB, batchOfTexts(['a']), { partition: 4 }, 3],
    ['other acknowledgements', HUB, batchOfTexts(['a']), { acks: 2 }, 21],
    ['a transaction', HUB, batchOfTexts(['a']), { transactionalId: 'mine' }, 42],
    ['a batch of a transaction', HUB, batchOfTexts(['a'], { attributes: 0x10 }), {}, 42],
    ['snappy', HUB, batchOfTexts(['a'], { attributes: 2 }), {}, 43],
    ['lz4', HUB, batchOfTexts(['a'], { attributes: 3 }), {}, 43],
    ['zstd', HUB, batchOfTexts(['a'], { attributes: 4 }), {}, 43],
    ['an older format of messages', HUB, batchOfTexts(['a'], { magic: 1 }), {}, 43],
    ['a batch that is cut short', HUB, batchOfTexts(['abc']).subarray(0, -1), {}, 2],
    ['less than a batch', HUB, Buffer.from('ten bytes.'), {}, 2],
    ['no batch', HUB, null, {}, 2],
    ['two batches', HUB, Buffer.concat([batchOfTexts(['a']), batchOfTexts(['b'])]), {}, 87],
  ])('refuses %s', async (_, topic, records, fields, errorCode) => {
    expect(await produce(client, topic, records, fields)).toMatchObject({ errorCode, baseOffset: -1 })
    expect(await fetch(client, HUB, 0)).toMatchObject({ errorCode: 0, highWatermark: 0 })
  })

  it('refuses a batch whose bytes have changed on the way', async () => {
    const batch = batchOfTexts(['abc'])
    batch[batch.length - 2]! ^= 1
    expect(await produce(client, HUB, batch)).toMatchObject({ errorCode: 2 })
  })

  it('refuses a batch that is larger than the tier takes, and a record without a key in a compacted hub', async () => {
    test.directory.changeHub(HUB, { maxMessageBytes: 200, isCompacted: true })
    expect(await produce(client, HUB, batchOfTexts(['x'.repeat(200)]))).toMatchObject({ errorCode: 10 })
    expect(await produce(client, HUB, batchOfTexts(['k=a', 'b']))).toMatchObject({ errorCode: 87 })
    expect(await produce(client, HUB, batchOfTexts(['k=a', 'l=b']))).toMatchObject({ errorCode: 0 })
  })

  it('asks for the right to send, and the other way round', async () => {
    const reader = test.directory.addRule('reader', ['Listen'], { hub: HUB })
    const sender = test.directory.addRule('sender', ['Send'], { hub: HUB })
    test.directory.addHub('other')
    const [reading, sending] = [
      await signIn(test.connectionString({ rule: reader })),
      await signIn(test.connectionString({ rule: sender })),
    ]
    expect(await produce(reading, HUB, batchOfTexts(['a']))).toMatchObject({ errorCode: 29 })
    expect(await produce(sending, 'other', batchOfTexts(['a']))).toMatchObject({ errorCode: 29 })
    expect(await produce(sending, HUB, batchOfTexts(['a']))).toMatchObject({ errorCode: 0 })
    expect(await fetch(sending, HUB, 0)).toMatchObject({ errorCode: 29 })
    expect(recordsIn((await fetch(reading, HUB, 0)).records)).toEqual(['0 a'])
    test.directory.changeHub(HUB, { status: 'SendDisabled' })
    expect(await produce(sending, HUB, batchOfTexts(['a']))).toMatchObject({ errorCode: 29 })
    expect(await fetch(reading, HUB, 0)).toMatchObject({ errorCode: 0 })
  })

  it('answers nothing where nobody waits, and hangs up when it refuses', async () => {
    client.send(PRODUCE, 9, produceRequest(HUB, batchOfTexts(['a']), { acks: 0 }))
    expect(await fetch(client, HUB, 0)).toMatchObject({ highWatermark: 1 })
    client.send(PRODUCE, 9, produceRequest('nowhere', batchOfTexts(['a']), { acks: 0 }))
    expect(await client.receive(PRODUCE, 9)).toBeUndefined()
  })
})

describe('an idempotent producer', () => {
  const send = (sequence: number, text: string, epoch = 0) =>
    produce(client, HUB, batchOfTexts([text], { producer: { id: 7, epoch, sequence } }))

  it('gets an id that nobody else has, whatever id it says it has', async () => {
    const ask = (producerId: number, producerEpoch: number, transactionalId: string | null = null) =>
      client.call(INIT_PRODUCER_ID, 4, { transactionalId, transactionTimeoutMs: 0, producerId, producerEpoch })
    const [one, two] = [await ask(-1, -1), await ask(-1, -1)]
    expect(one).toMatchObject({ errorCode: 0, producerEpoch: 0 })
    expect(one.producerId).not.toBe(two.producerId)
    const again = await ask(one.producerId, 0)
    expect(again).toMatchObject({ errorCode: 0, producerEpoch: 0 })
    expect(again.producerId).not.toBe(one.producerId)
    expect(await ask(-1, -1, 'mine')).toMatchObject({ errorCode: 42, producerId: -1 })
  })

  it('stores what it repeats once, and keeps its order', async () => {
    for (let i = 0; i < 6; i++) expect(await send(i, `v${i}`)).toMatchObject({ errorCode: 0, baseOffset: i })
    for (let i = 1; i < 6; i++) expect(await send(i, `v${i}`)).toMatchObject({ errorCode: 0, baseOffset: i })
    expect(await send(0, 'v0')).toMatchObject({ errorCode: 45 })
    expect(await send(8, 'v8')).toMatchObject({ errorCode: 45 })
    expect(await send(1, 'anew', 1)).toMatchObject({ errorCode: 45 })
    expect(await send(0, 'anew', 1)).toMatchObject({ errorCode: 0, baseOffset: 6 })
    expect(await send(6, 'v6')).toMatchObject({ errorCode: 47 })
    expect(await fetch(client, HUB, 0)).toMatchObject({ highWatermark: 7 })
  })

  it('goes on behind the last of its numbers with the first', async () => {
    expect(await send(2 ** 31 - 1, 'last')).toMatchObject({ errorCode: 0 })
    expect(await send(1, 'too far')).toMatchObject({ errorCode: 45 })
    expect(await send(0, 'first')).toMatchObject({ errorCode: 0, baseOffset: 1 })
  })

  it('says so where a batch has an id and no sequence', async () => {
    expect(await send(-1, 'none')).toMatchObject({ errorCode: 87 })
  })

  it('is told that a repeat is stored when the first one is, also where that takes its time', async () => {
    const folder = temporaryFolder()
    await test.stop()
    await start({ mode: 'disk', folder, options: { durable: true } })
    const other = await signIn()
    const order: string[] = []
    const batch = (): Buffer => batchOfTexts(['v'], { producer: { id: 7, sequence: 0 } })
    const tell = (name: string) => () => order.push(name)
    for (let i = 0; i < 20; i++) {
      await Promise.all([
        produce(client, HUB, batch(), { partition: i % 4 }).then(tell('first')),
        produce(other, HUB, batch(), { partition: i % 4 }).then(tell('repeat')),
      ])
    }
    expect(order.slice(0, 8)).toEqual(Array.from({ length: 4 }, () => ['first', 'repeat']).flat())
  })

  it('stores it once also when the broker has started again meanwhile', async () => {
    const folder = temporaryFolder()
    await test.stop()
    await start({ mode: 'disk', folder })
    for (let i = 0; i < 7; i++) await send(i, `v${i}`)
    const { directory } = test
    await test.broker.close()
    await start({ mode: 'disk', folder, directory })
    expect(await send(6, 'v6')).toMatchObject({ errorCode: 0, baseOffset: 6 })
    expect(await send(8, 'v8')).toMatchObject({ errorCode: 45 })
    expect(await send(7, 'v7')).toMatchObject({ errorCode: 0, baseOffset: 7 })
  })
})

describe('fetch', () => {
  it('gives the batch that holds the offset, and events of AMQP in batches of their own', async () => {
    await produce(client, HUB, batchOfTexts(['a', 'b']))
    await sendByAmqp('c', 'd')
    await produce(client, HUB, batchOfTexts(['e']))
    expect(recordsIn((await fetch(client, HUB, 1)).records)).toEqual(['0 a', '1 b', '2 c', '3 d', '4 e'])
    expect(recordsIn((await fetch(client, HUB, 3)).records)).toEqual(['3 d', '4 e'])
    expect(recordsIn((await fetch(client, HUB, 5)).records)).toEqual([])
  })

  it('waits until something comes, and no longer than it may', async () => {
    client.send(FETCH, 12, fetchRequest(HUB, 0, { maxWaitMs: 500 }))
    const other = await signIn()
    await produce(other, HUB, batchOfTexts(['a']))
    expect(recordsIn((await client.receive(FETCH, 12))!.responses[0]!.partitions[0]!.records)).toEqual(['0 a'])
    client.send(FETCH, 12, fetchRequest(HUB, 1, { maxWaitMs: 500 }))
    const { answer, waitedMs } = await waitFor(client.receive(FETCH, 12))
    expect(waitedMs).toBeGreaterThanOrEqual(500)
    expect(answer!.responses[0]!.partitions[0]!.records).toHaveLength(0)
  })

  it('does not read on for one that waits when the broker ends', async () => {
    await produce(client, HUB, batchOfTexts(['a']))
    client.send(FETCH, 12, fetchRequest(HUB, 1, { maxWaitMs: 500 }))
    await expect.poll(() => clock.pending).toContain(500)
    await test.stop()
    expect(test.lines).toEqual([])
  })

  it('gives no more than was asked for, but one batch at least', async () => {
    for (let i = 0; i < 5; i++) await produce(client, HUB, batchOfTexts([String(i).repeat(1_000)]))
    const most = async (maxBytes: number, partitionMaxBytes = 1_000_000) =>
      recordsIn(
        (
          await fetch(client, HUB, 0, {
            maxBytes,
            topics: [{ topic: HUB, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes }] }],
          })
        ).records,
      ).length
    expect([await most(1), await most(2_500), await most(10_000, 3_400), await most(10_000)]).toEqual([1, 2, 3, 5])
  })

  it('does not wait for bytes where there are more than it gives at once, nor for a hub that was disabled', async () => {
    for (let i = 0; i < 3; i++) await produce(client, HUB, batchOfTexts([String(i).repeat(700_000)]))
    const patient = { maxWaitMs: 100_000, minBytes: 50_000_000, maxBytes: 50_000_000 }
    expect(recordsIn((await fetch(client, HUB, 0, patient)).records)).toHaveLength(1)
    client.send(FETCH, 12, fetchRequest(HUB, 3, patient))
    // The other one's request comes after it.
    const other = await signIn()
    await fetch(other, HUB, 0)
    test.directory.changeHub(HUB, { status: 'ReceiveDisabled' })
    expect((await client.receive(FETCH, 12))!.responses[0]!.partitions[0]!.errorCode).toBe(29)
  })

  it('waits until there are as many bytes as it wants at least', async () => {
    client.send(FETCH, 12, fetchRequest(HUB, 0, { maxWaitMs: 100_000, minBytes: 2_500 }))
    const other = await signIn()
    for (let i = 0; i < 4; i++) await produce(other, HUB, batchOfTexts([String(i).repeat(1_000)]))
    expect(recordsIn((await client.receive(FETCH, 12))!.responses[0]!.partitions[0]!.records)).toHaveLength(3)
  })

  it('gives each partition its own bytes, whoever else reads meanwhile', async () => {
    await test.stop()
    // In memory nothing is read into other memory.
    await start({ mode: 'disk' })
    const text = (partition: number) => String(partition).repeat(300_000)
    for (let partition = 0; partition < 4; partition++)
      await produce(client, HUB, batchOfTexts([text(partition)]), { partition })
    const all = [0, 1, 2, 3].map((partition) => ({ partition, fetchOffset: 0, partitionMaxBytes: 1_000_000 }))
    const [slow, quick] = [await signIn(), await signIn()]
    const request = fetchRequest(HUB, 0, { maxBytes: 5_000_000, topics: [{ topic: HUB, partitions: all }] })
    slow.raw.socket.pause()
    for (let i = 0; i < 4; i++) slow.send(FETCH, 12, request)
    const expectAll = async (reader: TestClient) => {
      const { partitions } = (await reader.receive(FETCH, 12))!.responses[0]!
      expect(partitions.map(({ records }) => recordsIn(records))).toEqual(all.map((_, i) => [`0 ${text(i)}`]))
    }
    for (let i = 0; i < 4; i++) {
      quick.send(FETCH, 12, request)
      await expectAll(quick)
    }
    slow.raw.socket.resume()
    for (let i = 0; i < 4; i++) await expectAll(slow)
  })

  it('gives small answers that leave together their own bytes as well', async () => {
    await test.stop()
    await start({ mode: 'disk' })
    const partitions = [0, 1, 2, 3]
    const text = (partition: number) => String(partition).repeat(5_000)
    for (const partition of partitions) await produce(client, HUB, batchOfTexts([text(partition)]), { partition })
    client.raw.socket.cork()
    for (const partition of partitions) {
      const wanted = [{ partition, fetchOffset: 0, partitionMaxBytes: 1_000_000 }]
      client.send(FETCH, 12, fetchRequest(HUB, 0, { topics: [{ topic: HUB, partitions: wanted }] }))
    }
    client.raw.socket.uncork()
    for (const partition of partitions) {
      const { records } = (await client.receive(FETCH, 12))!.responses[0]!.partitions[0]!
      expect(recordsIn(records)).toEqual([`0 ${text(partition)}`])
    }
  })

  it.each([
    ['an offset that is not there yet', HUB, 2, {}, 1],
    ['a negative one', HUB, -1, {}, 1],
    ['a topic that is not there', 'nowhere', 0, {}, 3],
  ])('refuses %s', async (_, topic, offset, fields, errorCode) => {
    await produce(client, HUB, batchOfTexts(['a']))
    expect(await fetch(client, topic, offset, fields)).toMatchObject({ errorCode, highWatermark: -1 })
  })

  it('knows no sessions', async () => {
    const answer = await client.call(FETCH, 12, fetchRequest(HUB, 0, { sessionId: 5 }))
    expect(answer).toMatchObject({ errorCode: 70, sessionId: 0, responses: [] })
    expect(await client.call(FETCH, 12, fetchRequest(HUB, 0))).toMatchObject({ errorCode: 0, sessionId: 0 })
  })
})

describe('offsets', () => {
  const find = async (timestamp: number, partitionIndex = 0, by = client) => {
    const partitions = [{ partitionIndex, timestamp }]
    const request = { replicaId: -1, topics: [{ name: HUB, partitions }] }
    const { topics } = await by.call(LIST_OFFSETS, 9, request)
    const { errorCode, offset, timestamp: found } = topics[0]!.partitions[0]!
    return [errorCode, offset, found]
  }

  const endOf = async (leaderEpoch: number, currentLeaderEpoch = -1, by = client) => {
    const partitions = [{ partition: 0, currentLeaderEpoch, leaderEpoch }]
    const request = { replicaId: -1, topics: [{ topic: HUB, partitions }] }
    const { topics } = await by.call(OFFSET_FOR_LEADER_EPOCH, 4, request)
    const { errorCode, endOffset } = topics[0]!.partitions[0]!
    return [errorCode, endOffset]
  }

  it('are found by time and at both ends', async () => {
    const first = clock.now()
    expect([await find(-1), await find(-2), await find(-3), await find(0)]).toEqual([
      ...[
        [0, 0, -1],
        [0, 0, -1],
        [0, -1, -1],
        [0, -1, -1],
      ],
    ])
    await produce(client, HUB, batchOfTexts(['a', 'b']))
    clock.advance(1_000)
    await produce(client, HUB, batchOfTexts(['c']))
    expect([await find(-1), await find(-2)]).toEqual([
      [0, 3, -1],
      [0, 0, -1],
    ])
    expect(await find(-3)).toEqual([0, 2, first + 1_000])
    expect(await find(first)).toEqual([0, 0, first])
    expect(await find(first + 1)).toEqual([0, 2, first + 1_000])
    expect(await find(first + 1_001)).toEqual([0, -1, -1])
    expect(await find(-1, 9)).toEqual([3, -1, -1])
  })

  it('end where the only leader of a partition does', async () => {
    await produce(client, HUB, batchOfTexts(['a', 'b']))
    expect([await endOf(0), await endOf(1), await endOf(0, 1)]).toEqual([
      [0, 2],
      [0, -1],
      [75, -1],
    ])
  })

  it('ask for the right to listen', async () => {
    const as = (right: 'Listen' | 'Send') =>
      signIn(test.connectionString({ rule: test.directory.addRule(right, [right], { hub: HUB }) }))
    const [reading, sending] = [await as('Listen'), await as('Send')]
    await produce(sending, HUB, batchOfTexts(['a']))
    expect([await find(-1, 0, reading), await endOf(0, -1, reading)]).toEqual([
      [0, 1, -1],
      [0, 1],
    ])
    expect([await find(-1, 0, sending), await endOf(0, -1, sending)]).toEqual([
      [29, -1, -1],
      [29, -1],
    ])
  })
})

describe('a namespace that is held to its units', () => {
  it('tells producers how long to wait and takes nothing from them meanwhile, and those that cannot wait the policy', async () => {
    const capacity = { unit: 'throughput unit', units: 1, mostUnits: 1 } as const
    await test.stop()
    await start({ options: { scaling: { capacityOf: () => capacity, inflate: () => undefined } } })
    const other = await signIn()
    const events = batchOfTexts(Array.from({ length: 1_500 }, () => 'x'))
    const { throttleTimeMs } = await client.call(PRODUCE, 9, produceRequest(HUB, Buffer.from(events)))
    expect(throttleTimeMs).toBe(501)
    expect(await produce(other, HUB, Buffer.from(events), { timeoutMs: 100 })).toMatchObject({ errorCode: 44 })
    client.send(FETCH, 12, fetchRequest(HUB, 0))
    expect((await fetch(other, HUB, 0)).highWatermark).toBe(1_500)
    expect((await waitFor(client.receive(FETCH, 12))).waitedMs).toBeGreaterThanOrEqual(501)
  })
})

describe('events that were damaged on the disk', () => {
  it('are told once, and passed over then', async () => {
    const folder = temporaryFolder()
    await test.stop()
    await start({ mode: 'disk', folder })
    for (const text of ['a', 'b', 'c']) await produce(client, HUB, batchOfTexts([text]))
    const { directory } = test
    await test.broker.close()
    const partition = join(folder, NAMESPACE, HUB, '0')
    const file = join(
      partition,
      readdirSync(partition).find((name) => name.endsWith('.log'))!,
    )
    const bytes = readFileSync(file)
    bytes[Math.floor(bytes.length / 2)]! ^= 0xff
    writeFileSync(file, bytes)
    await start({ mode: 'disk', folder, directory })
    expect(recordsIn((await fetch(client, HUB, 0)).records)).toEqual(['0 a'])
    expect(await fetch(client, HUB, 1)).toMatchObject({ errorCode: 56 })
    expect(recordsIn((await fetch(client, HUB, 1)).records)).toEqual(['2 c'])
    const late = await signIn()
    expect(recordsIn((await fetch(late, HUB, 1)).records)).toEqual(['2 c'])
  })
})
