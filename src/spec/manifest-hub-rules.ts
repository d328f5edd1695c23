import type { InputProblem } from './inputs.ts'
import { sameName, repeatedNames } from './names.ts'
import type { HubInput } from './parsers.ts'
import { about, type Rule, type World } from './rule.ts'
import { ACCESS, ruleNameOf, type AccessRuleSpec } from './spec.ts'

/** Rules about what only a manifest can say of a hub. */
const forEachHub =
  (problemsOf: (hub: HubInput, world: World) => readonly string[]): Rule =>
  (world) =>
    (world.inputs.hub?.value ?? []).flatMap((hub, i): readonly InputProblem[] =>
      problemsOf(hub, world).map((message) => about(world, 'hub', message, world.inputs.hub?.texts[i])),
    )

const OWN_RULES = ACCESS.flatMap((access) => (access === 'manage' ? [] : [ruleNameOf(access)]))

/** https://learn.microsoft.com/azure/event-hubs/authorize-access-shared-access-signature */
const accessRules = forEachHub(({ accessRules = [] }) => [
  ...repeatedNames(accessRules.map((rule) => rule.name)).map((name) => `has access rule ${name} twice`),
  ...accessRules.flatMap(problemsOfRule),
])

function problemsOfRule({ name, rights }: AccessRuleSpec): readonly string[] {
  const isOurs = OWN_RULES.some((own) => sameName(own, name))
  const isHalf = rights.includes('Manage') && !(rights.includes('Send') && rights.includes('Listen'))
  return [
    ...(isOurs ? [`has access rule ${name}, a name that ml-ingest keeps for the connection`] : []),
    ...(isHalf ? [`gives access rule ${name} Manage alone: it needs Send and Listen too`] : []),
    ...(rights.length === 0 ? [`gives access rule ${name} no rights`] : []),
  ]
}

/** https://learn.microsoft.com/azure/event-hubs/log-compaction */
const compaction = forEachHub((hub, world) => {
  if (hub.cleanupPolicy !== 'Compact') return []
  return [
    ...(world.limits.compaction ? [] : [`is compacted, which ${world.tierWords} has not. --tier Standard has it`]),
    ...(hub.retentionHours === undefined ? [] : ['is compacted, so it has no retention: leave one of the two out']),
  ]
})

export const MANIFEST_HUB_RULES: readonly Rule[] = [accessRules, compaction]
