import { ENTITY_NAMES } from '../../../lib/limits.ts'
import type { LocalHub } from '../../hubs/directory.ts'
import type { Call, Handler } from '../call.ts'
import { codeOf, ERROR } from '../errors.ts'
import { LEADER_EPOCH, NODE_ID } from '../partitions.ts'
import { Turns } from '../turns.ts'
import type { METADATA } from '../wire/apis/session.ts'
import type { ResponseOf } from '../wire/codec.ts'
import { clusterIdOf } from './cluster.ts'

type Topic = ResponseOf<typeof METADATA>['topics'][number]

export const answerMetadata: Handler<typeof METADATA> = async (request, call) => {
  const { session, version } = call
  // Version 0 has no null, and an empty list in place of it.
  const isAboutAll = request.topics === null || (version === 0 && request.topics.length === 0)
  // Each name once, as Kafka's broker does it.
  const names = new Set(isAboutAll ? [] : request.topics.map(({ name }) => name))
  const topics = isAboutAll
    ? visibleHubs(call).map(topicOf)
    : await new Turns().map([...names], (name) => lookUp(name, request.allowAutoTopicCreation, call))
  return {
    brokers: [{ nodeId: NODE_ID, ...session.address }],
    clusterId: clusterIdOf(session),
    controllerId: NODE_ID,
    topics,
  }
}

/** A connection with the key of one hub sees that hub alone. */
const visibleHubs = ({ broker, session }: Call): readonly LocalHub[] =>
  broker.hubs.directory
    .hubs()
    .filter(({ namespace, name }) => namespace === session.namespace && session.claims.find(name, undefined))

/** The answer has the name as the client writes it: to the client, names of another case are others. */
async function lookUp(name: string, mayCreate: boolean, call: Call): Promise<Topic> {
  const { directory } = call.broker.hubs
  const { claims, namespace } = call.session
  const refuse = (errorCode: number): Topic => ({ errorCode, name, partitions: [] })
  if (!ENTITY_NAMES.hub.test(name)) return refuse(ERROR.invalidTopic)
  if (!claims.find(name, undefined)) return refuse(ERROR.topicAuthorizationFailed)
  try {
    const hub = directory.hub(namespace, name) ?? (mayCreate ? await createHub(name, call) : undefined)
    return hub ? { ...topicOf(hub), name } : refuse(ERROR.unknownTopicOrPartition)
  } catch (error) {
    return refuse(codeOf(error))
  }
}

/**
 * As the service does where the client lets it, for those who may manage the namespace.
 * https://github.com/Azure/azure-event-hubs-for-kafka/issues/117. Throws HubRefused.
 */
async function createHub(name: string, { broker, session }: Call): Promise<LocalHub | undefined> {
  if (!broker.hubs.admin || !session.claims.find('', 'Manage')) return undefined
  return broker.hubs.admin.createHub(session.namespace, { name }, { validateOnly: false })
}

const topicOf = ({ name, partitionCount }: LocalHub): Topic => ({
  errorCode: ERROR.none,
  name,
  partitions: Array.from({ length: partitionCount }, (_, partitionIndex) => ({
    ...{ errorCode: ERROR.none, partitionIndex, leaderId: NODE_ID, leaderEpoch: LEADER_EPOCH },
    ...{ replicaNodes: [NODE_ID], isrNodes: [NODE_ID] },
  })),
})
