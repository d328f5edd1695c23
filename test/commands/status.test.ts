import { BlobCheckpointStore } from '@azure/eventhubs-checkpointstore-blob'
import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs'
import { Kafka, logLevel } from 'kafkajs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { adviceFor } from '../../src/engine/status/advice.ts'
import { realClock, type Clock } from '../../src/lib/clock.ts'
import { Interruption } from '../../src/lib/errors.ts'
import { armClient, type Fault, readFaults, startService } from '../../src/local/index.ts'
import type { StatusDocument } from '../../src/ui/document-schema.ts'
import { startTestAzure } from '../support/azure.ts'
import { startAzurite } from '../support/azurite.ts'
import { spellerFor } from '../support/speaking.ts'
import { runCli, type TestOptions } from '../support/test-deps.ts'
import { hub as hubStatus, namespace as namespaceStatus } from '../ui/status/statuses.ts'
import { documentOf, PLACE, SERVICE_HOST as host, TARGET, unwrapped } from './support.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const HOUR_MS = 3_600_000
const HUBS = [
  { name: 'clicks', partitions: 4, retentionHours: 24, consumerGroups: ['trainer', 'report'] },
  { name: 'views', partitions: 1, retentionHours: 24, consumerGroups: [] },
]

/** Now, or so much earlier: tokens of clients are valid from then on. */
class ShiftedClock implements Clock {
  shiftMs = 0
  now = (): number => Date.now() + this.shiftMs
  sleep: Clock['sleep'] = (ms, signal) => realClock.sleep(ms, signal)
}

interface Namespace {
  readonly clock: ShiftedClock
  readonly connectionString: string
  readonly kafka: Kafka
  readonly send: (partitionId: string, count: number) => Promise<void>
  /** Reads so many events of a partition, and leaves. */
  readonly read: (group: string, partition: string, count: number) => Promise<void>
  readonly deleteHub: (name: string) => Promise<void>
  readonly run: (argv: readonly string[], options?: TestOptions) => ReturnType<typeof runCli>
  readonly status: (argv?: readonly string[], options?: TestOptions) => ReturnType<typeof runCli>
  readonly document: (argv?: readonly string[]) => Promise<StatusDocument>
}

async function startNamespace({ faults = [] }: { readonly faults?: readonly Fault[] } = {}): Promise<Namespace> {
  const folder = temporaryFolder()
  const clock = new ShiftedClock()
  const service = await startService({
    ...{ host, clock, version: '1.2.3', dataFolder: folder },
    arm: { faults, namespaces: [{ group: 'rg', name: 'ns-one-7k2p', hubs: HUBS }] },
    dataPlane: { ports: { amqp: 0, kafka: 0 } },
    log: () => undefined,
  })
  onTestFinished(() => service.close())
  const { armEndpoint, listeners } = service.record
  const arm = await armClient(armEndpoint)
  const [namespace] = await arm.list(arm.paths.namespaces)
  const keys = await arm.listKeys(`${namespace!.id}/authorizationRules/RootManageSharedAccessKey`)
  const connectionString = keys.primaryConnectionString
  const port = listeners.find(({ protocol }) => protocol === 'kafka')!.port
  const kafka = new Kafka({
    ...{ brokers: [`localhost:${port}`], logLevel: logLevel.NOTHING },
    sasl: { mechanism: 'plain', username: '$ConnectionString', password: connectionString },
  })
  const run = ([command, ...argv]: readonly string[], options: TestOptions = {}) =>
    runCli([command!, '--local', '--data', folder, ...argv], { clock, host, cwd: folder, ...options })
  const status = (argv: readonly string[] = [], options: TestOptions = {}) => run(['status', ...argv], options)
  return {
    ...{ clock, connectionString, kafka, status, run },
    deleteHub: async (name) => {
      const url = `${armEndpoint}${namespace!.id}/eventhubs/${name}?api-version=2024-01-01`
      const { status: code } = await fetch(url, { method: 'DELETE', headers: { authorization: 'Bearer x' } })
      expect(code).toBe(200)
    },
    send: async (partitionId, count) => {
      const producer = new EventHubProducerClient(connectionString, 'clicks')
      await producer.sendBatch(
        Array.from({ length: count }, (_, i) => ({ body: { i } })),
        { partitionId },
      )
      await producer.close()
    },
    read: async (group, partition, count) => {
      const consumer = new EventHubConsumerClient(group, connectionString, 'clicks')
      await new Promise<void>((resolve, reject) => {
        let seen = 0
        consumer.subscribe(
          partition,
          {
            processEvents: async (events) => {
              seen += events.length
              if (seen >= count) resolve()
            },
            processError: async (error) => reject(error),
          },
          { startPosition: { offset: '-1' }, maxBatchSize: count },
        )
      })
      await consumer.close()
    },
    document: async (argv = []) => documentOf(await status(['--json', ...argv])) as unknown as StatusDocument,
  }
}

const hubOf = ({ hubs }: StatusDocument, name: string) => hubs.find((hub) => hub.name === name)!
const totalsOf = ({ hubs }: StatusDocument) =>
  hubs.map(({ traffic }) => [traffic!.eventsIn.total, traffic!.eventsOut.total, traffic!.bytesOut.total])
const groupOf = (document: StatusDocument, group: string, source: string | null) =>
  hubOf(document, 'clicks').groups.find((one) => one.group === group && one.source === source)!

describe('numbers', () => {
  test('are those of what clients of both protocols sent and read, to the event', { timeout: 60_000 }, async () => {
    const { kafka, send, read, document } = await startNamespace()
    await send('2', 1_400)
    await send('0', 60)
    const producer = kafka.producer()
    await producer.connect()
    await producer.send({ topic: 'clicks', messages: Array.from({ length: 40 }, () => ({ value: 'x', partition: 1 })) })
    await producer.disconnect()
    await read('trainer', '0', 60)
    const consumer = kafka.consumer({ groupId: 'lake' })
    await consumer.connect()
    await consumer.subscribe({ topic: 'clicks', fromBeginning: true })
    await new Promise<void>((resolve) => {
      let seen = 0
      void consumer.run({ eachMessage: async () => void (++seen === 1_500 && resolve()) })
    })
    await consumer.disconnect()
    await send('2', 5)
    await send('3', 2)

    const found = await document()
    const clicks = hubOf(found, 'clicks')
    expect(clicks.traffic).toMatchObject({ eventsIn: { total: 1_507 }, eventsOut: { total: 1_560 } })
    expect(found.namespace.uses!.map(({ of, peakPerSecond }) => [of, peakPerSecond > 0])).toEqual([
      ['bytes in', true],
      ['events in', true],
      ['bytes out', true],
      ['events out', true],
    ])
    expect(hubOf(found, 'views').traffic).toMatchObject({ eventsIn: { total: 0 } })
    expect(clicks.partitions!.map(({ events }) => events)).toEqual([60, 40, 1_405, 2])
    expect(clicks.skew).toMatchObject({ partition: '2', times: (1_405 / 1_507) * 4 })
    expect(groupOf(found, 'trainer', 'readers')).toMatchObject({ lag: 0, untouched: ['1', '2', '3'] })
    expect(groupOf(found, 'lake', 'kafka')).toMatchObject({ lag: 5, lost: 0, untouched: ['3'] })
    expect(groupOf(found, 'report', null)).toMatchObject({ lag: null })
    expect(found.unread).toEqual([])
    // It reads, and nobody can tell.
    expect(totalsOf(await document())).toEqual(totalsOf(found))
  })

  test('of lag are not changed by our own reading', { timeout: 60_000 }, async () => {
    const { run, document } = await startNamespace()
    // Without Kafka's endpoint an event is read to know its age.
    const basic = ['-g', 'rg', '-n', 'ns-basic-7k2p']
    const made = await run(['create', ...basic, '--tier', 'basic', '--hub', 'clicks', '--partitions', '1', '--yes'])
    expect(made.exitCode).toBe(0)
    const send = (count: string) => run(['send', 'clicks', ...basic, '--sample', 'clicks', '--count', count])
    await send('200')
    await run(['tail', 'clicks', ...basic, '--count', '200'])
    await send('300')
    const lagOf = async () => groupOf(await document(basic), '$Default', 'readers').lag
    expect(await lagOf()).toBe(300)
    expect(await lagOf()).toBe(300)
    expect((await run(['verify', ...basic, '--hub', 'clicks'])).exitCode).toBe(0)
    expect(await lagOf()).toBe(301)
  })

  test(
    'of lag grow while a reader stands still, with the time of its loss to the minute',
    { timeout: 60_000 },
    async () => {
      const { clock, send, document, status } = await startNamespace()
      const azurite = await startAzurite()
      onTestFinished(() => azurite.stop())
      const container = azurite.referee.getContainerClient('checkpoints')
      await container.create()
      const checkpoint = (partitionId: string, sequenceNumber: number) =>
        new BlobCheckpointStore(container).updateCheckpoint({
          ...{ fullyQualifiedNamespace: 'localhost', eventHubName: 'clicks', consumerGroup: 'trainer' },
          ...{ partitionId, offset: '0', sequenceNumber },
        })
      clock.shiftMs = -22.5 * HOUR_MS
      const sentMs = clock.now()
      await send('0', 10)
      await send('1', 10)
      clock.shiftMs = -10 * HOUR_MS
      await send('0', 10)
      await checkpoint('0', 9)
      await checkpoint('1', 9)
      clock.shiftMs = 0
      const flags = ['--checkpoints', 'stlake/checkpoints', '--storage', `stlake=${azurite.connectionString}`]

      const before = await document(flags)
      const behind = groupOf(before, 'trainer', 'checkpoints')
      expect(behind).toMatchObject({ lag: 10, lost: 0, untouched: [] })
      expect(Math.abs(Date.parse(behind.lossAt!) - (sentMs + (12.5 + 24) * HOUR_MS))).toBeLessThan(60_000)
      expect(groupOf(before, 'report', 'checkpoints')).toMatchObject({
        lag: null,
        partitions: [],
        untouched: ['0', '1'],
      })

      await checkpoint('0', 4)
      const after = groupOf(await document(flags), 'trainer', 'checkpoints')
      expect(after).toMatchObject({ lag: 15, partitions: [{ lag: 15 }, { lag: 0 }] })
      expect(Math.abs(Date.parse(after.lossAt!) - (sentMs + 24 * HOUR_MS))).toBeLessThan(60_000)
      const { stdout } = await status(flags)
      expect(unwrapped(stdout)).toMatch(/group trainer lag 15, .*unread events are dropped in 1 h (29|30) min/)
      expect(unwrapped(stdout)).toContain('group report never checkpointed')
      expect(unwrapped(stdout)).toContain('trainer reads clicks too slowly, in partition 0')
    },
  )
})

describe('what may not be read', () => {
  const faulty = async (...faults: readonly string[]) => {
    const read = await readFaults(faults)
    expect(read.mistakes).toEqual([])
    return startNamespace({ faults: read.faults })
  }

  test('is one line, and no error', async () => {
    const { status, send } = await faulty('403,path=Microsoft.Insights')
    await send('0', 3)
    const { exitCode, stdout } = await status()
    expect(exitCode).toBe(0)
    expect(unwrapped(stdout)).toContain('metrics: ')
    expect(unwrapped(stdout)).toContain('Monitoring Reader')
    expect(unwrapped(stdout)).toMatch(/kept 3 events/)
  })

  test.each([
    ['a request that is throttled is sent again', '429,path=Microsoft.Insights,times=2,retry-after=1', []],
    ['one that stays throttled is told', '429,path=Microsoft.Insights,retry-after=1', ['metrics']],
    ['a metric that fails is told', 'metric-failed,metric=Size', ['metrics']],
    ['minutes that are late are told where there are no others', 'late-metrics', ['metrics']],
  ])('%s', { timeout: 30_000 }, async (_, fault, unread) => {
    const { document, send } = await faulty(fault)
    await send('0', 3)
    const found = await document()
    expect(found.unread.map(({ what }) => what)).toEqual(unread)
    expect(hubOf(found, 'clicks').partitions).toMatchObject([{ events: 3 }, {}, {}, {}])
  })
})

describe('thresholds', () => {
  test.each([
    ['nothing was throttled', ['--exit-code'], 0],
    ['a group lags no more than it may', ['--exit-code', '--max-lag', '20'], 0],
    ['a group lags more', ['--exit-code', '--max-lag', '19'], 5],
    ['a group lags more, and nobody asked for the exit code', ['--max-lag', '19'], 0],
  ])('%s', { timeout: 30_000 }, async (_, argv, exitCode) => {
    const { send, read, status } = await startNamespace()
    await send('0', 10)
    await read('trainer', '0', 10)
    await send('0', 20)
    const run = await status([...argv, '--json'])
    expect(run.exitCode).toBe(exitCode)
    expect(documentOf(run)).toMatchObject({ exitCode })
  })

  test('a lag that nobody knows is too much', async () => {
    const { status, send } = await startNamespace()
    await send('0', 1)
    expect(await status(['--exit-code', '--max-lag', '100'])).toMatchObject({ exitCode: 5 })
  })
})

test('watching goes on when it cannot be read, says so, and ends with Ctrl-C', { timeout: 30_000 }, async () => {
  const { clock, send, status, deleteHub } = await startNamespace()
  await send('0', 3)
  const stop = new AbortController()
  let turns = 0
  const turning: Clock = {
    now: clock.now,
    sleep: async (ms, signal) => {
      if (ms !== 2_000) return realClock.sleep(ms, signal)
      turns++
      // The first reading was good, and now the hub that it is about is gone.
      if (turns === 1) await deleteHub('clicks')
      if (turns === 2) stop.abort(new Interruption('SIGINT'))
      signal?.throwIfAborted()
    },
  }
  const { exitCode, stdout } = await status(['clicks', '--watch'], { clock: turning, stop: stop.signal, tty: true })
  expect(exitCode).toBe(130)
  expect(turns).toBe(2)
  const frames = stdout.split('\u001b[?2026h').slice(1)
  expect(frames).toHaveLength(2)
  expect(frames[0]).not.toContain('cannot be read')
  expect(unwrapped(frames[1]!)).toMatch(/since then it cannot be read: .*there is no hub clicks/)
  expect(stdout.slice(stdout.lastIndexOf('\u001b[?1049l'))).toContain('kept')
})

test.each([
  ['more units', 0, /capacity 2 throughput units -> 4 throughput units/],
  ['more of auto-inflate', 2, /auto-inflate/],
])('what is advised changes the namespace alone: %s', async (_, inflate, changes) => {
  const azure = await startTestAzure()
  const flags = inflate > 0 ? ['--auto-inflate-max', String(inflate)] : []
  await azure.run(['create', ...PLACE, '--hub', 'clicks:8', '--capacity', '2', ...flags, '--yes'])
  const use = { way: 'bytes in', mean: 1, peak: 1.9e6, carries: 2e6, percent: 95, minutes: [] } as const
  const namespace = { ...namespaceStatus({ uses: [use], units: 2, maxUnits: 2 }), isInflating: inflate > 0 }
  const advice = adviceFor({ atMs: 0, namespace, hubs: [hubStatus({ name: 'clicks' })], priceOf: () => undefined })
  const line = spellerFor('status').text(advice!.text)
  const words = line.slice(line.indexOf('create ') + 'create '.length).split(' ')
  const { stdout } = await azure.run(['plan', ...TARGET, ...words])
  expect(unwrapped(stdout)).toMatch(changes)
  expect(unwrapped(stdout)).toMatch(/1 to update, \d unchanged/)
})

test('only a terminal can be redrawn', async () => {
  const { status } = await startNamespace()
  const { exitCode, stderr } = await status(['--watch', '--window', '90s', '--exit-code'])
  expect(exitCode).toBe(2)
  expect(unwrapped(stderr)).toMatch(
    /--window 90s is not a time in whole minutes.* --watch contradicts --exit-code.* --watch needs a terminal/,
  )
})

test('says what is not there, and how to make it', async () => {
  const { status } = await startNamespace()
  const hub = await status(['-g', 'rg', '-n', 'ns-one-7k2p', '--hub', 'click'])
  expect(hub.exitCode).not.toBe(0)
  expect(unwrapped(hub.stderr)).toMatch(
    /Can't show the status: there is no hub click in namespace ns-one-7k2p.*Did you mean clicks\?/,
  )
  const namespace = await status(['-g', 'rg', '-n', 'ns-two'])
  expect(unwrapped(namespace.stderr)).toContain('there is no namespace ns-two in resource group rg')
})
