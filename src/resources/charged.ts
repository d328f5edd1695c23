import { findByName } from '../lib/names.ts'
import type { Charged } from '../sizing/cost.ts'
import type { Spec } from './front-door.ts'
import { hubsWithLoad, type Live } from './load/fit.ts'
import { capacityAfter, maximumAfter, tierAfter } from './namespace/capacity.ts'

/** What the namespace will be charged for after the plan is applied. */
export function chargedOf(spec: Spec, actual: Live): Charged {
  const loads = hubsWithLoad(spec, actual)
  const units = capacityAfter(spec.namespace, actual.namespace)
  return {
    tier: tierAfter(spec.namespace, actual.namespace),
    units,
    maxUnits: Math.max(units, maximumAfter(spec.namespace, actual.namespace)),
    capture: captures(spec, actual),
    hubs: loads.length > 0 ? loads : undefined,
  }
}

/** Whether any hub of the namespace will have Capture, including hubs that the spec does not name. */
function captures(spec: Spec, actual: Live): boolean {
  const changed = spec.hubs.filter((hub) => hub.capture !== undefined)
  const others = actual.hubs.filter((hub) => !findByName(changed, hub.name))
  return changed.some((hub) => hub.capture?.enabled) || others.some((hub) => hub.capture !== undefined)
}
