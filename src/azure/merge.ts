import type { ConsumerGroupBody, HubChanges } from '../resources/shapes.ts'
import { mergeCapture } from './capture.ts'
import { asObject, without, type JsonObject } from './json-object.ts'

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
