import type { TierName } from './model.ts'

/** `Dedicated` is not a tier name of the API: it is a Standard namespace inside a cluster. */
export type TierKind = TierName | 'Dedicated'

export interface TierLimits {
  readonly capacities: readonly number[]
  readonly partitionsPerHub: number
  /** Of all hubs together, by unit of capacity; undefined where only the hub limit counts. */
  readonly partitionsPerUnit?: number
  readonly partitionsCanGrow: boolean
  readonly retentionHours: number
  /** `$Default` counts. */
  readonly consumerGroupsPerHub: number
  readonly hubs: number
  /** The number of hubs is per unit of capacity. */
  readonly hubsPerUnit?: true
  readonly kafka: boolean
  readonly autoInflate: boolean
  readonly capture: boolean
  readonly compaction: boolean
  readonly maxMessageBytes: number
}

const UP_TO_40 = Array.from({ length: 40 }, (_, i) => i + 1)
const MB = 1024 * 1024

/**
 * Quotas and features by tier, as of 2023-11-27.
 * https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas and
 * https://learn.microsoft.com/azure/event-hubs/compare-tiers
 */
export const TIERS: Readonly<Record<TierKind, TierLimits>> = {
  Basic: {
    capacities: UP_TO_40,
    partitionsPerHub: 32,
    partitionsCanGrow: false,
    retentionHours: 24,
    consumerGroupsPerHub: 1,
    hubs: 10,
    kafka: false,
    autoInflate: false,
    capture: false,
    compaction: false,
    maxMessageBytes: 256 * 1024,
  },
  Standard: {
    capacities: UP_TO_40,
    partitionsPerHub: 32,
    partitionsCanGrow: false,
    retentionHours: 7 * 24,
    consumerGroupsPerHub: 20,
    hubs: 10,
    kafka: true,
    autoInflate: true,
    capture: true,
    compaction: true,
    maxMessageBytes: MB,
  },
  Premium: {
    capacities: [1, 2, 4, 6, 8, 10, 12, 16],
    partitionsPerHub: 100,
    partitionsPerUnit: 200,
    partitionsCanGrow: true,
    retentionHours: 90 * 24,
    consumerGroupsPerHub: 100,
    hubs: 100,
    hubsPerUnit: true,
    kafka: true,
    autoInflate: false,
    capture: true,
    compaction: true,
    maxMessageBytes: MB,
  },
  Dedicated: {
    capacities: UP_TO_40,
    partitionsPerHub: 1024,
    partitionsCanGrow: true,
    retentionHours: 90 * 24,
    consumerGroupsPerHub: 1000,
    hubs: 1000,
    kafka: true,
    autoInflate: false,
    capture: true,
    compaction: true,
    maxMessageBytes: MB,
  },
}

/** Range of `maximumThroughputUnits`. https://github.com/MicrosoftDocs/azure-docs-cli/issues/4411 */
export const MAXIMUM_THROUGHPUT_UNITS = 40

/** What the service fills in for a hub. Source: recording test_eh_create_update_delete.yaml of Azure/azure-cli (2024-09). */
export const HUB_DEFAULTS = { partitionCount: 4, retentionHours: 7 * 24 } as const

/** https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas */
export const NAMESPACES_PER_SUBSCRIPTION = 1000
export const RULES_PER_SCOPE = 12
export const USER_METADATA_LENGTH = 1024

/** Bounds and defaults of Capture. https://learn.microsoft.com/azure/event-hubs/event-hubs-capture-overview */
export const CAPTURE = {
  seconds: { least: 60, most: 900, usual: 300 },
  bytes: { least: 10_485_760, most: 524_288_000, usual: 314_572_800 },
  encodings: ['Avro', 'AvroDeflate'],
  nameParts: [
    ...['{Namespace}', '{EventHub}', '{PartitionId}', '{Year}', '{Month}', '{Day}', '{Hour}', '{Minute}', '{Second}'],
  ],
} as const

/** https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules */
export const NAMES = {
  group: /^[-_.()\p{L}\p{N}]{1,90}$/u,
  namespace: /^[a-zA-Z][-a-zA-Z0-9]{4,48}[a-zA-Z0-9]$/,
  hub: /^[a-zA-Z0-9](?:[-._a-zA-Z0-9]{0,254}[a-zA-Z0-9])?$/,
  consumerGroup: /^[a-zA-Z0-9](?:[-._a-zA-Z0-9]{0,48}[a-zA-Z0-9])?$/,
  rule: /^[a-zA-Z0-9](?:[-._a-zA-Z0-9]{0,48}[a-zA-Z0-9])?$/,
} as const

/** A namespace may not end so. https://learn.microsoft.com/rest/api/servicebus/create-namespace */
export const RESERVED_ENDINGS: readonly string[] = ['-sb', '-mgmt']
