import { LIST_GROUPS_V4 } from 'kafka-ts/dist/api/list-groups/v4.js'
import { OFFSET_FETCH_V7 } from 'kafka-ts/dist/api/offset-fetch/v7.js'
import type { GroupPositions, PartitionPosition } from '../engine/status/positions.ts'
import { inParallel } from '../lib/in-parallel.ts'
import type { KafkaOffsets } from './kafka-offsets.ts'

/** Requests that wait for their answers on the connection that they share. */
const MOST_AT_ONCE = 32

/**
 * Reads how far Kafka's groups have committed in a hub, those alone that have, in order of their names. Groups belong to the
 * namespace, and the key of a hub sees those that read this hub alone. It joins no group and commits nothing. The versions are
 * among those recorded of Azure. Rejects with the client's error.
 * https://learn.microsoft.com/azure/event-hubs/apache-kafka-frequently-asked-questions
 */
export async function readKafkaGroups(offsets: KafkaOffsets): Promise<readonly GroupPositions[]> {
  const { brokers, hub } = offsets
  const { bootstrap } = brokers
  const { groups } = await brokers.ask(bootstrap, LIST_GROUPS_V4, {})
  const partitionIndexes = offsets.partitions.map(({ partition }) => Number(partition))
  const read = await inParallel(groups, MOST_AT_ONCE, async ({ groupId }): Promise<GroupPositions> => {
    const asked = { groupId, topics: [{ name: hub, topicId: '', partitionIndexes }] }
    const answer = await brokers.ask(bootstrap, OFFSET_FETCH_V7, { groups: [asked], requireStable: false })
    const committed = answer.groups
      .flatMap(({ topics }) => topics)
      .flatMap((topic) => topic.partitions)
      .filter(({ committedOffset }) => committedOffset >= 0n)
      .sort((a, b) => a.partitionIndex - b.partitionIndex)
    const positions: PartitionPosition[] = []
    for (const { partitionIndex, committedOffset } of committed) {
      const partition = String(partitionIndex)
      const nextSequenceNumber = await offsets.sequenceNumberOf(partition, committedOffset)
      if (nextSequenceNumber !== undefined) positions.push({ partition, nextSequenceNumber })
    }
    return { group: groupId, source: 'kafka', partitions: positions }
  })
  return read.filter(({ partitions }) => partitions.length > 0).sort((a, b) => (a.group < b.group ? -1 : 1))
}
