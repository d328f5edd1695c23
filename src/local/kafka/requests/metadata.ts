import type { LocalHub } from '../../hubs/directory.ts'
import { HubError } from '../../hubs/errors.ts'
import type { Call, Handler } from '../call.ts'
import { codeOf, ERROR, KafkaError } from '../errors.ts'
import type { METADATA } from '../wire/apis/session.ts'
import type { ResponseOf } from '../wire/codec.ts'
import { clusterIdOf, NODE_ID } from './cluster.ts'

type Topic = ResponseOf<typeof METADATA>['topics'][number]

/** https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsofteventhub */
const NAME = /^[a-z0-9]([a-z0-9._-]{0,254}[a-z0-9])?$/i
/** No partition ever changes its leader. */
const EPOCH = 0

export const answerMetadata: Handler<typeof METADATA> = async (request, call) => {
  const { session, version } = call
  // Version 0 has no null, and an empty list in place of it.
  const isAboutAll = request.topics === null || (version === 0 && request.topics.length === 0)
  const topics: Topic[] = isAboutAll ? visibleHubs(call).map(topicOf) : []
  // In their order, because a name that comes twice is created once.
  for (const { name } of isAboutAll ? [] : request.topics) {
    topics.push(await lookUp(name, request.allowAutoTopicCreation, call))
  }
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
  try {
    const hub = findHub(name, call) ?? (mayCreate ? await createHub(name, call) : undefined)
    if (!hub) throw new HubError({ because: 'not-found', path: name })
    return { ...topicOf(hub), name }
  } catch (error) {
    return { errorCode: codeOf(error), name, partitions: [] }
  }
}

/** Throws KafkaError where the connection may not know. */
function findHub(name: string, { broker, session }: Call): LocalHub | undefined {
  if (!NAME.test(name)) throw new KafkaError('invalidTopic', `No event hub can be called '${name}'`)
  if (session.claims.find(name, undefined)) return broker.hubs.directory.hub(session.namespace, name)
  throw new KafkaError('topicAuthorizationFailed', `The key of this connection is not for '${name}'`)
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
    ...{ errorCode: ERROR.none, partitionIndex, leaderId: NODE_ID, leaderEpoch: EPOCH },
    ...{ replicaNodes: [NODE_ID], isrNodes: [NODE_ID] },
  })),
})
