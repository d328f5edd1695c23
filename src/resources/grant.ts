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
import { problemAt } from '../wanted/problem.ts'
import type { List, Node } from '../wanted/node.ts'
import { choice, object, text, type TreeOf } from '../wanted/shape.ts'
import type { Rule } from './judge.ts'
import type { Note, Part, Step, Target } from './step.ts'

/** What is sent for it. */
export type GrantWrite = { readonly op: 'assign-role'; readonly grant: GrantSpec }

export const GRANT = object(
  'a data role for a user, a group or a service principal (a managed identity is one)',
  {
    principalId: text('its object id', parsePrincipalId, ['8c1d2e3f-0000-0000-0000-000000000000']),
    role: choice('what it may do', parseRole, GRANT_ROLES),
    principalType: choice(
      `what it is; ${DEFAULT_PRINCIPAL_TYPE} when nothing is said`,
      oneOf('a type of principal', PRINCIPAL_TYPES),
      PRINCIPAL_TYPES,
    ),
  },
  { required: ['principalId', 'role'] },
)
type WantedGrants = List<TreeOf<typeof GRANT>> | undefined

/** A role that somebody has. */
export interface RoleAssignmentActual {
  /** Object id, lower case. */
  readonly principalId: string
  /** `ServicePrincipal`, `User`, `Group`, ... */
  readonly principalType: string
  readonly role: GrantRole
  /** The hub it was made on; undefined when it was made above and holds for every hub. */
  readonly hub: string | undefined
  readonly from: 'hub' | 'namespace' | 'resource group' | 'subscription' | 'management group'
}

/** What a list of grants says; nothing of one that could not be read as a whole: it could be anybody's. */
export const grantsIn = (grants: WantedGrants): readonly GrantSpec[] =>
  (grants?.items ?? []).flatMap(({ principalId, role, principalType, isBroken }) =>
    principalId && role && !isBroken
      ? [
          {
            principalId: principalId.value,
            role: role.value,
            principalType: principalType?.value ?? DEFAULT_PRINCIPAL_TYPE,
          },
        ]
      : [],
  )

/** Those for all hubs, and a hub's own; who has a role by both has it once. */
export function grantSpecs(forAll: WantedGrants, own: WantedGrants): readonly GrantSpec[] {
  const ofHub = grantsIn(own)
  return [...grantsIn(forAll).filter((grant) => !ofHub.some((one) => isSameGrant(one, grant))), ...ofHub]
}

/** The same role twice, or one principal of two types. */
function problemsOf(key: 'grant' | 'hub', grants: WantedGrants, others: readonly GrantSpec[] = []): readonly Problem[] {
  const nodes = (grants?.items ?? []).filter(({ principalId, role, isBroken }) => principalId && role && !isBroken)
  const all = grantsIn(grants)
  return all.flatMap((grant, i): readonly Problem[] => {
    const before = [...others, ...all.slice(0, i)]
    const other = before.find(
      (one) => one.principalId === grant.principalId && one.principalType !== grant.principalType,
    )
    if (other)
      return [
        problemAt(
          key,
          nodes[i],
          `makes ${grant.principalId} a ${grant.principalType}, and before a ${other.principalType}`,
        ),
      ]
    return all.slice(0, i).some((one) => isSameGrant(one, grant)) ? [problemAt(key, nodes[i], 'is given twice')] : []
  })
}

interface GrantsSaid {
  readonly grants?: WantedGrants
  readonly hubs?: List<{ readonly grants?: WantedGrants } & Node> | undefined
}

export const grantRule: Rule<GrantsSaid> = ({ wanted }) => [
  ...problemsOf('grant', wanted.grants),
  ...(wanted.hubs?.items ?? []).flatMap((hub) => problemsOf('hub', hub.grants, grantsIn(wanted.grants))),
]

interface GrantedHub {
  readonly name: string
  readonly grants: readonly GrantSpec[]
}

/** Who shall have which role on each hub. What somebody has already, under whatever name or from above, is kept. */
export function planGrants(
  hubs: readonly GrantedHub[],
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
