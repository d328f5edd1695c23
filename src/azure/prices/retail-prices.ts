import { randomUUID } from 'node:crypto'
import { createPipelineRequest, type HttpClient, type Pipeline } from '@azure/core-rest-pipeline'
import type { Env } from '../../inputs/given.ts'
import type { Clock } from '../../lib/clock.ts'
import { Failure } from '../../lib/errors.ts'
import type { Tier } from '../../lib/limits.ts'
import { RATES, type Prices } from '../../sizing/prices.ts'
import { checkProxy, endpointOf, type Endpoint, type EndpointVariable } from '../endpoint.ts'
import { answerOf } from '../failures.ts'
import { createHttpClient, createPlainPipeline, type OnRequest } from '../pipeline.ts'
import { BLOB, EVENT_HUBS, ratesOf, readPage, unread, type PricePage } from './price-items.ts'

const PRICES_ENDPOINT: EndpointVariable = {
  name: 'ML_INGEST_PRICES_ENDPOINT',
  label: 'prices endpoint',
  example: 'https://prices.azure.com',
}

/** For all requests together: a plan waits for them. */
const TIME_LIMIT_MS = 2_000
/** A region has about ten prices of Event Hubs, and a page a hundred. */
const MOST_PAGES = 5

export interface PriceQuestion extends Pick<Prices, 'region' | 'currency'> {
  /** Whose units must have a price; undefined if those of any tier will do. */
  readonly tier: Tier | undefined
}

export interface PriceOptions {
  readonly env: Env
  readonly clock: Clock
  readonly userAgent: string
  readonly onRequest: OnRequest | undefined
  /** Ends the requests with its reason. */
  readonly stop: AbortSignal
}

/**
 * Asks the public price API of Azure, which needs no sign-in.
 * https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices
 *
 * @throws Failure `azure` if there are no prices; its message follows the name of the host, such as `answered HTTP 503`.
 * @throws Failure `usage` (exit 2) when the endpoint or the proxy cannot be used.
 */
export async function readRetailPrices(question: PriceQuestion, options: PriceOptions): Promise<Prices> {
  const { env, clock, stop } = options
  const endpoint = endpointOf(PRICES_ENDPOINT, env[PRICES_ENDPOINT.name] || PRICES_ENDPOINT.example)
  if (!endpoint.loopback) checkProxy(env)
  const late = new AbortController()
  const done = new AbortController()
  clock.sleep(TIME_LIMIT_MS, done.signal).then(
    () => late.abort(),
    () => undefined,
  )
  const reader = readerOf(endpoint, question, options, AbortSignal.any([stop, late.signal]))
  try {
    const items = (await Promise.all(filtersOf(question).map(reader))).flat()
    return pricesOf(question, ratesOf(items, clock.now()), clock)
  } catch (error) {
    stop.throwIfAborted()
    if (late.signal.aborted) throw unread(`gave no answer within ${TIME_LIMIT_MS / 1000} s`)
    throw error
  } finally {
    done.abort()
    late.abort()
  }
}

/** The host that is asked, for texts. */
export const pricesHost = ({ [PRICES_ENDPOINT.name]: given }: Env): string =>
  new URL(given || PRICES_ENDPOINT.example).host

function pricesOf({ region, currency, tier }: PriceQuestion, rates: Prices['rates'], clock: Clock): Prices {
  const isPriced = (one: Tier) => rates[RATES[one].units] !== null
  const wanted = tier ? [tier] : (Object.keys(RATES) as Tier[])
  if (!wanted.some(isPriced)) throw unread(`has no price of Event Hubs${tier ? ` ${tier}` : ''} in ${region}`)
  const asOf = new Date(clock.now()).toISOString().slice(0, 'yyyy-mm'.length)
  return { ...{ region, currency, source: 'live', asOf, rates }, insteadOf: null }
}

/** OData. The API compares values letter by letter. */
function filtersOf({ region }: PriceQuestion): readonly string[] {
  const where = (conditions: Readonly<Record<string, string>>) =>
    Object.entries({ ...conditions, armRegionName: region, priceType: 'Consumption' })
      .map(([name, value]) => `${name} eq '${value.replaceAll("'", "''")}'`)
      .join(' and ')
  return [
    where({ serviceName: EVENT_HUBS }),
    where({ serviceName: 'Storage', productName: BLOB.product, meterName: BLOB.name }),
  ]
}

type Items = PricePage['items']

/** Reads all pages of what a filter lets through. */
function readerOf(
  endpoint: Endpoint,
  question: PriceQuestion,
  { clock, userAgent, onRequest }: PriceOptions,
  signal: AbortSignal,
): (filter: string) => Promise<Items> {
  const pipeline = createPlainPipeline(endpoint, { correlationId: randomUUID(), userAgent })
  const http = createHttpClient(clock, { onRequest })
  const { origin } = new URL(endpoint.url)
  return async (filter) => {
    const items: Items[number][] = []
    const query = `currencyCode='${question.currency}'&$filter=${encodeURIComponent(filter)}`
    let url: string | undefined = `${endpoint.url}/api/retail/prices?${query}`
    for (let pages = 0; url !== undefined; pages++) {
      if (pages === MOST_PAGES) throw unread(`answered with more than ${MOST_PAGES} pages`)
      if (!URL.canParse(url) || new URL(url).origin !== origin) throw unread('answered with a link to another host')
      const page = readPage(await get({ url, endpoint, pipeline, http, signal, nowMs: clock.now() }), question)
      items.push(...page.items)
      url = page.next
    }
    return items
  }
}

interface Get {
  readonly url: string
  readonly endpoint: Endpoint
  readonly pipeline: Pipeline
  readonly http: HttpClient
  readonly signal: AbortSignal
  readonly nowMs: number
}

async function get({ url, endpoint, pipeline, http, signal, nowMs }: Get): Promise<string> {
  const request = createPipelineRequest({ url, abortSignal: signal, allowInsecureConnection: endpoint.loopback })
  // Node's http.request needs an IPv6 address without the SDK's brackets.
  if (endpoint.hostname === '[::1]') request.requestOverrides = { hostname: '::1' }
  try {
    const { status, bodyAsText } = await pipeline.sendRequest(http, request)
    if (status !== 200) throw unread(`answered HTTP ${status}`)
    return bodyAsText ?? ''
  } catch (error) {
    if (error instanceof Failure || signal.aborted) throw error
    const answer = answerOf(error, nowMs)
    if (!answer) throw error
    const { foreign, message } = answer
    throw unread(
      foreign ? 'answered with something else than JSON' : `was not reached: ${message?.split('\n')[0]}`,
      error,
    )
  }
}
