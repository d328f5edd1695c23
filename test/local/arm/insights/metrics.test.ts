import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs'
import { describe, expect, test } from 'vitest'
import { hub, MINUTE_MS, readAll, startMetered } from '../../support/metered.ts'
import { ONCE } from '../../amqp/support/clients.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const MESSAGES = 'IncomingMessages,OutgoingMessages,IncomingRequests'
const BY_HUB = { $filter: "EntityName eq '*'" }

describe('what clients send and read', { timeout: 60_000 }, () => {
  test('over AMQP is counted to the event, in its minute and its hub', async () => {
    const azure = await startMetered([hub('clicks'), hub('orders')])
    const clicks = new EventHubProducerClient(azure.connectionString, 'clicks', ONCE)
    const orders = new EventHubProducerClient(azure.connectionString, 'orders', ONCE)
    const events = (count: number) => Array.from({ length: count }, (_, i) => ({ body: `event ${i}` }))
    await clicks.sendBatch(events(7))
    await clicks.sendBatch(events(5))
    await orders.sendBatch(events(3))
    azure.clock.advance(2 * MINUTE_MS)
    await clicks.sendBatch(events(11))
    await readAll(new EventHubConsumerClient('$Default', azure.connectionString, 'clicks', ONCE), 23)
    const timespan = azure.span(0, 4)
    expect(await azure.rows({ timespan, metricnames: MESSAGES, ...BY_HUB })).toEqual([
      ['IncomingMessages clicks', 12, 0, 11, undefined],
      ['IncomingMessages orders', 3, 0, 0, undefined],
      ['OutgoingMessages clicks', 0, 0, 23, undefined],
      ['OutgoingMessages orders', 0, 0, 0, undefined],
      ['IncomingRequests clicks', 2, 0, 1, undefined],
      ['IncomingRequests orders', 1, 0, 0, undefined],
    ])
    expect(await azure.rows({ timespan, metricnames: MESSAGES })).toEqual([
      ['IncomingMessages', 15, 0, 11, undefined],
      ['OutgoingMessages', 0, 0, 23, undefined],
      ['IncomingRequests', 3, 0, 1, undefined],
    ])
    // What comes in goes out to this reader as it is.
    const whole = { timespan, interval: 'FULL', $filter: "EntityName eq 'CLICKS'" }
    const [inBytes, outBytes] = await azure.rows({ ...whole, metricnames: 'IncomingBytes,OutgoingBytes' })
    expect(inBytes).toEqual(['IncomingBytes clicks', outBytes![1]])
    expect(inBytes![1]).toBeGreaterThan(23 * 'event 0'.length)
    await Promise.all([clicks.close(), orders.close()])
  })

  test('over Kafka is counted to the event, with or without limits', async () => {
    for (const enforceLimits of [false, true]) {
      const azure = await startMetered([hub('clicks'), hub('orders')], {
        dataPlane: { ports: { amqp: 0, kafka: 0 }, enforceLimits },
      })
      const kafka = azure.kafka()
      const producer = kafka.producer()
      await producer.connect()
      const messages = (count: number) => Array.from({ length: count }, (_, i) => ({ value: `event ${i}` }))
      await producer.send({ topic: 'clicks', messages: messages(9) })
      await producer.send({ topic: 'orders', messages: messages(4) })
      const consumer = kafka.consumer({ groupId: 'trainer', maxWaitTimeInMs: 50 })
      let seen = 0
      // Groups and fetches wait by the clock.
      const passing = setInterval(() => azure.clock.advance(10), 5)
      await consumer.connect()
      await consumer.subscribe({ topics: ['clicks', 'orders'], fromBeginning: true })
      await new Promise<void>((resolve) => {
        void consumer.run({ eachMessage: async () => void (++seen === 13 && resolve()) })
      })
      const whole = { timespan: azure.span(0, 1), interval: 'FULL', ...BY_HUB }
      expect(await azure.rows({ ...whole, metricnames: 'IncomingMessages,OutgoingMessages' })).toEqual([
        ['IncomingMessages clicks', 9],
        ['IncomingMessages orders', 4],
        ['OutgoingMessages clicks', 9],
        ['OutgoingMessages orders', 4],
      ])
      const [inBytes, , outBytes] = await azure.rows({ ...whole, metricnames: 'IncomingBytes,OutgoingBytes' })
      expect(outBytes).toEqual(['OutgoingBytes clicks', inBytes![1]])
      expect(await azure.rows({ timespan: azure.span(0, 1), metricnames: 'ActiveConnections' }, 'average')).toEqual([
        ['ActiveConnections', expect.toSatisfy((count: number) => count >= 2)],
      ])
      await Promise.all([consumer.disconnect(), producer.disconnect()])
      clearInterval(passing)
    }
  })

  test('and is refused is counted by its result', async () => {
    const azure = await startMetered([hub('clicks'), hub('closed')], {
      dataPlane: { ports: { amqp: 0, kafka: 0 }, enforceLimits: true },
    })
    await azure.request('PUT', `${azure.resourceId}/eventhubs/closed`, { properties: { status: 'Disabled' } })
    const send = async (name: string, count: number) => {
      const producer = new EventHubProducerClient(azure.connectionString, name, ONCE)
      const sent = await producer.sendBatch(Array.from({ length: count }, () => ({ body: 'x' }))).catch(String)
      await producer.close()
      return sent
    }
    expect(await send('clicks', 1_500)).toBeUndefined()
    expect(await send('clicks', 1)).toMatch(/50002/)
    expect(await send('closed', 1)).toMatch(/is disabled/)
    const query = { timespan: azure.span(0, 1), $filter: "EntityName eq '*' and OperationResult eq '*'" }
    const metricnames = 'SuccessfulRequests,UserErrors,QuotaExceededErrors,ThrottledRequests,ServerErrors'
    const rows = await azure.rows({ ...query, metricnames, top: '100' })
    expect(rows.filter(([, value]) => value !== 0)).toEqual([
      ['SuccessfulRequests clicks success', 1],
      ['UserErrors closed clienterror', 1],
      ['ThrottledRequests clicks serverbusy', 1],
    ])
    expect(
      await azure.rows({ ...query, metricnames: 'ThrottledRequests', $filter: "OperationResult eq 'success'" }),
    ).toEqual([])
  })

  test('into Capture is counted when its file is there, and waits before that', async () => {
    const capture = { storageAccount: 'account', container: 'events' }
    const azure = await startMetered([hub('clicks', { capture })], {
      dataPlane: { ports: { amqp: 0, kafka: 0 }, capture: { folder: temporaryFolder() } },
    })
    const producer = new EventHubProducerClient(azure.connectionString, 'clicks', ONCE)
    await producer.sendBatch(Array.from({ length: 6 }, () => ({ body: 'x' })))
    const query = { timespan: azure.span(0, 1), metricnames: 'CaptureBacklog,CapturedMessages' }
    expect(await azure.rows(query)).toEqual([
      ['CaptureBacklog', 6],
      ['CapturedMessages', 0],
    ])
    await azure.flush()
    expect(await azure.rows(query)).toEqual([
      ['CaptureBacklog', 0],
      ['CapturedMessages', 6],
    ])
    const [[, bytes]] = (await azure.rows({ ...query, metricnames: 'CapturedBytes' })) as [[string, number]]
    expect(bytes).toBeGreaterThan(100)
    await producer.close()
  })
})

describe('readers', { timeout: 60_000 }, () => {
  test('are told by group and partition, and stay when they have gone', async () => {
    const azure = await startMetered([hub('clicks', { partitions: 2, consumerGroups: ['trainer'] })])
    const producer = new EventHubProducerClient(azure.connectionString, 'clicks', ONCE)
    const send = (count: number) =>
      producer.sendBatch(
        Array.from({ length: count }, () => ({ body: 'x' })),
        { partitionId: '0' },
      )
    const readers = async () => (await azure.held()).hubs[0]!.readers
    expect(await readers()).toEqual([])
    await send(5)
    azure.clock.advance(1_000)
    await readAll(new EventHubConsumerClient('TRAINER', azure.connectionString, 'clicks', ONCE), 5)
    await expect.poll(async () => (await readers())?.map(({ connected }) => connected)).toEqual([false])
    await send(3)
    const first = { group: 'trainer', partition: '0', nextSequenceNumber: 5, lag: 3, connected: false }
    const lastReadAt = new Date(azure.startMs + 1_000).toISOString()
    expect(await readers()).toEqual([{ ...first, lastReadAt }])
    // A reader that is connected and has had nothing yet is as far as it begins.
    const consumer = new EventHubConsumerClient('$Default', azure.connectionString, 'clicks', ONCE)
    consumer.subscribe(
      '1',
      { processEvents: async () => undefined, processError: async () => undefined },
      { startPosition: { offset: '-1' } },
    )
    await expect.poll(async () => (await readers())?.length).toBe(2)
    expect((await readers())![0]).toEqual({
      ...{ group: '$Default', partition: '1', nextSequenceNumber: 0, lag: 0, connected: true, lastReadAt: null },
    })
    await consumer.close()
    await azure.request('DELETE', `${azure.resourceId}/eventhubs/clicks/consumergroups/trainer`)
    expect((await readers())!.map(({ group }) => group)).toEqual(['$Default'])
    await producer.close()
  })

  test('that begin elsewhere, or only look, do not move a group', async () => {
    const azure = await startMetered([hub('clicks')])
    const open = (userAgent: string) =>
      new EventHubConsumerClient('$Default', azure.connectionString, 'clicks', { ...ONCE, userAgent })
    const producer = new EventHubProducerClient(azure.connectionString, 'clicks', ONCE)
    const send = (count: number) => producer.sendBatch(Array.from({ length: count }, () => ({ body: 'x' })))
    const reader = async () => (await azure.held()).hubs[0]!.readers
    await send(5)
    await readAll(open('scanner/1 only-looking'), 5)
    expect(await reader()).toEqual([])
    await readAll(open('trainer/1 not-only-looking'), 5)
    await send(3)
    const left = { nextSequenceNumber: 5, lag: 3, connected: false }
    await expect.poll(reader).toMatchObject([left])
    // It is not given anything.
    const waiting = open('trainer/2')
    waiting.subscribe(
      '0',
      { processEvents: async () => undefined, processError: async () => undefined },
      { startPosition: { offset: '@latest' } },
    )
    await expect.poll(reader).toMatchObject([{ ...left, connected: true }])
    await readAll(open('scanner/1 only-looking'), 8)
    expect(await reader()).toMatchObject([{ ...left, connected: true }])
    await send(1)
    await expect.poll(reader).toMatchObject([{ nextSequenceNumber: 9, lag: 0, connected: true }])
    await Promise.all([waiting.close(), producer.close()])
  })
})
