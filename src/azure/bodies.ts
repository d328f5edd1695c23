import type { CaptureDescription, Destination, Eventhub } from '@azure/arm-eventhub'
import { CAPTURE_DEFAULTS, type CaptureIdentity } from '../inputs/capture-parsers.ts'
import { LIMITS } from '../lib/limits.ts'
import type {
  CaptureActual,
  ConsumerGroupBody,
  HubChanges,
  NamespaceChanges,
  NewHub,
  NewNamespace,
} from '../resources/shapes.ts'

/** Azure wants both or none; 0 where it is off. https://github.com/Azure/azure-cli/pull/10069 */
const autoInflateOf = (max: number) => ({ isAutoInflateEnabled: max > 0, maximumThroughputUnits: max })

/** Everything that a later PUT or another client's default could change is said outright. */
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

/** Only what changes, so that all else stays as it is. */
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
/** The states that may be written; the others are passing ones, which Azure refuses. */
const WRITABLE_STATUS = ['Active', 'Disabled', 'SendDisabled', 'ReceiveDisabled']

/**
 * The body that writes a hub back with changes, from what GET told. All that may be written stays, known to us or not.
 * Left out is what Azure derives: `messageRetentionInDays` is the hours rounded up and contradicts changed hours, and
 * for a compacted hub it is 2^63-1, as its `retentionTimeInHours` is -1.
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

/** The body that writes a consumer group back with other metadata. */
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

/** -1 and numbers too large for JavaScript (then a marked string) stand for "without end". */
const isPlainHours = (hours: unknown): boolean => typeof hours === 'number' && hours >= 0

/** The destination that a storage account is. Left out, the PUT fails: https://github.com/Azure/azure-cli/issues/28347 */
const BLOB_DESTINATION = 'EventHubArchive.AzureBlockBlob'

/** What a new hub is made with, as the SDK takes it. */
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
 * The `captureDescription` after a change, from the one that stands there, if any. What is switched off keeps its
 * settings, as the portal does it, and gets them back when it is switched on. What is not known to us stays.
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

/** A destination of another kind leaves nothing behind. */
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

/** Without one, Azure takes a key of the storage account. */
function identityOf(identity: CaptureIdentity): Pick<Destination, 'identity'> {
  if (identity === CAPTURE_DEFAULTS.identity) return {}
  if (identity === 'SystemAssigned') return { identity: { type: identity } }
  return { identity: { type: 'UserAssigned', userAssignedIdentity: identity } }
}

type JsonObject = Readonly<Record<string, unknown>>

/** The value where it is an object, else an empty one. */
const asObject = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}

const without = (object: JsonObject, keys: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)))
