import type { Handler } from '../call.ts'
import { codeOf, ERROR } from '../errors.ts'
import type { HEARTBEAT, JOIN_GROUP, LEAVE_GROUP, SYNC_GROUP } from '../wire/apis/groups.ts'
import { checkGroupRight, checkMember } from './group-rights.ts'

/** Since this version a leader is told to leave the shares as they are: a static member that was away for a short time. */
const SKIPS_ASSIGNMENT_SINCE = 9

/** A new member gets its id at once, as the service does it: https://github.com/platformatic/kafka/pull/165. */
export const answerJoinGroup: Handler<typeof JOIN_GROUP> = async (request, call) => {
  const { groupId, memberId, sessionTimeoutMs, rebalanceTimeoutMs } = request
  const { broker, session, clientId, version } = call
  try {
    checkGroupRight(call)
    const joined = await broker.groups.join(session.namespace, groupId, {
      ...{ memberId, instanceId: request.groupInstanceId, protocolType: request.protocolType },
      client: { id: clientId ?? '', host: session.clientHost, connection: session.signal },
      protocols: request.protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) })),
      ...{ sessionTimeoutMs, rebalanceTimeoutMs: rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs },
      canSkipAssignment: version >= SKIPS_ASSIGNMENT_SINCE,
    })
    return {
      ...{ errorCode: ERROR.none, generationId: joined.generation, memberId: joined.memberId, leader: joined.leader },
      ...{ protocolType: joined.protocolType, protocolName: joined.protocol, skipAssignment: joined.skipsAssignment },
      members: joined.members.map((member) => ({ ...member, groupInstanceId: member.instanceId })),
    }
  } catch (error) {
    const nothing = { generationId: -1, protocolType: null, protocolName: null, leader: '', members: [] }
    return { errorCode: codeOf(error), memberId, ...nothing }
  }
}

export const answerSyncGroup: Handler<typeof SYNC_GROUP> = async (request, call) => {
  const { generationId, memberId, groupInstanceId, protocolType, protocolName } = request
  try {
    checkGroupRight(call)
    const synced = await call.broker.groups.sync(call.session.namespace, request.groupId, {
      ...{ generation: generationId, memberId, instanceId: groupInstanceId, protocolType, protocol: protocolName },
      assignments: new Map(request.assignments.map((one) => [one.memberId, Buffer.from(one.assignment)])),
    })
    const { assignment, protocol } = synced
    return { errorCode: ERROR.none, protocolType: synced.protocolType, protocolName: protocol, assignment }
  } catch (error) {
    return { errorCode: codeOf(error), protocolType: null, protocolName: null, assignment: Buffer.alloc(0) }
  }
}

export const answerHeartbeat: Handler<typeof HEARTBEAT> = (request, call) => {
  const { generationId, memberId, groupInstanceId } = request
  try {
    checkGroupRight(call)
    const group = call.broker.groups.need(call.session.namespace, request.groupId)
    group.heartbeat({ generation: generationId, memberId, instanceId: groupInstanceId })
    return { errorCode: ERROR.none }
  } catch (error) {
    return { errorCode: codeOf(error) }
  }
}

export const answerLeaveGroup: Handler<typeof LEAVE_GROUP> = (request, call) => {
  const isOfOne = call.version < 3
  const leaving = isOfOne ? [{ memberId: request.memberId, groupInstanceId: null }] : request.members
  try {
    checkGroupRight(call)
    const group = call.broker.groups.need(call.session.namespace, request.groupId)
    const refused = group.leave(
      leaving.map(({ memberId, groupInstanceId }) => ({ memberId, instanceId: groupInstanceId })),
      (member) => checkMember(call, member),
    )
    const codes = refused.map((error) => error?.code ?? ERROR.none)
    return {
      errorCode: isOfOne ? codes[0]! : ERROR.none,
      members: leaving.map(({ memberId, groupInstanceId }, i) => ({ memberId, groupInstanceId, errorCode: codes[i]! })),
    }
  } catch (error) {
    return { errorCode: codeOf(error), members: [] }
  }
}
