import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs'
import { describe, expect, test } from 'vitest'
import { Interruption } from '../../src/lib/errors.ts'
import type { Ending, ForegroundOptions, RunForeground } from '../../src/run/foreground.ts'
import { main } from '../../src/main.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { runCli, testDeps } from '../support/test-deps.ts'
import { unwrapped } from './support.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

interface Started {
  readonly command: string
  readonly args: readonly string[]
  readonly options: ForegroundOptions
  readonly end: (ending: Ending) => void
  /** Signals that the command got. */
  readonly got: NodeJS.Signals[]
  readonly signal: (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => void
}

/** Runs `local exec` up to the moment at which the command runs. */
async function started(argv: readonly string[], options: { readonly tty?: boolean } = {}) {
  const clock = new ManualClock()
  let begun: (started: Started) => void
  const beginning = new Promise<Started>((resolve) => (begun = resolve))
  const runForeground: RunForeground = (command, args, given) =>
    new Promise((end) => {
      const got: NodeJS.Signals[] = []
      const child = { kill: (signal: NodeJS.Signals) => void got.push(signal) }
      begun({ command, args, options: given, end, got, signal: (signal) => given.onSignal(signal, child) })
    })
  const deps = testDeps({
    clock,
    runForeground,
    env: { PATH: '/bin', ML_INGEST_NAMESPACE: 'ns-mine-7k2p' },
    tty: false,
  })
  Object.assign(deps.stdin, { isTTY: options.tty ?? false })
  const ended = main(argv, deps)
  const command = await Promise.race([beginning, ended])
  if (typeof command === 'number') throw new Error(`it ended with ${command}:\n${deps.stderr.text}`)
  return { ...command, ended, deps, clock }
}

const EXEC = ['local', 'exec', '--hub', 'clicks:2']
const answers = async (endpoint: string) =>
  fetch(endpoint).then(
    () => true,
    () => false,
  )

describe('local exec', () => {
  test('gives the command what it needs to send and receive, and is gone after it', async () => {
    const run = await started([
      ...EXEC,
      '--hub',
      'views',
      '--consumer-group',
      'trainer',
      '--',
      'npm',
      'test',
      '--',
      '-x',
    ])
    expect([run.command, ...run.args]).toEqual(['npm', 'test', '--', '-x'])
    const { env } = run.options
    expect(env).toMatchObject({
      PATH: '/bin',
      EVENTHUB_NAME: 'clicks',
      EVENTHUB_CONSUMER_GROUP: 'trainer',
      EVENTHUB_CONNECTION_STRING: expect.stringMatching(/^Endpoint=.*EntityPath=clicks$/) as string,
      EVENTHUB_CONNECTION_STRING_CLICKS: env['EVENTHUB_CONNECTION_STRING'],
      EVENTHUB_CONNECTION_STRING_VIEWS: expect.stringMatching(/EntityPath=views$/) as string,
      AZURE_SUBSCRIPTION_ID: '00000000-0000-0000-0000-000000000000',
      ML_INGEST_NAMESPACE: 'ns-mine-7k2p',
    })
    const producer = new EventHubProducerClient(env['EVENTHUB_CONNECTION_STRING']!)
    await producer.sendBatch([{ body: 'hello' }], { partitionId: '1' })
    await producer.close()
    const consumer = new EventHubConsumerClient(env['EVENTHUB_CONSUMER_GROUP']!, env['EVENTHUB_CONNECTION_STRING']!)
    expect((await consumer.getPartitionProperties('1')).lastEnqueuedSequenceNumber).toBe(0)
    await consumer.close()
    const inside = await runCli(['plan', '--exit-code', '--hub', 'clicks', '--hub', 'views'], {
      env: env as Record<string, string>,
    })
    expect(inside).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Nothing to do') as string })
    expect(await answers(env['ML_INGEST_ARM_ENDPOINT']!)).toBe(true)
    run.end({ kind: 'code', code: 0 })
    expect(await run.ended).toBe(0)
    expect(await answers(env['ML_INGEST_ARM_ENDPOINT']!)).toBe(false)
    expect({ stdout: run.deps.stdout.text, stderr: run.deps.stderr.text }).toEqual({ stdout: '', stderr: '' })
  })

  test('gives it what Kafka clients need for the first hub, as the help names it, and nothing of it on Basic', async () => {
    const named = async (...more: readonly string[]) => {
      const run = await started([...EXEC, '--hub', 'views', ...more, '--', 'x'])
      run.end({ kind: 'code', code: 0 })
      await run.ended
      const { env } = run.options
      return { env, names: Object.keys(env).filter((name) => name.startsWith('KAFKA_')) }
    }
    const { env, names } = await named()
    expect(names).toHaveLength(5)
    expect(env['KAFKA_SASL_PASSWORD']).toMatch(/;EntityPath=clicks(;|$)/)
    const { stdout } = await runCli(['local', 'exec', '--help'])
    for (const name of names) expect(stdout).toContain(name)
    expect((await named('--tier', 'Basic')).names).toEqual([])
  })

  // Windows PowerShell drops the first -- on the way through npm's script.
  test.each<[string, readonly string[]]>([
    ['npm test -- -x', ['npm', 'test', '--', '-x']],
    ['-q -- npm test', ['npm', 'test']],
    ['--tier=Standard --enforce-limits node -e 1 --hub other', ['node', '-e', '1', '--hub', 'other']],
    ['-g rg-other --partitions 3 node', ['node']],
    ['-- --odd', ['--odd']],
  ])('its command begins behind --, or with the first word that is no flag: %s', async (line, command) => {
    const run = await started([...EXEC, ...line.split(' ')])
    expect([run.command, ...run.args]).toEqual(command)
    expect(run.options.env['EVENTHUB_NAME']).toBe('clicks')
    run.end({ kind: 'code', code: 0 })
    expect(await run.ended).toBe(0)
  })

  test('holds the namespace to its units for the command, if asked', async () => {
    const run = await started([...EXEC, '--capacity', '2', '--enforce-limits', '--', 'x'])
    const options = { retryOptions: { maxRetries: 0 } }
    const producer = new EventHubProducerClient(run.options.env['EVENTHUB_CONNECTION_STRING']!, options)
    const batch = Array.from({ length: 1_000 }, () => ({ body: 1 }))
    await producer.sendBatch(batch)
    await producer.sendBatch(batch)
    await expect(producer.sendBatch(batch)).rejects.toMatchObject({ code: 'ServerBusyError' })
    await producer.close()
    run.end({ kind: 'code', code: 0 })
    expect(await run.ended).toBe(0)
    expect(run.deps.stderr.text).toContain('More comes into namespace ns-mine-7k2p than 2 throughput units can take')
  })

  test.each<[Ending, number]>([
    [{ kind: 'code', code: 7 }, 7],
    [{ kind: 'code', code: 255 }, 255],
    [{ kind: 'signal', signal: 'SIGTERM' }, 143],
    [{ kind: 'signal', signal: 'SIGKILL' }, 137],
  ])('%j ends it with %i', async (ending, exitCode) => {
    const run = await started([...EXEC, '--', 'x'])
    run.end(ending)
    expect(await run.ended).toBe(exitCode)
  })

  test('a command that is not there', async () => {
    const run = await started([...EXEC, '--', 'nope'])
    run.end({ kind: 'failed', reason: 'ENOENT' })
    expect(await run.ended).toBe(2)
    expect(run.deps.stderr.text).toContain("Can't run nope")
    expect(await answers(run.options.env['ML_INGEST_ARM_ENDPOINT']!)).toBe(false)
  })

  test.each([
    [['local', 'exec'], 'no command is given'],
    [['local', 'exec', '--hub', 'bad!', '--partitions', '0', '--', 'x'], '2 inputs are not valid'],
    [['local', 'exec', '--tier', 'Basic', '--consumer-group', 'a', '--', 'x'], '--consumer-group a'],
  ])('%j is refused, and nothing runs', async (argv, message) => {
    const run = await runCli(argv)
    expect(run.exitCode).toBe(2)
    expect(unwrapped(run.stderr)).toContain(message)
  })

  test('takes what a manifest says', async () => {
    const folder = temporaryFolder()
    await writeFile(
      join(folder, 'm.yaml'),
      'version: 1\nresourceGroup: rg-clicks\nnamespace: ns-clicks-test\nhubs:\n  - name: orders\n    partitions: 8\n',
    )
    const run = await started(['local', 'exec', '-f', join(folder, 'm.yaml'), '--', 'x'])
    expect(run.options.env).toMatchObject({ EVENTHUB_NAME: 'orders', ML_INGEST_RESOURCE_GROUP: 'rg-clicks' })
    run.end({ kind: 'code', code: 0 })
    expect(await run.ended).toBe(0)
  })
})

describe('signals', () => {
  test.each(['SIGTERM', 'SIGHUP'] as const)('%s is passed on; what does not end is killed', async (signal) => {
    const run = await started([...EXEC, '--', 'x'], { tty: true })
    run.signal(signal)
    expect(run.got).toEqual([signal])
    run.clock.advance(9_999)
    await new Promise(setImmediate)
    expect(run.got).toEqual([signal])
    run.clock.advance(1)
    await new Promise(setImmediate)
    expect(run.got).toEqual([signal, 'SIGKILL'])
    run.end({ kind: 'signal', signal: 'SIGKILL' })
    expect(await run.ended).toBe(137)
  })

  test('one that is asked twice to end is killed', async () => {
    const run = await started([...EXEC, '--', 'x'])
    run.signal('SIGTERM')
    run.signal('SIGTERM')
    expect(run.got).toEqual(['SIGTERM', 'SIGKILL'])
    run.end({ kind: 'signal', signal: 'SIGKILL' })
    await run.ended
  })

  test('Ctrl-C is passed on where no terminal does it, and never kills', async () => {
    const run = await started([...EXEC, '--', 'x'])
    run.signal('SIGINT')
    run.signal('SIGINT')
    expect(run.got).toEqual(['SIGINT', 'SIGINT'])
    expect(run.clock.pending).not.toContain(10_000)
    run.end({ kind: 'code', code: 0 })
    expect(await run.ended).toBe(0)
    const atTerminal = await started([...EXEC, '--', 'x'], { tty: true })
    atTerminal.signal('SIGINT')
    expect(atTerminal.got).toEqual([])
    atTerminal.end({ kind: 'signal', signal: 'SIGINT' })
    expect(await atTerminal.ended).toBe(130)
  })

  test('before the command runs, an interruption ends all of it', async () => {
    const stop = new AbortController()
    stop.abort(new Interruption('SIGINT'))
    expect(await runCli([...EXEC, '--', 'x'], { stop: stop.signal })).toMatchObject({ exitCode: 130 })
  })
})
