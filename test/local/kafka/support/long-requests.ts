import { OFFSET_COMMIT } from '../../../../src/local/kafka/wire/apis/offsets.ts'
import type { TestBroker } from '../../amqp/support/local.ts'
import { encodeRequest, TestClient } from './client.ts'
import { ALL_APIS } from './apis.ts'

export interface LongRequest {
  readonly title: string
  /** With a list of so many elements. */
  readonly encode: (elements: number) => Buffer
}

type Build = (list: readonly unknown[]) => Readonly<Record<string, unknown>>

/** A request whose list has the same element over and over. */
function long(name: string, version: number, element: (i: number) => unknown, build: Build): LongRequest {
  const api = ALL_APIS.find((one) => one.name === name)!
  return {
    title: `${name}: ${JSON.stringify(element(0))}`,
    encode: (elements) =>
      encodeRequest(api, version, 1, build(Array.from({ length: elements }, (_, i) => element(i))) as never),
  }
}

const nobody = { memberId: '', groupInstanceId: null }
const named = (name: string, i: number) => name + i.toString(36)
const fetched = (topics: readonly unknown[] | null, groupId = 'g') => ({
  ...{ groupId, memberId: null, memberEpoch: -1, topics },
})
const committed = { partitionIndex: 0, committedOffset: 0, committedLeaderEpoch: -1, committedMetadata: null }
const ofClicks = (partitions: readonly unknown[]) => [{ name: 'clicks', topic: 'clicks', partitions }]

/** A list for each place of a request that takes one, of names that are there and that are not. The hub is `clicks`. */
export const LONG_REQUESTS: readonly LongRequest[] = [
  long(
    'Metadata',
    9,
    (i) => ({ name: named('', i) }),
    (topics) => ({ topics }),
  ),
  long(
    'ListOffsets',
    7,
    () => ({ name: '', partitions: [] }),
    (topics) => ({ replicaId: -1, topics }),
  ),
  long(
    'ListOffsets',
    7,
    () => ({ partitionIndex: 0, timestamp: 5 }),
    (list) => ({ replicaId: -1, topics: ofClicks(list) }),
  ),
  long(
    'OffsetForLeaderEpoch',
    4,
    () => ({ partition: 9, leaderEpoch: 0 }),
    (list) => ({ replicaId: -1, topics: ofClicks(list) }),
  ),
  long(
    'OffsetCommit',
    8,
    () => ({ name: '', partitions: [] }),
    (topics) => ({
      ...nobody,
      groupId: 'g',
      generationIdOrMemberEpoch: -1,
      topics,
    }),
  ),
  long(
    'OffsetCommit',
    8,
    () => ({ name: 'clicks', partitions: [committed] }),
    (topics) => ({
      ...nobody,
      groupId: 'g',
      generationIdOrMemberEpoch: -1,
      topics,
    }),
  ),
  long(
    'OffsetFetch',
    9,
    () => ({ name: '', partitionIndexes: [] }),
    (topics) => ({ groups: [fetched(topics)] }),
  ),
  long(
    'OffsetFetch',
    9,
    () => fetched(null, ''),
    (groups) => ({ groups }),
  ),
  long(
    'DescribeGroups',
    5,
    () => '',
    (groups) => ({ groups, includeAuthorizedOperations: false }),
  ),
  long(
    'DeleteGroups',
    2,
    () => '',
    (groupsNames) => ({ groupsNames }),
  ),
  long(
    'OffsetDelete',
    0,
    () => ({ partitionIndex: 0 }),
    (list) => ({ groupId: 'g', topics: ofClicks(list) }),
  ),
  long(
    'CreateTopics',
    7,
    () => ({ name: '', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }),
    (topics) => ({
      topics,
      timeoutMs: 0,
    }),
  ),
  long(
    'DeleteTopics',
    6,
    () => ({ name: null, topicId: '0'.repeat(32) }),
    (topics) => ({ topics, timeoutMs: 0 }),
  ),
  long(
    'CreatePartitions',
    3,
    () => ({ name: '', count: 1, assignments: null }),
    (topics) => ({
      topics,
      timeoutMs: 0,
      validateOnly: false,
    }),
  ),
  long(
    'DescribeConfigs',
    4,
    () => ({ resourceType: 2, resourceName: 'clicks', configurationKeys: null }),
    (resources) => ({ resources }),
  ),
]

/** Some of the requests are about a group that has offsets. */
export async function commitOffsets(broker: TestBroker): Promise<void> {
  const client = await TestClient.signedIn(broker.broker.kafkaPort, broker.connectionString())
  const outside = { ...nobody, groupId: 'g', generationIdOrMemberEpoch: -1 }
  await client.call(OFFSET_COMMIT, 8, { ...outside, topics: [{ name: 'clicks', partitions: [committed] }] })
  client.close()
}
