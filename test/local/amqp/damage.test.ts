import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { EventHubClientOptions } from '@azure/event-hubs'
import { CLIENTS, eventually, read, type Received, type Sdk } from './support/clients.ts'
import { type BrokerOptions, HUB, NAMESPACE, startTestBroker, type TestBroker } from './support/local.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const EVENTS = 300
const LOST = 150

/** In files of 100 kB. */
const SMALL = { maxPartitionBytes: 400_000 }

/** A broker whose partition 0 has 300 events, of which one cannot be read. */
async function damagedBroker(lost = LOST, options: Partial<BrokerOptions> = {}): Promise<TestBroker> {
  const folder = temporaryFolder()
  const before = await startTestBroker({ folder, options })
  for (let i = 0; i < EVENTS; i += 10) {
    const events = Array.from({ length: 10 }, (_, j) => ({ body: Buffer.from(`event ${i + j} ${'x'.repeat(500)}`) }))
    await before.broker.appendEvents({ namespace: NAMESPACE, hub: HUB, partition: '0', events })
  }
  await before.stop()
  const partition = join(folder, NAMESPACE, HUB, '0')
  const file = join(partition, readdirSync(partition).sort()[0]!)
  const bytes = readFileSync(file)
  const at = bytes.indexOf(`event ${lost} `)
  bytes.fill(0xff, at, at + 8)
  writeFileSync(file, bytes)
  const local = await startTestBroker({ folder, directory: before.directory, options })
  onTestFinished(() => local.stop())
  return local
}

interface Seen {
  readonly events: Received[]
  readonly errors: (Error & { code?: string })[]
  close(): Promise<void>
}

/** A reader as people write it: the defaults of the client, and some work with each batch. */
function follow(sdk: Sdk, connectionString: string, workMs: number, options: EventHubClientOptions = {}): Seen {
  const client = new sdk.EventHubConsumerClient('$Default', connectionString, options)
  const seen = { events: [] as Received[], errors: [] as Error[] }
  const subscription = client.subscribe(
    '0',
    {
      processEvents: async (events) => {
        seen.events.push(...events)
        await new Promise((resolve) => setTimeout(resolve, workMs))
      },
      processError: async (error) => void seen.errors.push(error),
    },
    { startPosition: sdk.earliestEventPosition, maxBatchSize: 20, maxWaitTimeInSeconds: 1 },
  )
  return {
    ...seen,
    close: async () => {
      await subscription.close()
      await client.close()
    },
  }
}

const numbers = (events: readonly Received[]): number[] => events.map(({ sequenceNumber }) => sequenceNumber)
const upTo = (first: number, end: number): number[] => Array.from({ length: end - first }, (_, i) => first + i)

describe.each(CLIENTS)('@azure/event-hubs %s at an event that is lost', (_, sdk) => {
  it.each([0, 60])('gets an error, and a new reader all the rest (%i ms of work for each batch)', async (workMs) => {
    const local = await damagedBroker()
    const first = follow(sdk, local.connectionString(), workMs)
    await eventually(() => first.errors.length > 0, 'the error')
    await first.close()
    expect(first.errors).toHaveLength(1)
    expect(first.errors[0]).toMatchObject({
      code: 'DecodeError',
      retryable: false,
      message: expect.stringMatching(
        /^Event 150 is lost: .*\.log is damaged at byte \d+\. The next receiver/,
      ) as string,
    })

    const second = follow(sdk, local.connectionString(), 0)
    await eventually(() => second.events.length === EVENTS - 1, 'the rest')
    await second.close()
    expect(second.errors).toEqual([])
    expect(numbers(second.events)).toEqual([...upTo(0, LOST), ...upTo(LOST + 1, EVENTS)])
    expect(local.lines).toEqual([expect.stringContaining('Event 150 is lost')])
  })
})

it('tells each consumer group once, and a reader that begins there at once', async () => {
  const local = await damagedBroker()
  const [, sdk] = CLIENTS[0]
  const startPosition = { sequenceNumber: LOST - 1, isInclusive: false }
  for (const group of ['$Default', 'second']) {
    const reading = read(sdk, local.connectionString(), { partition: '0', group, startPosition })
    expect(await reading.error()).toMatchObject({ code: 'DecodeError' })
    expect(reading.events).toEqual([])
    await reading.close()
    const again = read(sdk, local.connectionString(), { partition: '0', group, startPosition })
    expect((await again.until(1))[0]!.sequenceNumber).toBe(LOST + 1)
    await again.close()
  }
})

it.each([0, 60])('tells of damage in a file that nobody looks at before it is read (%i ms of work)', async (workMs) => {
  const local = await damagedBroker(20, SMALL)
  const [, sdk] = CLIENTS[0]
  let errors = 0
  // Between two events, and at the beginning: one of the two this client may miss.
  for (let start = 1; start <= 3; start++) {
    const reading = follow(sdk, local.connectionString(), workMs)
    await eventually(() => reading.errors.length > 0 || reading.events.length === EVENTS - 1, 'an end')
    await reading.close()
    errors += reading.errors.length
    for (const error of reading.errors)
      expect(error).toMatchObject({
        code: 'DecodeError',
        message: expect.stringContaining('Event 20 is lost') as string,
      })
    if (reading.errors.length === 0) break
    expect(start, 'it is told three times').toBeLessThan(3)
  }
  expect(errors).toBeGreaterThan(0)
})
