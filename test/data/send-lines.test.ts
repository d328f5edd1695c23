import { EventHubProducerClient } from '@azure/event-hubs'
import { expect, onTestFinished, test } from 'vitest'
import { portions } from '../../src/data/portions.ts'
import { sendLines } from '../../src/data/send-lines.ts'
import { realClock } from '../../src/lib/clock.ts'
import { startTestBroker } from '../local/amqp/support/local.ts'

test('batches of many keys are on the way together', async () => {
  const local = await startTestBroker({ mode: 'memory' })
  const producer = new EventHubProducerClient(local.connectionString())
  onTestFinished(async () => {
    await producer.close()
    await local.stop()
  })
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on('warning', onWarning)
  onTestFinished(() => void process.off('warning', onWarning))
  const waiting: (() => void)[] = []
  let accepted = 0
  // Answers when 60 requests wait for one.
  const sendBatch: EventHubProducerClient['sendBatch'] = async (batch) => {
    await producer.sendBatch(batch as Parameters<typeof producer.sendBatch>[0])
    await new Promise<void>((resolve) => {
      waiting.push(resolve)
      if (waiting.length >= 60) for (const answer of waiting) answer()
    })
  }
  async function* lines() {
    for (let i = 0; i < 60; i++) yield { source: '-', number: i + 1, text: `${i}`, key: `k${i}` }
  }
  await sendLines(Object.create(producer, { sendBatch: { value: sendBatch } }) as EventHubProducerClient, lines(), {
    ...{ partition: undefined, perSecond: undefined, clock: realClock, signal: new AbortController().signal },
    onSent: (events) => void (accepted += events),
  })
  expect(accepted).toBe(60)
  await new Promise(setImmediate)
  expect(warnings).toEqual([])
})

test('a source that is read no further is left', async () => {
  let isLeft = false
  async function* numbers() {
    try {
      for (let i = 0; ; i++) yield i
    } finally {
      isLeft = true
    }
  }
  for await (const portion of portions(numbers(), 3, new AbortController().signal)) {
    expect(portion).toEqual([0, 1, 2])
    break
  }
  await expect.poll(() => isLeft).toBe(true)
})
