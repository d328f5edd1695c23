import { invalidContent, messagingBadRequest } from '../errors.ts'
import { type Json, type JsonObject, objectAt, without } from '../json.ts'
import { HUB_DEFAULTS, type TierLimits } from '../limits.ts'
import type { Hub, HubStatus, Namespace } from '../model.ts'
import type { Call } from '../routes.ts'
import { readCapture } from './capture-body.ts'
import { limitsOf, tierOf } from './scope.ts'

/** Computed by the service: what a client sends for them is not read. `messageRetentionInDays` follows the hours. */
const COMPUTED = ['partitionIds', 'createdAt', 'updatedAt', 'messageRetentionInDays']

const STATUSES: readonly HubStatus[] = ['Active', 'Disabled', 'SendDisabled', 'ReceiveDisabled']
const POLICIES = ['Delete', 'Compact', 'DeleteOrCompact']
const HOURS_PER_DAY = 24

/**
 * The properties of a hub after a PUT: what is left out is gone, or the default again; unknown properties are kept as
 * sent. Throws ArmError 400.
 */
export function readHubProperties(call: Call, namespace: Namespace, known: Hub | undefined): JsonObject {
  const sent = objectAt(call.body ?? {}, 'properties')
  const own = without(sent, COMPUTED)
  const limits = limitsOf(namespace)
  const partitionCount = readPartitions(own['partitionCount'], namespace, known)
  const retentionDescription = readRetention(sent, tierOf(namespace), limits, known)
  const status = readStatus(own['status'], known)
  const captureDescription = readCapture(own['captureDescription'], { status, limits, call })
  const timestamp = objectAt(own, 'messageTimestampDescription')
  return {
    ...without(own, ['captureDescription']),
    partitionCount,
    retentionDescription,
    messageTimestampDescription: { timestampType: 'LogAppend', ...timestamp },
    status,
    ...(captureDescription && { captureDescription }),
  }
}

function readPartitions(sent: Json | undefined, namespace: Namespace, known: Hub | undefined): number {
  const limits = limitsOf(namespace)
  const standing = known?.properties['partitionCount'] as number | undefined
  const count = sent ?? standing ?? HUB_DEFAULTS.partitionCount
  if (typeof count !== 'number' || !Number.isInteger(count)) {
    throw invalidContent(`Error converting value ${JSON.stringify(count)}. Path 'properties.partitionCount'.`)
  }
  if (standing !== undefined && count !== standing && !limits.partitionsCanGrow) {
    throw messagingBadRequest(
      'PartitionCount can only be changed on a Dedicated Event Hub cluster or Premium namespace.',
    )
  }
  if (standing !== undefined && count < standing) {
    throw messagingBadRequest(
      `The partition count of an event hub cannot be decreased from '${standing}' to '${count}'.`,
    )
  }
  if (count < 1 || count > limits.partitionsPerHub) {
    throw messagingBadRequest(
      `The specified value '${count}' of PartitionCount is out of range. Valid range is 1-${limits.partitionsPerHub}.`,
    )
  }
  checkPartitionsOfNamespace(namespace, known, count)
  return count
}

function checkPartitionsOfNamespace(namespace: Namespace, known: Hub | undefined, count: number): void {
  const { partitionsPerUnit } = limitsOf(namespace)
  if (partitionsPerUnit === undefined) return
  const others = [...namespace.hubs.values()].filter((hub) => hub !== known)
  const total = others.reduce((sum, hub) => sum + (hub.properties['partitionCount'] as number), count)
  const allowed = partitionsPerUnit * namespace.sku.capacity
  if (total > allowed) {
    throw messagingBadRequest(`The namespace would have '${total}' partitions. Its capacity allows '${allowed}'.`)
  }
}

function readRetention(sent: JsonObject, tier: string, limits: TierLimits, known: Hub | undefined): JsonObject {
  const description = objectAt(sent, 'retentionDescription')
  const standing = objectAt(known?.properties ?? {}, 'retentionDescription')['cleanupPolicy']
  const cleanupPolicy = description['cleanupPolicy'] ?? standing ?? 'Delete'
  if (typeof cleanupPolicy !== 'string' || !POLICIES.includes(cleanupPolicy)) {
    throw invalidContent(`Error converting value. Path 'properties.retentionDescription.cleanupPolicy'.`)
  }
  if (standing !== undefined && cleanupPolicy !== standing) {
    throw messagingBadRequest('The cleanup policy of an event hub cannot be changed.')
  }
  if (cleanupPolicy !== 'Delete' && !limits.compaction) {
    throw messagingBadRequest(`Log compaction is not available in the ${tier} tier.`)
  }
  if (cleanupPolicy === 'Compact') return { ...description, cleanupPolicy, retentionTimeInHours: -1 }
  return { ...description, cleanupPolicy, retentionTimeInHours: readHours(sent, description, tier, limits) }
}

/** Old clients send days, new ones hours; both are accepted while they say the same. */
function readHours(sent: JsonObject, description: JsonObject, tier: string, limits: TierLimits): number {
  const hours = description['retentionTimeInHours']
  const days = sent['messageRetentionInDays']
  const value = hours ?? (typeof days === 'number' ? days * HOURS_PER_DAY : days) ?? HUB_DEFAULTS.retentionHours
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw invalidContent(`Error converting value ${JSON.stringify(value)} to a retention time.`)
  }
  const mostDays = limits.retentionHours / HOURS_PER_DAY
  if (value < 1 || value > limits.retentionHours) {
    throw messagingBadRequest(
      `The value '${value / HOURS_PER_DAY}' for MessageRetentionInDays is not valid for the ${tier} tier. ` +
        `The value can not exceed '${mostDays}' day(s).`,
    )
  }
  if (hours !== undefined && days !== undefined && days !== Math.ceil(value / HOURS_PER_DAY)) {
    throw messagingBadRequest(`MessageRetentionInDays and RetentionTimeInHours do not agree.`)
  }
  return value
}

function readStatus(sent: Json | undefined, known: Hub | undefined): HubStatus {
  const status = STATUSES.find((word) => word === (sent ?? 'Active'))
  if (status === undefined)
    throw invalidContent(`Error converting value ${JSON.stringify(sent)}. Path 'properties.status'.`)
  if (!known && status === 'SendDisabled') {
    throw messagingBadRequest('An event hub cannot be created with status SendDisabled.')
  }
  return status
}
