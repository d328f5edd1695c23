import { EventHubConsumerClient } from '@azure/event-hubs'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { LoadReaders } from '../../src/data/load-readers.ts'
import { runLoadTest } from '../../src/data/load-test.ts'
import type { Connection } from '../../src/engine/connection.ts'
import { eventsAfter, type LoadPlan } from '../../src/engine/load-test.ts'
import { Bell, realClock } from '../../src/lib/clock.ts'
import { Interruption } from '../../src/lib/errors.ts'
import { Secret } from '../../src/lib/secret.ts'
import { HUB, NAMESPACE, startTestBroker } from '../local/amqp/support/local.ts'
import { ManualClock } from '../support/manual-clock.ts'

const plan: LoadPlan = { eventsPerSecond: 200, bytesPerEvent: 200, durationMs: 1_000, by: 'load' }

const optionsWith = (signal: AbortSignal) => ({
  target: { protocol: 'amqp', transport: 'tcp', hostname: 'localhost', port: 5672, proxy: undefined } as const,
  ...{ userAgent: 'test', consumerGroup: '$Default', clock: realClock, signal },
})

async function hubOf(partitionCount: number) {
  const local = await startTestBroker({ mode: 'memory' })
  onTestFinished(() => local.stop())
  local.directory.changeHub(HUB, { partitionCount })
  const connectionOn = (port: number): Connection => {
    const string = local.connectionString().replace(`:${local.broker.port}`, `:${port}`)
    return {
      ...{ subscriptionId: '', resourceGroup: 'rg', namespace: NAMESPACE, namespaceId: '', host: `localhost:${port}` },
      ...{ hub: HUB, hubStatus: 'Active', consumerGroups: [], kafka: undefined, tierHasKafka: true, conditions: [] },
      sign: {
        ...{ kind: 'sas', rule: 'all', scope: 'namespace', rights: ['Manage', 'Send', 'Listen'], secondary: false },
        ...{ key: new Secret('-'), connectionString: new Secret(string) },
      },
    }
  }
  return { local, connectionOn }
}

test('many partitions are read without a warning of Node', async () => {
  const { local, connectionOn } = await hubOf(16)
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on('warning', onWarning)
  onTestFinished(() => void process.off('warning', onWarning))
  const outcome = await runLoadTest(connectionOn(local.broker.port), plan, optionsWith(new AbortController().signal))
  expect(outcome).toMatchObject({ accepted: 200, received: 200, lost: 0, doubled: 0, unsent: 0, error: undefined })
  await new Promise(setImmediate)
  expect(warnings).toEqual([])
})

test('an interruption ends it soon where the network is dead', async () => {
  const { local, connectionOn } = await hubOf(2)
  const sockets: Socket[] = []
  const relay = createServer((near) => {
    const far = connect(local.broker.port, 'localhost')
    near.pipe(far).pipe(near)
    for (const socket of [near, far]) sockets.push(socket.on('error', () => undefined))
  })
  await new Promise<void>((resolve) => relay.listen(0, 'localhost', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    relay.close()
  })
  const sleeps: number[] = []
  const sleep = (ms: number, signal?: AbortSignal) => (sleeps.push(ms), realClock.sleep(ms, signal))
  const clock = { ...realClock, sleep }
  const stop = new AbortController()
  const { port } = relay.address() as AddressInfo
  const running = runLoadTest(
    connectionOn(port),
    { ...plan, durationMs: 60_000 },
    { ...optionsWith(stop.signal), clock },
  )
  await expect.poll(() => local.broker.stats().hubs[0]!.events, { timeout: 15_000 }).toBeGreaterThan(40)
  for (const socket of sockets) socket.unpipe().pause()
  // Then as many requests are on the way as are waited for.
  await expect.poll(() => sleeps, { timeout: 15_000 }).toContain(60_000)
  const stoppedMs = realClock.now()
  stop.abort(new Interruption('SIGINT'))
  expect(await running).toMatchObject({ stoppedBy: stop.signal.reason as unknown, error: undefined })
  expect(realClock.now() - stoppedMs).toBeLessThan(6_000)
})

test('partitions that do not open in time end it', async () => {
  const { local } = await hubOf(2)
  const consumer = new EventHubConsumerClient('$Default', local.connectionString())
  onTestFinished(() => consumer.close())
  const silent = Object.create(consumer, {
    subscribe: { value: () => ({ isRunning: true, close: () => Promise.resolve() }) },
  }) as EventHubConsumerClient
  const clock = new ManualClock()
  const errors: unknown[] = []
  const onError = (error: unknown) => void errors.push(error)
  const { signal } = new AbortController()
  const readers = new LoadReaders(silent, { id: 'a', clock, news: new Bell(), signal, onError })
  const opening = readers.open()
  await expect.poll(() => clock.pending).toEqual([15_000])
  clock.advance(15_000)
  await opening
  await readers.close()
  expect(errors).toMatchObject([{ message: 'Not all partitions could be read within 15 seconds.' }])
})

test('an error of our own is thrown as it is', async () => {
  const { local, connectionOn } = await hubOf(2)
  const bug = new TypeError('x is not a function')
  const clock = { ...realClock, now: () => (eventsAfter(plan, 1) > 0 ? fail(bug) : 0) }
  const options = { ...optionsWith(new AbortController().signal), clock }
  await expect(runLoadTest(connectionOn(local.broker.port), plan, options)).rejects.toBe(bug)
})

const fail = (error: Error): never => {
  throw error
}
