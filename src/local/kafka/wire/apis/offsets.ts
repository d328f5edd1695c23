import { api, array, arrayOf, between, bool, int16, int32, int64, nullable, since, string, until } from '../codec.ts'

/** How far groups have read: https://kafka.apache.org/protocol.html#protocol_api_keys. */

export const OFFSET_COMMIT = api({
  key: 8,
  name: 'OffsetCommit',
  versions: [2, 9],
  flexible: 8,
  request: {
    groupId: string,
    generationIdOrMemberEpoch: int32,
    memberId: string,
    groupInstanceId: since(7, nullable(string)),
    retentionTimeMs: until(4, int64, -1),
    topics: arrayOf({
      name: string,
      partitions: arrayOf({
        partitionIndex: int32,
        committedOffset: int64,
        committedLeaderEpoch: since(6, int32, -1),
        committedMetadata: nullable(string),
      }),
    }),
  },
  response: {
    throttleTimeMs: since(3, int32),
    topics: arrayOf({ name: string, partitions: arrayOf({ partitionIndex: int32, errorCode: int16 }) }),
  },
})

export const OFFSET_FETCH = api({
  key: 9,
  name: 'OffsetFetch',
  versions: [1, 9],
  flexible: 6,
  request: {
    groupId: until(7, string),
    topics: until(7, nullable(arrayOf({ name: string, partitionIndexes: array(int32) }), 2)),
    groups: since(
      8,
      arrayOf({
        groupId: string,
        memberId: since(9, nullable(string)),
        memberEpoch: since(9, int32, -1),
        topics: nullable(arrayOf({ name: string, partitionIndexes: array(int32) })),
      }),
    ),
    requireStable: since(7, bool),
  },
  response: {
    throttleTimeMs: since(3, int32),
    topics: until(
      7,
      arrayOf({
        name: string,
        partitions: arrayOf({
          partitionIndex: int32,
          committedOffset: int64,
          committedLeaderEpoch: since(5, int32, -1),
          metadata: nullable(string),
          errorCode: int16,
        }),
      }),
    ),
    errorCode: between(2, 7, int16),
    groups: since(
      8,
      arrayOf({
        groupId: string,
        topics: arrayOf({
          name: string,
          partitions: arrayOf({
            partitionIndex: int32,
            committedOffset: int64,
            committedLeaderEpoch: int32,
            metadata: nullable(string),
            errorCode: int16,
          }),
        }),
        errorCode: int16,
      }),
    ),
  },
})

export const OFFSET_DELETE = api({
  key: 47,
  name: 'OffsetDelete',
  versions: [0, 0],
  request: {
    groupId: string,
    topics: arrayOf({ name: string, partitions: arrayOf({ partitionIndex: int32 }) }),
  },
  response: {
    errorCode: int16,
    throttleTimeMs: int32,
    topics: arrayOf({ name: string, partitions: arrayOf({ partitionIndex: int32, errorCode: int16 }) }),
  },
})
