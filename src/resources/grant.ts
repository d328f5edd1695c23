import {
  DATA_ROLES,
  DEFAULT_PRINCIPAL_TYPE,
  GRANT_ROLES,
  isSameGrant,
  parsePrincipalId,
  parseRole,
  PRINCIPAL_TYPES,
  type GrantRole,
  type GrantSpec,
} from '../inputs/grant-parsers.ts'
import { sameName } from '../lib/names.ts'
import { oneOf } from '../lib/parser.ts'
import type { Problem } from '../lib/errors.ts'
import { problemAt, type List, type Node } from '../wanted/node.ts'
import { choice, object, text, type TreeOf } from '../wanted/shape.ts'
import type { Rule } from './judge.ts'
import type { Note, Part, Step, Target } from './step.ts'

export type GrantWrite = { readonly op: 'assign-role'; readonly grant: GrantSpec }

export const GRANT = object(
  'a data role for a user, a group or a service principal (a managed identity is one)',
  {
    principalId: text('its object id', parsePrincipalId, ['8c1d2e3f-0000-0000-0000-000000000000']),
    role: choice('what it may do', parseRole, GRANT_ROLES),
    principalType: choice(
      `what it is; ${DEFAULT_PRINCIPAL_TYPE} by default`,
      oneOf('a type of principal', PRINCIPAL_TYPES),
      PRINCIPAL_TYPES,
    ),
  },
  { required: ['principalId', 'role'] },
)
type WantedGrants = List<TreeOf<typeof GRANT>> | undefined

/** A role that a principal has. */
export interface RoleAssignmentActual {
  /** Object id, lower case. */
  readonly principalId: string
  /** `ServicePrincipal`, `User`, `Group`, ... */
  readonly principalType: string
  readonly role: GrantRole
  /** The hub it was made on; undefined if it was made above and applies to every hub. */
  readonly hub: string | undefined
  readonly from: 'hub' | 'namespace' | 'resource group' | 'subscription' | 'management group'
}

/** The grants that could be read as a whole, with their nodes. */
const readable = (grants: WantedGrants) =>
  (grants?.items ?? []).flatMap((node) => {
    const { principalId, role, principalType, isBroken } = node
    if (!principalId || !role || isBroken) return []
    const type = principalType?.value ?? DEFAULT_PRINCIPAL_TYPE
    return [{ node, grant: { principalId: principalId.value, role: role.value, principalType: type } }]
  })

/** The grants of a list that could be read as a whole. */
export const grantsIn = (grants: WantedGrants): readonly GrantSpec[] => readable(grants).map(({ grant }) => grant)

/** The grants for all hubs and those of the hub, without repetitions. */
export function grantSpecs(forAll: WantedGrants, own: WantedGrants): readonly GrantSpec[] {
  const ofHub = grantsIn(own)
  return [...grantsIn(forAll).filter((grant) => !ofHub.some((one) => isSameGrant(one, grant))), ...ofHub]
}

/** Reports a repeated role, and a principal with two types. `others` are the grants for all hubs. */
function problemsOf(key: 'grant' | 'hub', grants: WantedGrants, others: readonly GrantSpec[] = []): readonly Problem[] {
  const all = grantsIn(grants)
  return readable(grants).flatMap(({ node, grant }, i): readonly Problem[] => {
    const { principalId, principalType } = grant
    const before = all.slice(0, i)
    const other = [...others, ...before].find(
      (one) => one.principalId === principalId && one.principalType !== principalType,
    )
    if (other)
      return [problemAt(key, node, `makes ${principalId} a ${principalType}, and before a ${other.principalType}`)]
    return before.some((one) => isSameGrant(one, grant)) ? [problemAt(key, node, 'is given twice')] : []
  })
}

export const grantRule: Rule<{
  readonly grants?: WantedGrants
  readonly hubs?: List<{ readonly grants?: WantedGrants } & Node> | undefined
}> = ({ wanted }) => [
  ...problemsOf('grant', wanted.grants),
  ...(wanted.hubs?.items ?? []).flatMap((hub) => problemsOf('hub', hub.grants, grantsIn(wanted.grants))),
]

/** Plans the roles on each hub. An existing assignment is kept, also if it is inherited or has another name. */
export function planGrants(
  hubs: readonly { readonly name: string; readonly grants: readonly GrantSpec[] }[],
  live: readonly RoleAssignmentActual[],
  namespace: string,
): Part<GrantWrite> {
  const steps = hubs.flatMap(({ name, grants }) => grants.map((grant) => planGrant(name, grant, live)))
  const isNew = steps.some((step) => step.action === 'create')
  return { steps, notes: isNew ? [propagation(namespace)] : [] }
}

function planGrant(hub: string, grant: GrantSpec, live: readonly RoleAssignmentActual[]): Step<GrantWrite> {
  const { principalId, role, principalType } = grant
  const target: Target = { kind: 'role-assignment', hub, name: `${principalId}:${role}` }
  const reaching = live.filter((one) => isSameGrant(one, grant) && (one.hub === undefined || sameName(one.hub, hub)))
  const found = reaching.find((one) => one.hub !== undefined) ?? reaching[0]
  const { name } = DATA_ROLES[role]
  if (!found) return { action: 'create', target, details: [name, principalType], write: { op: 'assign-role', grant } }
  const inherited = found.hub === undefined ? [`inherited from the ${found.from}`] : []
  return { action: 'keep', target, details: [name, found.principalType, ...inherited] }
}

/** https://learn.microsoft.com/azure/role-based-access-control/troubleshooting#symptom---role-assignment-changes-are-not-being-detected */
const propagation = (namespace: string): Note => ({
  target: { kind: 'namespace', name: namespace },
  text: 'a new role takes up to 10 minutes to come into effect',
})
