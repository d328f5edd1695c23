import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EventHubProducerClient } from '@azure/event-hubs'
import type { Capacity } from '../../../src/local/hubs/limits.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { CLIENTS, eventually, ONCE, read, type Reading } from './support/clients.ts'
import { HUB, NAMESPACE, sasToken, startTestBroker, type TestBroker } from './support/local.ts'
import { P, RawClient } from './support/raw-client.ts'

const BODY = 'x'.repeat(900)
const EVERY_MS = 100
const TEXT =
  /^(ServerBusyError: )?The request was terminated because the entity is being throttled\. Error code : 50002\. Please wait 4 seconds and try again\./

describe.each(CLIENTS)('@azure/event-hubs %s, where limits are enforced', { timeout: 60_000 }, (_, sdk) => {
  let clock: ManualClock
  let capacity: Capacity
  let local: TestBroker
  let producer: EventHubProducerClient
  const readings: Reading[] = []

  const setUnits = (units: number) => {
    capacity = { unit: 'throughput unit', units, mostUnits: units }
    // Whatever changes, the data plane looks again.
    local.directory.changeHub(HUB, {})
  }
  const batchOf = (events: number, body: unknown = BODY) => Array.from({ length: events }, () => ({ body }))
  const stored = () => local.broker.stats().hubs[0]!.events
  const reading = (group = '$Default') => {
    const one = read(sdk, local.connectionString(), { partition: '0', group, maxBatchSize: 2_000 })
    readings.push(one)
    return one
  }
  /** Fills partition 0 faster than one unit can. */
  const fill = async (count: number) => {
    setUnits(40)
    const events = Array.from({ length: count }, (_, i) => ({ body: Buffer.from(String(i)) }))
    await local.broker.appendEvents({ namespace: NAMESPACE, hub: HUB, partition: '0', events })
    setUnits(1)
  }
  /** Waits until the client gets nothing more at this time of the clock. */
  const quiet = async (events: readonly unknown[]) => {
    for (let seen = -1; seen !== events.length;) {
      seen = events.length
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** Time passes, and in each part of it the broker and the client have their turns. */
  const pass = async (totalMs: number) => {
    for (let ms = 0; ms < totalMs; ms += 10) {
      clock.advance(10)
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
    }
  }

  beforeEach(async () => {
    clock = new ManualClock({ start: Date.now() })
    capacity = { unit: 'throughput unit', units: 1, mostUnits: 1 }
    const scaling = { capacityOf: () => capacity, inflate: () => undefined }
    local = await startTestBroker({ mode: 'memory', clock, options: { scaling } })
    producer = new sdk.EventHubProducerClient(local.connectionString(), ONCE)
  })
  afterEach(async () => {
    for (const one of readings.splice(0)) await one.close()
    await producer.close()
    await local.stop()
  })

  it('sends the load of its units and is never refused', async () => {
    for (let ms = 0; ms < 20_000; ms += EVERY_MS) {
      await producer.sendBatch(batchOf(100))
      clock.advance(EVERY_MS)
    }
    expect(stored()).toBe(20_000)
  })

  it('is refused a third of one and a half times that load, with an error to retry', async () => {
    const errors: (Error & { code?: string; retryable?: boolean })[] = []
    for (let ms = 0; ms < 12_000; ms += EVERY_MS) {
      await producer.sendBatch(batchOf(150)).catch((error: Error) => errors.push(error))
      clock.advance(EVERY_MS)
    }
    // After the burst, which was let in at the beginning.
    expect(errors.length).toBeGreaterThan(30)
    expect(errors.length).toBeLessThan(40)
    expect(errors[0]).toMatchObject({ code: 'ServerBusyError', retryable: true })
    expect(errors[0]!.message).toMatch(TEXT)
    expect(stored()).toBe((120 - errors.length) * 150)
    expect(local.lines).toEqual([expect.stringContaining('than 1 throughput unit can take')])
  })

  it('retries by itself, and what it sends arrives once', async () => {
    const patient = new sdk.EventHubProducerClient(local.connectionString(), {
      retryOptions: { maxRetries: 1_000, retryDelayInMs: 5 },
    })
    try {
      await patient.sendBatch(batchOf(1_000, 'first'))
      let isDone = false
      const sending = patient.sendBatch(batchOf(100, 'second')).then(() => (isDone = true))
      await eventually(() => local.lines.length > 0, 'refused')
      expect([isDone, stored()]).toEqual([false, 1_000])
      clock.advance(1_000)
      await sending
      expect(stored()).toBe(1_100)
    } finally {
      await patient.close()
    }
  })

  it('is refused for its bytes, too', async () => {
    const body = Buffer.alloc(500_000)
    await producer.sendBatch([{ body }])
    await producer.sendBatch([{ body }])
    await expect(producer.sendBatch([{ body }])).rejects.toMatchObject({ code: 'ServerBusyError' })
    clock.advance(2)
    await producer.sendBatch([{ body }])
  })

  it('reads slowly, without an error, and loses nothing', async () => {
    await fill(10_000)
    const one = reading()
    const { events } = one
    await one.until(4_096)
    await quiet(events)
    expect(events.length).toBeLessThan(4_096 + 100)
    for (let seconds = 1; events.length < 10_000; seconds++) {
      await pass(1_000)
      await quiet(events)
      expect(events.length).toBeLessThanOrEqual(4_096 * (1 + seconds) + 100)
      expect(seconds).toBeLessThan(4)
    }
    expect(events.map(({ body }) => Number(body))).toEqual(Array.from({ length: 10_000 }, (_, i) => i))
  })

  it('shares what goes out with another consumer group', async () => {
    await fill(10_000)
    const [one, two] = [reading('$Default'), reading('second')]
    // One that is quick to come may take all that there is at first.
    while (one.events.length === 0 || two.events.length === 0) await pass(100)
    await quiet(one.events)
    await quiet(two.events)
    const before = [one.events.length, two.events.length]
    await pass(1_000)
    await quiet(one.events)
    await quiet(two.events)
    const [first, second] = [one.events.length - before[0]!, two.events.length - before[1]!]
    expect(first + second).toBeGreaterThan(3_000)
    expect(first + second).toBeLessThan(4_096 + 200)
    expect(Math.abs(first - second)).toBeLessThanOrEqual(200)
  })

  it('goes on at once when units are added', async () => {
    await fill(10_000)
    const one = reading()
    await one.until(4_096)
    setUnits(3)
    await one.until(10_000)
    expect(one.events).toHaveLength(10_000)
    await producer.sendBatch(batchOf(1_000))
    await producer.sendBatch(batchOf(1_000))
    await producer.sendBatch(batchOf(1_000))
    await expect(producer.sendBatch(batchOf(1))).rejects.toMatchObject({ code: 'ServerBusyError' })
  })
})

it('gives a client that drains the credit back for which it may have nothing now', async () => {
  const clock = new ManualClock({ start: Date.now() })
  const capacity: Capacity = { unit: 'throughput unit', units: 1, mostUnits: 1 }
  const scaling = { capacityOf: () => capacity, inflate: () => undefined }
  const own = await startTestBroker({ mode: 'memory', clock, options: { scaling } })
  const { broker, directory } = own
  const events = Array.from({ length: 10_000 }, () => ({ body: Buffer.from('x') }))
  await broker.appendEvents({ namespace: NAMESPACE, hub: HUB, partition: '0', events })
  const client = new RawClient(broker.port)
  await client.openSession()
  const rule = directory.rules()[0]!
  await client.putToken('sb://h/', sasToken('sb://h/', rule.name, rule.primaryKey, Date.now() + 600_000))
  const source = `${HUB}/ConsumerGroups/$Default/Partitions/0`
  client.send(
    client.attachFrame('receiver', { name: 'r', handle: 0, source, target: 't' }),
    client.flowFrame(0, 9_000, { drain: true }),
  )
  const lastFlow = () => client.frames.findLast(({ code, fields }) => code === P.flow && fields[4] === 0)
  await client.until(() => lastFlow()?.fields[5] === 9_000)
  expect(lastFlow()!.fields[6]).toBe(0)
  // One transfer is the answer of $cbs.
  const received = client.count(P.transfer) - 1
  expect(received).toBeGreaterThanOrEqual(4_096)
  expect(received).toBeLessThan(4_096 + 100)
  client.end()
  await own.stop()
})
