import { entityNotFound, messagingBadRequest, messagingConflict, tooManyEntities } from './errors.ts'
import { type ArmReply, type Call, type Route, param } from '../../core/routes.ts'
import { page } from '../../core/reply.ts'
import { objectAt, without } from '../../core/body.ts'
import { DEFAULT_CONSUMER_GROUP } from '../../../../lib/limits.ts'
import { NAMES } from './limits.ts'
import { checkMetadata } from './hub-body.ts'
import { checkShape } from '../../core/shape.ts'
import { forgetScope, keyOf, sorted } from '../../core/model.ts'
import { type ConsumerGroup, consumerGroupId, type GroupOfHub, type Hub, type Namespace } from './model.ts'
import { limitsOf, needParentHub, refuseInTransition, utcText } from './namespace.ts'

const TYPE = 'namespaces/eventhubs/consumergroups'

function view({ namespace, hub, group }: GroupOfHub) {
  return {
    id: consumerGroupId({ namespace, hub, group }),
    name: group.name,
    type: 'Microsoft.EventHub/namespaces/eventhubs/consumergroups',
    location: namespace.location,
    properties: { createdAt: utcText(group.createdAt), updatedAt: utcText(group.updatedAt), ...group.properties },
  }
}

/** The answer to a PUT of an existing group says that it was created now. A GET has the real time. */
function put(call: Call): ArmReply {
  const { namespace, hub } = needParentHub(call, TYPE)
  refuseInTransition(namespace)
  const name = param(call, 'consumerGroup')
  const known = hub.consumerGroups.get(keyOf(name))
  if (!known) checkRoom(namespace, hub, name)
  const group: ConsumerGroup = {
    name: known?.name ?? name,
    properties: readProperties(call),
    createdAt: known?.createdAt ?? call.now,
    updatedAt: call.now,
  }
  call.context.store.change(() => hub.consumerGroups.set(keyOf(name), group))
  return { status: 200, body: view({ namespace, hub, group: { ...group, createdAt: call.now } }) }
}

function readProperties(call: Call) {
  checkShape(call.body, { properties: 'object' })
  const sent = without(objectAt(call.body ?? {}, 'properties'), ['createdAt', 'updatedAt'])
  const { userMetadata } = sent
  checkMetadata(userMetadata)
  return userMetadata === null ? without(sent, ['userMetadata']) : sent
}

function checkRoom(namespace: Namespace, hub: Hub, name: string): void {
  if (!NAMES.consumerGroup.test(name))
    throw messagingBadRequest(`The name '${name}' is not valid for a consumer group.`)
  const { maxConsumerGroups } = limitsOf(namespace)
  if (maxConsumerGroups === 1) {
    throw messagingBadRequest(
      `The operation can't be done on entity type 'ConsumerGroup' because the namespace '${namespace.name}' is using 'Basic' tier.`,
    )
  }
  if (hub.consumerGroups.size >= maxConsumerGroups) {
    throw tooManyEntities('ConsumerGroup', hub.consumerGroups.size, maxConsumerGroups)
  }
}

/** The consumer group that the path names. Throws ArmError 404. */
export function needConsumerGroup(call: Call): GroupOfHub {
  const { namespace, hub } = needParentHub(call, TYPE)
  const group = hub.consumerGroups.get(keyOf(param(call, 'consumerGroup')))
  if (!group) throw entityNotFound(namespace.name, hub.name, param(call, 'consumerGroup'))
  return { namespace, hub, group }
}

const get = (call: Call): ArmReply => ({ status: 200, body: view(needConsumerGroup(call)) })

function list(call: Call): ArmReply {
  const { namespace, hub } = needParentHub(call, TYPE)
  return page(call, sorted(hub.consumerGroups), (group) => view({ namespace, hub, group }))
}

function remove(call: Call): ArmReply {
  const { namespace, hub } = needParentHub(call, TYPE)
  refuseInTransition(namespace)
  const key = keyOf(param(call, 'consumerGroup'))
  if (key === keyOf(DEFAULT_CONSUMER_GROUP)) {
    throw messagingConflict(`The consumer group '${DEFAULT_CONSUMER_GROUP}' cannot be deleted.`)
  }
  const group = hub.consumerGroups.get(key)
  if (!group) return { status: 204 }
  call.context.store.change((state) => {
    hub.consumerGroups.delete(key)
    forgetScope(state, consumerGroupId({ namespace, hub, group }))
  })
  return { status: 200 }
}

const GROUPS =
  '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.EventHub/namespaces/{namespace}' +
  '/eventhubs/{hub}/consumergroups'

export const consumerGroupRoutes: readonly Route[] = [
  { method: 'GET', template: GROUPS, handle: list },
  { method: 'PUT', template: `${GROUPS}/{consumerGroup}`, handle: put },
  { method: 'GET', template: `${GROUPS}/{consumerGroup}`, handle: get },
  { method: 'DELETE', template: `${GROUPS}/{consumerGroup}`, handle: remove },
]
