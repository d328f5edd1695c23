import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { LoadRequest, LoadResult } from './load-client.ts'
import {
  ask,
  type Broker,
  bundle,
  measure,
  megabytes,
  MEMORY,
  percentile,
  startBroker,
  startProcess,
  stop,
} from './processes.ts'
import { median, type Row, row } from './table.ts'

const EVENT_BYTES = 1_024
const EVENTS_PER_CONNECTION = 100_000
const SEND = { batch: 100, inFlight: 8 }
const PACE = { perSecond: 5_000, seconds: 3 }
const PACE_ROUNDS = 4
const STORED = 1_000_000
const STARTS = 5
/** What a round sends, and a little more: files that grow on and on would measure how the machine gives out new memory. */
const LOAD_PARTITION_BYTES = 128 * 1024 * 1024
const ROUNDS = 12

/** What the design promises. Events of 1 KB. */
const BUDGET = {
  ...{ in: { perSecond: 400_000, micros: 2.5 }, out: { perSecond: 250_000, micros: 4 } },
  ...{ sendP99Ms: 2, loadedMegabytes: 160, idleMegabytes: 60, start: 1.6 },
}

/**
 * Measures the embedded data plane in a process of its own, with clients in another one that decode nothing they need
 * not. Takes about a minute and a half.
 */
export async function benchBroker(): Promise<Row[]> {
  const folder = mkdtempSync(join(MEMORY, 'ml-ingest-bench-'))
  try {
    const script = await bundle('broker-process', folder)
    const rows = await benchStart(script, folder)
    const broker = await startBroker(script, join(folder, 'load'), LOAD_PARTITION_BYTES)
    rows.push(row('memory, idle', megabytes(await measure(broker.child)), 'MB', BUDGET.idleMegabytes))
    const load = await startProcess(await bundle('load-client', folder), folder)
    for (const connections of [1, 4]) rows.push(...(await benchThroughput(broker, load.child, connections)))
    rows.push(...(await benchPace(broker, load.child)))
    rows.push(row('memory, after all this', megabytes(await measure(broker.child)), 'MB', BUDGET.loadedMegabytes))
    await stop(load.child)
    await stop(broker.child)
    rows.push(...(await benchStored(script, join(folder, 'stored'))))
    return rows
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function benchStart(script: string, folder: string): Promise<Row[]> {
  const bare: number[] = []
  const ready: number[] = []
  for (let i = 0; i < STARTS; i++) {
    bare.push(await timed(async () => void (await once(spawn(process.execPath, ['-e', '0']), 'exit'))))
    let child: ChildProcess | undefined
    ready.push(await timed(async () => void (child = (await startBroker(script, join(folder, `start-${i}`))).child)))
    await stop(child!)
  }
  return [row('start to ready', median(ready) / median(bare), 'x node -e 0', BUDGET.start)]
}

/** The best of some rounds each way: others share the machine, and the first rounds take new memory. */
async function benchThroughput(broker: Broker, load: ChildProcess, connections: number): Promise<Row[]> {
  const label = `${connections} connection${connections === 1 ? '' : 's'}`
  const events = EVENTS_PER_CONNECTION * connections
  const micros = (ms: number) => (ms / events) * 1_000
  const common = { ...broker.target, eventBytes: EVENT_BYTES, connections, events }
  const rows: Row[] = []
  for (const [kind, request] of [
    ['in', { kind: 'send', ...SEND, ...common }],
    ['out', { kind: 'receive', ...common }],
  ] as const) {
    const rounds: { readonly perSecond: number; readonly micros: number; readonly clientMicros: number }[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const before = await measure(broker.child)
      const { ms, cpuMs } = await ask<LoadRequest, LoadResult>(load, request)
      const brokerMs = (await measure(broker.child)).cpuMs - before.cpuMs
      rounds.push({ perSecond: (events / ms) * 1_000, micros: micros(brokerMs), clientMicros: micros(cpuMs) })
    }
    const best = rounds.reduce((a, b) => (b.perSecond > a.perSecond ? b : a))
    const promised = connections === 4 ? BUDGET[kind] : undefined
    rows.push({
      ...row(`${kind}, ${label}`, best.perSecond, 'events/s'),
      ...(promised && { least: promised.perSecond }),
    })
    rows.push(row(`${kind}, ${label}: time of the broker`, best.micros, 'µs/event', promised?.micros))
    rows.push(row(`${kind}, ${label}: time of the clients`, best.clientMicros, 'µs/event'))
  }
  return rows
}

async function benchPace({ target }: Broker, load: ChildProcess): Promise<Row[]> {
  const request = { ...target, eventBytes: EVENT_BYTES, connections: 1, kind: 'pace', ...PACE } as const
  const rounds: { readonly p50: number; readonly p99: number }[] = []
  for (let round = 0; round < PACE_ROUNDS; round++) {
    const { latencies } = await ask<LoadRequest, LoadResult>(load, request)
    rounds.push({ p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) })
  }
  const best = rounds.reduce((a, b) => (b.p99 < a.p99 ? b : a))
  return [
    row('one send of 5,000 a second, p50', best.p50, 'ms'),
    row('one send of 5,000 a second, p99', best.p99, 'ms', BUDGET.sendP99Ms),
  ]
}

async function benchStored(script: string, folder: string): Promise<Row[]> {
  const { child } = await startBroker(script, folder)
  const fillMs = await timed(async () => void (await measure(child, { fill: STORED })))
  const stored = await measure(child)
  await stop(child)
  let again: Broker | undefined
  const restartMs = await timed(async () => void (again = await startBroker(script, folder)))
  const reopened = await measure(again!.child)
  await stop(again!.child)
  return [
    row('memory, 1,000,000 events of 1 KB stored', megabytes(stored), 'MB', BUDGET.loadedMegabytes),
    row('memory, after a restart with them', megabytes(reopened), 'MB', BUDGET.idleMegabytes),
    row('start to ready with them', restartMs, 'ms'),
    row('the log alone, in', (STORED / fillMs) * 1_000, 'events/s'),
  ]
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
