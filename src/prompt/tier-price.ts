import type { LiveTier } from '../lib/limits.ts'
import { hasLoad } from '../resources/load/sized.ts'
import { costOf, type Cost } from '../sizing/cost.ts'
import { listPricesFor } from '../sizing/list-prices.ts'
import { chargedFor } from '../sizing/neighbours.ts'
import { sizeOf, type ToSize } from '../sizing/size.ts'
import type { Answers } from './answers.ts'
import type { Talk } from './talk.ts'

/** What tiers cost. */
export interface TierPrices {
  /** `$95 to $205 a month` for a load, `$22 a month a unit` without one; undefined if it is unknown. */
  readonly of: (asked: ToSize, tier: LiveTier) => string | undefined
  /** `list prices of westeurope of 2026-08` */
  readonly source: string
}

/** Undefined where no list prices are known: on the embedded Azure, and in clouds other than the public one. */
export function tierPrices({ local }: Pick<Talk, 'local'>, { all }: Answers): TierPrices | undefined {
  if (local || (all.cloud?.value ?? 'AzureCloud') !== 'AzureCloud') return undefined
  const capture = all.captureStorageAccount !== undefined && !all.noCapture?.value
  const prices = listPricesFor(all.location?.value, all.currency?.value)
  const unitOn = (tier: LiveTier): Cost | null =>
    costOf({ tier, units: 1, maxUnits: 1, capture, hubs: undefined }, prices)
  const { asOf, region, insteadOf } = prices
  return {
    of: (asked, tier) =>
      hasLoad(asked)
        ? ofLoad(costOf(chargedFor(asked, sizeOf({ ...asked, tier }), capture), prices))
        : ofUnit(unitOn(tier)),
    source: all.location && !insteadOf ? `list prices of ${region} of ${asOf}` : `US list prices of ${asOf}`,
  }
}

function ofLoad(cost: Cost | null): string | undefined {
  if (!cost) return undefined
  const { monthly, monthlyCeiling } = cost
  const most = monthlyCeiling > monthly ? ` to ${dollars(monthlyCeiling)}` : ''
  return `${dollars(monthly)}${most} a month`
}

function ofUnit(cost: Cost | null): string | undefined {
  if (!cost) return undefined
  const { monthly, perMillionEvents } = cost
  const events = perMillionEvents ? `, $${perMillionEvents} a million events` : ''
  return `${dollars(monthly)} a month a unit${events}`
}

const dollars = (amount: number): string => `$${Math.round(amount).toLocaleString('en-US')}`
