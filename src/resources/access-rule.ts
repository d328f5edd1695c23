import { ACCESS, type Access } from '../inputs/resources.ts'
import { parseRuleName } from '../inputs/parsers.ts'
import { edit, input } from '../inputs/refer.ts'
import { DEFAULTS } from '../inputs/defaults.ts'
import { ROOT_RULE } from '../lib/limits.ts'
import { nameKeyOf, repetitionsIn, sameName } from '../lib/names.ts'
import { oneOf } from '../lib/parser.ts'
import { say, type Reference } from '../lib/phrase.ts'
import type { Problem } from '../lib/errors.ts'
import { problemAt, nameOfInput } from '../wanted/problem.ts'
import { nameOf, type Branch, type Leaf, type List, type Node } from '../wanted/node.ts'
import { choice, list, object, text, type TreeOf } from '../wanted/shape.ts'
import type { Rule } from './judge.ts'
import type { Note, Part, Step, Target } from './step.ts'

/** What is sent for it. */
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

/** A rule of a hub besides our own. */
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
  /** Our own rule `ml-ingest-<access>` on each hub, with just those rights; `manage` is the namespace's root rule. */
  | { readonly kind: 'access'; readonly access: Access; readonly given: boolean }
  /** An existing rule, of the hub or else of the namespace, as it is. */
  | { readonly kind: 'policy'; readonly name: string }

const RIGHTS_OF_ACCESS = {
  'send-listen': ['Send', 'Listen'],
  send: ['Send'],
  listen: ['Listen'],
  manage: ['Manage', 'Send', 'Listen'],
} as const satisfies Record<Access, readonly Right[]>

/** Name of our own rule for an access. */
export const ruleNameOf = (access: Exclude<Access, 'manage'>): string => `ml-ingest-${access}`
const OWN_RULES = ACCESS.flatMap((access) => (access === 'manage' ? [] : [ruleNameOf(access)]))

/** Key of a rule among those that exist; without a hub it is a rule of the namespace. */
export const ruleKey = (hub: string | undefined, rule: string): string => `${nameKeyOf(hub ?? '')}/${nameKeyOf(rule)}`

/** Name of the rule that the connection comes from. */
export function nameOfChoice(rule: RuleChoice): string {
  if (rule.kind === 'policy') return rule.name
  return rule.access === 'manage' ? ROOT_RULE : ruleNameOf(rule.access)
}

interface AccessSaid extends Branch {
  readonly access?: Leaf<Access> | undefined
  readonly policy?: Leaf<string> | undefined
  readonly disableLocalAuth?: Leaf<boolean> | undefined
  readonly hubs?: List<{ readonly accessRules?: WantedRules } & Node> | undefined
}

export const ruleChoice = ({ access, policy }: AccessSaid): RuleChoice =>
  policy
    ? { kind: 'policy', name: policy.value }
    : { kind: 'access', access: access?.value ?? DEFAULTS.access, given: access !== undefined }

export const accessRuleSpecs = (rules: WantedRules): readonly AccessRuleSpec[] =>
  (rules?.items ?? []).map((rule) => ({
    name: nameOf(rule),
    rights: (rule.rights?.items ?? []).map((right) => right.value),
  }))

/** A rule that exists has its own rights, and without keys none is used. */
export const accessRule: Rule<AccessSaid> = ({ wanted: { access, policy, disableLocalAuth } }) => [
  ...(policy && access
    ? [
        problemAt(
          'policy',
          policy,
          say`contradicts ${nameOfInput('access', access)}: a rule that exists has its own rights. Give one of the two`,
        ),
      ]
    : []),
  ...(policy && disableLocalAuth?.value
    ? [
        problemAt(
          'policy',
          policy,
          say`contradicts ${nameOfInput('disableLocalAuth', disableLocalAuth)}: without keys no access rule is used`,
        ),
      ]
    : []),
]

/** https://learn.microsoft.com/azure/event-hubs/authorize-access-shared-access-signature */
export const hubAccessRule: Rule<AccessSaid> = ({ wanted }) =>
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

/** What exists, as far as rules are about it. */
export interface RulesActual {
  /** Rules by `ruleKey`. */
  readonly rules: ReadonlyMap<string, RuleActual>
}
interface RuledHub {
  readonly name: string
  readonly accessRules: readonly AccessRuleSpec[]
}

/** The access rule of each hub: ours with just the rights asked for, or an existing one as it is; then the hub's others. */
export function planRules(
  hubs: readonly RuledHub[],
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
  if (rule.kind === 'policy') return { steps: planPolicy(hub, rule.name, actual), notes: [] }
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
  /** Nobody asked for these rights by name: what would. */
  readonly setBy?: Reference
}

/** Somebody changed the rights of a rule: that stands until they are asked for by name. */
function planRule(hub: string, { name, rights, setBy }: WantedRule, actual: RulesActual): Part<RuleWrite> {
  const live = actual.rules.get(ruleKey(hub, name))
  const target: Target = { kind: 'rule', hub, name: live?.name ?? name }
  const write = { op: 'put-rule', rights } as const
  if (!live) return { steps: [{ action: 'create', target, details: [rights.join(', ')], write }], notes: [] }
  const [from, to] = [live.rights.join(', '), rights.join(', ')]
  const isSame = [...live.rights].sort().join() === [...rights].sort().join()
  if (!isSame && setBy === undefined) {
    return { steps: [{ action: 'update', target, changes: [{ field: 'rights', from, to }], write }], notes: [] }
  }
  const notes =
    isSame || setBy === undefined ? [] : [{ target, text: say`has the rights ${from}; ${setBy} sets ${to}` }]
  return { steps: [{ action: 'keep', target, details: [from] }], notes }
}

function planPolicy(hub: string, name: string, actual: RulesActual): readonly Step<RuleWrite>[] {
  if (actual.rules.has(ruleKey(hub, name)) || actual.rules.has(ruleKey(undefined, name))) return []
  return [
    {
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
    },
  ]
}
