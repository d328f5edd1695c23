import { LIMITS, maxHubsOf, type LiveTier } from '../lib/limits.ts'
import type { HubLoad, Load, Moment } from './load.ts'
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

/** The hubs with a load. */
export const hubLoadsOf = ({ hubs }: Pick<ToSize, 'hubs'>): readonly HubLoad[] =>
  hubs.flatMap(({ name, load, retentionHours }) => (load ? [{ name, load, retentionHours }] : []))

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
  const tier = asked.tier ?? tierFor(asked) ?? 'Dedicated'
  return { tier, ...unitsOf(asked, tier), partitions: asked.hubs.map((hub) => partitionsOf(hub, asked)) }
}

/** The first tier that carries the load and allows the rest, or else the last one that carries it. */
export function tierFor(asked: ToSize): (typeof CANDIDATES)[number] | undefined {
  const carrying = CANDIDATES.filter((one) => shortageOn(asked, one) === undefined)
  return carrying.find((one) => allows(asked, one)) ?? carrying.at(-1)
}

/** Whether a namespace of the tier can have these hubs, whatever comes in. */
function allows(asked: ToSize, tier: LiveTier): boolean {
  const { maxPartitionsPerHub, maxRetentionHours, maxConsumerGroups } = LIMITS[tier]
  return (
    asked.hubs.length <= maxHubsOf(tier, unitsFor(asked, tier, 'peak') ?? 1) &&
    asked.hubs.every(
      (hub) =>
        (hub.partitions ?? 0) <= maxPartitionsPerHub &&
        (hub.retentionHours ?? 0) <= maxRetentionHours &&
        hub.consumerGroups <= maxConsumerGroups,
    )
  )
}

/** Why a tier does not carry a load. */
export type Shortage =
  | { readonly of: 'units'; readonly needs: number; readonly most: number }
  | { readonly of: 'partitions'; readonly hub: string; readonly needs: number; readonly most: number }

export function shortageOn(asked: ToSize, tier: LiveTier): Shortage | undefined {
  const { capacities, maxPartitionsPerHub } = LIMITS[tier]
  const units = unitsNeeded(asked, tier, 'peak')
  const most = capacities?.at(-1) ?? Infinity
  if (units > most) return { of: 'units', needs: units, most }
  const wide = asked.hubs.find((hub) => hub.partitions === undefined && partitionsOf(hub, asked) > maxPartitionsPerHub)
  if (!wide) return undefined
  return { of: 'partitions', hub: wide.name, needs: partitionsOf(wide, asked), most: maxPartitionsPerHub }
}

const partitionsOf = ({ partitions, load }: HubToSize, { usualPartitions }: ToSize): number =>
  partitions ?? (load ? partitionsFor(load) : usualPartitions)

/** The fewest units of a tier that carry the load, whether or not a namespace can have so many. */
export function unitsNeeded(asked: ToSize, tier: LiveTier, at: Moment): number {
  const { maxPartitionsPerUnit, maxHubs, hubsGrowWithCapacity } = LIMITS[tier]
  const loads = asked.hubs.flatMap(({ load }) => load ?? [])
  const partitions = asked.hubs.reduce((sum, hub) => sum + partitionsOf(hub, asked), 0)
  const least = Math.max(
    greatest(demandsOf(loads, tier, at))?.units ?? 0,
    maxPartitionsPerUnit === undefined ? 0 : partitions / maxPartitionsPerUnit,
    hubsGrowWithCapacity ? asked.hubs.length / maxHubs : 0,
  )
  return Math.max(1, roundUp(least))
}

/** The smallest capacity of a tier that carries the load; undefined if none does, and for a cluster. */
export const unitsFor = (asked: ToSize, tier: LiveTier, at: Moment): number | undefined =>
  LIMITS[tier].capacities?.find((one) => one >= unitsNeeded(asked, tier, at))

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
