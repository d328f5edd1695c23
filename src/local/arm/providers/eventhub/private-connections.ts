import { type JsonObject, objectAt, without } from '../../core/body.ts'
import { keyOf } from '../../core/model.ts'
import { page, urlOf } from '../../core/reply.ts'
import { type ArmReply, type Call, param, type Route } from '../../core/routes.ts'
import { cannotConvert, checkShape, type Shape } from '../../core/shape.ts'
import { badRequest, connectionNotFound } from './errors.ts'
import type { Namespace, PrivateConnection } from './model.ts'
import { needParentNamespace, putNamespace, refuseInTransition, tierOf } from './namespace.ts'
import { connectionsOf, connectionView } from './private-connection.ts'

const TYPE = 'namespaces/privateendpointconnections'

const BODY: Shape = {
  properties: {
    provisioningState: 'string',
    privateEndpoint: { id: 'string' },
    privateLinkServiceConnectionState: { status: 'string', description: 'string' },
  },
}

const STATUSES = ['Pending', 'Approved', 'Rejected', 'Disconnected']

const ENDPOINT =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/privateEndpoints\/[^/]+$/i

/** What is left out stays; a new connection is approved. Throws ArmError 400. */
function readProperties(call: Call, known: PrivateConnection | undefined): JsonObject {
  checkShape(call.body, BODY)
  const sent = objectAt(call.body ?? {}, 'properties')
  const standing = known?.properties ?? { privateLinkServiceConnectionState: { status: 'Approved', description: '' } }
  const properties = { ...standing, ...without(sent, ['provisioningState', 'groupIds']) }
  const { id } = objectAt(properties, 'privateEndpoint')
  if (typeof id !== 'string' || !ENDPOINT.test(id)) throw cannotConvert(id, 'properties.privateEndpoint.id')
  const { status } = objectAt(properties, 'privateLinkServiceConnectionState')
  if (typeof status !== 'string' || !STATUSES.includes(status)) {
    throw cannotConvert(status, 'properties.privateLinkServiceConnectionState.status')
  }
  return properties
}

/** The connection that the path names, and its namespace. */
function find(call: Call): { readonly namespace: Namespace; readonly known: PrivateConnection | undefined } {
  const namespace = needParentNamespace(call, TYPE)
  const key = keyOf(param(call, 'connection'))
  return { namespace, known: connectionsOf(call, namespace).find(({ name }) => keyOf(name) === key) }
}

function store(call: Call, namespace: Namespace, connection: PrivateConnection): Namespace {
  const others = connectionsOf(call, namespace).map((one) => [keyOf(one.name), one] as const)
  const next = { ...namespace, privateConnections: new Map([...others, [keyOf(connection.name), connection]]) }
  putNamespace(call, next)
  return next
}

/**
 * Approves or rejects a connection. In Azure the endpoint makes it; here, where there are no virtual networks, a PUT
 * does that too.
 */
function put(call: Call): ArmReply {
  const { namespace, known } = find(call)
  refuseInTransition(namespace)
  if (tierOf(namespace) === 'Basic') {
    throw badRequest('Private endpoints are not available in the Basic tier.', call.correlationId)
  }
  const properties = readProperties(call, known)
  if (!known) {
    const made = { name: param(call, 'connection'), properties }
    return { status: 201, body: connectionView(call, store(call, namespace, made), made) }
  }
  const changed = { ...known, properties, transition: { state: 'Updating', until: untilOf(call) } } as const
  const body = connectionView(call, store(call, namespace, changed), changed, 'Updating')
  return { status: 202, headers: operationHeader(call, 'Update'), body }
}

const untilOf = (call: Call): number => call.now + call.context.provisioningMs

const operationHeader = (call: Call, operation: 'Update' | 'Delete') => ({
  'azure-asyncoperation':
    `${urlOf(call)}/operationStatus/${encodeURIComponent(param(call, 'connection'))}` +
    `?api-version=${call.apiVersion}&operationType=${operation}`,
})

function remove(call: Call): ArmReply {
  const { namespace, known } = find(call)
  refuseInTransition(namespace)
  if (!known) return { status: 204 }
  store(call, namespace, { ...known, transition: { state: 'Deleting', until: untilOf(call) } })
  return { status: 202, headers: operationHeader(call, 'Delete') }
}

function get(call: Call): ArmReply {
  const { namespace, known } = find(call)
  if (!known) throw connectionNotFound(param(call, 'connection'), call.correlationId)
  return { status: 200, body: connectionView(call, namespace, known) }
}

function list(call: Call): ArmReply {
  const namespace = needParentNamespace(call, TYPE)
  return page(call, connectionsOf(call, namespace), (connection) => connectionView(call, namespace, connection))
}

const NO_TIME = '0001-01-01T00:00:00Z'

/** Where the link in a 202 leads. */
function poll(call: Call): ArmReply {
  const { namespace, known } = find(call)
  const isOver = !known || connectionView(call, namespace, known).properties.provisioningState === 'Succeeded'
  const status = isOver ? 'Succeeded' : 'InProgress'
  return {
    status: 200,
    body: { id: call.path, name: param(call, 'connection'), status, startTime: NO_TIME, endTime: NO_TIME },
  }
}

const CONNECTIONS =
  '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.EventHub/namespaces/{namespace}' +
  '/privateEndpointConnections'

export const privateConnectionRoutes: readonly Route[] = [
  { method: 'GET', template: CONNECTIONS, handle: list },
  { method: 'PUT', template: `${CONNECTIONS}/{connection}`, handle: put },
  { method: 'GET', template: `${CONNECTIONS}/{connection}`, handle: get },
  { method: 'DELETE', template: `${CONNECTIONS}/{connection}`, handle: remove },
  { method: 'GET', template: `${CONNECTIONS}/{connection}/operationStatus/{operation}`, handle: poll },
]
