import { formatHours } from '../lib/duration.ts'
import { formatCapacity, LIMITS, type LiveTier } from '../lib/limits.ts'
import { formatByteCount, formatNumber } from '../lib/quantity.ts'
import { bytesIn, type Load, type Moment } from './load.ts'
import { RULES, type Rule } from './rules.ts'
import { shortageOn, type HubToSize, type Shortage, type Size, type ToSize } from './size.ts'
import { demandsOf, greatest, type Demand, type Way } from './use.ts'

/** Why a value of a size is what it is. */
export interface Reason {
  readonly of: 'tier' | 'capacity' | 'autoInflateMax' | 'partitions'
  /** For partitions. */
  readonly hub?: string
  readonly text: string
  readonly rule: Rule
}

/** `the load needs 45 throughput units, and a namespace has up to 40`. */
export function wordsOfShortage(shortage: Shortage, tier: LiveTier): string {
  const { needs, most } = shortage
  return shortage.of === 'units'
    ? `the load needs ${formatCapacity(tier, needs)}, and a namespace has up to ${most}`
    : `the load needs ${needs} partitions in hub ${shortage.hub}, and a hub has up to ${most}`
}

/** The reasons for the values that nobody said. */
export const reasonsFor = (asked: ToSize, size: Size): readonly Reason[] => [
  ...(asked.tier === undefined ? [tierReason(asked, size)] : []),
  ...capacityReasons(asked, size),
  ...asked.hubs.flatMap((hub) => partitionReason(hub) ?? []),
]

function tierReason(asked: ToSize, { tier }: Size): Reason {
  const shortage = shortageOn(asked, 'Standard')
  if (tier === 'Standard')
    return { of: 'tier', text: 'the cheapest tier that carries the load and has consumer groups', rule: RULES.quotas }
  const short = (most: number, what: string): string => `Standard has up to ${most} ${what}`
  const text = !shortage
    ? beyondStandard(asked)
    : shortage.of === 'units'
      ? `the load needs ${formatCapacity('Standard', shortage.needs)}, and ${short(shortage.most, 'of them')}`
      : `hub ${shortage.hub} needs ${shortage.needs} partitions, and ${short(shortage.most, 'a hub')}`
  return { of: 'tier', text, rule: RULES.quotas }
}

/** What somebody said that Standard does not have. */
function beyondStandard({ hubs }: ToSize): string {
  const { maxPartitionsPerHub, maxRetentionHours, maxConsumerGroups, maxHubs } = LIMITS.Standard
  const most = (of: (hub: HubToSize) => number): number => Math.max(...hubs.map(of))
  const [retention, partitions] = [most((hub) => hub.retentionHours ?? 0), most((hub) => hub.partitions ?? 0)]
  if (retention > maxRetentionHours)
    return `retention ${formatHours(retention)}, and Standard keeps events up to ${formatHours(maxRetentionHours)}`
  if (partitions > maxPartitionsPerHub)
    return `${partitions} partitions, and Standard has up to ${maxPartitionsPerHub} a hub`
  if (hubs.length > maxHubs) return `${hubs.length} hubs, and Standard has up to ${maxHubs}`
  return `${most((hub) => hub.consumerGroups)} consumer groups, and Standard has up to ${maxConsumerGroups} a hub`
}

function capacityReasons(asked: ToSize, { tier, autoInflateMax }: Size): readonly Reason[] {
  const loads = asked.hubs.flatMap(({ load }) => load ?? [])
  const most = (at: Moment) => greatest(demandsOf(loads, tier, at))
  const inflates = autoInflateMax > 0
  const [floor, ceiling] = [most(inflates ? 'mean' : 'peak'), most('peak')]
  return [
    ...(asked.capacity === undefined && floor
      ? [{ of: 'capacity', text: demandWords(floor) + (inflates ? ', on average' : ''), rule: floor.rule } as const]
      : []),
    ...(asked.autoInflateMax === undefined && inflates && ceiling
      ? [{ of: 'autoInflateMax', text: `${demandWords(ceiling)}, at the busiest`, rule: ceiling.rule } as const]
      : []),
  ]
}

const isOfBytes = (way: Way): boolean => way.startsWith('bytes')

/** Bytes or events for one second: `7.5 MB/s`, `5,000 events/s`. */
export const formatRate = (way: Way, perSecond: number): string =>
  isOfBytes(way) ? `${formatByteCount(perSecond)}/s` : `${formatNumber(perSecond)} events/s`

/** `in` or `out`. */
export const directionOf = (way: Way): 'in' | 'out' => (way.endsWith('in') ? 'in' : 'out')

/** `15 MB/s out, 2 MB/s a unit`. */
const demandWords = ({ way, needs, perUnit }: Demand): string =>
  `${formatRate(way, needs)} ${directionOf(way)}, ${formatRate(way, perUnit)} a unit`

function partitionReason({ name, load, partitions }: HubToSize): Reason | undefined {
  if (partitions !== undefined || !load) return undefined
  return { of: 'partitions', hub: name, ...wordsOfPartitions(load) }
}

function wordsOfPartitions(load: Load): Pick<Reason, 'text' | 'rule'> {
  const { ordered, workers, assumed } = load
  if (ordered) return { text: 'all events in one order', rule: RULES.partitionOrder }
  const bytes = bytesIn(load, 'peak')
  if (bytes / 1e6 > workers)
    return { text: `${formatByteCount(bytes)}/s in at the busiest, 1 MB/s a partition`, rule: RULES.partitionIn }
  const text = assumed.includes('workers') ? `room for ${workers} workers` : `${workers} workers, a partition each`
  return { text, rule: RULES.partitionWorker }
}
