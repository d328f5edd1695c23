import { hasLoad } from '../resources/load/sized.ts'
import type { LiveTier } from '../lib/limits.ts'
import { costOf, type Charged, type Cost } from '../sizing/cost.ts'
import { listPricesFor } from '../sizing/list-prices.ts'
import { sizeOf, type ToSize } from '../sizing/size.ts'
import type { Answers } from './answers.ts'
import type { Talk } from './talk.ts'

/** What tiers cost. */
export interface TierPrices {
  /** `$95 to $205 a month` for a load, `$22 a month a unit` without one; undefined if it is unknown. */
  readonly of: (asked: ToSize, tier: LiveTier) => string | undefined
  /** `US list prices of 2024-07`; undefined if all are unknown. */
  readonly source: string | undefined
}

/** Undefined where no list prices are known: on the embedded Azure, and in clouds other than the public one. */
export function tierPrices({ local }: Pick<Talk, 'local'>, { all }: Answers): TierPrices | undefined {
  if (local || (all.cloud?.value ?? 'AzureCloud') !== 'AzureCloud') return undefined
  const capture = all.captureStorageAccount !== undefined && !all.noCapture?.value
  const prices = listPricesFor(all.location?.value, all.currency?.value)
  const price = (asked: ToSize, tier: LiveTier) => costOf(chargedFor(asked, tier, capture), prices)
  const known = costOf({ ...ONE_UNIT, tier: 'Standard', capture }, prices)
  return {
    of: (asked, tier) => {
      const cost = price(asked, tier)
      return cost ? (hasLoad(asked) ? ofLoad(cost) : ofUnit(cost)) : undefined
    },
    source: known ? `US list prices of ${known.asOf}` : undefined,
  }
}

const ONE_UNIT = { units: 1, maxUnits: 1, hubs: undefined }

/** One unit without a load. */
function chargedFor(asked: ToSize, tier: LiveTier, capture: boolean): Charged {
  if (!hasLoad(asked)) return { ...ONE_UNIT, tier, capture }
  const { capacity, autoInflateMax } = sizeOf({ ...asked, tier })
  const hubs = asked.hubs.flatMap(({ name, load, retentionHours }) => (load ? [{ name, load, retentionHours }] : []))
  return { tier, units: capacity, maxUnits: Math.max(capacity, autoInflateMax), capture, hubs }
}

function ofLoad({ monthly, monthlyCeiling }: Cost): string {
  const most = monthlyCeiling > monthly ? ` to ${dollars(monthlyCeiling)}` : ''
  return `${dollars(monthly)}${most} a month`
}

function ofUnit({ monthly, perMillionEvents }: Cost): string {
  const events = perMillionEvents !== null && perMillionEvents > 0 ? `, $${perMillionEvents} a million events` : ''
  return `${dollars(monthly)} a month a unit${events}`
}

const dollars = (amount: number): string => `$${Math.round(amount).toLocaleString('en-US')}`
