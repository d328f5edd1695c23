import { expect, it } from 'vitest'
import { realClock } from '../../../src/lib/clock.ts'
import { appendEvents } from '../../../src/local/hubs/events.ts'
import { readerFrom } from '../../../src/local/hubs/hub-reader.ts'
import { Hubs } from '../../../src/local/hubs/hubs.ts'
import { HUB, NAMESPACE, testDirectory } from '../amqp/support/local.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

it('lets a reader go on after a restart where it was, by its name', async () => {
  const folder = temporaryFolder()
  const directory = testDirectory()
  const hub = directory.hub(NAMESPACE, HUB)!
  const open = () => new Hubs({ directory, clock: realClock, storage: { folder }, log: () => undefined })
  const readOn = (hubs: Hubs, name: string, most: number): readonly number[] => {
    const value = hubs.cursors(hub).get(name, 0)?.next ?? 0
    const reader = readerFrom(hubs.partition(hub, 0), { kind: 'sequenceNumber', value, inclusive: true })
    const read = reader.read(most, 2 ** 20).map(({ sequenceNumber }) => sequenceNumber)
    hubs.cursors(hub).move(name, 0, { next: value + read.length })
    return read
  }
  const first = open()
  const events = ['a', 'b', 'c'].map((text) => ({ body: Buffer.from(text) }))
  await appendEvents(first, { namespace: NAMESPACE, hub: HUB, partition: '0', events })
  expect(readOn(first, 'archive', 2)).toEqual([0, 1])
  first.close()

  const again = open()
  expect(readOn(again, 'archive', 10)).toEqual([2])
  expect(readOn(again, 'archive', 10)).toEqual([])
  expect(readOn(again, 'another', 10)).toEqual([0, 1, 2])
  again.close()
})
