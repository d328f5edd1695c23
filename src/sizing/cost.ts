import type { LiveTier } from '../lib/limits.ts'
import type { HubLoad } from './load.ts'

/** The list price of the namespace in US dollars. */
export interface Cost {
  readonly currency: 'USD'
  /** A month at the planned capacity, including Capture. */
  readonly monthly: number
  /** A month at the maximum of auto-inflate, or the same as `monthly` without it. */
  readonly monthlyCeiling: number
  readonly perMillionEvents: number
  readonly withCapture: boolean
  /** Month of the list prices: `2024-07`. */
  readonly asOf: string
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

/** The cost, or null if it is unknown. */
export function costOf({ tier, units, maxUnits, capture }: Charged): Cost | null {
  const prices = PRICES[tier]
  if (!prices) return null
  const perUnitHour = prices.perUnitHour + (capture ? prices.capturePerUnitHour : 0)
  const monthly = (count: number) => Math.round(count * perUnitHour * HOURS_PER_MONTH * 100) / 100
  return {
    currency: 'USD',
    monthly: monthly(units),
    monthlyCeiling: monthly(maxUnits),
    perMillionEvents: prices.perMillionEvents,
    withCapture: capture,
    asOf: PRICES_AS_OF,
  }
}

/**
 * List prices of the public cloud in US regions. Other regions differ by a few percent, other clouds by more.
 * https://azure.microsoft.com/pricing/details/event-hubs/ as of 2024-07-01, a month of 730 hours.
 */
const PRICES_AS_OF = '2024-07'
const HOURS_PER_MONTH = 730

interface TierPrices {
  readonly perUnitHour: number
  /** For a million events of up to 64 KB; 0 if they are included. */
  readonly perMillionEvents: number
  /** For any number of hubs; 0 if it is included. */
  readonly capturePerUnitHour: number
}

/** Undefined for Dedicated, because a cluster is billed as a whole. */
const PRICES: Readonly<Record<LiveTier, TierPrices | undefined>> = {
  Basic: { perUnitHour: 0.015, perMillionEvents: 0.028, capturePerUnitHour: 0 },
  Standard: { perUnitHour: 0.03, perMillionEvents: 0.028, capturePerUnitHour: 0.1 },
  Premium: { perUnitHour: 1.027, perMillionEvents: 0, capturePerUnitHour: 0 },
  Dedicated: undefined,
}
