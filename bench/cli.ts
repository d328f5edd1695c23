import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LOCAL_SUBSCRIPTION, startLocalArm, type RequestRecord } from '../src/local/index.ts'
import { median, row, type Row } from './table.ts'

const ROOT = join(import.meta.dirname, '..')
export const BIN = join(ROOT, 'bin', 'ml-ingest.js')
const START_ROUNDS = 41
const TRIP_ROUNDS = 15
const READY_ROUNDS = 9
const NO_OP_ROUNDS = 15
export const LATENCY_MS = 40

const BUDGET = {
  start: 1.6,
  noOp: 3.5,
  roundTrips: 1.5,
  writes: 0,
  readyMs: 400,
  packedMb: 1,
  unpackedMb: 3.6,
  dependencies: 0,
}

/** Runs a program to its end and answers how long it took, in milliseconds. Rejects when its exit code is another one. */
async function time(args: readonly string[], env: NodeJS.ProcessEnv, exitCode: number): Promise<number> {
  const begun = performance.now()
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.resume()
  child.stderr.resume()
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== exitCode) throw new Error(`node ${args.join(' ')} ended with ${code}, not ${exitCode}`)
  return performance.now() - begun
}

export const cleanEnv = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  CI: '1',
  ...more,
})

/** Times programs against a Node that does nothing. The runs take turns, so that a busy machine slows all of them. */
async function timeInTurns(
  rounds: number,
  cases: readonly { readonly args: readonly string[]; readonly exitCode: number }[],
): Promise<{ readonly bareMs: number; readonly ratios: readonly number[] }> {
  const bare: number[] = []
  const times = cases.map((): number[] => [])
  for (let round = 0; round < rounds; round++) {
    bare.push(await time(['-e', '0'], cleanEnv(), 0))
    for (const [i, { args, exitCode }] of cases.entries()) times[i]!.push(await time(args, cleanEnv(), exitCode))
  }
  return { bareMs: median(bare), ratios: times.map((each) => median(each) / median(bare)) }
}

/** What has to be quick against a Node that does nothing. */
export async function benchStart(): Promise<Row[]> {
  const cases = [
    { name: '--version', args: [BIN, '--version'], exitCode: 0 },
    { name: '--help', args: [BIN, '--help'], exitCode: 0 },
    { name: 'create --help', args: [BIN, 'create', '--help'], exitCode: 0 },
    { name: 'an unknown flag', args: [BIN, 'create', '--nope'], exitCode: 2 },
    { name: 'a TAB', args: [BIN, 'complete', '--', 'create', '--tier', ''], exitCode: 0 },
    { name: 'inputs missing and wrong', args: [BIN, 'create', '--tier', 'Gold'], exitCode: 2 },
  ]
  const { bareMs, ratios } = await timeInTurns(START_ROUNDS, cases)
  return [
    row('node -e 0', bareMs, 'ms'),
    ...cases.map(({ name }, i) => row(name, ratios[i]!, 'x node -e 0', BUDGET.start)),
  ]
}

/** Runs with nothing to do, on an Azure that answers at once and on one that takes its time: the rest is counted, not timed. */
export async function benchRoundTrips(): Promise<Row[]> {
  const requests: RequestRecord[] = []
  const quick = await startLocalArm({})
  const slow = await startLocalArm({ latencyMs: LATENCY_MS, onRequest: (record) => void requests.push(record) })
  const envOf = (armEndpoint: string) =>
    cleanEnv({ ML_INGEST_ARM_ENDPOINT: armEndpoint, AZURE_SUBSCRIPTION_ID: LOCAL_SUBSCRIPTION.subscriptionId })
  const create = [BIN, 'create', '--yes', '--location', 'westeurope']
  try {
    for (const { endpoint } of [quick, slow]) await time(create, envOf(endpoint), 0)
    const rows: Row[] = []
    for (const [name, args] of [
      ['create', create],
      ['plan', [BIN, 'plan']],
      ['show-connection', [BIN, 'show-connection', '--format', 'raw']],
    ] as const) {
      requests.length = 0
      const bare: number[] = []
      const without: number[] = []
      const extra: number[] = []
      for (let round = 0; round < TRIP_ROUNDS; round++) {
        bare.push(await time(['-e', '0'], cleanEnv(), 0))
        const quickMs = await time(args, envOf(quick.endpoint), 0)
        without.push(quickMs)
        extra.push((await time(args, envOf(slow.endpoint), 0)) - quickMs)
      }
      rows.push(row(`${name}: round trips in a row`, median(extra) / LATENCY_MS, 'round trips', BUDGET.roundTrips))
      rows.push(row(`${name}: requests that write`, requests.filter(isWrite).length, 'requests', BUDGET.writes))
      rows.push(row(`${name}: requests in all`, requests.length / TRIP_ROUNDS, 'requests'))
      rows.push(row(`${name}: without latency`, median(without) / median(bare), 'x node -e 0', BUDGET.noOp))
    }
    return rows
  } finally {
    await Promise.all([quick.close(), slow.close()])
  }
}

export const isWrite = ({ method, path }: RequestRecord): boolean =>
  method !== 'GET' && !/\/(listKeys|checkNameAvailability)\?/i.test(path)

/** From the start of the process until it says where it listens, both planes included. */
export async function benchReady(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ml-ingest-bench-'))
  const times: number[] = []
  const bare: number[] = []
  try {
    for (let round = 0; round < READY_ROUNDS; round++) {
      bare.push(await time(['-e', '0'], cleanEnv(), 0))
      const begun = performance.now()
      const args = [BIN, 'local', 'start', '--amqp-port', '0', '--data', join(folder, String(round)), '--json']
      const child = spawn(process.execPath, args, { env: cleanEnv(), stdio: ['ignore', 'pipe', 'ignore'] })
      await once(child.stdout, 'data')
      times.push(performance.now() - begun)
      child.kill('SIGTERM')
      await once(child, 'close')
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return [
    row('start to ready', median(times), 'ms', BUDGET.readyMs),
    row('start to ready', median(times) / median(bare), 'x node -e 0'),
  ]
}

/** The main job once everything is there, with the embedded Azure running. */
export async function benchLocalNoOp(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ml-ingest-bench-'))
  const create = [BIN, 'create', '--local', '--yes', '--data', folder]
  try {
    await time(create, cleanEnv(), 0)
    const { ratios } = await timeInTurns(NO_OP_ROUNDS, [{ args: create, exitCode: 0 }])
    return [row('create --local with nothing to do', ratios[0]!, 'x node -e 0', BUDGET.noOp)]
  } finally {
    await time([BIN, 'local', 'stop', '--data', folder], cleanEnv(), 0)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What a user downloads. */
export function benchPackage(): Row[] {
  const packed = spawnSync('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], {
    cwd: ROOT,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  const [found] = JSON.parse(packed.stdout) as [{ size: number; unpackedSize: number }]
  const manifest = JSON.parse(
    spawnSync('npm', ['pkg', 'get', 'dependencies'], { cwd: ROOT, encoding: 'utf8' }).stdout,
  ) as object
  return [
    row('packed', found.size / 1e6, 'MB', BUDGET.packedMb),
    row('unpacked', found.unpackedSize / 1e6, 'MB', BUDGET.unpackedMb),
    row('dependencies', Object.keys(manifest).length, 'packages', BUDGET.dependencies),
  ]
}
