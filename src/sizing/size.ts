import { LIMITS, maxHubsOf, type LiveTier } from '../lib/limits.ts'
import type { HubLoad, Load, Moment } from './load.ts'
import { partitionsFor } from './partitions.ts'
import { RULES, type Rule } from './rules.ts'
import { demandsOf, greatest, roundUp, type Demand } from './use.ts'

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

/** The last of them that is made, whatever it carries. */
export const LARGEST_TIER = 'Premium'

/** Chooses the smallest size that carries the load. It grows with each number of the load. */
export function sizeOf(asked: ToSize): Size {
  const tier = asked.tier ?? tierFor(asked) ?? 'Dedicated'
  return { tier, ...unitsOf(asked, tier), partitions: asked.hubs.map((hub) => partitionsOn(tier, hub, asked)) }
}

/** The first tier that carries the load and allows the rest, or else the last one that has enough units. */
export function tierFor(asked: ToSize): (typeof CANDIDATES)[number] | undefined {
  const carrying = CANDIDATES.filter((one) => shortageOn(asked, one) === undefined)
  return carrying.find((one) => allows(asked, one)) ?? carrying.at(-1)
}

/** Each reader has a consumer group of its own. */
export const groupsNeeded = ({ consumerGroups, load }: HubToSize): number =>
  Math.max(consumerGroups, load?.readers ?? 0)

/** Whether a namespace of the tier can have these hubs. */
function allows(asked: ToSize, tier: LiveTier): boolean {
  const { maxPartitionsPerHub, maxRetentionHours, maxConsumerGroups } = LIMITS[tier]
  return (
    asked.hubs.length <= maxHubsOf(tier, unitsFor(asked, tier, 'peak') ?? 1) &&
    asked.hubs.every(
      (hub) =>
        partitionsNeeded(hub, asked) <= maxPartitionsPerHub &&
        (hub.retentionHours ?? 0) <= maxRetentionHours &&
        groupsNeeded(hub) <= maxConsumerGroups,
    )
  )
}

/** Why a tier does not carry a load. */
export interface Shortage {
  /** In units of the tier. */
  readonly needs: number
  readonly most: number
  /** Not even the most that is published of a unit is enough. */
  readonly isSure: boolean
}

export function shortageOn(asked: ToSize, tier: LiveTier): Shortage | undefined {
  const needs = unitsNeeded(asked, tier, 'peak')
  const most = LIMITS[tier].capacities?.at(-1) ?? Infinity
  if (needs <= most) return undefined
  const isSure = demandsOf(loadsIn(asked), tier, 'peak').some(({ leastUnits }) => roundUp(leastUnits) > most)
  return { needs, most, isSure }
}

/** What was said of the tier, or the largest one, carries too little. */
export interface Unfit {
  readonly tier: LiveTier
  readonly shortage: Shortage
  /** The tier that carries it; undefined if none does. */
  readonly other: (typeof CANDIDATES)[number] | undefined
}

/**
 * A load that the said tier does not carry by any number that is published, or that no tier carries if none was said. What
 * is published of Premium is a range: a load within it may be tried there by name.
 */
export function unfitOf(asked: ToSize): Unfit | undefined {
  const other = tierFor({ ...asked, tier: undefined })
  if (asked.tier === undefined && other) return undefined
  const tier = asked.tier ?? LARGEST_TIER
  const shortage = shortageOn(asked, tier)
  return shortage && (shortage.isSure || asked.tier === undefined) ? { tier, shortage, other } : undefined
}

const loadsIn = ({ hubs }: ToSize): readonly Load[] => hubs.flatMap(({ load }) => load ?? [])

/** The partitions that were said, or else that the load needs. */
export const partitionsNeeded = ({ partitions, load }: HubToSize, { usualPartitions }: ToSize): number =>
  partitions ?? (load ? partitionsFor(load) : usualPartitions)

/** The same, but what nobody said is not above what the tier allows. */
const partitionsOn = (tier: LiveTier, hub: HubToSize, asked: ToSize): number =>
  hub.partitions ?? Math.min(partitionsNeeded(hub, asked), LIMITS[tier].maxPartitionsPerHub)

/** What a unit holds besides what it carries. */
export interface Holding {
  readonly of: 'partitions' | 'hubs'
  readonly needs: number
  readonly perUnit: number
  readonly units: number
  readonly rule: Rule
}

/** What needs most units of a tier; undefined if nothing limits it. */
export function decidingNeed(asked: ToSize, tier: LiveTier, at: Moment): Demand | Holding | undefined {
  const { maxPartitionsPerUnit, maxHubs, hubsGrowWithCapacity } = LIMITS[tier]
  const partitions = asked.hubs.reduce((sum, hub) => sum + partitionsOn(tier, hub, asked), 0)
  const holding = (of: Holding['of'], needs: number, perUnit: number): Holding => ({
    ...{ of, needs, perUnit, units: needs / perUnit },
    rule: RULES.quotas,
  })
  return greatest<Demand | Holding>([
    ...demandsOf(loadsIn(asked), tier, at),
    ...(maxPartitionsPerUnit === undefined ? [] : [holding('partitions', partitions, maxPartitionsPerUnit)]),
    ...(hubsGrowWithCapacity ? [holding('hubs', asked.hubs.length, maxHubs)] : []),
  ])
}

/** The fewest units of a tier that carry the load, whether or not a namespace can have so many. */
export const unitsNeeded = (asked: ToSize, tier: LiveTier, at: Moment): number =>
  Math.max(1, roundUp(decidingNeed(asked, tier, at)?.units ?? 0))

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
