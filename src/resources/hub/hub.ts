import { DEFAULTS } from '../../inputs/defaults.ts'
import type { GroupPlace } from '../../inputs/capture.ts'
import type { GrantSpec } from '../../inputs/grant-parsers.ts'
import { parseHubName, parsePartitions, parseRetention } from '../../inputs/parsers.ts'
import { formatHours } from '../../lib/duration.ts'
import { LIMITS, type LiveTier } from '../../lib/limits.ts'
import { oneOf } from '../../lib/parser.ts'
import { nameOf, type Branch, type Leaf } from '../../wanted/node.ts'
import { choice, list, object, text, integer, type TreeOf } from '../../wanted/shape.ts'
import { ACCESS_RULE, accessRuleSpecs, type AccessRuleSpec } from '../access-rule/access-rule.ts'
import { CAPTURE, captureOf, captureSpec, type CaptureActual, type CaptureSpec } from '../capture/capture.ts'
import { CONSUMER_GROUP, consumerGroupSpecs, type ConsumerGroupSpec, type WantedGroups } from '../consumer-group.ts'
import { LOAD, loadOf } from '../load/load.ts'
import type { Load } from '../../sizing/load.ts'
import type { Size } from '../../sizing/size.ts'
import { GRANT, HUB_GRANT, hubGrants } from '../grant.ts'
import { settingOf, type Setting } from '../setting.ts'
import {
  CLEANUP_POLICIES,
  hasRetention,
  HUB_STATUSES,
  parseTombstoneRetention,
  TIMESTAMP_TYPES,
  type CleanupPolicy,
  type HubStatus,
  type TimestampType,
} from './settings.ts'

const RETENTION = { ...text('how long events are kept: 24h, 7d', parseRetention, ['48h']), format: formatHours }

export const HUB = object(
  'an event hub',
  {
    name: text('name of the hub', parseHubName, ['clicks']),
    partitions: integer('partitions; final on Basic and Standard', parsePartitions),
    retention: RETENTION,
    cleanupPolicy: choice(
      'Delete drops old events, Compact keeps the newest of each key, DeleteOrCompact does both; final',
      oneOf('a cleanup policy', CLEANUP_POLICIES),
      CLEANUP_POLICIES,
    ),
    tombstoneRetention: {
      ...text('how long a compacted hub keeps the markers of deleted keys: 24h, 7d', parseTombstoneRetention, ['24h']),
      format: formatHours,
    },
    status: choice(
      'Active, or closed: Disabled for all clients, SendDisabled for senders, ReceiveDisabled for readers',
      oneOf('a status of a hub', HUB_STATUSES),
      HUB_STATUSES,
    ),
    timestampType: choice(
      'the time of an event: LogAppend is when Azure stored it, Create is when it was made',
      oneOf('a timestamp type', TIMESTAMP_TYPES),
      TIMESTAMP_TYPES,
    ),
    consumerGroups: list(
      'its consumer groups besides $Default: left out, the default one on a hub that has none; empty, none',
      CONSUMER_GROUP,
    ),
    accessRules: list('its authorization rules', ACCESS_RULE),
    grants: list('who has a data role on it, besides those for all hubs', HUB_GRANT),
    capture: CAPTURE,
    load: LOAD,
  },
  { required: ['name'], forAll: ['partitions', 'retention', 'capture', 'load'] },
)
export type WantedHub = TreeOf<typeof HUB>

/** The keys of the root for hubs: the list, and values for hubs that do not set them. */
export const HUBS = {
  grants: list('who has a data role on every hub or on the namespace; an environment replaces the whole list', GRANT),
  partitions: integer('partitions of hubs that do not set them', parsePartitions),
  retention: { ...RETENTION, help: 'retention of hubs that do not set it', examples: ['24h'] },
  capture: { ...CAPTURE, help: 'Capture of every hub; the values of a hub win' },
  load: { ...LOAD, help: 'the load that every hub expects; the values of a hub win' },
  hubs: list('the event hubs', HUB, {
    byName: true,
    empty: `is empty: name a hub, or leave the key out, which means ${DEFAULTS.hub}`,
  }),
} as const

/** The hubs of a run, and the values for all of them. */
export type WantedHubs = Branch<
  { readonly [K in keyof typeof HUBS]: TreeOf<(typeof HUBS)[K]> } & {
    readonly consumerGroups: NonNullable<WantedGroups>
    readonly userMetadata: Leaf<string>
  }
>

export interface HubSpec {
  readonly name: string
  /** Its place in a manifest: `hubs[1]`; undefined if it was named otherwise. */
  readonly place: string | undefined
  readonly partitions: Setting<number>
  readonly retentionHours: Setting<number>
  readonly cleanupPolicy: Setting<CleanupPolicy>
  /** Undefined if it was not given: Azure has no published default. */
  readonly tombstoneHours: number | undefined
  readonly status: Setting<HubStatus>
  readonly timestampType: Setting<TimestampType>
  readonly consumerGroups: readonly ConsumerGroupSpec[]
  readonly accessRules: readonly AccessRuleSpec[]
  /** For all hubs and for this one. */
  readonly grants: readonly GrantSpec[]
  /** Undefined if nothing was given. */
  readonly capture: CaptureSpec | undefined
  /** Undefined if nobody said what comes in. */
  readonly load: Load | undefined
}

export interface HubActual {
  readonly name: string
  readonly partitions: number
  /** Undefined if the hub is compacted or Azure's answer makes no sense. */
  readonly retentionHours: number | undefined
  /** `Delete`, `Compact`, `DeleteOrCompact`. */
  readonly cleanupPolicy: string
  /** Undefined if the hub is not compacted, or Azure has its own default. */
  readonly tombstoneHours: number | undefined
  /** One that can be set, or a temporary one such as `Restoring`. */
  readonly status: string
  /** Undefined if the cloud's api-version does not have it. */
  readonly timestampType: string | undefined
  /** Undefined if it is off. */
  readonly capture: CaptureActual | undefined
  /** What a manifest cannot say of it: `user metadata`. */
  readonly unmanaged: readonly string[]
}

/** Settings that are sent only if they were given. */
interface HubSettings {
  readonly tombstoneHours?: number
  readonly status?: HubStatus
  readonly timestampType?: TimestampType
}
export interface NewHub extends HubSettings {
  readonly partitions: number
  /** Left out for `Delete`. */
  readonly cleanupPolicy?: CleanupPolicy
  /** Undefined for a compacted hub, which keeps the newest event of each key. */
  readonly retentionHours: number | undefined
  readonly capture?: CaptureActual
}
export interface HubChanges extends HubSettings {
  readonly partitions?: number
  readonly retentionHours?: number
  /** A setting that is left out keeps its value, or gets the default. */
  readonly capture?: Partial<CaptureActual> | 'off'
}

/** The wanted hubs, or the default one. */
export const hubsOf = ({ hubs, origin }: Pick<WantedHubs, 'hubs' | 'origin'>): readonly [WantedHub, ...WantedHub[]] => {
  const [first, ...rest] = hubs?.items ?? []
  return first ? [first, ...rest] : [{ origin, text: '', name: { origin, text: '', value: DEFAULTS.hub } }]
}

/** At least one. */
type Hubs = readonly [HubSpec, ...HubSpec[]]

/** The spec of each hub. The size has the values of what nobody said, and `place` the storage accounts of a name. */
export function hubSpecs(
  wanted: WantedHubs,
  { tier, partitions }: Pick<Size, 'tier' | 'partitions'>,
  place: GroupPlace,
): Hubs {
  const [first, ...rest] = hubsOf(wanted)
  const spec = (hub: WantedHub, i: number): HubSpec => {
    const consumerGroups = consumerGroupSpecs(wanted, hub, tier)
    const { cleanupPolicy } = hub
    const forAll = hasRetention(cleanupPolicy?.value ?? 'Delete') ? wanted.retention : undefined
    return {
      name: nameOf(hub),
      place: hub.origin.kind === 'file' ? hub.origin.path : undefined,
      partitions: settingOf(hub.partitions ?? wanted.partitions, partitions[i] ?? DEFAULTS.partitions),
      retentionHours: settingOf(hub.retention ?? forAll, DEFAULTS.retentionHours),
      cleanupPolicy: settingOf(cleanupPolicy, 'Delete'),
      tombstoneHours: hub.tombstoneRetention?.value,
      status: settingOf(hub.status, 'Active'),
      timestampType: settingOf(hub.timestampType, 'LogAppend'),
      consumerGroups,
      accessRules: accessRuleSpecs(hub.accessRules),
      grants: hubGrants(wanted.grants, hub.grants),
      capture: captureSpec(captureOf(hub.capture, wanted.capture), place),
      load: loadOf(hub.load, wanted.load, consumerGroups.length),
    }
  }
  return [spec(first, 0), ...rest.map((hub, i) => spec(hub, i + 1))]
}

/** The hubs as a tier can have them: it limits the partitions that nobody said, such as those of a load. */
export function hubsOn(hubs: Hubs, tier: LiveTier): Hubs {
  const most = LIMITS[tier].maxPartitionsPerHub
  const within = (hub: HubSpec): HubSpec => {
    const { value, given } = hub.partitions
    return given || value <= most ? hub : { ...hub, partitions: { value: most, given } }
  }
  const [first, ...rest] = hubs
  return [within(first), ...rest.map(within)]
}
