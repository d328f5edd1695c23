import { formatHours } from '../lib/duration.ts'
import { suggest } from '../lib/suggest.ts'
import { DEFAULTS } from './defaults.ts'
import type { FieldKey } from './fields.ts'
import { invalid, writtenInput, type InputProblem, type Inputs } from './inputs.ts'
import {
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
import { isDefaultConsumerGroup } from './parsers.ts'
import { hubInputs } from './hub-inputs.ts'

interface World {
  readonly inputs: Inputs
  readonly tier: LiveTier
  readonly limits: TierLimits
  /** `Standard`, or `Standard, the default tier` when nobody said. */
  readonly tierWords: string
  readonly capacity: number
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
    capacity: inputs.capacity?.value ?? DEFAULTS.capacity,
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

/** `Premium allows up to 100` for the tiers that would take what this one does not. */
function wherePossible(isEnough: (limits: TierLimits) => boolean, words: (limits: TierLimits) => string): string {
  const tiers = TIERS.filter((tier) => isEnough(LIMITS[tier]))
  return tiers
    .map((tier) => `. --tier ${tier} allows ${words(LIMITS[tier])}`)
    .slice(0, 1)
    .join('')
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
  const most = world.inputs.autoInflateMax?.value ?? 0
  if (most === 0) return []
  if (!world.limits.autoInflate)
    return [about(world, 'autoInflateMax', `needs Standard: ${world.tierWords} has no auto-inflate`)]
  if (most >= world.capacity) return []
  return [
    about(
      world,
      'autoInflateMax',
      `is below the capacity of ${formatCapacity(world.tier, world.capacity)}: the maximum cannot be less`,
    ),
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
  const because = (partitions: number) =>
    `${partitions} partitions is above ${most}, the limit of a hub on ${world.tierWords}` +
    wherePossible(
      (other) => other.maxPartitionsPerHub >= partitions,
      (other) => `up to ${other.maxPartitionsPerHub}`,
    )
  return [
    ...(tooMany(inputs.partitions?.value) ? [about(world, 'partitions', because(inputs.partitions!.value))] : []),
    ...(inputs.hub?.value ?? []).flatMap((hub, i) =>
      tooMany(hub.partitions) ? [about(world, 'hub', because(hub.partitions!), inputs.hub!.texts[i])] : [],
    ),
  ]
}

const partitionTotalRule: Rule = (world) => {
  const perUnit = world.limits.maxPartitionsPerUnit
  if (perUnit === undefined) return []
  const total = hubInputs(world.inputs).reduce(
    (sum, hub) => sum + (hub.partitions ?? world.inputs.partitions?.value ?? DEFAULTS.partitions),
    0,
  )
  const most = perUnit * world.capacity
  if (total <= most) return []
  return [
    about(
      world,
      'hub',
      `${total} partitions in all is above ${most}, the limit of ${formatCapacity(world.tier, world.capacity)} on ${world.tier}`,
    ),
  ]
}

const retentionRule: Rule = (world) => {
  const { inputs, limits } = world
  const most = limits.maxRetentionHours
  const because = (hours: number) =>
    `${formatHours(hours)} is above ${formatHours(most)}, the longest retention on ${world.tierWords}` +
    wherePossible(
      (other) => other.maxRetentionHours >= hours,
      (other) => `up to ${formatHours(other.maxRetentionHours)}`,
    )
  return [
    ...(inputs.retention && inputs.retention.value > most
      ? [about(world, 'retention', because(inputs.retention.value))]
      : []),
    ...(inputs.hub?.value ?? []).flatMap((hub, i) =>
      (hub.retentionHours ?? 0) > most ? [about(world, 'hub', because(hub.retentionHours!), inputs.hub!.texts[i])] : [],
    ),
  ]
}

const hubListRule: Rule = (world) => {
  const hubs = world.inputs.hub?.value ?? []
  const most = maxHubsOf(world.tier, world.capacity)
  return [
    ...repeatedNames(hubs.map((hub) => hub.name)).map((name) => about(world, 'hub', 'is given twice', name)),
    ...(hubs.length > most
      ? [
          about(
            world,
            'hub',
            `${hubs.length} hubs is above ${most}, the limit of a namespace on ${world.tierWords}`,
            '',
          ),
        ]
      : []),
  ]
}

const consumerGroupRule: Rule = (world) => {
  const given = world.inputs.consumerGroup
  const groups = (given?.value ?? [])
    .map((group, i) => ({ ...group, text: given!.texts[i] }))
    .filter((group) => !isDefaultConsumerGroup(group.name))
  const most = world.limits.maxConsumerGroups
  if (groups.length > 0 && most <= 1) {
    return [
      about(
        world,
        'consumerGroup',
        `cannot be on ${world.tierWords}: it has $Default alone. --tier Standard allows up to 20`,
        groups[0]!.text,
      ),
    ]
  }
  const hubNames = hubInputs(world.inputs).map((hub) => hub.name)
  const strangers = groups.filter(
    (group) => group.hub !== undefined && !hubNames.some((name) => sameName(name, group.hub!)),
  )
  return [
    ...strangers.map((group) => {
      const meant = suggest(group.hub!, hubNames)
      const message = `names hub ${group.hub}, which is not among --hub${meant ? `. Did you mean ${meant}?` : ''}`
      return about(world, 'consumerGroup', message, group.text)
    }),
    ...hubNames.flatMap((hub) => {
      const here = groups
        .filter((group) => group.hub === undefined || sameName(group.hub, hub))
        .map((group) => group.name)
      return [
        ...repeatedNames(here).map((name) => about(world, 'consumerGroup', `is given twice for hub ${hub}`, name)),
        ...(here.length >= most
          ? [
              about(
                world,
                'consumerGroup',
                `${here.length} consumer groups and $Default in hub ${hub} is above ${most}, the limit on ${world.tierWords}`,
                '',
              ),
            ]
          : []),
      ]
    }),
  ]
}

const tagRule: Rule = (world) => {
  const tags = world.inputs.tag?.value ?? []
  return [
    ...repeatedNames(tags.map((tag) => tag.name)).map((name) => about(world, 'tag', 'is given twice', name)),
    ...(tags.length > TAG_LIMITS.count
      ? [about(world, 'tag', `${tags.length} tags is above ${TAG_LIMITS.count}, the limit of a resource`, '')]
      : []),
  ]
}

const accessRule: Rule = (world) =>
  world.inputs.policy && world.inputs.access
    ? [about(world, 'policy', 'contradicts --access: a rule that exists has its own rights. Give one of the two')]
    : []

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
]
