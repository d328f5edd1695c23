import { access, refused, type KnownError } from './known-error.ts'

/** Giving roles. https://learn.microsoft.com/azure/role-based-access-control/troubleshooting */
export const ROLE_ERRORS: readonly KnownError[] = [
  {
    code: 'AuthorizationFailed',
    when: /action '[^']*roleAssignments\/write'/i,
    // The end of a long scope may be cut off.
    extract: /over scope '(?<scope>[^'…]+)/,
    why: 'Your account may not give roles on {scope|this scope}; Contributor is not enough for that.',
    hint: 'Ask an owner of {owner|the subscription} for the role Role Based Access Control Administrator or User Access Administrator (a new role takes a few minutes), then run the same command again.',
    ...access,
  },
  {
    code: 'PrincipalNotFound',
    why: 'Microsoft Entra has no principal with this object id in the tenant of the subscription, or did not show it within some minutes.',
    hint: 'Give an object id, not an application id; an application has this one: az ad sp show --id "$AZURE_CLIENT_ID" --query id --output tsv',
    ...refused,
  },
  {
    code: 'UnmatchedPrincipalType',
    extract: /has type '(?<actual>\w+)'.*? specified Princi\w+ '(?<given>\w+)'/,
    why: 'The principal is a {actual|thing of another type}, not a {given|thing of the type given}.',
    hint: 'Give its type behind the role, as in --grant OBJECT_ID:sender:{actual|User}, or as principalType in the manifest.',
    ...refused,
  },
  {
    code: 'RoleDefinitionDoesNotExist',
    why: 'This cloud does not have the data roles of Event Hubs.',
    hint: 'See the roles that it has with: az role definition list --output table',
    ...refused,
  },
  {
    code: 'RoleAssignmentLimitExceeded',
    why: 'The subscription has as many role assignments as it may have.',
    hint: 'Give the role to a group instead, or remove assignments that nobody needs.',
    ...refused,
  },
  {
    code: 'HashConflictOnDifferentRoleAssignmentIds',
    why: 'Azure still remembers another assignment of the same role to the same principal, and takes no second one yet.',
    hint: 'Assign the role in the portal, under the access control of the hub, then run the same command again: it takes any assignment as it is.',
    ...refused,
  },
]
