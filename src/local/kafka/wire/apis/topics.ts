import { api, array, arrayOf, bool, int16, int32, int8, nullable, since, string, until, uuid } from '../codec.ts'

/** Topics and their settings: https://kafka.apache.org/protocol.html#protocol_api_keys. */

export const CREATE_TOPICS = api({
  key: 19,
  name: 'CreateTopics',
  versions: [0, 7],
  flexible: 5,
  request: {
    topics: arrayOf({
      name: string,
      numPartitions: int32,
      replicationFactor: int16,
      assignments: arrayOf({ partitionIndex: int32, brokerIds: array(int32) }),
      configs: arrayOf({ name: string, value: nullable(string) }),
    }),
    timeoutMs: int32,
    validateOnly: since(1, bool),
  },
  response: {
    throttleTimeMs: since(2, int32),
    topics: arrayOf({
      name: string,
      topicId: since(7, uuid),
      errorCode: int16,
      errorMessage: since(1, nullable(string)),
      numPartitions: since(5, int32, -1),
      replicationFactor: since(5, int16, -1),
      configs: since(
        5,
        nullable(
          arrayOf({ name: string, value: nullable(string), readOnly: bool, configSource: int8, isSensitive: bool }),
        ),
      ),
    }),
  },
})

export const DELETE_TOPICS = api({
  key: 20,
  name: 'DeleteTopics',
  versions: [0, 6],
  flexible: 4,
  request: {
    topics: since(6, arrayOf({ name: nullable(string), topicId: uuid })),
    topicNames: until(5, array(string)),
    timeoutMs: int32,
  },
  response: {
    throttleTimeMs: since(1, int32),
    responses: arrayOf({
      name: nullable(string, 6),
      topicId: since(6, uuid),
      errorCode: int16,
      errorMessage: since(5, nullable(string)),
    }),
  },
})

export const CREATE_PARTITIONS = api({
  key: 37,
  name: 'CreatePartitions',
  versions: [0, 3],
  flexible: 2,
  request: {
    topics: arrayOf({ name: string, count: int32, assignments: nullable(arrayOf({ brokerIds: array(int32) })) }),
    timeoutMs: int32,
    validateOnly: bool,
  },
  response: {
    throttleTimeMs: int32,
    results: arrayOf({ name: string, errorCode: int16, errorMessage: nullable(string) }),
  },
})

export const DESCRIBE_CONFIGS = api({
  key: 32,
  name: 'DescribeConfigs',
  versions: [0, 4],
  flexible: 4,
  request: {
    resources: arrayOf({ resourceType: int8, resourceName: string, configurationKeys: nullable(array(string)) }),
    includeSynonyms: since(1, bool),
    includeDocumentation: since(3, bool),
  },
  response: {
    throttleTimeMs: int32,
    results: arrayOf({
      errorCode: int16,
      errorMessage: nullable(string),
      resourceType: int8,
      resourceName: string,
      configs: arrayOf({
        name: string,
        value: nullable(string),
        readOnly: bool,
        isDefault: until(0, bool),
        configSource: since(1, int8, -1),
        isSensitive: bool,
        synonyms: since(1, arrayOf({ name: string, value: nullable(string), source: int8 })),
        configType: since(3, int8),
        documentation: since(3, nullable(string)),
      }),
    }),
  },
})
