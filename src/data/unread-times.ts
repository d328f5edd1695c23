import { LIST_OFFSETS_V7 } from 'kafka-ts/dist/api/list-offsets/v7.js'
import type { Connection } from '../engine/connection.ts'
import type { PartitionPosition, PartitionState, UnreadEvent } from '../engine/status/positions.ts'
import { type BrokerOptions, KafkaBrokers, LATEST } from './kafka-brokers.ts'

/** Times are found to a second. */
const EXACT_MS = 1_000
const HOUR_MS = 3_600_000

export interface UnreadTimesOptions extends BrokerOptions {
  /** Of the hub, read just before. */
  readonly partitions: readonly PartitionState[]
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
 * client's error. https://kafka.apache.org/protocol.html#The_Messages_ListOffsets
 */
export async function findUnreadTimes(
  connection: Connection,
  wanted: readonly PartitionPosition[],
  options: UnreadTimesOptions,
): Promise<readonly UnreadEvent[]> {
  const brokers = new KafkaBrokers(connection, options)
  try {
    const offsetsAt = async (times: ReadonlyMap<string, bigint>): Promise<ReadonlyMap<string, bigint>> => {
      const partitions = [...times].map(([partition, timestamp]) => ({
        ...{ partitionIndex: Number(partition), currentLeaderEpoch: -1, timestamp },
      }))
      const topics = [{ name: connection.hub, partitions }]
      const asked = { replicaId: -1, isolationLevel: 0, topics }
      const answer = await brokers.ask(brokers.bootstrap, LIST_OFFSETS_V7, asked)
      const found = answer.topics.flatMap((topic) => topic.partitions)
      return new Map(found.map(({ partitionIndex, offset }) => [String(partitionIndex), offset]))
    }
    const ends = await offsetsAt(new Map(wanted.map(({ partition }) => [partition, LATEST])))
    const found = await Promise.all(
      inLayers(wanted).map((layer) => searchLayer(searchesOf(layer, ends, options), offsetsAt)),
    )
    return found.flat()
  } finally {
    await brokers.close()
  }
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

/** An event that is kept is hardly older than twice its retention. */
const searchesOf = (
  layer: readonly PartitionPosition[],
  ends: ReadonlyMap<string, bigint>,
  { partitions, retentionHours, nowMs }: UnreadTimesOptions,
): readonly Search[] =>
  layer.flatMap((position) => {
    const state = partitions.find(({ partition }) => partition === position.partition)
    const end = ends.get(position.partition)
    if (!state || end === undefined) return []
    const offset = end - BigInt(state.lastSequenceNumber + 1 - position.nextSequenceNumber)
    return [{ position, offset, fromMs: nowMs - 2 * retentionHours * HOUR_MS, toMs: nowMs + EXACT_MS }]
  })

async function searchLayer(
  searches: readonly Search[],
  offsetsAt: (times: ReadonlyMap<string, bigint>) => Promise<ReadonlyMap<string, bigint>>,
): Promise<readonly UnreadEvent[]> {
  for (;;) {
    const open = searches.filter(({ fromMs, toMs }) => toMs - fromMs > EXACT_MS)
    if (open.length === 0) break
    const middle = ({ fromMs, toMs }: Search): number => Math.floor((fromMs + toMs) / 2)
    const offsets = await offsetsAt(new Map(open.map((one) => [one.position.partition, BigInt(middle(one))])))
    for (const one of open) {
      const first = offsets.get(one.position.partition) ?? -1n
      // None since then: Kafka says -1.
      if (first >= 0n && first <= one.offset) one.fromMs = middle(one)
      else one.toMs = middle(one)
    }
  }
  return searches.map(({ position, fromMs }) => ({ ...position, enqueuedMs: fromMs }))
}
