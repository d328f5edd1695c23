import { formatHours } from '../lib/duration.ts'
import { suggest } from '../lib/suggest.ts'
import { DEFAULTS, OWNERSHIP_TAG } from './defaults.ts'
import type { FieldKey } from './fields.ts'
import { invalid, writtenInput, type Given, type InputProblem, type Inputs } from './inputs.ts'
import {
  DEFAULT_CONSUMER_GROUP,
  describeCapacities,
  formatCapacity,
  LIMITS,
  maxHubsOf,
  TAG_LIMITS,
  TIERS,
  type LiveTier,
  type TierLimits,
} from './limits.ts'
import { repeatedNames, sameName } from './names.ts'
import { isDefaultConsumerGroup, type ConsumerGroupInput } from './parsers.ts'
import { hubInputs } from './hub-inputs.ts'

interface World {
  readonly inputs: Inputs
  readonly tier: LiveTier
  readonly limits: TierLimits
  /** `Standard`, or `Standard, the default tier` when nobody said. */
  readonly tierWords: string
  /** Undefined when nobody said: what exists may have another than the default. */
  readonly capacity: number | undefined
}

type Rule = (world: World) => readonly InputProblem[]

/** What the inputs break together, under the limits of the tier that is given, live, or else the default. */
export function crossFieldProblems(inputs: Inputs, liveTier: LiveTier | undefined): readonly InputProblem[] {
  const tier = inputs.tier?.value ?? liveTier ?? DEFAULTS.tier
  const world: World = {
    inputs,
    tier,
    limits: LIMITS[tier],
    tierWords: inputs.tier || liveTier ? tier : `${tier}, the default tier`,
    capacity: inputs.capacity?.value,
  }
  return RULES.flatMap((rule) => rule(world))
}

/** A problem with the value of one field, when that field was given. */
function about(world: World, key: FieldKey, message: string, text?: string): InputProblem {
  const given = world.inputs[key]
  return invalid(
    key,
    given ? writtenInput(key, given, text) : writtenInput(key, { value: undefined, source: 'flag', texts: [] }),
    message,
  )
}

/** `. --tier Premium allows up to 100` for the first tier that takes what this one does not; nothing if none does. */
function wherePossible(isEnough: (limits: TierLimits) => boolean, words: (limits: TierLimits) => string): string {
  const tier = TIERS.find((one) => isEnough(LIMITS[one]))
  return tier ? `. --tier ${tier} allows ${words(LIMITS[tier])}` : ''
}

const capacityRule: Rule = (world) => {
  const { inputs, tier, limits } = world
  if (!inputs.capacity) return []
  if (tier === 'Dedicated')
    return [about(world, 'capacity', 'cannot be set on Dedicated: capacity belongs to the cluster')]
  if (limits.capacities?.includes(inputs.capacity.value)) return []
  return [
    about(world, 'capacity', `is not a capacity of ${world.tierWords}: ${describeCapacities(tier)} ${limits.unit}s`),
  ]
}

const autoInflateRule: Rule = (world) => {
  const { capacity } = world
  const most = world.inputs.autoInflateMax?.value ?? 0
  if (most === 0) return []
  if (!world.limits.autoInflate)
    return [about(world, 'autoInflateMax', `needs Standard: ${world.tierWords} has no auto-inflate`)]
  if (capacity === undefined || most >= capacity) return []
  return [
    about(world, 'autoInflateMax', `is below --capacity ${capacity}: auto-inflate cannot stop below where it starts`),
  ]
}

const resetRule: Rule = (world) =>
  world.inputs.resetCapacity?.value && !world.inputs.capacity
    ? [about(world, 'resetCapacity', 'needs --capacity: the value to go back to')]
    : []

const kafkaRule: Rule = (world) =>
  world.inputs.kafka?.value && !world.limits.kafka
    ? [about(world, 'kafka', `cannot hold on ${world.tierWords}: only Standard and Premium have a Kafka endpoint`)]
    : []

const partitionRule: Rule = (world) => {
  const { inputs, limits } = world
  const most = limits.maxPartitionsPerHub
  const tooMany = (partitions: number | undefined): boolean => (partitions ?? 0) > most
  const limit = (partitions: number) =>
    `above ${most}, the limit of a hub on ${world.tierWords}` +
    wherePossible(
      (other) => other.maxPartitionsPerHub >= partitions,
      (other) => `up to ${other.maxPartitionsPerHub}`,
    )
  return [
    ...(tooMany(inputs.partitions?.value) ? [about(world, 'partitions', `is ${limit(inputs.partitions!.value)}`)] : []),
    ...(inputs.hub?.value ?? []).flatMap((hub, i) =>
      tooMany(hub.partitions)
        ? [
            about(
              world,
              'hub',
              `asks for ${hub.partitions} partitions, ${limit(hub.partitions!)}`,
              inputs.hub!.texts[i],
            ),
          ]
        : [],
    ),
  ]
}

const partitionTotalRule: Rule = (world) => {
  const { capacity } = world
  const perUnit = world.limits.maxPartitionsPerUnit
  if (perUnit === undefined || capacity === undefined) return []
  const total = hubInputs(world.inputs).reduce(
    (sum, hub) => sum + (hub.partitions ?? world.inputs.partitions?.value ?? DEFAULTS.partitions),
    0,
  )
  const most = perUnit * capacity
  if (total <= most) return []
  const units = formatCapacity(world.tier, capacity)
  return [
    about(world, 'hub', `adds up to ${total} partitions, above ${most}, the limit of ${units} on ${world.tier}`, ''),
  ]
}

const retentionRule: Rule = (world) => {
  const { inputs, limits } = world
  const most = limits.maxRetentionHours
  const limit = (hours: number) =>
    `above ${formatHours(most)}, the longest retention on ${world.tierWords}` +
    wherePossible(
      (other) => other.maxRetentionHours >= hours,
      (other) => `up to ${formatHours(other.maxRetentionHours)}`,
    )
  return [
    ...(inputs.retention && inputs.retention.value > most
      ? [about(world, 'retention', `is ${limit(inputs.retention.value)}`)]
      : []),
    ...(inputs.hub?.value ?? []).flatMap((hub, i) =>
      (hub.retentionHours ?? 0) > most
        ? [
            about(
              world,
              'hub',
              `asks for a retention of ${formatHours(hub.retentionHours!)}, ${limit(hub.retentionHours!)}`,
              inputs.hub!.texts[i],
            ),
          ]
        : [],
    ),
  ]
}

const hubListRule: Rule = (world) => {
  const hubs = world.inputs.hub?.value ?? []
  const repeated = repeatedNames(hubs.map((hub) => hub.name)).map((name) => about(world, 'hub', 'is given twice', name))
  if (world.limits.hubsGrowWithCapacity && world.capacity === undefined) return repeated
  const most = maxHubsOf(world.tier, world.capacity ?? DEFAULTS.capacity)
  if (hubs.length <= most) return repeated
  const message = `is given ${hubs.length} times, above ${most}, the limit of a namespace on ${world.tierWords}`
  return [...repeated, about(world, 'hub', message, '')]
}

type GroupGiven = ConsumerGroupInput & { readonly text: string | undefined }

const consumerGroupRule: Rule = (world) => {
  const given = world.inputs.consumerGroup
  const groups = (given?.value ?? [])
    .map((group, i): GroupGiven => ({ ...group, text: given!.texts[i] }))
    .filter((group) => !isDefaultConsumerGroup(group.name))
  if (groups.length === 0) return []
  if (world.limits.maxConsumerGroups <= 1) {
    const message = `cannot be on ${world.tierWords}: a hub has ${DEFAULT_CONSUMER_GROUP} alone there. --tier Standard allows up to ${LIMITS.Standard.maxConsumerGroups - 1} beside it`
    return [about(world, 'consumerGroup', message, groups[0]!.text)]
  }
  const hubs = hubInputs(world.inputs).map((hub) => hub.name)
  return [
    ...groups.flatMap((group) => strangerProblem(world, group, hubs)),
    ...hubs.flatMap((hub) => groupsOfHubProblems(world, groups, hub)),
  ]
}

function strangerProblem(world: World, group: GroupGiven, hubs: readonly string[]): readonly InputProblem[] {
  const { hub } = group
  if (hub === undefined || hubs.some((name) => sameName(name, hub))) return []
  const meant = suggest(hub, hubs)
  const message = `names hub ${hub}, which is not among --hub${meant ? `. Did you mean ${meant}?` : ''}`
  return [about(world, 'consumerGroup', message, group.text)]
}

function groupsOfHubProblems(world: World, groups: readonly GroupGiven[], hub: string): readonly InputProblem[] {
  const names = groups.filter((group) => group.hub === undefined || sameName(group.hub, hub)).map((group) => group.name)
  const repeated = repeatedNames(names).map((name) =>
    about(world, 'consumerGroup', `is given twice for hub ${hub}`, name),
  )
  const most = world.limits.maxConsumerGroups - 1
  if (names.length <= most) return repeated
  const message = `is given ${names.length} times for hub ${hub}, above ${most}, the limit beside ${DEFAULT_CONSUMER_GROUP} on ${world.tierWords}`
  return [...repeated, about(world, 'consumerGroup', message, '')]
}

const tagRule: Rule = (world) => {
  const names = (world.inputs.tag?.value ?? []).map((tag) => tag.name)
  const repeated = repeatedNames(names).map((name) => about(world, 'tag', 'is given twice', name))
  const most = TAG_LIMITS.count - (names.some((name) => sameName(name, OWNERSHIP_TAG.name)) ? 0 : 1)
  if (names.length <= most) return repeated
  const message = `is given ${names.length} times, above ${most}, the limit of a resource beside the tag ${OWNERSHIP_TAG.name}`
  return [...repeated, about(world, 'tag', message, '')]
}

const accessRule: Rule = (world) =>
  world.inputs.policy && world.inputs.access
    ? [about(world, 'policy', 'contradicts --access: a rule that exists has its own rights. Give one of the two')]
    : []

/** What a flag says; a variable may stand in the environment for other runs. */
const isTyped = (given: Given<unknown> | undefined): boolean => given?.source === 'flag'

const localRule: Rule = (world) => {
  if (!world.inputs.local?.value) return []
  return (['cloud', 'auth', 'tenant'] as const)
    .filter((key) => isTyped(world.inputs[key]))
    .map((key) => about(world, key, 'contradicts --local: the embedded Azure has no clouds and no sign-in'))
}

const outputRule: Rule = (world) => {
  const { format, json, noConnection } = world.inputs
  if (!format || !isTyped(format)) return []
  return [
    ...(isTyped(json) && json?.value && format.value !== 'json'
      ? [about(world, 'format', 'contradicts --json. Give one of the two')]
      : []),
    ...(isTyped(noConnection) && noConnection?.value
      ? [about(world, 'format', 'contradicts --no-connection. Give one of the two')]
      : []),
  ]
}

const RULES: readonly Rule[] = [
  capacityRule,
  autoInflateRule,
  resetRule,
  kafkaRule,
  partitionRule,
  partitionTotalRule,
  retentionRule,
  hubListRule,
  consumerGroupRule,
  tagRule,
  accessRule,
  localRule,
  outputRule,
]
