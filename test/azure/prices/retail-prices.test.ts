import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { readRetailPrices, type PriceQuestion } from '../../../src/azure/prices/retail-prices.ts'
import { realClock, type Clock } from '../../../src/lib/clock.ts'
import type { Failure } from '../../../src/lib/errors.ts'
import { Interruption } from '../../../src/lib/errors.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { failure, serve, type Answer, type Seen } from '../support.ts'

/** Answers as the API documents them. Prices differ from the list, so that they are not mistaken for it. */
const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../fixtures/prices/${name}.json`, import.meta.url), 'utf8')) as Page
interface Page {
  readonly Items: readonly object[]
  readonly [key: string]: unknown
}
const [EVENT_HUBS, BLOB, AWKWARD] = [fixture('event-hubs'), fixture('blob'), fixture('awkward')]
const NOTHING: Page = { ...BLOB, Items: [], Count: 0 }

const isBlob = ({ url }: Seen) => url.includes('Storage')
const answering =
  (eventHubs: object, blob: object = BLOB) =>
  (seen: Seen): Answer => ({ status: 200, body: isBlob(seen) ? blob : eventHubs })

const QUESTION: PriceQuestion = { region: 'westeurope', currency: 'USD', tier: 'Standard' }

interface Asked {
  readonly question?: Partial<PriceQuestion>
  readonly clock?: Clock
  readonly stop?: AbortSignal
}
async function ask(answer: Parameters<typeof serve>[0], { question, clock, stop }: Asked = {}) {
  const server = await serve(answer)
  onTestFinished(() => server.close())
  const prices = readRetailPrices(
    { ...QUESTION, ...question },
    {
      env: { ML_INGEST_PRICES_ENDPOINT: server.endpoint },
      clock: clock ?? new ManualClock({ start: Date.parse('2026-11-29') }),
      userAgent: 'ml-ingest/test',
      onRequest: undefined,
      stop: stop ?? new AbortController().signal,
    },
  )
  return { server, prices }
}
const pricesOf = async (...args: Parameters<typeof ask>) => (await ask(...args)).prices
const reasonOf = async (...args: Parameters<typeof ask>) => {
  const error = await failure((await ask(...args)).prices)
  expect(error).toMatchObject({ code: 'azure' })
  return (error as Failure).message
}

test('every price of the region comes from its own meter, that of storage from its first tier', async () => {
  expect(await pricesOf(answering(EVENT_HUBS))).toEqual({
    ...{ region: 'westeurope', currency: 'USD', source: 'live', asOf: '2026-11', insteadOf: null },
    rates: {
      ...{ basicUnitHour: 0.016, standardUnitHour: 0.031, premiumUnitHour: 1.4 },
      ...{ basicMillionEvents: 0.027, standardMillionEvents: 0.029, standardCaptureHour: 0.11 },
      ...{ premiumGbMonth: 0.14, blobGbMonth: 0.0197 },
    },
  })
})

test('it asks without a sign-in, and by the names as the API spells them', async () => {
  const { server, prices } = await ask(answering(EVENT_HUBS))
  await prices
  const asked = server.seen.map(({ method, url }) => `${method} ${decodeURIComponent(url)}`).sort()
  expect(asked).toEqual([
    "GET /api/retail/prices?currencyCode='USD'&$filter=serviceName eq 'Event Hubs' and armRegionName eq 'westeurope' and priceType eq 'Consumption'",
    "GET /api/retail/prices?currencyCode='USD'&$filter=serviceName eq 'Storage' and productName eq 'General Block Blob v2' and meterName eq 'Hot LRS Data Stored' and armRegionName eq 'westeurope' and priceType eq 'Consumption'",
  ])
  expect(server.seen.every(({ headers }) => headers.authorization === undefined)).toBe(true)
})

test('a region cannot add to the question', async () => {
  const { server, prices } = await ask(answering(EVENT_HUBS), { question: { region: "x' or 'a' eq 'a" } })
  await failure(prices)
  expect(decodeURIComponent(server.seen[0]!.url)).toContain("armRegionName eq 'x'' or ''a'' eq ''a'")
})

test('what an awkward answer does not tell clearly is unknown', async () => {
  const { rates } = await pricesOf(answering(AWKWARD))
  expect(rates).toEqual({
    ...{ premiumUnitHour: null, standardCaptureHour: null, basicUnitHour: null, basicMillionEvents: null },
    ...{ standardUnitHour: 0.031, standardMillionEvents: 0.03, premiumGbMonth: 0.15, blobGbMonth: 0.0197 },
  })
})

test('without prices of storage, that alone is unknown', async () => {
  const { rates } = await pricesOf(answering(EVENT_HUBS, NOTHING))
  expect(rates).toMatchObject({ blobGbMonth: null, standardUnitHour: 0.031 })
})

describe('several pages', () => {
  const rest = (index: number, next: unknown): Page => ({
    ...EVENT_HUBS,
    Items: EVENT_HUBS.Items.slice(index * 4, index * 4 + 4),
    NextPageLink: next,
  })
  const paged = (next: (index: number, host: string) => unknown) => (seen: Seen) => {
    if (isBlob(seen)) return { status: 200, body: BLOB }
    const index = Number(/skip=(\d+)/.exec(seen.url)?.[1] ?? 0)
    return { status: 200, body: rest(index, next(index, seen.headers.host!)) }
  }

  test('are read one after the other', async () => {
    const link = (index: number, host: string) =>
      index < 2 ? `http://${host}/api/retail/prices?$skip=${index + 1}` : null
    const { server, prices } = await ask(paged(link))
    expect(Object.values((await prices).rates)).not.toContain(null)
    expect(server.seen).toHaveLength(4)
  })

  test('are no more than five', async () => {
    const link = (index: number, host: string) => `http://${host}/api/retail/prices?$skip=${index + 1}`
    const { server, prices } = await ask(paged(link))
    expect(await failure(prices)).toMatchObject({ message: 'answered with more than 5 pages' })
    expect(server.seen.filter((one) => !isBlob(one))).toHaveLength(5)
  })

  test.each(['another server', 'not a URL', '/api/retail/prices?$skip=1', 'a redirect'])(
    'at %s are not read',
    async (where) => {
      const other = await serve(() => ({ status: 200, body: EVENT_HUBS }))
      onTestFinished(() => other.close())
      const link = where === 'another server' ? `${other.endpoint}/api/retail/prices?$skip=1` : where
      const reason = await reasonOf(
        where === 'a redirect'
          ? () => ({ status: 302, headers: { location: other.endpoint } })
          : paged((index) => (index === 0 ? link : null)),
      )
      expect(reason).toBe(where === 'a redirect' ? 'answered HTTP 302' : 'answered with a link to another host')
      expect(other.seen).toEqual([])
    },
  )
})

describe('no prices, and why', () => {
  const inEuro = (page: Page) => ({ ...page, BillingCurrency: 'EUR' })
  const itemsIn = (currencyCode: string | undefined, page: Page) => ({
    ...page,
    Items: page.Items.map((item) => ({ ...item, currencyCode })),
  })
  const scaled = (factor: number) => ({
    ...EVENT_HUBS,
    Items: EVENT_HUBS.Items.map((item) => ({
      ...item,
      retailPrice: (item as { readonly retailPrice: number }).retailPrice * factor,
    })),
  })
  const elsewhere = {
    ...EVENT_HUBS,
    Items: EVENT_HUBS.Items.map((item) => ({ ...item, armRegionName: 'northeurope' })),
  }

  test.each<[string, Parameters<typeof serve>[0], string]>([
    ['nothing for the region', answering(NOTHING), 'has no price of Event Hubs Standard in westeurope'],
    ['another region', answering(elsewhere), 'has no price of Event Hubs Standard in westeurope'],
    ['another currency', answering(inEuro(EVENT_HUBS)), 'answered in another currency than USD'],
    ['items in another currency', answering(itemsIn('EUR', EVENT_HUBS)), 'answered in another currency than USD'],
    [
      'no currency',
      answering(itemsIn(undefined, { ...EVENT_HUBS, BillingCurrency: undefined })),
      'did not say in which currency',
    ],
    ['prices of next to nothing', answering(scaled(1e-12)), 'has no price of Event Hubs Standard in westeurope'],
    ['prices beyond all bounds', answering(scaled(1e300)), 'has no price of Event Hubs Standard in westeurope'],
    ['no list', answering({ ...EVENT_HUBS, Items: 'none' }), 'answered with something else than a list of prices'],
    [
      'an error with status 200',
      answering({ Error: { Code: 'x' } }),
      'answered with something else than a list of prices',
    ],
    ['a list alone', answering([1]), 'answered with something else than a list of prices'],
    ['broken JSON', () => ({ status: 200, text: '{"Items":[' }), 'answered with something else than a list of prices'],
    [
      'a login page',
      () => ({ status: 200, text: '<html>', headers: { 'content-type': 'text/html' } }),
      'answered with something else than JSON',
    ],
    ['400', () => ({ status: 400, body: { Error: 'bad filter' } }), 'answered HTTP 400'],
    ['429', () => ({ status: 429, headers: { 'retry-after': '60' } }), 'answered HTTP 429'],
    ['503', () => ({ status: 503 }), 'answered HTTP 503'],
    ['a cut connection', () => 'reset', 'was not reached: socket hang up'],
  ])('%s', async (_, answer, reason) => expect(await reasonOf(answer)).toBe(reason))

  test('a tier that the region does not price', async () => {
    const question = { tier: 'Premium' } as const
    expect(await reasonOf(answering(AWKWARD), { question })).toBe('has no price of Event Hubs Premium in westeurope')
    expect((await pricesOf(answering(AWKWARD), { question: { tier: undefined } })).rates.premiumUnitHour).toBeNull()
  })

  test('nobody listens', async () => {
    const error = await failure(
      readRetailPrices(QUESTION, {
        env: { ML_INGEST_PRICES_ENDPOINT: 'http://127.0.0.1:1' },
        ...{ clock: realClock, userAgent: 'ml-ingest/test', onRequest: undefined, stop: new AbortController().signal },
      }),
    )
    expect((error as Failure).message).toMatch(/^was not reached: .*ECONNREFUSED/)
  })
})

describe('the time limit of two seconds', () => {
  /** Until so many requests are under way. */
  const under = async (server: { readonly seen: readonly Seen[] }, count: number) =>
    expect.poll(() => server.seen.length).toBe(count)

  test('is for all requests together', async () => {
    const clock = new ManualClock()
    const { server, prices } = await ask((seen) => (isBlob(seen) ? 'silence' : { status: 200, body: EVENT_HUBS }), {
      clock,
    })
    const ended = failure(prices)
    await under(server, 2)
    clock.advance(1_999)
    expect(clock.pending).toEqual([1])
    clock.advance(1)
    expect(await ended).toMatchObject({ code: 'azure', message: 'gave no answer within 2 s' })
  })

  test('holds for an answer that begins and does not end', async () => {
    const clock = new ManualClock()
    let begun = 0
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"Items":[', () => begun++)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close().closeAllConnections())
    const ended = failure(
      readRetailPrices(QUESTION, {
        env: { ML_INGEST_PRICES_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
        ...{ clock, userAgent: 'ml-ingest/test', onRequest: undefined, stop: new AbortController().signal },
      }),
    )
    await expect.poll(() => begun).toBe(2)
    clock.advance(2_000)
    expect(await ended).toMatchObject({ message: 'gave no answer within 2 s' })
  })

  test('leaves no timer behind', async () => {
    const clock = new ManualClock()
    await pricesOf(answering(EVENT_HUBS), { clock })
    expect(clock.pending).toEqual([])
  })

  test('an interruption ends the wait with its own reason', async () => {
    const stop = new AbortController()
    const interruption = new Interruption('SIGINT')
    const { server, prices } = await ask(() => 'silence', { stop: stop.signal })
    const ended = failure(prices)
    await under(server, 2)
    stop.abort(interruption)
    expect(await ended).toBe(interruption)
  })
})

test('goes through the proxy, and to nowhere else', async () => {
  const connected: (string | undefined)[] = []
  const proxy = createServer().on('connect', ({ url }, socket) => {
    connected.push(url)
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void proxy.close())
  const HTTPS_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  vi.stubEnv('HTTPS_PROXY', HTTPS_PROXY)
  onTestFinished(() => void vi.unstubAllEnvs())
  const error = await failure(
    readRetailPrices(QUESTION, {
      env: { HTTPS_PROXY },
      ...{ clock: new ManualClock(), userAgent: '', onRequest: undefined, stop: new AbortController().signal },
    }),
  )
  expect(error).toMatchObject({ code: 'azure' })
  expect(new Set(connected)).toEqual(new Set(['prices.azure.com:443']))
})

test.each([
  ['http://prices.example.com', 'http is accepted for loopback addresses only'],
  ['nonsense', 'it is not a URL; example: https://prices.azure.com'],
  ['https://user:secret@example.com', 'it may have a host, a port and a path'],
])('refuses the endpoint %s', async (endpoint, why) => {
  const error = await failure(
    readRetailPrices(QUESTION, {
      env: { ML_INGEST_PRICES_ENDPOINT: endpoint },
      ...{ clock: new ManualClock(), userAgent: '', onRequest: undefined, stop: new AbortController().signal },
    }),
  )
  expect(error).toMatchObject({ code: 'usage', message: "Can't use ML_INGEST_PRICES_ENDPOINT" })
  expect((error as Failure).why[0]).toContain(why)
  expect(JSON.stringify((error as Failure).why)).not.toContain('secret')
})
