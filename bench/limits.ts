import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  earliestEventPosition,
  EventHubConsumerClient,
  EventHubProducerClient,
  type EventPosition,
  latestEventPosition,
} from '@azure/event-hubs'
import { BIN, cleanEnv } from './cli.ts'
import { type Row, row } from './table.ts'

const UNITS = 2
const GROUPS = ['one', 'two']
/** All events that the units take in, and 95 % of their bytes, which two readers read. */
const LOAD = { perSecond: 1_000 * UNITS, bodyBytes: 943 }
/** With the eight bytes around a body. Bytes are what holds readers back. */
const MOST_OUT_PER_SECOND = (2_000_000 * UNITS) / (LOAD.bodyBytes + 8)
const SECONDS = 60
const READING_SECONDS = 20
const EVERY_MS = 100
/** Longer than the burst takes to come back. */
const REST_MS = 2_000

/**
 * Holds a namespace to its units and lets the official client work on it, in real time: one that was sized for the load
 * must never be refused, one that was not must be, and readers that catch up share what goes out. Takes two and a half
 * minutes.
 */
export async function benchLimits(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ml-ingest-bench-'))
  const run = (...args: readonly string[]) => runCli([...args, '--data', folder])
  try {
    const create = ['create', '--local', '--yes', '--enforce-limits', '--capacity', String(UNITS), '--hub', 'clicks']
    const groups = GROUPS.flatMap((name) => ['--consumer-group', name])
    const connectionString = run(...create, ...groups, '--format', 'raw').trim()
    return [
      ...(await benchLoad(connectionString, 'the load of its units', 1)),
      ...(await benchLoad(connectionString, '1.5 times that', 1.5)),
      ...(await benchCatchingUp(connectionString)),
    ]
  } finally {
    run('local', 'stop')
    rmSync(folder, { recursive: true, force: true })
  }
}

/** One sender that keeps its pace whatever happens to a publication, and two readers. */
async function benchLoad(connectionString: string, name: string, factor: number): Promise<Row[]> {
  const readers = subscribe(connectionString, latestEventPosition)
  const producer = new EventHubProducerClient(connectionString, { retryOptions: { maxRetries: 0 } })
  await producer.getEventHubProperties()
  await sleep(REST_MS)
  const body = Buffer.alloc(LOAD.bodyBytes, 1)
  const batch = Array.from({ length: (LOAD.perSecond * factor * EVERY_MS) / 1_000 }, () => ({ body }))
  const sending: Promise<boolean>[] = []
  let lateMs = 0
  const begunAt = performance.now()
  for (let due = 0; due < SECONDS * 1_000; due += EVERY_MS) {
    await sleep(begunAt + due - performance.now())
    lateMs = Math.max(lateMs, performance.now() - begunAt - due)
    sending.push(producer.sendBatch(batch).then(() => true, isRefusal))
  }
  const sent = (await Promise.all(sending)).filter(Boolean).length
  await sleep(begunAt + SECONDS * 1_000 - performance.now())
  const read = readers.counts()
  await producer.close()
  await readers.close()
  const refused = (100 * (sending.length - sent)) / sending.length
  return [
    row(`${name}: came in`, (sent * batch.length) / SECONDS, 'events/s'),
    factor === 1
      ? row(`${name}: publications refused`, refused, '%', 0)
      : { ...row(`${name}: publications refused`, refused, '%'), least: 25 },
    // More than a second, on a busy machine, is made up for by a burst that has to be refused.
    row(`${name}: the sender was late by up to`, lateMs, 'ms'),
    row(`${name}: not yet read after ${SECONDS} s`, sent * batch.length - Math.min(...read), 'events'),
  ]
}

/** Both readers begin at the first event, and read as fast as they may. */
async function benchCatchingUp(connectionString: string): Promise<Row[]> {
  const readers = subscribe(connectionString, earliestEventPosition)
  await sleep(REST_MS)
  const before = readers.counts()
  const begunAt = performance.now()
  await sleep(READING_SECONDS * 1_000)
  const read = readers.counts().map((count, i) => count - before[i]!)
  const seconds = (performance.now() - begunAt) / 1_000
  await readers.close()
  const sum = read.reduce((a, b) => a + b)
  return [
    row('two readers that catch up: together', sum / seconds, 'events/s', MOST_OUT_PER_SECOND * 1.02),
    row('two readers that catch up: the slower one has', (100 * Math.min(...read)) / sum, '%'),
  ]
}

/** A reader for each group. */
function subscribe(connectionString: string, startPosition: EventPosition) {
  const read = GROUPS.map(() => 0)
  const consumers = GROUPS.map((group) => new EventHubConsumerClient(group, connectionString))
  const subscriptions = consumers.map((consumer, i) =>
    consumer.subscribe(
      {
        processEvents: async (events) => void (read[i]! += events.length),
        processError: async (error) => console.error(error),
      },
      { startPosition, maxBatchSize: 100, maxWaitTimeInSeconds: 1 },
    ),
  )
  return {
    counts: (): readonly number[] => [...read],
    close: async () => {
      for (const open of [...subscriptions, ...consumers]) await open.close()
    },
  }
}

function runCli(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], { env: cleanEnv(), encoding: 'utf8' })
  if (status !== 0) throw new Error(`ml-ingest ${args.join(' ')} ended with ${status}: ${stderr}`)
  return stdout
}

/** Any other error is one of this bench. */
function isRefusal(error: unknown): false {
  if ((error as { code?: string }).code !== 'ServerBusyError') throw error
  return false
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
