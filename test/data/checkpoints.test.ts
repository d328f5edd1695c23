import { execFileSync } from 'node:child_process'
import { BlobCheckpointStore } from '@azure/eventhubs-checkpointstore-blob'
import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs'
import type { ContainerClient } from '@azure/storage-blob'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { checkpointsFailure, readCheckpoints } from '../../src/data/checkpoints.ts'
import { readPartitionStates } from '../../src/data/partition-states.ts'
import { input } from '../../src/inputs/refer.ts'
import { startLocalAzure } from '../../src/index.ts'
import { BlobClient } from '../../src/lib/blob/blob-client.ts'
import { BlobError } from '../../src/lib/blob/blob-error.ts'
import { realClock } from '../../src/lib/clock.ts'
import { present, PYTHON, pythonModule } from '../local/amqp/support/referee.ts'
import { type Azurite, startAzurite } from '../support/azurite.ts'

const HOST = 'ns-clicks.servicebus.windows.net'
const { signal } = new AbortController()

let azurite: Azurite
let client: BlobClient
beforeAll(async () => {
  azurite = await startAzurite()
  client = BlobClient.of(azurite.connection, realClock)
})
afterAll(() => azurite.stop())

const read = (container: string, hub = 'Clicks', fqdn = HOST) =>
  readCheckpoints({ client, container }, { fqdn, hub, signal })

async function made(name: string): Promise<ContainerClient> {
  const container = azurite.referee.getContainerClient(name)
  await container.create()
  return container
}

const put = (container: ContainerClient, name: string, metadata: Record<string, string> = {}, body = '') =>
  container.getBlockBlobClient(name).upload(body, body.length, { metadata })

const rangeOf = (from: number, count: number) => Array.from({ length: count }, (_, i) => ({ body: from + i }))

test('lag that two workers leave, which share the partitions of a group', { timeout: 60_000 }, async () => {
  const azure = await startLocalAzure({ hubs: ['Clicks'], consumerGroups: ['Trainer', 'idle'] })
  onTestFinished(() => azure.stop())
  const container = await made('workers')
  const string = azure.hubs['Clicks']!
  const producer = new EventHubProducerClient(string)
  const consumer = new EventHubConsumerClient('$Default', string)
  onTestFinished(async () => {
    await producer.close()
    await consumer.close()
  })
  const sent: Readonly<Record<string, number>> = { '0': 10, '1': 3, '2': 25, '3': 1 }
  const sendAll = () =>
    Promise.all(
      Object.entries(sent).map(([partitionId, count]) => producer.sendBatch(rangeOf(0, count), { partitionId })),
    )

  /** Starts a worker that calls `onRead` with each partition of which all that was sent is read. */
  const startWorker = (group: string, keeps: boolean, onRead: (partition: string) => void) => {
    const worker = new EventHubConsumerClient(group, string, new BlobCheckpointStore(container), {
      loadBalancingOptions: {
        ...{ strategy: 'balanced', updateIntervalInMs: 100, partitionOwnershipExpirationIntervalInMs: 60_000 },
      },
    })
    const subscription = worker.subscribe(
      {
        processEvents: async (events, context) => {
          const last = events.at(-1)
          if (!last || last.sequenceNumber + 1 < sent[context.partitionId]!) return
          if (keeps) await context.updateCheckpoint(last)
          onRead(context.partitionId)
        },
        processError: () => Promise.resolve(),
      },
      { startPosition: { sequenceNumber: 0, isInclusive: true }, maxBatchSize: 100, maxWaitTimeInSeconds: 1 },
    )
    return async () => {
      await subscription.close()
      await worker.close()
    }
  }
  const untilAllRead = async (group: string, workers: number, keeps: boolean) => {
    const waiting = new Set(Object.keys(sent))
    const stops: (() => Promise<void>)[] = []
    await new Promise<void>((resolve) => {
      const onRead = (partition: string) => {
        if (waiting.delete(partition) && waiting.size === 0) resolve()
      }
      for (let i = 0; i < workers; i++) stops.push(startWorker(group, keeps, onRead))
    })
    await Promise.all(stops.map((stop) => stop()))
  }

  await sendAll()
  await untilAllRead('Trainer', 2, true)
  await untilAllRead('idle', 1, false)
  const names: string[] = []
  for await (const { name } of container.listBlobsFlat()) names.push(name)
  expect(names.filter((name) => name.includes('/trainer/ownership/'))).toHaveLength(4)
  expect(names.filter((name) => name.includes('/idle/'))).toHaveLength(4)

  await sendAll()
  const states = await readPartitionStates(consumer, signal)
  const { groups, unusable, otherHubs } = await read('workers', 'Clicks', `localhost:${azure.port}`)
  expect({ unusable, otherHubs }).toEqual({ unusable: [], otherHubs: [] })
  expect(groups.map(({ group, source }) => `${group} ${source}`)).toEqual(['trainer checkpoints'])
  const lags = groups[0]!.partitions.map(({ partition, nextSequenceNumber }) => {
    const { lastSequenceNumber } = states.find((state) => state.partition === partition)!
    return [partition, lastSequenceNumber + 1 - nextSequenceNumber]
  })
  expect(Object.fromEntries(lags)).toEqual(sent)
})

test('checkpoints as each client of Azure writes them', async () => {
  const container = await made('layouts')
  const at = (group: string, partition: number, hub = 'clicks') => `${HOST}/${hub}/${group}/checkpoint/${partition}`
  await put(container, at('$default', 10), { sequencenumber: '41', offset: '1000' })
  await put(container, at('$default', 9), { offset: 'no offset', sequencenumber: '7', clientidentifier: 'a' })
  // Go and Java kept the case of names.
  await put(container, at('Java', 0, 'Clicks'), { SequenceNumber: '0', Offset: '0' })
  await put(container, at('Java', 1), { SequenceNumber: '12', Offset: '0' })
  // Of .NET where only the offset is known, and of others where nothing is.
  await put(container, at('net', 0), { sequencenumber: '', offset: '4096', clientidentifier: 'a' })
  for (const [i, text] of ['-1', 'None', 'null', '9007199254740993', '0x10'].entries())
    await put(container, at('odd', i), { sequencenumber: text, offset: '1' })
  await put(container, at('bare', 0))
  // A Data Lake lists its folders.
  for (const name of [`${HOST}/clicks/net`, `${HOST}/clicks/net/checkpoint`])
    await put(container, name, { hdi_isfolder: 'true' })
  await put(container, `${HOST}/clicks/old/0`, {}, '{"PartitionId":"0","Offset":"8591964920","SequenceNumber":960180}')
  await put(container, at('net', 0, 'clicks-2'), { sequencenumber: '5', offset: '1' })
  await put(container, `${HOST}/clicks/$default/ownership/9`, { ownerid: 'me' })
  await put(container, 'notes.txt')

  const { groups, unusable, otherHubs } = await read('layouts')
  expect(
    groups.map(({ group, partitions }) => [group, ...partitions.map((one) => [one.partition, one.nextSequenceNumber])]),
  ).toEqual([
    ['$default', ['9', 8], ['10', 42]],
    ['java', ['0', 1], ['1', 13]],
  ])
  const nothing = 'has no sequence number that can be used'
  expect(unusable.map(({ blob, why }) => [blob.slice(HOST.length), why])).toEqual([
    ['/clicks/bare/checkpoint/0', nothing],
    ['/clicks/net/checkpoint/0', nothing],
    ...[0, 1, 2, 3, 4].map((partition) => [`/clicks/odd/checkpoint/${partition}`, nothing]),
    ['/clicks/old/0', 'is of an older library (Microsoft.Azure.EventHubs, or Azure Functions before its extension 5)'],
  ])
  expect(otherHubs).toEqual([])
})

test('of a group that is there under two spellings the newer checkpoint counts', async () => {
  const container = await made('spellings')
  const at = (group: string, hub: string) => `${HOST}/${hub}/${group}/checkpoint/0`
  const older = await put(container, at('trainer', 'clicks'), { sequencenumber: '100', offset: '1' })
  const rewrite = () => put(container, at('Trainer', 'Clicks'), { sequencenumber: '7', offset: '1' })
  // Times are whole seconds.
  while ((await rewrite()).lastModified!.getTime() === older.lastModified!.getTime());
  const { groups } = await read('spellings')
  expect(groups.map(({ partitions }) => partitions)).toEqual([[{ partition: '0', nextSequenceNumber: 8 }]])
})

test('a container without checkpoints of the hub says whose it has', async () => {
  const container = await made('others')
  expect(await read('others')).toEqual({ groups: [], unusable: [], otherHubs: [] })
  for (let hub = 0; hub < 7; hub++)
    for (const kind of ['checkpoint', 'ownership'])
      await put(container, `ns-other/views-${hub}/g/${kind}/0`, { sequencenumber: '1' })
  expect((await read('others')).otherHubs).toEqual([0, 1, 2, 3, 4].map((hub) => `ns-other/views-${hub}`))
})

const STORE = pythonModule('azure.eventhub.extensions.checkpointstoreblob', 'python3-azure')

test.skipIf(!present(STORE))('checkpoints that the client for Python wrote', async () => {
  await made('python')
  // Its old client asks for what Azurite does not have.
  const script = `
from azure.eventhub.extensions.checkpointstoreblob import BlobCheckpointStore
import sys
mend = lambda request: request.http_request.headers.pop('x-ms-encryption-algorithm', None)
store = BlobCheckpointStore.from_connection_string(sys.argv[1], 'python', raw_request_hook=mend)
place = {'fully_qualified_namespace': '${HOST}', 'eventhub_name': 'Clicks', 'consumer_group': 'Trainer', 'partition_id': '3'}
store.claim_ownership([{**place, 'owner_id': 'me'}])
store.update_checkpoint({**place, 'sequence_number': 41, 'offset': '1000'})
`
  execFileSync(PYTHON, ['-c', script, azurite.connectionString])
  const [group] = (await read('python')).groups
  expect(group).toEqual({
    ...{ group: 'trainer', source: 'checkpoints' },
    partitions: [{ partition: '3', nextSequenceNumber: 42 }],
  })
})

test('a container that cannot be read is explained', async () => {
  const place = { account: 'stclicks', accountId: 'ID', by: 'sign-in', isLocal: false } as const
  const error = (await read('nowhere').catch((one: unknown) => one)) as BlobError
  const failed = checkpointsFailure(error, { ...place, container: 'nowhere' })
  expect(failed).toMatchObject({ code: 'absent', azure: { status: 404, code: 'ContainerNotFound' } })
  const hintEnd = [' that your readers give their checkpoint store, with ', input('checkpoints'), '.']
  const namesOther = (other: string) => ({ hint: { parts: ['Name the ', other, ...hintEnd] } })
  expect(failed).toMatchObject(namesOther('container'))
  const denied = new BlobError('denied', { code: 'AuthorizationPermissionMismatch', status: 403 })
  expect(checkpointsFailure(denied, { ...place, container: 'c' })).toMatchObject({
    ...{ code: 'access', message: expect.stringContaining('lacks the role Storage Blob Data Reader') as string },
  })
  const unknown = checkpointsFailure(new BlobError('gone', { code: 'ENOTFOUND' }), { ...place, container: 'c' })
  expect(unknown).toMatchObject(namesOther('account'))
})
