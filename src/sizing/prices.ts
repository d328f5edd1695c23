import type { LiveTier } from '../lib/limits.ts'

/**
 * List prices of the public cloud in US regions, in US dollars; other regions differ by some per cent, other clouds more.
 * https://azure.microsoft.com/pricing/details/event-hubs/ as of 2024-07-01, a month of 730 hours.
 */
export const PRICES_AS_OF = '2024-07'
export const HOURS_PER_MONTH = 730

export interface TierPrices {
  /** For one unit of capacity and hour. */
  readonly perUnitHour: number
  /** For a million events of up to 64 KB sent in; 0 where the unit includes them. */
  readonly perMillionEvents: number
  /** For one unit and hour, however many hubs are captured; 0 where it is included. */
  readonly capturePerUnitHour: number
}

/** Undefined where the price is not ours to know: a cluster is billed as a whole. */
export const PRICES: Readonly<Record<LiveTier, TierPrices | undefined>> = {
  Basic: { perUnitHour: 0.015, perMillionEvents: 0.028, capturePerUnitHour: 0 },
  Standard: { perUnitHour: 0.03, perMillionEvents: 0.028, capturePerUnitHour: 0.1 },
  Premium: { perUnitHour: 1.027, perMillionEvents: 0, capturePerUnitHour: 0 },
  Dedicated: undefined,
}
