import { edit, input } from '../../inputs/refer.ts'
import { MAX_NAMESPACE_RULES, ROOT_RULE } from '../../lib/limits.ts'
import { findByName, sameName } from '../../lib/names.ts'
import { say, type Reference } from '../../lib/phrase.ts'
import {
  differenceWords,
  RIGHTS_OF_ACCESS,
  rightsDifference,
  ruleKey,
  ruleNameOf,
  rulesOf,
  type AccessRuleSpec,
  type Right,
  type RuleChoice,
  type RulesActual,
} from './access-rule.ts'
import { partOf, QUOTAS_LINK, type Note, type Part, type RefuseStep, type Target } from '../step.ts'

export type RuleWrite = { readonly op: 'put-rule'; readonly rights: readonly Right[] }

interface HubRules {
  readonly name: string
  readonly accessRules: readonly AccessRuleSpec[]
}

interface RulesWanted {
  readonly namespace: string
  /** Rules of the namespace. */
  readonly accessRules: readonly AccessRuleSpec[]
  readonly hubs: readonly HubRules[]
  readonly choice: RuleChoice
  /** Keys are refused, so that no rule for the connection is made. Named rules are. */
  readonly keysAreOff: boolean
}

/** Plans the named rules of the namespace and of each hub, and the rule for the connection, ours or a named one. */
export function planRules(wanted: RulesWanted, actual: RulesActual): Part<RuleWrite> {
  const { namespace, accessRules, hubs, choice, keysAreOff } = wanted
  const parts = [
    planNamespaceRules(namespace, accessRules, actual),
    ...hubs.flatMap((hub) => [
      ...(keysAreOff ? [] : [planConnectionRule(hub, wanted, actual)]),
      ...hub.accessRules.map((rule) => planRule(hub.name, rule, actual)),
    ]),
  ]
  const isRoot = choice.kind === 'access' && choice.access === 'manage'
  const notes = keysAreOff ? [keysOff(wanted)] : isRoot ? [rootKey(namespace)] : []
  return { steps: parts.flatMap((part) => part.steps), notes: [...notes, ...parts.flatMap((part) => part.notes)] }
}

function planNamespaceRules(namespace: string, rules: readonly AccessRuleSpec[], actual: RulesActual): Part<RuleWrite> {
  const there = rulesOf(actual, undefined)
  // Azure makes the root rule with a new namespace.
  const planned = there.length > 0 ? rules : rules.filter(({ name }) => !sameName(name, ROOT_RULE))
  const parts = planned.map((rule) => planRule(undefined, rule, actual))
  const made = rules.filter(({ name }) => !findByName(there, name) && !sameName(name, ROOT_RULE))
  const count = Math.max(there.length, 1) + made.length
  if (count > MAX_NAMESPACE_RULES) return partOf(tooManyRules(namespace, count))
  return { steps: parts.flatMap((part) => part.steps), notes: parts.flatMap((part) => part.notes) }
}

const tooManyRules = (namespace: string, count: number): RefuseStep => ({
  action: 'refuse',
  target: { kind: 'namespace', name: namespace },
  changes: [],
  refusals: [
    {
      what: `Can't make all access rules of namespace ${namespace}`,
      because: `It would have ${count} with ${ROOT_RULE}, and a namespace has at most ${MAX_NAMESPACE_RULES}.`,
      waysOut: [{ text: 'remove rules that nobody uses, or give rules to hubs instead' }],
      link: QUOTAS_LINK,
    },
  ],
})

function planConnectionRule(hub: HubRules, wanted: RulesWanted, actual: RulesActual): Part<RuleWrite> {
  const { choice } = wanted
  if (choice.kind === 'policy') return planPolicy(hub, choice.name, wanted, actual)
  const { access, given } = choice
  if (access === 'manage') return { steps: [], notes: [] }
  const own = { name: ruleNameOf(access), rights: RIGHTS_OF_ACCESS[access] }
  return planRule(hub.name, { ...own, ...(given ? {} : { setBy: edit({ access }) }) }, actual)
}

function keysOff({ namespace, accessRules, hubs }: RulesWanted): Note {
  const hasNamed = [accessRules, ...hubs.map((hub) => hub.accessRules)].some((rules) => rules.length > 0)
  const rules = hasNamed ? 'the keys of access rules are refused' : 'no access rule is made'
  return {
    target: { kind: 'namespace', name: namespace },
    text: `local authentication is off: ${rules}, clients sign in with Microsoft Entra`,
  }
}

const rootKey = (namespace: string): Note => ({
  target: { kind: 'namespace', name: namespace },
  text: `${ROOT_RULE} opens every hub of the namespace and can change them: keep it out of pipelines`,
})

interface WantedRule extends AccessRuleSpec {
  /** If the rights are a default: the input that would set them. */
  readonly setBy?: Reference
}

/** Other rights of an existing rule are changed only if the wanted ones were given. */
function planRule(hub: string | undefined, { name, rights, setBy }: WantedRule, actual: RulesActual): Part<RuleWrite> {
  const live = actual.rules.get(ruleKey(hub, name))
  const target: Target = { kind: 'rule', ...(hub === undefined ? {} : { hub }), name: live?.name ?? name }
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

/** A rule that is used as it is. This run may be the one that makes it. */
function planPolicy(hub: HubRules, name: string, { accessRules }: RulesWanted, actual: RulesActual): Part<RuleWrite> {
  const isThere = [hub.name, undefined].some((scope) => actual.rules.has(ruleKey(scope, name)))
  if (isThere || findByName([...hub.accessRules, ...accessRules], name)) return { steps: [], notes: [] }
  return partOf({
    action: 'refuse',
    target: { kind: 'rule', hub: hub.name, name },
    changes: [],
    refusals: [
      {
        what: `Can't use access rule ${name} for hub ${hub.name}`,
        because: say`Neither the hub nor the namespace has it, and ${input('policy')} takes a rule as it is.`,
        waysOut: [
          { text: 'let ml-ingest make a rule', edit: { policy: null, access: 'send-listen' } },
          { text: 'name it with its rights under accessRules in a manifest, or make it first; then run this again' },
        ],
      },
    ],
  })
}
