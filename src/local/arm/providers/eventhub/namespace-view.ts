import { type Json, type JsonObject, isObject, objectAt, without } from '../../core/body.ts'
import { type Namespace, type Transition, namespaceId } from '../../core/model.ts'
import { since } from '../../core/versions.ts'
import { limitsOf, utcText } from './scope.ts'

/** Computed by the service: what a client sends for them is not read. */
export const COMPUTED = [
  'provisioningState',
  'status',
  'createdAt',
  'updatedAt',
  'serviceBusEndpoint',
  'metricId',
  'kafkaEnabled',
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

export const knows = (version: string, property: string): boolean => since(version, FIRST_VERSION[property] ?? '')

const STATUS: Readonly<Record<Transition['state'], string>> = {
  Creating: 'Creating',
  Updating: 'Updating',
  Deleting: 'Removing',
}

/** `asRead`: the answer to a GET or LIST, which differs from that to a PUT in one property of one api-version. */
export function namespaceView(namespace: Namespace, version: string, asRead: boolean) {
  return {
    id: namespaceId(namespace),
    name: namespace.name,
    type: 'Microsoft.EventHub/Namespaces',
    location: namespace.location,
    tags: namespace.tags,
    properties: propertiesView(namespace, version, asRead),
    ...(namespace.identity && { identity: namespace.identity }),
    sku: namespace.sku,
  }
}

function propertiesView(namespace: Namespace, version: string, asRead: boolean): JsonObject {
  const { properties, name, transition } = namespace
  const unknown = Object.keys(FIRST_VERSION).filter((key) => !knows(version, key))
  const replication = objectAt(properties, 'geoDataReplication')
  const hidden = [...unknown, 'geoDataReplication', ...(isReplicated(replication) ? ['clusterArmId'] : [])]
  const withConnections = asRead && since(version, '2021-01-01') && !since(version, '2022-01-01')
  const final = namespace.failed ? 'Failed' : 'Succeeded'
  return {
    ...(knows(version, 'geoDataReplication') && { geoDataReplication: replicationView(replication, transition) }),
    ...without(properties, hidden),
    ...(withConnections && { privateEndpointConnections: [] }),
    metricId: `${namespace.subscription}:${name.toLowerCase()}`,
    serviceBusEndpoint: `https://${name}.servicebus.windows.net:443/`,
    kafkaEnabled: limitsOf(namespace).kafka,
    provisioningState: transition?.state ?? final,
    status: transition ? STATUS[transition.state] : 'Active',
    createdAt: utcText(namespace.createdAt),
    updatedAt: utcText(namespace.updatedAt),
  }
}

const locationsOf = (replication: JsonObject): readonly JsonObject[] => {
  const locations = replication['locations']
  return Array.isArray(locations) ? (locations as readonly Json[]).filter(isObject) : []
}

/** With a second region the cluster is told by the list of regions alone. Recorded in 2024-09. */
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
