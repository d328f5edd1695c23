import type { Call } from '../engine/cloud.ts'
import type { DataRole } from '../engine/connection.ts'
import { DATA_ROLES, GRANT_ROLES, type GrantRole, type GrantSpec } from '../inputs/grant-parsers.ts'
import { nameKeyOf } from '../lib/names.ts'
import type { ArmRest } from './arm-requests.ts'
import { readClaims } from './sign-in.ts'
import type { RoleAssignmentActual } from '../resources/grant.ts'
import { createHash } from 'node:crypto'

export const ROLE_ASSIGNMENTS = '/providers/Microsoft.Authorization/roleAssignments'

/** UUID namespace for the names of role assignments. It must never change. */
const UUID_NAMESPACE = '6f0a2c5e-3b1d-5e8f-9a47-d2c4b8e61f03'

/**
 * The name of an assignment, a GUID. It is the same on every run, so that a repeated write makes no second assignment.
 * https://learn.microsoft.com/azure/role-based-access-control/role-assignments#name
 */
export const roleAssignmentName = (scope: string, { principalId, role }: GrantSpec): string =>
  uuidV5([scope, principalId, DATA_ROLES[role].id].map(nameKeyOf).join('|'), UUID_NAMESPACE)

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
    readonly createdOn?: string
  }
}

/** Undefined for other roles, and for an assignment on a part of a hub. */
export function toRoleAssignment({ properties = {} }: ArmRoleAssignment): RoleAssignmentActual | undefined {
  const { roleDefinitionId = '', principalId = '', principalType = '', scope = '' } = properties
  const role = roleOf(roleDefinitionId.split('/').at(-1) ?? '')
  const made = scopeOf(scope)
  return role && made && { principalId: nameKeyOf(principalId), principalType, role, ...made }
}

const roleOf = (id: string): GrantRole | undefined => GRANT_ROLES.find((role) => DATA_ROLES[role].id === nameKeyOf(id))

/** The scope of an assignment: a hub, or one that contains all hubs of the namespace. */
function scopeOf(scope: string): Pick<RoleAssignmentActual, 'hub' | 'from'> | undefined {
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

/** The data roles of a token's owner on a hub, including those from groups and scopes above. Undefined if unknown. */
export async function readDataRoles(
  rest: ArmRest,
  hubId: string,
  token: string,
  call: Call,
): Promise<readonly DataRole[] | undefined> {
  const { objectId } = readClaims(token)
  if (objectId === undefined) return undefined
  const path = `${hubId}${ROLE_ASSIGNMENTS}`
  const query = { $filter: `assignedTo('${objectId}')` }
  try {
    const all = await rest.list<ArmRoleAssignment>(path, 'roleAssignments', call, query)
    return all.flatMap(({ properties = {} }) => {
      const id = properties.roleDefinitionId?.split('/').at(-1)?.toLowerCase()
      const name = Object.values(DATA_ROLES).find((role) => role.id === id)?.name
      return name === undefined ? [] : [{ name, assignedOn: properties.createdOn }]
    })
  } catch (error) {
    call.signal.throwIfAborted()
    if (error instanceof Error && error.name === 'RestError') return undefined
    throw error
  }
}

/** A version 5 UUID (RFC 9562), always the same for a name and a namespace, which is a UUID too. */
export function uuidV5(name: string, namespace: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
  const bytes = hash.subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x50
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
