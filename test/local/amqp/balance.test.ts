import { afterAll, beforeAll, expect, it } from 'vitest'
import { CLIENTS, eventually, withProducer } from './support/clients.ts'
import { startTestBroker, type TestBroker } from './support/local.ts'
import { consume, memoryCheckpoints } from './support/processor.ts'
import { judge } from './support/referee.ts'

const PARTITIONS = ['0', '1', '2', '3']

let local: TestBroker
beforeAll(async () => {
  local = await startTestBroker()
})
afterAll(() => local.stop())

it.concurrent.each(CLIENTS)(
  '@azure/event-hubs %s shares the partitions among consumers, and takes over those of one that has gone',
  async (version, sdk) => {
    const hub = local.directory.addHub(`balance-${version}`).name
    const { result, sent } = await judge(local, { hub, name: `javascript-${version}` }, async (string) => {
      const send = (suffix: string) =>
        withProducer(sdk, string, async (producer) => {
          for (const partitionId of PARTITIONS)
            await producer.sendBatch([{ body: partitionId + suffix }], { partitionId })
        })
      const store = memoryCheckpoints()
      const [first, second] = [consume(sdk, string, store), consume(sdk, string, store)]
      await eventually(() => first.owns() === 2 && second.owns() === 2, 'each has two partitions')
      await send('')
      await eventually(() => first.bodies.length + second.bodies.length === 4, 'all has come')
      const shared = [first.bodies.length, second.bodies.length]
      await first.close()
      await eventually(() => second.owns() === 4, 'the other has all')
      await send(' again')
      await eventually(() => second.bodies.length >= shared[1]! + 4, 'all has come again')
      await second.close()
      return { shared, bodies: [...first.bodies, ...second.bodies].sort() }
    })
    // Whoever takes a partition over goes on after the last checkpoint: nothing comes twice.
    expect(result).toEqual({
      shared: [2, 2],
      bodies: ['0', '0 again', '1', '1 again', '2', '2 again', '3', '3 again'],
    })
    expect(sent['close']).toBeGreaterThanOrEqual(4)
    expect(local.broker.stats().hubs.find(({ name }) => name === hub)).toMatchObject({ senders: 0, receivers: 0 })
  },
)
