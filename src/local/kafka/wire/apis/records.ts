import { api, array, arrayOf, int16, int32, int64, int8, nullable, records, since, string } from '../codec.ts'

/** Events in and out, and where they stand: https://kafka.apache.org/protocol.html#protocol_api_keys. */

export const PRODUCE = api({
  key: 0,
  name: 'Produce',
  versions: [3, 9],
  flexible: 9,
  request: {
    transactionalId: nullable(string),
    acks: int16,
    timeoutMs: int32,
    topicData: arrayOf({ name: string, partitionData: arrayOf({ index: int32, records: nullable(records) }) }),
  },
  response: {
    responses: arrayOf({
      name: string,
      partitionResponses: arrayOf({
        index: int32,
        errorCode: int16,
        baseOffset: int64,
        logAppendTimeMs: int64,
        logStartOffset: since(5, int64, -1),
        recordErrors: since(8, arrayOf({ batchIndex: int32, batchIndexErrorMessage: nullable(string) })),
        errorMessage: since(8, nullable(string)),
      }),
    }),
    throttleTimeMs: int32,
  },
})

export const FETCH = api({
  key: 1,
  name: 'Fetch',
  versions: [4, 12],
  flexible: 12,
  request: {
    replicaId: int32,
    maxWaitMs: int32,
    minBytes: int32,
    maxBytes: int32,
    isolationLevel: int8,
    sessionId: since(7, int32),
    sessionEpoch: since(7, int32, -1),
    topics: arrayOf({
      topic: string,
      partitions: arrayOf({
        partition: int32,
        currentLeaderEpoch: since(9, int32, -1),
        fetchOffset: int64,
        lastFetchedEpoch: since(12, int32, -1),
        logStartOffset: since(5, int64, -1),
        partitionMaxBytes: int32,
      }),
    }),
    forgottenTopicsData: since(7, arrayOf({ topic: string, partitions: array(int32) })),
    rackId: since(11, string),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: since(7, int16),
    sessionId: since(7, int32),
    responses: arrayOf({
      topic: string,
      partitions: arrayOf({
        partitionIndex: int32,
        errorCode: int16,
        highWatermark: int64,
        lastStableOffset: int64,
        logStartOffset: since(5, int64, -1),
        abortedTransactions: nullable(arrayOf({ producerId: int64, firstOffset: int64 })),
        preferredReadReplica: since(11, int32, -1),
        records: nullable(records),
      }),
    }),
  },
})

export const LIST_OFFSETS = api({
  key: 2,
  name: 'ListOffsets',
  versions: [1, 9],
  flexible: 6,
  request: {
    replicaId: int32,
    isolationLevel: since(2, int8),
    topics: arrayOf({
      name: string,
      partitions: arrayOf({ partitionIndex: int32, currentLeaderEpoch: since(4, int32, -1), timestamp: int64 }),
    }),
  },
  response: {
    throttleTimeMs: since(2, int32),
    topics: arrayOf({
      name: string,
      partitions: arrayOf({
        partitionIndex: int32,
        errorCode: int16,
        timestamp: int64,
        offset: int64,
        leaderEpoch: since(4, int32, -1),
      }),
    }),
  },
})

export const OFFSET_FOR_LEADER_EPOCH = api({
  key: 23,
  name: 'OffsetForLeaderEpoch',
  versions: [0, 4],
  flexible: 4,
  request: {
    replicaId: since(3, int32, -2),
    topics: arrayOf({
      topic: string,
      partitions: arrayOf({ partition: int32, currentLeaderEpoch: since(2, int32, -1), leaderEpoch: int32 }),
    }),
  },
  response: {
    throttleTimeMs: since(2, int32),
    topics: arrayOf({
      topic: string,
      partitions: arrayOf({
        errorCode: int16,
        partition: int32,
        leaderEpoch: since(1, int32, -1),
        endOffset: int64,
      }),
    }),
  },
})

export const INIT_PRODUCER_ID = api({
  key: 22,
  name: 'InitProducerId',
  versions: [0, 4],
  flexible: 2,
  request: {
    transactionalId: nullable(string),
    transactionTimeoutMs: int32,
    producerId: since(3, int64, -1),
    producerEpoch: since(3, int16, -1),
  },
  response: { throttleTimeMs: int32, errorCode: int16, producerId: int64, producerEpoch: int16 },
})
