import { invalidContent } from '../../core/errors.ts'
import { badRequest, messagingBadRequest, requiredPropertyMissing } from './errors.ts'
import { type Json, type JsonObject, isObject, objectAt, without } from '../../core/body.ts'
import { CAPTURE_LIMITS, type TierLimits, USER_METADATA_MAX } from '../../../../lib/limits.ts'
import { CAPTURE_ENCODINGS, HUB_DEFAULTS } from './limits.ts'
import type { Hub, HubStatus, Namespace } from './model.ts'
import { type Call, since } from '../../core/routes.ts'
import { cannotConvert, checkShape, type Shape } from '../../core/shape.ts'
import { limitsOf, tierOf } from './namespace.ts'

/** The service computes these: what a client sends for them is ignored. `messageRetentionInDays` follows the hours. */
const COMPUTED = ['partitionIds', 'createdAt', 'updatedAt', 'messageRetentionInDays']

const BODY: Shape = {
  properties: {
    retentionDescription: { minCompactionLagTimeInMinutes: 'integer', tombstoneRetentionTimeInHours: 'integer' },
    messageTimestampDescription: { timestampType: 'string' },
    captureDescription: {
      enabled: 'boolean',
      skipEmptyArchives: 'boolean',
      intervalInSeconds: 'integer',
      sizeLimitInBytes: 'integer',
      destination: {
        name: 'string',
        identity: { type: 'string', userAssignedIdentity: 'string' },
        properties: {
          ...{ storageAccountResourceId: 'string', blobContainer: 'string', archiveNameFormat: 'string' },
          ...{ dataLakeSubscriptionId: 'string', dataLakeAccountName: 'string', dataLakeFolderPath: 'string' },
        },
      },
    },
  },
}

const TIMESTAMPS: readonly Json[] = ['LogAppend', 'Create']

const STATUSES: readonly HubStatus[] = ['Active', 'Disabled', 'SendDisabled', 'ReceiveDisabled']
/** With the api-version that brought one later. https://github.com/Azure/bicep-types-az */
const POLICIES: Readonly<Record<string, string>> = { Delete: '', Compact: '', DeleteOrCompact: '2024-05-01-preview' }
const HOURS_PER_DAY = 24

/** From which api-version on a hub has a property. https://github.com/Azure/bicep-types-az */
const FIRST_VERSION = {
  retentionDescription: '2022-10-01-preview',
  messageTimestampDescription: '2024-05-01-preview',
} as const

/** Whether an api-version has a property of hubs. */
export const hubKnows = (version: string, property: keyof typeof FIRST_VERSION): boolean =>
  since(version, FIRST_VERSION[property])

/** A part of a hub as sent, or as it stands where the api-version does not know it. */
const partOf = (call: Call, key: keyof typeof FIRST_VERSION, known: Hub | undefined): JsonObject =>
  objectAt(hubKnows(call.apiVersion, key) ? objectAt(call.body ?? {}, 'properties') : (known?.properties ?? {}), key)

/**
 * The properties of a hub after a PUT. What is left out is gone or has its default again, except what this api-version
 * does not know. Unknown properties are kept as sent. Throws ArmError 400.
 */
export function readHubProperties(call: Call, namespace: Namespace, known: Hub | undefined): JsonObject {
  checkShape(call.body, BODY)
  const sent = objectAt(call.body ?? {}, 'properties')
  const own = without(sent, COMPUTED)
  const limits = limitsOf(namespace)
  const partitionCount = readPartitions(own['partitionCount'], namespace, known)
  const retentionDescription = readRetention(call, namespace, known)
  const status = readStatus(own['status'], known)
  const captureDescription = readCapture(own['captureDescription'], { status, limits, call })
  checkMetadata(own['userMetadata'])
  return {
    ...without(own, ['captureDescription']),
    partitionCount,
    retentionDescription,
    messageTimestampDescription: readTimestamp(partOf(call, 'messageTimestampDescription', known)),
    status,
    ...(captureDescription && { captureDescription }),
  }
}

function readTimestamp(sent: JsonObject): JsonObject {
  const timestampType = sent['timestampType'] ?? 'LogAppend'
  if (TIMESTAMPS.includes(timestampType)) return { ...sent, timestampType }
  throw cannotConvert(timestampType, 'properties.messageTimestampDescription.timestampType')
}

/** Of a hub or a consumer group. Throws ArmError 400. */
export function checkMetadata(sent: Json | undefined): void {
  checkShape(sent, 'string', 'properties.userMetadata')
  if (typeof sent === 'string' && sent.length > USER_METADATA_MAX) {
    throw messagingBadRequest(`UserMetadata must not be longer than '${USER_METADATA_MAX}' characters.`)
  }
}

function readPartitions(sent: Json | undefined, namespace: Namespace, known: Hub | undefined): number {
  const limits = limitsOf(namespace)
  const standing = known?.properties['partitionCount'] as number | undefined
  const count = sent ?? standing ?? HUB_DEFAULTS.partitionCount
  if (typeof count !== 'number' || !Number.isInteger(count)) {
    throw invalidContent(`Error converting value ${JSON.stringify(count)}. Path 'properties.partitionCount'.`)
  }
  if (standing !== undefined && count !== standing && !limits.canAddPartitions) {
    throw messagingBadRequest(
      'PartitionCount can only be changed on a Dedicated Event Hub cluster or Premium namespace.',
    )
  }
  if (standing !== undefined && count < standing) {
    throw messagingBadRequest(
      `The partition count of an event hub cannot be decreased from '${standing}' to '${count}'.`,
    )
  }
  if (count < 1 || count > limits.maxPartitionsPerHub) {
    throw messagingBadRequest(
      `The specified value '${count}' of PartitionCount is out of range. Valid range is 1-${limits.maxPartitionsPerHub}.`,
    )
  }
  checkPartitionsOfNamespace(namespace, known, count)
  return count
}

function checkPartitionsOfNamespace(namespace: Namespace, known: Hub | undefined, count: number): void {
  const { maxPartitionsPerUnit } = limitsOf(namespace)
  if (maxPartitionsPerUnit === undefined) return
  const others = [...namespace.hubs.values()].filter((hub) => hub !== known)
  const total = others.reduce((sum, hub) => sum + (hub.properties['partitionCount'] as number), count)
  const allowed = maxPartitionsPerUnit * namespace.sku.capacity
  if (total > allowed) {
    throw messagingBadRequest(`The namespace would have '${total}' partitions. Its capacity allows '${allowed}'.`)
  }
}

function readRetention(call: Call, namespace: Namespace, known: Hub | undefined): JsonObject {
  const [tier, limits] = [tierOf(namespace), limitsOf(namespace)]
  const description = partOf(call, 'retentionDescription', known)
  const standing = objectAt(known?.properties ?? {}, 'retentionDescription')['cleanupPolicy']
  const cleanupPolicy = description['cleanupPolicy'] ?? standing ?? 'Delete'
  if (!isPolicy(call, cleanupPolicy) && cleanupPolicy !== standing) {
    throw invalidContent(`Error converting value. Path 'properties.retentionDescription.cleanupPolicy'.`)
  }
  if (standing !== undefined && cleanupPolicy !== standing) {
    throw messagingBadRequest('The cleanup policy of an event hub cannot be changed.')
  }
  if (cleanupPolicy !== 'Delete' && !limits.compaction) {
    throw messagingBadRequest(`Log compaction is not available in the ${tier} tier.`)
  }
  if (cleanupPolicy === 'Compact') return { ...description, cleanupPolicy, retentionTimeInHours: -1 }
  return { ...description, cleanupPolicy, retentionTimeInHours: readHours(call, description, tier, limits) }
}

const isPolicy = ({ apiVersion }: Call, value: Json): boolean =>
  typeof value === 'string' && Object.hasOwn(POLICIES, value) && since(apiVersion, POLICIES[value]!)

/** Old clients send days, new ones send hours. Both together are fine when they agree. */
function readHours(call: Call, description: JsonObject, tier: string, limits: TierLimits): number {
  const hours = hubKnows(call.apiVersion, 'retentionDescription') ? description['retentionTimeInHours'] : undefined
  const days = objectAt(call.body ?? {}, 'properties')['messageRetentionInDays']
  const value = hours ?? (typeof days === 'number' ? days * HOURS_PER_DAY : days) ?? HUB_DEFAULTS.retentionHours
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw invalidContent(`Error converting value ${JSON.stringify(value)} to a retention time.`)
  }
  const mostDays = limits.maxRetentionHours / HOURS_PER_DAY
  if (value < 1 || value > limits.maxRetentionHours) {
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

interface HubAround {
  readonly status: HubStatus
  readonly limits: TierLimits
  readonly call: Call
}

/**
 * The Capture of a hub after a PUT, with the defaults filled in; undefined for none. Nobody checks that the storage
 * account exists. Intervals may be shorter than Azure takes them. Throws ArmError 400.
 */
function readCapture(sent: Json | undefined, { status, limits, call }: HubAround): JsonObject | undefined {
  if (!isObject(sent)) return undefined
  const isOn = sent['enabled'] === true
  if (isOn && !limits.capture) throw messagingBadRequest('Capture is not available in the Basic tier.')
  if (isOn && status === 'Disabled') {
    throw badRequest('Event Hub Entity cannot be disabled. (subcode 40000)', call.correlationId)
  }
  const { encoding, destination } = sent
  if (encoding !== undefined && !CAPTURE_ENCODINGS.some((one) => one === encoding)) {
    throw invalidContent(`Error converting value. Path 'properties.captureDescription.encoding'.`)
  }
  if (isObject(destination)) checkDestination(destination)
  return {
    ...sent,
    intervalInSeconds: readBounded(sent, 'intervalInSeconds', INTERVAL_SECONDS),
    sizeLimitInBytes: readBounded(sent, 'sizeLimitInBytes', SIZE_BYTES),
  }
}

function checkDestination({ name, properties }: JsonObject): void {
  if (name === undefined) throw requiredPropertyMissing('name', 'properties.captureDescription.destination')
  const format = isObject(properties) ? properties['archiveNameFormat'] : undefined
  if (typeof format !== 'string' || CAPTURE_LIMITS.nameParts.every((part) => format.includes(part))) return
  throw messagingBadRequest(`ArchiveNameFormat has to contain ${CAPTURE_LIMITS.nameParts.join(', ')}.`)
}

type Bounds = { readonly min: number; readonly max: number; readonly usual: number }

const INTERVAL_SECONDS: Bounds = { ...CAPTURE_LIMITS.intervalSeconds, min: CAPTURE_LIMITS.intervalSeconds.localMin }

const megabytes = (count: number): number => count * 1_048_576
const { min, max, usual } = CAPTURE_LIMITS.sizeMegabytes
const SIZE_BYTES: Bounds = { min: megabytes(min), max: megabytes(max), usual: megabytes(usual) }

function readBounded(capture: JsonObject, key: string, { min, max, usual }: Bounds): number {
  const value = capture[key] ?? usual
  if (typeof value === 'number' && value >= min && value <= max) return value
  throw messagingBadRequest(
    `The value '${JSON.stringify(value)}' of ${key} is out of range. Valid range is ${min}-${max}.`,
  )
}
