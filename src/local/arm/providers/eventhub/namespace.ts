import { LIMITS, type LiveTier, type TierLimits } from '../../../../lib/limits.ts'
import { isObject, type Json, type JsonObject, objectAt, without } from '../../core/body.ts'
import { type ArmError, groupNotFound, resourceNotFound } from '../../core/errors.ts'
import { keyOf, type Transition } from '../../core/model.ts'
import { type Hub, type Namespace, namespaceId, NAMESPACE_TYPE } from './model.ts'
import { VERBS } from '../../core/injector.ts'
import { type Call, param, since } from '../../core/routes.ts'
import { findGroup } from '../resources/groups.ts'
import { inTransition, namespaceNotFound, parentNotFound } from './errors.ts'
import { connectionsOf, connectionView } from './private-connection.ts'

/** How long the provider still answers for a deleted namespace. Only the answer is recorded; the time is a guess. */
const REMEMBERED_MS = 60_000

/** The namespace that the path names; undefined when the name is free or lives in another group. */
export function findNamespace(call: Call): Namespace | undefined {
  const found = call.context.store.state.namespaces.get(keyOf(param(call, 'namespace')))
  const wanted = keyOf(param(call, 'subscription'), param(call, 'group'))
  return found && keyOf(found.subscription, found.group) === wanted ? found : undefined
}

/** For calls on the namespace itself. Throws ArmError 404. */
export function needNamespace(call: Call): Namespace {
  const found = findNamespace(call)
  if (found) return found
  const [group, name] = [param(call, 'group'), param(call, 'namespace')]
  if (!findGroup(call)) throw groupNotFound(group)
  if (wasJustDeleted(call)) throw namespaceNotFound(name)
  throw resourceNotFound(NAMESPACE_TYPE, name, group)
}

const wasJustDeleted = (call: Call): boolean =>
  [...call.context.store.state.operations.values()].some(
    ({ resource, until }) => resource === keyOf(requestedNamespaceId(call)) && until + REMEMBERED_MS > call.now,
  )

const requestedNamespaceId = (call: Call): string =>
  `/subscriptions/${param(call, 'subscription')}/resourceGroups/${param(call, 'group')}` +
  `/providers/Microsoft.EventHub/namespaces/${param(call, 'namespace')}`

/** For calls on a child of `type` (`namespaces/eventhubs`). Throws ArmError 404. */
export function needParentNamespace(call: Call, type: string): Namespace {
  const found = findNamespace(call)
  if (!found) throw noParent(call, type, requestedNamespaceId(call))
  return found
}

/** The refusal of a call on a child of `parent`. A DELETE does not ask whether the group is still there. */
function noParent(call: Call, type: string, parent: string): ArmError {
  if (!findGroup(call) && call.method !== 'DELETE') return groupNotFound(param(call, 'group'))
  return parentNotFound(VERBS[call.method] ?? 'action', type, parent)
}

/** For calls on a child of a hub. Throws ArmError 404. */
export function needParentHub(call: Call, type: string): { namespace: Namespace; hub: Hub } {
  const namespace = findNamespace(call)
  const hub = namespace?.hubs.get(keyOf(param(call, 'hub')))
  if (namespace && hub) return { namespace, hub }
  const above = namespace ? namespaceId(namespace) : requestedNamespaceId(call)
  throw noParent(call, type, `${above}/eventhubs/${param(call, 'hub')}`)
}

/** Nothing may be written while a namespace changes its state. Throws ArmError 429. */
export function refuseInTransition(namespace: Namespace): void {
  if (!namespace.transition) return
  throw inTransition(namespace.name, namespace.subscription, namespace.transition.state)
}

/** Puts a namespace in the place of the one with its name. */
export const putNamespace = (call: Call, namespace: Namespace): void =>
  call.context.store.change(({ namespaces }) => void namespaces.set(keyOf(namespace.name), namespace))

/** Inside a cluster the sku says Standard. */
export function tierOf({ sku, properties }: Pick<Namespace, 'sku' | 'properties'>): LiveTier {
  const locations = objectAt(properties, 'geoDataReplication')['locations']
  const inCluster = JSON.stringify([properties['clusterArmId'] ?? '', locations ?? '']).includes('/clusters/')
  return inCluster ? 'Dedicated' : sku.name
}

/** What the tier of a namespace allows. */
export const limitsOf = (namespace: Pick<Namespace, 'sku' | 'properties'>): TierLimits => LIMITS[tierOf(namespace)]

/** How the service writes the time of a write: with zone. */
export const utcText = (ms: number): string => new Date(ms).toISOString()

/** How it writes the times of a stored hub: without. */
export const bareText = (ms: number): string => utcText(ms).slice(0, -1)

/** The service computes these: what a client sends for them is ignored. */
// prettier-ignore
export const COMPUTED = [
  'provisioningState', 'status', 'createdAt', 'updatedAt', 'serviceBusEndpoint', 'metricId', 'kafkaEnabled',
  'privateEndpointConnections',
]

/**
 * From which api-version on a property exists. Sources: recordings of 2024-03 (2021-11-01) and 2024-09
 * (2023-01-01-preview, 2024-05-01-preview), and of 2020-09 and 2022-10 for the older ones.
 */
const FIRST_VERSION: Readonly<Record<string, string>> = {
  zoneRedundant: '2018-01-01-preview',
  disableLocalAuth: '2021-11-01',
  minimumTlsVersion: '2022-01-01-preview',
  publicNetworkAccess: '2022-01-01-preview',
  geoDataReplication: '2023-01-01-preview',
}

/** Whether an api-version has a property. */
export const knows = (version: string, property: string): boolean => since(version, FIRST_VERSION[property] ?? '')

const STATUS: Readonly<Record<Transition['state'], string>> = {
  Creating: 'Creating',
  Updating: 'Updating',
  ActivatingIdentity: 'ActivatingIdentity',
  Deleting: 'Removing',
}

/** A namespace in the answer to a call. */
export function namespaceView(call: Call, namespace: Namespace) {
  return {
    id: namespaceId(namespace),
    name: namespace.name,
    type: 'Microsoft.EventHub/Namespaces',
    location: namespace.location,
    tags: namespace.tags,
    properties: propertiesView(call, namespace),
    ...(namespace.identity && { identity: namespace.identity }),
    sku: namespace.sku,
  }
}

function propertiesView(call: Call, namespace: Namespace): JsonObject {
  const { properties, name, transition } = namespace
  const version = call.apiVersion
  const unknown = Object.keys(FIRST_VERSION).filter((key) => !knows(version, key))
  const replication = objectAt(properties, 'geoDataReplication')
  const hidden = [...unknown, 'geoDataReplication', ...(isReplicated(replication) ? ['clusterArmId'] : [])]
  const final = namespace.failed ? 'Failed' : 'Succeeded'
  return {
    ...(knows(version, 'geoDataReplication') && { geoDataReplication: replicationView(replication, transition) }),
    ...without(properties, hidden),
    ...connectionsShown(call, namespace),
    metricId: `${namespace.subscription}:${name.toLowerCase()}`,
    serviceBusEndpoint: `https://${name}.servicebus.windows.net:443/`,
    kafkaEnabled: limitsOf(namespace).kafka,
    provisioningState: transition?.state ?? final,
    status: transition ? STATUS[transition.state] : 'Active',
    createdAt: utcText(namespace.createdAt),
    updatedAt: utcText(namespace.updatedAt),
  }
}

/**
 * The private endpoints, in the answer to a GET or LIST. Recorded: in 2024-03 with 2021-11-01 also an empty list, in
 * 2024-09 with 2024-05-01-preview no empty one.
 */
function connectionsShown(call: Call, namespace: Namespace): JsonObject {
  const connections = connectionsOf(call, namespace)
  const isTold = since(call.apiVersion, '2022-01-01') ? connections.length > 0 : since(call.apiVersion, '2021-01-01')
  if (call.method !== 'GET' || !isTold) return {}
  return { privateEndpointConnections: connections.map((connection) => connectionView(call, namespace, connection)) }
}

const locationsOf = (replication: JsonObject): readonly JsonObject[] => {
  const locations = replication['locations']
  return Array.isArray(locations) ? (locations as readonly Json[]).filter(isObject) : []
}

/** With a second region only the list of regions shows the cluster. Recorded in 2024-09. */
const isReplicated = (replication: JsonObject): boolean => locationsOf(replication).length > 1

function replicationView(replication: JsonObject, transition: Transition | undefined): JsonObject {
  const isBuilding = (role: Json | undefined) =>
    role === 'Primary' ? transition?.state === 'Creating' : transition !== undefined
  return {
    ...replication,
    locations: locationsOf(replication).map((location) => ({
      ...location,
      replicaState: isBuilding(location['roleType']) ? 'InBuild' : 'Ready',
    })),
  }
}
