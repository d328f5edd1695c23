import { CAPTURE_DEFAULTS, type CaptureSpec } from '../inputs/capture-parsers.ts'
import { DEFAULTS } from '../inputs/defaults.ts'
import { DEFAULT_CONSUMER_GROUP, LIMITS, type LiveTier } from '../lib/limits.ts'
import { nameKeyOf, sameName } from '../lib/names.ts'
import type { CleanupPolicy, ConsumerGroupSpec, HubSpec, NamespaceSpec, RuleChoice, Setting, Spec } from './spec.ts'
import { findByName, type Actual } from './actual.ts'
import type { CaptureActual, ConsumerGroupActual, HubActual } from './shapes.ts'

/**
 * The spec of what there is after a run: what was said stays as it was said, the rest is what Azure has. A default that
 * nobody said and that Azure has not is gone from it, so that planning it again finds nothing to do. `given` says what has
 * to be said to make the same again elsewhere.
 */
export function asMade(spec: Spec, actual: Actual): Spec {
  const { group, namespace } = actual
  const location = namespace?.location ?? spec.location
  const made = namespaceMade(spec.namespace, actual)
  const [first, ...rest] = spec.hubs
  const hub = (one: HubSpec) => hubMade(one, actual, made.tier.value)
  return {
    ...spec,
    resourceGroup: group?.name ?? spec.resourceGroup,
    location,
    namespace: made,
    hubs: [hub(first), ...rest.map(hub)],
    rule: made.localAuthDisabled.value ? unusedRule(spec.rule) : spec.rule,
  }
}

/** Where there are no keys, a rule that was named is not used. */
const unusedRule = (rule: RuleChoice): RuleChoice =>
  rule.kind === 'policy' ? { kind: 'access', access: DEFAULTS.access, given: false } : rule

const said = <T>(value: T): Setting<T> => ({ value, given: true })
/** What was said, or else what there is; worth saying when that is. */
const settled = <T>(setting: Setting<T>, live: T | undefined, isWorthSaying: (value: T) => boolean): Setting<T> => {
  const value = setting.given ? setting.value : (live ?? setting.value)
  return { value, given: setting.given || isWorthSaying(value) }
}

function namespaceMade(wanted: NamespaceSpec, { namespace: live }: Actual): NamespaceSpec {
  const tier = said(wanted.tier.given ? wanted.tier.value : (live?.tier ?? wanted.tier.value))
  const isOffered = (capacity: number): boolean => LIMITS[tier.value].capacities?.includes(capacity) ?? false
  return {
    ...wanted,
    name: live?.name ?? wanted.name,
    tier,
    capacity: settled(wanted.capacity, live?.capacity, isOffered),
    autoInflateMax: settled(wanted.autoInflateMax, live?.autoInflateMax, (most) => most > 0),
    localAuthDisabled: settled(wanted.localAuthDisabled, live?.localAuthDisabled, (isOff) => isOff),
  }
}

/** What Azure allows beyond the published limits cannot be said, and is left out. */
function hubMade(wanted: HubSpec, actual: Actual, tier: LiveTier): HubSpec {
  const live = findByName(actual.hubs, wanted.name)
  const limits = LIMITS[tier]
  const hasNoRetention = live !== undefined && live.retentionHours === undefined
  return {
    ...wanted,
    name: live?.name ?? wanted.name,
    partitions: settled(wanted.partitions, live?.partitions, (n) => n <= limits.maxPartitionsPerHub),
    retentionHours: settled(
      wanted.retentionHours,
      live?.retentionHours,
      (hours) => !hasNoRetention && hours <= limits.maxRetentionHours,
    ),
    cleanupPolicy: settled(wanted.cleanupPolicy, policyOf(live), (policy) => policy === 'Compact'),
    consumerGroups: groupsMade(wanted, live, actual.consumerGroups.get(nameKeyOf(wanted.name)) ?? []),
    capture: captureMade(wanted.capture, live?.capture),
  }
}

/** `DeleteOrCompact` cannot be asked for, and counts as nothing. */
const policyOf = (live: HubActual | undefined): CleanupPolicy | undefined =>
  live?.cleanupPolicy === 'Compact' ? 'Compact' : live ? 'Delete' : undefined

/** All that the hub has, and what was asked for by name. */
function groupsMade(
  wanted: HubSpec,
  hub: HubActual | undefined,
  live: readonly ConsumerGroupActual[],
): readonly ConsumerGroupSpec[] {
  const there = live
    .filter(({ name }) => !sameName(name, DEFAULT_CONSUMER_GROUP))
    .map(({ name, userMetadata }): ConsumerGroupSpec => {
      const isWorthSaying = userMetadata !== undefined && userMetadata !== DEFAULTS.userMetadata
      return { name, userMetadata: { value: userMetadata ?? '', given: isWorthSaying }, given: true }
    })
  const others = wanted.consumerGroups.filter((group) => (group.given || !hub) && !findByName(there, group.name))
  return [...there, ...others]
}

/** Where Azure has a destination that cannot be said, as a Data Lake of the first generation, it is left alone. */
function captureMade(wanted: CaptureSpec | undefined, live: CaptureActual | undefined): CaptureSpec | undefined {
  if (!live || live.storageAccount === '' || wanted?.enabled === false) return wanted
  const setting = <K extends keyof typeof CAPTURE_DEFAULTS>(key: K): Setting<CaptureActual[K]> => {
    const asked = wanted?.[key] as Setting<CaptureActual[K]> | undefined
    return asked?.given ? asked : { value: live[key], given: live[key] !== CAPTURE_DEFAULTS[key] }
  }
  return {
    enabled: true,
    storageAccount: wanted?.storageAccount ?? live.storageAccount,
    container: wanted?.container ?? live.container,
    intervalSeconds: setting('intervalSeconds'),
    sizeLimitBytes: setting('sizeLimitBytes'),
    archiveNameFormat: setting('archiveNameFormat'),
    skipEmptyArchives: setting('skipEmptyArchives'),
    identity: setting('identity'),
  }
}
