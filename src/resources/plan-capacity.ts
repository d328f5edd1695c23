import { describeCapacities, formatCapacity, LIMITS, type LiveTier, type Tier } from '../lib/limits.ts'
import type { Spec } from './spec.ts'
import type { NamespaceActual } from './shapes.ts'
import { NO_DELTA, type NamespaceDelta } from './namespace-delta.ts'
import type { Refusal } from './step.ts'
import { say } from '../lib/phrase.ts'
import { input } from '../inputs/refer.ts'

const LINK = 'https://learn.microsoft.com/azure/event-hubs/event-hubs-auto-inflate'

/** The tier that the namespace will have. */
export const tierAfter = (spec: Spec, live: NamespaceActual | undefined): LiveTier =>
  !live || spec.namespace.tier.given ? spec.namespace.tier.value : live.tier

/** The capacity that the namespace will have. */
export function capacityAfter(spec: Spec, live: NamespaceActual | undefined): number {
  const { capacity, resetCapacity } = spec.namespace
  if (!live) return capacity.value
  if (!capacity.given) return live.capacity
  const isInflated = live.autoInflateMax > 0 && maximumAfter(spec, live) > 0 && capacity.value < live.capacity
  return isInflated && !resetCapacity ? live.capacity : capacity.value
}

/** The auto-inflate maximum that the namespace will have; 0 = off. A tier without auto-inflate switches it off. */
function maximumAfter(spec: Spec, live: NamespaceActual): number {
  const { autoInflateMax } = spec.namespace
  if (autoInflateMax.given) return autoInflateMax.value
  return LIMITS[tierAfter(spec, live)].autoInflate ? live.autoInflateMax : 0
}

/**
 * Capacity and auto-inflate together: with auto-inflate the capacity asked for is a floor, and what Azure inflated above
 * it is no drift; only `resetCapacity` lowers it.
 */
export function planCapacity(spec: Spec, live: NamespaceActual): NamespaceDelta {
  const { capacity, autoInflateMax } = spec.namespace
  if (!capacity.given && !autoInflateMax.given) return NO_DELTA
  const tier = tierAfter(spec, live)
  const units = capacityAfter(spec, live)
  const maxAfter = maximumAfter(spec, live)
  const unitsChange = units !== live.capacity
  const maxChange = autoInflateMax.given && autoInflateMax.value !== live.autoInflateMax
  return {
    changes: [
      ...(unitsChange ? [{ field: 'capacity', from: shown(live.tier, live.capacity), to: shown(tier, units) }] : []),
      ...(maxChange ? [{ field: 'auto-inflate maximum', from: live.autoInflateMax, to: maxAfter }] : []),
    ],
    send: {
      ...(unitsChange ? { sku: { tier: tier as Tier, capacity: units } } : {}),
      ...(maxChange ? { autoInflateMax: maxAfter } : {}),
    },
    refusals: [
      ...refuseUnits(spec, live, tier),
      ...(maxChange || unitsChange ? refuseMaximum(live, tier, units, maxAfter) : []),
    ],
    notes:
      capacity.given && units > capacity.value
        ? [say`inflated to ${units}, floor ${capacity.value}; ${input('resetCapacity')} lowers it`]
        : [],
  }
}

const shown = (tier: LiveTier, capacity: number): string => formatCapacity(tier, capacity)

function refuseUnits(spec: Spec, live: NamespaceActual, tier: LiveTier): readonly Refusal[] {
  const { capacity } = spec.namespace
  if (!capacity.given) return []
  const { capacities } = LIMITS[tier]
  if (capacities?.includes(capacity.value)) return []
  const offered = tier === 'Dedicated' ? 'the cluster sets it' : `it is ${describeCapacities(tier)}`
  return [
    {
      what: `Can't set the capacity of namespace ${live.name} to ${capacity.value}`,
      because: `It is on ${tier}, where ${offered}.`,
      waysOut: [{ text: `keep ${live.capacity}, by leaving it out`, edit: { capacity: null, resetCapacity: null } }],
      link: 'https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas',
    },
  ]
}

function refuseMaximum(live: NamespaceActual, tier: LiveTier, units: number, max: number): readonly Refusal[] {
  if (max === 0) return []
  if (!LIMITS[tier].autoInflate) {
    return [
      {
        what: `Can't switch on auto-inflate in namespace ${live.name}`,
        because: `It is on ${tier}; auto-inflate is a feature of Standard.`,
        waysOut: [{ text: 'leave it off', edit: { autoInflateMax: 0 } }],
        link: LINK,
      },
    ]
  }
  if (units <= max) return []
  return [
    {
      what: `Can't have a capacity above the auto-inflate maximum in namespace ${live.name}`,
      because: `Capacity would be ${units}, the maximum ${max}.`,
      waysOut: [
        { text: 'raise the maximum', edit: { autoInflateMax: units } },
        ...(units === live.capacity
          ? [{ text: 'lower the capacity too', edit: { capacity: max, resetCapacity: true } }]
          : [{ text: 'ask for less', edit: { capacity: max } }]),
      ],
      link: LINK,
    },
  ]
}
