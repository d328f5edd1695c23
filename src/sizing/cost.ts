import type { Spec } from '../resources/front-door.ts'
import { findByName } from '../lib/names.ts'
import type { HubActual } from '../resources/hub/hub.ts'
import type { NamespaceActual } from '../resources/namespace/namespace.ts'
import { capacityAfter, tierAfter } from '../resources/namespace/capacity.ts'
import type { LiveTier } from '../lib/limits.ts'

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

interface Priced {
  readonly namespace: NamespaceActual | undefined
  readonly hubs: readonly HubActual[]
}

/** The cost after the plan is applied, or null if it is unknown. */
export function costOf(spec: Spec, actual: Priced): Cost | null {
  const tier = tierAfter(spec.namespace, actual.namespace)
  const prices = PRICES[tier]
  if (!prices) return null
  const units = capacityAfter(spec.namespace, actual.namespace)
  const { autoInflateMax } = spec.namespace
  const most = autoInflateMax.given ? autoInflateMax.value : (actual.namespace?.autoInflateMax ?? autoInflateMax.value)
  const withCapture = captures(spec, actual)
  const perUnitHour = prices.perUnitHour + (withCapture ? prices.capturePerUnitHour : 0)
  const monthly = (count: number) => Math.round(count * perUnitHour * HOURS_PER_MONTH * 100) / 100
  return {
    currency: 'USD',
    monthly: monthly(units),
    monthlyCeiling: monthly(Math.max(units, most)),
    perMillionEvents: prices.perMillionEvents,
    withCapture,
    asOf: PRICES_AS_OF,
  }
}

/** Whether any hub of the namespace will have Capture, including hubs that the spec does not name. */
function captures(spec: Spec, actual: Priced): boolean {
  const changed = spec.hubs.filter((hub) => hub.capture !== undefined)
  const others = actual.hubs.filter((hub) => !findByName(changed, hub.name))
  return changed.some((hub) => hub.capture?.enabled) || others.some((hub) => hub.capture !== undefined)
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
