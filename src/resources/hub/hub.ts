import { DEFAULTS } from '../../inputs/defaults.ts'
import type { GrantSpec } from '../../inputs/grant-parsers.ts'
import { parseHubName, parsePartitions, parseRetention } from '../../inputs/parsers.ts'
import { formatHours } from '../../lib/duration.ts'
import { LIMITS, type LiveTier } from '../../lib/limits.ts'
import { findByName } from '../../lib/names.ts'
import { oneOf } from '../../lib/parser.ts'
import { nameOf, type Branch, type Leaf, type List } from '../../wanted/node.ts'
import { choice, list, object, text, integer, type TreeOf } from '../../wanted/shape.ts'
import { ACCESS_RULE, accessRuleSpecs, type AccessRuleSpec } from '../access-rule.ts'
import {
  CAPTURE,
  captureMade,
  captureOf,
  captureSpec,
  type CaptureActual,
  type CaptureSpec,
  type SavedCapture,
  type WantedCapture,
} from '../capture/capture.ts'
import {
  CONSUMER_GROUP,
  consumerGroupSpecs,
  groupsMade,
  type ConsumerGroupActual,
  type ConsumerGroupSpec,
  type SavedGroup,
  type WantedGroups,
} from '../consumer-group.ts'
import { GRANT, grantSpecs } from '../grant.ts'
import { saved, settingOf, type Saved, type Setting } from '../setting.ts'

const CLEANUP_POLICIES = ['Delete', 'Compact'] as const
/** https://learn.microsoft.com/azure/event-hubs/log-compaction */
type CleanupPolicy = (typeof CLEANUP_POLICIES)[number]

const RETENTION = { ...text('how long events are kept: 24h, 7d', parseRetention, ['48h']), format: formatHours }

export const HUB = object(
  'an event hub',
  {
    name: text('name of the hub', parseHubName, ['clicks']),
    partitions: integer('partitions; final on Basic and Standard', parsePartitions),
    retention: RETENTION,
    cleanupPolicy: choice(
      'Delete drops old events, Compact keeps the newest of each key; final',
      oneOf('a cleanup policy', CLEANUP_POLICIES),
      CLEANUP_POLICIES,
    ),
    consumerGroups: list('its consumer groups, besides $Default', CONSUMER_GROUP),
    accessRules: list('its authorization rules', ACCESS_RULE),
    grants: list('who has a data role on it, besides those for all hubs', GRANT),
    capture: CAPTURE,
  },
  { required: ['name'], forAll: ['partitions', 'retention', 'consumerGroups', 'capture'] },
)
export type WantedHub = TreeOf<typeof HUB>

/** What the root says of hubs: which there are, and what holds for those that do not say it themselves. */
export const HUBS = {
  grants: list('who has a data role on every hub; an environment that says some says all', GRANT),
  partitions: integer('partitions of hubs that do not say', parsePartitions),
  retention: { ...RETENTION, help: 'retention of hubs that do not say', examples: ['24h'] },
  capture: { ...CAPTURE, help: 'Capture of every hub; what a hub says itself is laid over it' },
  hubs: list('the event hubs', HUB, {
    byName: true,
    empty: `is empty: name a hub, or leave the key out, which means ${DEFAULTS.hub}`,
  }),
} as const

export interface HubsSaid extends Branch {
  readonly hubs?: List<WantedHub> | undefined
  readonly partitions?: Leaf<number> | undefined
  readonly retention?: Leaf<number> | undefined
  readonly capture?: WantedCapture | undefined
  readonly grants?: WantedHub['grants']
  readonly consumerGroups?: WantedGroups
  readonly userMetadata?: Leaf<string> | undefined
}

export interface HubSpec {
  readonly name: string
  readonly partitions: Setting<number>
  readonly retentionHours: Setting<number>
  readonly cleanupPolicy: Setting<CleanupPolicy>
  readonly consumerGroups: readonly ConsumerGroupSpec[]
  readonly accessRules: readonly AccessRuleSpec[]
  /** Those for all hubs and its own. */
  readonly grants: readonly GrantSpec[]
  /** Undefined when nobody said anything about it. */
  readonly capture: CaptureSpec | undefined
}

export interface HubActual {
  readonly name: string
  readonly partitions: number
  /** Undefined when the hub is compacted or Azure answers an absurd number. */
  readonly retentionHours: number | undefined
  /** `Delete`, `Compact`, `DeleteOrCompact`. */
  readonly cleanupPolicy: string
  readonly status: string
  /** Undefined where it is off. */
  readonly capture: CaptureActual | undefined
}

export interface NewHub {
  readonly partitions: number
  /** Undefined for a compacted hub, which keeps the newest event of each key. */
  readonly retentionHours: number | undefined
  readonly capture?: CaptureActual
}
export interface HubChanges {
  readonly partitions?: number
  readonly retentionHours?: number
  /** `off`, or on with these: what is left out stays as it was, or is the default where it never was. */
  readonly capture?: Partial<CaptureActual> | 'off'
}

/** The hubs asked for, or the one that is made when nobody says which. */
export const hubsOf = ({ hubs, origin }: Branch & Pick<HubsSaid, 'hubs'>): readonly [WantedHub, ...WantedHub[]] => {
  const [first, ...rest] = hubs?.items ?? []
  return first ? [first, ...rest] : [{ origin, text: '', name: { origin, text: '', value: DEFAULTS.hub } }]
}

/** The spec of each hub, under the limits of a tier. */
export function hubSpecs(wanted: HubsSaid, tier: LiveTier): readonly [HubSpec, ...HubSpec[]] {
  const [first, ...rest] = hubsOf(wanted)
  const groupsOf = consumerGroupSpecs(wanted, [first, ...rest].map(nameOf), tier)
  const spec = (hub: WantedHub): HubSpec => {
    const isCompacted = hub.cleanupPolicy?.value === 'Compact'
    return {
      name: nameOf(hub),
      partitions: settingOf(hub.partitions ?? wanted.partitions, DEFAULTS.partitions),
      retentionHours: settingOf(hub.retention ?? (isCompacted ? undefined : wanted.retention), DEFAULTS.retentionHours),
      cleanupPolicy: settingOf(hub.cleanupPolicy, 'Delete'),
      consumerGroups: groupsOf(nameOf(hub), hub.consumerGroups),
      accessRules: accessRuleSpecs(hub.accessRules),
      grants: grantSpecs(wanted.grants, hub.grants),
      capture: captureSpec(captureOf(hub.capture, wanted.capture)),
    }
  }
  return [spec(first), ...rest.map(spec)]
}

/** What a manifest says of a hub. */
export interface SavedHub {
  readonly name: string
  readonly values: Readonly<Record<string, Saved>>
  /** Keys that the hub cannot have. */
  readonly gone: readonly string[]
  readonly consumerGroups: readonly SavedGroup[]
  readonly accessRules: readonly AccessRuleSpec[]
  readonly grants: readonly GrantSpec[]
  readonly capture: SavedCapture | undefined
}

/** The hub as it is after a run. What Azure allows beyond the published limits cannot be said, and is left out. */
export function hubMade(
  wanted: HubSpec,
  hubs: readonly HubActual[],
  groups: readonly ConsumerGroupActual[] | undefined,
  tier: LiveTier,
): SavedHub {
  const live = findByName(hubs, wanted.name)
  const limits = LIMITS[tier]
  const hasRetention = live === undefined || live.retentionHours !== undefined
  const policy = saved(wanted.cleanupPolicy, policyOf(live), (one) => one === 'Compact')
  const isCompacted = policy.value === 'Compact'
  const retention = saved(
    wanted.retentionHours,
    live?.retentionHours,
    (hours) => hasRetention && hours <= limits.maxRetentionHours,
  )
  return {
    name: live?.name ?? wanted.name,
    values: {
      partitions: saved(wanted.partitions, live?.partitions, (n) => n <= limits.maxPartitionsPerHub),
      ...(isCompacted ? {} : { retention }),
      cleanupPolicy: { value: policy.value, isNeeded: isCompacted },
    },
    gone: isCompacted ? ['retention'] : [],
    consumerGroups: groupsMade(wanted.consumerGroups, live && (groups ?? [])),
    accessRules: wanted.accessRules,
    grants: wanted.grants,
    capture: captureMade(wanted.capture, live?.capture),
  }
}

/** `DeleteOrCompact` cannot be asked for, and counts as nothing. */
const policyOf = (live: HubActual | undefined): CleanupPolicy | undefined =>
  live?.cleanupPolicy === 'Compact' ? 'Compact' : live ? 'Delete' : undefined
