import { ROOT_RULE } from '../spec/limits.ts'
import { RIGHTS_OF_ACCESS, ruleNameOf, type Access, type Spec } from '../spec/spec.ts'
import { findByName, ruleKey, type Actual } from './actual.ts'
import type { Part } from './plan.ts'
import type { Note, Step, Target } from './plan-types.ts'

/** The access rule of each hub: ours with just the rights asked for, or an existing one as it is. */
export function planRules(spec: Spec, actual: Actual): Part {
  const { rule } = spec
  if (actual.namespace?.localAuthDisabled) return { steps: [], notes: [keysAreOff(actual.namespace.name)] }
  const hubs = spec.hubs.map((hub) => findByName(actual.hubs, hub.name)?.name ?? hub.name)
  if (rule.kind === 'policy') return { steps: hubs.flatMap((hub) => planPolicy(hub, rule.name, actual)), notes: [] }
  const { access, given } = rule
  if (access === 'manage') return { steps: [], notes: [rootKey(spec)] }
  const parts = hubs.map((hub) => planOwn(hub, { access, given }, actual))
  return { steps: parts.flatMap((part) => part.steps), notes: parts.flatMap((part) => part.notes) }
}

const keysAreOff = (namespace: string): Note => ({
  target: { kind: 'namespace', name: namespace },
  text: 'local authentication is off: no access rule is made, clients sign in with Microsoft Entra',
})

const rootKey = (spec: Spec): Note => ({
  target: { kind: 'namespace', name: spec.namespace.name },
  text: `${ROOT_RULE} opens every hub of the namespace and can change them: keep it out of pipelines`,
})

interface OwnAccess {
  readonly access: Exclude<Access, 'manage'>
  readonly given: boolean
}

/** Our own rule. Somebody changed its rights: that stands until the access is asked for by name. */
function planOwn(hub: string, { access, given }: OwnAccess, actual: Actual): Part {
  const name = ruleNameOf(access)
  const rights = RIGHTS_OF_ACCESS[access]
  const live = actual.rules.get(ruleKey(hub, name))
  const target: Target = { kind: 'rule', hub, name: live?.name ?? name }
  const write = { op: 'put-rule', rights } as const
  if (!live) return { steps: [{ action: 'create', target, details: [rights.join(', ')], write }], notes: [] }
  const [from, to] = [live.rights.join(', '), rights.join(', ')]
  const isSame = [...live.rights].sort().join() === [...rights].sort().join()
  if (!isSame && given) {
    return { steps: [{ action: 'update', target, changes: [{ field: 'rights', from, to }], write }], notes: [] }
  }
  const notes = isSame ? [] : [{ target, text: `has the rights ${from}; --access ${access} sets ${to}` }]
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
          because: 'Neither the hub nor the namespace has it, and --policy takes a rule as it is.',
          waysOut: [
            { text: 'let ml-ingest make a rule', flags: { '--policy': null, '--access': 'send-listen' } },
            { text: 'make the rule first, then run this again' },
          ],
        },
      ],
    },
  ]
}
