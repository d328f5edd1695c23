import { lockIdOn } from '../engine/locks.ts'
import { action, edit, input } from '../inputs/refer.ts'
import { say } from '../lib/phrase.ts'
import { access, errorTable, failed, refused, type Facts } from './known-error.ts'
import { policyAdvice, policyReasons } from './policies/advice.ts'

const BAD_REQUEST = ['BadRequest', 'MessagingGatewayBadRequest']
const REGISTER = action({ do: 'register-provider' })
const AUTO_INFLATE = say`Choose ${input('autoInflateMax')} between the capacity and 40, or 0 to switch it off.`

/** The cloud has none of the api-versions that we know. */
const UNKNOWN_VERSION = {
  extract: /api[ -]version '(?<version>[^']+)'(?:.*? for type '(?<type>[^']+)')?/is,
  why: ({ version = 'asked for', type, versions = [] }: Facts) => {
    const has = versions.length === 0 ? 'none that ml-ingest knows' : versions.join(', ')
    return `This cloud does not have the api-version ${version}${type === undefined ? '' : ` of ${type}`}. It has ${has}.`
  },
  hint: say`Check ${input('cloud')} and ML_INGEST_ARM_ENDPOINT, or use a release of ml-ingest that is made for this cloud.`,
  ...failed,
} as const

/** Requests that Azure, Event Hubs or a rule of the organization refuses. https://learn.microsoft.com/azure/event-hubs/resource-manager-exceptions */
export const REFUSALS = errorTable(refused, [
  {
    code: 'RequestDisallowedByPolicy',
    why: ({ violations }) => policyReasons(violations),
    hint: ({ violations }) => policyAdvice(violations),
  },
  {
    code: 'RequestDisallowedByAzure',
    why: 'Azure does not offer this to the subscription in this region.',
    hint: say`Choose another region with ${input('location')}.`,
  },
  {
    code: 'ScopeLocked',
    extract: /locked: '(?<scopeId>[^']+)'/,
    why: ({ scope = 'the resource group' }) => `A lock on ${scope} forbids it.`,
    hint: ({ run, scopeId: scope }) => {
      const armEndpoint = run.target.url
      const lockId = scope === undefined ? undefined : lockIdOn(scope, 'NAME')
      const list = action({ do: 'list-locks', scope, armEndpoint })
      return say`Ask the person who set the lock, or remove it. The first command shows its NAME for the second.\n${list}\n${action({ do: 'delete-lock', lockId, armEndpoint })}`
    },
  },
  {
    code: 'ReadOnlyDisabledSubscription',
    why: 'The subscription is disabled: nothing in it can be changed.',
    hint: say`Enable it again in the portal, or choose another with ${input('subscription')}.`,
  },
  {
    code: 'MissingSubscriptionRegistration',
    why: 'The subscription is not registered for Microsoft.EventHub.',
    hint: say`Register it once with: ${REGISTER}`,
  },
  {
    code: 'MissingRegistrationForLocation',
    why: "The subscription's registration for Microsoft.EventHub is older than this region.",
    hint: say`Renew it with: ${REGISTER}`,
  },
  {
    code: 'InvalidResourceGroupLocation',
    extract: /location '(?<wanted>[^']+)'.*already exists in location '(?<location>[^']+)'/s,
    why: ({ location = 'another region' }) => `The resource group already exists in ${location}; a group cannot move.`,
    hint: say`Leave out ${input('location')}, or choose another group with ${input('resourceGroup')}.`,
  },
  {
    code: 'InvalidResourceLocation',
    extract: /already exists in location '(?<location>[^']+)'/,
    why: ({ location = 'another region' }) => `It already exists in ${location}, and cannot move.`,
    hint: say`Leave out ${input('location')}, or choose another name with ${input('namespace')}.`,
  },
  {
    code: 'NoRegisteredProviderFound',
    // The cloud lists its versions, and this one is not among them.
    when: /API version '([^']+)'.*api-versions are '(?!(?:[^']*, ?)?\1[,'])/s,
    ...UNKNOWN_VERSION,
  },
  { code: ['InvalidApiVersionParameter', 'UnsupportedApiVersion'], ...UNKNOWN_VERSION },
  { code: 'InvalidResourceType', when: /api version '/i, ...UNKNOWN_VERSION },
  {
    code: ['LocationNotAvailableForResourceType', 'LocationNotAvailableForResourceGroup', 'NoRegisteredProviderFound'],
    extract: /location '(?<location>[^']+)'/,
    why: ({ location = 'asked for' }) => `The region ${location} does not exist or does not offer this.`,
    hint: say`List the regions with: ${action({ do: 'list-regions' })}`,
  },
  {
    code: BAD_REQUEST,
    when: /specified name is not available|name is already in use/i,
    why: 'The name is taken: another namespace in Azure has it, or had it until recently.',
    hint: say`Choose another with ${input('namespace')}.`,
  },
  {
    code: BAD_REQUEST,
    when: /reached its quota of namespaces/i,
    why: 'The subscription has as many namespaces as it may have.',
    hint: say`Use an existing one with ${input('namespace')}, or delete one that is not needed.`,
  },
  {
    code: BAD_REQUEST,
    when: /isn't enough capacity|not enough capacity/i,
    why: 'The region has no room for another namespace at the moment.',
    hint: say`Choose another region with ${input('location')}, or try again later.`,
  },
  {
    code: BAD_REQUEST,
    when: /PartitionCount can only be changed/i,
    why: 'The partitions of an existing hub cannot be changed on Basic and Standard.',
    hint: say`Use a new hub name with ${input('hub')}, or leave the partitions as they are.`,
  },
  {
    code: BAD_REQUEST,
    when: /MessageRetentionInDays|retentionTimeInHours/i,
    why: 'The tier does not keep events that long.',
    hint: say`Choose a shorter ${input('retention')} or a higher ${input('tier')}.`,
  },
  {
    code: BAD_REQUEST,
    when: /Linked access check failed for capture storage destination/i,
    extract: /storageAccounts\/(?<account>[a-z0-9]+)/i,
    why: ({ account = 'the storage account' }) => `To set up Capture, you need the right to write blobs in ${account}.`,
    hint: 'Ask an owner of the storage account for the role Storage Blob Data Contributor on it (a new role takes a few minutes), then run the same command again.',
    ...access,
  },
  {
    code: BAD_REQUEST,
    when: /'Basic' tier|basic SKU|Basic, Premium SKU/i,
    why: 'The tier of the namespace does not offer this.',
    hint: say`Choose ${edit({ tier: 'Standard' })}.`,
  },
  {
    code: BAD_REQUEST,
    when: /AutoInflate/i,
    why: 'The auto-inflate maximum does not fit the capacity, or auto-inflate is off.',
    hint: AUTO_INFLATE,
  },
  {
    code: 'InvalidMaxThroughputValue',
    why: 'The auto-inflate maximum does not fit the capacity.',
    hint: AUTO_INFLATE,
  },
  {
    code: ['Conflict', 'MessagingGatewayConflict'],
    when: /maximum number of resources of type (?<type>\w+)|max allowed|SubCode=403/i,
    extract: /Max allowed: \{?(?<most>\d+)/i,
    why: ({ most = 'no more' }) => `The namespace is full: it may hold ${most} of these.`,
    hint: say`Use another namespace with ${input('namespace')}, or a higher ${input('tier')}.`,
  },
  {
    code: 'QuotaExceeded',
    why: 'A quota of the subscription is used up.',
    hint: say`Ask for more in the portal under Quotas, or choose another region with ${input('location')}.`,
  },
])
