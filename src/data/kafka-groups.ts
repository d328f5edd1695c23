import { LIST_GROUPS_V4 } from 'kafka-ts/dist/api/list-groups/v4.js'
import { LIST_OFFSETS_V7 } from 'kafka-ts/dist/api/list-offsets/v7.js'
import { OFFSET_FETCH_V7 } from 'kafka-ts/dist/api/offset-fetch/v7.js'
import type { Connection } from '../engine/connection.ts'
import type { GroupPositions, PartitionState } from '../engine/status/positions.ts'
import { inParallel } from '../lib/in-parallel.ts'
import { type BrokerOptions, KafkaBrokers, LATEST } from './kafka-brokers.ts'

/** Requests that wait for their answers on the connection that they share. */
const MOST_AT_ONCE = 32

export interface KafkaGroupsOptions extends BrokerOptions {
  /** Of the hub, read just before. */
  readonly partitions: readonly PartitionState[]
}

/**
 * Reads how far Kafka's groups have committed in a hub, those alone that have, in order of their names. Groups belong to the
 * namespace, and the key of a hub sees those that read this hub alone. It joins no group and commits nothing. The versions are
 * among those recorded of Azure. Rejects with the client's error.
 * https://learn.microsoft.com/azure/event-hubs/apache-kafka-frequently-asked-questions
 */
export async function readKafkaGroups(
  connection: Connection,
  options: KafkaGroupsOptions,
): Promise<readonly GroupPositions[]> {
  const { partitions, signal } = options
  const { hub } = connection
  signal.throwIfAborted()
  const brokers = new KafkaBrokers(connection, options)
  try {
    // Event Hubs has one broker for everything: https://learn.microsoft.com/azure/event-hubs/azure-event-hubs-apache-kafka-overview
    const { bootstrap } = brokers
    const { groups } = await brokers.ask(bootstrap, LIST_GROUPS_V4, {})
    const partitionIndexes = partitions.map(({ partition }) => Number(partition))
    const read = await inParallel(groups, MOST_AT_ONCE, async ({ groupId }) => {
      const asked = { groupId, topics: [{ name: hub, topicId: '', partitionIndexes }] }
      const answer = await brokers.ask(bootstrap, OFFSET_FETCH_V7, { groups: [asked], requireStable: false })
      const all = answer.groups.flatMap(({ topics }) => topics).flatMap((topic) => topic.partitions)
      return { group: groupId, committed: all.filter(({ committedOffset }) => committedOffset >= 0n) }
    })
    const reading = read.filter(({ committed }) => committed.length > 0)
    if (reading.length === 0) return []
    // Read after the groups, so that none is ahead of it.
    const ends = await brokers.ask(bootstrap, LIST_OFFSETS_V7, {
      ...{ replicaId: -1, isolationLevel: 0 },
      topics: [
        {
          name: hub,
          partitions: partitionIndexes.map((partitionIndex) => ({
            ...{ partitionIndex, currentLeaderEpoch: -1, timestamp: LATEST },
          })),
        },
      ],
    })
    const endOf = new Map(
      ends.topics.flatMap((topic) => topic.partitions).map(({ partitionIndex, offset }) => [partitionIndex, offset]),
    )
    return reading
      .map(({ group, committed }) => ({
        ...{ group, source: 'kafka' as const },
        partitions: partitions.flatMap(({ partition, lastSequenceNumber }) => {
          const found = committed.find(({ partitionIndex }) => partitionIndex === Number(partition))
          const end = endOf.get(Number(partition))
          if (!found || end === undefined) return []
          return [{ partition, nextSequenceNumber: nextOf(lastSequenceNumber, end - found.committedOffset) }]
        }),
      }))
      .sort((a, b) => (a.group < b.group ? -1 : 1))
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    await brokers.close()
  }
}

/** From what is unread, counted in Kafka's offsets: whether these are sequence numbers is nowhere promised. */
export const nextOf = (lastSequenceNumber: number, unread: bigint): number => lastSequenceNumber + 1 - Number(unread)
