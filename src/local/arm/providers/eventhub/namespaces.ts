import { randomUUID } from 'node:crypto'
import { ROOT_RULE } from '../../../../lib/limits.ts'
import { groupBeingDeleted, groupNotFound, locationRequired } from '../../core/errors.ts'
import { badRequest, locationNotForType, nameUnavailable, resourceElsewhere } from './errors.ts'
import { findGroup, needGroup } from '../resources/groups.ts'
import { type ArmReply, type Call, type Route, param } from '../../core/routes.ts'
import { operationReply, page, urlOf } from '../../core/reply.ts'
import { objectAt, sameJson, readTags } from '../../core/body.ts'
import { rootRule } from './rules.ts'
import { NAMES, NAMESPACES_PER_SUBSCRIPTION, RESERVED_ENDINGS } from './limits.ts'
import { type Transition, keyOf, sorted } from '../../core/model.ts'
import { type Namespace, namespaceId, NAMESPACE_TYPE } from './model.ts'
import { RESOURCE_REGIONS, normalizeLocation } from '../../core/regions.ts'
import { type Settings, checkBody, checkSettings, readProperties, readSku } from './namespace-body.ts'
import { readIdentity } from './identity.ts'
import { namespaceView, findNamespace, needNamespace, putNamespace, refuseInTransition } from './namespace.ts'

function put(call: Call): ArmReply {
  const group = needGroup(call)
  const known = findNamespace(call)
  if (known) refuseInTransition(known)
  else checkNewName(call)
  checkBody(call)
  const body = call.body ?? {}
  const location = readLocation(call, known)
  const sku = readSku(call, body['sku'])
  const properties = readProperties(call, objectAt(body, 'properties'), known, sku, location)
  const identity = readIdentity(call, known)
  const tags = readTags(body['tags']) ?? {}
  const settings: Settings = { location, sku, properties, tags, identity }
  checkSettings(call, settings, known)
  return known ? update(call, known, settings) : create(call, group.name, settings)
}

/** Changes only what is sent; `tags` replaces them all. */
function patch(call: Call): ArmReply {
  const known = needNamespace(call)
  refuseInTransition(known)
  checkBody(call)
  const body = call.body ?? {}
  const sku = readSku(call, body['sku'], known.sku)
  const sent = { ...known.properties, ...objectAt(body, 'properties') }
  const properties = readProperties(call, sent, known, sku, known.location)
  const identity = readIdentity(call, known)
  const tags = readTags(body['tags']) ?? known.tags
  const settings: Settings = { location: known.location, sku, properties, tags, identity }
  checkSettings(call, settings, known)
  return update(call, known, settings)
}

function create(call: Call, group: string, settings: Settings): ArmReply {
  const namespace: Namespace = {
    ...settings,
    subscription: param(call, 'subscription'),
    group,
    name: param(call, 'namespace'),
    createdAt: call.now,
    updatedAt: call.now,
    rules: new Map([[keyOf(ROOT_RULE), rootRule()]]),
    hubs: new Map(),
  }
  return store(call, namespace, 'Creating', 201)
}

/** A body that changes nothing gets the answer of a finished change. */
function update(call: Call, known: Namespace, settings: Settings): ArmReply {
  const isSame = (key: 'sku' | 'properties' | 'tags' | 'identity') =>
    sameJson(known[key] as never, settings[key] as never)
  if ((['sku', 'properties', 'tags', 'identity'] as const).every(isSame) && !known.failed)
    return { status: 200, body: namespaceView(call, known) }
  const state = isSame('identity') ? 'Updating' : 'ActivatingIdentity'
  return store(call, { ...known, ...settings, updatedAt: call.now }, state, 200)
}

/** The answer shows the first state even when that lasts no time at all. */
function store(call: Call, namespace: Namespace, state: Transition['state'], status: number): ArmReply {
  const fails = call.context.failsProvisioning(call.path)
  const transition: Transition = {
    state,
    until: call.now + call.context.provisioningMs,
    ...(fails && { outcome: 'Failed' }),
  }
  const written = { ...namespace, transition }
  putNamespace(call, written)
  return { status, body: namespaceView(call, written) }
}

function checkNewName(call: Call): void {
  const name = param(call, 'namespace')
  if (!isValidName(name)) throw badRequest('The specified service namespace is invalid.', call.correlationId)
  const { namespaces } = call.context.store.state
  if (namespaces.has(keyOf(name))) throw badRequest('The specified name is not available.', call.correlationId)
  const own = [...namespaces.values()].filter(({ subscription }) => subscription === param(call, 'subscription'))
  if (own.length >= NAMESPACES_PER_SUBSCRIPTION) {
    throw badRequest('The specified subscription has reached its quota of namespaces.', call.correlationId)
  }
}

const isValidName = (name: string): boolean =>
  NAMES.namespace.test(name) && !RESERVED_ENDINGS.some((ending) => name.toLowerCase().endsWith(ending))

function readLocation(call: Call, known: Namespace | undefined): string {
  const sent = call.body?.['location']
  if (typeof sent !== 'string' || sent === '') throw locationRequired()
  const location = normalizeLocation(sent)
  if (!RESOURCE_REGIONS.includes(location)) throw locationNotForType(sent, NAMESPACE_TYPE, RESOURCE_REGIONS)
  if (known && known.location !== location) {
    throw resourceElsewhere(known.name, known.location, known.group, location)
  }
  return location
}

const get = (call: Call): ArmReply => ({
  status: 200,
  body: namespaceView(call, needNamespace(call)),
})

function list(call: Call): ArmReply {
  const group = call.params['group'] === undefined ? undefined : needGroup(call)
  const own = sorted(call.context.store.state.namespaces)
    .filter((namespace) => namespace.subscription === param(call, 'subscription'))
    .filter((namespace) => !group || keyOf(namespace.group) === keyOf(group.name))
  return page(call, own, (namespace) => namespaceView(call, namespace))
}

function remove(call: Call): ArmReply {
  const group = findGroup(call)
  if (!group) throw groupNotFound(param(call, 'group'))
  const known = findNamespace(call)
  if (!known) return { status: 204 }
  if (group.deletingUntil !== undefined) throw groupBeingDeleted(group.name)
  refuseInTransition(known)
  const until = call.now + call.context.provisioningMs
  const id = randomUUID()
  call.context.store.change(({ namespaces, operations }) => {
    namespaces.set(keyOf(known.name), { ...known, transition: { state: 'Deleting', until } })
    operations.set(keyOf(id), { id, until, resource: keyOf(namespaceId(known)) })
  })
  return { status: 202, headers: operationHeaders(call, known, id) }
}

function operationHeaders(call: Call, namespace: Namespace, id: string) {
  const path =
    `/subscriptions/${namespace.subscription}/providers/Microsoft.EventHub/locations/${namespace.location}` +
    `/namespaceOperationResults/${id}`
  const link = (async: boolean) =>
    `${call.origin}${path}?isAsyncHeader=${async}&resourceName=${namespace.name}&resourceType=namespace` +
    `&api-version=${call.apiVersion}&operationType=Deleted`
  return { 'azure-asyncoperation': link(true), location: link(false) }
}

/** `isAsyncHeader` tells which of the two links of a 202 is followed. */
const poll = (call: Call): ArmReply =>
  operationReply(call, param(call, 'operation'), (running) => {
    if (call.query.get('isasyncheader') !== 'false') {
      return { status: 200, body: { name: param(call, 'operation'), status: running ? 'Running' : 'Succeeded' } }
    }
    return running ? { status: 202, headers: { location: `${urlOf(call)}?${queryText(call)}` } } : { status: 200 }
  })

const queryText = (call: Call): string =>
  [...call.query].map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&')

function checkNameAvailability(call: Call): ArmReply {
  const name = call.body?.['name']
  if (typeof name !== 'string') throw badRequest('The request has no name.', call.correlationId)
  if (!isValidName(name)) return nameUnavailable('InvalidName', 'The specified service namespace is invalid.')
  if (call.context.store.state.namespaces.has(keyOf(name))) {
    return nameUnavailable('NameInUse', 'The specified name is not available.')
  }
  return { status: 200, body: { nameAvailable: true, reason: 'None', message: 'Namespace name available' } }
}

const SUBSCRIPTION = '/subscriptions/{subscription}/providers/Microsoft.EventHub'
const GROUP = '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.EventHub'

/** Recorded in 2024-09; how fast it refills is a guess. */
const ownLimit = { size: 50, perSecond: 1 }

export const namespaceRoutes: readonly Route[] = [
  { method: 'POST', template: `${SUBSCRIPTION}/checkNameAvailability`, handle: checkNameAvailability },
  { method: 'GET', template: `${SUBSCRIPTION}/namespaces`, handle: list },
  { method: 'GET', template: `${GROUP}/namespaces`, handle: list },
  { method: 'PUT', template: `${GROUP}/namespaces/{namespace}`, ownLimit, handle: put },
  { method: 'PATCH', template: `${GROUP}/namespaces/{namespace}`, ownLimit, handle: patch },
  { method: 'GET', template: `${GROUP}/namespaces/{namespace}`, handle: get },
  { method: 'DELETE', template: `${GROUP}/namespaces/{namespace}`, handle: remove },
  {
    method: 'GET',
    template: `${SUBSCRIPTION}/locations/{location}/namespaceOperationResults/{operation}`,
    handle: poll,
  },
]
