import { DEFAULTS } from '../inputs/defaults.ts'
import { isDefaultConsumerGroup, parseConsumerGroupName, parseUserMetadata } from '../inputs/parsers.ts'
import { edit, input } from '../inputs/refer.ts'
import { DEFAULT_CONSUMER_GROUP, LIMITS, USER_METADATA_MAX, type LiveTier } from '../lib/limits.ts'
import { findByName, repetitionsIn, sameName } from '../lib/names.ts'
import { accepting, ok } from '../lib/parser.ts'
import { say, type Text } from '../lib/phrase.ts'
import { holdsSecret } from '../lib/secret.ts'
import type { Problem } from '../lib/errors.ts'
import { suggest } from '../lib/suggest.ts'
import { problemAt, isUnread, nameOf, type Branch, type Leaf, type List, type Node } from '../wanted/node.ts'
import { object, text, type ChoiceShape } from '../wanted/shape.ts'
import type { RuleInput, Rule } from './judge.ts'
import { settingOf, type Saved, type Setting } from './setting.ts'
import { MOVE_TO_STANDARD, QUOTAS_LINK, type Part, type Refusal, type Step, type Target } from './step.ts'

export type ConsumerGroupWrite = {
  readonly op: 'create-consumer-group' | 'update-consumer-group'
  readonly body: ConsumerGroupBody
}

/** Empty for a group without. */
const parseGroupMetadata = accepting<string>({ maxLength: USER_METADATA_MAX }, (words) =>
  words === '' ? ok(words) : parseUserMetadata(words),
)

const NAME = text('name of the consumer group', parseConsumerGroupName, ['trainer'])
const LONG = object(
  'a consumer group',
  { name: NAME, userMetadata: text('what it is for; empty for none', parseGroupMetadata) },
  { required: ['name'], forAll: ['userMetadata'] },
)
export const CONSUMER_GROUP: ChoiceShape<typeof LONG> = {
  kind: 'choice',
  help: 'a consumer group: its name, or an object with its user metadata',
  key: 'name',
  short: NAME,
  long: LONG,
}

export interface ConsumerGroupSpec {
  readonly name: string
  readonly userMetadata: Setting<string>
  /** False for the default group. */
  readonly given: boolean
}
export interface ConsumerGroupActual {
  readonly name: string
  readonly userMetadata: string | undefined
}
export interface ConsumerGroupBody {
  /** Empty for none. */
  readonly userMetadata: string
}

/** A group from flags, for one hub or for all, or from a manifest, under its hub. */
type WantedGroup = Branch<{
  readonly hub: Leaf<string>
  readonly name: Leaf<string>
  readonly userMetadata: Leaf<string>
}>
export type WantedGroups = List<WantedGroup> | undefined

interface WantedWithGroups extends Branch {
  /** From flags: for one hub, or for all. */
  readonly consumerGroups?: WantedGroups
  readonly userMetadata?: Leaf<string> | undefined
  readonly hubs?: List<HubWithGroups> | undefined
}
interface HubWithGroups extends Node {
  readonly name?: Leaf<string> | undefined
  readonly consumerGroups?: WantedGroups
}

/**
 * The groups that were said for a hub: by flags for it or for all hubs, or else in the manifest. Undefined if nobody said
 * any. An empty list, or `$Default` alone, says that it has no other group.
 */
function groupsOf({ consumerGroups }: WantedWithGroups, hub: HubWithGroups): readonly WantedGroup[] | undefined {
  const isForHub = (group: WantedGroup): boolean => !group.hub || sameName(group.hub.value, hub.name?.value ?? '')
  const flagged = consumerGroups?.items.filter(isForHub)
  const isSaid = flagged && (flagged.length > 0 || consumerGroups?.items.length === 0)
  return (isSaid ? flagged : hub.consumerGroups?.items)?.filter(isNotDefault)
}

const isNotDefault = (group: WantedGroup): boolean => group.name !== undefined && !isDefaultConsumerGroup(nameOf(group))

/** The consumer groups of a hub: those that were said, or the default one. Basic has no room for one. */
export function consumerGroupSpecs(
  wanted: WantedWithGroups,
  hub: HubWithGroups,
  tier: LiveTier,
): readonly ConsumerGroupSpec[] {
  const userMetadata = settingOf(wanted.userMetadata, DEFAULTS.userMetadata)
  const said = groupsOf(wanted, hub)?.map((group) => ({
    name: nameOf(group),
    userMetadata: settingOf(group.userMetadata ?? wanted.userMetadata, DEFAULTS.userMetadata),
    given: true,
  }))
  if (said || LIMITS[tier].maxConsumerGroups <= 1) return said ?? []
  return [{ name: DEFAULTS.consumerGroup, userMetadata, given: false }]
}

export const consumerGroupRule =
  (hubsOf: (wanted: WantedWithGroups) => readonly HubWithGroups[]): Rule<WantedWithGroups> =>
  (given) => {
    const { wanted, limits } = given
    const hubs = hubsOf(wanted)
    const said = hubs.flatMap((hub) => groupsOf(wanted, hub) ?? [])
    const first = [...(wanted.consumerGroups?.items ?? []), ...said].find(isNotDefault)
    if (!first) return []
    if (limits.maxConsumerGroups <= 1) {
      const most = LIMITS.Standard.maxConsumerGroups - 1
      const message = say`cannot be on ${given.tierWords}: a hub has only ${DEFAULT_CONSUMER_GROUP} there. ${edit({ tier: 'Standard' })} allows up to ${most} beside it`
      return [problemAt('consumerGroup', first, message)]
    }
    const names = hubs.map((hub) => hub.name?.value ?? '')
    const repeated = new Set(repetitionsIn(names))
    const single = hubs.filter((_, i) => !repeated.has(i))
    return [
      ...unknownHubs(
        given,
        single.map((hub) => hub.name?.value ?? ''),
      ),
      ...single.flatMap((hub) => problemsOfHub(given, hub, groupsOf(wanted, hub) ?? [])),
    ]
  }

/** Groups for hubs that are not part of the run. */
function unknownHubs({ wanted }: RuleInput<WantedWithGroups>, hubs: readonly string[]): readonly Problem[] {
  if (isUnread(wanted, 'hubs')) return []
  return (wanted.consumerGroups?.items ?? []).filter(isNotDefault).flatMap((group) => {
    const hub = group.hub?.value
    if (hub === undefined || hubs.some((one) => sameName(one, hub))) return []
    const meant = suggest(hub, hubs)
    const where = wanted.hubs?.origin.kind === 'file' ? 'the hubs' : input('hub')
    return [
      problemAt(
        'consumerGroup',
        group,
        say`names hub ${hub}, which is not among ${where}${meant ? `. Did you mean ${meant}?` : ''}`,
      ),
    ]
  })
}

function problemsOfHub(
  { wanted, limits, tierWords }: RuleInput<WantedWithGroups>,
  hub: HubWithGroups,
  own: readonly WantedGroup[],
): readonly Problem[] {
  const name = hub.name?.value ?? ''
  const repeated = repetitionsIn(own.map(nameOf)).map((i) =>
    problemAt('consumerGroup', own[i], `is given twice for hub ${name}`),
  )
  const most = limits.maxConsumerGroups - 1
  if (own.length <= most) return repeated
  const message = `is given ${own.length} times for hub ${name}, above ${most}, the limit beside ${DEFAULT_CONSUMER_GROUP} on ${tierWords}`
  return [...repeated, problemAt('consumerGroup', wanted.consumerGroups ?? hub.consumerGroups, message)]
}

/** Plans the consumer groups of one hub. Other groups of the hub stay as they are. */
export function planConsumerGroups(
  hub: { readonly name: string; readonly consumerGroups: readonly ConsumerGroupSpec[] },
  live: readonly ConsumerGroupActual[],
  tier: LiveTier,
): Part<ConsumerGroupWrite> {
  const wanted = hub.consumerGroups.filter((group) => group.given || needsDefault(group, live))
  const most = LIMITS[tier].maxConsumerGroups
  if (most <= 1 && wanted.length > 0) {
    const given = wanted.filter((group) => group.given)
    if (given.length > 0) return { steps: given.map((group) => refuseOnTier(hub.name, group, tier)), notes: [] }
    const text = `${tier} has only ${DEFAULT_CONSUMER_GROUP}: no consumer group is made`
    return { steps: [], notes: [{ target: { kind: 'hub', name: hub.name }, text }] }
  }
  const steps = wanted.map((group) => planOne(hub.name, group, findByName(live, group.name)))
  const added = steps.filter((step) => step.action === 'create').length
  const total = (live.length || 1) + added
  return {
    steps: added > 0 && total > most ? steps.map((step) => refuseIfNew(step, total, most, tier)) : steps,
    notes: [],
  }
}

/** The default group is made only on a hub without other groups. */
const needsDefault = (group: ConsumerGroupSpec, live: readonly ConsumerGroupActual[]): boolean =>
  live.every((one) => sameName(one.name, DEFAULT_CONSUMER_GROUP) || sameName(one.name, group.name)) ||
  findByName(live, group.name) !== undefined

function planOne(
  hub: string,
  group: ConsumerGroupSpec,
  live: ConsumerGroupActual | undefined,
): Step<ConsumerGroupWrite> {
  const target: Target = { kind: 'consumer-group', hub, name: live?.name ?? group.name }
  const body = { userMetadata: group.userMetadata.value }
  if (!live)
    return { action: 'create', target, details: metadataWords(body), write: { op: 'create-consumer-group', body } }
  if (!group.userMetadata.given || group.userMetadata.value === (live.userMetadata ?? '')) {
    return { action: 'keep', target, details: [] }
  }
  const changes = [{ field: 'user metadata', from: live.userMetadata ?? null, to: group.userMetadata.value || null }]
  return { action: 'update', target, changes, write: { op: 'update-consumer-group', body } }
}

/** The default user metadata is not shown. */
const metadataWords = ({ userMetadata }: ConsumerGroupBody): readonly string[] =>
  userMetadata === '' || userMetadata === DEFAULTS.userMetadata ? [] : [`user metadata ${userMetadata}`]

function refuse(hub: string, name: string, refusal: Pick<Refusal, 'because' | 'waysOut'>): Step<ConsumerGroupWrite> {
  const what = `Can't make consumer group ${name} in hub ${hub}`
  const target: Target = { kind: 'consumer-group', hub, name }
  return { action: 'refuse', target, changes: [], refusals: [{ what, ...refusal, link: QUOTAS_LINK }] }
}

const refuseOnTier = (hub: string, { name }: ConsumerGroupSpec, tier: LiveTier): Step<ConsumerGroupWrite> =>
  refuse(hub, name, {
    because: `The namespace is on ${tier}, where a hub has only ${DEFAULT_CONSUMER_GROUP}.`,
    waysOut: [MOVE_TO_STANDARD, { text: `read through ${DEFAULT_CONSUMER_GROUP}`, edit: { consumerGroup: [] } }],
  })

function refuseIfNew(
  step: Step<ConsumerGroupWrite>,
  total: number,
  most: number,
  tier: LiveTier,
): Step<ConsumerGroupWrite> {
  if (step.action !== 'create' || step.target.kind !== 'consumer-group') return step
  return refuse(step.target.hub, step.target.name, {
    because: `The hub would have ${total} with ${DEFAULT_CONSUMER_GROUP}, and ${tier} allows ${most}.`,
    waysOut: [
      { text: 'use Kafka consumer groups, which are not counted here' },
      { text: 'remove a consumer group that nobody reads through, then run this again' },
    ],
  })
}

/** A group in a saved manifest. Its metadata is needed if it differs from the default. */
export interface SavedGroup {
  readonly name: string
  readonly userMetadata: Saved<string>
}

/** All groups of the live hub, and the given ones. */
export function savedGroups(
  wanted: readonly ConsumerGroupSpec[],
  live: readonly ConsumerGroupActual[] | undefined,
): readonly SavedGroup[] {
  const there = (live ?? [])
    .filter(({ name }) => !sameName(name, DEFAULT_CONSUMER_GROUP))
    .map(({ name, userMetadata: value = '' }): SavedGroup => {
      return { name, userMetadata: { value, isNeeded: value !== DEFAULTS.userMetadata } }
    })
  const others = wanted.filter((group) => (group.given || !live) && !findByName(there, group.name))
  return [
    ...there,
    ...others.map(({ name, userMetadata: { value, given } }) => ({ name, userMetadata: { value, isNeeded: given } })),
  ]
}

/** User metadata that is left out, because everybody who can read the repository can read a manifest. */
export const groupsNotSaved = (hub: string, groups: readonly SavedGroup[]): readonly Text[] =>
  groups
    .filter(({ userMetadata }) => holdsSecret(userMetadata.value))
    .map(({ name }) => `user metadata of ${hub}/${name}, which looks like it holds a key`)
