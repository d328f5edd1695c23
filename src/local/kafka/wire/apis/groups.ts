import {
  api,
  array,
  arrayOf,
  bool,
  bytes,
  int16,
  int32,
  nullable,
  OPERATIONS_NOT_STATED,
  since,
  string,
  until,
} from '../codec.ts'

/** Who is in a group, and reads what: https://kafka.apache.org/protocol.html#protocol_api_keys. */

export const JOIN_GROUP = api({
  key: 11,
  name: 'JoinGroup',
  versions: [0, 9],
  flexible: 6,
  request: {
    groupId: string,
    sessionTimeoutMs: int32,
    rebalanceTimeoutMs: since(1, int32, -1),
    memberId: string,
    groupInstanceId: since(5, nullable(string)),
    protocolType: string,
    protocols: arrayOf({ name: string, metadata: bytes }),
    reason: since(8, nullable(string)),
  },
  response: {
    throttleTimeMs: since(2, int32),
    errorCode: int16,
    generationId: int32,
    protocolType: since(7, nullable(string)),
    protocolName: nullable(string, 7),
    leader: string,
    skipAssignment: since(9, bool),
    memberId: string,
    members: arrayOf({ memberId: string, groupInstanceId: since(5, nullable(string)), metadata: bytes }),
  },
})

export const SYNC_GROUP = api({
  key: 14,
  name: 'SyncGroup',
  versions: [0, 5],
  flexible: 4,
  request: {
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: since(3, nullable(string)),
    protocolType: since(5, nullable(string)),
    protocolName: since(5, nullable(string)),
    assignments: arrayOf({ memberId: string, assignment: bytes }),
  },
  response: {
    throttleTimeMs: since(1, int32),
    errorCode: int16,
    protocolType: since(5, nullable(string)),
    protocolName: since(5, nullable(string)),
    assignment: bytes,
  },
})

export const HEARTBEAT = api({
  key: 12,
  name: 'Heartbeat',
  versions: [0, 4],
  flexible: 4,
  request: { groupId: string, generationId: int32, memberId: string, groupInstanceId: since(3, nullable(string)) },
  response: { throttleTimeMs: since(1, int32), errorCode: int16 },
})

export const LEAVE_GROUP = api({
  key: 13,
  name: 'LeaveGroup',
  versions: [0, 5],
  flexible: 4,
  request: {
    groupId: string,
    memberId: until(2, string),
    members: since(
      3,
      arrayOf({ memberId: string, groupInstanceId: nullable(string), reason: since(5, nullable(string)) }),
    ),
  },
  response: {
    throttleTimeMs: since(1, int32),
    errorCode: int16,
    members: since(3, arrayOf({ memberId: string, groupInstanceId: nullable(string), errorCode: int16 })),
  },
})

export const DESCRIBE_GROUPS = api({
  key: 15,
  name: 'DescribeGroups',
  versions: [0, 5],
  flexible: 5,
  request: { groups: array(string), includeAuthorizedOperations: since(3, bool) },
  response: {
    throttleTimeMs: since(1, int32),
    groups: arrayOf({
      errorCode: int16,
      groupId: string,
      groupState: string,
      protocolType: string,
      protocolData: string,
      members: arrayOf({
        memberId: string,
        groupInstanceId: since(4, nullable(string)),
        clientId: string,
        clientHost: string,
        memberMetadata: bytes,
        memberAssignment: bytes,
      }),
      authorizedOperations: since(3, int32, OPERATIONS_NOT_STATED),
    }),
  },
})

export const LIST_GROUPS = api({
  key: 16,
  name: 'ListGroups',
  versions: [0, 4],
  flexible: 3,
  request: { statesFilter: since(4, array(string)) },
  response: {
    throttleTimeMs: since(1, int32),
    errorCode: int16,
    groups: arrayOf({ groupId: string, protocolType: string, groupState: since(4, string) }),
  },
})

export const DELETE_GROUPS = api({
  key: 42,
  name: 'DeleteGroups',
  versions: [0, 2],
  flexible: 2,
  request: { groupsNames: array(string) },
  response: { throttleTimeMs: int32, results: arrayOf({ groupId: string, errorCode: int16 }) },
})
