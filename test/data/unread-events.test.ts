import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs'
import { expect, onTestFinished, test } from 'vitest'
import { readPartition } from '../../src/data/open-clients.ts'
import { findUnread, type FindUnreadOptions } from '../../src/data/unread-events.ts'
import { startLocalAzure } from '../../src/index.ts'

const { signal } = new AbortController()

/** A hub with two partitions, and 5 events in each. */
async function filledHub() {
  const azure = await startLocalAzure({ hubs: [{ name: 'clicks', partitions: 2 }], consumerGroups: ['trainer'] })
  const string = azure.hubs['clicks']!
  const producer = new EventHubProducerClient(string)
  const open = (group: string) =>
    new EventHubConsumerClient(group, string, { retryOptions: { maxRetries: 0, timeoutInMs: 5_000 } })
  const consumer = open('$Default')
  onTestFinished(async () => {
    await Promise.all([producer.close(), consumer.close()])
    await azure.stop()
  })
  // One by one, so that their times differ.
  for (let i = 0; i < 5; i++)
    for (const partitionId of ['0', '1']) await producer.sendBatch([{ body: i }], { partitionId })
  const find = (wanted: readonly (readonly [string, number])[], options: Partial<FindUnreadOptions> = {}) =>
    findUnread(
      open,
      wanted.map(([partition, nextSequenceNumber]) => ({ partition, nextSequenceNumber })),
      { groups: ['trainer', '$Default'], signal, timeoutMs: 20_000, ...options },
    )
  return { string, producer, consumer, open, find }
}

/** Holds a partition with readers, until the test ends. */
async function hold(open: (group: string) => EventHubConsumerClient, readers: number, ownerLevel?: number) {
  const read: unknown[] = []
  const errors: Error[] = []
  for (let i = 0; i < readers; i++) {
    const client = open('trainer')
    await new Promise<void>((resolve) => {
      const subscription = client.subscribe(
        '0',
        {
          processEvents: (events) => {
            read.push(...events.map(({ body }) => body as unknown))
            if (events.length > 0) resolve()
            return Promise.resolve()
          },
          processError: (error) => {
            errors.push(error)
            return Promise.resolve()
          },
        },
        {
          ...{ startPosition: { sequenceNumber: 0, isInclusive: true }, maxBatchSize: 5, maxWaitTimeInSeconds: 1 },
          ...(ownerLevel !== undefined && { ownerLevel }),
        },
      )
      onTestFinished(async () => {
        await subscription.close()
        await client.close()
      })
    })
  }
  return { read, errors }
}

test('the time of the first event at each position', async () => {
  const { consumer, find } = await filledHub()
  const times: number[] = []
  await readPartition(consumer, {
    ...{ partition: '1', startPosition: { sequenceNumber: 0, isInclusive: true }, signal },
    onEvents: (events) => {
      times.push(...events.map(({ enqueuedTimeUtc }) => enqueuedTimeUtc.getTime()))
      return times.length === 5
    },
  })
  const { events, error } = await find([
    ['1', 0],
    ['1', 3],
    ['0', 4],
    ['1', 3],
    ['0', 5],
  ])
  expect(error).toBeUndefined()
  const at = (partition: string) =>
    events.filter((event) => event.partition === partition).map((event) => [event.nextSequenceNumber, event.enqueuedMs])
  expect(at('1')).toEqual([
    [0, times[0]],
    [3, times[3]],
  ])
  expect(at('0').map(([number]) => number)).toEqual([4])
})

test('a reader with an epoch is left alone, and another group asked', async () => {
  const { open, find, producer } = await filledHub()
  const owner = await hold(open, 1, 1)
  const both = [
    ['0', 2],
    ['1', 2],
  ] as const
  const alone = await find(both, { groups: ['trainer'] })
  expect(alone.events.map(({ partition }) => partition)).toEqual(['1'])
  expect(alone.error).toMatchObject({ code: 'ReceiverDisconnectedError' })
  const through = await find(both)
  expect(through).toMatchObject({ events: [{ partition: '0' }, { partition: '1' }], error: undefined })

  await producer.sendBatch([{ body: 'after' }], { partitionId: '0' })
  await expect.poll(() => owner.read).toEqual([0, 1, 2, 3, 4, 'after'])
  expect(owner.errors).toEqual([])
})

test('a partition that five read is read through another group', async () => {
  const { open, find } = await filledHub()
  const others = await hold(open, 5)
  const full = await find([['0', 2]], { groups: ['trainer'] })
  expect(full).toMatchObject({ events: [], error: { code: 'QuotaExceededError' } })
  expect((await find([['0', 2]])).events).toHaveLength(1)
  expect(others.errors).toEqual([])
})

test('what cannot be read is left out, and an interruption ends it', async () => {
  const { find } = await filledHub()
  const gone = await find([['0', 2]], { groups: ['nobody'] })
  expect(gone).toMatchObject({ events: [], error: { code: 'MessagingEntityNotFoundError' } })
  const late = await find([['0', 2]], { timeoutMs: 0 })
  expect(late).toMatchObject({ events: [], error: { name: 'TimeoutError' } })
  const stop = AbortSignal.abort(new Error('stopped'))
  await expect(find([['0', 2]], { signal: stop })).rejects.toThrow('stopped')
})
