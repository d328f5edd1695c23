import { action, edit, input } from '../inputs/refer.ts'
import type { PrincipalType } from '../inputs/grant-parsers.ts'
import { say } from '../lib/phrase.ts'
import { access, errorTable, refused, type KnownError, type Wording } from './known-error.ts'
import { signInAdvice, signInCommands, stepUpAdvice } from './sign-in-advice.ts'

const SIGN_IN: Wording = ({ run }) => signInAdvice(run)
const LIST_SUBSCRIPTIONS = say`List the ones you can use with: ${action({ do: 'list-subscriptions' })}`
const NEW_CLIENT_SECRET = say`Make a new one with: ${action({ do: 'renew-client-secret' })}`

const MFA_WANTED = 'Azure asks for multi-factor authentication, and this sign-in has none.'
const STEP_UP: Wording = ({ run, challenge }) => stepUpAdvice(run, challenge)

/** Whatever the code of the answer: a claims challenge wants another token. */
export const CLAIMS_CHALLENGE: KnownError = {
  code: 'insufficient_claims',
  why: ({ challenge }) =>
    /"acrs"|"amr"/.test(challenge?.claims ?? '')
      ? MFA_WANTED
      : 'Azure asks for a new sign-in: the one in use was revoked, or a policy of the tenant wants more.',
  hint: STEP_UP,
  ...access,
}

/** Writes without another factor. https://learn.microsoft.com/entra/identity/authentication/concept-mandatory-multifactor-authentication */
const MFA_ERRORS = errorTable(access, [
  {
    code: ['RequestDisallowedByAzure', 'RequestDisallowedByPolicy'],
    when: /MFAforAzure|through MFA|must use MFA|multi-?factor authentication/i,
    why: MFA_WANTED,
    hint: STEP_UP,
  },
])

/** Role assignments. https://learn.microsoft.com/azure/role-based-access-control/troubleshooting */
const ROLE_ERRORS = errorTable(refused, [
  {
    code: 'AuthorizationFailed',
    when: /action '[^']*roleAssignments\/write'/i,
    // The end of a long scope may be cut off.
    extract: /over scope '(?<scopeId>[^'…]+)/,
    why: ({ scope = 'this scope' }) =>
      `Your account may not assign roles on ${scope}: the role Contributor is not enough for that.`,
    hint: ({ owner = 'the subscription' }) =>
      `Ask an owner of ${owner} for the role Role Based Access Control Administrator or User Access Administrator (a new role takes a few minutes), then run the same command again.`,
    ...access,
  },
  {
    code: 'PrincipalNotFound',
    why: 'Microsoft Entra has no principal with this object id in the tenant of the subscription, or it is new and not visible yet.',
    hint: say`Give an object id, not an application id. An application's object id is shown by: ${action({ do: 'show-service-principal' })}`,
  },
  {
    code: 'UnmatchedPrincipalType',
    extract: /has type '(?<actual>\w+)'.*? specified Princi\w+ '(?<given>\w+)'/,
    why: ({ actual = 'thing of another type', given = 'thing of the type given' }) =>
      `The principal is a ${actual}, not a ${given}.`,
    hint: ({ actual = 'User' }) => {
      const principalType = actual as PrincipalType
      const grant = { principalId: 'OBJECT_ID', role: 'sender', principalType, scope: 'hub' } as const
      return say`Give its type after the role, as in ${edit({ grant: [grant] })}, or as principalType in the manifest.`
    },
  },
  {
    code: 'RoleDefinitionDoesNotExist',
    why: 'This cloud does not have the data roles of Event Hubs.',
    hint: say`List the roles that it has with: ${action({ do: 'list-roles' })}`,
  },
  {
    code: 'RoleAssignmentLimitExceeded',
    why: 'The subscription has reached its limit of role assignments.',
    hint: 'Give the role to a group instead, or remove assignments that are not needed.',
  },
  {
    code: 'HashConflictOnDifferentRoleAssignmentIds',
    why: 'Azure still remembers another assignment of the same role to the same principal, and does not accept a second one yet.',
    hint: 'Assign the role in the portal, under the access control of the hub, then run the same command again: it keeps any assignment as it is.',
  },
])

/** Sign-in and permissions. https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors */
const RIGHT_ERRORS = errorTable(access, [
  {
    code: 'AuthorizationFailed',
    when: /action 'microsoft\.insights\/metrics\/read'/i,
    extract: /over scope '(?<scopeId>[^'…]+)/,
    why: ({ scope = 'this scope' }) => `Your account may not read the metrics of ${scope}.`,
    hint: ({ owner = 'the subscription' }) =>
      `Ask an owner of ${owner} for the role Monitoring Reader or Reader (a new role takes a few minutes), then run the same command again.`,
  },
  {
    code: 'AuthorizationFailed',
    extract: /action '(?<action>[^']+)'.*?over scope '(?<scopeId>[^']+)'/s,
    why: ({ action: wanted = 'this', scope = 'this scope' }) =>
      `Your account has no right to do ${wanted} on ${scope}.`,
    hint: ({ owner = 'the subscription' }) =>
      `Ask an owner of ${owner} for the Contributor role (a new role takes a few minutes), then run the same command again.`,
  },
  {
    code: 'LinkedAuthorizationFailed',
    extract: /linked (?:subscription|scope\(s\)) '(?<scopeId>[^']+)'/,
    why: ({ scope = 'another scope' }) => `Your account has rights here, but none on what this refers to: ${scope}.`,
    hint: ({ scope = 'the other scope' }) =>
      `Ask an owner of ${scope} for a role there, then run the same command again.`,
  },
  {
    code: 'SubscriptionNotFound',
    extract: /subscription '(?<subscription>[^']+)'/i,
    why: ({ subscription = 'of this id' }) => `Your account sees no subscription ${subscription}.`,
    hint: LIST_SUBSCRIPTIONS,
  },
  {
    code: 'InvalidSubscriptionId',
    why: ({ subscription = 'given' }) => `The subscription id ${subscription} is not valid.`,
    hint: LIST_SUBSCRIPTIONS,
  },
  {
    code: 'InvalidAuthenticationTokenTenant',
    extract: /must match the tenant '?https:\/\/[^/]+\/(?<tenant>[\w.-]+)/,
    why: ({ subscription }) =>
      `You are signed in to another tenant, not to that of ${subscription === undefined ? 'the subscription' : `subscription ${subscription}`}.`,
    hint: ({ run, tenant = 'organizations' }) =>
      say`Sign in to its tenant with: ${signInCommands({ ...run, auth: 'cli', tenantId: tenant })}`,
  },
  {
    code: 'InvalidAuthenticationTokenAudience',
    why: ({ host }) => `The sign-in is for a cloud other than that of ${host}.`,
    hint: ({ run }) =>
      say`Choose the right cloud with ${input('cloud')}, then sign in to it with: ${signInCommands(run)}`,
  },
  {
    code: 'ExpiredAuthenticationToken',
    why: 'The sign-in has expired, or the clock of this machine is wrong.',
    hint: SIGN_IN,
  },
  {
    code: ['InvalidAuthenticationToken', 'AuthenticationFailed'],
    why: 'Azure does not accept the sign-in.',
    hint: SIGN_IN,
  },
])

/** Microsoft Entra ID. https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const ENTRA_ERRORS = errorTable(access, [
  {
    code: ['AADSTS50076', 'AADSTS50078', 'AADSTS50079', 'AADSTS50158'],
    why: 'The tenant asks for multi-factor authentication.',
    hint: SIGN_IN,
  },
  {
    code: ['AADSTS700082', 'AADSTS700084', 'AADSTS70043', 'AADSTS50173', 'AADSTS50132', 'AADSTS70008'],
    why: 'The sign-in has expired or was revoked.',
    hint: SIGN_IN,
  },
  {
    code: 'AADSTS50020',
    why: 'Your account does not belong to this tenant.',
    hint: ({ run }) => say`Sign in with an account that does: ${signInCommands(run)}`,
  },
  {
    code: ['AADSTS90002', 'AADSTS900023', 'AADSTS50059'],
    why: ({ tenant = 'with this id' }) => `There is no tenant ${tenant}.`,
    hint: say`List the tenants of your account with: ${action({ do: 'list-tenants' })}`,
  },
  {
    code: 'AADSTS53003',
    why: 'A conditional access policy of the tenant blocks this sign-in.',
    hint: ({ run }) =>
      say`Ask an administrator of the tenant, or sign in from a managed device with: ${signInCommands(run)}`,
  },
  {
    code: 'AADSTS7000215',
    why: 'AZURE_CLIENT_SECRET is not a valid secret of application AZURE_CLIENT_ID (often its id was copied, not its value).',
    hint: NEW_CLIENT_SECRET,
  },
  {
    code: 'AADSTS7000222',
    why: 'The secret in AZURE_CLIENT_SECRET has expired.',
    hint: NEW_CLIENT_SECRET,
  },
  {
    code: 'AADSTS700016',
    why: ({ tenant = 'asked for' }) => `The tenant ${tenant} has no application AZURE_CLIENT_ID.`,
    hint: 'Check AZURE_CLIENT_ID and AZURE_TENANT_ID.',
  },
  {
    code: ['AADSTS70021', 'AADSTS700211', 'AADSTS700212', 'AADSTS700213', 'AADSTS700024'],
    why: 'The application trusts no federated credential with the issuer, subject or age of this token.',
    hint: say`Compare them with: ${action({ do: 'list-federated-credentials' })}`,
  },
  {
    code: 'AADSTS500011',
    why: ({ host }) => `The tenant does not know ${host}.`,
    hint: say`Check ${input('cloud')}, ${input('tenant')} and ML_INGEST_ARM_ENDPOINT.`,
  },
])

/** Entries with `when` come before those without. */
export const ACCESS_ERRORS: readonly KnownError[] = [...MFA_ERRORS, ...ROLE_ERRORS, ...RIGHT_ERRORS, ...ENTRA_ERRORS]
