import type { RoleAssignmentActual } from '../resources/shapes.ts'
import { uuidV5 } from '../lib/uuid.ts'
import { DATA_ROLES, GRANT_ROLES, type GrantRole, type GrantSpec } from '../inputs/grant-parsers.ts'
import { nameKeyOf } from '../lib/names.ts'

/** https://learn.microsoft.com/rest/api/authorization/role-assignments */
export const ROLE_ASSIGNMENTS_API_VERSION = '2022-04-01'
export const ROLE_ASSIGNMENTS = ['providers', 'Microsoft.Authorization', 'roleAssignments'] as const

/** Only for the names of role assignments; once published it stays. */
const NAMES = '6f0a2c5e-3b1d-5e8f-9a47-d2c4b8e61f03'

/**
 * The name of an assignment, the same on every run: written twice, it is one. Azure wants a GUID.
 * https://learn.microsoft.com/azure/role-based-access-control/role-assignments#name
 */
export const roleAssignmentName = (scope: string, { principalId, role }: GrantSpec): string =>
  uuidV5([scope, principalId, DATA_ROLES[role].id].map(nameKeyOf).join('|'), NAMES)

export const roleAssignmentBody = (subscriptionId: string, { principalId, role, principalType }: GrantSpec): string =>
  JSON.stringify({
    properties: {
      roleDefinitionId: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${DATA_ROLES[role].id}`,
      principalId,
      principalType,
    },
  })

export interface ArmRoleAssignment {
  readonly properties?: {
    readonly roleDefinitionId?: string
    readonly principalId?: string
    readonly principalType?: string
    readonly scope?: string
  }
}

/** Undefined for another role, and for what reaches no whole hub. */
export function toRoleAssignment({ properties = {} }: ArmRoleAssignment): RoleAssignmentActual | undefined {
  const { roleDefinitionId = '', principalId = '', principalType = '', scope = '' } = properties
  const role = roleOf(roleDefinitionId.split('/').at(-1) ?? '')
  const place = placeOf(scope)
  return role && place && { principalId: nameKeyOf(principalId), principalType, role, ...place }
}

const roleOf = (id: string): GrantRole | undefined => GRANT_ROLES.find((role) => DATA_ROLES[role].id === nameKeyOf(id))

type Place = Pick<RoleAssignmentActual, 'hub' | 'from'>

/** What an assignment was made on: a hub, or what holds all hubs of the namespace. */
function placeOf(scope: string): Place | undefined {
  const namespace =
    /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.EventHub\/namespaces\/[^/]+(?<rest>.*)$/i
  const rest = namespace.exec(scope)?.groups?.['rest']
  if (rest !== undefined) {
    const hub = /^\/eventhubs\/([^/]+)$/i.exec(rest)?.[1]
    if (hub !== undefined) return { hub, from: 'hub' }
    return rest === '' ? { hub: undefined, from: 'namespace' } : undefined
  }
  if (/^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+$/i.test(scope)) return { hub: undefined, from: 'resource group' }
  if (/^\/subscriptions\/[^/]+$/i.test(scope)) return { hub: undefined, from: 'subscription' }
  return { hub: undefined, from: 'management group' }
}
