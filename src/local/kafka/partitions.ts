import { sameName } from '../../lib/names.ts'
import { isClosedFor, type LocalHub, type Right } from '../hubs/directory.ts'
import { HubError } from '../hubs/errors.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import type { Call } from './call.ts'
import { KafkaError } from './errors.ts'

/** The hub of a topic, where the connection has the right. Throws HubError. */
export function hubOf({ session }: Call, topic: string, right: Right): LocalHub {
  const hub = session.claims.authorize(topic, right)
  // A claim is about paths, and `clicks/x` is below `clicks`. A topic is no path.
  if (!sameName(hub.name, topic)) throw new HubError({ because: 'not-found', path: topic })
  if (isClosedFor(hub, right)) throw new HubError({ because: 'disabled', path: topic })
  return hub
}

/** Counts what was refused about a topic, for the metrics of the namespace. */
export function countRefused({ broker: { hubs }, session }: Call, topic: string, error: unknown): void {
  const { namespace } = session
  hubs.traffic.countRefused(namespace, hubs.directory.hub(namespace, topic), error, hubs.clock.now())
}

/** One partition of a hub. Throws HubError. */
export function logOf({ broker }: Call, hub: LocalHub, partition: number): PartitionLog {
  const { name, partitionCount } = hub
  if (partition >= 0 && partition < partitionCount) return broker.hubs.partition(hub, partition)
  throw new HubError({ because: 'no-such-partition', path: name, partitionCount })
}

/** The one node that there is: it leads all partitions, and coordinates all groups. */
export const NODE_ID = 0

/** There is one leader of every partition, and it never changes. */
export const LEADER_EPOCH = 0

/** Throws KafkaError where the client knows of a leader that there never was. -1 stands for not knowing. */
export function checkEpoch(epoch: number): void {
  if (epoch > LEADER_EPOCH)
    throw new KafkaError('unknownLeaderEpoch', `Leader epoch ${epoch}, where ${LEADER_EPOCH} is`)
}
