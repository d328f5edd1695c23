import { OWNERSHIP_TAG } from '../../inputs/defaults.ts'
import { parseTagName, parseTagValue } from '../../inputs/parsers.ts'
import { INPUTS } from '../../inputs/table.ts'
import { input } from '../../inputs/refer.ts'
import {
  formatPublicNetworkAccess,
  PUBLIC_NETWORK_ACCESS_WORDS,
  type PublicNetworkAccess,
} from '../../inputs/network.ts'
import {
  describeCapacities,
  NETWORK_LIMITS,
  offersCapacity,
  TAG_LIMITS,
  TLS_VERSIONS,
  type LiveTier,
  type Tier,
  type TlsVersion,
} from '../../lib/limits.ts'
import { repetitionsIn, sameName } from '../../lib/names.ts'
import { say, type Text } from '../../lib/phrase.ts'
import type { Size } from '../../sizing/size.ts'
import { problemAt, nameAndValue, isUnread, nameOf, type Branch, type Leaf } from '../../wanted/node.ts'
import { choice, text, toggle, integer, type MapShape, type ScalarShape, type TreeOf } from '../../wanted/shape.ts'
import {
  IDENTITY,
  identityRule,
  identitySpec,
  type IdentityChange,
  type IdentitySpec,
  type WantedIdentity,
} from '../identity.ts'
import type { Rule } from '../judge.ts'
import { settingOf, type Setting } from '../setting.ts'
import type { Change, Refusal } from '../step.ts'

export type Tags = Readonly<Record<string, string>>

const TAGS: MapShape<ScalarShape<string>> = {
  kind: 'map',
  key: parseTagName,
  help: 'tags of the namespace and of a new resource group; other tags stay',
  of: text('value of the tag', parseTagValue),
}

const PUBLIC_ACCESS: ScalarShape<PublicNetworkAccess> = {
  ...choice(INPUTS.publicNetworkAccess.help, INPUTS.publicNetworkAccess.parse, PUBLIC_NETWORK_ACCESS_WORDS),
  format: formatPublicNetworkAccess,
}

/** The keys of a manifest for a namespace. */
export const NAMESPACE = {
  tier: choice(INPUTS.tier.help, INPUTS.tier.parse, [...INPUTS.tier.choices!, 'Dedicated']),
  capacity: integer(INPUTS.capacity.help, INPUTS.capacity.parse),
  autoInflateMax: integer(INPUTS.autoInflateMax.help, INPUTS.autoInflateMax.parse),
  tags: TAGS,
  disableLocalAuth: toggle('true: keys are refused, clients sign in with Microsoft Entra'),
  minimumTls: choice(INPUTS.minimumTls.help, INPUTS.minimumTls.parse, TLS_VERSIONS),
  publicNetworkAccess: PUBLIC_ACCESS,
  zoneRedundant: toggle('spread over availability zones: for a new namespace; Azure cannot change it later'),
  identity: IDENTITY,
} as const

/** The inputs for a namespace. Three of them are only flags. */
type WantedNamespace = Branch<
  { readonly [K in keyof typeof NAMESPACE]: TreeOf<(typeof NAMESPACE)[K]> } & {
    readonly resetCapacity: Leaf<boolean>
    readonly kafka: Leaf<boolean>
    readonly removeIdentity: NonNullable<WantedIdentity['removeIdentity']>
  }
>

export interface NamespaceSpec {
  readonly name: string
  /** `Dedicated` is for an existing namespace only. */
  readonly tier: Setting<LiveTier>
  readonly capacity: Setting<number>
  /** The highest capacity of auto-inflate; 0 means off. */
  readonly autoInflateMax: Setting<number>
  readonly resetCapacity: boolean
  /** Keys are refused: clients sign in with Microsoft Entra. */
  readonly localAuthDisabled: Setting<boolean>
  readonly minimumTls: Setting<TlsVersion>
  readonly publicNetworkAccess: Setting<PublicNetworkAccess>
  /** Undefined if not given: Azure chooses. */
  readonly zoneRedundant: boolean | undefined
  readonly identity: IdentitySpec
  /** A Kafka endpoint is required. */
  readonly kafka: boolean
  readonly tags: Tags
}

export interface NamespaceActual {
  readonly id: string
  readonly name: string
  /** Normalised: `westeurope`. */
  readonly location: string
  readonly provisioningState: string
  readonly tier: LiveTier
  readonly capacity: number
  readonly autoInflateMax: number
  readonly kafkaEnabled: boolean
  readonly localAuthDisabled: boolean
  /** Undefined where the api-version of the cloud does not tell. */
  readonly minimumTls: string | undefined
  /** `Enabled`, `Disabled`, `SecuredByPerimeter`. */
  readonly publicNetworkAccess: string
  readonly zoneRedundant: boolean
  /** `SystemAssigned` and resource ids of user-assigned identities. */
  readonly identities: readonly string[]
  /** How many private endpoints are approved. */
  readonly privateEndpoints: number
  /** What it has that ml-ingest does not manage: `geo-replication`. */
  readonly unmanaged: readonly string[]
  /** Host of the data plane: `ns.servicebus.windows.net`. */
  readonly host: string
  readonly tags: Tags
}

export interface NewNamespace {
  readonly location: string
  readonly tier: Tier
  readonly capacity: number
  readonly autoInflateMax: number
  readonly localAuthDisabled?: boolean
  readonly minimumTls: TlsVersion
  readonly publicNetworkAccess?: PublicNetworkAccess
  readonly zoneRedundant?: boolean
  readonly identities?: readonly string[]
  readonly tags: Tags
}

/** Only these keys are sent. `sku` is always sent whole, and `tags` replaces all tags. */
export interface NamespaceChanges {
  readonly sku?: { readonly tier: Tier; readonly capacity: number }
  readonly autoInflateMax?: number
  readonly localAuthDisabled?: boolean
  readonly minimumTls?: TlsVersion
  readonly publicNetworkAccess?: PublicNetworkAccess
  readonly identity?: IdentityChange
  readonly tags?: Tags
}

/** What has to change for one aspect of an existing namespace. */
export interface NamespaceDelta {
  readonly changes: readonly Change[]
  readonly send: NamespaceChanges
  readonly refusals: readonly Refusal[]
  readonly notes: readonly Text[]
}
export const NO_DELTA: NamespaceDelta = { changes: [], send: {}, refusals: [], notes: [] }

/** `size` has the values of what nobody said. */
export const namespaceSpec = (
  wanted: WantedNamespace,
  name: string,
  size: Omit<Size, 'partitions'>,
): NamespaceSpec => ({
  name,
  tier: settingOf(wanted.tier, size.tier),
  capacity: settingOf(wanted.capacity, size.capacity),
  autoInflateMax: settingOf(wanted.autoInflateMax, size.autoInflateMax),
  resetCapacity: wanted.resetCapacity?.value ?? false,
  kafka: wanted.kafka?.value ?? false,
  localAuthDisabled: settingOf(wanted.disableLocalAuth, false),
  minimumTls: settingOf<TlsVersion>(wanted.minimumTls, NETWORK_LIMITS.minimumTls),
  publicNetworkAccess: settingOf<PublicNetworkAccess>(wanted.publicNetworkAccess, 'Enabled'),
  zoneRedundant: wanted.zoneRedundant?.value,
  identity: identitySpec(wanted),
  tags: Object.fromEntries((wanted.tags?.items ?? []).map((tag) => [nameOf(tag), String(tag.value?.value)])),
})

const capacityRule: Rule<WantedNamespace> = ({ wanted: { capacity }, tier, limits, tierWords }) => {
  if (!capacity || offersCapacity(limits, capacity.value)) return []
  const message =
    tier === 'Dedicated'
      ? 'cannot be set on Dedicated: capacity belongs to the cluster'
      : `is not a capacity of ${tierWords}: ${describeCapacities(tier)} ${limits.unit}s`
  return [problemAt('capacity', capacity, message)]
}

const autoInflateRule: Rule<WantedNamespace> = ({ wanted: { autoInflateMax, capacity }, limits, tierWords }) => {
  if (!autoInflateMax || autoInflateMax.value === 0) return []
  if (!limits.autoInflate)
    return [problemAt('autoInflateMax', autoInflateMax, `needs Standard: there is no auto-inflate on ${tierWords}`)]
  if (!capacity || autoInflateMax.value >= capacity.value) return []
  const floor = nameAndValue('capacity', capacity)
  return [
    problemAt('autoInflateMax', autoInflateMax, say`is below ${floor}: auto-inflate cannot stop below where it starts`),
  ]
}

const resetRule: Rule<WantedNamespace> = ({ wanted }) =>
  wanted.resetCapacity?.value && !wanted.capacity && !isUnread(wanted, 'capacity')
    ? [problemAt('resetCapacity', wanted.resetCapacity, say`needs ${input('capacity')}: the value to go back to`)]
    : []

const kafkaRule: Rule<WantedNamespace> = ({ wanted: { kafka }, limits, tierWords }) =>
  kafka?.value && !limits.kafka
    ? [problemAt('kafka', kafka, `is not possible on ${tierWords}: only Standard and Premium have a Kafka endpoint`)]
    : []

/** How many tags can be given with these among them: ours is put beside them. */
export const mostTags = (names: readonly string[]): number =>
  TAG_LIMITS.count - (names.some((name) => sameName(name, OWNERSHIP_TAG.name)) ? 0 : 1)

const tagRule: Rule<WantedNamespace> = ({ wanted: { tags } }) => {
  const names = (tags?.items ?? []).map(nameOf)
  const repeated = repetitionsIn(names).map((i) =>
    problemAt('tag', tags!.items[i]!.value ?? tags!.items[i], 'is given twice'),
  )
  const most = mostTags(names)
  if (names.length <= most) return repeated
  const ours = most < TAG_LIMITS.count ? ` beside the tag ${OWNERSHIP_TAG.name}` : ''
  return [
    ...repeated,
    problemAt('tag', tags, `is given ${names.length} times, above ${most}, the limit of a resource${ours}`),
  ]
}

export const NAMESPACE_RULES: readonly Rule<WantedNamespace>[] = [
  ...[capacityRule, autoInflateRule, resetRule, kafkaRule],
  identityRule,
]
export const TAG_RULES: readonly Rule<WantedNamespace>[] = [tagRule]

/** Whether the namespace will refuse keys. */
export const localAuthDisabledAfter = (
  { localAuthDisabled }: NamespaceSpec,
  live: NamespaceActual | undefined,
): boolean => (!live || localAuthDisabled.given ? localAuthDisabled.value : live.localAuthDisabled)

/** How clients will reach the namespace. */
export const reachAfter = (spec: NamespaceSpec, live: NamespaceActual | undefined) => ({
  publicNetworkAccess:
    !live || spec.publicNetworkAccess.given ? spec.publicNetworkAccess.value : live.publicNetworkAccess,
  minimumTls: !live || spec.minimumTls.given ? spec.minimumTls.value : live.minimumTls,
  privateEndpoints: live?.privateEndpoints ?? 0,
})
