import { EventHubConsumerClient, latestEventPosition } from '@azure/event-hubs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { readFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { realClock, type Clock } from '../../src/lib/clock.ts'
import { Interruption } from '../../src/lib/errors.ts'
import { startService } from '../../src/local/index.ts'
import type { LocalDocument, VerifyDocument } from '../../src/ui/document-schema.ts'
import { startPlane } from '../support/plane.ts'
import { runCli, type TestOptions } from '../support/test-deps.ts'
import { SERVICE_HOST as host, unwrapped } from './support.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const TARGET = ['-n', 'ns-clicks-test', '--hub', 'clicks']
const LOAD = ['--load', '--duration', '1s']

const schema = JSON.parse(
  readFileSync(new URL('../../schema/ml-ingest-output-v1.schema.json', import.meta.url), 'utf8'),
) as object
const isDocument = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema)

/** The command line on an embedded Azure of its own, in real time: a rate has none of its own. */
async function start({ enforceLimits = false } = {}) {
  const folder = temporaryFolder()
  const service = await startService({
    ...{ host, clock: realClock, version: '1.2.3', dataFolder: folder, memory: true, log: () => undefined },
    dataPlane: { ports: { amqp: 0, kafka: 0 }, enforceLimits },
  })
  onTestFinished(() => service.close())
  const run = (argv: readonly string[], options: TestOptions = {}) =>
    runCli([...argv, '--data', folder], { clock: realClock, host, cwd: folder, ...options })
  const create = await run([
    'create',
    '--local',
    '--yes',
    '-n',
    'ns-clicks-test',
    '--hub',
    'clicks:3',
    '--capacity',
    '1',
  ])
  expect(create.exitCode, create.stderr).toBe(0)
  const verify = (...more: readonly string[]) => run(['verify', '--local', ...TARGET, ...more])
  const load = async (...more: readonly string[]) => {
    const ran = await verify(...LOAD, ...more, '--json')
    const document = JSON.parse(ran.stdout) as VerifyDocument
    expect(isDocument(document), JSON.stringify(isDocument.errors)).toBe(true)
    expect(document.exitCode).toBe(ran.exitCode)
    return { document, load: document.verifications[0]!.load! }
  }
  const held = async () => JSON.parse((await run(['local', 'status', '--json'])).stdout) as LocalDocument
  return { run, verify, load, held }
}

describe('a load test', () => {
  test('sends at the rate, reads all of it back, and counts to the event', async () => {
    const { load, held } = await start()
    const { document, load: found } = await load('--events-per-second', '700', '--event-size', '300B', '--peak', '2')
    expect(document).toMatchObject({ result: 'ok', exitCode: 0, error: null })
    expect(found).toMatchObject({
      ...{ eventsPerSecond: 1_400, bytesPerEvent: 300, durationMs: 1_000, by: 'load' },
      ...{ accepted: 1_400, received: 1_400, lost: 0, doubled: 0, throttledRequests: 0, throttledEvents: 0 },
      ...{ unsent: 0, stopped: false },
    })
    expect(found.elapsedMs).toBeGreaterThanOrEqual(1_000)
    expect(found.acceptedPerSecond).toBeCloseTo((1_400 * 1_000) / found.elapsedMs)
    for (const { p50, p99, most } of [found.acknowledgedMs!, found.endToEndMs!])
      expect([p50, p99, most]).toEqual([p50, p99, most].toSorted((a, b) => a - b))
    const [hub] = (await held()).hubs
    // The one besides is that of the steps.
    expect(hub!.events).toBe(1_401)
    expect(hub!.bytes).toBeGreaterThan(1_400 * 300)
    expect(hub!.bytes).toBeLessThan(1_400 * 300 * 1.6)
  })

  test('without a load it sends most of what the units take in, and says so before it begins', async () => {
    const { verify } = await start({ enforceLimits: true })
    const { exitCode, stdout, stderr } = await verify(...LOAD)
    expect(stderr.split('\n').map((line) => line.trim())).toEqual([
      'Load test of hub clicks: 900 events/s of 1 KB for 1s, most of what its units',
      'and partitions take in.',
      'That is 900 events, 900 KB.',
      'Pipelines that read the hub see them, with the property ml-ingest-probe. What',
      'they send themselves comes on top.',
      '',
    ])
    const rows = stdout.split('\n').slice(stdout.split('\n').findIndex((line) => line.startsWith('  Came')))
    expect(rows[0]).toBe('  Came through     900 of 900 events, none lost')
    expect(rows.map((line) => line.slice(2, 19).trim()).filter(Boolean)).toEqual([
      ...['Came through', 'Rate', 'Acknowledged', 'End to end', 'Throttled'],
    ])
    expect(rows[4]).toBe('  Throttled        no')
    expect(exitCode).toBe(0)
  })

  test('says what a namespace of one unit refuses, to the event', async () => {
    const { load, held } = await start({ enforceLimits: true })
    const { document, load: found } = await load('--events-per-second', '5k', '--event-size', '100B')
    expect(document).toMatchObject({ result: 'ok', exitCode: 0 })
    expect(found.throttledEvents).toBeGreaterThan(2_000)
    expect(found.heldRate).toBe(false)
    expect(found.accepted + found.throttledEvents).toBe(5_000)
    expect(found).toMatchObject({ received: found.accepted, lost: 0, doubled: 0 })
    const { limits, hubs } = await held()
    expect(limits![0]!.refused).toBe(found.throttledRequests)
    expect(hubs[0]!.events).toBe(found.accepted + 1)
  })

  test('a partition that somebody else reads alone ends it, and says so', async () => {
    const { run, load } = await start()
    const { stdout } = await run(['show-connection', '--local', ...TARGET, '--format', 'raw'])
    const client = new EventHubConsumerClient('$Default', stdout.trim())
    onTestFinished(() => client.close())
    await new Promise<void>((resolve, reject) =>
      client.subscribe(
        '1',
        { processEvents: async () => resolve(), processError: async (error) => reject(error) },
        { startPosition: latestEventPosition, ownerLevel: 1, maxWaitTimeInSeconds: 1 },
      ),
    )
    const { document, load: found } = await load('--consumer-group', '$Default')
    expect(document).toMatchObject({ result: 'failed', exitCode: 1 })
    expect(document.error!.message).toContain('hub clicks')
    expect(found).toMatchObject({ accepted: 0, received: 0, acknowledgedMs: null, endToEndMs: null })
  })

  test.each<[kind: 'SIGINT' | 'SIGTERM', exitCode: number]>([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('%s ends it, with what came through so far', async (kind, code) => {
    const { run, held } = await start()
    const stop = new AbortController()
    const argv = ['verify', '--local', ...TARGET, '--load', '--events-per-second', '500', '--duration', '5m', '--json']
    const running = run(argv, { stop: stop.signal })
    await expect.poll(async () => (await held()).hubs[0]!.events, { timeout: 20_000 }).toBeGreaterThan(100)
    stop.abort(new Interruption(kind))
    const { exitCode, stdout } = await running
    const document = JSON.parse(stdout) as VerifyDocument
    expect(isDocument(document), JSON.stringify(isDocument.errors)).toBe(true)
    const found = document.verifications[0]!.load!
    expect([exitCode, document.exitCode, document.result]).toEqual([code, code, 'cancelled'])
    expect(document.error).toMatchObject({
      code: 'cancelled',
      message: expect.stringMatching(/^Stopped after /) as string,
    })
    expect(found).toMatchObject({ stopped: true, lost: 0, received: found.accepted })
    expect(found.accepted + 1).toBe((await held()).hubs[0]!.events)
    expect(found.elapsedMs).toBeLessThan(60_000)
  })

  test('the end of --timeout ends it, and is told as such', async () => {
    const { run } = await start()
    const hurried: Clock = { ...realClock, sleep: (ms, signal) => realClock.sleep(ms === 299_000 ? 3_000 : ms, signal) }
    const limits = ['--events-per-second', '50', '--duration', '5m', '--timeout', '299s', '--json']
    const { stdout } = await run(['verify', '--local', ...TARGET, '--load', ...limits], { clock: hurried })
    const document = JSON.parse(stdout) as VerifyDocument
    expect(isDocument(document), JSON.stringify(isDocument.errors)).toBe(true)
    expect(document).toMatchObject({ result: 'cancelled', exitCode: 7, error: { code: 'deadline' } })
    expect(document.error!.message).toMatch(/^The time limit \(--timeout\) was reached after /)
    expect(document.verifications[0]!.load).toMatchObject({ stopped: true, lost: 0 })
  })

  test('a rule that may not send is told before anything is sent, and no success', async () => {
    const { run, verify, held } = await start()
    const asked = await verify(...LOAD, '--access', 'listen')
    expect(asked.exitCode).toBe(2)
    expect(unwrapped(asked.stderr)).toContain('--access listen contradicts --load: it sends events and reads them back')
    const more = ['--hub', 'clicks', '-n', 'ns-clicks-test', '--no-connection', '--yes']
    expect(await run(['create', '--local', ...more, '--access', 'listen'])).toMatchObject({ exitCode: 0 })
    const named = await verify(...LOAD, '--policy', 'ml-ingest-listen', '--json')
    expect(JSON.parse(named.stdout)).toMatchObject({
      exitCode: 3,
      error: { code: 'access', message: "Can't load hub clicks: rule ml-ingest-listen lacks the right Send" },
    })
    expect((await held()).hubs[0]!.events).toBe(0)
  })
})

describe('before it begins', () => {
  test.each([
    [['--kafka', ...LOAD], '--load', 'contradicts --kafka: it sends over AMQP'],
    [['--duration', '2m'], '--duration', 'has no effect without --load'],
    [['--event-size', '1KB', '--events-per-second', '5'], '--event-size', 'has no effect without --load'],
    [['--load', '--duration', '6m'], '--duration', 'is out of range: it is 1s to 5m'],
  ])('%j is refused', async (flags, flag, message) => {
    const { exitCode, stderr } = await runCli(['verify', '--local', ...TARGET, ...flags])
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(new RegExp(`${flag} .*${message}`))
  })

  test('on Azure it wants to be agreed to, and says what it costs', async () => {
    const plane = await startPlane()
    const place = ['-g', 'rg-clicks', ...TARGET]
    expect(await plane.run(['create', ...place, '--yes'])).toMatchObject({ exitCode: 0 })
    const refused = await plane.run(['verify', ...place, ...LOAD])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('--yes')
    const agreed = await plane.run(['verify', ...place, ...LOAD, '--yes'])
    expect(agreed.exitCode).toBe(0)
    expect(agreed.stderr).toContain('That is 900 events, 900 KB, for less than $0.01.')
  })
})
