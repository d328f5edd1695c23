import { formatHours } from '../lib/duration.ts'
import { LIMITS, maxHubsOf, TIERS, type LiveTier, type Tier } from '../lib/limits.ts'
import { formatBinarySize } from '../lib/quantity.ts'
import type { Charged } from './cost.ts'
import { isTooMuchInOrder, mostUnits } from './enough.ts'
import { shortageWords } from './reasons.ts'
import {
  groupsNeeded,
  hubLoadsOf,
  partitionsNeeded,
  shortageOn,
  sizeOf,
  type HubToSize,
  type Size,
  type ToSize,
} from './size.ts'

/** The load on a tier, with or without Capture. */
export interface Neighbour {
  readonly tier: LiveTier
  /** Whether it pays for Capture. */
  readonly capture: boolean
  readonly isChoice: boolean
  /** Of what has no obstacle. */
  readonly size: Size | undefined
  /** Why a namespace of the tier cannot be it. */
  readonly obstacles: readonly string[]
  /** Why it may carry too little, by the cautious end of what is published. */
  readonly doubt: string | undefined
  /** What else the tier does not have. */
  readonly lacks: readonly string[]
}

/** The choice, and the same load on the other tiers. Where Capture is paid for, with it and without it. */
export function neighboursOf(asked: ToSize, choice: Size, capture: boolean): readonly Neighbour[] {
  const tiers: readonly Tier[] = TIERS.filter((tier) => tier !== choice.tier)
  return [
    ...onTier(asked, choice, true, capture),
    ...tiers.flatMap((tier) => {
      const own = { ...asked, tier, capacity: undefined, autoInflateMax: asked.autoInflateMax === 0 ? 0 : undefined }
      return onTier(own, sizeOf(own), false, capture)
    }),
  ]
}

function onTier(asked: ToSize, size: Size, isOfChoice: boolean, capture: boolean): readonly Neighbour[] {
  const { tier } = size
  const shortage = shortageOn({ ...asked, tier }, tier)
  const short = shortage ? [shortageWords(shortage, tier)] : []
  const obstacles = [...(shortage?.isSure ? short : []), ...limitWords(asked, size, isOfChoice)]
  const [doubt] = shortage?.isSure ? [] : short
  const one = (paid: boolean): Neighbour => ({
    ...{ tier, capture: paid, isChoice: isOfChoice && (paid === capture || !isPaid(tier)) },
    ...{ size: obstacles.length === 0 ? size : undefined, obstacles, doubt, lacks: lacksOf(tier) },
  })
  return isPaid(tier) && obstacles.length === 0 ? [one(capture), one(!capture)] : [one(false)]
}

/** Capture is included on Premium, and missing on Basic. */
const isPaid = (tier: LiveTier): boolean => tier === 'Standard'

/** What was said, and a namespace of the tier does not allow. Basic has no consumer groups, which it lacks for any load. */
function limitWords(asked: ToSize, size: Size, isOfChoice: boolean): readonly string[] {
  const { hubs } = asked
  const { tier } = size
  const { maxPartitionsPerHub, maxRetentionHours, maxConsumerGroups, maxEventBytes } = LIMITS[tier]
  const most = (of: (hub: HubToSize) => number): number => Math.max(...hubs.map(of))
  // Of the choice it is told elsewhere that workers share partitions.
  const partitions = most((hub) =>
    partitionsNeeded(isOfChoice && hub.load ? { ...hub, load: { ...hub.load, workers: 1 } } : hub, asked),
  )
  const maxHubs = maxHubsOf(tier, mostUnits(size))
  return [
    ...(isTooMuchInOrder(asked) ? ['one order is one partition, which takes in about 1 MB/s'] : []),
    ...(partitions > maxPartitionsPerHub
      ? [`a hub needs ${partitions} partitions, and it has up to ${maxPartitionsPerHub}`]
      : []),
    ...(most(({ retentionHours }) => retentionHours ?? 0) > maxRetentionHours
      ? [`it keeps events up to ${formatHours(maxRetentionHours)}`]
      : []),
    ...(maxConsumerGroups > 1 && most(groupsNeeded) > maxConsumerGroups
      ? [`it has up to ${maxConsumerGroups} consumer groups a hub`]
      : []),
    ...(most(({ load }) => load?.bytesPerEvent ?? 0) > maxEventBytes
      ? [`it takes events up to ${formatBinarySize(maxEventBytes)}`]
      : []),
    ...(hubs.length > maxHubs ? [`it has up to ${maxHubs} hubs`] : []),
    ...(hubs.some(({ retentionHours }) => retentionHours === undefined) && !LIMITS[tier].compaction
      ? ['it has no compaction']
      : []),
  ]
}

function lacksOf(tier: LiveTier): readonly string[] {
  const { maxConsumerGroups, kafka, capture, autoInflate } = LIMITS[tier]
  return [
    ...(maxConsumerGroups > 1 ? [] : ['consumer groups']),
    ...(kafka ? [] : ['Kafka']),
    ...(capture ? [] : ['Capture']),
    ...(autoInflate ? [] : ['auto-inflate']),
  ]
}

/** What a namespace of this size is charged for. */
export const chargedFor = (asked: ToSize, size: Size, capture: boolean): Charged => ({
  ...{ tier: size.tier, units: size.capacity, maxUnits: mostUnits(size), capture },
  hubs: hubLoadsOf(asked),
})
