import { formatHours } from '../../lib/duration.ts'
import { LIMITS, type LiveTier } from '../../lib/limits.ts'
import { findByName } from '../../lib/names.ts'
import type { Text } from '../../lib/phrase.ts'
import type { AccessRuleSpec, SavedRules } from '../access-rule/access-rule.ts'
import { captureNotSaved, savedCapture, type SavedCapture } from '../capture/saved.ts'
import { groupsNotSaved, savedGroups, type ConsumerGroupActual, type SavedGroup } from '../consumer-group.ts'
import type { GrantSpec } from '../../inputs/grant-parsers.ts'
import type { SavedGrants } from '../grant.ts'
import { needed, saved, type Saved } from '../setting.ts'
import type { HubActual, HubSpec } from './hub.ts'
import { CLEANUP_POLICIES, compacts, hasRetention, settledStatus, TIMESTAMP_TYPES } from './settings.ts'

/** A hub in a saved manifest. */
export interface SavedHub {
  readonly name: string
  readonly values: Readonly<Record<string, Saved>>
  /** Keys that the hub cannot have. */
  readonly dropped: readonly string[]
  readonly consumerGroups: readonly SavedGroup[]
  readonly accessRules: readonly AccessRuleSpec[]
  readonly grants: readonly GrantSpec[]
  readonly capture: SavedCapture | undefined
  /** What a manifest cannot say. */
  readonly notSaved: readonly Text[]
}

/** What there is after a run, for one hub. */
interface MadeHub {
  readonly hubs: readonly HubActual[]
  readonly groups: readonly ConsumerGroupActual[] | undefined
  readonly rules: SavedRules
  readonly grants: SavedGrants
  /** The managed identities of the namespace. */
  readonly identities: readonly string[]
}

/** The hub after a run. Values beyond the published limits are left out, because a manifest cannot hold them. */
export function savedHub(
  wanted: HubSpec,
  { hubs, groups, rules, grants, identities }: MadeHub,
  tier: LiveTier,
): SavedHub {
  const live = findByName(hubs, wanted.name)
  const name = live?.name ?? wanted.name
  const consumerGroups = savedGroups(wanted.consumerGroups, live && (groups ?? []))
  return {
    name,
    ...savedValues(wanted, live, tier),
    consumerGroups,
    accessRules: rules.rules,
    grants: grants.grants,
    capture: savedCapture(wanted.capture, live?.capture, identities),
    notSaved: [
      ...(live
        ? [...valuesNotSaved(live, tier), ...captureNotSaved(live.capture, identities)].map(
            (one) => `hub ${name}: ${one}`,
          )
        : []),
      ...groupsNotSaved(name, consumerGroups),
      ...rules.notSaved,
      ...grants.notSaved,
    ],
  }
}

function savedValues(
  wanted: HubSpec,
  live: HubActual | undefined,
  tier: LiveTier,
): Pick<SavedHub, 'values' | 'dropped'> {
  const limits = LIMITS[tier]
  const livePolicy = CLEANUP_POLICIES.find((one) => one === live?.cleanupPolicy)
  const { value: policy } = saved(wanted.cleanupPolicy, livePolicy, compacts)
  const retention = saved(
    wanted.retentionHours,
    live?.retentionHours,
    (hours) => live?.retentionHours !== undefined && hours <= limits.maxRetentionHours,
  )
  const tombstones = wanted.tombstoneHours ?? live?.tombstoneHours
  const liveType = TIMESTAMP_TYPES.find((one) => one === live?.timestampType)
  return {
    values: {
      partitions: saved(wanted.partitions, live?.partitions, (n) => n <= limits.maxPartitionsPerHub),
      ...(hasRetention(policy) ? { retention } : {}),
      cleanupPolicy: { value: policy, isNeeded: compacts(policy) },
      ...(compacts(policy) && tombstones !== undefined ? { tombstoneRetention: needed(tombstones) } : {}),
      status: saved(wanted.status, live && settledStatus(live.status), (one) => one !== 'Active'),
      timestampType: saved(wanted.timestampType, liveType, (one) => one !== 'LogAppend'),
    },
    dropped: [...(hasRetention(policy) ? [] : ['retention']), ...(compacts(policy) ? [] : ['tombstoneRetention'])],
  }
}

/** Live values that a manifest cannot say. */
function valuesNotSaved(live: HubActual, tier: LiveTier): readonly string[] {
  const { maxPartitionsPerHub, maxRetentionHours } = LIMITS[tier]
  const { partitions, retentionHours = 0, unmanaged } = live
  return [
    ...(partitions > maxPartitionsPerHub ? [`${partitions} partitions, above the limit of ${tier}`] : []),
    ...(retentionHours > maxRetentionHours
      ? [`retention ${formatHours(retentionHours)}, above the limit of ${tier}`]
      : []),
    ...unmanaged,
  ]
}
