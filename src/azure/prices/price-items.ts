import { Failure } from '../../lib/errors.ts'
import type { Prices, Rate } from '../../sizing/prices.ts'
import { list, number, record, text } from '../json.ts'

/** How the price API calls what Azure charges for, and in which unit it prices it. */
interface Meter {
  readonly product: string
  readonly name: string
  readonly unit: string
}

const HOUR = '1 Hour'
const MILLION = '1M'
const GB_MONTH = '1 GB/Month'
export const EVENT_HUBS = 'Event Hubs'
/** Event Hubs has no meter for what exceeds the storage of throughput units: it is billed at the rate of blobs. */
export const BLOB = {
  product: 'General Block Blob v2',
  name: 'Hot LRS Data Stored',
  unit: GB_MONTH,
} as const satisfies Meter

/** `Standard Kafka Endpoint` is listed too, and not charged. https://azure.microsoft.com/pricing/details/event-hubs/ */
const METERS: Readonly<Record<Rate, Meter>> = {
  basicUnitHour: { product: EVENT_HUBS, name: 'Basic Throughput Unit', unit: HOUR },
  standardUnitHour: { product: EVENT_HUBS, name: 'Standard Throughput Unit', unit: HOUR },
  premiumUnitHour: { product: EVENT_HUBS, name: 'Premium Processing Unit', unit: HOUR },
  basicMillionEvents: { product: EVENT_HUBS, name: 'Basic Ingress Events', unit: MILLION },
  standardMillionEvents: { product: EVENT_HUBS, name: 'Standard Ingress Events', unit: MILLION },
  standardCaptureHour: { product: EVENT_HUBS, name: 'Standard Capture', unit: HOUR },
  premiumGbMonth: { product: EVENT_HUBS, name: 'Premium Extended Retention', unit: GB_MONTH },
  blobGbMonth: BLOB,
}

interface PriceItem extends Meter {
  readonly price: number
  /** The price is for what is used beyond so many units. */
  readonly fromUnits: number
  /** Milliseconds since the Unix epoch. */
  readonly startsAt: number
  readonly endsAt: number
}

export interface PricePage {
  readonly items: readonly PriceItem[]
  readonly next: string | undefined
}

/** A reason not to use an answer. It follows the name of the host: `gave no answer`. */
export const unread = (reason: string, cause?: unknown): Failure =>
  new Failure({ code: 'azure', message: reason, ...(cause === undefined ? {} : { cause }) })

/**
 * Reads a page of the API's answer. Items of other regions and kinds of price are left out.
 * @throws Failure if it is not a list of prices, or in another currency.
 */
export function readPage(body: string, { region, currency }: Pick<Prices, 'region' | 'currency'>): PricePage {
  const page = parse(body)
  const items = page?.['Items']
  if (!Array.isArray(items)) throw unread('answered with something else than a list of prices')
  const all = list(items).map((item) => record(item) ?? {})
  const other = [page?.['BillingCurrency'], ...all.map((item) => item['currencyCode'])].find(
    (code) => code !== undefined && code !== currency,
  )
  if (page?.['BillingCurrency'] === undefined && all.some((item) => item['currencyCode'] === undefined))
    throw unread('did not say in which currency')
  if (other !== undefined) throw unread(`answered in another currency than ${currency}`)
  return {
    items: all
      .filter((item) => item['armRegionName'] === region && item['type'] === 'Consumption')
      .flatMap((item) => itemOf(item) ?? []),
    next: text(page?.['NextPageLink']),
  }
}

function parse(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return record(JSON.parse(body))
  } catch {
    return undefined
  }
}

function itemOf(item: Readonly<Record<string, unknown>>): PriceItem | undefined {
  const [product, name] = [text(item['productName']), text(item['meterName'])]
  const [unit, price] = [text(item['unitOfMeasure']), number(item['retailPrice'])]
  if (product === undefined || name === undefined || unit === undefined || price === undefined) return undefined
  return {
    ...{ product, name, unit, price },
    fromUnits: number(item['tierMinimumUnits']) ?? 0,
    startsAt: timeOf(item['effectiveStartDate']) ?? -Infinity,
    endsAt: timeOf(item['effectiveEndDate']) ?? Infinity,
  }
}

const timeOf = (value: unknown): number | undefined => number(Date.parse(text(value) ?? ''))

/** The rates that the items name; null for one that is missing, free, in another unit, or there with two prices. */
export function ratesOf(items: readonly PriceItem[], nowMs: number): Prices['rates'] {
  const current = items.filter(({ startsAt, endsAt }) => startsAt <= nowMs && nowMs < endsAt)
  const entries = Object.entries(METERS).map(([rate, meter]) => [rate, rateOf(current, meter)] as const)
  return Object.fromEntries(entries) as Record<Rate, number | null>
}

/** Free, and what no currency makes of a price, is no answer. */
const isPlausible = (price: number): boolean => price >= 1e-4 && price <= 1e7

/** The price of the first units that are not free, as of its last change. */
function rateOf(items: readonly PriceItem[], { product, name, unit }: Meter): number | null {
  const priced = items.filter(
    (item) => item.product === product && item.name === name && item.unit === unit && isPlausible(item.price),
  )
  const fromUnits = Math.min(...priced.map((item) => item.fromUnits))
  const first = priced.filter((item) => item.fromUnits === fromUnits)
  const startsAt = Math.max(...first.map((item) => item.startsAt))
  const prices = new Set(first.filter((item) => item.startsAt === startsAt).map(({ price }) => price))
  const [price] = prices
  return price !== undefined && prices.size === 1 ? price : null
}
