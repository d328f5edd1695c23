import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs'
import { expect, onTestFinished, test } from 'vitest'
import { readPartitionStates } from '../../src/data/partition-states.ts'
import { findUnread } from '../../src/data/unread-events.ts'
import { HUB, startTestBroker } from '../local/amqp/support/local.ts'
import { ManualClock } from '../support/manual-clock.ts'

const { signal } = new AbortController()

/** A client of a hub with so many partitions. */
async function hubOf(partitionCount: number) {
  const local = await startTestBroker({ mode: 'memory' })
  local.directory.changeHub(HUB, { partitionCount })
  const string = local.connectionString()
  const open = () => new EventHubConsumerClient('$Default', string)
  const consumer = open()
  onTestFinished(async () => {
    await consumer.close()
    await local.stop()
  })
  return { consumer, open, string }
}

test('what is in each partition, in order', async () => {
  const { consumer, string } = await hubOf(12)
  const producer = new EventHubProducerClient(string)
  const before = Date.now()
  for (const [partitionId, count] of [
    ['2', 3],
    ['10', 1],
  ] as const)
    await producer.sendBatch(
      Array.from({ length: count }, (_, i) => ({ body: i })),
      { partitionId },
    )
  await producer.close()
  const states = await readPartitionStates(consumer, signal)
  expect(states.map(({ partition }) => Number(partition))).toEqual(Array.from({ length: 12 }, (_, i) => i))
  const filled = states.filter(({ isEmpty }) => !isEmpty)
  expect(filled).toMatchObject([
    { partition: '2', beginningSequenceNumber: 0, lastSequenceNumber: 2 },
    { partition: '10', beginningSequenceNumber: 0, lastSequenceNumber: 0 },
  ])
  for (const { lastEnqueuedMs } of filled) {
    expect(lastEnqueuedMs).toBeGreaterThanOrEqual(before)
    expect(lastEnqueuedMs).toBeLessThanOrEqual(Date.now())
  }
  const empty = { isEmpty: true, lastSequenceNumber: -1, lastEnqueuedMs: undefined }
  for (const state of states.filter(({ isEmpty }) => isEmpty)) expect(state).toMatchObject(empty)
})

test('many partitions, at the pace that Azure allows, and at once from the embedded one', async () => {
  const { consumer } = await hubOf(100)
  const atOnce = new ManualClock()
  expect(await readPartitionStates(consumer, signal, atOnce)).toHaveLength(100)
  expect(atOnce.pending).toEqual([])

  const name = { value: 'ns-demo.servicebus.windows.net' }
  const ofAzure = Object.create(consumer, { fullyQualifiedNamespace: name }) as EventHubConsumerClient
  const slept: number[] = []
  const clock = { sleep: (ms: number) => Promise.resolve(void slept.push(ms)) }
  const states = await readPartitionStates(ofAzure, signal, clock)
  expect(states.map(({ partition }) => Number(partition))).toEqual(Array.from({ length: 100 }, (_, i) => i))
  expect(slept).toEqual([1_000, 1_000])
})

test('many partitions without a warning of Node', async () => {
  const { consumer, open } = await hubOf(32)
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on('warning', onWarning)
  onTestFinished(() => void process.off('warning', onWarning))
  const states = await readPartitionStates(consumer, signal)
  const wanted = states.map(({ partition }) => ({ partition, nextSequenceNumber: 0 }))
  await findUnread(open, wanted, { groups: ['$Default'], signal, timeoutMs: 20_000 })
  // Node tells of them in a later turn.
  await new Promise(setImmediate)
  expect(warnings).toEqual([])
})

test('an interruption and a wrong key', async () => {
  const { consumer, string } = await hubOf(4)
  await expect(readPartitionStates(consumer, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' })
  const wrong = string.replace(/SharedAccessKey=[^;]+/, `SharedAccessKey=${'A'.repeat(43)}=`)
  const stranger = new EventHubConsumerClient('$Default', wrong, { retryOptions: { maxRetries: 0 } })
  onTestFinished(() => stranger.close())
  await expect(readPartitionStates(stranger, signal)).rejects.toMatchObject({ code: 'UnauthorizedError' })
})
