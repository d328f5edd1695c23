import type { Spec } from '../resources/front-door.ts'
import { findByName } from '../lib/names.ts'
import type { HubActual } from '../resources/hub/hub.ts'
import type { NamespaceActual } from '../resources/namespace/namespace.ts'
import { capacityAfter, tierAfter } from '../resources/namespace/capacity.ts'
import type { LiveTier } from '../lib/limits.ts'

/** What the namespace will cost at list price, in US dollars. */
export interface Cost {
  readonly currency: 'USD'
  /** A month at the capacity it will have, with Capture where a hub has it. */
  readonly monthly: number
  /** A month at the capacity that auto-inflate may reach; the same without it. */
  readonly monthlyCeiling: number
  readonly perMillionEvents: number
  readonly withCapture: boolean
  /** `2024-07`: when these were the list prices. */
  readonly asOf: string
}

/** What there is, as far as it costs. */
interface Priced {
  readonly namespace: NamespaceActual | undefined
  readonly hubs: readonly HubActual[]
}

/** The cost of what the plan leads to; null where it is not known, which is not the same as nothing. */
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

/** Whether a hub of the namespace will have Capture, named by the spec or not. */
function captures(spec: Spec, actual: Priced): boolean {
  const said = spec.hubs.filter((hub) => hub.capture !== undefined)
  const others = actual.hubs.filter((hub) => !findByName(said, hub.name))
  return said.some((hub) => hub.capture?.enabled) || others.some((hub) => hub.capture !== undefined)
}

/**
 * List prices of the public cloud in US regions, in US dollars; other regions differ by some per cent, other clouds more.
 * https://azure.microsoft.com/pricing/details/event-hubs/ as of 2024-07-01, a month of 730 hours.
 */
const PRICES_AS_OF = '2024-07'
const HOURS_PER_MONTH = 730

export interface TierPrices {
  /** For one unit of capacity and hour. */
  readonly perUnitHour: number
  /** For a million events of up to 64 KB sent in; 0 where the unit includes them. */
  readonly perMillionEvents: number
  /** For one unit and hour, however many hubs are captured; 0 where it is included. */
  readonly capturePerUnitHour: number
}

/** Undefined where the price is not ours to know: a cluster is billed as a whole. */
const PRICES: Readonly<Record<LiveTier, TierPrices | undefined>> = {
  Basic: { perUnitHour: 0.015, perMillionEvents: 0.028, capturePerUnitHour: 0 },
  Standard: { perUnitHour: 0.03, perMillionEvents: 0.028, capturePerUnitHour: 0.1 },
  Premium: { perUnitHour: 1.027, perMillionEvents: 0, capturePerUnitHour: 0 },
  Dedicated: undefined,
}
