import type { PartitionPosition, UnreadEvent } from '../engine/status/positions.ts'
import type { KafkaOffsets } from './kafka-offsets.ts'

/** Times are found to a second. */
const EXACT_MS = 1_000
const HOUR_MS = 3_600_000

export interface UnreadTimesOptions {
  readonly retentionHours: number
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: number
}

/** A position whose event came at `fromMs` or later, and before `toMs`. */
interface Search {
  readonly position: PartitionPosition
  /** Kafka's offset of the event. */
  readonly offset: bigint
  fromMs: number
  toMs: number
}

/**
 * Finds out when the event at each position came, without reading one: it asks Kafka's endpoint which event is the first since
 * a time, and halves the time until it is known. So it needs no consumer group, and no reader notices. Rejects with the
 * client's error.
 */
export async function findUnreadTimes(
  offsets: KafkaOffsets,
  wanted: readonly PartitionPosition[],
  options: UnreadTimesOptions,
): Promise<readonly UnreadEvent[]> {
  const found = await Promise.all(inLayers(wanted).map((layer) => searchLayer(offsets, layer, options)))
  return found.flat()
}

/** A request names a partition once, so further positions of it are searched for beside. */
function inLayers(wanted: readonly PartitionPosition[]): readonly (readonly PartitionPosition[])[] {
  const layers: PartitionPosition[][] = []
  for (const position of wanted) {
    const free = layers.find((layer) => !layer.some(({ partition }) => partition === position.partition))
    if (free) free.push(position)
    else layers.push([position])
  }
  return layers
}

async function searchLayer(
  offsets: KafkaOffsets,
  layer: readonly PartitionPosition[],
  options: UnreadTimesOptions,
): Promise<readonly UnreadEvent[]> {
  const searches = await searchesOf(offsets, layer, options)
  const middle = ({ fromMs, toMs }: Search): number => Math.floor((fromMs + toMs) / 2)
  for (;;) {
    const open = searches.filter(({ fromMs, toMs }) => toMs - fromMs > EXACT_MS)
    if (open.length === 0) break
    const found = await offsets.since(new Map(open.map((one) => [one.position.partition, BigInt(middle(one))])))
    for (const one of open) {
      const first = found.get(one.position.partition) ?? -1n
      // None since then: Kafka says -1.
      if (first >= 0n && first <= one.offset) one.fromMs = middle(one)
      else one.toMs = middle(one)
    }
  }
  return searches.map(({ position, fromMs }) => ({ ...position, enqueuedMs: fromMs }))
}

/** An event that is kept is hardly older than twice its retention, nor younger than a clock that is an hour ahead. */
async function searchesOf(
  offsets: KafkaOffsets,
  layer: readonly PartitionPosition[],
  { retentionHours, nowMs }: UnreadTimesOptions,
): Promise<readonly Search[]> {
  const searches: Search[] = []
  for (const position of layer) {
    const offset = await offsets.offsetOf(position.partition, position.nextSequenceNumber)
    const [fromMs, toMs] = [nowMs - 2 * retentionHours * HOUR_MS, nowMs + HOUR_MS]
    if (offset !== undefined) searches.push({ position, offset, fromMs, toMs })
  }
  return searches
}
