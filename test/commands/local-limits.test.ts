import { EventHubProducerClient } from '@azure/event-hubs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Clock } from '../../src/lib/clock.ts'
import { startService, type LocalService } from '../../src/local/index.ts'
import type { LocalDocument } from '../../src/ui/document-schema.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { runCli } from '../support/test-deps.ts'
import { documentOf, SERVICE_HOST as host, unwrapped, quoted } from './support.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const NAME = ['-n', 'ns-clicks-test', '--hub', 'clicks']

let folder: string
let clock: ManualClock
let service: LocalService | undefined
const lines: string[] = []

async function start(enforceLimits: boolean): Promise<void> {
  service = await startService({
    ...{ host, clock, version: '1.2.3', dataFolder: folder, memory: true },
    dataPlane: { ports: { amqp: 0, kafka: 0 }, enforceLimits },
    log: (line) => lines.push(line),
  })
}

beforeEach(() => {
  lines.length = 0
  clock = new ManualClock({ start: Date.now() })
  folder = temporaryFolder()
})
afterEach(async () => {
  await service?.close()
  service = undefined
})

const run = (argv: readonly string[], env: Record<string, string> = {}) =>
  runCli([...argv, '--data', folder], { clock: new ManualClock({ autoAdvance: true }), host, cwd: folder, env })
const create = async (...more: readonly string[]) => {
  const ran = await run(['create', '--local', '--yes', ...NAME, '--format', 'raw', ...more])
  expect(ran.exitCode, ran.stderr).toBe(0)
  return ran
}
const statusOf = async () => documentOf(await run(['local', 'status', '--json'])) as unknown as LocalDocument

/** Publications of 500 events in one moment: how many came in. */
async function comingIn(connectionString: string, publications: number): Promise<number> {
  const producer = new EventHubProducerClient(connectionString, { retryOptions: { maxRetries: 0 } })
  try {
    let count = 0
    for (let i = 0; i < publications; i++) {
      const isIn = await producer.sendBatch(Array.from({ length: 500 }, () => ({ body: i }))).then(
        () => true,
        () => false,
      )
      if (isIn) count++
    }
    return count
  } finally {
    await producer.close()
  }
}

describe('an embedded Azure that enforces limits', () => {
  beforeEach(() => start(true))

  test('holds a namespace to the units that create gives it, and to those that it gives later', async () => {
    const { stdout } = await create('--capacity', '2')
    expect(await comingIn(stdout.trim(), 6)).toBe(4)
    await create('--capacity', '3')
    expect(await comingIn(stdout.trim(), 6)).toBe(2)
    clock.advance(1_000)
    expect(await comingIn(stdout.trim(), 10)).toBe(6)
  })

  test('is shown by local status, with what was refused', async () => {
    const { stdout } = await create('--capacity', '2')
    const namespace = { namespace: 'ns-clicks-test', unit: 'throughput unit', units: 2 }
    expect(await statusOf()).toMatchObject({ limits: [{ ...namespace, refused: 0 }] })
    await comingIn(stdout.trim(), 6)
    expect(await statusOf()).toMatchObject({ limits: [{ ...namespace, refused: 2 }] })
    const shown = unwrapped((await run(['local', 'status'])).stdout).replace(/ +/g, ' ')
    expect(shown).toContain('Limits namespaces are held to their units')
    expect(shown).toContain('Units ns-clicks-test: 2 throughput units, 2 publications refused')
    expect(lines).toEqual([
      'More comes into namespace ns-clicks-test than 2 throughput units can take: senders are told to wait',
    ])
  })

  test('inflates the namespace, which plan sees, and which no later create takes back', async () => {
    const inflating = ['--capacity', '1', '--auto-inflate-max', '4'] as const
    const { stdout } = await create(...inflating)
    expect(await comingIn(stdout.trim(), 4)).toBe(4)
    expect(await statusOf()).toMatchObject({ limits: [{ units: 2 }] })
    const plan = await run(['plan', '--local', ...NAME, ...inflating, '--exit-code'])
    expect(plan.exitCode, plan.stderr).toBe(0)
    expect(unwrapped(plan.stderr + plan.stdout)).toContain('inflated to 2, floor 1')
    await create(...inflating)
    expect(await comingIn(stdout.trim(), 10)).toBe(4)
    expect(await statusOf()).toMatchObject({ limits: [{ units: 4, refused: 6 }] })
  })

  test('is what the flags and the variable ask for', async () => {
    await create('--enforce-limits')
    const ran = await run(['create', '--local', '--yes', ...NAME], { ML_INGEST_ENFORCE_LIMITS: '1' })
    expect(ran.stderr).not.toContain('without limits')
  })
})

describe('one that does not', () => {
  beforeEach(() => start(false))

  test('limits nothing, and says so to who asks for limits', async () => {
    const first = await create('--enforce-limits')
    const told = `The embedded Azure already runs, without limits. To have them, run this again after: npx ml-ingest local stop --data ${quoted(folder)}`
    expect(unwrapped(first.stderr)).toContain(told)
    expect(await comingIn(first.stdout.trim(), 6)).toBe(6)
    expect(await statusOf()).toMatchObject({ limits: null })
    expect((await run(['local', 'status'])).stdout).not.toContain('Limits')

    const second = await run(['local', 'start', '--detach', '--enforce-limits'])
    expect(unwrapped(second.stderr)).toContain(told)
    const byVariable = await run(['create', '--local', '--yes', ...NAME], { ML_INGEST_ENFORCE_LIMITS: '1' })
    expect(unwrapped(byVariable.stderr)).toContain(told)
    expect(unwrapped((await create()).stderr)).not.toContain('without limits')
  })
})

test('--enforce-limits is refused where there is no embedded Azure', async () => {
  const { exitCode, stderr } = await run(['create', '--yes', ...NAME, '--enforce-limits'])
  expect(exitCode).toBe(2)
  expect(unwrapped(stderr)).toContain('--enforce-limits has no effect without --local')
})

test('local send waits as long as the service asks, and each line arrives once', async () => {
  await start(true)
  await create()
  const events = Array.from({ length: 3_500 }, (_, i) => JSON.stringify({ i })).join('\n')
  let pauses = 0
  const patient: Clock = {
    now: () => clock.now(),
    sleep: (ms, signal) => {
      // The other sleep, between reports of progress, lasts longer than the sending.
      if (ms !== 4_000)
        return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)))
      pauses++
      clock.advance(ms)
      return Promise.resolve()
    },
  }
  const sent = await runCli(['local', 'send', 'clicks', '-', '--data', folder], {
    ...{ clock: patient, host, cwd: folder },
    stdin: events,
  })
  expect(sent.exitCode, sent.stderr).toBe(0)
  expect(unwrapped(sent.stderr)).toContain('Sent 3,500 events')
  expect(pauses).toBeGreaterThan(1)
  const { hubs } = await statusOf()
  expect(hubs.map(({ events }) => events)).toEqual([3_500])
})
