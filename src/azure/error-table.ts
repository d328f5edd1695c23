import { access, AGAIN, passing, refused, trouble, type KnownError } from './known-error.ts'
import { ROLE_ERRORS } from './role-errors.ts'

const SCOPE = /action '(?<action>[^']+)'.*?over scope '(?<scope>[^']+)'/s

/** Sign-in and rights. https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors */
const ACCESS_ERRORS: readonly KnownError[] = [
  {
    code: 'AuthorizationFailed',
    extract: SCOPE,
    why: 'Your account has no right to do {action|this} on {scope|this scope}.',
    hint: 'Ask an owner of {owner|the subscription} for the Contributor role (a new role takes a few minutes), then run the same command again.',
    ...access,
  },
  {
    code: 'LinkedAuthorizationFailed',
    extract: /linked (?:subscription|scope\(s\)) '(?<scope>[^']+)'/,
    why: 'Your account has rights here, but none on what this refers to: {scope|another scope}.',
    hint: 'Ask an owner of {scope|the other scope} for a role there, then run the same command again.',
    ...access,
  },
  {
    code: 'SubscriptionNotFound',
    extract: /subscription '(?<subscription>[^']+)'/i,
    why: 'There is no subscription {subscription|like this} that your sign-in can see.',
    hint: 'See which ones there are with: az account list --output table',
    ...access,
  },
  {
    code: 'InvalidSubscriptionId',
    why: 'The subscription id {subscription|given} is not one.',
    hint: 'See which ones there are with: az account list --output table',
    ...access,
  },
  {
    code: 'InvalidAuthenticationTokenTenant',
    extract: /must match the tenant '?https:\/\/[^/]+\/(?<tenant>[\w.-]+)/,
    why: 'You are signed in to another tenant than the one of subscription {subscription|asked for}.',
    hint: 'Sign in to its tenant with: az login --tenant {tenant|organizations}',
    ...access,
  },
  {
    code: 'InvalidAuthenticationTokenAudience',
    why: 'The sign-in is for another cloud than {host}.',
    hint: 'Choose the right cloud with --cloud, then sign in to it with: {login}',
    ...access,
  },
  {
    code: 'ExpiredAuthenticationToken',
    why: 'The sign-in has expired, or the clock of this machine is wrong.',
    hint: '{signIn}',
    ...access,
  },
  {
    code: 'InvalidAuthenticationToken',
    why: 'Azure does not accept the sign-in.',
    hint: '{signIn}',
    ...access,
  },
  {
    code: 'AuthenticationFailed',
    why: 'Azure does not accept the sign-in.',
    hint: '{signIn}',
    ...access,
  },
]

/** Rules of Azure, of the subscription's owner, or of Event Hubs. https://learn.microsoft.com/azure/event-hubs/resource-manager-exceptions */
const REFUSALS: readonly KnownError[] = [
  {
    code: 'RequestDisallowedByPolicy',
    extract: /disallowed by policy\.?.*?"policyAssignment":\{"name":"(?<policy>[^"]+)"/s,
    why: 'Azure Policy forbids it: {policy|a rule of your organization}.',
    hint: 'Change what the policy objects to (region, tags, tier), or ask its owner for an exemption.',
    ...refused,
  },
  {
    code: 'RequestDisallowedByAzure',
    why: 'Azure does not offer this to the subscription in this region.',
    hint: 'Choose another region with --location.',
    ...refused,
  },
  {
    code: 'ScopeLocked',
    extract: /locked: '(?<scope>[^']+)'/,
    why: 'A lock on {scope|the resource group} forbids it.',
    hint: 'Ask whoever set the lock, or remove it: the first command tells its NAME for the second.\n{lockList|az lock list --output table}\n{lockRemoval|az lock delete --ids ID}',
    ...refused,
  },
  {
    code: 'ReadOnlyDisabledSubscription',
    why: 'The subscription is disabled, so that nothing in it can be changed.',
    hint: 'Enable it again in the portal, or choose another with --subscription.',
    ...refused,
  },
  {
    code: 'MissingSubscriptionRegistration',
    why: 'The subscription is not registered for Microsoft.EventHub.',
    hint: 'Register it once with: az provider register --namespace Microsoft.EventHub --wait',
    ...refused,
  },
  {
    code: 'MissingRegistrationForLocation',
    why: "The subscription's registration for Microsoft.EventHub is older than this region.",
    hint: 'Renew it with: az provider register --namespace Microsoft.EventHub --wait',
    ...refused,
  },
  {
    code: 'InvalidResourceGroupLocation',
    extract: /location '(?<wanted>[^']+)'.*already exists in location '(?<location>[^']+)'/s,
    why: 'The resource group already exists in {location|another region}; a group cannot move.',
    hint: 'Leave out --location, or choose another group with --resource-group.',
    ...refused,
  },
  {
    code: 'InvalidResourceLocation',
    extract: /already exists in location '(?<location>[^']+)'/,
    why: 'It already exists in {location|another region}, and cannot move.',
    hint: 'Leave out --location, or choose another name with --namespace.',
    ...refused,
  },
  ...['LocationNotAvailableForResourceType', 'LocationNotAvailableForResourceGroup', 'NoRegisteredProviderFound'].map(
    (code) => ({
      code,
      extract: /location '(?<location>[^']+)'/,
      why: 'Region {location|asked for} does not exist or does not offer this.',
      hint: 'See the regions with: az account list-locations --query "[].name" --output tsv',
      ...refused,
    }),
  ),
  ...['BadRequest', 'MessagingGatewayBadRequest'].flatMap((code): KnownError[] => [
    {
      code,
      when: /specified name is not available|name is already in use/i,
      why: 'The namespace name is taken, somewhere in Azure, or was deleted a short while ago.',
      hint: 'Choose another with --namespace.',
      ...refused,
    },
    {
      code,
      when: /reached its quota of namespaces/i,
      why: 'The subscription has as many namespaces as it may have.',
      hint: 'Use an existing one with --namespace, or delete one that is not needed.',
      ...refused,
    },
    {
      code,
      when: /isn't enough capacity|not enough capacity/i,
      why: 'The region has no room for another namespace at the moment.',
      hint: 'Choose another region with --location, or try again later.',
      ...refused,
    },
    {
      code,
      when: /PartitionCount can only be changed/i,
      why: 'The partitions of an existing hub cannot be changed on Basic and Standard.',
      hint: 'Use a new hub name with --hub, or leave the partitions as they are.',
      ...refused,
    },
    {
      code,
      when: /MessageRetentionInDays|retentionTimeInHours/i,
      why: 'The tier does not keep events that long.',
      hint: 'Choose a shorter --retention or a higher --tier.',
      ...refused,
    },
    {
      code,
      when: /Linked access check failed for capture storage destination/i,
      extract: /storageAccounts\/(?<account>[a-z0-9]+)/i,
      why: 'Capture wants whoever sets it up to have the right to write blobs in {account|the storage account}.',
      hint: 'Ask an owner of the storage account for the role Storage Blob Data Contributor on it (a new role takes a few minutes), then run the same command again.',
      ...access,
    },
    {
      code,
      when: /'Basic' tier|basic SKU|Basic, Premium SKU/i,
      why: 'The tier of the namespace does not offer this.',
      hint: 'Choose --tier Standard.',
      ...refused,
    },
    {
      code,
      when: /AutoInflate/i,
      why: 'The auto-inflate maximum does not fit the capacity, or auto-inflate is off.',
      hint: 'Choose --auto-inflate-max between the capacity and 40, or 0 to switch it off.',
      ...refused,
    },
  ]),
  {
    code: 'InvalidMaxThroughputValue',
    why: 'The auto-inflate maximum does not fit the capacity.',
    hint: 'Choose --auto-inflate-max between the capacity and 40, or 0 to switch it off.',
    ...refused,
  },
  ...['Conflict', 'MessagingGatewayConflict'].map((code) => ({
    code,
    when: /maximum number of resources of type (?<type>\w+)|max allowed|SubCode=403/i,
    extract: /Max allowed: \{?(?<most>\d+)/i,
    why: 'The namespace is full: it may hold {most|no more} of these.',
    hint: 'Use another namespace with --namespace, or a higher --tier.',
    ...refused,
  })),
  {
    code: 'QuotaExceeded',
    why: 'A quota of the subscription is used up.',
    hint: 'Ask for more in the portal under Quotas, or choose another region with --location.',
    ...refused,
  },
]

/** What passes by itself. https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling */
const PASSING_ERRORS: readonly KnownError[] = [
  {
    code: 'NamespaceInTransition',
    why: 'Azure is still working on the namespace.',
    hint: AGAIN,
    ...passing,
  },
  ...[
    'SubscriptionRequestsThrottled',
    'ResourceRequestsThrottled',
    'TooManyRequests',
    'MessagingGatewayTooManyRequests',
  ].map((code) => ({
    code,
    why: 'Azure limits the requests of this subscription at the moment.',
    hint: AGAIN,
    ...passing,
  })),
  {
    code: 'ResourceGroupBeingDeleted',
    why: 'The resource group is being deleted.',
    hint: 'Wait until it is gone, or choose another with --resource-group.',
    ...passing,
  },
  {
    code: 'Conflict',
    why: 'Azure is busy with another change of the same resource.',
    hint: AGAIN,
    ...passing,
  },
  {
    code: 'MessagingGatewayConflict',
    when: /another conflicting operation|in progress|retry|SubCode=40901/i,
    why: 'Azure is busy with another change of the same resource.',
    hint: AGAIN,
    ...passing,
  },
  {
    code: 'AnotherOperationInProgress',
    why: 'Azure is busy with another change of the same resource.',
    hint: AGAIN,
    ...passing,
  },
]

/** Errors of Resource Manager and Event Hubs, the special before the general. */
export const AZURE_ERRORS: readonly KnownError[] = [...ROLE_ERRORS, ...ACCESS_ERRORS, ...REFUSALS, ...PASSING_ERRORS]

/** For codes that the tables do not know. */
export const BY_STATUS: Readonly<Record<number, Pick<KnownError, 'failure' | 'retryable' | 'hint'>>> = {
  401: { ...access, hint: '{signIn}' },
  403: {
    ...access,
    hint: 'Ask an owner of the subscription for the Contributor role, then run the same command again.',
  },
  407: { ...trouble, hint: 'The proxy asks for a name and a password: put them into HTTPS_PROXY.' },
  408: { ...passing, hint: AGAIN },
  429: { ...passing, hint: AGAIN },
  500: { ...passing, hint: AGAIN },
  502: { ...passing, hint: AGAIN },
  503: { ...passing, hint: AGAIN },
  504: { ...passing, hint: AGAIN },
}

/** A 404 that does not say "it is not there" but "you asked wrongly". */
export const NOT_ABSENCE = [
  ...['SubscriptionNotFound', 'InvalidSubscriptionId', 'InvalidResourceType', 'InvalidResourceNamespace'],
  'NoRegisteredProviderFound',
] as const

/** What ARM says to an api-version that it does not know. */
export const UNKNOWN_API_VERSION = [
  ...['InvalidResourceType', 'NoRegisteredProviderFound', 'InvalidApiVersionParameter', 'UnsupportedApiVersion'],
] as const
