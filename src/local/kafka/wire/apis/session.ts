import {
  api,
  array,
  arrayOf,
  between,
  bool,
  bytes,
  int16,
  int32,
  int64,
  int8,
  nullable,
  OPERATIONS_NOT_STATED,
  since,
  string,
  until,
} from '../codec.ts'

/** How a client finds out whom it talks to: https://kafka.apache.org/protocol.html#protocol_api_keys. */

export const METADATA = api({
  key: 3,
  name: 'Metadata',
  versions: [0, 9],
  flexible: 9,
  request: {
    topics: nullable(arrayOf({ name: string }), 1),
    allowAutoTopicCreation: since(4, bool, true),
    includeClusterAuthorizedOperations: since(8, bool),
    includeTopicAuthorizedOperations: since(8, bool),
  },
  response: {
    throttleTimeMs: since(3, int32),
    brokers: arrayOf({ nodeId: int32, host: string, port: int32, rack: since(1, nullable(string)) }),
    clusterId: since(2, nullable(string)),
    controllerId: since(1, int32, -1),
    topics: arrayOf({
      errorCode: int16,
      name: string,
      isInternal: since(1, bool),
      partitions: arrayOf({
        errorCode: int16,
        partitionIndex: int32,
        leaderId: int32,
        leaderEpoch: since(7, int32, -1),
        replicaNodes: array(int32),
        isrNodes: array(int32),
        offlineReplicas: since(5, array(int32)),
      }),
      topicAuthorizedOperations: since(8, int32, OPERATIONS_NOT_STATED),
    }),
    clusterAuthorizedOperations: since(8, int32, OPERATIONS_NOT_STATED),
  },
})

export const FIND_COORDINATOR = api({
  key: 10,
  name: 'FindCoordinator',
  versions: [0, 4],
  flexible: 3,
  request: { key: until(3, string), keyType: since(1, int8), coordinatorKeys: since(4, array(string)) },
  response: {
    throttleTimeMs: since(1, int32),
    errorCode: until(3, int16),
    errorMessage: between(1, 3, nullable(string)),
    nodeId: until(3, int32),
    host: until(3, string),
    port: until(3, int32),
    coordinators: since(
      4,
      arrayOf({
        key: string,
        nodeId: int32,
        host: string,
        port: int32,
        errorCode: int16,
        errorMessage: nullable(string),
      }),
    ),
  },
})

export const DESCRIBE_CLUSTER = api({
  key: 60,
  name: 'DescribeCluster',
  versions: [0, 1],
  flexible: 0,
  request: { includeClusterAuthorizedOperations: bool, endpointType: since(1, int8, 1) },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: nullable(string),
    endpointType: since(1, int8, 1),
    clusterId: string,
    controllerId: int32,
    brokers: arrayOf({ brokerId: int32, host: string, port: int32, rack: nullable(string) }),
    clusterAuthorizedOperations: int32,
  },
})

export const SASL_HANDSHAKE = api({
  key: 17,
  name: 'SaslHandshake',
  versions: [0, 1],
  request: { mechanism: string },
  response: { errorCode: int16, mechanisms: array(string) },
})

export const SASL_AUTHENTICATE = api({
  key: 36,
  name: 'SaslAuthenticate',
  versions: [0, 2],
  flexible: 2,
  request: { authBytes: bytes },
  response: {
    errorCode: int16,
    errorMessage: nullable(string),
    authBytes: bytes,
    sessionLifetimeMs: since(1, int64),
  },
})

export const API_VERSIONS = api({
  key: 18,
  name: 'ApiVersions',
  versions: [0, 3],
  flexible: 3,
  request: { clientSoftwareName: since(3, string), clientSoftwareVersion: since(3, string) },
  response: {
    errorCode: int16,
    apiKeys: arrayOf({ apiKey: int16, minVersion: int16, maxVersion: int16 }),
    throttleTimeMs: since(1, int32),
  },
})
