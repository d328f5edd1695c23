import type { CaptureDescription, Destination, Eventhub } from '@azure/arm-eventhub'
import { NO_IDENTITY, SYSTEM_ASSIGNED } from '../inputs/identity.ts'
import { canonicalIpRule } from '../inputs/network.ts'
import type { Body } from './api-properties.ts'
import { toNetwork } from './mappers.ts'
import type { IdentityChange } from '../resources/identity.ts'
import { networkAfter, type NetworkSpec } from '../resources/network/network.ts'
import { CAPTURE_DEFAULTS, type CaptureIdentity } from '../inputs/capture.ts'
import { LIMITS } from '../lib/limits.ts'
import type { NamespaceChanges, NewNamespace } from '../resources/namespace/namespace.ts'
import type { HubChanges, NewHub } from '../resources/hub/hub.ts'
import { HUB_STATUSES } from '../resources/hub/settings.ts'
import type { ConsumerGroupBody } from '../resources/consumer-group.ts'
import type { CaptureActual } from '../resources/capture/capture.ts'

/** Azure needs both fields or none, and 0 for off. https://github.com/Azure/azure-cli/pull/10069 */
const autoInflateOf = (max: number) => ({ isAutoInflateEnabled: max > 0, maximumThroughputUnits: max })

/** Sets every value that a later PUT or the default of another client could change. */
export function newNamespaceBody(body: NewNamespace): Body {
  const { location, tier, capacity, autoInflateMax, localAuthDisabled, tags } = body
  const { minimumTls: minimumTlsVersion, publicNetworkAccess, zoneRedundant, identities } = body
  return {
    location,
    tags,
    identity: identities && managedIdentity({ identities, gone: [] }),
    sku: { name: tier, tier, capacity },
    properties: {
      ...(LIMITS[tier].autoInflate ? autoInflateOf(autoInflateMax) : {}),
      ...(localAuthDisabled ? { disableLocalAuth: true } : {}),
      ...{ minimumTlsVersion, publicNetworkAccess, zoneRedundant },
    },
  }
}

/**
 * A PATCH keeps a user-assigned identity that it does not name, and null takes it away. A type without `UserAssigned` takes
 * all of them away.
 */
function managedIdentity({ identities, gone }: IdentityChange) {
  const isUser = (one: string): boolean => one !== SYSTEM_ASSIGNED
  const users = identities.filter(isUser)
  const types = [
    ...(identities.includes(SYSTEM_ASSIGNED) ? [SYSTEM_ASSIGNED] : []),
    ...(users.length > 0 ? ['UserAssigned'] : []),
  ]
  const entries = [...users.map((id) => [id, {}] as const), ...gone.filter(isUser).map((id) => [id, null] as const)]
  return {
    type: types.join(', ') || NO_IDENTITY,
    ...(users.length > 0 ? { userAssignedIdentities: Object.fromEntries(entries) } : {}),
  }
}

/** Only the changes; `JSON.stringify` omits undefined values. */
export const namespaceChangesBody = ({ sku, autoInflateMax, identity, tags, ...changes }: NamespaceChanges): Body => ({
  sku: sku && { name: sku.tier, tier: sku.tier, capacity: sku.capacity },
  tags,
  identity: identity && managedIdentity(identity),
  properties: {
    ...(autoInflateMax === undefined ? {} : autoInflateOf(autoInflateMax)),
    disableLocalAuth: changes.localAuthDisabled,
    minimumTlsVersion: changes.minimumTls,
    publicNetworkAccess: changes.publicNetworkAccess,
  },
})

export const newHubBody = (hub: NewHub): Eventhub => ({
  partitionCount: hub.partitions,
  retentionDescription: {
    cleanupPolicy: hub.cleanupPolicy ?? 'Delete',
    ...(hub.retentionHours === undefined ? {} : { retentionTimeInHours: hub.retentionHours }),
    ...(hub.tombstoneHours === undefined ? {} : { tombstoneRetentionTimeInHours: hub.tombstoneHours }),
  },
  ...(hub.status ? { status: hub.status } : {}),
  ...(hub.timestampType ? { messageTimestampDescription: { timestampType: hub.timestampType } } : {}),
  ...(hub.capture ? { captureDescription: newCaptureDescription(hub.capture) } : {}),
})

/** Set by Azure alone. Azure refuses a hub PUT whose `location` differs from the namespace's. */
const READ_ONLY = ['id', 'name', 'type', 'location', 'systemData']
const READ_ONLY_PROPERTIES = ['createdAt', 'updatedAt', 'partitionIds']

/**
 * The PUT body for a changed hub, from the answer of GET, including properties that we do not know. It omits values that
 * Azure derives: `messageRetentionInDays` is the hours rounded up, so it would contradict new hours. For a compacted hub
 * it is 2^63-1, and `retentionTimeInHours` is -1.
 */
export function mergeHub(current: unknown, changes: HubChanges): JsonObject {
  const resource = asObject(current)
  const properties: Record<string, unknown> = without(asObject(resource['properties']), READ_ONLY_PROPERTIES)
  if (changes.status) properties['status'] = changes.status
  // Azure refuses a PUT with any other state, because those are temporary.
  if (!HUB_STATUSES.some((one) => one === properties['status'])) delete properties['status']
  const retention = mergeRetention(properties['retentionDescription'], changes)
  if (retention !== undefined) {
    properties['retentionDescription'] = retention
    delete properties['messageRetentionInDays']
  }
  if (changes.partitions !== undefined) properties['partitionCount'] = changes.partitions
  if (changes.timestampType)
    properties['messageTimestampDescription'] = {
      ...asObject(properties['messageTimestampDescription']),
      timestampType: changes.timestampType,
    }
  if (changes.capture !== undefined)
    properties['captureDescription'] = mergeCapture(properties['captureDescription'], changes.capture)
  return { ...without(resource, READ_ONLY), properties }
}

/** The PUT body for network rules, with those that are there by then. Rules for one address in two spellings become one. */
export function mergeNetwork(current: unknown, spec: NetworkSpec): JsonObject {
  const resource = asObject(current)
  const properties = asObject(resource['properties'])
  const live = toNetwork(properties)
  const after = networkAfter(spec, live)
  const ipRules = new Map(listIn(properties, 'ipRules').map((rule) => [canonicalIpRule(String(rule['ipMask'])), rule]))
  const subnets = listIn(properties, 'virtualNetworkRules')
  return {
    ...without(resource, READ_ONLY),
    properties: {
      ...properties,
      defaultAction: after.defaultAction,
      trustedServiceAccessEnabled: after.trustedServices,
      ipRules: after.ipRules.map((ip) => ipRules.get(ip) ?? { ipMask: ip, action: 'Allow' }),
      virtualNetworkRules: after.subnets.map(({ id, ignoreMissingServiceEndpoint }) => ({
        ...(subnets[live.subnets.findIndex((one) => one.id === id)] ?? { subnet: { id } }),
        ignoreMissingVnetServiceEndpoint: ignoreMissingServiceEndpoint,
      })),
    },
  }
}

const listIn = (object: JsonObject, key: string): readonly JsonObject[] => {
  const value = object[key]
  return Array.isArray(value) ? (value as readonly JsonObject[]) : []
}

/** The properties of a new consumer group. */
export const groupProperties = ({ userMetadata }: ConsumerGroupBody) => (userMetadata === '' ? {} : { userMetadata })

/** The PUT body for a consumer group with new metadata. */
export function mergeConsumerGroup(current: unknown, changes: ConsumerGroupBody): JsonObject {
  const resource = asObject(current)
  const properties = without(asObject(resource['properties']), [...READ_ONLY_PROPERTIES, 'userMetadata'])
  return { ...without(resource, READ_ONLY), properties: { ...properties, ...groupProperties(changes) } }
}

function mergeRetention(
  current: unknown,
  { retentionHours: hours, tombstoneHours }: Pick<HubChanges, 'retentionHours' | 'tombstoneHours'>,
): JsonObject | undefined {
  if (current === undefined && hours === undefined) return undefined
  const retention: Record<string, unknown> =
    current === undefined ? { cleanupPolicy: 'Delete' } : { ...asObject(current) }
  if (tombstoneHours !== undefined) retention['tombstoneRetentionTimeInHours'] = tombstoneHours
  if (hours !== undefined) return { ...retention, retentionTimeInHours: hours }
  if (!isPlainHours(retention['retentionTimeInHours'])) delete retention['retentionTimeInHours']
  return retention
}

/** -1 means unlimited, like a number too large for JavaScript, which is a marked string here. */
const isPlainHours = (hours: unknown): boolean => typeof hours === 'number' && hours >= 0

/** The type of a storage account as destination, required by PUT: https://github.com/Azure/azure-cli/issues/28347 */
const BLOB_DESTINATION = 'EventHubArchive.AzureBlockBlob'

const newCaptureDescription = (capture: CaptureActual): CaptureDescription => ({
  enabled: true,
  encoding: capture.encoding,
  intervalInSeconds: capture.intervalSeconds,
  sizeLimitInBytes: capture.sizeLimitBytes,
  skipEmptyArchives: capture.skipEmptyArchives,
  destination: {
    name: BLOB_DESTINATION,
    ...identityOf(capture.identity),
    storageAccountResourceId: capture.storageAccount,
    blobContainer: capture.container,
    archiveNameFormat: capture.archiveNameFormat,
  },
})

/**
 * The `captureDescription` after a change, including properties that we do not know. Like in the portal, Capture that is
 * switched off keeps its settings for later.
 */
export function mergeCapture(current: unknown, change: Partial<CaptureActual> | 'off'): JsonObject {
  const previous = asObject(current)
  if (change === 'off') return { ...previous, enabled: false }
  const { intervalSeconds, sizeLimitBytes, skipEmptyArchives, encoding } = change
  return {
    encoding: CAPTURE_DEFAULTS.encoding,
    intervalInSeconds: CAPTURE_DEFAULTS.intervalSeconds,
    sizeLimitInBytes: CAPTURE_DEFAULTS.sizeLimitBytes,
    ...previous,
    enabled: true,
    ...defined({ intervalInSeconds: intervalSeconds, sizeLimitInBytes: sizeLimitBytes, skipEmptyArchives, encoding }),
    destination: mergeDestination(asObject(previous['destination']), change),
  }
}

/** Keeps nothing of a destination that is not a storage account. */
function mergeDestination(current: JsonObject, change: Partial<CaptureActual>): JsonObject {
  const previous = current['name'] === BLOB_DESTINATION ? current : {}
  const { storageAccount, container, archiveNameFormat, identity } = change
  return {
    ...(identity === undefined ? previous : { ...without(previous, ['identity']), ...identityOf(identity) }),
    name: BLOB_DESTINATION,
    properties: {
      archiveNameFormat: CAPTURE_DEFAULTS.archiveNameFormat,
      ...asObject(previous['properties']),
      ...defined({ storageAccountResourceId: storageAccount, blobContainer: container, archiveNameFormat }),
    },
  }
}

/** Without an identity, Azure writes with a key of the storage account. */
function identityOf(identity: CaptureIdentity): Pick<Destination, 'identity'> {
  if (identity === CAPTURE_DEFAULTS.identity) return {}
  if (identity === 'SystemAssigned') return { identity: { type: identity } }
  return { identity: { type: 'UserAssigned', userAssignedIdentity: identity } }
}

type JsonObject = Readonly<Record<string, unknown>>

/** The value, or an empty object if it is not an object. */
const asObject = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}

const without = (object: JsonObject, keys: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)))

const defined = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
