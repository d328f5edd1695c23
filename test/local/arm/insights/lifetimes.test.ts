import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ONCE } from '../../amqp/support/clients.ts'
import { hub, type Metered, MINUTE_MS, NAMESPACE, readAll, startMetered } from '../../support/metered.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const HOUR_MS = 60 * MINUTE_MS
const BY_HUB = { $filter: "EntityName eq '*'" }

async function send({ connectionString }: Metered, name: string, count: number): Promise<void> {
  const producer = new EventHubProducerClient(connectionString, name, ONCE)
  await producer.sendBatch(Array.from({ length: count }, () => ({ body: 'x' })))
  await producer.close()
}

const sizes = (azure: Metered, minutes = 1) =>
  azure.rows({ timespan: azure.span(0, minutes), metricnames: 'Size', aggregation: 'Maximum', ...BY_HUB }, 'maximum')

test('a restart keeps sizes, and begins counts and readers anew', async () => {
  const folder = temporaryFolder()
  const storage = { folder, events: join(folder, 'events') }
  const first = await startMetered([hub('clicks')], { storage })
  await send(first, 'clicks', 5)
  await readAll(new EventHubConsumerClient('$Default', first.connectionString, 'clicks', ONCE), 5)
  const before = await sizes(first)
  expect(before).toEqual([['Size clicks', expect.toSatisfy((bytes: number) => bytes > 0)]])
  await first.close()

  const second = await startMetered([hub('clicks')], { storage, startMs: first.startMs + 2 * MINUTE_MS })
  const counts = { timespan: second.span(-2, 1), metricnames: 'IncomingMessages', ...BY_HUB }
  // Nobody has looked into the files yet.
  expect(await second.rows(counts)).toEqual([['IncomingMessages clicks', undefined, undefined, 0]])
  expect(await sizes(second)).toEqual([])
  second.clock.advance(5_000)
  await expect.poll(() => sizes(second)).toEqual(before)
  expect((await second.held()).hubs[0]!.readers).toEqual([])
})

test('a partition that cannot be opened has no size, and takes nothing from the others', async () => {
  const folder = temporaryFolder()
  const storage = { folder, events: join(folder, 'events') }
  const first = await startMetered([hub('clicks'), hub('orders')], { storage })
  await send(first, 'clicks', 5)
  await send(first, 'orders', 3)
  const [, orders] = await sizes(first)
  expect(orders![1]).toBeGreaterThan(0)
  await first.close()
  const partition = join(storage.events, NAMESPACE, 'clicks', '0')
  const [file] = readdirSync(partition)
  rmSync(join(partition, file!))
  mkdirSync(join(partition, file!))

  const lines: string[] = []
  const log = (line: string) => lines.push(line)
  const second = await startMetered([], { storage, log, startMs: first.startMs + HOUR_MS })
  second.clock.advance(5_000)
  await expect.poll(() => sizes(second)).toEqual([orders])
  expect(lines).toContainEqual(expect.stringMatching(/^Cannot drop old events: EISDIR/))
})

test('a hub that was made again goes on in the metrics of its name, and has its own size', async () => {
  const azure = await startMetered([hub('clicks')])
  const path = `${azure.resourceId}/eventhubs/clicks`
  const nextMinute = async () => {
    azure.clock.advance(MINUTE_MS)
    await sizes(azure)
  }
  await send(azure, 'clicks', 50)
  await readAll(new EventHubConsumerClient('$Default', azure.connectionString, 'clicks', ONCE), 50)
  await nextMinute()
  await azure.request('DELETE', path)
  await nextMinute()
  await nextMinute()
  await azure.request('PUT', path, { properties: { partitionCount: 1 } })
  await send(azure, 'clicks', 2)
  const [large, , gone, small] = (await sizes(azure, 4))[0]!.slice(1) as (number | undefined)[]
  expect(gone).toBeUndefined()
  expect(small).toBeGreaterThan(0)
  expect(small).toBeLessThan(large! / 2)
  expect(await azure.rows({ timespan: azure.span(0, 4), metricnames: 'IncomingMessages', ...BY_HUB })).toEqual([
    ['IncomingMessages clicks', 50, expect.anything(), undefined, 2],
  ])
  expect((await azure.held()).hubs[0]!.readers).toEqual([])
})

test('what is older than a day has no values, also where a hub was there and something happened', async () => {
  const azure = await startMetered([hub('clicks', { retentionHours: 168 })])
  await send(azure, 'clicks', 5)
  const question = { interval: 'PT12H', metricnames: 'IncomingMessages,Size', ...BY_HUB }
  const timespan = azure.span(0, 36 * 60)
  const counted = async () =>
    (await azure.rows({ timespan, ...question, aggregation: 'Total,Count' }, 'count')).map(([, ...values]) => values)
  expect(await counted()).toEqual([
    [1, undefined, undefined],
    [1, undefined, undefined],
  ])
  azure.clock.advance(36 * HOUR_MS)
  expect(await counted()).toEqual([
    [undefined, 720, 720],
    [undefined, 720, 720],
  ])
})
