import { type ArmError, invalidContent } from '../../core/errors.ts'
import { badRequest, invalidMaximum } from './errors.ts'
import { type Json, type JsonObject, isObject, objectAt, without } from '../../core/body.ts'
import { LIMITS, TIERS, type TierLimits } from '../../../../lib/limits.ts'
import { MAXIMUM_THROUGHPUT_UNITS } from './limits.ts'
import type { Namespace, Sku } from './model.ts'
import { normalizeLocation } from '../../core/regions.ts'
import { cannotConvert, checkShape, type Shape } from '../../core/shape.ts'
import { type Call, since } from '../../core/routes.ts'
import { COMPUTED, knows, limitsOf, tierOf } from './namespace.ts'

/** What a PUT or PATCH sets on a namespace. */
export type Settings = Pick<Namespace, 'sku' | 'properties' | 'tags' | 'location'> & {
  readonly identity: JsonObject | undefined
}

const TYPES: Readonly<Record<string, 'boolean' | 'integer' | 'string'>> = {
  isAutoInflateEnabled: 'boolean',
  maximumThroughputUnits: 'integer',
  zoneRedundant: 'boolean',
  disableLocalAuth: 'boolean',
  minimumTlsVersion: 'string',
  publicNetworkAccess: 'string',
  clusterArmId: 'string',
}

/** The values of a property, with the api-version that brought one later. https://github.com/Azure/bicep-types-az */
const CHOICES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  minimumTlsVersion: { '1.0': '', '1.1': '', '1.2': '', '1.3': '2025-05-01-preview' },
  publicNetworkAccess: { Enabled: '', Disabled: '', SecuredByPerimeter: '2022-01-01-preview' },
}

const BODY: Shape = {
  sku: { tier: 'string' },
  identity: { userAssignedIdentities: 'object' },
  properties: { geoDataReplication: { maxReplicationLagDurationInSeconds: 'integer' } },
}

/** Throws ArmError 400 when a part of a namespace in a body cannot be what stands there. */
export function checkBody(call: Call): void {
  checkShape(call.body, BODY)
  const sent = without(objectAt(call.body ?? {}, 'properties'), COMPUTED)
  for (const [key, value] of Object.entries(sent)) checkType(call, key, value)
}

/** The sku in a body, completed. Standard when there is none. Throws ArmError 400. */
export function readSku(call: Call, sent: Json | undefined, base?: Sku): Sku {
  const { name = base?.name ?? 'Standard', capacity: sentCapacity, tier: sentTier } = isObject(sent) ? sent : {}
  const tier = TIERS.find((known) => known === name)
  if (tier === undefined) throw badRequest(`The sku ${JSON.stringify(name)} is not valid.`, call.correlationId)
  if (typeof sentTier === 'string' && sentTier !== tier) {
    throw badRequest(`The sku tier '${sentTier}' does not match the sku name '${tier}'.`, call.correlationId)
  }
  const capacity = sentCapacity ?? base?.capacity ?? 1
  const allowed = LIMITS[tier].capacities ?? []
  if (typeof capacity !== 'number' || !allowed.includes(capacity)) {
    const range = tier === 'Premium' ? allowed.join(', ') : `1-${allowed.length}`
    throw badRequest(
      `The capacity '${JSON.stringify(capacity)}' is not valid for sku '${tier}'. Valid values are ${range}.`,
      call.correlationId,
    )
  }
  return { name: tier, tier, capacity }
}

/**
 * The properties of a namespace after a PUT: what is left out is the default again, except what this api-version does
 * not know and what can never change. Unknown properties are kept as sent.
 */
export function readProperties(call: Call, sent: JsonObject, known: Namespace | undefined, sku: Sku, location: string) {
  const own = without(sent, COMPUTED)
  const keep = (key: string, fallback: Json): Json => {
    const standing = known?.properties[key] ?? fallback
    return knows(call.apiVersion, key) ? (own[key] ?? fallback) : standing
  }
  const clusterArmId = own['clusterArmId'] ?? known?.properties['clusterArmId']
  return {
    ...own,
    minimumTlsVersion: keep('minimumTlsVersion', '1.2'),
    publicNetworkAccess: keep('publicNetworkAccess', 'Enabled'),
    disableLocalAuth: keep('disableLocalAuth', false),
    zoneRedundant: known?.properties['zoneRedundant'] ?? own['zoneRedundant'] ?? sku.name === 'Premium',
    isAutoInflateEnabled: own['isAutoInflateEnabled'] ?? false,
    maximumThroughputUnits: own['maximumThroughputUnits'] ?? 0,
    ...(clusterArmId !== undefined && { clusterArmId }),
    geoDataReplication: readReplication(own, known, location, clusterArmId),
  }
}

/** Throws ArmError 400 when a property of a namespace cannot have the value in the api-version of the call. */
export function checkType({ apiVersion }: Call, key: string, value: Json): void {
  const wanted = TYPES[key]
  const fits = wanted === 'integer' ? Number.isInteger(value) : typeof value === wanted
  if ((wanted !== undefined && !fits) || !isChoice(apiVersion, key, value)) {
    throw cannotConvert(value, `properties.${key}`)
  }
}

function isChoice(version: string, key: string, value: Json): boolean {
  const choices = CHOICES[key]
  if (!choices) return true
  return typeof value === 'string' && Object.hasOwn(choices, value) && since(version, choices[value]!)
}

function readReplication(own: JsonObject, known: Namespace | undefined, location: string, cluster: Json | undefined) {
  const standing = objectAt(known?.properties ?? {}, 'geoDataReplication')
  const sent = objectAt(own, 'geoDataReplication')
  const primary = {
    locationName: location,
    roleType: 'Primary',
    ...(cluster !== undefined && { clusterArmId: cluster }),
  }
  const locations = (sent['locations'] ?? standing['locations'] ?? [primary]) as readonly JsonObject[]
  if (!Array.isArray(locations) || !locations.every(isObject)) {
    throw invalidContent("Error converting value. Path 'properties.geoDataReplication.locations'.")
  }
  return {
    ...standing,
    ...sent,
    maxReplicationLagDurationInSeconds:
      sent['maxReplicationLagDurationInSeconds'] ?? standing['maxReplicationLagDurationInSeconds'] ?? 0,
    locations: locations.map((entry) => ({
      ...without(entry, ['replicaState']),
      locationName: normalizeLocation(textOf(entry['locationName'])),
    })),
  }
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '')

/** Rules between settings, and against what is there. Throws ArmError 400. */
export function checkSettings(call: Call, next: Settings, known: Namespace | undefined): void {
  const refuse = (message: string): ArmError => badRequest(message, call.correlationId)
  checkAutoInflate(next, refuse)
  if (!known) return
  const [was, is] = [tierOf(known), tierOf(next)]
  if (was === is) return
  if (![was, is].every((tier) => tier === 'Basic' || tier === 'Standard')) {
    throw refuse(`The sku of a namespace cannot be changed from ${was} to ${is}.`)
  }
  checkHubsFit(known, limitsOf(next), is, refuse)
}

function checkAutoInflate({ properties, sku }: Settings, refuse: (message: string) => ArmError): void {
  const maximum = properties['maximumThroughputUnits'] as number
  if (properties['isAutoInflateEnabled'] !== true) {
    if (maximum > 0) throw refuse('Cannot set MaximumThroughputUnits property if AutoInflate is not enabled.')
    return
  }
  if (!LIMITS[sku.name].autoInflate) throw refuse('Cannot set AutoInflate in Basic, Premium SKU in Eventhub.')
  if (maximum < Math.max(1, sku.capacity) || maximum > MAXIMUM_THROUGHPUT_UNITS) {
    throw invalidMaximum(maximum, sku.capacity)
  }
}

/** A smaller tier must hold what is there. */
function checkHubsFit(known: Namespace, limits: TierLimits, tier: string, refuse: (message: string) => ArmError): void {
  for (const hub of known.hubs.values()) {
    const hours = objectAt(hub.properties, 'retentionDescription')['retentionTimeInHours']
    const tooLong = typeof hours === 'number' && (hours < 0 || hours > limits.maxRetentionHours)
    if (hub.consumerGroups.size > limits.maxConsumerGroups || tooLong) {
      throw refuse(
        `The namespace cannot be changed to ${tier}: event hub '${hub.name}' exceeds the limits of that tier.`,
      )
    }
  }
}
