import { DEFAULT_CONSUMER_GROUP, maxHubsOf } from '../../../../lib/limits.ts'
import { badRequest, entityNotFound, messagingBadRequest, tooManyEntities } from './errors.ts'
import { type ArmReply, type Call, type Route, param } from '../../core/routes.ts'
import { page } from '../../core/reply.ts'
import { INT64_MAX_MARK, type Json, type JsonObject, objectAt } from '../../core/body.ts'
import { NAMES } from './limits.ts'
import { forgetScope, keyOf, sorted } from '../../core/model.ts'
import { type ConsumerGroup, type Hub, type Namespace, hubId } from './model.ts'
import { normalizeLocation } from '../../core/regions.ts'
import { hubKnows, readHubProperties } from './hub-body.ts'
import { bareText, needParentNamespace, refuseInTransition, tierOf, utcText } from './namespace.ts'

const TYPE = 'namespaces/eventhubs'

/** What the service puts into the answer to a PUT of an existing hub. */
const NO_TIME = '0001-01-01T00:00:00'

type Moment = 'created' | 'updated' | 'read'

function hubView(namespace: Namespace, hub: Hub, version: string, moment: Moment) {
  const { retentionDescription, messageTimestampDescription, partitionCount, status, ...rest } = hub.properties
  const text = moment === 'read' ? bareText : utcText
  return {
    id: hubId(namespace, hub),
    name: hub.name,
    type: 'Microsoft.EventHub/namespaces/eventhubs',
    location: namespace.location,
    properties: {
      ...(hubKnows(version, 'messageTimestampDescription') && { messageTimestampDescription }),
      ...(hubKnows(version, 'retentionDescription') && { retentionDescription }),
      messageRetentionInDays: retentionDays(retentionDescription),
      partitionCount,
      status,
      createdAt: moment === 'updated' ? NO_TIME : text(hub.createdAt),
      updatedAt: text(hub.updatedAt),
      partitionIds: moment === 'updated' ? [] : Array.from({ length: partitionCount as number }, (_, i) => String(i)),
      ...rest,
    },
  }
}

/** Whole days, rounded up. Without an end, the largest Int64. */
function retentionDays(retention: Json | undefined): Json {
  const hours = objectAt({ retention: retention ?? null }, 'retention')['retentionTimeInHours'] as number
  return hours < 0 ? INT64_MAX_MARK : Math.ceil(hours / 24)
}

function put(call: Call): ArmReply {
  const namespace = needParentNamespace(call, TYPE)
  refuseInTransition(namespace)
  const name = param(call, 'hub')
  const known = namespace.hubs.get(keyOf(name))
  if (!known) checkRoom(namespace, name)
  checkLocation(call, namespace)
  const properties = readHubProperties(call, namespace, known)
  const hub: Hub = known
    ? { ...known, properties, updatedAt: call.now }
    : { ...newHub(name, properties, call.now), updatedAt: call.now }
  call.context.store.change(() => namespace.hubs.set(keyOf(name), hub))
  return { status: 200, body: hubView(namespace, hub, call.apiVersion, known ? 'updated' : 'created') }
}

/** A new hub: with `$Default` and without rules of its own. */
export function newHub(name: string, properties: JsonObject, now: number): Hub {
  const first: ConsumerGroup = { name: DEFAULT_CONSUMER_GROUP, properties: {}, createdAt: now, updatedAt: now }
  const consumerGroups = new Map([[keyOf(DEFAULT_CONSUMER_GROUP), first]])
  return { name, properties, createdAt: now, updatedAt: now, consumerGroups, rules: new Map() }
}

function checkRoom(namespace: Namespace, name: string): void {
  if (!NAMES.hub.test(name)) throw messagingBadRequest(`The name '${name}' is not valid for an event hub.`)
  const allowed = maxHubsOf(tierOf(namespace), namespace.sku.capacity)
  if (namespace.hubs.size >= allowed) throw tooManyEntities('EventHub', namespace.hubs.size, allowed)
}

function checkLocation(call: Call, namespace: Namespace): void {
  const location = call.body?.['location']
  if (typeof location !== 'string' || normalizeLocation(location) === namespace.location) return
  throw badRequest("The location property of the resource doesn't match its containing Namespace.", call.correlationId)
}

/** The hub that the path names, and its namespace. Throws ArmError 404. */
export function needHub(call: Call): [Namespace, Hub] {
  const namespace = needParentNamespace(call, TYPE)
  const hub = namespace.hubs.get(keyOf(param(call, 'hub')))
  if (!hub) throw entityNotFound(namespace.name, param(call, 'hub'))
  return [namespace, hub]
}

function get(call: Call): ArmReply {
  const [namespace, hub] = needHub(call)
  return { status: 200, body: hubView(namespace, hub, call.apiVersion, 'read') }
}

function list(call: Call): ArmReply {
  const namespace = needParentNamespace(call, TYPE)
  return page(call, sorted(namespace.hubs), (hub) => hubView(namespace, hub, call.apiVersion, 'read'))
}

function remove(call: Call): ArmReply {
  const namespace = needParentNamespace(call, TYPE)
  refuseInTransition(namespace)
  const hub = namespace.hubs.get(keyOf(param(call, 'hub')))
  if (!hub) return { status: 204 }
  call.context.store.change((state) => {
    namespace.hubs.delete(keyOf(hub.name))
    forgetScope(state, hubId(namespace, hub))
  })
  return { status: 200 }
}

const HUBS =
  '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.EventHub/namespaces/{namespace}/eventhubs'

export const hubRoutes: readonly Route[] = [
  { method: 'GET', template: HUBS, handle: list },
  { method: 'PUT', template: `${HUBS}/{hub}`, handle: put },
  { method: 'GET', template: `${HUBS}/{hub}`, handle: get },
  { method: 'DELETE', template: `${HUBS}/{hub}`, handle: remove },
]
