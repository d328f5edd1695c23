import { HOURS_PER_MONTH, PRICES, PRICES_AS_OF } from '../spec/prices.ts'
import type { Spec } from '../spec/spec.ts'
import type { Actual } from './actual.ts'
import { capacityAfter, tierAfter } from './plan-capacity.ts'

/** What the namespace will cost at list price, in US dollars. */
export interface Cost {
  readonly currency: 'USD'
  /** A month at the capacity it will have. */
  readonly monthly: number
  /** A month at the capacity that auto-inflate may reach; the same without it. */
  readonly monthlyCeiling: number
  readonly perMillionEvents: number
  /** `2024-07`: when these were the list prices. */
  readonly asOf: string
}

/** The cost of what the plan leads to; null where it is not known, which is not the same as nothing. */
export function costOf(spec: Spec, actual: Actual): Cost | null {
  const tier = tierAfter(spec, actual.namespace)
  const prices = PRICES[tier]
  if (!prices) return null
  const units = capacityAfter(spec, actual.namespace)
  const { autoInflateMax } = spec.namespace
  const most = autoInflateMax.given ? autoInflateMax.value : (actual.namespace?.autoInflateMax ?? autoInflateMax.value)
  const monthly = (count: number) => Math.round(count * prices.perUnitHour * HOURS_PER_MONTH * 100) / 100
  return {
    currency: 'USD',
    monthly: monthly(units),
    monthlyCeiling: monthly(Math.max(units, most)),
    perMillionEvents: prices.perMillionEvents,
    asOf: PRICES_AS_OF,
  }
}
