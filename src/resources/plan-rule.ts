import { ROOT_RULE } from '../lib/limits.ts'
import { RIGHTS_OF_ACCESS, ruleNameOf, type AccessRuleSpec, type Spec } from './spec.ts'
import { findByName, ruleKey, type Actual } from './actual.ts'
import { localAuthDisabledAfter } from './plan-local-auth.ts'
import type { Part, Note, Step, Target } from './step.ts'
import { edit, input } from '../inputs/refer.ts'
import { say, type Reference } from '../lib/phrase.ts'

/** The access rule of each hub: ours with just the rights asked for, or an existing one as it is; then the hub's others. */
export function planRules(spec: Spec, actual: Actual): Part {
  if (localAuthDisabledAfter(spec, actual.namespace)) {
    return { steps: [], notes: [keysAreOff(actual.namespace?.name ?? spec.namespace.name)] }
  }
  const parts = spec.hubs.flatMap((hub) => {
    const name = findByName(actual.hubs, hub.name)?.name ?? hub.name
    const others = hub.accessRules.map((rule) => planRule(name, rule, actual))
    return [planConnectionRule(name, spec, actual), ...others]
  })
  const root = spec.rule.kind === 'access' && spec.rule.access === 'manage' ? [rootKey(spec)] : []
  return { steps: parts.flatMap((part) => part.steps), notes: [...root, ...parts.flatMap((part) => part.notes)] }
}

function planConnectionRule(hub: string, { rule }: Spec, actual: Actual): Part {
  if (rule.kind === 'policy') return { steps: planPolicy(hub, rule.name, actual), notes: [] }
  const { access, given } = rule
  if (access === 'manage') return { steps: [], notes: [] }
  const own = { name: ruleNameOf(access), rights: RIGHTS_OF_ACCESS[access] }
  return planRule(hub, { ...own, ...(given ? {} : { setBy: edit({ access }) }) }, actual)
}

const keysAreOff = (namespace: string): Note => ({
  target: { kind: 'namespace', name: namespace },
  text: 'local authentication is off: no access rule is made, clients sign in with Microsoft Entra',
})

const rootKey = (spec: Spec): Note => ({
  target: { kind: 'namespace', name: spec.namespace.name },
  text: `${ROOT_RULE} opens every hub of the namespace and can change them: keep it out of pipelines`,
})

interface WantedRule extends AccessRuleSpec {
  /** Nobody asked for these rights by name: what would. */
  readonly setBy?: Reference
}

/** Somebody changed the rights of a rule: that stands until they are asked for by name. */
function planRule(hub: string, { name, rights, setBy }: WantedRule, actual: Actual): Part {
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

function planPolicy(hub: string, name: string, actual: Actual): readonly Step[] {
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
