import type { LiveTier, Tier } from '../lib/limits.ts'
import type { HubLoad } from './load.ts'
import { RATES, type Prices, type Rate } from './prices.ts'
import { storageUse } from './storage.ts'

/** What a namespace costs in a month of 730 hours. Amounts are rounded to hundredths. */
export interface Cost extends Pick<Prices, 'currency' | 'region' | 'source' | 'asOf' | 'insteadOf'> {
  /** The sum of the parts that are known, at the planned capacity and the mean load. */
  readonly monthly: number
  /** The same at the maximum of auto-inflate in every hour; without auto-inflate the same as `monthly`. */
  readonly monthlyCeiling: number
  /** Of events of up to 64 KB; 0 if they are included, null if it is unknown. */
  readonly perMillionEvents: number | null
  readonly withCapture: boolean
  /** Whether the load is known, so that events in and storage are parts. */
  readonly withEvents: boolean
  readonly parts: readonly CostPart[]
}

/** Amounts of a month; null if the price or the amount is unknown. */
export interface CostPart {
  readonly of: 'units' | 'events' | 'storage' | 'capture'
  readonly monthly: number | null
  readonly ceiling: number | null
}

/** What a namespace is charged for. */
export interface Charged {
  readonly tier: LiveTier
  /** Always there. */
  readonly units: number
  /** The most that auto-inflate may raise them to; the same as `units` without it. */
  readonly maxUnits: number
  /** Whether any of its hubs has Capture. */
  readonly capture: boolean
  /** The load on each hub; undefined if nobody said what comes in. */
  readonly hubs: readonly HubLoad[] | undefined
}

/** The cost, or null if the price of a unit is unknown. */
export function costOf(charged: Charged, prices: Prices): Cost | null {
  if (charged.tier === 'Dedicated') return null
  const parts = partsOf({ ...charged, tier: charged.tier }, prices)
  if (parts.some((part) => part.of === 'units' && part.monthly === null)) return null
  const { currency, region, source, asOf, insteadOf, rates } = prices
  const { events } = RATES[charged.tier]
  return {
    ...{ currency, region, source, asOf, insteadOf },
    monthly: sum(parts.map(({ monthly }) => monthly)),
    monthlyCeiling: sum(parts.map(({ ceiling }) => ceiling)),
    perMillionEvents: events === undefined ? 0 : rates[events],
    withCapture: charged.capture,
    withEvents: charged.hubs !== undefined,
    parts,
  }
}

const HOURS_PER_MONTH = 730
const SECONDS_PER_HOUR = 3600

/** https://azure.microsoft.com/pricing/details/event-hubs/: each begun 64 KB of an event is billed as one. */
export const BILLED_BYTES = 64 * 1024

function partsOf(charged: Charged & { readonly tier: Tier }, { rates }: Prices): readonly CostPart[] {
  const { tier, units, maxUnits, capture, hubs } = charged
  const charges = RATES[tier]
  const byUnit = (of: 'units' | 'capture', rate: Rate): CostPart => ({
    of,
    monthly: priced(units * HOURS_PER_MONTH, rates[rate]),
    ceiling: priced(maxUnits * HOURS_PER_MONTH, rates[rate]),
  })
  const byLoad = (of: 'events' | 'storage', amount: number | null, rate: Rate): CostPart => {
    const monthly = priced(amount, rates[rate])
    return { of, monthly, ceiling: monthly }
  }
  return [
    byUnit('units', charges.units),
    ...(hubs && charges.events ? [byLoad('events', millionsBilled(hubs), charges.events)] : []),
    ...(hubs ? [byLoad('storage', excessGb(hubs, tier, units), charges.storage)] : []),
    ...(capture && charges.capture ? [byUnit('capture', charges.capture)] : []),
  ]
}

/** Nothing costs nothing, even at an unknown price. */
const priced = (amount: number | null, price: number | null): number | null =>
  amount === 0 ? 0 : amount === null || price === null ? null : cents(amount * price)

const millionsBilled = (hubs: readonly HubLoad[]): number =>
  (hubs.reduce(
    (all, { load }) => all + load.eventsPerSecond * Math.max(1, Math.ceil(load.bytesPerEvent / BILLED_BYTES)),
    0,
  ) *
    HOURS_PER_MONTH *
    SECONDS_PER_HOUR) /
  1e6

/**
 * The GB kept above those included. Null if a hub is compacted, which keeps what nobody can tell from the load. A namespace
 * that inflates is allowed what the fewest units of the day include, so the ceiling has no less to pay than the floor.
 */
function excessGb(hubs: readonly HubLoad[], tier: Tier, units: number): number | null {
  const { needs, included } = storageUse(hubs, tier, units)
  return needs === undefined ? null : Math.max(0, needs - included) / 1e9
}

const sum = (amounts: readonly (number | null)[]): number =>
  cents(amounts.reduce<number>((all, amount) => all + (amount ?? 0), 0))

const cents = (amount: number): number => Math.round(amount * 100) / 100
