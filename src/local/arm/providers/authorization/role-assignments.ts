import { type ArmError, gateway } from '../../core/errors.ts'
import { AUTHORIZATION, type ScopeOf, atScope, listedAt, routesAtScopes } from './scopes.ts'
import { type ArmReply, type Call, type Provider, param } from '../../core/routes.ts'
import { page } from '../../core/reply.ts'
import { objectAt, without } from '../../core/body.ts'
import { readFilter } from '../../core/filter.ts'
import { type RoleAssignment, keyOf } from '../../core/model.ts'

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const PRINCIPAL_TYPES = ['User', 'Group', 'ServicePrincipal', 'ForeignGroup', 'Device']

const TEXTS = ['condition', 'conditionVersion', 'delegatedManagedIdentityResourceId', 'description']

/** The roles there are. https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
const ROLE_IDS = [
  ...['8e3af657-a8ff-443c-a75c-2fe8c4bcb635', 'b24988ac-6180-42a0-ab88-20f7382dd24c'], // Owner, Contributor
  ...['acdd72a7-3385-48ef-bd42-f606fba81ae7', '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9'], // Reader, User Access Administrator
  'f526a384-b230-433a-b45c-95f59c4a2dec', // Azure Event Hubs Data Owner
  'a638d3c7-ab3a-418d-83e6-5f17a39d4fde', // Azure Event Hubs Data Receiver
  '2b629674-e913-4c01-ae53-ef4638d8f975', // Azure Event Hubs Data Sender
]

/** Recorded in 2023-08: what was not sent is null. */
function view(call: Call, one: RoleAssignment) {
  const time = (ms: number) => new Date(ms).toISOString().replace('Z', '0000Z')
  return {
    properties: {
      roleDefinitionId: `/subscriptions/${param(call, 'subscription')}/providers/${AUTHORIZATION}/roleDefinitions/${one.roleId}`,
      principalId: one.principalId,
      principalType: one.principalType,
      scope: one.scope,
      ...{ condition: null, conditionVersion: null },
      ...{ createdOn: time(one.createdAt), updatedOn: time(one.updatedAt), createdBy: null, updatedBy: null },
      ...{ delegatedManagedIdentityResourceId: null, description: null },
      ...one.others,
    },
    id: `${one.scope}/providers/${AUTHORIZATION}/roleAssignments/${one.name}`,
    type: `${AUTHORIZATION}/roleAssignments`,
    name: one.name,
  }
}

const put =
  (scopeOf: ScopeOf) =>
  (call: Call): ArmReply => {
    const scope = scopeOf(call)
    const name = param(call, 'assignment').toLowerCase()
    if (!GUID.test(name)) throw invalidRoleAssignmentId(name)
    const wanted = readProperties(call)
    const { roleAssignments } = call.context.store.state
    const known = roleAssignments.get(keyOf(scope, name))
    if (known && !isSame(known, wanted)) throw roleAssignmentFixed()
    const twin = all(call).find((one) => keyOf(one.scope) === keyOf(scope) && one.name !== name && isSame(one, wanted))
    if (twin) throw roleAssignmentExists(twin.name)
    const made = { scope, name, ...wanted, createdAt: known?.createdAt ?? call.now, updatedAt: call.now }
    call.context.store.change((state) => state.roleAssignments.set(keyOf(scope, name), made))
    return { status: known ? 200 : 201, body: view(call, made) }
  }

type Wanted = Pick<RoleAssignment, 'roleId' | 'principalId' | 'principalType' | 'others'>

const isSame = (a: Wanted, b: Wanted): boolean => a.roleId === b.roleId && a.principalId === b.principalId

function readProperties(call: Call): Wanted {
  const properties = objectAt(call.body ?? {}, 'properties')
  const { roleDefinitionId, principalId, principalType: sent } = properties
  if (typeof roleDefinitionId !== 'string' || typeof principalId !== 'string' || !GUID.test(principalId)) {
    throw roleRequestFormat()
  }
  if (TEXTS.some((key) => typeof (properties[key] ?? '') !== 'string')) throw roleRequestFormat()
  const roleId = /\/roleDefinitions\/([^/]+)$/i.exec(roleDefinitionId)?.[1]?.toLowerCase()
  if (roleId === undefined || !GUID.test(roleId)) throw roleRequestFormat()
  if (!ROLE_IDS.includes(roleId)) throw roleDefinitionMissing(roleId)
  const principal = principalId.toLowerCase()
  const { tenantId } = call.context.subscriptions[0]!
  if (call.context.hidesPrincipal(principal, call.path)) throw principalNotFound(principal, tenantId)
  return {
    ...{ roleId, principalId: principal, principalType: typeOf(call, principal, sent) },
    others: without(properties, ['roleDefinitionId', 'principalId', 'principalType', 'scope']),
  }
}

/** There is no directory of principals here: the first role that is given to one decides its type. */
function typeOf(call: Call, principalId: string, sent: unknown): string {
  const known = all(call).find((one) => one.principalId === principalId)?.principalType
  if (sent === undefined || sent === null) return known ?? 'User'
  if (typeof sent !== 'string' || !PRINCIPAL_TYPES.includes(sent)) throw roleRequestFormat()
  if (known !== undefined && known !== sent) throw unmatchedPrincipalType(principalId, known, sent)
  return sent
}

const all = (call: Call): readonly RoleAssignment[] =>
  [...call.context.store.state.roleAssignments.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)

const get =
  (scopeOf: ScopeOf) =>
  (call: Call): ArmReply => {
    const name = param(call, 'assignment')
    const known = call.context.store.state.roleAssignments.get(keyOf(scopeOf(call), name))
    if (!known) throw roleAssignmentNotFound(name)
    return { status: 200, body: view(call, known) }
  }

const remove =
  (scopeOf: ScopeOf) =>
  (call: Call): ArmReply => {
    const key = keyOf(scopeOf(call), param(call, 'assignment'))
    const known = call.context.store.state.roleAssignments.get(key)
    if (!known) return { status: 204 }
    call.context.store.change(({ roleAssignments }) => roleAssignments.delete(key))
    return { status: 200, body: view(call, known) }
  }

const isOf = (principal: string) => (one: RoleAssignment) => keyOf(one.principalId) === keyOf(principal)

/** There are no groups of principals here, so `assignedTo` means the same as `principalId`. */
const list =
  (scopeOf: ScopeOf) =>
  (call: Call): ArmReply => {
    const scope = scopeOf(call)
    const { test } = readFilter(call, { ...atScope(scope), 'principalid eq ?': isOf, 'assignedto(?)': isOf })
    return page(call, listedAt(scope, all(call)).filter(test), (one) => view(call, one))
  }

/** https://learn.microsoft.com/azure/role-based-access-control/role-assignments-rest */
// prettier-ignore
const VERSIONS: readonly string[] = [
  '2022-04-01', '2020-10-01-preview', '2020-08-01-preview', '2020-04-01-preview', '2020-03-01-preview',
  '2018-09-01-preview', '2018-01-01-preview', '2017-10-01-preview', '2015-07-01',
]

/** Role assignments. https://learn.microsoft.com/azure/role-based-access-control/role-assignments */
export const roleAssignments: Provider = {
  namespace: AUTHORIZATION,
  apiVersions: VERSIONS,
  needsRegistration: false,
  routes: routesAtScopes('roleAssignments/{assignment}', { list, put, get, remove }),
}

/** Resource Manager prints the ids of principals, roles and assignments without dashes. */
const bare = (guid: string): string => guid.replaceAll('-', '')

const principalNotFound = (principalId: string, tenantId: string): ArmError =>
  gateway(
    400,
    'PrincipalNotFound',
    `Principal ${bare(principalId)} does not exist in the directory ${tenantId}. Check that you have the correct principal ID. ` +
      `If you are creating this principal and then immediately assigning a role, this error might be related to a ` +
      `replication delay. In this case, set the role assignment principalType property to a value, such as ` +
      `ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype`,
  )

const unmatchedPrincipalType = (principalId: string, actual: string, sent: string): ArmError =>
  gateway(
    400,
    'UnmatchedPrincipalType',
    `The PrincipalId '${bare(principalId)}' has type '${actual}' , which is different from specified PrinciaplType '${sent}'.`,
  )

const roleAssignmentExists = (name: string): ArmError =>
  gateway(
    409,
    'RoleAssignmentExists',
    `The role assignment already exists. The ID of the existing role assignment is ${bare(name)}.`,
  )

const roleAssignmentFixed = (): ArmError =>
  gateway(
    409,
    'RoleAssignmentUpdateNotPermitted',
    'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.',
  )

const roleDefinitionMissing = (id: string): ArmError =>
  gateway(400, 'RoleDefinitionDoesNotExist', `The specified role definition with ID '${bare(id)}' does not exist.`)

const roleAssignmentNotFound = (name: string): ArmError =>
  gateway(404, 'RoleAssignmentNotFound', `The role assignment '${name}' is not found.`)

const invalidRoleAssignmentId = (name: string): ArmError =>
  gateway(
    400,
    'InvalidRoleAssignmentId',
    `The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`,
  )

const roleRequestFormat = (): ArmError => gateway(400, 'BadRequestFormat', 'The request was incorrectly formatted.')
