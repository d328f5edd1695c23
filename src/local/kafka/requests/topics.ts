import { type HubAdmin, HubRefused, type HubToCreate } from '../../hubs/hub-admin.ts'
import type { Call, Handler } from '../call.ts'
import { codeOf, ERROR, KafkaError } from '../errors.ts'
import { NODE_ID } from '../partitions.ts'
import { Turns } from '../turns.ts'
import type { RequestOf } from '../wire/codec.ts'
import type { CREATE_PARTITIONS, CREATE_TOPICS, DELETE_TOPICS } from '../wire/apis/topics.ts'
import { askedBy, settingsOf } from './settings.ts'

/** In a request: what the broker chooses. */
const AS_USUAL = -1

export const answerCreateTopics: Handler<typeof CREATE_TOPICS> = async ({ topics, validateOnly }, call) => ({
  topics: await new Turns().map(topics, async (topic) => {
    const outcome = await attempt(async () => {
      const hub = await adminFor(call).createHub(call.session.namespace, wantedHub(topic), { validateOnly })
      return { numPartitions: hub.partitionCount, replicationFactor: 1, configs: settingsOf(hub) }
    })
    return { name: topic.name, ...outcome }
  }),
})

/** Topics have names alone: the ids that clients make up are unknown. */
export const answerDeleteTopics: Handler<typeof DELETE_TOPICS> = async ({ topics, topicNames }, call) => ({
  responses: await new Turns().map([...topicNames.map((name) => ({ name })), ...topics], async (topic) => {
    const outcome = await attempt(async () => {
      if (topic.name === null) throw new KafkaError('unknownTopicId', 'Topics are known by their names here.')
      await adminFor(call).deleteHub(call.session.namespace, topic.name)
    })
    return { ...topic, ...outcome }
  }),
})

export const answerCreatePartitions: Handler<typeof CREATE_PARTITIONS> = async ({ topics, validateOnly }, call) => ({
  throttleTimeMs: 0,
  results: await new Turns().map(topics, async (topic) => {
    const outcome = await attempt(async () => {
      const admin = adminFor(call)
      checkMore(topic, call)
      await admin.raisePartitions(call.session.namespace, topic.name, topic.count, { validateOnly })
    })
    return { name: topic.name, ...outcome }
  }),
})

/** What becomes of one topic: a refusal does not concern the others. */
async function attempt<T extends object | void>(work: () => Promise<T>) {
  try {
    return { ...(await work()), errorCode: ERROR.none, errorMessage: null }
  } catch (error) {
    if (!(error instanceof HubRefused || error instanceof KafkaError)) throw error
    return { errorCode: codeOf(error), errorMessage: error.message }
  }
}

/** Throws KafkaError where the connection may not change hubs. */
function adminFor({ broker, session }: Call): HubAdmin {
  const { admin } = broker.hubs
  if (!admin) throw new KafkaError('policyViolation', 'Topics cannot be changed here.')
  if (session.claims.find('', 'Manage')) return admin
  throw new KafkaError('topicAuthorizationFailed', 'This needs a rule of the namespace with the right to manage.')
}

/** How many copies there are is the affair of the service. Throws KafkaError. */
function wantedHub({
  name,
  numPartitions,
  replicationFactor,
  assignments,
  configs,
}: RequestOf<typeof CREATE_TOPICS>['topics'][number]): HubToCreate {
  const asked = { name, ...askedBy(configs) }
  if (assignments.length > 0) {
    if (numPartitions !== AS_USUAL || replicationFactor !== AS_USUAL)
      throw new KafkaError('invalidRequest', 'Partitions are either counted or assigned.')
    const indexes = assignments.map(({ partitionIndex }) => partitionIndex).sort((a, b) => a - b)
    checkReplicas(assignments)
    if (indexes.some((index, i) => index !== i))
      throw new KafkaError('invalidReplicaAssignment', 'Assigned partitions are counted from 0 without a gap.')
    return { ...asked, partitionCount: assignments.length }
  }
  if (replicationFactor < 1 && replicationFactor !== AS_USUAL)
    throw new KafkaError('invalidReplicationFactor', 'Replication factor must be larger than 0.')
  if (numPartitions === AS_USUAL) return asked
  if (numPartitions < 1) throw new KafkaError('invalidPartitions', 'Number of partitions must be larger than 0.')
  return { ...asked, partitionCount: numPartitions }
}

/** Throws KafkaError. */
function checkMore(
  { name, count, assignments }: RequestOf<typeof CREATE_PARTITIONS>['topics'][number],
  { broker, session }: Call,
): void {
  const standing = broker.hubs.directory.hub(session.namespace, name)?.partitionCount
  if (standing === undefined) return
  if (count <= standing)
    throw new KafkaError(
      'invalidPartitions',
      `The topic ${name} has ${standing} partitions, and they only become more.`,
    )
  if (assignments === null) return
  if (assignments.length !== count - standing)
    throw new KafkaError('invalidReplicaAssignment', `An assignment is for each of ${count - standing} new partitions.`)
  checkReplicas(assignments)
}

/** Throws KafkaError. */
function checkReplicas(assignments: readonly { readonly brokerIds: readonly number[] }[]): void {
  if (assignments.every(({ brokerIds }) => brokerIds.length === 1 && brokerIds[0] === NODE_ID)) return
  throw new KafkaError('invalidReplicaAssignment', `There is one broker, ${NODE_ID}.`)
}
