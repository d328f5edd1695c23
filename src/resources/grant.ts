import {
  DATA_ROLES,
  DEFAULT_GRANT_SCOPE,
  DEFAULT_PRINCIPAL_TYPE,
  GRANT_SCOPES,
  GRANT_ROLES,
  isSameGrant,
  isSameRole,
  parsePrincipalId,
  parseRole,
  PRINCIPAL_TYPES,
  type GrantRole,
  type GrantScope,
  type GrantSpec,
} from '../inputs/grant-parsers.ts'
import { sameName } from '../lib/names.ts'
import { oneOf } from '../lib/parser.ts'
import type { Problem } from '../lib/errors.ts'
import type { Text } from '../lib/phrase.ts'
import { problemAt, type Leaf, type List, type Node } from '../wanted/node.ts'
import { choice, object, text, type TreeOf } from '../wanted/shape.ts'
import type { Rule } from './judge.ts'
import type { Note, Part, Step, Target } from './step.ts'

export type GrantWrite = { readonly op: 'assign-role'; readonly grant: GrantSpec }

const GRANT_HELP = 'a data role for a user, a group or a service principal (a managed identity is one)'
const GRANT_KEYS = {
  principalId: text('its object id', parsePrincipalId, ['8c1d2e3f-0000-0000-0000-000000000000']),
  role: choice('what it may do', parseRole, GRANT_ROLES),
  principalType: choice(
    `what it is; ${DEFAULT_PRINCIPAL_TYPE} by default`,
    oneOf('a type of principal', PRINCIPAL_TYPES),
    PRINCIPAL_TYPES,
  ),
} as const
/** A grant of one hub. */
export const HUB_GRANT = object(GRANT_HELP, GRANT_KEYS, { required: ['principalId', 'role'] })
/** A grant of the root. */
export const GRANT = object(
  GRANT_HELP,
  {
    ...GRANT_KEYS,
    scope: choice(
      'where: hub (each hub, the default) or namespace (once, for every hub that there is and will be)',
      oneOf<GrantScope>('a scope', GRANT_SCOPES),
      GRANT_SCOPES,
    ),
  },
  { required: ['principalId', 'role'] },
)
type WantedGrants = List<TreeOf<typeof HUB_GRANT> & { readonly scope?: Leaf<GrantScope> | undefined }> | undefined

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
    const { principalId, role, principalType, scope, isBroken } = node
    if (!principalId || !role || isBroken) return []
    const type = principalType?.value ?? DEFAULT_PRINCIPAL_TYPE
    const grant: GrantSpec = {
      ...{ principalId: principalId.value, role: role.value, principalType: type },
      scope: scope?.value ?? DEFAULT_GRANT_SCOPE,
    }
    return [{ node, grant }]
  })

/** The grants of a list that could be read as a whole. */
export const grantsIn = (grants: WantedGrants): readonly GrantSpec[] => readable(grants).map(({ grant }) => grant)

/** The grants on the namespace. */
export const namespaceGrants = (grants: WantedGrants): readonly GrantSpec[] =>
  grantsIn(grants).filter(({ scope }) => scope === 'namespace')

/** The grants for all hubs and those of the hub, without repetitions. */
export function hubGrants(forAll: WantedGrants, own: WantedGrants): readonly GrantSpec[] {
  const ofHub = grantsIn(own)
  const ofAll = grantsIn(forAll).filter(({ scope }) => scope === 'hub')
  return [...ofAll.filter((grant) => !ofHub.some((one) => isSameGrant(one, grant))), ...ofHub]
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

/** The roles that are wanted on the namespace, and on each hub. */
interface GrantsWanted {
  readonly grants: readonly GrantSpec[]
  readonly hubs: readonly { readonly name: string; readonly grants: readonly GrantSpec[] }[]
}

/**
 * Plans the roles on the namespace and on each hub. An existing assignment is kept, also if it is inherited or has another
 * name. A role that this run gives on the namespace needs no other one on a hub.
 */
export function planGrants(
  { grants, hubs }: GrantsWanted,
  live: readonly RoleAssignmentActual[],
  namespace: string,
): Part<GrantWrite> {
  const after = [...live, ...grants.map((grant): RoleAssignmentActual => ({ ...grant, ...ON_NAMESPACE }))]
  const steps = [
    ...grants.map((grant) => planGrant(undefined, grant, live)),
    ...hubs.flatMap((hub) => hub.grants.map((grant) => planGrant(hub.name, grant, after))),
  ]
  const isNew = steps.some((step) => step.action === 'create')
  return { steps, notes: isNew ? [propagation(namespace)] : [] }
}

const ON_NAMESPACE = { hub: undefined, from: 'namespace' } as const

/** Plans a role on a hub, or on the namespace. */
function planGrant(hub: string | undefined, grant: GrantSpec, live: readonly RoleAssignmentActual[]): Step<GrantWrite> {
  const { principalId, role, principalType, scope } = grant
  const target: Target = {
    kind: 'role-assignment',
    ...(hub === undefined ? {} : { hub }),
    name: `${principalId}:${role}`,
  }
  const reaching = live.filter((one) => isSameRole(one, grant) && reaches(one, hub))
  const found = reaching.find(({ from }) => from === scope) ?? reaching[0]
  const { name } = DATA_ROLES[role]
  if (!found) return { action: 'create', target, details: [name, principalType], write: { op: 'assign-role', grant } }
  const inherited = found.from === scope ? [] : [`inherited from the ${found.from}`]
  return { action: 'keep', target, details: [name, found.principalType, ...inherited] }
}

const reaches = (live: RoleAssignmentActual, hub: string | undefined): boolean =>
  live.hub === undefined || (hub !== undefined && sameName(live.hub, hub))

/** https://learn.microsoft.com/azure/role-based-access-control/troubleshooting#symptom---role-assignment-changes-are-not-being-detected */
const propagation = (namespace: string): Note => ({
  target: { kind: 'namespace', name: namespace },
  text: 'a new role takes up to 10 minutes to come into effect',
})

/** Roles in a saved manifest, and what it cannot say. */
export interface SavedGrants {
  readonly grants: readonly GrantSpec[]
  readonly notSaved: readonly Text[]
}

/**
 * The wanted roles on a hub, or on the namespace without `hub`, and the others there. `said` are all grants of the run: the
 * type that they give to a principal stays its type.
 */
export function savedGrants(
  hub: string | undefined,
  wanted: readonly GrantSpec[],
  live: readonly RoleAssignmentActual[],
  said: readonly GrantSpec[],
): SavedGrants {
  const scope = hub === undefined ? 'namespace' : 'hub'
  const there = live.filter((one) => one.from === scope && (hub === undefined || sameName(one.hub ?? '', hub)))
  const others = there
    .filter((one) => !wanted.some((grant) => isSameRole(grant, one)))
    .map(({ principalId, role, principalType: is }) => {
      const known = said.find((grant) => grant.principalId === principalId)?.principalType
      return {
        principalId,
        role,
        is,
        principalType: known ?? PRINCIPAL_TYPES.find((type) => type === is),
        scope,
      } as const
    })
  return {
    grants: [
      ...wanted,
      ...others.flatMap(({ principalId, role, principalType }) =>
        principalType ? [{ principalId, role, principalType, scope } as const] : [],
      ),
    ],
    notSaved: others
      .filter(({ principalType }) => principalType === undefined)
      .map(({ principalId, role, is }) => `role ${role} of ${is} ${principalId} on ${hub ?? 'the namespace'}`),
  }
}
