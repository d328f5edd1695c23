import type { CaptureDescription, Destination, Eventhub } from '@azure/arm-eventhub'
import { CAPTURE_DEFAULTS, type CaptureIdentity } from '../inputs/capture.ts'
import { LIMITS } from '../lib/limits.ts'
import type { NamespaceChanges, NewNamespace } from '../resources/namespace/namespace.ts'
import type { HubChanges, NewHub } from '../resources/hub/hub.ts'
import type { ConsumerGroupBody } from '../resources/consumer-group.ts'
import type { CaptureActual } from '../resources/capture/capture.ts'

/** Azure wants both fields or none, and 0 when it is off. https://github.com/Azure/azure-cli/pull/10069 */
const autoInflateOf = (max: number) => ({ isAutoInflateEnabled: max > 0, maximumThroughputUnits: max })

/** Names every value that a later PUT or another client's default could change. */
export function newNamespaceBody(body: NewNamespace): string {
  const { location, tier, capacity, autoInflateMax, localAuthDisabled, tags } = body
  return JSON.stringify({
    location,
    tags,
    sku: { name: tier, tier, capacity },
    properties: {
      ...(LIMITS[tier].autoInflate ? autoInflateOf(autoInflateMax) : {}),
      ...(localAuthDisabled ? { disableLocalAuth: true } : {}),
    },
  })
}

/** Only what changes: the rest stays as it is. */
export function namespaceChangesBody({ sku, autoInflateMax, localAuthDisabled, tags }: NamespaceChanges): string {
  return JSON.stringify({
    ...(sku === undefined ? {} : { sku: { name: sku.tier, tier: sku.tier, capacity: sku.capacity } }),
    ...(tags === undefined ? {} : { tags }),
    properties: {
      ...(autoInflateMax === undefined ? {} : autoInflateOf(autoInflateMax)),
      ...(localAuthDisabled === undefined ? {} : { disableLocalAuth: localAuthDisabled }),
    },
  })
}

export const newHubBody = ({ partitions, retentionHours, capture }: NewHub): Eventhub => ({
  partitionCount: partitions,
  retentionDescription:
    retentionHours === undefined
      ? { cleanupPolicy: 'Compact' }
      : { cleanupPolicy: 'Delete', retentionTimeInHours: retentionHours },
  ...(capture ? { captureDescription: newCaptureDescription(capture) } : {}),
})

/** What Azure alone sets, on a resource of any type. A hub PUT with a `location` other than the namespace's is refused. */
const READ_ONLY = ['id', 'name', 'type', 'location', 'systemData']
const READ_ONLY_PROPERTIES = ['createdAt', 'updatedAt', 'partitionIds']
/** The states that may be written. The others pass by themselves, and Azure refuses them. */
const WRITABLE_STATUS = ['Active', 'Disabled', 'SendDisabled', 'ReceiveDisabled']

/**
 * The body that writes a hub back with changes, made from the answer of GET. Everything that may be written stays, known
 * to us or not. What Azure derives is left out: `messageRetentionInDays` is the hours rounded up, so it contradicts new
 * hours; for a compacted hub it is 2^63-1, and `retentionTimeInHours` is -1.
 */
export function mergeHub(current: unknown, changes: HubChanges): JsonObject {
  const resource = asObject(current)
  const properties: Record<string, unknown> = without(asObject(resource['properties']), READ_ONLY_PROPERTIES)
  if (!WRITABLE_STATUS.includes(String(properties['status']))) delete properties['status']
  const retention = mergeRetention(properties['retentionDescription'], changes.retentionHours)
  if (retention !== undefined) {
    properties['retentionDescription'] = retention
    delete properties['messageRetentionInDays']
  }
  if (changes.partitions !== undefined) properties['partitionCount'] = changes.partitions
  if (changes.capture !== undefined)
    properties['captureDescription'] = mergeCapture(properties['captureDescription'], changes.capture)
  return { ...without(resource, READ_ONLY), properties }
}

/** The body that writes a consumer group back with new metadata. */
export function mergeConsumerGroup(current: unknown, changes: ConsumerGroupBody): JsonObject {
  const resource = asObject(current)
  const properties = without(asObject(resource['properties']), READ_ONLY_PROPERTIES)
  return { ...without(resource, READ_ONLY), properties: { ...properties, userMetadata: changes.userMetadata } }
}

function mergeRetention(current: unknown, hours: number | undefined): JsonObject | undefined {
  if (current === undefined && hours === undefined) return undefined
  const retention: Record<string, unknown> =
    current === undefined ? { cleanupPolicy: 'Delete' } : { ...asObject(current) }
  if (hours !== undefined) return { ...retention, retentionTimeInHours: hours }
  if (!isPlainHours(retention['retentionTimeInHours'])) delete retention['retentionTimeInHours']
  return retention
}

/** -1 means "without end", and so does a number too large for JavaScript, which comes as a marked string. */
const isPlainHours = (hours: unknown): boolean => typeof hours === 'number' && hours >= 0

/** The kind of destination that a storage account is. Without it the PUT fails: https://github.com/Azure/azure-cli/issues/28347 */
const BLOB_DESTINATION = 'EventHubArchive.AzureBlockBlob'

/** Of a new hub, as the SDK takes it. */
const newCaptureDescription = (capture: CaptureActual): CaptureDescription => ({
  enabled: true,
  encoding: 'Avro',
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
 * The `captureDescription` after a change, made from the present one, if any. Capture that is switched off keeps its
 * settings, as in the portal, and has them again when it is switched on. What we do not know stays.
 */
export function mergeCapture(current: unknown, change: Partial<CaptureActual> | 'off'): JsonObject {
  const standing = asObject(current)
  if (change === 'off') return { ...standing, enabled: false }
  const { intervalSeconds, sizeLimitBytes, skipEmptyArchives } = change
  return {
    encoding: 'Avro',
    intervalInSeconds: CAPTURE_DEFAULTS.intervalSeconds,
    sizeLimitInBytes: CAPTURE_DEFAULTS.sizeLimitBytes,
    ...standing,
    enabled: true,
    ...(intervalSeconds === undefined ? {} : { intervalInSeconds: intervalSeconds }),
    ...(sizeLimitBytes === undefined ? {} : { sizeLimitInBytes: sizeLimitBytes }),
    ...(skipEmptyArchives === undefined ? {} : { skipEmptyArchives }),
    destination: mergeDestination(asObject(standing['destination']), change),
  }
}

/** Nothing of a destination of another kind is kept. */
function mergeDestination(current: JsonObject, change: Partial<CaptureActual>): JsonObject {
  const standing = current['name'] === BLOB_DESTINATION ? current : {}
  const { storageAccount, container, archiveNameFormat, identity } = change
  const kept = identity === undefined ? standing : without(standing, ['identity'])
  return {
    ...kept,
    name: BLOB_DESTINATION,
    ...(identity === undefined ? {} : identityOf(identity)),
    properties: {
      archiveNameFormat: CAPTURE_DEFAULTS.archiveNameFormat,
      ...asObject(standing['properties']),
      ...(storageAccount === undefined ? {} : { storageAccountResourceId: storageAccount }),
      ...(container === undefined ? {} : { blobContainer: container }),
      ...(archiveNameFormat === undefined ? {} : { archiveNameFormat }),
    },
  }
}

/** Without an identity, Azure uses a key of the storage account. */
function identityOf(identity: CaptureIdentity): Pick<Destination, 'identity'> {
  if (identity === CAPTURE_DEFAULTS.identity) return {}
  if (identity === 'SystemAssigned') return { identity: { type: identity } }
  return { identity: { type: 'UserAssigned', userAssignedIdentity: identity } }
}

type JsonObject = Readonly<Record<string, unknown>>

/** The value if it is an object, else an empty object. */
const asObject = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}

const without = (object: JsonObject, keys: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)))
