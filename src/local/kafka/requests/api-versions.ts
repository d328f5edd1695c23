import type { Broker } from '../call.ts'
import { PRODUCE } from '../wire/apis/records.ts'
import type { Api } from '../wire/codec.ts'

type Versions = readonly [first: number, last: number]

/**
 * What the cloud was seen to offer in November 2024. It has moved since, and no newer list is public.
 * https://github.com/oliveigah/klife/issues/13, https://github.com/aio-libs/aiokafka/issues/945
 */
const SEEN_IN_AZURE: Readonly<Record<string, Versions>> = {
  Produce: [3, 7],
  Fetch: [4, 6],
  ListOffsets: [0, 8],
  Metadata: [0, 5],
  OffsetCommit: [0, 8],
  OffsetFetch: [0, 8],
  FindCoordinator: [0, 4],
  JoinGroup: [0, 9],
  Heartbeat: [0, 4],
  LeaveGroup: [0, 5],
  SyncGroup: [0, 5],
  DescribeGroups: [0, 5],
  ListGroups: [0, 4],
  SaslHandshake: [0, 1],
  ApiVersions: [0, 3],
  CreateTopics: [0, 6],
  DeleteTopics: [0, 2],
  InitProducerId: [0, 1],
  OffsetForLeaderEpoch: [0, 0],
  DescribeConfigs: [0, 2],
  SaslAuthenticate: [0, 1],
  CreatePartitions: [0, 1],
}

/** The versions of an API that a broker offers: those that we speak, or those of them that the cloud was seen to offer. */
function offeredVersions({ name, versions: [first, last] }: Api, range: Broker['range']): Versions | undefined {
  if (range === 'full') return [first, last]
  const seen = SEEN_IN_AZURE[name]
  return seen && [Math.max(first, seen[0]), Math.min(last, seen[1])]
}

/**
 * What is said of them. librdkafka compresses nothing for a broker that does not name the first version of Produce, which
 * no client speaks any more: https://issues.apache.org/jira/browse/KAFKA-18659.
 */
export function announcedVersions(api: Api, range: Broker['range']): Versions | undefined {
  const offered = offeredVersions(api, range)
  return offered && api.key === PRODUCE.key ? [0, offered[1]] : offered
}

export const isOffered = (api: Api, version: number, range: Broker['range']): boolean => {
  const [first, last] = offeredVersions(api, range) ?? [0, -1]
  return version >= first && version <= last
}
