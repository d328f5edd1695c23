/**
 * What each tier allows. The numbers come from https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas (version of
 * 2023-11-27, read 2026-11) unless an entry names another page.
 */
export const TIERS = ['Basic', 'Standard', 'Premium'] as const
export type Tier = (typeof TIERS)[number]

/** Dedicated is a namespace of SKU Standard in a cluster (`clusterArmId`). ml-ingest uses it, but does not create it. */
export type LiveTier = Tier | 'Dedicated'

export interface TierLimits {
  readonly unit: 'throughput unit' | 'processing unit' | 'capacity unit'
  /** The capacities that can be set; undefined when the cluster sets it. */
  readonly capacities: readonly number[] | undefined
  readonly maxPartitionsPerHub: number
  /** In all hubs of a namespace together, for each unit of capacity; undefined when there is no limit. */
  readonly maxPartitionsPerUnit: number | undefined
  readonly canAddPartitions: boolean
  readonly maxRetentionHours: number
  /** Per hub, including `$Default`. */
  readonly maxConsumerGroups: number
  /** For one unit of capacity. */
  readonly maxHubs: number
  readonly hubsGrowWithCapacity: boolean
  readonly kafka: boolean
  /** Of one event, or of a batch of them. */
  readonly maxEventBytes: number
  /** https://learn.microsoft.com/azure/event-hubs/event-hubs-auto-inflate */
  readonly autoInflate: boolean
  /** https://learn.microsoft.com/azure/event-hubs/log-compaction */
  readonly compaction: boolean
  /** https://learn.microsoft.com/azure/event-hubs/compare-tiers */
  readonly capture: boolean
  /** IP rules, virtual network rules and private endpoints. The same page. */
  readonly networkRules: boolean
  /** One line that helps to choose a tier. */
  readonly summary: string
}

/** On every tier but Basic. */
export const MAX_EVENT_BYTES = 1024 * 1024
/** Where large messages are on, in a dedicated cluster. https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas */
export const LARGE_EVENT_BYTES = 20 * MAX_EVENT_BYTES

const upTo = (most: number): readonly number[] => Array.from({ length: most }, (_, i) => i + 1)

const BASIC: TierLimits = {
  unit: 'throughput unit',
  capacities: upTo(40),
  maxPartitionsPerHub: 32,
  maxPartitionsPerUnit: undefined,
  canAddPartitions: false,
  maxRetentionHours: 24,
  maxConsumerGroups: 1,
  maxHubs: 10,
  hubsGrowWithCapacity: false,
  kafka: false,
  maxEventBytes: 256 * 1024,
  autoInflate: false,
  compaction: false,
  capture: false,
  networkRules: false,
  summary: 'no consumer groups, no Kafka, retention to 24h',
}

export const LIMITS: Readonly<Record<LiveTier, TierLimits>> = {
  Basic: BASIC,
  Standard: {
    ...BASIC,
    maxRetentionHours: 168,
    maxConsumerGroups: 20,
    kafka: true,
    maxEventBytes: MAX_EVENT_BYTES,
    autoInflate: true,
    compaction: true,
    capture: true,
    networkRules: true,
    summary: '20 consumer groups a hub, Kafka, auto-inflate, retention to 7d',
  },
  Premium: {
    unit: 'processing unit',
    // https://learn.microsoft.com/azure/event-hubs/configure-processing-units-premium-namespace
    capacities: [1, 2, 4, 6, 8, 10, 12, 16],
    maxPartitionsPerHub: 100,
    maxPartitionsPerUnit: 200,
    // https://learn.microsoft.com/azure/event-hubs/dynamically-add-partitions
    canAddPartitions: true,
    maxRetentionHours: 2160,
    maxConsumerGroups: 100,
    maxHubs: 100,
    hubsGrowWithCapacity: true,
    kafka: true,
    maxEventBytes: MAX_EVENT_BYTES,
    autoInflate: false,
    compaction: true,
    capture: true,
    networkRules: true,
    summary: '100 consumer groups and partitions a hub, retention to 90d',
  },
  Dedicated: {
    unit: 'capacity unit',
    capacities: undefined,
    maxPartitionsPerHub: 1024,
    maxPartitionsPerUnit: undefined,
    canAddPartitions: true,
    maxRetentionHours: 2160,
    maxConsumerGroups: 1000,
    maxHubs: 1000,
    hubsGrowWithCapacity: false,
    kafka: true,
    maxEventBytes: MAX_EVENT_BYTES,
    autoInflate: false,
    compaction: true,
    capture: true,
    networkRules: true,
    summary: 'a namespace in a dedicated cluster',
  },
}

/** The loosest limit of any tier. */
export const LOOSEST_LIMITS: TierLimits = { ...LIMITS.Dedicated, capacities: upTo(40), autoInflate: true }

/** How many hubs a namespace of this tier and capacity can have. */
export const maxHubsOf = (tier: LiveTier, capacity: number): number =>
  LIMITS[tier].maxHubs * (LIMITS[tier].hubsGrowWithCapacity ? capacity : 1)

/** `1 throughput unit`, `2 processing units`. */
export const formatCapacity = (tier: LiveTier, capacity: number): string =>
  `${capacity} ${LIMITS[tier].unit}${capacity === 1 ? '' : 's'}`

/** Whether so many units can be chosen. */
export const offersCapacity = ({ capacities }: TierLimits, units: number): boolean =>
  capacities?.includes(units) === true

/** `1 to 40`, or a list if some numbers in between cannot be chosen. */
export function describeCapacities(tier: Tier): string {
  const all = LIMITS[tier].capacities ?? []
  const last = all.at(-1) ?? 0
  return all.length === last ? `1 to ${last}` : `${all.slice(0, -1).join(', ')} or ${last}`
}

/**
 * Lengths of names, on every tier.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
 */
export const NAME_LIMITS = {
  /** Service: 6 to 50. https://learn.microsoft.com/rest/api/servicebus/create-namespace */
  namespace: { min: 6, max: 50 },
  hub: { min: 1, max: 256 },
  consumerGroup: { min: 1, max: 50 },
  rule: { min: 1, max: 50 },
  resourceGroup: { min: 1, max: 90 },
} as const

const entityName = ({ max }: { readonly max: number }): RegExp =>
  new RegExp(`^[a-zA-Z0-9](?:[-._a-zA-Z0-9]{0,${max - 2}}[a-zA-Z0-9])?$`)

/** The characters of names. The same page. */
export const ENTITY_NAMES = {
  hub: entityName(NAME_LIMITS.hub),
  consumerGroup: entityName(NAME_LIMITS.consumerGroup),
  rule: entityName(NAME_LIMITS.rule),
} as const

/**
 * Capture writes a file when the interval has passed or the size is reached, whichever comes first.
 * https://learn.microsoft.com/azure/event-hubs/event-hubs-capture-overview
 */
export const CAPTURE_LIMITS = {
  /** The embedded Azure takes shorter ones than Azure, from `localMin` on, for tests and trials. */
  intervalSeconds: { min: 60, localMin: 1, max: 900, usual: 300 },
  /** Azure counts a megabyte as 1,048,576 bytes here. */
  sizeMegabytes: { min: 10, max: 500, usual: 300 },
  /** https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules */
  container: { min: 3, max: 63 },
  /** A format of blob names needs all of these, in any order. https://learn.microsoft.com/rest/api/eventhub/event-hubs/create-or-update */
  nameParts: '{Namespace} {EventHub} {PartitionId} {Year} {Month} {Day} {Hour} {Minute} {Second}'.split(
    ' ',
  ) as readonly string[],
} as const

/**
 * Azure has stopped taking 1.0 and 1.1 for other namespaces than those that have them. 1.3 came with api-version 2026-01-01.
 * https://learn.microsoft.com/azure/event-hubs/transport-layer-security-enforce-minimum-version
 */
export const TLS_VERSIONS = ['1.0', '1.1', '1.2', '1.3'] as const
export type TlsVersion = (typeof TLS_VERSIONS)[number]

export const NETWORK_LIMITS = {
  /** Of new namespaces. */
  minimumTls: '1.2',
  /** IP rules, and as many virtual network rules. https://learn.microsoft.com/azure/event-hubs/event-hubs-ip-filtering */
  rules: 128,
} as const

export const USER_METADATA_MAX = 1024
/** https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources */
export const TAG_LIMITS = { count: 50, nameLength: 512, valueLength: 256, forbiddenInName: '<>%&\\?/' } as const
/** Characters of a partition key. https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas */
export const KEY_MAX = 128

export const DEFAULT_CONSUMER_GROUP = '$Default'
/** Of a namespace, the root rule included. https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas */
export const MAX_NAMESPACE_RULES = 12
/** Azure makes this rule with every namespace. It has all rights. */
export const ROOT_RULE = 'RootManageSharedAccessKey'
/** A larger manifest is not read. */
export const MANIFEST_MAX_BYTES = 4 * 1024 * 1024
