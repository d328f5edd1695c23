import { DamagedEvents } from '../../log/damage.ts'
import type { PartitionLog } from '../../log/partition-log.ts'
import type { Call, Handler } from '../call.ts'
import { codeOf, ERROR } from '../errors.ts'
import { checkEpoch, hubOf, LEADER_EPOCH, logOf } from '../partitions.ts'
import { Turns } from '../turns.ts'
import type { LIST_OFFSETS, OFFSET_FOR_LEADER_EPOCH } from '../wire/apis/records.ts'

/** Times that stand for a place. https://kafka.apache.org/protocol.html#The_Messages_ListOffsets */
const PLACE = { latest: -1, earliest: -2, maxTimestamp: -3, earliestLocal: -4, latestTiered: -5 } as const

interface Found {
  readonly offset: number
  /** Milliseconds since the Unix epoch; -1 where it does not matter. */
  readonly timestamp: number
}

const NOWHERE: Found = { offset: -1, timestamp: -1 }

/** Finds the offset of a time, or of an end, in each partition that the request names. */
export const answerListOffsets: Handler<typeof LIST_OFFSETS> = async ({ topics }, call) => {
  const turns = new Turns()
  return {
    topics: await turns.map(topics, async ({ name, partitions }) => ({
      name,
      partitions: await turns.map(partitions, ({ partitionIndex, currentLeaderEpoch, timestamp }) => {
        try {
          const log = readableLog(call, name, partitionIndex, currentLeaderEpoch)
          return { partitionIndex, errorCode: ERROR.none, ...find(log, timestamp), leaderEpoch: LEADER_EPOCH }
        } catch (error) {
          return { partitionIndex, errorCode: codeOf(error), ...NOWHERE }
        }
      }),
    })),
  }
}

/** Where the records of a leader end. There never was another one, so they end where the partition does. */
export const answerOffsetForLeaderEpoch: Handler<typeof OFFSET_FOR_LEADER_EPOCH> = async ({ topics }, call) => {
  const turns = new Turns()
  return {
    topics: await turns.map(topics, async ({ topic, partitions }) => ({
      topic,
      partitions: await turns.map(partitions, ({ partition, currentLeaderEpoch, leaderEpoch }) => {
        try {
          const { nextSequenceNumber } = readableLog(call, topic, partition, currentLeaderEpoch)
          const isKnown = leaderEpoch === LEADER_EPOCH
          const end = isKnown ? { leaderEpoch, endOffset: nextSequenceNumber } : { leaderEpoch: -1, endOffset: -1 }
          return { errorCode: ERROR.none, partition, ...end }
        } catch (error) {
          return { errorCode: codeOf(error), partition, leaderEpoch: -1, endOffset: -1 }
        }
      }),
    })),
  }
}

function readableLog(call: Call, topic: string, partition: number, epoch: number): PartitionLog {
  const log = logOf(call, hubOf(call, topic, 'Listen'), partition)
  checkEpoch(epoch)
  return log
}

function find(log: PartitionLog, timestamp: number): Found {
  const { beginSequenceNumber, lastSequenceNumber, isEmpty, lastEnqueuedTimeMs } = log.state()
  switch (timestamp) {
    case PLACE.latest:
      return { offset: lastSequenceNumber + 1, timestamp: -1 }
    case PLACE.earliest:
    case PLACE.earliestLocal:
      return { offset: beginSequenceNumber, timestamp: -1 }
    case PLACE.maxTimestamp:
      return isEmpty ? NOWHERE : { offset: lastSequenceNumber, timestamp: lastEnqueuedTimeMs }
    case PLACE.latestTiered:
      return NOWHERE
    default:
      return findTime(log, timestamp)
  }
}

function findTime(log: PartitionLog, timestamp: number): Found {
  const reader = log.reader(log.locate({ kind: 'time', value: timestamp, inclusive: true }))
  for (;;) {
    try {
      const [event] = reader.read(1, 1)
      return event ? { offset: event.sequenceNumber, timestamp: event.enqueuedTimeMs } : NOWHERE
    } catch (error) {
      if (!(error instanceof DamagedEvents)) throw error
      reader.skipDamage()
    }
  }
}
