import { HOURS_PER_MONTH, PRICES, PRICES_AS_OF } from './prices.ts'
import type { Spec } from '../resources/front-door.ts'
import { findByName } from '../lib/names.ts'
import type { HubActual } from '../resources/hub/hub.ts'
import type { NamespaceActual } from '../resources/namespace/namespace.ts'
import { capacityAfter, tierAfter } from '../resources/namespace/capacity.ts'

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
