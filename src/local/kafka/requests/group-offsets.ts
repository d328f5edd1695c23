import type { CommittedOffset } from '../../log/committed-offsets.ts'
import type { Call, Handler } from '../call.ts'
import { codeOf, ERROR } from '../errors.ts'
import { hubOf } from '../partitions.ts'
import { Turns } from '../turns.ts'
import type { OFFSET_COMMIT, OFFSET_FETCH } from '../wire/apis/offsets.ts'
import type { RequestOf } from '../wire/codec.ts'
import { checkGroupRight } from './group-rights.ts'

/** https://learn.microsoft.com/azure/event-hubs/apache-kafka-troubleshooting-guide */
const MOST_METADATA_BYTES = 1_024
/** Since this version a group that does not exist has a code of its own. */
const GROUP_NOT_FOUND_SINCE = 9
const NONE: CommittedOffset = { offset: -1, leaderEpoch: -1, metadata: '' }

/** Keeps what can be kept. What was answered without an error outlives this process. */
export const answerOffsetCommit: Handler<typeof OFFSET_COMMIT> = async (request, call) => ({
  topics: await new Turns().map(request.topics, ({ name, partitions }) => {
    // Each time: since the last topic another generation may have begun.
    const refused = refusalOf(request, call)
    const codes = refused === ERROR.none ? commit(request.groupId, name, partitions, call) : () => refused
    return {
      name,
      partitions: partitions.map(({ partitionIndex }, i) => ({ partitionIndex, errorCode: codes(i) })),
    }
  }),
})

type ToCommit = RequestOf<typeof OFFSET_COMMIT>['topics'][number]['partitions']

function refusalOf(request: RequestOf<typeof OFFSET_COMMIT>, call: Call): number {
  const { groupId, generationIdOrMemberEpoch: generation, memberId, groupInstanceId: instanceId } = request
  const unknown = call.version < GROUP_NOT_FOUND_SINCE ? 'illegalGeneration' : 'groupIdNotFound'
  try {
    checkGroupRight(call)
    call.broker.groups.admitCommit(call.session.namespace, groupId, { generation, memberId, instanceId }, unknown)
    return ERROR.none
  } catch (error) {
    return codeOf(error)
  }
}

/** Returns the code of each partition. */
function commit(groupId: string, topic: string, partitions: ToCommit, call: Call): (i: number) => number {
  try {
    const hub = hubOf(call, topic, 'Listen')
    const codes = partitions.map(({ partitionIndex, committedMetadata }) => {
      if (partitionIndex < 0 || partitionIndex >= hub.partitionCount) return ERROR.unknownTopicOrPartition
      const isLong = Buffer.byteLength(committedMetadata ?? '') > MOST_METADATA_BYTES
      return isLong ? ERROR.offsetMetadataTooLarge : ERROR.none
    })
    const accepted = partitions.filter((_, i) => codes[i] === ERROR.none)
    const offsets = accepted.map(
      ({ partitionIndex, committedOffset: offset, committedLeaderEpoch: leaderEpoch, committedMetadata }) =>
        [partitionIndex, { offset, leaderEpoch, metadata: committedMetadata ?? '' }] as const,
    )
    if (offsets.length > 0) call.broker.hubs.commitOffsets(hub, groupId, offsets)
    return (i) => codes[i]!
  } catch (error) {
    const code = codeOf(error)
    return () => code
  }
}

type Group = RequestOf<typeof OFFSET_FETCH>['groups'][number]

/** Nobody's transaction is open, so that every committed offset is a stable one. */
export const answerOffsetFetch: Handler<typeof OFFSET_FETCH> = async (request, call) => {
  const turns = new Turns()
  const groups = await turns.map(request.groups, async (group) => ({
    groupId: group.groupId,
    ...(await fetchGroup(group, call, turns)),
  }))
  // Before version 8 a request was about one group.
  const { topics, errorCode } = await fetchGroup(request, call, turns)
  return { topics, errorCode, groups }
}

async function fetchGroup({ groupId, topics }: Pick<Group, 'groupId' | 'topics'>, call: Call, turns: Turns) {
  const ofPartition = (partitionIndex: number, { offset, leaderEpoch, metadata } = NONE, errorCode: number) => ({
    ...{ partitionIndex, committedOffset: offset, committedLeaderEpoch: leaderEpoch, metadata, errorCode },
  })
  const refuseAll = (partitions: readonly number[], code: number) =>
    partitions.map((index) => ofPartition(index, NONE, code))
  try {
    checkGroupRight(call)
  } catch (error) {
    const errorCode = codeOf(error)
    const asked = (topics ?? []).map(({ name, partitionIndexes }) => ({
      ...{ name, partitions: refuseAll(partitionIndexes, errorCode) },
    }))
    return { errorCode, topics: asked }
  }
  const { hubs, groups } = call.broker
  const all = () =>
    groups
      .offsetsOf(call.session.namespace, groupId)
      .filter(({ name }) => call.session.claims.find(name, 'Listen'))
      .map((hub) => ({ name: hub.name, partitionIndexes: [...hubs.committedOffsets(hub).of(groupId).keys()] }))
  return {
    errorCode: ERROR.none,
    topics: await turns.map(topics ?? all(), ({ name, partitionIndexes }) => {
      try {
        const committed = hubs.committedOffsets(hubOf(call, name, 'Listen')).of(groupId)
        const partitions = partitionIndexes.map((index) => ofPartition(index, committed.get(index), ERROR.none))
        return { name, partitions }
      } catch (error) {
        const code = codeOf(error)
        // To Kafka, a topic that does not exist is one without offsets.
        const isAbsent = code === ERROR.unknownTopicOrPartition
        return { name, partitions: refuseAll(partitionIndexes, isAbsent ? ERROR.none : code) }
      }
    }),
  }
}
