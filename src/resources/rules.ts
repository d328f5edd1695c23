import { CAPTURE_RULES } from './capture-rules.ts'
import { DEFAULTS, OWNERSHIP_TAG } from '../inputs/defaults.ts'
import { GRANT_RULES } from './grant-rules.ts'
import { HUB_RULES } from './hub-rules.ts'
import { MANIFEST_HUB_RULES } from './manifest-hub-rules.ts'
import type { FieldKey } from '../inputs/table.ts'
import type { Given, InputProblem, Inputs } from '../inputs/given.ts'
import { describeCapacities, LIMITS, LOOSEST_LIMITS, TAG_LIMITS, type LiveTier } from '../lib/limits.ts'
import { repetitionsIn, sameName } from '../lib/names.ts'
import { about, nameOfInput, type Rule, type World } from './rule.ts'

/**
 * What the inputs break together, under the limits of the tier that is given, live, or else the default; of a tier that
 * could not be read (`unread`) nothing is known, so that only what no tier allows is told.
 */
export function crossFieldProblems(
  inputs: Inputs,
  liveTier: LiveTier | undefined,
  unread: readonly FieldKey[] = [],
): readonly InputProblem[] {
  const isTierKnown = !unread.includes('tier')
  const tier = isTierKnown ? (inputs.tier?.value ?? liveTier ?? DEFAULTS.tier) : 'Dedicated'
  const world: World = {
    inputs,
    unread,
    tier,
    limits: isTierKnown ? LIMITS[tier] : LOOSEST_LIMITS,
    tierWords: !isTierKnown ? 'any tier' : inputs.tier || liveTier ? tier : `${tier}, the default tier`,
    capacity: inputs.capacity?.value,
  }
  return RULES.flatMap((rule) => rule(world))
}

const capacityRule: Rule = (world) => {
  const { inputs, tier, limits } = world
  if (!inputs.capacity || limits.capacities?.includes(inputs.capacity.value)) return []
  if (tier === 'Dedicated')
    return [about(world, 'capacity', 'cannot be set on Dedicated: capacity belongs to the cluster')]
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
  const floor = `${nameOfInput(world, 'capacity')} ${capacity}`
  return [about(world, 'autoInflateMax', `is below ${floor}: auto-inflate cannot stop below where it starts`)]
}

const resetRule: Rule = (world) =>
  world.inputs.resetCapacity?.value && !world.inputs.capacity && !world.unread.includes('capacity')
    ? [about(world, 'resetCapacity', 'needs --capacity: the value to go back to')]
    : []

const kafkaRule: Rule = (world) =>
  world.inputs.kafka?.value && !world.limits.kafka
    ? [about(world, 'kafka', `cannot hold on ${world.tierWords}: only Standard and Premium have a Kafka endpoint`)]
    : []

const tagRule: Rule = (world) => {
  const names = (world.inputs.tag?.value ?? []).map((tag) => tag.name)
  const repeated = repetitionsIn(names).map((index) => about(world, 'tag', 'is given twice', { index }))
  const most = TAG_LIMITS.count - (names.some((name) => sameName(name, OWNERSHIP_TAG.name)) ? 0 : 1)
  if (names.length <= most) return repeated
  const ours = most < TAG_LIMITS.count ? ` beside the tag ${OWNERSHIP_TAG.name}` : ''
  const message = `is given ${names.length} times, above ${most}, the limit of a resource${ours}`
  return [...repeated, about(world, 'tag', message, 'all')]
}

const accessRule: Rule = (world) =>
  world.inputs.policy && world.inputs.access
    ? [
        about(
          world,
          'policy',
          `contradicts ${nameOfInput(world, 'access')}: a rule that exists has its own rights. Give one of the two`,
        ),
      ]
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

const webSocketsRule: Rule = (world) =>
  world.inputs.local?.value && world.inputs.webSockets?.value
    ? [about(world, 'webSockets', 'contradicts --local: the embedded Azure speaks AMQP over TCP alone')]
    : []

const RULES: readonly Rule[] = [
  capacityRule,
  autoInflateRule,
  resetRule,
  kafkaRule,
  ...HUB_RULES,
  ...MANIFEST_HUB_RULES,
  ...CAPTURE_RULES,
  tagRule,
  accessRule,
  ...GRANT_RULES,
  localRule,
  webSocketsRule,
  outputRule,
]
