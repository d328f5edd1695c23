import { nameKeyOf } from '../../../lib/names.ts'
import type { Handler } from '../call.ts'
import { codeOf, ERROR, KafkaError } from '../errors.ts'
import type { Group } from '../groups/group.ts'
import { hubOf, logOf } from '../partitions.ts'
import { Turns } from '../turns.ts'
import type { DELETE_GROUPS, DESCRIBE_GROUPS, LIST_GROUPS } from '../wire/apis/groups.ts'
import type { OFFSET_DELETE } from '../wire/apis/offsets.ts'
import { checkGroupRight, checkWholeGroup, subscribes } from './group-rights.ts'

/** What Kafka's consumers use groups for. Others may share out what they like. */
const CONSUMERS = 'consumer'
const NOTHING = Buffer.alloc(0)

export const answerDescribeGroups: Handler<typeof DESCRIBE_GROUPS> = async ({ groups }, call) => ({
  groups: await new Turns().map(groups, (groupId) => {
    const nothing = { groupId, protocolType: '', protocolData: '', members: [] }
    const errorCode = codeFrom(() => checkWholeGroup(call, groupId))
    if (errorCode !== ERROR.none) return { ...nothing, errorCode, groupState: '' }
    const { namespace } = call.session
    const group = call.broker.groups.find(namespace, groupId)
    if (group) return { errorCode, groupId, ...describe(group) }
    const isKnown = call.broker.groups.offsetsOf(namespace, groupId).length > 0
    return { ...nothing, errorCode, groupState: isKnown ? 'Empty' : 'Dead' }
  }),
})

/** Before all have their shares, what they say of themselves is not yet settled. */
function describe({ state, protocolType, protocol, members }: Group) {
  const isSettled = state === 'Stable'
  return {
    ...{ groupState: state, protocolType, protocolData: isSettled ? protocol : '' },
    members: members.map((member) => ({
      ...{ memberId: member.id, groupInstanceId: member.instanceId },
      ...{ clientId: member.client.id, clientHost: member.client.host },
      memberMetadata: isSettled ? member.metadata(protocol) : NOTHING,
      memberAssignment: isSettled ? member.assignment : NOTHING,
    })),
  }
}

export const answerListGroups: Handler<typeof LIST_GROUPS> = ({ statesFilter }, call) => {
  try {
    checkGroupRight(call)
    const { groups } = call.broker
    const { namespace } = call.session
    const visible = [...groups.ids(namespace)].filter(
      (groupId) => codeFrom(() => checkWholeGroup(call, groupId)) === ERROR.none,
    )
    const all = visible.map((groupId) => {
      const group = groups.find(namespace, groupId)
      return { groupId, protocolType: group?.protocolType ?? '', groupState: group?.state ?? 'Empty' }
    })
    const wanted = new Set(statesFilter.map(nameKeyOf))
    const isWanted = (state: string) => wanted.size === 0 || wanted.has(nameKeyOf(state))
    return { errorCode: ERROR.none, groups: all.filter(({ groupState }) => isWanted(groupState)) }
  } catch (error) {
    return { errorCode: codeOf(error), groups: [] }
  }
}

/** Whoever may listen to all that a group is about, may set its offsets anew, and so may also delete them. */
export const answerDeleteGroups: Handler<typeof DELETE_GROUPS> = async ({ groupsNames }, call) => ({
  throttleTimeMs: 0,
  results: await new Turns().map(groupsNames, (groupId) => ({
    groupId,
    errorCode: codeFrom(() => {
      checkWholeGroup(call, groupId)
      call.broker.groups.delete(call.session.namespace, groupId)
    }),
  })),
})

export const answerOffsetDelete: Handler<typeof OFFSET_DELETE> = async ({ groupId, topics }, call) => {
  const { groups, hubs } = call.broker
  const { namespace } = call.session
  const turns = new Turns()
  const errorCode = codeFrom(() => {
    checkGroupRight(call)
    const group = groups.find(namespace, groupId)
    if (!group && groups.offsetsOf(namespace, groupId).length === 0)
      throw new KafkaError('groupIdNotFound', 'There is no such group')
    if (group && group.protocolType !== CONSUMERS) throw new KafkaError('nonEmptyGroup', 'The group has members')
  })
  if (errorCode !== ERROR.none) return { errorCode, throttleTimeMs: 0, topics: [] }
  return {
    ...{ errorCode, throttleTimeMs: 0 },
    topics: await turns.map(topics, async ({ name, partitions }) => {
      const forget = (partition: number) => {
        const hub = hubOf(call, name, 'Listen')
        const group = groups.find(namespace, groupId)
        if (group && subscribes(group, name))
          throw new KafkaError('groupSubscribedToTopic', 'A member of the group reads this event hub')
        logOf(call, hub, partition)
        const committed = hubs.committedOffsets(hub)
        if (committed.of(groupId).has(partition)) committed.forget(groupId, partition)
      }
      return {
        name,
        partitions: await turns.map(partitions, ({ partitionIndex }) => ({
          ...{ partitionIndex, errorCode: codeFrom(() => forget(partitionIndex)) },
        })),
      }
    }),
  }
}

function codeFrom(work: () => void): number {
  try {
    work()
    return ERROR.none
  } catch (error) {
    return codeOf(error)
  }
}
