import type { LiveTier } from '../lib/limits.ts'
import { formatByteCount, formatNumber } from '../lib/quantity.ts'
import { mostUnits } from './enough.ts'
import type { Size, ToSize } from './size.ts'

/** What the numbers cannot promise. */
export interface NotPromised {
  readonly of:
    | 'hot-key'
    | 'workers'
    | 'split-order'
    | 'order'
    | 'catch-up'
    | 'one-group'
    | 'compaction'
    | 'kafka'
    | 'premium'
    | 'auto-inflate'
  readonly text: string
  /** The page that says it. */
  readonly link: string
}

const LEARN = 'https://learn.microsoft.com/azure/event-hubs'
const THROTTLING =
  'https://techcommunity.microsoft.com/blog/azurepaasblog/eventhub-types-of-throttling-errors-and-how-to-mitigate-it/3745403'

/** Each where it applies. `kafka`: whether somebody asked for a Kafka endpoint; `advised`: the tier that carries the load. */
export function notPromised(
  { hubs }: ToSize,
  size: Size,
  { kafka, advised }: { readonly kafka: boolean; readonly advised: LiveTier | undefined },
): readonly NotPromised[] {
  const loads = hubs.flatMap(({ load }) => load ?? [])
  const { tier, capacity } = size
  const crowded = crowdedIn(hubs, size)
  const all: readonly (readonly [NotPromised['of'], boolean, text: string, link: string])[] = [
    [
      'hot-key',
      loads.some(({ ordered }) => !ordered) && size.partitions.some((partitions) => partitions > 1),
      'All events of one key go to one partition, which takes in about 1 MB/s. If one key brings more, it is throttled while other units are free.',
      THROTTLING,
    ],
    [
      'workers',
      crowded !== undefined,
      `${formatNumber(crowded?.workers ?? 0)} workers share ${crowded?.partitions} partitions: each reads a partition of its own, so the others have nothing to do.`,
      `${LEARN}/event-hubs-features`,
    ],
    [
      'split-order',
      hubs.some(({ load }, i) => load?.ordered && size.partitions[i]! > 1),
      'Events are in order within one partition only. With more of them, send all events with one partition key, or leave the number out.',
      `${LEARN}/event-hubs-features`,
    ],
    [
      'order',
      loads.some(({ ordered }) => ordered),
      'One order means one partition: above about 1 MB/s it is throttled, whatever the units, and one worker reads it all.',
      `${LEARN}/event-hubs-scalability`,
    ],
    [
      'catch-up',
      loads.some(({ readers }) => readers > 0),
      'A reader that was away catches up by reading faster than events come in. All readers share what the units give out, so the others get slower meanwhile.',
      `${LEARN}/event-hubs-scalability`,
    ],
    [
      'one-group',
      tier === 'Basic',
      'Basic has one consumer group, $Default, for all readers: they share its checkpoints, and at most 5 can read a partition at a time.',
      `${LEARN}/event-hubs-quotas`,
    ],
    [
      'compaction',
      hubs.some(({ retentionHours }) => retentionHours === undefined),
      `A compacted hub keeps the newest event of each key: what it stores depends on the number of keys, and is at most ${formatByteCount(tier === 'Standard' ? 1e9 : 250e9)} a partition.`,
      `${LEARN}/log-compaction`,
    ],
    [
      'kafka',
      kafka,
      'Kafka clients get no error when too much comes in: they are slowed down, and a send fails only when that takes longer than its timeout.',
      `${LEARN}/apache-kafka-troubleshooting-guide`,
    ],
    [
      'premium',
      [tier, advised].includes('Premium'),
      'Nobody promises what a processing unit carries. Microsoft names 5 to 10 MB/s in and 10 to 20 MB/s out, and nothing for events a second; the lower numbers are counted here. Try yours before you rely on it.',
      `${LEARN}/event-hubs-scalability`,
    ],
    [
      'auto-inflate',
      mostUnits(size) > capacity,
      'Auto-inflate raises the units once the load has grown, and never lowers them: after one busy hour you pay for the higher number until somebody lowers it.',
      `${LEARN}/event-hubs-auto-inflate`,
    ],
  ]
  return all.flatMap(([of, applies, text, link]) => (applies ? [{ of, text, link }] : []))
}

/** A hub with more workers than partitions, if somebody said how many there are. */
const crowdedIn = (hubs: ToSize['hubs'], { partitions }: Size) =>
  hubs
    .flatMap(({ load }, i) => (load ? [{ ...load, partitions: partitions[i]! }] : []))
    .find((one) => !one.ordered && !one.assumed.includes('workers') && one.workers > one.partitions)
