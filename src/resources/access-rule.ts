import { ACCESS, type Access } from '../inputs/resources.ts'
import { parseRuleName } from '../inputs/parsers.ts'
import { edit, input } from '../inputs/refer.ts'
import { DEFAULTS } from '../inputs/defaults.ts'
import { ROOT_RULE } from '../lib/limits.ts'
import { nameKeyOf, repetitionsIn, sameName } from '../lib/names.ts'
import { oneOf } from '../lib/parser.ts'
import { say, type Reference } from '../lib/phrase.ts'
import type { Problem } from '../lib/errors.ts'
import { problemAt, nameOfInput, nameOf, type Branch, type Leaf, type List, type Node } from '../wanted/node.ts'
import { choice, list, object, text, type TreeOf } from '../wanted/shape.ts'
import type { Rule } from './judge.ts'
import { partOf, type Note, type Part, type Target } from './step.ts'

export type RuleWrite = { readonly op: 'put-rule'; readonly rights: readonly Right[] }

const RIGHTS = ['Send', 'Listen', 'Manage'] as const
export type Right = (typeof RIGHTS)[number]

export const ACCESS_RULE = object(
  'an authorization rule of the hub, besides the one that ml-ingest makes for the connection',
  {
    name: text('name of the rule', parseRuleName, ['producer']),
    rights: list('its rights', choice('a right', oneOf<Right>('a right', RIGHTS), RIGHTS), {
      empty: 'is empty: a rule gives Send, Listen, or all three with Manage',
    }),
  },
  { required: ['name', 'rights'] },
)
export type WantedRules = List<TreeOf<typeof ACCESS_RULE>> | undefined

/** A rule of a hub, in addition to ours. */
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

const RIGHTS_OF_ACCESS = {
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

/** The key of a rule in `RulesActual`. Without a hub it is a rule of the namespace. */
export const ruleKey = (hub: string | undefined, rule: string): string => `${nameKeyOf(hub ?? '')}/${nameKeyOf(rule)}`

/** The name of the rule that the connection comes from. */
export function nameOfChoice(rule: RuleChoice): string {
  if (rule.kind === 'policy') return rule.name
  return rule.access === 'manage' ? ROOT_RULE : ruleNameOf(rule.access)
}

interface WantedAccess extends Branch {
  readonly access?: Leaf<Access> | undefined
  readonly policy?: Leaf<string> | undefined
  readonly disableLocalAuth?: Leaf<boolean> | undefined
  readonly hubs?: List<{ readonly accessRules?: WantedRules } & Node> | undefined
}

export const ruleChoice = ({ access, policy }: WantedAccess): RuleChoice =>
  policy
    ? { kind: 'policy', name: policy.value }
    : { kind: 'access', access: access?.value ?? DEFAULTS.access, given: access !== undefined }

export const accessRuleSpecs = (rules: WantedRules): readonly AccessRuleSpec[] =>
  (rules?.items ?? []).map((rule) => ({
    name: nameOf(rule),
    rights: (rule.rights?.items ?? []).map((right) => right.value),
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
export const hubAccessRule: Rule<WantedAccess> = ({ wanted }) =>
  (wanted.hubs?.items ?? []).flatMap(({ accessRules }) => {
    const rules = accessRules?.items ?? []
    return [
      ...repetitionsIn(rules.map(nameOf)).map((i) =>
        problemAt('hub', rules[i]!.name ?? rules[i], `${nameOf(rules[i]!)} is given twice for this hub`),
      ),
      ...rules.flatMap(problemsOfRule),
    ]
  })

function problemsOfRule(rule: NonNullable<WantedRules>['items'][number]): readonly Problem[] {
  const name = nameOf(rule)
  const rights = (rule.rights?.items ?? []).map(({ value }) => value)
  const isHalf = rights.includes('Manage') && !(rights.includes('Send') && rights.includes('Listen'))
  return [
    ...(OWN_RULES.some((own) => sameName(own, name))
      ? [problemAt('hub', rule.name, `is ${name}, which ml-ingest keeps for the connection`)]
      : []),
    ...(isHalf && !rule.rights?.isBroken
      ? [problemAt('hub', rule.rights, 'gives Manage alone: it needs Send and Listen too')]
      : []),
  ]
}

export interface RulesActual {
  /** Rules by `ruleKey`. */
  readonly rules: ReadonlyMap<string, RuleActual>
}

/** Plans the rule for the connection, ours or an existing one, and the other rules of each hub. */
export function planRules(
  hubs: readonly { readonly name: string; readonly accessRules: readonly AccessRuleSpec[] }[],
  choice: RuleChoice,
  namespace: string,
  actual: RulesActual,
): Part<RuleWrite> {
  const parts = hubs.flatMap((hub) => [
    planConnectionRule(hub.name, choice, actual),
    ...hub.accessRules.map((rule) => planRule(hub.name, rule, actual)),
  ])
  const root = choice.kind === 'access' && choice.access === 'manage' ? [rootKey(namespace)] : []
  return { steps: parts.flatMap((part) => part.steps), notes: [...root, ...parts.flatMap((part) => part.notes)] }
}

function planConnectionRule(hub: string, rule: RuleChoice, actual: RulesActual): Part<RuleWrite> {
  if (rule.kind === 'policy') return planPolicy(hub, rule.name, actual)
  const { access, given } = rule
  if (access === 'manage') return { steps: [], notes: [] }
  const own = { name: ruleNameOf(access), rights: RIGHTS_OF_ACCESS[access] }
  return planRule(hub, { ...own, ...(given ? {} : { setBy: edit({ access }) }) }, actual)
}

export const keysAreOff = (namespace: string): Note => ({
  target: { kind: 'namespace', name: namespace },
  text: 'local authentication is off: no access rule is made, clients sign in with Microsoft Entra',
})

const rootKey = (namespace: string): Note => ({
  target: { kind: 'namespace', name: namespace },
  text: `${ROOT_RULE} opens every hub of the namespace and can change them: keep it out of pipelines`,
})

interface WantedRule extends AccessRuleSpec {
  /** If the rights are a default: the input that would set them. */
  readonly setBy?: Reference
}

/** Other rights of an existing rule are changed only if the wanted ones were given. */
function planRule(hub: string, { name, rights, setBy }: WantedRule, actual: RulesActual): Part<RuleWrite> {
  const live = actual.rules.get(ruleKey(hub, name))
  const target: Target = { kind: 'rule', hub, name: live?.name ?? name }
  const write = { op: 'put-rule', rights } as const
  if (!live) return partOf({ action: 'create', target, details: [rights.join(', ')], write })
  const [from, to] = [live.rights.join(', '), rights.join(', ')]
  const difference = rightsDifference(live.rights, rights)
  if (difference && setBy === undefined)
    return partOf({ action: 'update', target, changes: [{ field: 'rights', from, to }], write })
  const notes =
    difference && setBy
      ? [{ target, text: say`${differenceWords(difference)}: somebody changed it; ${setBy} sets ${to}` }]
      : []
  return { steps: [{ action: 'keep', target, details: [from] }], notes }
}

function planPolicy(hub: string, name: string, actual: RulesActual): Part<RuleWrite> {
  if (actual.rules.has(ruleKey(hub, name)) || actual.rules.has(ruleKey(undefined, name)))
    return { steps: [], notes: [] }
  return partOf({
    action: 'refuse',
    target: { kind: 'rule', hub, name },
    changes: [],
    refusals: [
      {
        what: `Can't use access rule ${name} for hub ${hub}`,
        because: say`Neither the hub nor the namespace has it, and ${input('policy')} takes a rule as it is.`,
        waysOut: [
          { text: 'let ml-ingest make a rule', edit: { policy: null, access: 'send-listen' } },
          { text: 'make the rule first, then run this again' },
        ],
      },
    ],
  })
}
