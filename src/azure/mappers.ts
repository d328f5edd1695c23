import type {
  AccessKeys,
  AuthorizationRule,
  ConsumerGroup,
  EHNamespace,
  Eventhub,
  NetworkRuleSet,
  PrivateEndpointConnection,
} from '@azure/arm-eventhub'
import type { GenericResourceExpanded, Provider, ResourceGroup } from '@azure/arm-resources'
import type { Keys, LockActual, ResourceActual } from '../engine/cloud.ts'
import type { CaptureActual, StorageAccountActual } from '../resources/capture/capture.ts'
import type { ConsumerGroupActual } from '../resources/consumer-group.ts'
import type { GroupActual, ProviderActual } from '../resources/resource-group.ts'
import type { HubActual } from '../resources/hub/hub.ts'
import { compacts } from '../resources/hub/settings.ts'
import type { NamespaceActual } from '../resources/namespace/namespace.ts'
import type { Right, RuleActual } from '../resources/access-rule/access-rule.ts'
import { Secret } from '../lib/secret.ts'
import { CAPTURE_DEFAULTS } from '../inputs/capture.ts'
import { SYSTEM_ASSIGNED } from '../inputs/identity.ts'
import { canonicalIpRule } from '../inputs/network.ts'
import { OPEN_NETWORK, type NetworkActual } from '../resources/network/network.ts'
import { LIMITS, TIERS, type LiveTier } from '../lib/limits.ts'
import { sameName } from '../lib/names.ts'

/** `East US` -> `eastus`. Azure uses both forms. */
export const normalizeLocation = (location: string): string => location.replace(/\s+/g, '').toLowerCase()

/** The longest retention of any tier. A larger number from Azure means unlimited. */
const MAX_RETENTION_HOURS = Math.max(...Object.values(LIMITS).map((limits) => limits.maxRetentionHours))

export function toProvider(provider: Provider): ProviderActual {
  const namespaces = provider.resourceTypes?.find((type) => type.resourceType?.toLowerCase() === 'namespaces')
  return { state: provider.registrationState, locations: (namespaces?.locations ?? []).map(normalizeLocation) }
}

export const toGroup = (group: ResourceGroup): GroupActual => ({
  name: group.name ?? '',
  location: normalizeLocation(group.location),
  provisioningState: group.properties?.provisioningState ?? 'Succeeded',
  tags: group.tags ?? {},
})

export const toNamespace = (namespace: EHNamespace, dataSuffix: string): NamespaceActual => ({
  id: namespace.id ?? '',
  name: namespace.name ?? '',
  location: normalizeLocation(namespace.location ?? ''),
  provisioningState: namespace.provisioningState ?? 'Succeeded',
  tier: tierOf(namespace),
  capacity: namespace.sku?.capacity ?? 1,
  autoInflateMax: namespace.isAutoInflateEnabled ? (namespace.maximumThroughputUnits ?? 0) : 0,
  kafkaEnabled: namespace.kafkaEnabled ?? false,
  localAuthDisabled: namespace.disableLocalAuth ?? false,
  minimumTls: namespace.minimumTlsVersion,
  publicNetworkAccess: namespace.publicNetworkAccess ?? 'Enabled',
  zoneRedundant: namespace.zoneRedundant ?? false,
  identities: identitiesOf(namespace.identity),
  privateEndpoints: (namespace.privateEndpointConnections ?? []).filter(isApproved).length,
  unmanaged: unmanagedOf(namespace),
  host: hostOf(namespace.serviceBusEndpoint) ?? `${namespace.name?.toLowerCase()}.${dataSuffix}`,
  tags: namespace.tags ?? {},
})

const isApproved = ({ privateLinkServiceConnectionState: state }: PrivateEndpointConnection): boolean =>
  state?.status === 'Approved'

function identitiesOf(identity: EHNamespace['identity']): readonly string[] {
  const users = Object.keys(identity?.userAssignedIdentities ?? {})
  return identity?.type?.includes(SYSTEM_ASSIGNED) ? [SYSTEM_ASSIGNED, ...users] : users
}

/** Names what a manifest cannot say. */
const unmanagedOf = (namespace: EHNamespace): readonly string[] => [
  ...(namespace.encryption ? ['encryption with a customer-managed key'] : []),
  ...((namespace.geoDataReplication?.locations?.length ?? 0) > 1 ? ['geo-replication'] : []),
  ...(namespace.alternateName ? ['the geo-disaster-recovery alias'] : []),
  ...((namespace.privateEndpointConnections?.length ?? 0) > 0 ? ['private endpoints'] : []),
  ...(namespace.clusterArmId ? ['the dedicated cluster'] : []),
]

export const toNetwork = (rules: NetworkRuleSet): NetworkActual => ({
  defaultAction: rules.defaultAction ?? OPEN_NETWORK.defaultAction,
  trustedServices: rules.trustedServiceAccessEnabled ?? OPEN_NETWORK.trustedServices,
  ipRules: [...new Set((rules.ipRules ?? []).map(({ ipMask = '' }) => canonicalIpRule(ipMask)))],
  subnets: (rules.virtualNetworkRules ?? []).map(({ subnet, ignoreMissingVnetServiceEndpoint }) => ({
    id: subnet?.id ?? '',
    ignoreMissingServiceEndpoint: ignoreMissingVnetServiceEndpoint ?? false,
  })),
})

/** Dedicated is not a SKU. Such a namespace has the SKU Standard and the id of its cluster. */
function tierOf({ sku, clusterArmId }: EHNamespace): LiveTier {
  if (clusterArmId) return 'Dedicated'
  return TIERS.find((tier) => tier.toLowerCase() === (sku?.tier ?? sku?.name)?.toLowerCase()) ?? 'Standard'
}

/** `https://ns.servicebus.windows.net:443/` -> `ns.servicebus.windows.net`. */
const hostOf = (endpoint: string | undefined): string | undefined =>
  endpoint !== undefined && URL.canParse(endpoint) ? new URL(endpoint).hostname : undefined

export const toHub = (hub: Eventhub): HubActual => ({
  name: hub.name ?? '',
  partitions: hub.partitionCount ?? 0,
  retentionHours: retentionOf(hub),
  cleanupPolicy: hub.retentionDescription?.cleanupPolicy ?? 'Delete',
  tombstoneHours: tombstoneOf(hub),
  status: hub.status ?? 'Active',
  timestampType: hub.messageTimestampDescription?.timestampType,
  capture: captureOf(hub),
  unmanaged: unmanagedInHub(hub),
})

/** Names what a manifest cannot say. */
function unmanagedInHub({
  userMetadata,
  retentionDescription,
  captureDescription: capture,
}: Eventhub): readonly string[] {
  const lag = retentionDescription?.minCompactionLagTimeInMinutes ?? 0
  const isKept = capture?.enabled === false && capture.destination !== undefined
  return [
    ...(userMetadata ? ['user metadata'] : []),
    ...(lag > 0 ? [`minimum compaction lag ${lag}m`] : []),
    ...(isKept ? ['settings of Capture, which is off'] : []),
  ]
}

function captureOf({ captureDescription: capture }: Eventhub): CaptureActual | undefined {
  if (!capture?.enabled) return undefined
  const { storageAccountResourceId, blobContainer, archiveNameFormat, identity } = capture.destination ?? {}
  return {
    storageAccount: storageAccountResourceId ?? '',
    container: blobContainer ?? '',
    intervalSeconds: capture.intervalInSeconds ?? CAPTURE_DEFAULTS.intervalSeconds,
    sizeLimitBytes: capture.sizeLimitInBytes ?? CAPTURE_DEFAULTS.sizeLimitBytes,
    archiveNameFormat: archiveNameFormat ?? '',
    skipEmptyArchives: capture.skipEmptyArchives ?? CAPTURE_DEFAULTS.skipEmptyArchives,
    encoding: capture.encoding ?? CAPTURE_DEFAULTS.encoding,
    identity: identity?.userAssignedIdentity ?? identity?.type ?? CAPTURE_DEFAULTS.identity,
  }
}

function retentionOf({ retentionDescription, messageRetentionInDays }: Eventhub): number | undefined {
  const days = messageRetentionInDays === undefined ? undefined : messageRetentionInDays * 24
  const hours = retentionDescription?.retentionTimeInHours ?? days
  return hours !== undefined && hours > 0 && hours <= MAX_RETENTION_HOURS ? hours : undefined
}

const tombstoneOf = ({ retentionDescription: retention }: Eventhub): number | undefined =>
  compacts(retention?.cleanupPolicy ?? 'Delete') ? retention?.tombstoneRetentionTimeInHours : undefined

export const toConsumerGroup = (group: ConsumerGroup): ConsumerGroupActual => ({
  name: group.name ?? '',
  userMetadata: group.userMetadata,
})

export const toRule = (rule: AuthorizationRule): RuleActual => ({
  name: rule.name ?? '',
  rights: (rule.rights ?? []) as Right[],
})

export const toResource = ({ id, name, type }: GenericResourceExpanded): ResourceActual => ({
  id: id ?? '',
  name: name ?? '',
  type: type ?? '',
})

/** Any part can be null. https://learn.microsoft.com/rest/api/storagerp/storage-accounts/get-properties */
export type ArmStorageAccount = {
  readonly sku?: { readonly name?: string | null } | null
  readonly properties?: {
    readonly allowSharedKeyAccess?: boolean | null
    readonly publicNetworkAccess?: string | null
    readonly networkAcls?: { readonly defaultAction?: string | null; readonly bypass?: string | null } | null
  } | null
} | null

/**
 * The exceptions of a firewall stay in effect when public access is off, so that trusted services still pass.
 * https://learn.microsoft.com/azure/storage/common/storage-network-security-limitations
 */
export function toStorageAccount(account: ArmStorageAccount): StorageAccountActual {
  const { allowSharedKeyAccess, publicNetworkAccess: access, networkAcls } = account?.properties ?? {}
  const isClosed = isWord(networkAcls?.defaultAction, 'Deny') || isWord(access, 'Disabled')
  const isInPerimeter = isWord(access, 'SecuredByPerimeter')
  return {
    sku: account?.sku?.name ?? '',
    ...(isClosed && !isInPerimeter ? { exceptions: exceptionsOf(networkAcls?.bypass) } : {}),
    ...(allowSharedKeyAccess === false ? { refusesKeys: true } : {}),
    ...(isInPerimeter ? { isInPerimeter } : {}),
  }
}

/** Azure does not always keep the case of its words. */
const isWord = (said: string | null | undefined, word: string): boolean => sameName(said?.trim() ?? '', word)

/** `Logging, AzureServices` as a list. Without a word of it, Azure lets its services pass. */
const exceptionsOf = (bypass: string | null | undefined): readonly string[] =>
  (bypass ?? 'AzureServices')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '' && !isWord(word, 'None'))

/** https://learn.microsoft.com/rest/api/resources/management-locks */
export interface ArmLock {
  readonly id?: string
  readonly name?: string
  readonly properties?: { readonly level?: string; readonly notes?: string | null }
}

export const toLock = ({ id, name, properties }: ArmLock): LockActual => ({
  id: id ?? '',
  name: name ?? '',
  level: properties?.level ?? 'CanNotDelete',
  notes: properties?.notes ?? undefined,
})

export const toKeys = (keys: AccessKeys): Keys => ({
  primaryKey: new Secret(keys.primaryKey ?? ''),
  secondaryKey: new Secret(keys.secondaryKey ?? ''),
  primaryConnectionString: new Secret(keys.primaryConnectionString ?? ''),
  host: /Endpoint=sb:\/\/([^/;]+)/i.exec(keys.primaryConnectionString ?? '')?.[1] ?? '',
  secondaryConnectionString: new Secret(keys.secondaryConnectionString ?? ''),
})
