import type { LiveTier } from '../lib/limits.ts'
import { bytesIn, type Moment } from './load.ts'
import { bytesOfPartitions, partitionPercent, partitionsFor } from './partitions.ts'
import {
  LARGEST_TIER,
  partitionsNeeded,
  shortageOn,
  sizeOf,
  tierFor,
  type HubToSize,
  type Size,
  type ToSize,
} from './size.ts'
import { demandsOf, isAbove, usesOf, type Use } from './use.ts'

/** The size on the said tier or the one that carries the load; the largest that can be made if it needs more. */
export const choiceFor = (asked: ToSize): Size =>
  sizeOf({ ...asked, tier: asked.tier ?? tierFor(asked) ?? LARGEST_TIER })

/** The most units that a size may have: those of auto-inflate, where it is on. */
export const mostUnits = ({ capacity, autoInflateMax }: Pick<Size, 'capacity' | 'autoInflateMax'>): number =>
  Math.max(capacity, autoInflateMax)

/** Without the numbers that somebody said and that may be too small. Auto-inflate that is off stays off. */
const withoutNumbers = (asked: ToSize): ToSize => ({
  ...asked,
  capacity: undefined,
  autoInflateMax: asked.autoInflateMax === 0 ? 0 : undefined,
  hubs: asked.hubs.map((hub) => ({ ...hub, partitions: enoughPartitions(hub) })),
})

/** What was said, if it carries the load. Workers that nobody said are as many as there are partitions. */
function enoughPartitions({ partitions, load }: HubToSize): number | undefined {
  if (partitions === undefined || !load) return partitions
  const workers = load.assumed.includes('workers') ? 1 : load.workers
  return partitionsFor({ ...load, workers }) > partitions ? undefined : partitions
}

/** The size that carries the load on the tier, or else on another one, whatever somebody said. Undefined if none does. */
export function enoughFor(asked: ToSize, tier: LiveTier): Size | undefined {
  const free = withoutNumbers(asked)
  const tiers = [tier, tierFor({ ...free, tier: undefined }) ?? []].flat()
  const sizes = tiers.map((one) => sizeOf({ ...free, tier: one }))
  return sizes.find((size) => carries(free, size) && hasRoom(free, size))
}

/** Whether the tier allows the partitions that a hub needs. */
const hasRoom = (asked: ToSize, size: Size): boolean =>
  asked.hubs.every((hub, i) => size.partitions[i]! >= partitionsNeeded(hub, asked))

/** Whether a size is at least as large as another one of its tier. */
export const isAtLeast = (size: Size, other: Size): boolean =>
  size.tier === other.tier &&
  size.capacity >= other.capacity &&
  mostUnits(size) >= mostUnits(other) &&
  other.partitions.every((partitions, i) => partitions <= size.partitions[i]!)

/** How much of a size the load takes: on average of its floor, at the busiest of the most units. */
export interface MomentUse {
  readonly at: Moment
  readonly units: number
  readonly uses: readonly Use[]
}

/** At the busiest, and before that on average if the load or the units differ. */
export function momentUses({ hubs }: ToSize, size: Size): readonly MomentUse[] {
  const loads = hubs.flatMap(({ load }) => load ?? [])
  const useAt = (at: Moment, units: number): MomentUse => ({
    ...{ at, units },
    uses: usesOf(demandsOf(loads, size.tier, at), units),
  })
  const isSteady = loads.every(({ peak }) => peak === 1)
  const isOne = isSteady && mostUnits(size) === size.capacity
  return [...(isOne ? [] : [useAt('mean', size.capacity)]), useAt('peak', mostUnits(size))]
}

/** How much of its partitions the load of a hub takes at the busiest. */
export interface PartitionUse {
  readonly hub: string
  readonly partitions: number
  /** Bytes for one second. */
  readonly needs: number
  /** Bytes for one second. */
  readonly carries: number
  readonly percent: number
}

export const partitionUses = ({ hubs }: ToSize, { partitions }: Size): readonly PartitionUse[] =>
  hubs.flatMap(({ name, load }, i) => {
    if (!load) return []
    const own = partitions[i]!
    return [
      {
        ...{ hub: name, partitions: own, needs: bytesIn(load, 'peak'), carries: bytesOfPartitions(own) },
        percent: partitionPercent(load, own),
      },
    ]
  })

/** Whether some hub in one order gets more than its one partition takes in. */
export const isTooMuchInOrder = ({ hubs }: Pick<ToSize, 'hubs'>): boolean =>
  hubs.some(({ load }) => load?.ordered && isAbove({ percent: partitionPercent(load, 1) }))

/** Whether the tier can have what the load needs, and nothing is used by more than there is at the busiest. */
export const carries = (asked: ToSize, size: Size): boolean =>
  shortageOn(asked, size.tier) === undefined &&
  [...usesAt('peak', asked, size), ...partitionUses(asked, size)].every((use) => !isAbove(use))

/** Whether the units that are always there carry the load on average, so that auto-inflate need not raise them first. */
export const startsWithEnough = (asked: ToSize, size: Size): boolean =>
  usesAt('mean', asked, size).every((use) => !isAbove(use))

const usesAt = (moment: Moment, asked: ToSize, size: Size): readonly Use[] =>
  momentUses(asked, size).flatMap(({ at, uses }) => (at === moment ? uses : []))
