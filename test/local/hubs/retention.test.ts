import { expect, it } from 'vitest'
import { appendEvents } from '../../../src/local/hubs/events.ts'
import { statsOf } from '../../../src/local/hubs/hub-stats.ts'
import { Hubs } from '../../../src/local/hubs/hubs.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { HUB, NAMESPACE, testDirectory } from '../amqp/support/local.ts'

it('leaves a hub alone that was deleted and made again while old events are dropped', async () => {
  const clock = new ManualClock()
  const directory = testDirectory()
  const hubs = new Hubs({ directory, clock, storage: 'memory', log: () => undefined })
  const send = (partition: string, text: string) =>
    appendEvents(hubs, { namespace: NAMESPACE, hub: HUB, partition, events: [{ body: Buffer.from(text) }] })
  for (const partition of ['0', '1', '2', '3']) await send(partition, 'old')
  clock.advance(5_000)
  // The first partition has had its turn.
  await Promise.resolve()
  directory.removeHub(HUB)
  directory.addHub(HUB)
  await send('2', 'new')
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(statsOf(hubs)[0]!.partitions.map(({ events }) => events)).toEqual([0, 0, 1, 0])
  hubs.close()
})
