import type { LiveTier } from '../../lib/limits.ts'
import { findByName, repetitionsIn } from '../../lib/names.ts'
import type { HubLoad } from '../../sizing/load.ts'
import { partitionPercent } from '../../sizing/partitions.ts'
import { demandsOf, isAbove, usesOf, type Use } from '../../sizing/use.ts'
import type { Spec } from '../front-door.ts'
import { hubsOn, type HubActual } from '../hub/hub.ts'
import { hasRetention } from '../hub/settings.ts'
import { capacityAfter, maximumAfter, tierAfter } from '../namespace/capacity.ts'
import type { NamespaceActual } from '../namespace/namespace.ts'

export interface Live {
  readonly namespace: NamespaceActual | undefined
  readonly hubs: readonly HubActual[]
}

/** A hub after the run, with its load. */
export interface FittedHub extends HubLoad {
  readonly partitions: number
}

/** How the load fits what there will be after the run. */
export interface Fit {
  readonly tier: LiveTier
  /** Units that are always there. */
  readonly floor: number
  /** The most units that auto-inflate may raise them to; the same as `floor` without it. */
  readonly units: number
  /** Auto-inflate is on. */
  readonly isInflating: boolean
  readonly hubs: readonly FittedHub[]
  /** How much of `units` the load takes at the busiest. Empty for a cluster: nothing is published. */
  readonly uses: readonly Use[]
  /** How much of `floor` the load takes on average. */
  readonly floorUses: readonly Use[]
  /** Hubs of the namespace with a load that nobody said. */
  readonly uncounted: readonly string[]
  /** Whether units and partitions carry the load, as far as it is known. */
  readonly isCarried: boolean
}

/** Undefined if no hub of the run has a load. */
export function fitOf(spec: Spec, live: Live): Fit | undefined {
  const hubs = hubsWithLoad(spec, live)
  if (hubs.length === 0) return undefined
  const tier = tierAfter(spec.namespace, live.namespace)
  const floor = capacityAfter(spec.namespace, live.namespace)
  const maximum = maximumAfter(spec.namespace, live.namespace)
  const units = Math.max(floor, maximum)
  const loads = hubs.map(({ load }) => load)
  const others = [...spec.hubs, ...live.hubs].map(({ name }) => name).filter((name) => !findByName(hubs, name))
  const repeated = repetitionsIn(others)
  const uses = usesOf(demandsOf(loads, tier, 'peak'), units)
  return {
    ...{ tier, floor, units, isInflating: maximum > 0, hubs },
    uses,
    floorUses: usesOf(demandsOf(loads, tier, 'mean'), floor),
    uncounted: others.filter((_, i) => !repeated.includes(i)),
    isCarried: !uses.some(isAbove) && !hubs.some(isTooMuchFor),
  }
}

/** Whether more comes in at the busiest than the partitions of a hub take. */
export const isTooMuchFor = ({ load, partitions }: FittedHub): boolean =>
  isAbove({ percent: partitionPercent(load, partitions) })

/** The hubs of a run that have a load, as they will be after it. */
export const hubsWithLoad = (spec: Spec, { namespace, hubs }: Live): readonly FittedHub[] =>
  hubsOn(spec.hubs, tierAfter(spec.namespace, namespace)).flatMap((hub): readonly FittedHub[] => {
    const { load, partitions, retentionHours, cleanupPolicy } = hub
    if (!load) return []
    const live = findByName(hubs, hub.name)
    const kept = live && !retentionHours.given ? live.retentionHours : retentionHours.value
    return [
      {
        name: live?.name ?? hub.name,
        load,
        partitions: live && !partitions.given ? live.partitions : partitions.value,
        retentionHours: hasRetention(cleanupPolicy.value) ? kept : undefined,
      },
    ]
  })
