import { formatHours } from '../lib/duration.ts'
import { formatCapacity, LIMITS, type LiveTier } from '../lib/limits.ts'
import { formatByteCount, formatNumber } from '../lib/quantity.ts'
import { bytesIn, type Load, type Moment } from './load.ts'
import { bytesOfPartitions, partitionsFor } from './partitions.ts'
import { RULES, type Rule } from './rules.ts'
import {
  decidingNeed,
  groupsNeeded,
  partitionsNeeded,
  shortageOn,
  unitsNeeded,
  type Holding,
  type HubToSize,
  type Shortage,
  type Size,
  type ToSize,
} from './size.ts'
import { roundUp, CARRIED, type Demand, type Way } from './use.ts'

/** Why a value of a size is what it is. */
export interface Reason {
  readonly of: 'tier' | 'capacity' | 'autoInflateMax' | 'partitions'
  /** For partitions. */
  readonly hub?: string
  readonly text: string
  readonly rule: Rule
}

/** `the load needs 50 throughput units, and a namespace has up to 40` */
export const shortageWords = ({ needs, most }: Shortage, tier: LiveTier): string =>
  `the load needs ${formatCapacity(tier, needs)}, and a namespace has up to ${most}`

/** The reasons for the values that nobody said. */
export const reasonsFor = (asked: ToSize, size: Size): readonly Reason[] => [
  ...(asked.tier === undefined ? [tierReason(asked, size)] : []),
  ...capacityReasons(asked, size),
  ...asked.hubs.flatMap((hub, i) => partitionReason(hub, size.tier, size.partitions[i]!) ?? []),
]

function tierReason(asked: ToSize, { tier }: Size): Reason {
  const shortage = shortageOn(asked, 'Standard')
  const text =
    tier === 'Standard'
      ? 'the cheapest tier that carries the load and has consumer groups'
      : shortage
        ? `the load needs ${formatCapacity('Standard', shortage.needs)}, and Standard has up to ${shortage.most}`
        : beyondStandard(asked)
  return { of: 'tier', text, rule: RULES.quotas }
}

/** What Standard does not have, whatever comes in. */
function beyondStandard(asked: ToSize): string {
  const { hubs } = asked
  const { maxPartitionsPerHub, maxRetentionHours, maxConsumerGroups, maxHubs } = LIMITS.Standard
  const most = (of: (hub: HubToSize) => number): number => Math.max(...hubs.map(of))
  const partitions = most((hub) => partitionsNeeded(hub, asked))
  const retention = most((hub) => hub.retentionHours ?? 0)
  if (retention > maxRetentionHours)
    return `retention ${formatHours(retention)}, and Standard keeps events up to ${formatHours(maxRetentionHours)}`
  if (partitions > maxPartitionsPerHub)
    return `${partitions} partitions, and Standard has up to ${maxPartitionsPerHub} a hub`
  if (hubs.length > maxHubs) return `${hubs.length} hubs, and Standard has up to ${maxHubs}`
  return `${most(groupsNeeded)} consumer groups, and Standard has up to ${maxConsumerGroups} a hub`
}

function capacityReasons(asked: ToSize, { tier, capacity, autoInflateMax }: Size): readonly Reason[] {
  const inflates = autoInflateMax > 0
  const reason = (of: 'capacity' | 'autoInflateMax', units: number, at: Moment): readonly Reason[] => {
    const need = asked[of] === undefined ? decidingNeed(asked, tier, at) : undefined
    if (!need) return []
    const when = !inflates ? '' : at === 'mean' ? ', on average' : ', at the busiest'
    return [{ of, text: needWords(need) + when + otherUnits(asked, tier, at, units), rule: need.rule }]
  }
  return [
    ...reason('capacity', capacity, inflates ? 'mean' : 'peak'),
    ...(inflates ? reason('autoInflateMax', autoInflateMax, 'peak') : []),
  ]
}

/** Why the units are not those that the load needs: `; 4 is the next that is offered`. */
function otherUnits(asked: ToSize, tier: LiveTier, at: Moment, units: number): string {
  const needed = unitsNeeded(asked, tier, at)
  const most = LIMITS[tier].capacities?.at(-1) ?? 1
  if (units === needed) return ''
  if (units > needed) return `; ${units} is the next that is offered`
  const limit = units === most ? `${tier} has up to ${most}` : `auto-inflate may go to ${units}`
  return `; it needs ${formatCapacity(tier, needed)}, and ${limit}`
}

const isOfBytes = (way: Way): boolean => way.startsWith('bytes')

/** `15 MB/s`, `15,000/s`. */
export const formatAmount = (way: Way, perSecond: number): string =>
  `${isOfBytes(way) ? formatByteCount(perSecond) : formatNumber(perSecond)}/s`

/** The same with what it is of: `7.5 MB/s`, `5,000 events/s`. */
export const formatRate = (way: Way, perSecond: number): string =>
  isOfBytes(way) ? formatAmount(way, perSecond) : `${formatNumber(perSecond)} events/s`

/** `63 %`. Never 100 for what is a little more. */
export const formatPercent = (percent: number): string => `${Math.ceil(roundUp(percent)).toLocaleString('en-US')} %`

/** `in` or `out`. */
export const directionOf = (way: Way): 'in' | 'out' => (way.endsWith('in') ? 'in' : 'out')

/** What a unit takes in: `1 MB/s or 1,000 events/s in`, or `about 5 MB/s in` where a range is published. */
export function unitWords(tier: LiveTier): string {
  const ways = (['bytes in', 'events in'] as const).flatMap((way) => {
    const carried = CARRIED[tier][way]
    return carried ? [`${carried.mostPerUnit ? 'about ' : ''}${formatRate(way, carried.perUnit)}`] : []
  })
  return `${ways.join(' or ')} in`
}

/** `15 MB/s out, 2 MB/s a unit`, or `300 partitions, 200 a unit`. */
const needWords = (need: Demand | Holding): string =>
  'way' in need
    ? `${formatRate(need.way, need.needs)} ${directionOf(need.way)}, ${formatRate(need.way, need.perUnit)} a unit`
    : `${need.needs} ${need.of}, ${need.perUnit} a unit`

function partitionReason({ name, load, partitions }: HubToSize, tier: LiveTier, most: number): Reason | undefined {
  if (partitions !== undefined || !load) return undefined
  const { text, rule } = wordsOfPartitions(load)
  const limit = partitionsFor(load) > most ? `; a hub on ${tier} has up to ${most}` : ''
  return { of: 'partitions', hub: name, text: text + limit, rule }
}

function wordsOfPartitions(load: Load): Pick<Reason, 'text' | 'rule'> {
  const { ordered, workers, assumed } = load
  if (ordered) return { text: 'all events in one order', rule: RULES.partitionOrder }
  if (partitionsFor(load) > workers) {
    const [peak, each] = [formatByteCount(bytesIn(load, 'peak')), formatByteCount(bytesOfPartitions(1))]
    return { text: `${peak}/s in at the busiest, ${each}/s a partition`, rule: RULES.partitionIn }
  }
  const text = assumed.includes('workers') ? `room for ${workers} workers` : `${workers} workers, a partition each`
  return { text, rule: RULES.partitionWorker }
}
