import { LIMITS, maxHubsOf, type LiveTier } from '../lib/limits.ts'
import type { Load, Moment } from './load.ts'
import { partitionsFor } from './partitions.ts'
import { demandsOf, greatest, roundUp } from './use.ts'

/** A hub to size. What somebody said is fixed. */
export interface HubToSize {
  readonly name: string
  /** Undefined if nobody said what comes in. */
  readonly load: Load | undefined
  /** Undefined if nobody said it. */
  readonly partitions: number | undefined
  /** Undefined for a compacted hub. */
  readonly retentionHours: number | undefined
  /** `$Default` included. */
  readonly consumerGroups: number
}

/** A namespace to size. What somebody said is fixed. */
export interface ToSize {
  readonly hubs: readonly HubToSize[]
  readonly tier: LiveTier | undefined
  readonly capacity: number | undefined
  /** 0 means off. */
  readonly autoInflateMax: number | undefined
  /** Of a hub with neither load nor partitions. */
  readonly usualPartitions: number
}

/** What carries the load, as far as nobody said something else. */
export interface Size {
  /** `Dedicated` if no namespace that can be made carries the load. */
  readonly tier: LiveTier
  /** The floor, which carries the mean, where auto-inflate is on. */
  readonly capacity: number
  /** 0 means off. */
  readonly autoInflateMax: number
  /** By the order of the hubs. */
  readonly partitions: readonly number[]
}

/** Tiers that are made for a load, the cheaper one first. Basic has no consumer groups of its own. */
const CANDIDATES = ['Standard', 'Premium'] as const

/** Chooses the smallest size that carries the load. It grows with each number of the load. */
export function sizeOf(asked: ToSize): Size {
  const tier = asked.tier ?? CANDIDATES.find((one) => carries(asked, one)) ?? 'Dedicated'
  return { tier, ...unitsOf(asked, tier), partitions: asked.hubs.map((hub) => partitionsOf(hub, asked)) }
}

const partitionsOf = ({ partitions, load }: HubToSize, { usualPartitions }: ToSize): number =>
  partitions ?? (load ? partitionsFor(load) : usualPartitions)

/** Whether a namespace of the tier can have these hubs and take their load. */
function carries(asked: ToSize, tier: LiveTier): boolean {
  const { maxPartitionsPerHub, maxRetentionHours, maxConsumerGroups } = LIMITS[tier]
  const units = unitsFor(asked, tier, 'peak')
  return (
    units !== undefined &&
    asked.hubs.length <= maxHubsOf(tier, units) &&
    asked.hubs.every(
      (hub) =>
        partitionsOf(hub, asked) <= maxPartitionsPerHub &&
        (hub.retentionHours ?? 0) <= maxRetentionHours &&
        hub.consumerGroups <= maxConsumerGroups,
    )
  )
}

/** The fewest units of a tier that carry the load, or undefined if it has too few. A cluster has its own units. */
export function unitsFor(asked: ToSize, tier: LiveTier, at: Moment): number | undefined {
  const { capacities, maxPartitionsPerUnit, maxHubs, hubsGrowWithCapacity } = LIMITS[tier]
  const loads = asked.hubs.flatMap(({ load }) => load ?? [])
  const partitions = asked.hubs.reduce((sum, hub) => sum + partitionsOf(hub, asked), 0)
  const least = Math.max(
    greatest(demandsOf(loads, tier, at))?.units ?? 0,
    maxPartitionsPerUnit === undefined ? 0 : partitions / maxPartitionsPerUnit,
    hubsGrowWithCapacity ? asked.hubs.length / maxHubs : 0,
  )
  return capacities?.find((one) => one >= roundUp(least))
}

/** A tier that carries too little gets all the units it has. */
function unitsOf(asked: ToSize, tier: LiveTier): Pick<Size, 'capacity' | 'autoInflateMax'> {
  const most = LIMITS[tier].capacities?.at(-1) ?? 1
  const [mean, peak] = [unitsFor(asked, tier, 'mean') ?? most, unitsFor(asked, tier, 'peak') ?? most]
  const { autoInflateMax } = asked
  if (!LIMITS[tier].autoInflate) return { capacity: asked.capacity ?? peak, autoInflateMax: autoInflateMax ?? 0 }
  const floor = autoInflateMax === 0 ? peak : Math.min(mean, autoInflateMax ?? mean)
  const capacity = asked.capacity ?? floor
  return { capacity, autoInflateMax: autoInflateMax ?? (peak > capacity ? peak : 0) }
}
