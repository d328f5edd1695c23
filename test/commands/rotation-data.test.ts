import * as sdk from '@azure/event-hubs'
import { expect, test } from 'vitest'
import { eventually, ONCE, read, withProducer } from '../local/amqp/support/clients.ts'
import { startPlane, type Plane } from '../support/plane.ts'
import { PLACE, TARGET } from './support.ts'

const HUB = [...TARGET, '--hub', 'clicks']

async function answer(plane: Plane, ...argv: readonly string[]): Promise<string> {
  const run = await plane.run([...argv, '--format', 'raw'])
  expect(run.exitCode, run.stderr).toBe(0)
  return run.stdout.trim()
}
const stage = (plane: Plane, n: 1 | 2) => answer(plane, 'rotate-key', ...HUB, '--stage', String(n), '--yes')

/** Whether a client that connects now with this string is let in. */
const isLetIn = (string: string): Promise<boolean> =>
  withProducer(sdk, string, (producer) =>
    producer.getEventHubProperties().then(
      () => true,
      (error: Error & { code?: string }) => {
        expect(error.code).toBe('UnauthorizedError')
        return false
      },
    ),
  )

/** Sends one event after the other until it is told to stop; answers how many the hub took. */
function startWriter(string: string) {
  const producer = new sdk.EventHubProducerClient(string, ONCE)
  let isRunning = true
  let sent = 0
  const finished = (async () => {
    while (isRunning) {
      await producer.sendBatch([{ body: sent }], { partitionId: '0' })
      sent++
    }
    await producer.close()
    return sent
  })()
  finished.catch(() => undefined)
  return {
    sent: () => sent,
    stop: () => {
      isRunning = false
      return finished
    },
  }
}

test('a reader and a writer go through both stages without losing an event, and each old string ends with its stage', async () => {
  const plane = await startPlane()
  await answer(plane, 'create', ...PLACE, '--hub', 'clicks:1', '--yes')
  const primary = await answer(plane, 'show-connection', ...HUB)
  const secondary = await answer(plane, 'show-connection', ...HUB, '--secondary')
  expect([await isLetIn(primary), await isLetIn(secondary)]).toEqual([true, true])

  const writer = startWriter(primary)
  const reader = read(sdk, primary, { partition: '0' })
  await eventually(() => writer.sent() > 5, 'the writer writes')

  const newSecondary = await stage(plane, 1)
  expect([await isLetIn(primary), await isLetIn(secondary), await isLetIn(newSecondary)]).toEqual([true, false, true])
  const before = writer.sent()
  await eventually(() => writer.sent() > before + 5, 'the writer goes on')

  const total = await writer.stop()
  await reader.until(total)
  await reader.close()
  const switched = startWriter(newSecondary)
  const newReader = read(sdk, newSecondary, { partition: '0' })
  await eventually(() => switched.sent() > 5, 'the writer writes with the new string')

  const newPrimary = await stage(plane, 2)
  expect([await isLetIn(primary), await isLetIn(newSecondary), await isLetIn(newPrimary)]).toEqual([false, true, true])
  const then = switched.sent()
  await eventually(() => switched.sent() > then + 5, 'the writer goes on after stage 2')
  const all = total + (await switched.stop())
  const events = await newReader.until(all)
  await newReader.close()
  expect(events.map(({ sequenceNumber }) => sequenceNumber)).toEqual(events.map((_, i) => i))
})

test('one stage twice is two rotations of the same key: the first new string ends with the second', async () => {
  const plane = await startPlane()
  await answer(plane, 'create', ...PLACE, '--hub', 'clicks:1', '--yes')
  const first = await stage(plane, 1)
  const second = await stage(plane, 1)
  expect([await isLetIn(first), await isLetIn(second)]).toEqual([false, true])
})
