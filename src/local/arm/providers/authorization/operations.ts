import { locks } from './locks.ts'
import { roleAssignments } from './role-assignments.ts'
import { AUTHORIZATION } from './scopes.ts'
import { listOperations, type Permission } from '../../core/operations.ts'
import type { Provider } from '../../core/routes.ts'

/** https://learn.microsoft.com/azure/role-based-access-control/permissions/management-and-governance */
const PERMISSIONS: readonly Permission[] = [
  ['locks/read', 'Locks', 'Get management locks'],
  ['locks/write', 'Locks', 'Add management locks'],
  ['locks/delete', 'Locks', 'Delete management locks'],
  ['roleAssignments/read', 'Role assignment', 'Get information about a role assignment.'],
  ['roleAssignments/write', 'Role assignment', 'Create role assignment'],
  ['roleAssignments/delete', 'Role assignment', 'Delete role assignment'],
]

/** Locks and role assignments have api-versions of their own; this list is there in those of both. */
export const authorizationOperations: Provider = {
  namespace: AUTHORIZATION,
  apiVersions: [...new Set([...roleAssignments.apiVersions, ...locks.apiVersions])].sort().reverse(),
  needsRegistration: false,
  routes: [
    {
      method: 'GET',
      template: `/providers/${AUTHORIZATION}/operations`,
      handle: listOperations({ namespace: AUTHORIZATION, provider: 'Microsoft Authorization' }, PERMISSIONS),
    },
  ],
}
