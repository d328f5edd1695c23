import { formatHours } from '../lib/duration.ts'
import { suggest } from '../lib/suggest.ts'
import { DEFAULTS } from '../inputs/defaults.ts'
import { groupsByHub, hubInputs } from './hub-inputs.ts'
import type { InputProblem } from '../inputs/given.ts'
import { DEFAULT_CONSUMER_GROUP, formatCapacity, LIMITS, maxHubsOf } from '../lib/limits.ts'
import { nameKeyOf, repetitionsIn, sameName } from '../lib/names.ts'
import { isDefaultConsumerGroup, type ConsumerGroupInput } from '../inputs/parsers.ts'
import { about, nameOfInput, wherePossible, type Rule, type World } from './rule.ts'

/** A problem with a value of one of the hubs given. */
const aboutHub = (world: World, index: number, key: string, message: string): InputProblem =>
  about(world, 'hub', message, { index, within: [key] })

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
        ? [aboutHub(world, i, 'partitions', `asks for ${hub.partitions} partitions, ${limit(hub.partitions!)}`)]
        : [],
    ),
  ]
}

const partitionTotalRule: Rule = (world) => {
  const { capacity } = world
  const perUnit = world.limits.maxPartitionsPerUnit
  const isKnown = !(['hub', 'partitions', 'capacity'] as const).some((key) => world.unread.includes(key))
  if (perUnit === undefined || capacity === undefined || !isKnown) return []
  const total = hubInputs(world.inputs).reduce(
    (sum, hub) => sum + (hub.partitions ?? world.inputs.partitions?.value ?? DEFAULTS.partitions),
    0,
  )
  const most = perUnit * capacity
  if (total <= most) return []
  const units = formatCapacity(world.tier, capacity)
  return [
    about(world, 'hub', `adds up to ${total} partitions, above ${most}, the limit of ${units} on ${world.tier}`, 'all'),
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
            aboutHub(
              world,
              i,
              'retention',
              `asks for a retention of ${formatHours(hub.retentionHours!)}, ${limit(hub.retentionHours!)}`,
            ),
          ]
        : [],
    ),
  ]
}

const hubListRule: Rule = (world) => {
  const hubs = world.inputs.hub?.value ?? []
  const repeated = repetitionsIn(hubs.map((hub) => hub.name)).map((i) =>
    aboutHub(
      world,
      i,
      'name',
      world.inputs.hub?.source === 'manifest' ? `${hubs[i]!.name} is given twice` : 'is given twice',
    ),
  )
  if (world.limits.hubsGrowWithCapacity && world.capacity === undefined) return repeated
  const most = maxHubsOf(world.tier, world.capacity ?? DEFAULTS.capacity)
  if (hubs.length <= most) return repeated
  const message = `is given ${hubs.length} times, above ${most}, the limit of a namespace on ${world.tierWords}`
  return [...repeated, about(world, 'hub', message, 'all')]
}

type GroupGiven = ConsumerGroupInput & { readonly index: number }

const consumerGroupRule: Rule = (world) => {
  const given = world.inputs.consumerGroup
  const groups = (given?.value ?? [])
    .map((group, index): GroupGiven => ({ ...group, index }))
    .filter((group) => !isDefaultConsumerGroup(group.name))
  if (groups.length === 0) return []
  if (world.limits.maxConsumerGroups <= 1) {
    const message = `cannot be on ${world.tierWords}: a hub has ${DEFAULT_CONSUMER_GROUP} alone there. --tier Standard allows up to ${LIMITS.Standard.maxConsumerGroups - 1} beside it`
    return [about(world, 'consumerGroup', message, { index: groups[0]!.index })]
  }
  const names = hubInputs(world.inputs).map((hub) => hub.name)
  const repeated = new Set(repetitionsIn(names))
  const hubs = names.filter((_, i) => !repeated.has(i))
  const byHub = groupsByHub(groups, hubs)
  return [
    ...groups.flatMap((group) =>
      group.hub === undefined || world.unread.includes('hub') || byHub.has(nameKeyOf(group.hub))
        ? []
        : [strangerProblem(world, group, group.hub, hubs)],
    ),
    ...hubs.flatMap((hub) => groupsOfHubProblems(world, byHub.get(nameKeyOf(hub)) ?? [], hub)),
  ]
}

function strangerProblem(world: World, group: GroupGiven, hub: string, hubs: readonly string[]): InputProblem {
  const meant = suggest(hub, hubs)
  const message = `names hub ${hub}, which is not among ${nameOfInput(world, 'hub') === '--hub' ? '--hub' : 'the hubs'}${meant ? `. Did you mean ${meant}?` : ''}`
  return about(world, 'consumerGroup', message, { index: group.index })
}

function groupsOfHubProblems(world: World, own: readonly GroupGiven[], hub: string): readonly InputProblem[] {
  const repeated = repetitionsIn(own.map((group) => group.name)).map((i) =>
    about(world, 'consumerGroup', `is given twice for hub ${hub}`, { index: own[i]!.index }),
  )
  const most = world.limits.maxConsumerGroups - 1
  if (own.length <= most) return repeated
  const message = `is given ${own.length} times for hub ${hub}, above ${most}, the limit beside ${DEFAULT_CONSUMER_GROUP} on ${world.tierWords}`
  return [...repeated, aboutGroupsOf(world, own, message)]
}

/** What is wrong with all groups of a hub: in a manifest told where that hub lists them. */
function aboutGroupsOf(world: World, groups: readonly GroupGiven[], message: string): InputProblem {
  const hub = groups[0]?.hub
  const index = (world.inputs.hub?.value ?? []).findIndex(({ name }) => hub !== undefined && sameName(name, hub))
  const isInFile = world.inputs.consumerGroup?.source === 'manifest' && index !== -1
  return isInFile ? aboutHub(world, index, 'consumerGroups', message) : about(world, 'consumerGroup', message, 'all')
}

/** Rules about hubs and what is in them. */
export const HUB_RULES: readonly Rule[] = [
  partitionRule,
  partitionTotalRule,
  retentionRule,
  hubListRule,
  consumerGroupRule,
]
