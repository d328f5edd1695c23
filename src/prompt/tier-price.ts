import type { LiveTier } from '../lib/limits.ts'
import { hasLoad } from '../resources/load/sized.ts'
import { costOf, type Cost } from '../sizing/cost.ts'
import { listPricesFor } from '../sizing/list-prices.ts'
import { chargedFor } from '../sizing/neighbours.ts'
import { sizeOf, type ToSize } from '../sizing/size.ts'
import { rated, whole } from '../ui/render-cost.ts'
import type { Answers } from './answers.ts'
import type { Talk } from './talk.ts'

/** What tiers cost. */
export interface TierPrices {
  /** `$95 to $205 a month` for a load, `$22 a month a unit` without one; undefined if it is unknown. */
  readonly of: (asked: ToSize, tier: LiveTier) => string | undefined
  /** `list prices of westeurope of 2026-08` */
  readonly source: string
}

/**
 * The list prices of a region. Undefined where none are known: on the embedded Azure, and in clouds other than the public
 * one.
 */
export function tierPrices(
  { local }: Pick<Talk, 'local'>,
  { all }: Answers,
  region: string | undefined,
): TierPrices | undefined {
  if (local || (all.cloud?.value ?? 'AzureCloud') !== 'AzureCloud') return undefined
  const capture = all.captureStorageAccount !== undefined && !all.noCapture?.value
  const prices = listPricesFor(region, all.currency?.value)
  const unitOn = (tier: LiveTier): Cost | null =>
    costOf({ tier, units: 1, maxUnits: 1, capture, hubs: undefined }, prices)
  const { asOf, insteadOf } = prices
  return {
    of: (asked, tier) =>
      hasLoad(asked)
        ? ofLoad(costOf(chargedFor(asked, sizeOf({ ...asked, tier }), capture), prices))
        : ofUnit(unitOn(tier)),
    source: region !== undefined && !insteadOf ? `list prices of ${region} of ${asOf}` : `US list prices of ${asOf}`,
  }
}

function ofLoad(cost: Cost | null): string | undefined {
  if (!cost) return undefined
  const { monthly, monthlyCeiling } = cost
  const most = monthlyCeiling > monthly ? ` to ${whole(monthlyCeiling, cost)}` : ''
  return `${whole(monthly, cost)}${most} a month`
}

function ofUnit(cost: Cost | null): string | undefined {
  if (!cost) return undefined
  const { monthly, perMillionEvents } = cost
  const events = perMillionEvents ? `, ${rated(perMillionEvents, cost)} a million events` : ''
  return `${whole(monthly, cost)} a month a unit${events}`
}
