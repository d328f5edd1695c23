import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
// Loaded lazily by the program; while a test loads it nothing else seems to happen, and its clock would run.
import '../../src/azure/prices/retail-prices.ts'
import { realClock } from '../../src/lib/clock.ts'
import { Interruption } from '../../src/lib/errors.ts'
import { serve, type Answer, type Awkward, type Seen } from '../azure/support.ts'
import { startTestAzure } from '../support/azure.ts'
import { documentOf, PLACE, SERVICE_HOST, SMALL, SMALL_CREATE } from './support.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const files: Record<string, unknown> = {}
beforeAll(async () => {
  for (const name of ['event-hubs', 'blob'])
    files[name] = JSON.parse(await readFile(new URL(`../fixtures/prices/${name}.json`, import.meta.url), 'utf8'))
})

const asked = ({ url }: Seen): Answer => ({ status: 200, body: files[url.includes('Storage') ? 'blob' : 'event-hubs'] })

interface PriceApi extends Pick<Awkward, 'seen'> {
  readonly env: Readonly<Record<string, string>>
}
async function startPrices(answer: Parameters<typeof serve>[0] = asked): Promise<PriceApi> {
  const server = await serve(answer)
  onTestFinished(() => server.close())
  return { seen: server.seen, env: { ML_INGEST_PRICES_ENDPOINT: server.endpoint } }
}

const PLAN = ['plan', ...PLACE, ...SMALL]
const LIVE = ['--prices', 'live']
/** The text on one line, as its words wrap. */
const flat = (text: string) => text.replaceAll(/\s+/g, ' ')

describe('--prices live', () => {
  test('shows what Azure answers, the same in text, JSON and step summary', async () => {
    const azure = await startTestAzure()
    const api = await startPrices()
    const folder = temporaryFolder()
    const page = join(folder, 'summary.md')
    const env = { ...api.env, GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: page }
    const run = await azure.run([...PLAN, ...LIVE], { clock: realClock, env })
    const said =
      'about $23 a month, and $0.029 per million events in (list price of westeurope today, network traffic not included)'
    expect(flat(run.stdout)).toContain(`Cost ${said}`)
    expect((await readFile(page, 'utf8')).replaceAll('\\', '')).toContain(`Cost: ${said}`)
    expect(run.stderr).toBe('')
    const { cost } = documentOf(await azure.run([...PLAN, ...LIVE, '--json'], { clock: realClock, env: api.env }))
    expect(cost).toEqual({
      ...{ currency: 'USD', region: 'westeurope', source: 'live', insteadOf: null },
      asOf: new Date().toISOString().slice(0, 7),
      ...{ monthly: 22.63, monthlyCeiling: 22.63, perMillionEvents: 0.029, withCapture: false, withEvents: false },
      parts: [{ of: 'units', monthly: 22.63, ceiling: 22.63 }],
    })
    expect(api.seen).toHaveLength(4)
  })

  test('create shows it before it asks, and has it in its answer', async () => {
    const azure = await startTestAzure()
    const { env } = await startPrices()
    const run = await azure.run([...SMALL_CREATE, '--json'], {
      clock: realClock,
      env: { ...env, ML_INGEST_PRICES: 'live' },
    })
    expect(flat(run.stderr)).toContain('list price of westeurope today')
    expect(documentOf(run).cost).toMatchObject({ source: 'live', monthly: 22.63 })
  })

  test('asks for the region of what exists, and the currency', async () => {
    const azure = await startTestAzure()
    await azure.run(SMALL_CREATE)
    const api = await startPrices()
    const flags = ['plan', '-g', 'rg-clicks', '-n', 'ns-clicks-test', '--capacity', '2', '--currency', 'eur']
    const run = await azure.run([...flags, ...LIVE], { clock: realClock, env: api.env })
    expect(decodeURIComponent(api.seen[0]!.url)).toMatch(/currencyCode='EUR'.*armRegionName eq 'westeurope'/)
    // What it answers here is in dollars, so it is not taken.
    expect(run.stderr).toContain('answered in another currency than EUR. The cost is by the list of 2026-08.')
  })

  test('falls back to the list aloud, in one line with the reason, and goes on', async () => {
    const azure = await startTestAzure()
    const { env } = await startPrices(() => ({ status: 503 }))
    const run = await azure.run([...PLAN, ...LIVE], { clock: realClock, env })
    expect(run.exitCode).toBe(0)
    expect(run.stderr).toMatch(
      /^ {2}No live prices: 127\.0\.0\.1:\d+ answered HTTP 503\. The cost is by the list of 2026-08\.\n$/,
    )
    expect(flat(run.stdout)).toContain(
      'about $22 a month, and $0.028 per million events in (list price of westeurope of 2026-08',
    )
    expect(documentOf(await azure.run([...PLAN, ...LIVE, '--json'], { clock: realClock, env })).cost).toMatchObject({
      source: 'list',
    })
  })

  test.each([
    ['plan', 'stdout', []],
    ['create', 'stderr', ['--yes']],
    ['size', 'stdout', ['--events-per-second', '5k']],
  ] as const)('%s gives no advice to ask Azure after Azure was asked', async (command, stream, more) => {
    const azure = await startTestAzure()
    const { env } = await startPrices(() => ({ status: 503 }))
    const place =
      command === 'size' ? ['-l', 'polandcentral'] : ['-g', 'rg', '-n', 'ns-clicks-test', '-l', 'polandcentral']
    const argv = [command, ...place, ...more]
    const asked = await azure.run([...argv, ...LIVE], { clock: realClock, env })
    expect(asked.stderr).toContain('No live prices')
    expect(flat(asked[stream])).toContain('prices of polandcentral are not in this version')
    expect(flat(asked[stream])).not.toContain('--prices live asks Azure')
  })

  test('waits two seconds, not longer', async () => {
    const azure = await startTestAzure()
    const { env } = await startPrices(() => 'silence')
    const startedAt = azure.clock.now()
    const run = await azure.run([...PLAN, ...LIVE], { env })
    expect(run.stderr).toContain('gave no answer within 2 s. The cost is by the list')
    expect(azure.clock.now() - startedAt).toBe(2_000)
  })

  test.each([[[...PLAN, ...LIVE]], [[...SMALL_CREATE, ...LIVE]]])('Ctrl-C ends the wait: %s', async (argv) => {
    const azure = await startTestAzure()
    const stop = new AbortController()
    const { env } = await startPrices(() => {
      stop.abort(new Interruption('SIGINT'))
      return 'silence'
    })
    const run = await azure.run(argv, { clock: realClock, stop: stop.signal, env })
    expect(run.exitCode).toBe(130)
    expect(run.stderr).not.toContain('No live prices')
    expect(azure.writes()).toEqual([])
  })

  test('is not asked for what has no price of its own: the embedded Azure', async () => {
    const azure = await startTestAzure()
    const api = await startPrices()
    const local = { host: SERVICE_HOST, env: { ...api.env, ML_INGEST_PRICES: 'live' } }
    const run = await azure.run(['plan', '--local', '--data', '/nonexistent/never'], local)
    expect(run.stdout + run.stderr).not.toContain('Cost')
    expect(api.seen).toEqual([])
  })

  test.each([
    ['AzureChinaCloud', 0, 'No live prices: Azure publishes none of this cloud there. The cost is unknown.'],
    ['AzureUSGovernment', 2, 'has no price of Event Hubs Standard in westeurope. The cost is unknown.'],
  ])('%s', async (cloud, requests, told) => {
    const azure = await startTestAzure()
    const api = await startPrices(() => ({ status: 200, body: { Items: [] } }))
    const argv = [...PLAN, '--cloud', cloud, ...LIVE]
    const run = await azure.run(argv, { clock: realClock, env: api.env })
    expect(run.stderr).toContain(told)
    expect(run.stdout).toMatch(/Cost +unknown: this version has no prices of this cloud/)
    expect(api.seen).toHaveLength(requests)
    const listed = await azure.run(argv.slice(0, -2), { env: api.env })
    expect(listed.stdout).toMatch(/Cost +unknown: this version has no prices of this cloud/)
    expect(listed.stderr).toBe('')
  })

  test('an unusable endpoint is an error of usage, not a reason to fall back', async () => {
    const azure = await startTestAzure()
    const run = await azure.run([...PLAN, ...LIVE], { env: { ML_INGEST_PRICES_ENDPOINT: 'http://example.com' } })
    expect(run.exitCode).toBe(2)
    expect(run.stderr).toContain("Can't use ML_INGEST_PRICES_ENDPOINT")
  })
})

describe('the list', () => {
  test('is what counts without a word, and nobody is asked', async () => {
    const azure = await startTestAzure()
    const api = await startPrices()
    expect(documentOf(await azure.run([...PLAN, '--json'], { env: api.env })).cost).toMatchObject({ source: 'list' })
    expect(api.seen).toEqual([])
  })

  test('says which prices it lacks, and how to get them', async () => {
    const azure = await startTestAzure()
    const run = await azure.run([
      'plan',
      '-g',
      'rg',
      '-n',
      'ns-clicks-test',
      '-l',
      'polandcentral',
      '--currency',
      'EUR',
    ])
    expect(flat(run.stdout)).toContain(
      'Cost about $22 a month, and $0.028 per million events in (US list price of 2026-08, as in eastus2, network traffic not included) prices of polandcentral in EUR are not in this version: --prices live asks Azure',
    )
  })

  test('currencies are checked', async () => {
    const run = await (await startTestAzure()).run([...PLAN, '--currency', 'EUO'])
    expect(run.exitCode).toBe(2)
    expect(flat(run.stderr)).toContain('is not a currency. Did you mean EUR?')
  })
})
