import { ROOT_RULE } from '../spec/limits.ts'
import { RIGHTS_OF_ACCESS, ruleNameOf, type Spec } from '../spec/spec.ts'
import { ruleKey, type Actual } from './actual.ts'
import type { Part } from './plan.ts'
import type { Note, Step, Target } from './plan-types.ts'

/** The access rule of each hub: ours with just the rights asked for, or an existing one as it is. */
export function planRules(spec: Spec, actual: Actual): Part {
  const { rule } = spec
  if (actual.namespace?.localAuthDisabled) return { steps: [], notes: [keysAreOff(actual.namespace.name)] }
  if (rule.kind === 'policy')
    return { steps: spec.hubs.flatMap((hub) => planPolicy(hub.name, rule.name, actual)), notes: [] }
  const { access } = rule
  if (access === 'manage') return { steps: [], notes: [rootKey(spec)] }
  return { steps: spec.hubs.map((hub) => planOwn(hub.name, access, actual)), notes: [] }
}

const keysAreOff = (namespace: string): Note => ({
  target: { kind: 'namespace', name: namespace },
  text: 'local authentication is off: no access rule is made, clients sign in with Microsoft Entra',
})

const rootKey = (spec: Spec): Note => ({
  target: { kind: 'namespace', name: spec.namespace.name },
  text: `${ROOT_RULE} opens every hub of the namespace and can change them: keep it out of pipelines`,
})

function planOwn(hub: string, access: Exclude<keyof typeof RIGHTS_OF_ACCESS, 'manage'>, actual: Actual): Step {
  const name = ruleNameOf(access)
  const rights = RIGHTS_OF_ACCESS[access]
  const live = actual.rules.get(ruleKey(hub, name))
  const target: Target = { kind: 'rule', hub, name: live?.name ?? name }
  const write = { op: 'put-rule', rights } as const
  if (!live) return { action: 'create', target, details: [rights.join(', ')], write }
  if ([...live.rights].sort().join() === [...rights].sort().join()) {
    return { action: 'keep', target, details: [rights.join(', ')] }
  }
  const changes = [{ field: 'rights', from: live.rights.join(', '), to: rights.join(', ') }]
  return { action: 'update', target, changes, write }
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
