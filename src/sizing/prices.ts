import type { Tier } from '../lib/limits.ts'

/** What Azure charges for, one price each. A GB has 10⁹ bytes. */
export type Rate =
  | 'basicUnitHour'
  | 'standardUnitHour'
  | 'premiumUnitHour'
  /** A million events of up to 64 KB. */
  | 'basicMillionEvents'
  | 'standardMillionEvents'
  /** Of each throughput unit, whatever the number of hubs. */
  | 'standardCaptureHour'
  /** A GB for a month beyond what processing units include. */
  | 'premiumGbMonth'
  /** A GB for a month in locally redundant blob storage: the rate beyond what throughput units include. */
  | 'blobGbMonth'

/** The prices of one region in one currency. */
export interface Prices {
  /** ISO 4217. */
  readonly currency: string
  /** `westeurope` */
  readonly region: string
  /** `list`: known to this version. `live`: Azure's answer in this run. */
  readonly source: 'list' | 'live'
  /** Month of the prices: `2026-08`. */
  readonly asOf: string
  /** Null is unknown, never free. */
  readonly rates: Readonly<Record<Rate, number | null>>
  /** The region and currency that were asked for, if the prices are of others; null if they are these. */
  readonly insteadOf: { readonly region: string; readonly currency: string } | null
}

interface TierRates {
  readonly units: Rate
  readonly events?: Rate
  readonly storage: Rate
  readonly capture?: Rate
}

/** What each tier is charged for. What is left out is included in the units, or does not exist. */
export const RATES: Readonly<Record<Tier, TierRates>> = {
  Basic: { units: 'basicUnitHour', events: 'basicMillionEvents', storage: 'blobGbMonth' },
  Standard: {
    units: 'standardUnitHour',
    events: 'standardMillionEvents',
    storage: 'blobGbMonth',
    capture: 'standardCaptureHour',
  },
  Premium: { units: 'premiumUnitHour', storage: 'premiumGbMonth' },
}
