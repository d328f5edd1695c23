import type { Call, Handler } from '../call.ts'
import { codeOf, ERROR, KafkaError } from '../errors.ts'
import { NODE_ID } from '../partitions.ts'
import { Turns } from '../turns.ts'
import type { RequestOf, ResponseOf } from '../wire/codec.ts'
import type { DESCRIBE_CONFIGS } from '../wire/apis/topics.ts'
import { BROKER_SETTINGS, settingsOf } from './settings.ts'

type Resource = RequestOf<typeof DESCRIBE_CONFIGS>['resources'][number]
type Told = ResponseOf<typeof DESCRIBE_CONFIGS>['results'][number]

/** Numbers of the kinds of resource: org.apache.kafka.common.config.ConfigResource. */
const TOPIC = 2
const BROKER = 4
/** The only broker; the empty name stands for what all brokers have. */
const BROKER_NAMES: readonly string[] = [String(NODE_ID), '']

/** What topics and the broker are set to. Nothing has other names, nor a past value. */
export const answerDescribeConfigs: Handler<typeof DESCRIBE_CONFIGS> = async ({ resources }, call) => ({
  throttleTimeMs: 0,
  results: await new Turns().map(resources, (resource): Told => {
    const { resourceType, resourceName, configurationKeys: keys } = resource
    const asked = { resourceType, resourceName }
    try {
      const configs = settingsOfResource(resource, call).filter(({ name }) => keys === null || keys.includes(name))
      return { ...asked, errorCode: ERROR.none, errorMessage: null, configs }
    } catch (error) {
      const errorMessage = error instanceof KafkaError ? error.message : null
      return { ...asked, errorCode: codeOf(error), errorMessage, configs: [] }
    }
  }),
})

function settingsOfResource({ resourceType, resourceName }: Resource, { broker, session }: Call) {
  if (resourceType === BROKER && BROKER_NAMES.includes(resourceName)) return BROKER_SETTINGS
  if (resourceType !== TOPIC)
    throw new KafkaError('invalidRequest', `There are settings of topics and of broker ${NODE_ID}.`)
  if (!session.claims.find(resourceName, undefined))
    throw new KafkaError('topicAuthorizationFailed', 'The connection string is for another event hub.')
  const hub = broker.hubs.directory.hub(session.namespace, resourceName)
  if (!hub) throw new KafkaError('unknownTopicOrPartition', 'There is no such topic.')
  return settingsOf(hub)
}
