import { NO_DELTA, type NamespaceActual, type NamespaceDelta, type NamespaceSpec } from './namespace.ts'
import {
  describeCapacities,
  formatCapacity,
  LIMITS,
  offersCapacity,
  type LiveTier,
  type Tier,
} from '../../lib/limits.ts'
import { QUOTAS_LINK, refusalsIn, type Refusal } from '../step.ts'
import { say } from '../../lib/phrase.ts'
import { input, type Edits } from '../../inputs/refer.ts'

const LINK = 'https://learn.microsoft.com/azure/event-hubs/event-hubs-auto-inflate'

/** Leaves the capacity out, and the switch that needs it. */
export const WITHOUT_CAPACITY = { capacity: null, resetCapacity: null } as const

/** Leaves out the given capacity and auto-inflate maximum that a tier does not have. */
export const withoutNumbersNotOn = (tier: LiveTier, { capacity, autoInflateMax }: NamespaceSpec): Edits => ({
  ...(capacity.given && !offersCapacity(LIMITS[tier], capacity.value) ? WITHOUT_CAPACITY : {}),
  ...(autoInflateMax.given && autoInflateMax.value > 0 && !LIMITS[tier].autoInflate ? { autoInflateMax: null } : {}),
})

/** The tier that the namespace will have. */
export const tierAfter = (spec: NamespaceSpec, live: NamespaceActual | undefined): LiveTier =>
  !live || spec.tier.given ? spec.tier.value : live.tier

/** The capacity that the namespace will have. */
export function capacityAfter(spec: NamespaceSpec, live: NamespaceActual | undefined): number {
  const { capacity, resetCapacity } = spec
  if (!live) return capacity.value
  if (!capacity.given) return live.capacity
  const isInflated = live.autoInflateMax > 0 && maximumAfter(spec, live) > 0 && capacity.value < live.capacity
  return isInflated && !resetCapacity ? live.capacity : capacity.value
}

/** The auto-inflate maximum that the namespace will have. It is 0, off, on a tier without auto-inflate. */
export function maximumAfter(spec: NamespaceSpec, live: NamespaceActual | undefined): number {
  const { autoInflateMax } = spec
  if (!live || autoInflateMax.given) return autoInflateMax.value
  return LIMITS[tierAfter(spec, live)].autoInflate ? live.autoInflateMax : 0
}

/**
 * Plans capacity and auto-inflate. With auto-inflate the capacity is a floor: if Azure raised it, this is not drift, and only
 * `resetCapacity` lowers it.
 */
export function planCapacity(spec: NamespaceSpec, live: NamespaceActual): NamespaceDelta {
  const { capacity, autoInflateMax } = spec
  if (!capacity.given && !autoInflateMax.given) return NO_DELTA
  const tier = tierAfter(spec, live)
  const units = capacityAfter(spec, live)
  const maxAfter = maximumAfter(spec, live)
  const unitsChange = units !== live.capacity
  const maxChange = autoInflateMax.given && autoInflateMax.value !== live.autoInflateMax
  return {
    changes: [
      ...(unitsChange
        ? [{ field: 'capacity', from: formatCapacity(live.tier, live.capacity), to: formatCapacity(tier, units) }]
        : []),
      ...(maxChange ? [{ field: 'auto-inflate maximum', from: live.autoInflateMax, to: maxAfter }] : []),
    ],
    send: {
      ...(unitsChange ? { sku: { tier: tier as Tier, capacity: units } } : {}),
      ...(maxChange ? { autoInflateMax: maxAfter } : {}),
    },
    refusals: refusalsIn([
      refuseUnits(spec, live, tier),
      maxChange || unitsChange ? refuseMaximum(live, tier, units, maxAfter) : undefined,
    ]),
    notes:
      capacity.given && units > capacity.value
        ? [say`inflated to ${units}, floor ${capacity.value}; ${input('resetCapacity')} lowers it`]
        : [],
  }
}

function refuseUnits(spec: NamespaceSpec, live: NamespaceActual, tier: LiveTier): Refusal | undefined {
  const { capacity } = spec
  if (!capacity.given || offersCapacity(LIMITS[tier], capacity.value)) return undefined
  const offered = tier === 'Dedicated' ? 'the cluster sets it' : `it is ${describeCapacities(tier)}`
  return {
    what: `Can't set the capacity of namespace ${live.name} to ${capacity.value}`,
    because: `It is on ${tier}, where ${offered}.`,
    waysOut: [{ text: `keep ${live.capacity}, by leaving it out`, edit: WITHOUT_CAPACITY }],
    link: QUOTAS_LINK,
  }
}

function refuseMaximum(live: NamespaceActual, tier: LiveTier, units: number, max: number): Refusal | undefined {
  if (max === 0) return undefined
  if (!LIMITS[tier].autoInflate) {
    return {
      what: `Can't switch on auto-inflate in namespace ${live.name}`,
      because: `It is on ${tier}; auto-inflate is a feature of Standard.`,
      waysOut: [{ text: 'leave it off', edit: { autoInflateMax: 0 } }],
      link: LINK,
    }
  }
  if (units <= max) return undefined
  return {
    what: `Can't have a capacity above the auto-inflate maximum in namespace ${live.name}`,
    because: `Capacity would be ${units}, the maximum ${max}.`,
    waysOut: [
      { text: 'raise the maximum', edit: { autoInflateMax: units } },
      ...(units === live.capacity
        ? [{ text: 'lower the capacity too', edit: { capacity: max, resetCapacity: true } }]
        : [{ text: 'ask for less', edit: { capacity: max } }]),
    ],
    link: LINK,
  }
}
