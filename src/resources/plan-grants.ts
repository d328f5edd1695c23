import { DATA_ROLES, isSameGrant, type GrantSpec } from '../inputs/grant-parsers.ts'
import { sameName } from '../lib/names.ts'
import type { Spec } from './spec.ts'
import { findByName, type Actual } from './actual.ts'
import type { RoleAssignmentActual } from './shapes.ts'
import type { Part } from './step.ts'
import type { Note, Step, Target } from './step.ts'

/** Who shall have which role on each hub. What somebody has already, under whatever name or from above, is kept. */
export function planGrants(spec: Spec, actual: Actual): Part {
  const steps = spec.hubs.flatMap(({ name, grants }) => {
    const hub = findByName(actual.hubs, name)?.name ?? name
    return grants.map((grant) => planGrant(hub, grant, actual.roleAssignments))
  })
  const isNew = steps.some((step) => step.action === 'create')
  return { steps, notes: isNew ? [propagation(actual.namespace?.name ?? spec.namespace.name)] : [] }
}

function planGrant(hub: string, grant: GrantSpec, live: readonly RoleAssignmentActual[]): Step {
  const { principalId, role, principalType } = grant
  const target: Target = { kind: 'role-assignment', hub, name: `${principalId}:${role}` }
  const reaching = live.filter((one) => isSameGrant(one, grant) && (one.hub === undefined || sameName(one.hub, hub)))
  const found = reaching.find((one) => one.hub !== undefined) ?? reaching[0]
  const { name } = DATA_ROLES[role]
  if (!found) {
    return { action: 'create', target, details: [name, principalType], write: { op: 'assign-role', grant } }
  }
  const inherited = found.hub === undefined ? [`inherited from the ${found.from}`] : []
  return { action: 'keep', target, details: [name, found.principalType, ...inherited] }
}

/** https://learn.microsoft.com/azure/role-based-access-control/troubleshooting#symptom---role-assignment-changes-are-not-being-detected */
const propagation = (namespace: string): Note => ({
  target: { kind: 'namespace', name: namespace },
  text: 'a new role takes up to 10 minutes to come into effect',
})
