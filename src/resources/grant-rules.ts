import { isSameGrant, type GrantSpec } from '../inputs/grant-parsers.ts'
import type { InputProblem } from '../inputs/given.ts'
import { about, nameOfInput, type Rule, type World } from './rule.ts'

/** Twice the same role, or one principal of two types. */
function problemsOf(grants: readonly GrantSpec[], others: readonly GrantSpec[] = []): readonly [number, string][] {
  return grants.flatMap((grant, i): [number, string][] => {
    const before = [...others, ...grants.slice(0, i)]
    const other = before.find(
      (one) => one.principalId === grant.principalId && one.principalType !== grant.principalType,
    )
    if (other) return [[i, `makes ${grant.principalId} a ${grant.principalType}, and before a ${other.principalType}`]]
    return grants.slice(0, i).some((one) => isSameGrant(one, grant)) ? [[i, 'is given twice']] : []
  })
}

const grantRule: Rule = (world) =>
  problemsOf(world.inputs.grant?.value ?? []).map(([index, message]) => about(world, 'grant', message, { index }))

const hubGrantRule: Rule = (world) =>
  (world.inputs.hub?.value ?? []).flatMap(({ grants = [] }, index): readonly InputProblem[] =>
    problemsOf(grants, world.inputs.grant?.value).map(([i, message]) =>
      about(world, 'hub', message, { index, within: ['grants', i] }),
    ),
  )

/** A rule that exists is taken for its keys. */
const keylessRule = (world: World): readonly InputProblem[] =>
  world.inputs.disableLocalAuth?.value && world.inputs.policy
    ? [
        about(
          world,
          'policy',
          `contradicts ${nameOfInput(world, 'disableLocalAuth')}: without keys no access rule is used`,
        ),
      ]
    : []

export const GRANT_RULES: readonly Rule[] = [grantRule, hubGrantRule, keylessRule]
