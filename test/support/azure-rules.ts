import type { LiveTier } from '../../src/lib/limits.ts'
import type { HubActual } from '../../src/resources/hub/hub.ts'
import type { NamespaceActual } from '../../src/resources/namespace/namespace.ts'

/** What Azure would have said no to. */
export class AzureRefused extends Error {}
export function refuse(why: string): never {
  throw new AzureRefused(why)
}

/**
 * Azure's rules once more, read on their own from the pages that src/lib/limits.ts names: a mistake there does not hide
 * here.
 */
const TIER = {
  Basic: { partitions: 32, perUnit: Infinity, hours: 24, hubs: () => 10, grows: false },
  Standard: { partitions: 32, perUnit: Infinity, hours: 7 * 24, hubs: () => 10, grows: false },
  Premium: { partitions: 100, perUnit: 200, hours: 90 * 24, hubs: (units: number) => 100 * units, grows: true },
  Dedicated: { partitions: 1024, perUnit: Infinity, hours: 90 * 24, hubs: () => 1000, grows: true },
} as const satisfies Record<LiveTier, unknown>

const PROCESSING_UNITS = [1, 2, 4, 6, 8, 10, 12, 16]

/** Throws when the namespace cannot be, or cannot have come from `before`. */
export function checkNamespace(namespace: NamespaceActual, before?: NamespaceActual): void {
  const { tier, capacity, autoInflateMax: max, tags, name } = namespace
  if (!/^[a-z](?!.*-(sb|mgmt)$)[a-z0-9-]{4,48}[a-z0-9]$/i.test(name)) refuse(`InvalidName: ${name}`)
  if (namespace.location === '') refuse('LocationRequired')
  if (before && before.tier !== tier && !(isThroughput(before.tier) && isThroughput(tier))) {
    refuse(`${before.tier} does not become ${tier}`)
  }
  if (before?.tier === 'Dedicated' && before.capacity !== capacity) refuse('the cluster sets the capacity')
  if (tier === 'Premium' && !PROCESSING_UNITS.includes(capacity)) refuse(`${capacity} processing units`)
  if (isThroughput(tier) && !(capacity >= 1 && capacity <= 40)) refuse(`${capacity} throughput units`)
  if (max !== 0 && tier !== 'Standard') refuse(`auto-inflate on ${tier}`)
  if (max !== 0 && (max < capacity || max > 40)) refuse(`InvalidMaxThroughputValue: ${max} at ${capacity}`)
  const names = Object.keys(tags).map((tag) => tag.toLowerCase())
  if (names.length > 50) refuse(`${names.length} tags`)
  if (new Set(names).size < names.length) refuse('DuplicateTagNames')
}

const isThroughput = (tier: LiveTier): boolean => tier === 'Basic' || tier === 'Standard'

/** Throws when the hub cannot be beside the others, or cannot have come from `before`. */
export function checkHub(
  tier: LiveTier,
  units: number,
  others: readonly HubActual[],
  hub: HubActual,
  before?: HubActual,
): void {
  const rule = TIER[tier]
  if (!/^[a-z0-9]([\w.-]{0,254}[a-z0-9])?$/i.test(hub.name)) refuse(`hub name ${hub.name}`)
  if (others.length + 1 > rule.hubs(units)) refuse(`${others.length + 1} hubs`)
  if (hub.partitions < 1 || hub.partitions > rule.partitions) refuse(`${hub.partitions} partitions on ${tier}`)
  if (before && hub.partitions !== before.partitions && (!rule.grows || hub.partitions < before.partitions)) {
    refuse('PartitionCount cannot be changed')
  }
  const total = others.reduce((sum, other) => sum + other.partitions, hub.partitions)
  if (total > rule.perUnit * units) refuse(`${total} partitions in all`)
  if (before?.cleanupPolicy === 'Compact' && hub.retentionHours !== before.retentionHours) refuse('compacted')
  if (hub.retentionHours !== undefined && (hub.retentionHours < 1 || hub.retentionHours > rule.hours)) {
    refuse(`retention ${hub.retentionHours} on ${tier}`)
  }
  if (before && before.cleanupPolicy !== hub.cleanupPolicy) refuse('the cleanup policy cannot be changed')
  if (hub.tombstoneHours !== undefined && hub.cleanupPolicy === 'Delete') refuse('tombstones without compaction')
  if (hub.capture && hub.status === 'Disabled') refuse('Event Hub Entity cannot be disabled')
  if (tier === 'Basic' && (hub.capture || hub.cleanupPolicy !== 'Delete')) refuse('Basic has neither')
}
