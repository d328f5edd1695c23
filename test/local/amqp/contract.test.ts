import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CLIENTS, eventually, ONCE, read, withProducer } from './support/clients.ts'
import { HUB, NAMESPACE, startTestBroker, type TestBroker } from './support/local.ts'

const COMBINATIONS = CLIENTS.flatMap(([version, sdk]) =>
  (['disk', 'memory'] as const).map((mode) => ({ version, sdk, mode })),
)

describe.each(COMBINATIONS)('@azure/event-hubs $version on $mode', ({ sdk, mode }) => {
  let local: TestBroker
  /** A hub of its own for a test, and the string for it. */
  const newHub = (name: string, fields = {}) => {
    local.directory.addHub(name, fields)
    return local.connectionString({ hub: name })
  }

  beforeAll(async () => {
    local = await startTestBroker({ mode })
  })
  afterAll(() => local.stop())

  it.concurrent('tells the properties of a hub and of its partitions', async () => {
    const string = newHub('properties', { partitionCount: 3, createdAt: Date.parse('2026-02-03T04:05:06Z') })
    await withProducer(sdk, string, async (producer) => {
      expect(await producer.getEventHubProperties()).toMatchObject({
        name: 'properties',
        partitionIds: ['0', '1', '2'],
        createdOn: new Date('2026-02-03T04:05:06Z'),
      })
      expect(await producer.getPartitionProperties('1')).toMatchObject({
        partitionId: '1',
        isEmpty: true,
        beginningSequenceNumber: -1,
        lastEnqueuedSequenceNumber: -1,
        lastEnqueuedOffset: '-1',
      })
      const before = Date.now()
      await producer.sendBatch([{ body: 'a' }, { body: 'b' }], { partitionId: '1' })
      const properties = await producer.getPartitionProperties('1')
      expect(properties).toMatchObject({ isEmpty: false, beginningSequenceNumber: 0, lastEnqueuedSequenceNumber: 1 })
      expect(Number(properties.lastEnqueuedOffset)).toBeGreaterThan(1)
      expect(properties.lastEnqueuedOnUtc.getTime()).toBeGreaterThanOrEqual(before)
    })
  })

  it.concurrent('takes events sent in every way, and gives them back as they were', async () => {
    const string = newHub('ways')
    const failures: Error[] = []
    const buffered = new sdk.EventHubBufferedProducerClient(string, {
      ...ONCE,
      maxWaitTimeInMs: 20,
      onSendEventsErrorHandler: ({ error }) => {
        failures.push(error)
      },
    })
    await withProducer(sdk, string, async (producer) => {
      await producer.sendBatch([{ body: { n: 1 }, properties: { text: 'ä', n: 3, flag: true } }], { partitionId: '0' })
      await producer.sendBatch([{ body: Buffer.from('bytes'), contentType: 'x/y', messageId: 'id-1' }], {
        partitionId: '0',
      })
      await producer.sendBatch(
        [
          { bodyType: 'value', body: [1, 'two'] },
          { bodyType: 'sequence', body: [[1], [2]] },
        ],
        {
          partitionId: '0',
        },
      )
      const batch = await producer.createBatch({ partitionId: '0' })
      for (let i = 0; i < 10; i++) expect(batch.tryAdd({ body: i })).toBe(true)
      await producer.sendBatch(batch)
    })
    for (let i = 0; i < 5; i++) await buffered.enqueueEvent({ body: `buffered ${i}` }, { partitionId: '0' })
    await buffered.flush()
    await buffered.close()
    expect(failures).toEqual([])

    const reading = read(sdk, string, { partition: '0' })
    const events = await reading.until(19)
    await reading.close()
    expect(events[0]).toMatchObject({ body: { n: 1 }, properties: { text: 'ä', n: 3, flag: true }, sequenceNumber: 0 })
    expect(events[1]).toMatchObject({ body: Buffer.from('bytes'), contentType: 'x/y', messageId: 'id-1' })
    expect(events[2]!.body).toEqual([1, 'two'])
    expect(events[3]!.getRawAmqpMessage().bodyType).toBe('sequence')
    expect(events.slice(4, 14).map(({ body }) => body as number)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(events[14]!.body).toBe('buffered 0')
    expect(events.map(({ sequenceNumber }) => sequenceNumber)).toEqual(events.map((_, i) => i))
    expect(new Set(events.map(({ offset }) => offset)).size).toBe(19)
  })

  it.concurrent('chooses the partition of a key as the client itself does, and spreads what has none', async () => {
    const string = newHub('keys', { partitionCount: 7 })
    // Three of the vectors that partition-key.test.ts checks in full; the remainder of the hash by seven.
    const expected = { a: 16_220 % 7, 'device-7': 28_322 % 7, ключ: 32_174 % 7 }
    await withProducer(sdk, string, async (producer) => {
      for (const key of Object.keys(expected))
        await producer.sendBatch([{ body: key }, { body: key }], { partitionKey: key })
      for (const [key, partition] of Object.entries(expected)) {
        const { lastEnqueuedSequenceNumber } = await producer.getPartitionProperties(String(partition))
        expect(lastEnqueuedSequenceNumber, key).toBeGreaterThanOrEqual(1)
      }
    })
    const reading = read(sdk, string, {})
    const events = await reading.until(6)
    await reading.close()
    expect(events.every(({ body, partitionKey }) => body === partitionKey)).toBe(true)

    const spread = newHub('spread')
    await withProducer(sdk, spread, async (producer) => {
      for (let i = 0; i < 8; i++) await producer.sendBatch([{ body: i }])
    })
    const { partitions } = local.broker.stats().hubs.find(({ name }) => name === 'spread')!
    expect(partitions.map(({ events: count }) => count)).toEqual([2, 2, 2, 2])
  })

  it.concurrent('starts at all five positions, inclusive and exclusive', async () => {
    const string = newHub('positions')
    const starts = await withProducer(sdk, string, async (producer) => {
      for (let i = 0; i < 6; i++) {
        await producer.sendBatch([{ body: i }], { partitionId: '0' })
        await new Promise((resolve) => setTimeout(resolve, 4))
      }
      const all = read(sdk, string, { partition: '0' })
      const events = await all.until(6)
      await all.close()
      const { offset, sequenceNumber, enqueuedTimeUtc } = events[2]!
      return { offset, sequenceNumber, enqueuedOn: enqueuedTimeUtc, last: events[5]! }
    })
    const firstFrom = async (startPosition: object) => {
      const reading = read(sdk, string, { partition: '0', startPosition })
      const [event] = await reading.until(1)
      await reading.close()
      return event!.body as number
    }
    // One after the other: a partition lets five readers in.
    const firsts: number[] = []
    for (const start of [
      sdk.earliestEventPosition,
      { offset: starts.offset },
      { offset: starts.offset, isInclusive: true },
      { sequenceNumber: starts.sequenceNumber },
      { sequenceNumber: starts.sequenceNumber, isInclusive: true },
      { enqueuedOn: starts.enqueuedOn },
      { enqueuedOn: starts.enqueuedOn.getTime() - 1 },
    ]) {
      firsts.push(await firstFrom(start))
    }
    expect(firsts).toEqual([0, 3, 2, 3, 2, 3, 2])

    const latest = read(sdk, string, { partition: '0', startPosition: sdk.latestEventPosition })
    const resumed = read(sdk, string, { partition: '0', startPosition: { sequenceNumber: starts.last.sequenceNumber } })
    await eventually(
      () => local.broker.stats().hubs.find(({ name }) => name === 'positions')!.receivers === 2,
      'attached',
    )
    await withProducer(sdk, string, (producer) => producer.sendBatch([{ body: 'new' }], { partitionId: '0' }))
    expect((await latest.until(1))[0]!.body).toBe('new')
    expect((await resumed.until(1))[0]!.body).toBe('new')
    await Promise.all([latest.close(), resumed.close()])
  })

  it.concurrent('refuses a position beyond the end in the words of the service', async () => {
    const string = newHub('beyond')
    const bySequence = read(sdk, string, { partition: '0', startPosition: { sequenceNumber: 488 } })
    expect(await bySequence.error()).toMatchObject({
      code: 'ArgumentError',
      message: expect.stringContaining(
        "The supplied sequence number '488' is invalid. The last sequence number",
      ) as string,
    })
    const byOffset = read(sdk, string, { partition: '0', startPosition: { offset: '99' } })
    expect((await byOffset.error()).message).toContain(
      "The supplied offset '99' is invalid. The last offset in the system is",
    )
    await Promise.all([bySequence.close(), byOffset.close()])
  })

  it.concurrent('reads independently through several consumer groups', async () => {
    const string = newHub('groups')
    await withProducer(sdk, string, (producer) => producer.sendBatch([{ body: 1 }, { body: 2 }], { partitionId: '3' }))
    const readings = ['$Default', 'second', 'SECOND', '$default'].map((group) =>
      read(sdk, string, { partition: '3', group }),
    )
    for (const reading of readings) expect((await reading.until(2)).map(({ body }) => body as number)).toEqual([1, 2])
    await Promise.all(readings.map((reading) => reading.close()))
    const unknown = read(sdk, string, { partition: '0', group: 'third' })
    expect(await unknown.error()).toMatchObject({ code: 'MessagingEntityNotFoundError' })
    await unknown.close()
  })

  it.concurrent('takes events without a body, alone and among others, and gives them back so', async () => {
    const string = newHub('bodyless')
    await withProducer(sdk, string, async (producer) => {
      await producer.sendBatch([{ body: undefined }], { partitionId: '0' })
      await producer.sendBatch([{ body: null, properties: { n: 1 } }, { body: 'x' }], { partitionId: '0' })
    })
    const reading = read(sdk, string, { partition: '0' })
    const events = await reading.until(3)
    // The client shows a body of null bytes as it likes.
    expect(events.map(({ body }) => (body as unknown) ?? null)).toEqual([null, null, 'x'])
    expect(events[1]!.properties).toEqual({ n: 1 })
    await reading.close()
  })

  it.concurrent('lets the higher owner level take a partition', async () => {
    const string = newHub('owners')
    const low = read(sdk, string, { partition: '0', ownerLevel: 1 })
    await eventually(() => local.broker.stats().hubs.find(({ name }) => name === 'owners')!.receivers === 1, 'attached')
    const without = read(sdk, string, { partition: '0' })
    expect(await without.error()).toMatchObject({ code: 'ReceiverDisconnectedError' })
    const high = read(sdk, string, { partition: '0', ownerLevel: 2 })
    const stolen = await low.error()
    expect(stolen).toMatchObject({ code: 'ReceiverDisconnectedError' })
    expect(stolen.message).toContain("with higher epoch of '2' is created hence current receiver")
    const late = read(sdk, string, { partition: '0', ownerLevel: 1 })
    const { message } = await late.error()
    const [, owner, refused] =
      /^Receiver '(.+)' with a higher epoch '2' already exists. Receiver '(.+)' with epoch 1/.exec(message)!
    expect(owner).not.toBe(refused)
    await withProducer(sdk, string, (producer) => producer.sendBatch([{ body: 'on' }], { partitionId: '0' }))
    expect((await high.until(1))[0]!.body).toBe('on')
    await Promise.all([low, without, high, late].map((reading) => reading.close()))
  })

  it.concurrent('lets five readers in without an owner level, and no sixth', async () => {
    const string = newHub('five')
    const readings = Array.from({ length: 5 }, () => read(sdk, string, { partition: '0' }))
    await eventually(() => local.broker.stats().hubs.find(({ name }) => name === 'five')!.receivers === 5, 'attached')
    const sixth = read(sdk, string, { partition: '0' })
    const { message } = await sixth.error()
    expect(message).toContain('Exceeded the maximum number of allowed receivers per partition')
    const names = /List of connected receivers - (.+?)\. TrackingId|List of connected receivers - (.+)\.$/.exec(message)
    expect(names![1] ?? names![2]!.split(', ')).toHaveLength(5)
    await Promise.all([...readings, sixth].map((reading) => reading.close()))
  })

  it.concurrent('takes a batch of the largest size, and refuses a larger one as the service does', async () => {
    const string = newHub('sizes', { maxMessageBytes: 262_144 })
    await withProducer(sdk, string, async (producer) => {
      const batch = await producer.createBatch({ partitionId: '0' })
      expect(batch.maxSizeInBytes).toBe(262_144)
      let count = 0
      while (batch.tryAdd({ body: Buffer.alloc(10_000, count) })) count++
      while (batch.tryAdd({ body: Buffer.alloc(1) })) count++
      expect(batch.sizeInBytes).toBeGreaterThan(262_100)
      await producer.sendBatch(batch)
      const reading = read(sdk, string, { partition: '0' })
      const events = await reading.until(count)
      await reading.close()
      expect((events[20]!.body as Buffer).equals(Buffer.alloc(10_000, 20))).toBe(true)

      const tooLarge = producer.sendBatch([{ body: Buffer.alloc(300_000) }], { partitionId: '0' })
      await expect(tooLarge).rejects.toMatchObject({
        code: 'MessageTooLargeError',
        message: expect.stringContaining('exceeds the limit (262144 bytes) currently allowed on the link') as string,
      })
      await producer.sendBatch([{ body: 'after' }], { partitionId: '0' })
      expect((await producer.getPartitionProperties('0')).lastEnqueuedSequenceNumber).toBe(count)
    })
  })

  it.concurrent('takes 50 sends in flight', async () => {
    const string = newHub('flight')
    await withProducer(sdk, string, async (producer) => {
      await Promise.all(Array.from({ length: 50 }, (_, i) => producer.sendBatch([{ body: i }], { partitionId: '0' })))
      expect((await producer.getPartitionProperties('0')).lastEnqueuedSequenceNumber).toBe(49)
    })
    const reading = read(sdk, string, { partition: '0' })
    const bodies = (await reading.until(50)).map(({ body }) => body as number)
    await reading.close()
    expect(new Set(bodies).size).toBe(50)
  })

  it.concurrent('reports the last enqueued event with each event, when asked', async () => {
    const string = newHub('metrics')
    await withProducer(sdk, string, (producer) => producer.sendBatch([{ body: 1 }, { body: 2 }], { partitionId: '0' }))
    const client = new sdk.EventHubConsumerClient('$Default', string, ONCE)
    const last = await new Promise((resolve, reject) => {
      client.subscribe(
        '0',
        {
          processEvents: async (_, context) => resolve(context.lastEnqueuedEventProperties),
          processError: async (error) => reject(error),
        },
        { startPosition: sdk.earliestEventPosition, trackLastEnqueuedEventProperties: true },
      )
    })
    await client.close()
    expect(last).toMatchObject({ sequenceNumber: 1 })
    expect(Number((last as { offset: string }).offset)).toBeGreaterThan(0)
  })

  it.concurrent('names what is wrong with a key, a hub, a partition, a right', async () => {
    const string = local.connectionString()
    const code = (work: Promise<unknown>) =>
      work.then(
        () => 'ok',
        (error: { code?: string }) => error.code,
      )
    const send = (connection: string, partitionId = '0') =>
      withProducer(sdk, connection, (producer) => code(producer.sendBatch([{ body: 1 }], { partitionId })))
    const properties = (connection: string) =>
      withProducer(sdk, connection, (producer) => code(producer.getEventHubProperties()))

    expect(await send(string)).toBe('ok')
    expect(await send(string.replace(/SharedAccessKey=[^;]+/, 'SharedAccessKey=wrong'))).toBe('UnauthorizedError')
    expect(await properties(string.replace(/SharedAccessKey=[^;]+/, 'SharedAccessKey=wrong'))).toBe('UnauthorizedError')
    expect(await send(local.connectionString({ hub: 'missing' }))).toBe('MessagingEntityNotFoundError')
    expect(await properties(local.connectionString({ hub: 'missing' }))).toBe('MessagingEntityNotFoundError')
    expect(await send(string, '77')).toBe('ArgumentOutOfRangeError')
    await withProducer(sdk, string, async (producer) => {
      await expect(producer.getPartitionProperties('77')).rejects.toMatchObject({ code: 'ArgumentOutOfRangeError' })
    })

    const listen = local.directory.addRule(`listen-${HUB}`, ['Listen'], { hub: HUB })
    const sending = local.directory.addRule(`send-${HUB}`, ['Send'], { hub: HUB })
    expect(await send(local.connectionString({ rule: listen }))).toBe('UnauthorizedError')
    expect(await send(local.connectionString({ rule: sending }))).toBe('ok')
    expect(await properties(local.connectionString({ rule: sending }))).toBe('ok')
    const reading = read(sdk, local.connectionString({ rule: sending }), { partition: '0' })
    const refused = await reading.error()
    await reading.close()
    expect(refused).toMatchObject({ code: 'UnauthorizedError' })
    expect(refused.message).toContain("Unauthorized access. 'Listen' claim(s) are required to perform this operation.")
    local.directory.addHub('other')
    expect(await send(local.connectionString({ hub: 'other', rule: sending }))).toBe('UnauthorizedError')
  })

  it.concurrent('keeps namespaces apart by the key that signed the token', async () => {
    const rule = local.directory.addRule('RootManageSharedAccessKey', ['Manage', 'Send', 'Listen'], {
      namespace: 'other-ns',
    })
    local.directory.addHub(HUB, { namespace: 'other-ns', partitionCount: 2 })
    const string = local.connectionString({ rule })
    await withProducer(sdk, string, async (producer) => {
      expect((await producer.getEventHubProperties()).partitionIds).toEqual(['0', '1'])
      await producer.sendBatch([{ body: 'other' }], { partitionId: '1' })
    })
    const counts = local.broker.stats().hubs.filter(({ name }) => name === HUB)
    expect(counts.find(({ namespace }) => namespace === 'other-ns')!.partitions[1]!.events).toBe(1)
    expect(counts.find(({ namespace }) => namespace === NAMESPACE)!.partitions[1]!.events).toBe(0)
    local.directory.noLocalAuth.add('other-ns')
    await withProducer(sdk, string, async (producer) => {
      await expect(producer.sendBatch([{ body: 1 }])).rejects.toMatchObject({ code: 'UnauthorizedError' })
    })
  })

  it.concurrent('lets changes of a hub take effect on live links', async () => {
    const string = newHub('living', { partitionCount: 1 })
    await withProducer(sdk, string, async (producer) => {
      await producer.sendBatch([{ body: 'old' }])
      local.directory.changeHub('living', { partitionCount: 3 })
      expect((await producer.getEventHubProperties()).partitionIds).toEqual(['0', '1', '2'])
      for (let i = 0; i < 3; i++) await producer.sendBatch([{ body: i }])
      expect((await producer.getPartitionProperties('2')).lastEnqueuedSequenceNumber).toBe(0)

      local.directory.changeHub('living', { status: 'SendDisabled' })
      expect(local.broker.stats().hubs.find(({ name }) => name === 'living')!.senders).toBe(0)
      await withProducer(sdk, string, async (late) => {
        await expect(late.sendBatch([{ body: 1 }])).rejects.toThrow(/is disabled/)
      })
      local.directory.changeHub('living', { status: 'Active' })

      const reading = read(sdk, string, { partition: '0' })
      await reading.until(1)
      local.directory.removeHub('living')
      expect(await reading.error()).toMatchObject({ code: 'MessagingEntityNotFoundError' })
      await reading.close()
      await expect(producer.sendBatch([{ body: 1 }])).rejects.toMatchObject({ code: 'MessagingEntityNotFoundError' })
    })
    await withProducer(sdk, newHub('living'), async (producer) => {
      expect(await producer.getPartitionProperties('0')).toMatchObject({
        isEmpty: true,
        lastEnqueuedSequenceNumber: -1,
      })
      await producer.sendBatch([{ body: 'again' }], { partitionId: '0' })
      expect((await producer.getPartitionProperties('0')).lastEnqueuedSequenceNumber).toBe(0)
    })
  })

  it.concurrent('carries 20,000 events each way, none lost, repeated or out of order within a partition', async () => {
    const string = newHub('many')
    const total = 20_000
    await withProducer(sdk, string, async (producer) => {
      const lanes = ['0', '1', '2', '3'].map(async (partitionId) => {
        let n = 0
        while (n < total / 4) {
          const batch = await producer.createBatch({ partitionId })
          while (n < total / 4 && batch.count < 500 && batch.tryAdd({ body: n })) n++
          await producer.sendBatch(batch)
        }
      })
      await Promise.all(lanes)
    })
    const readings = ['0', '1', '2', '3'].map((partition) => read(sdk, string, { partition, prefetchCount: 2_000 }))
    for (const reading of readings) {
      const events = await reading.until(total / 4)
      expect(events.map(({ body }) => body as number)).toEqual(Array.from({ length: total / 4 }, (_, i) => i))
      await reading.close()
      expect(reading.events).toHaveLength(total / 4)
    }
  })
})
