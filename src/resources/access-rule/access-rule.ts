import { ACCESS, type Access } from '../../inputs/resources.ts'
import { parseRuleName } from '../../inputs/parsers.ts'
import { DEFAULTS } from '../../inputs/defaults.ts'
import { MAX_NAMESPACE_RULES, ROOT_RULE } from '../../lib/limits.ts'
import { findByName, nameKeyOf, repetitionsIn, sameName } from '../../lib/names.ts'
import { oneOf } from '../../lib/parser.ts'
import { say, type Text } from '../../lib/phrase.ts'
import type { Problem } from '../../lib/errors.ts'
import { problemAt, nameOfInput, nameOf, type Branch, type Leaf, type List, type Node } from '../../wanted/node.ts'
import { choice, list, object, text, type TreeOf } from '../../wanted/shape.ts'
import type { Rule } from '../judge.ts'
import { pathOf } from '../step.ts'

const RIGHTS = ['Send', 'Listen', 'Manage'] as const
export type Right = (typeof RIGHTS)[number]

const ruleShape = (help: string) =>
  object(
    help,
    {
      name: text('name of the rule', parseRuleName, ['producer']),
      rights: list('its rights', choice('a right', oneOf<Right>('a right', RIGHTS), RIGHTS), {
        empty: 'is empty: a rule gives Send, Listen, or all three with Manage',
      }),
    },
    { required: ['name', 'rights'] },
  )
/** A rule of a hub. */
export const ACCESS_RULE = ruleShape(
  'an authorization rule of the hub, besides the one that ml-ingest makes for the connection',
)
/** The key of the root for rules of the namespace. */
export const NAMED_RULES = {
  accessRules: list(
    'authorization rules of the namespace, which open every hub; others stay',
    ruleShape('an authorization rule of the namespace'),
    { byName: true },
  ),
} as const
export type WantedRules = List<TreeOf<typeof ACCESS_RULE>> | undefined

/** A rule of a hub or of the namespace, in addition to ours. */
export interface AccessRuleSpec {
  readonly name: string
  readonly rights: readonly Right[]
}
export interface RuleActual {
  readonly name: string
  readonly rights: readonly Right[]
}

/** Which authorization rule the connection comes from. */
export type RuleChoice =
  /** Our rule `ml-ingest-<access>` on each hub; for `manage`, the root rule of the namespace. */
  | { readonly kind: 'access'; readonly access: Access; readonly given: boolean }
  /** An existing rule of the hub or the namespace. */
  | { readonly kind: 'policy'; readonly name: string }

export const RIGHTS_OF_ACCESS = {
  'send-listen': ['Send', 'Listen'],
  send: ['Send'],
  listen: ['Listen'],
  manage: ['Manage', 'Send', 'Listen'],
} as const satisfies Record<Access, readonly Right[]>

/** How the rights of a rule that exists differ from those asked for. */
export interface RightsDifference {
  readonly missing: readonly Right[]
  readonly extra: readonly Right[]
}

/** Undefined if the rule has just these rights. */
export function rightsDifference(live: readonly Right[], asked: readonly Right[]): RightsDifference | undefined {
  const missing = asked.filter((right) => !live.includes(right))
  const extra = live.filter((right) => !asked.includes(right))
  return missing.length + extra.length === 0 ? undefined : { missing, extra }
}

/** `lacks Listen and also gives Manage`. */
export const differenceWords = ({ missing, extra }: RightsDifference): string =>
  [
    ...(missing.length > 0 ? [`lacks ${missing.join(' and ')}`] : []),
    ...(extra.length > 0 ? [`also gives ${extra.join(' and ')}`] : []),
  ].join(' and ')

/** The rights that were asked for. Undefined for a rule that is used as it is. */
export const rightsOfChoice = (rule: RuleChoice): readonly Right[] | undefined =>
  rule.kind === 'access' ? RIGHTS_OF_ACCESS[rule.access] : undefined

/** The name of our rule for an access. */
export const ruleNameOf = (access: Exclude<Access, 'manage'>): string => `ml-ingest-${access}`
const OWN_RULES = ACCESS.flatMap((access) => (access === 'manage' ? [] : [ruleNameOf(access)]))
const isOwnRule = (name: string): boolean => OWN_RULES.some((own) => sameName(own, name))

/** The key of a rule in `RulesActual`. Without a hub it is a rule of the namespace. */
export const ruleKey = (hub: string | undefined, rule: string): string => `${nameKeyOf(hub ?? '')}/${nameKeyOf(rule)}`

export interface RulesActual {
  /** Rules by `ruleKey`. */
  readonly rules: ReadonlyMap<string, RuleActual>
}

/** The rules of a hub, or of the namespace without `hub`, as far as they were read. */
export const rulesOf = ({ rules }: RulesActual, hub: string | undefined): readonly RuleActual[] =>
  [...rules].flatMap(([key, rule]) => (key.startsWith(ruleKey(hub, '')) ? [rule] : []))

/** The name of the rule that the connection comes from. */
export function nameOfChoice(rule: RuleChoice): string {
  if (rule.kind === 'policy') return rule.name
  return rule.access === 'manage' ? ROOT_RULE : ruleNameOf(rule.access)
}

interface WantedAccess extends Branch {
  readonly access?: Leaf<Access> | undefined
  readonly policy?: Leaf<string> | undefined
  readonly disableLocalAuth?: Leaf<boolean> | undefined
  readonly accessRules?: WantedRules
  readonly hubs?: List<{ readonly accessRules?: WantedRules } & Node> | undefined
}

export const ruleChoice = ({ access, policy }: WantedAccess): RuleChoice =>
  policy
    ? { kind: 'policy', name: policy.value }
    : { kind: 'access', access: access?.value ?? DEFAULTS.access, given: access !== undefined }

export const accessRuleSpecs = (rules: WantedRules): readonly AccessRuleSpec[] =>
  (rules?.items ?? []).map((rule) => ({
    name: nameOf(rule),
    rights: [...new Set(rightsIn(rule))],
  }))

/** `policy` contradicts other rights and access without keys. */
export const accessRule: Rule<WantedAccess> = ({ wanted: { access, policy, disableLocalAuth } }) => {
  if (!policy) return []
  const contradicts = (key: 'access' | 'disableLocalAuth', node: Node, why: string) =>
    problemAt('policy', policy, say`contradicts ${nameOfInput(key, node)}: ${why}`)
  return [
    ...(access ? [contradicts('access', access, 'a rule that exists has its own rights. Give one of the two')] : []),
    ...(disableLocalAuth?.value
      ? [contradicts('disableLocalAuth', disableLocalAuth, 'without keys no access rule is used')]
      : []),
  ]
}

/** https://learn.microsoft.com/azure/event-hubs/authorize-access-shared-access-signature */
export const namedRulesRule: Rule<WantedAccess> = ({ wanted }) => [
  ...problemsOfRules('namespace', wanted.accessRules, 'the namespace'),
  ...problemsOfRoot(wanted.accessRules),
  ...(wanted.hubs?.items ?? []).flatMap(({ accessRules }) => problemsOfRules('hub', accessRules, 'this hub')),
]

function problemsOfRules(key: 'hub' | 'namespace', wanted: WantedRules, scope: string): readonly Problem[] {
  const rules = wanted?.items ?? []
  return [
    ...repetitionsIn(rules.map(nameOf)).map((i) =>
      problemAt(key, rules[i]!.name ?? rules[i], `${nameOf(rules[i]!)} is given twice for ${scope}`),
    ),
    ...rules.flatMap((rule) => problemsOfRule(key, rule)),
  ]
}

type WantedRuleNode = NonNullable<WantedRules>['items'][number]
const rightsIn = ({ rights }: WantedRuleNode): readonly Right[] => (rights?.items ?? []).map(({ value }) => value)

function problemsOfRule(key: 'hub' | 'namespace', rule: WantedRuleNode): readonly Problem[] {
  const name = nameOf(rule)
  const rights = rightsIn(rule)
  const isHalf = rights.includes('Manage') && !(rights.includes('Send') && rights.includes('Listen'))
  return [
    ...(isOwnRule(name) ? [problemAt(key, rule.name, `is ${name}, which ml-ingest keeps for the connection`)] : []),
    ...(isHalf && !rule.rights?.isBroken
      ? [problemAt(key, rule.rights, 'gives Manage alone: it needs Send and Listen too')]
      : []),
  ]
}

/** The root rule can be said, as exported templates do, but not weakened; and there is room for few rules. */
function problemsOfRoot(wanted: WantedRules): readonly Problem[] {
  const rules = wanted?.items ?? []
  const weak = rules.filter((rule) => sameName(nameOf(rule), ROOT_RULE) && !rightsIn(rule).includes('Manage'))
  const most = MAX_NAMESPACE_RULES
  return [
    ...weak
      .filter(({ rights }) => rights && !rights.isBroken)
      .map(({ rights }) =>
        problemAt(
          'namespace',
          rights,
          `takes rights from ${ROOT_RULE}, which Azure makes with all three: leave it out`,
        ),
      ),
    ...(rules.length > most
      ? [problemAt('namespace', wanted, `has ${rules.length} rules, above ${most}, the limit of a namespace`)]
      : []),
  ]
}

/** Named rules in a saved manifest, and what it cannot say. */
export interface SavedRules {
  readonly rules: readonly AccessRuleSpec[]
  readonly notSaved: readonly Text[]
}

/**
 * The wanted rules of a hub, or of the namespace without `hub`, and the others that it has. Left out is the rule that the
 * next run or Azure makes by itself; `choice` is undefined if no rule is made for the connection.
 */
export function savedRules(
  hub: string | undefined,
  wanted: readonly AccessRuleSpec[],
  actual: RulesActual,
  choice: RuleChoice | undefined,
): SavedRules {
  const made = hub === undefined ? { name: ROOT_RULE, rights: RIGHTS } : ruleMadeFor(choice)
  const others = rulesOf(actual, hub).filter(
    ({ name, rights }) =>
      !findByName(wanted, name) && !(made && sameName(name, made.name) && !rightsDifference(rights, made.rights)),
  )
  const isSayable = ({ name }: RuleActual): boolean =>
    !isOwnRule(name) && !(made && sameName(name, made.name)) && parseRuleName(name).ok
  const told = (rule: RuleActual): Text => {
    const path = pathOf({ kind: 'rule', ...(hub === undefined ? {} : { hub }), name: rule.name })
    const why =
      made && sameName(rule.name, made.name)
        ? `made anew it gets ${made.rights.join(', ')}`
        : 'its name is kept for the connection'
    return `access rule ${path} with ${rule.rights.join(', ')}: ${why}`
  }
  return {
    rules: [...wanted, ...others.filter(isSayable)],
    notSaved: others.filter((rule) => !isSayable(rule)).map(told),
  }
}

const ruleMadeFor = (choice: RuleChoice | undefined): AccessRuleSpec | undefined =>
  choice?.kind === 'access' && choice.access !== 'manage'
    ? { name: ruleNameOf(choice.access), rights: RIGHTS_OF_ACCESS[choice.access] }
    : undefined
