import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startLocalAzure, type LocalAzure, type LocalAzureHub, type LocalAzureOptions } from '../../../src/index.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

async function started(options?: LocalAzureOptions): Promise<LocalAzure> {
  const azure = await startLocalAzure(options)
  onTestFinished(() => azure.stop())
  return azure
}

/** Whether somebody listens on the port. */
const opens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
    onTestFinished(() => void socket.destroy())
  })

async function send(connectionString: string, body: string, hub?: string): Promise<void> {
  const producer = hub
    ? new EventHubProducerClient(connectionString, hub)
    : new EventHubProducerClient(connectionString)
  await producer.sendBatch([{ body }], { partitionId: '0' })
  await producer.close()
}

async function lastSequenceNumber(connectionString: string, group: string): Promise<number> {
  const consumer = new EventHubConsumerClient(group, connectionString)
  const { lastEnqueuedSequenceNumber } = await consumer.getPartitionProperties('0')
  await consumer.close()
  return lastEnqueuedSequenceNumber
}

describe('startLocalAzure', () => {
  test('without options: one hub, ready to use, on ports of its own', async () => {
    const [one, two] = await Promise.all([started(), started()])
    expect(Object.keys(one.hubs)).toEqual(['ml-data-stream'])
    expect(one.port).not.toBe(two.port)
    await send(one.hubs['ml-data-stream']!, 'x')
    expect(await lastSequenceNumber(one.hubs['ml-data-stream']!, 'ml-data-consumer-group')).toBe(0)
    expect(await lastSequenceNumber(two.hubs['ml-data-stream']!, '$Default')).toBe(-1)
  })

  test('hubs as they are asked for; the string of the namespace opens each', async () => {
    const azure = await started({
      hubs: ['clicks', { name: 'views', partitions: 64, consumerGroups: ['v'] }],
      consumerGroups: ['trainer'],
      namespace: 'ns-mine-7k2p',
    })
    await send(azure.connectionString, 'x', 'views')
    const consumer = new EventHubConsumerClient('v', azure.hubs['views']!)
    expect(await consumer.getEventHubProperties()).toMatchObject({ name: 'views', partitionIds: { length: 64 } })
    await consumer.close()
    expect(azure.hubs['clicks']).toContain('SharedAccessKeyName=ml-ingest-send-listen')
    const path = '/subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.EventHub/namespaces'
    const answer = await fetch(`${azure.armEndpoint}${path}?api-version=2024-01-01`, {
      headers: { authorization: 'Bearer x' },
    })
    expect(await answer.json()).toMatchObject({ value: [{ name: 'ns-mine-7k2p', sku: { name: 'Premium' } }] })
  })

  test('Kafka clients have a port of their own: any free one, or the one that is asked for', async () => {
    const first = await started()
    const port = Number(/^localhost:(\d+)$/.exec(first.kafkaBootstrapServers)?.[1])
    expect(port).not.toBe(first.port)
    expect(await opens(port)).toBe(true)
    await first.stop()
    expect(await opens(port)).toBe(false)
    expect(await started({ ports: { kafka: port } })).toMatchObject({ kafkaBootstrapServers: `localhost:${port}` })
  })

  test('holds the namespace to its unit, if asked', async () => {
    const comingIn = async (azure: LocalAzure) => {
      const options = { retryOptions: { maxRetries: 0 } }
      const producer = new EventHubProducerClient(azure.connectionString, 'ml-data-stream', options)
      const large = Array.from({ length: 5_000 }, () => ({ body: 1 }))
      try {
        // One may pass, and then none for four seconds.
        return await producer
          .sendBatch(large)
          .then(() => producer.sendBatch(large))
          .then(
            () => 'all',
            (error: { code?: string }) => error.code,
          )
      } finally {
        await producer.close()
      }
    }
    expect(await comingIn(await started())).toBe('all')
    expect(await comingIn(await started({ enforceLimits: true }))).toBe('ServerBusyError')
  })

  test('stops once, however often it is told to, and by await using', async () => {
    const azure = await startLocalAzure()
    await Promise.all([azure.stop(), azure[Symbol.asyncDispose](), azure.stop()])
    await expect(fetch(azure.armEndpoint)).rejects.toThrow()
  })

  test('a folder keeps resources, keys and events; two at a time are refused', async () => {
    const dataFolder = temporaryFolder()
    const first = await started({ dataFolder, hubs: ['clicks'] })
    await send(first.hubs['clicks']!, 'x')
    await expect(startLocalAzure({ dataFolder })).rejects.toMatchObject({ code: 'local-running' })
    await first.stop()
    const again = await started({ dataFolder, hubs: ['clicks'], ports: { amqp: first.port } })
    expect(again.hubs['clicks']).toBe(first.hubs['clicks'])
    expect(await lastSequenceNumber(again.hubs['clicks']!, '$Default')).toBe(0)
  })

  test.each([
    ['missing', undefined, ' is missing'],
    ['empty', '', ': it is not JSON'],
    ['cut short', '{"format":"ml-ingest-local-azure","ver', ': it is not JSON'],
  ])('a state.json that is %s costs no events: the start is refused and names the file', async (_, text, why) => {
    const dataFolder = temporaryFolder()
    const first = await startLocalAzure({ dataFolder, hubs: ['clicks'] })
    await send(first.hubs['clicks']!, 'x')
    await first.stop()
    const file = join(dataFolder, 'state.json')
    const whole = await readFile(file, 'utf8')
    if (text === undefined) await rm(file)
    else await writeFile(file, text)

    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(startLocalAzure({ dataFolder, hubs: ['clicks'] })).rejects.toMatchObject({
        code: 'local-state',
        why: expect.arrayContaining([expect.stringContaining(`${file}${why}`)]) as string[],
      })
    }
    await writeFile(file, whole)
    const again = await started({ dataFolder, hubs: ['clicks'] })
    expect(await lastSequenceNumber(again.hubs['clicks']!, '$Default')).toBe(0)
  })

  test('a port of Resource Manager that is taken, and a hub that cannot be, leave nothing behind', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void taken.close())
    const { port } = taken.address() as { port: number }
    await expect(startLocalAzure({ ports: { arm: port } })).rejects.toMatchObject({
      ...{ code: 'local-port', message: `Can't listen on port ${port}`, why: ['Another process listens there.'] },
    })
    await expect(startLocalAzure({ hubs: ['no spaces please', 'ok', '?'] })).rejects.toMatchObject({
      code: 'local-request',
      why: [
        expect.stringContaining("'no spaces please' is not valid for an event hub") as string,
        expect.stringContaining("'?' is not valid for an event hub") as string,
        'Nothing was changed.',
      ],
    })
  })

  test.each([{ amqp: 99_999 }, { arm: -1 }, { amqp: 1.5 }])('%j: what is no port is said to be none', async (ports) => {
    await expect(startLocalAzure({ ports })).rejects.toMatchObject({
      code: 'local-port',
      why: ['A port is a whole number from 0 to 65535; 0 is any free one.'],
    })
  })

  test('one port for two is refused, and named', async () => {
    await expect(startLocalAzure({ ports: { amqp: 45_599, kafka: 45_599 } })).rejects.toMatchObject({
      ...{ code: 'local-port', message: "Can't listen on port 45599" },
      why: ['It is asked for twice, and each has a port of its own.'],
    })
  })

  test('a range of Kafka that does not exist is refused by name, as JavaScript may say it', async () => {
    const options = { kafkaRange: 'x' } as unknown as LocalAzureOptions
    await expect(startLocalAzure(options)).rejects.toMatchObject({
      ...{ code: 'local-request', message: "There is no range x of Kafka's versions", why: ['It is full or azure.'] },
    })
  })
})

describe('Capture', () => {
  test('writes the events of a hub to a folder when it is told to', async () => {
    const captureFolder = temporaryFolder()
    const capture = {
      container: 'clicks',
      intervalSeconds: 1,
      encoding: 'AvroDeflate',
      skipEmptyArchives: true,
    } as const
    const azure = await started({ hubs: [{ name: 'clicks', partitions: 1, capture }, 'views'], captureFolder })
    await send(azure.hubs['clicks']!, 'x')
    await send(azure.hubs['views']!, 'y')
    const files = await azure.flushCapture('clicks')
    expect(files).toMatchObject([{ hub: 'clicks', partition: '0', events: 1, firstSequenceNumber: 0 }])
    expect(files[0]!.where.startsWith(join(captureFolder, 'lake', 'clicks', 'ml-ingest-local', 'clicks', '0'))).toBe(
      true,
    )
    expect((await readFile(files[0]!.where)).toString('latin1')).toContain('deflate')
    expect(await azure.flushCapture()).toEqual([])
  })

  test('needs to know where the files go, and takes only what Resource Manager takes', async () => {
    await expect(started({ hubs: [{ name: 'clicks', capture: {} }] })).rejects.toMatchObject({
      message: "Can't capture hub clicks",
      hint: 'Give captureFolder, dataFolder, or the storage account in storage.',
    })
    const storage = { lake: 'UseDevelopmentStorage=true' }
    expect((await started({ hubs: [{ name: 'clicks', capture: {} }], storage })).hubs['clicks']).toContain('=clicks')
    const azure = await started({ hubs: ['plain', { name: 'clicks', capture: {} }], storage })
    for (const hub of ['plain', 'nope'])
      await expect(azure.flushCapture(hub)).rejects.toMatchObject({
        why: [`ml-ingest-local/${hub}: It is no hub that is captured`],
      })
    const capture = { intervalSeconds: 0 }
    const wrong = { ...capture, container: 'R_', storageAccount: 'UP', encoding: 'parquet', bogus: 1 }
    const hubs = [
      { name: 'clicks', capture: wrong },
      { name: 'views', capture: true },
    ] as unknown as LocalAzureHub[]
    const nowhere = { Lake: 'UseDevelopmentStorage=true' }
    await expect(started({ hubs, storage: nowhere, captureFolder: tmpdir() })).rejects.toMatchObject({
      code: 'local-request',
      why: [
        'Hub clicks: capture.intervalSeconds 0 is out of range: the interval of Capture is 60s to 15m, and from 1s on the embedded Azure.',
        expect.stringMatching(/^Hub clicks: capture.container "R_" has 2 characters/),
        expect.stringMatching(/^Hub clicks: capture.storageAccount "UP" is not the name of a storage account/),
        'Hub clicks: capture.encoding "parquet" is neither Avro nor AvroDeflate.',
        'Hub clicks: capture has no setting bogus.',
        'Hub views: capture is not an object, such as {}.',
        expect.stringMatching(/^storage: "Lake" is not the name/),
      ],
    })
  })
})
