import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json, text } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { LOCAL_SUBSCRIPTION, startLocalArm, type LocalArmOptions, type RequestRecord } from '../src/local/index.ts'
import { leastMs, manifestOf, type Fleet } from '../test/support/fleet.ts'
import { BIN, cleanEnv, isWrite, LATENCY_MS } from './cli.ts'
import { median, row, type Row } from './table.ts'

const SIZES = [50, 100, 200]
const GROUPS_EACH = 5
const QUICK_ROUNDS = 5
/** Below this the second that `Retry-After` is rounded up by, and the start of the program, are a large part of the time. */
const LEAST_TELLING_MS = 30_000

const BUDGET = { overLimit: 1.1, failures: 0, readsPerHub: 2.1, writesAgain: 0, memoryGrowth: 1.5 }

/** How runs of many hubs grow with their number: time, requests and memory. */
export async function benchFleet(): Promise<Row[]> {
  const rows: Row[] = []
  const peaks: number[] = []
  for (const hubs of SIZES) {
    const { peakMb, ...measured } = await benchSize({ hubs, groupsEach: GROUPS_EACH })
    rows.push(...measured.rows)
    peaks.push(peakMb)
  }
  const [smallest, largest] = [SIZES[0]!, SIZES.at(-1)!]
  const growth = `peak memory, ${largest} hubs to ${smallest}`
  return [...rows, row(growth, peaks.at(-1)! / peaks[0]!, 'x', BUDGET.memoryGrowth)]
}

async function benchSize(fleet: Fleet): Promise<{ rows: readonly Row[]; peakMb: number }> {
  const limited = await onAzure(fleet, { rateLimits: true, latencyMs: LATENCY_MS }, async (create) => ({
    first: await create(),
    again: await create(),
  }))
  const quickAgainMs = await onAzure(fleet, {}, async (create) => {
    await create()
    const times: number[] = []
    for (let round = 0; round < QUICK_ROUNDS; round++) times.push((await create()).elapsedMs)
    return median(times)
  })
  const { first, again } = limited
  const named = (name: string, ...rest: readonly [value: number, unit: string, budget?: number]) =>
    row(`${fleet.hubs} hubs: ${name}`, ...rest)
  const writes = first.done.filter(isWrite).length
  const dictatedMs = leastMs(writes)
  const reads = again.done.length - again.done.filter(isWrite).length
  const rows = [
    named('writes', writes, 'requests'),
    named('time that the write limit dictates', dictatedMs / 1_000, 's'),
    dictatedMs < LEAST_TELLING_MS
      ? named('time of the first run', first.elapsedMs / dictatedMs, 'x that, too short for a budget')
      : named('time of the first run', first.elapsedMs / dictatedMs, 'x that', BUDGET.overLimit),
    named('requests put off by 429', first.putOff, 'requests'),
    named('requests that failed', first.failed + again.failed, 'requests', BUDGET.failures),
    named('processor time of the first run', first.processorMs, 'ms'),
    named('peak memory of the first run', first.peakMb, 'MB'),
    named('second run: writes', again.done.filter(isWrite).length, 'requests', BUDGET.writesAgain),
    named('second run: reads', reads, 'requests'),
    named('second run: reads', reads / fleet.hubs, 'per hub', BUDGET.readsPerHub),
    named('second run: requests put off by 429', again.putOff, 'requests'),
    named('second run: time', again.elapsedMs / 1_000, 's'),
    named('second run without limits and latency', quickAgainMs, 'ms'),
  ]
  return { rows, peakMb: first.peakMb }
}

interface Measured {
  readonly elapsedMs: number
  readonly processorMs: number
  readonly peakMb: number
}

interface Run extends Measured {
  /** Requests that Azure answered with success, or with 404, which says that something is not there yet. */
  readonly done: readonly RequestRecord[]
  readonly putOff: number
  readonly failed: number
}

/** What `measure` finds on an embedded Azure of its own with runs that create the fleet. */
async function onAzure<T>(
  fleet: Fleet,
  options: LocalArmOptions,
  measure: (create: () => Promise<Run>) => Promise<T>,
): Promise<T> {
  const requests: RequestRecord[] = []
  const folder = mkdtempSync(join(tmpdir(), 'ml-ingest-bench-'))
  const arm = await startLocalArm({ ...options, onRequest: (record) => void requests.push(record) })
  const manifest = join(folder, 'fleet.yaml')
  writeFileSync(manifest, manifestOf(fleet))
  const env = { ML_INGEST_ARM_ENDPOINT: arm.endpoint, AZURE_SUBSCRIPTION_ID: LOCAL_SUBSCRIPTION.subscriptionId }
  try {
    return await measure(async () => {
      requests.length = 0
      const measured = await runMeasured([...CREATE, '-f', manifest], env)
      const done = requests.filter(({ status }) => (status >= 200 && status < 300) || status === 404)
      const putOff = requests.filter(({ status }) => status === 429).length
      return { ...measured, done, putOff, failed: requests.length - done.length - putOff }
    })
  } finally {
    await arm.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const CREATE = ['create', '--yes', '--no-connection', '--timeout', '1h']

/** Loaded before the program: tells on a pipe of its own what the program used, which nobody else can tell everywhere. */
const TELL_USAGE = encodeURI(`data:text/javascript,import { writeSync } from 'node:fs'
process.on('exit', () => writeSync(3, JSON.stringify(process.resourceUsage())))`)

async function runMeasured(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Measured> {
  const begun = performance.now()
  const child = spawn(process.execPath, ['--import', TELL_USAGE, BIN, ...args], {
    env: cleanEnv(env),
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  const closed = once(child, 'close') as Promise<[number | null]>
  const [[code], stderr, usage] = await Promise.all([closed, text(child.stderr!), json(child.stdio[3] as Readable)])
  if (code !== 0) throw new Error(`ml-ingest ${args.join(' ')} ended with ${code}:\n${stderr}`)
  const elapsedMs = performance.now() - begun
  const { userCPUTime, systemCPUTime, maxRSS } = usage as NodeJS.ResourceUsage
  return { elapsedMs, processorMs: (userCPUTime + systemCPUTime) / 1_000, peakMb: maxRSS / 1_024 }
}
