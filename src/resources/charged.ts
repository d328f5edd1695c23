import { findByName } from '../lib/names.ts'
import type { Charged } from '../sizing/cost.ts'
import type { Spec } from './front-door.ts'
import type { HubActual } from './hub/hub.ts'
import { hasRetention } from './hub/settings.ts'
import { capacityAfter, tierAfter } from './namespace/capacity.ts'
import type { NamespaceActual } from './namespace/namespace.ts'

interface Live {
  readonly namespace: NamespaceActual | undefined
  readonly hubs: readonly HubActual[]
}

/** What the namespace will be charged for after the plan is applied. */
export function chargedOf(spec: Spec, actual: Live): Charged {
  const { autoInflateMax } = spec.namespace
  const loads = spec.hubs.flatMap(({ name, load, retentionHours, cleanupPolicy }) =>
    load ? [{ name, load, retentionHours: hasRetention(cleanupPolicy.value) ? retentionHours.value : undefined }] : [],
  )
  const units = capacityAfter(spec.namespace, actual.namespace)
  const most = autoInflateMax.given ? autoInflateMax.value : (actual.namespace?.autoInflateMax ?? autoInflateMax.value)
  return {
    tier: tierAfter(spec.namespace, actual.namespace),
    units,
    maxUnits: Math.max(units, most),
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
