import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { earliestEventPosition, EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs'
import { rolldown } from 'rolldown'

/** One line of the table of results. */
export interface BenchRow {
  readonly name: string
  readonly value: number
  readonly unit: string
}

const EVENT_BYTES = 1_024
const BATCH = 100
const EVENTS = 40_000
const STORED = 1_000_000
const PARTITIONS = ['0', '1', '2', '3']
const STARTS = 5

interface Measured {
  readonly rssBytes: number
  readonly cpuMs: number
}

/** Measures the embedded data plane in a process of its own, with the official client in this one. Takes about a minute. */
export async function benchBroker(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ml-ingest-bench-'))
  try {
    const script = await bundle(folder)
    const rows = await benchStart(script, folder)
    const broker = await startProcess(script, join(folder, 'load'))
    rows.push({ name: 'memory, idle', value: megabytes(await measure(broker.child)), unit: 'MB' })
    rows.push(...(await benchLatency(broker.connectionString)))
    for (const connections of [1, 4]) rows.push(...(await benchThroughput(broker, connections)))
    await stop(broker.child)
    rows.push(...(await benchStored(script, join(folder, 'stored'))))
    return rows
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function benchStart(script: string, folder: string): Promise<BenchRow[]> {
  const bare: number[] = []
  const ready: number[] = []
  for (let i = 0; i < STARTS; i++) {
    bare.push(await timed(async () => void (await once(spawn(process.execPath, ['-e', '0']), 'exit'))))
    let child: ChildProcess | undefined
    ready.push(await timed(async () => void (child = (await startProcess(script, join(folder, `start-${i}`))).child)))
    await stop(child!)
  }
  return [
    { name: 'start to ready', value: percentile(ready, 0.5), unit: 'ms' },
    { name: 'for comparison: node -e 0', value: percentile(bare, 0.5), unit: 'ms' },
  ]
}

async function benchLatency(connectionString: string): Promise<BenchRow[]> {
  const producer = new EventHubProducerClient(connectionString)
  const times: number[] = []
  for (let i = 0; i < 1_200; i++) {
    const ms = await timed(() => producer.sendBatch([{ body: Buffer.alloc(EVENT_BYTES) }], { partitionId: '0' }))
    if (i >= 200) times.push(ms)
  }
  await producer.close()
  return [0.5, 0.95].map((p) => ({ name: `one send, p${p * 100}`, value: percentile(times, p), unit: 'ms' }))
}

async function benchThroughput(broker: Running, connections: number): Promise<BenchRow[]> {
  const label = connections === 1 ? '1 connection' : `${connections} connections`
  const { connectionString, child } = broker
  const before = await lastSequenceNumbers(connectionString)
  const cpu = [(await measure(child)).cpuMs]
  const sendMs = await timed(() => sendAll(connectionString, connections))
  cpu.push((await measure(child)).cpuMs)
  const receiveMs = await timed(() => receiveAll(connectionString, connections, before))
  cpu.push((await measure(child)).cpuMs)
  return [
    { name: `in, ${label}`, value: (EVENTS / sendMs) * 1_000, unit: 'events/s' },
    { name: `in, ${label}: time of the broker`, value: ((cpu[1]! - cpu[0]!) / EVENTS) * 1_000, unit: 'µs/event' },
    { name: `out, ${label}`, value: (EVENTS / receiveMs) * 1_000, unit: 'events/s' },
    { name: `out, ${label}: time of the broker`, value: ((cpu[2]! - cpu[1]!) / EVENTS) * 1_000, unit: 'µs/event' },
  ]
}

/** Batches of 100, one lane for each partition, spread over so many connections. */
async function sendAll(connectionString: string, connections: number): Promise<void> {
  const producers = Array.from({ length: connections }, () => new EventHubProducerClient(connectionString))
  const body = Buffer.alloc(EVENT_BYTES, 'x')
  const lanes = PARTITIONS.map(async (partitionId, lane) => {
    const producer = producers[lane % connections]!
    for (let sent = 0; sent < EVENTS / PARTITIONS.length; sent += BATCH) {
      const batch = await producer.createBatch({ partitionId })
      for (let i = 0; i < BATCH; i++) batch.tryAdd({ body })
      await producer.sendBatch(batch)
    }
  })
  await Promise.all(lanes)
  await Promise.all(producers.map((producer) => producer.close()))
}

async function receiveAll(connectionString: string, connections: number, after: readonly number[]): Promise<void> {
  const clients = Array.from({ length: connections }, () => new EventHubConsumerClient('$Default', connectionString))
  const lanes = PARTITIONS.map(
    (partition, lane) =>
      new Promise<void>((resolve, reject) => {
        let received = 0
        const last = after[lane]!
        clients[lane % connections]!.subscribe(
          partition,
          {
            processEvents: (events) => {
              received += events.length
              if (received >= EVENTS / PARTITIONS.length) resolve()
              return Promise.resolve()
            },
            processError: (error) => Promise.resolve(reject(error)),
          },
          {
            startPosition: last < 0 ? earliestEventPosition : { sequenceNumber: last },
            maxBatchSize: 500,
            prefetchCount: 2_000,
          },
        )
      }),
  )
  await Promise.all(lanes)
  await Promise.all(clients.map((client) => client.close()))
}

async function lastSequenceNumbers(connectionString: string): Promise<number[]> {
  const producer = new EventHubProducerClient(connectionString)
  const properties = await Promise.all(PARTITIONS.map((id) => producer.getPartitionProperties(id)))
  await producer.close()
  return properties.map((of) => of.lastEnqueuedSequenceNumber)
}

async function benchStored(script: string, folder: string): Promise<BenchRow[]> {
  const { child } = await startProcess(script, folder)
  const fillMs = await timed(async () => void (await measure(child, { fill: STORED })))
  const stored = await measure(child)
  await stop(child)
  let again: Running | undefined
  const restartMs = await timed(async () => void (again = await startProcess(script, folder)))
  const reopened = await measure(again!.child)
  await lastSequenceNumbers(again!.connectionString)
  await stop(again!.child)
  return [
    { name: 'memory, 1,000,000 events of 1 KB stored', value: megabytes(stored), unit: 'MB' },
    { name: 'memory, after a restart with them', value: megabytes(reopened), unit: 'MB' },
    { name: 'start to ready with them', value: restartMs, unit: 'ms' },
    { name: 'the log alone, in', value: (STORED / fillMs) * 1_000, unit: 'events/s' },
  ]
}

interface Running {
  readonly child: ChildProcess
  readonly connectionString: string
}

async function startProcess(script: string, folder: string): Promise<Running> {
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [ready] = (await once(child, 'message')) as [{ connectionString: string }]
  return { child, connectionString: ready.connectionString }
}

async function stop(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill()
  await exited
}

async function measure(child: ChildProcess, request: { fill?: number } = {}): Promise<Measured> {
  const answer = once(child, 'message')
  child.send(request)
  return ((await answer) as [Measured])[0]
}

/** Node 20 runs no TypeScript. */
async function bundle(folder: string): Promise<string> {
  const file = join(folder, 'broker-process.mjs')
  const built = await rolldown({
    input: fileURLToPath(new URL('broker-process.ts', import.meta.url)),
    platform: 'node',
    logLevel: 'silent',
  })
  await built.write({ file, format: 'esm', codeSplitting: false })
  await built.close()
  return file
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

const megabytes = ({ rssBytes }: Measured): number => rssBytes / (1024 * 1024)

const percentile = (values: readonly number[], p: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))]!
