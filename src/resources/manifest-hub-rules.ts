import type { InputProblem } from '../inputs/given.ts'
import { repetitionsIn, sameName } from '../lib/names.ts'
import type { HubInput } from '../inputs/parsers.ts'
import { about, isBroken, type Rule, type World } from './rule.ts'
import { ACCESS, ruleNameOf, type AccessRuleSpec } from './spec.ts'

/** Rules about what only a manifest can say of a hub. */
type Within = readonly (string | number)[]
const forEachHub =
  (problemsOf: (hub: HubInput, world: World, index: number) => readonly (readonly [Within, string])[]): Rule =>
  (world) =>
    (world.inputs.hub?.value ?? []).flatMap((hub, index): readonly InputProblem[] =>
      problemsOf(hub, world, index).map(([within, message]) => about(world, 'hub', message, { index, within })),
    )

const OWN_RULES = ACCESS.flatMap((access) => (access === 'manage' ? [] : [ruleNameOf(access)]))

/** https://learn.microsoft.com/azure/event-hubs/authorize-access-shared-access-signature */
const accessRules = forEachHub(({ accessRules: rules = [] }, world, index) => [
  ...repetitionsIn(rules.map((rule) => rule.name)).map(
    (i) => [['accessRules', i, 'name'], `${rules[i]!.name} is given twice for this hub`] as const,
  ),
  ...rules.flatMap((rule, i) => problemsOfRule(rule, ['accessRules', i], world, index)),
])

function problemsOfRule(
  { name, rights }: AccessRuleSpec,
  within: Within,
  world: World,
  index: number,
): readonly (readonly [Within, string])[] {
  const isOurs = OWN_RULES.some((own) => sameName(own, name))
  const isHalf = rights.includes('Manage') && !(rights.includes('Send') && rights.includes('Listen'))
  const isKnown = !isBroken(world, 'hub', { index, within: [...within, 'rights'] })
  return [
    ...(isOurs ? [[[...within, 'name'], `is ${name}, which ml-ingest keeps for the connection`] as const] : []),
    ...(isHalf && isKnown
      ? [[[...within, 'rights'], 'gives Manage alone: it needs Send and Listen too'] as const]
      : []),
  ]
}

/** https://learn.microsoft.com/azure/event-hubs/log-compaction */
const compaction = forEachHub((hub, world) => {
  if (hub.cleanupPolicy !== 'Compact') return []
  return [
    ...(world.limits.compaction
      ? []
      : [[['cleanupPolicy'], `is Compact, which ${world.tierWords} has not. --tier Standard has it`] as const]),
    ...(hub.retentionHours === undefined
      ? []
      : [[['retention'], 'is of a compacted hub, which has no retention: leave one of the two out'] as const]),
  ]
})

export const MANIFEST_HUB_RULES: readonly Rule[] = [accessRules, compaction]
