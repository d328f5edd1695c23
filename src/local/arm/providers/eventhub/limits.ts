import { ENTITY_NAMES, type LiveTier, NAME_LIMITS } from '../../../../lib/limits.ts'

/** What only the service has to know. The limits that clients know too are in lib/limits.ts. */

/**
 * The api-versions of Microsoft.EventHub from 2017-04-01 on, newest first.
 * Source: https://github.com/Azure/azure-rest-api-specs specification/eventhub/resource-manager, and for 2026-01-01
 * https://github.com/Azure/bicep-types-az generated/eventhub.
 */
// prettier-ignore
export const EVENT_HUB_VERSIONS: readonly string[] = [
  '2026-01-01', '2025-05-01-preview', '2024-05-01-preview', '2024-01-01', '2023-01-01-preview', '2022-10-01-preview',
  '2022-01-01-preview', '2021-11-01', '2021-06-01-preview', '2021-01-01-preview', '2018-01-01-preview', '2017-04-01',
]

const MB = 1024 * 1024

/** The largest publication. https://learn.microsoft.com/azure/event-hubs/compare-tiers */
export const MAX_MESSAGE_BYTES: Readonly<Record<LiveTier, number>> = {
  Basic: 256 * 1024,
  Standard: MB,
  Premium: MB,
  Dedicated: MB,
}

/** Range of `maximumThroughputUnits`. https://github.com/MicrosoftDocs/azure-docs-cli/issues/4411 */
export const MAXIMUM_THROUGHPUT_UNITS = 40

/**
 * What the service fills in for a hub.
 * Source: recording test_eh_create_update_delete.yaml of Azure/azure-cli (2024-09).
 */
export const HUB_DEFAULTS = { partitionCount: 4, retentionHours: 7 * 24 } as const

/** https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas */
export const NAMESPACES_PER_SUBSCRIPTION = 1000
export const RULES_PER_SCOPE = 12
/** Of IP addresses, and of virtual networks. */
export const RULES_PER_SET = 128

/** https://learn.microsoft.com/azure/event-hubs/event-hubs-capture-overview */
export const CAPTURE_ENCODINGS: readonly string[] = ['Avro', 'AvroDeflate']

/** The type of a storage account as destination. https://github.com/Azure/azure-cli/issues/28347 */
export const BLOB_DESTINATION = 'EventHubArchive.AzureBlockBlob'

/** The characters of names. https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules */
export const NAMES = {
  group: new RegExp(`^(?:(?![\\u{10000}-\\u{10FFFF}])[-_.()\\p{L}\\p{Nd}]){1,${NAME_LIMITS.resourceGroup.max}}$`, 'u'),
  namespace: new RegExp(
    `^[a-zA-Z][-a-zA-Z0-9]{${NAME_LIMITS.namespace.min - 2},${NAME_LIMITS.namespace.max - 2}}[a-zA-Z0-9]$`,
  ),
  ...ENTITY_NAMES,
} as const

/** A namespace may not end so. https://learn.microsoft.com/rest/api/servicebus/create-namespace */
export const RESERVED_ENDINGS: readonly string[] = ['-sb', '-mgmt']
