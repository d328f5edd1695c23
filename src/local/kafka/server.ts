import type { Socket } from 'node:net'
import type { Hubs } from '../hubs/hubs.ts'
import { countOf } from '../hubs/links.ts'
import type { Broker } from './call.ts'
import { Client, type ClientContext, served } from './client.ts'
import { Connection } from './connection.ts'
import { TurnedAway } from './errors.ts'
import { Groups, type KafkaGroupHeld } from './groups/groups.ts'
import { MemoryPool } from './memory.ts'
import { Producers } from './producers.ts'
import { answerDescribeCluster, answerFindCoordinator } from './requests/cluster.ts'
import { answerDescribeConfigs } from './requests/configs.ts'
import { answerFetch } from './requests/fetch.ts'
import {
  answerDeleteGroups,
  answerDescribeGroups,
  answerListGroups,
  answerOffsetDelete,
} from './requests/group-admin.ts'
import { answerOffsetCommit, answerOffsetFetch } from './requests/group-offsets.ts'
import { answerListOffsets, answerOffsetForLeaderEpoch } from './requests/list-offsets.ts'
import { answerHeartbeat, answerJoinGroup, answerLeaveGroup, answerSyncGroup } from './requests/membership.ts'
import { answerMetadata } from './requests/metadata.ts'
import { answerInitProducerId, answerProduce } from './requests/produce.ts'
import { answerCreatePartitions, answerCreateTopics, answerDeleteTopics } from './requests/topics.ts'
import {
  DELETE_GROUPS,
  DESCRIBE_GROUPS,
  HEARTBEAT,
  JOIN_GROUP,
  LEAVE_GROUP,
  LIST_GROUPS,
  SYNC_GROUP,
} from './wire/apis/groups.ts'
import { OFFSET_COMMIT, OFFSET_DELETE, OFFSET_FETCH } from './wire/apis/offsets.ts'
import { FETCH, INIT_PRODUCER_ID, LIST_OFFSETS, OFFSET_FOR_LEADER_EPOCH, PRODUCE } from './wire/apis/records.ts'
import { DESCRIBE_CLUSTER, FIND_COORDINATOR, METADATA } from './wire/apis/session.ts'
import { CREATE_PARTITIONS, CREATE_TOPICS, DELETE_TOPICS, DESCRIBE_CONFIGS } from './wire/apis/topics.ts'
import { MalformedRequest } from './wire/bytes.ts'
import { type ForeignProtocol, FRAME_MEMORY_BYTES, MOST_REQUEST_BYTES, RefusedFrame } from './wire/frames.ts'
import { Messages } from './wire/messages.ts'

/** Who answers what, once a connection has signed in. */
const HANDLERS = [
  served(PRODUCE, answerProduce),
  served(FETCH, answerFetch),
  served(LIST_OFFSETS, answerListOffsets),
  served(OFFSET_FOR_LEADER_EPOCH, answerOffsetForLeaderEpoch),
  served(INIT_PRODUCER_ID, answerInitProducerId),
  served(JOIN_GROUP, answerJoinGroup),
  served(SYNC_GROUP, answerSyncGroup),
  served(HEARTBEAT, answerHeartbeat),
  served(LEAVE_GROUP, answerLeaveGroup),
  served(OFFSET_COMMIT, answerOffsetCommit),
  served(OFFSET_FETCH, answerOffsetFetch),
  served(DESCRIBE_GROUPS, answerDescribeGroups),
  served(LIST_GROUPS, answerListGroups),
  served(DELETE_GROUPS, answerDeleteGroups),
  served(OFFSET_DELETE, answerOffsetDelete),
  served(METADATA, answerMetadata),
  served(FIND_COORDINATOR, answerFindCoordinator),
  served(DESCRIBE_CLUSTER, answerDescribeCluster),
  served(CREATE_TOPICS, answerCreateTopics),
  served(DELETE_TOPICS, answerDeleteTopics),
  served(CREATE_PARTITIONS, answerCreatePartitions),
  served(DESCRIBE_CONFIGS, answerDescribeConfigs),
]

/** A batch as large as a request may bring fits into it, and what the log has around it. */
const READ_MEMORY_BYTES = MOST_REQUEST_BYTES + 16_384

/** Serves hubs over Kafka's protocol, as the service does, on the sockets that it is given. */
export function serveKafka(hubs: Hubs, { range }: Pick<Broker, 'range'>) {
  const open = new Map<Connection, Client>()
  const told = new Set<string>()
  const tell = (what: string, line: string) => {
    if (!told.has(what)) hubs.log(line)
    told.add(what)
  }
  const groups = new Groups(hubs)
  const context: ClientContext = {
    broker: { hubs, groups, producers: new Producers(), memory: new MemoryPool(READ_MEMORY_BYTES), range },
    served: new Map(HANDLERS.map((one) => [one.api.key, one])),
    messages: new Messages(),
    tell,
  }
  const onError = (error: unknown) => {
    const known = explain(error)
    if (known) tell(known.what, known.line)
    else hubs.log(String(error instanceof Error ? error.stack : error))
  }
  const options = { clock: hubs.clock, memory: new MemoryPool(FRAME_MEMORY_BYTES), onError }
  let id = 0
  const stopFollowing = hubs.directory.onChange(() => {
    const rules = hubs.directory.rules()
    for (const client of open.values()) client.followRules(rules)
  })
  return {
    accept: (socket: Socket): void => {
      const connection = new Connection(socket, options)
      const client = new Client(context, connection, String(++id))
      open.set(connection, client)
      socket.once('close', () => open.delete(connection))
      connection.serve((frame) => client.answer(frame))
    },
    connections: (namespace?: string): number => countOf(open, namespace),
    groups: (): readonly KafkaGroupHeld[] => groups.held(),
    /** Ends all connections: the protocol has no word for it, and clients come back. */
    close: async (): Promise<void> => {
      stopFollowing()
      for (const connection of open.keys()) connection.destroy()
      groups.close()
    },
  }
}

/** What to say of clients that speak something else to the port. */
const FOREIGN: Readonly<Record<ForeignProtocol, string>> = {
  tls: 'A Kafka client opened TLS and was turned away: it needs security.protocol=SASL_PLAINTEXT',
  http: 'A client spoke HTTP to the port of Kafka and was turned away',
  amqp: 'A client spoke AMQP to the port of Kafka and was turned away: AMQP has a port of its own',
  unknown: 'A client spoke something unknown to the port of Kafka and was turned away',
}

/** What to say, once each, of clients whose mistake ended their connection; undefined where the mistake is ours. */
function explain(error: unknown): { readonly what: string; readonly line: string } | undefined {
  if (error instanceof TurnedAway) return { what: error.what, line: error.message }
  if (error instanceof MalformedRequest) {
    return { what: 'malformed', line: `A Kafka client sent what is no request and was turned away: ${error.message}` }
  }
  if (!(error instanceof RefusedFrame)) return undefined
  if (error.foreign) return { what: error.foreign, line: FOREIGN[error.foreign] }
  const line = `${error.message} ended the connection of a Kafka client: ${MOST_REQUEST_BYTES} are the most`
  return { what: 'too-large', line }
}
