import type { Comparison } from './replay.ts'

/** A kind of difference, with why it is meant. A difference that no rule and no entry explains fails the replay. */
export interface DifferenceRule {
  readonly reason: string
  /** Which exchanges; `id` is `file#seq`, `request` the method and path. */
  readonly applies: (comparison: Comparison) => boolean
  readonly difference: RegExp
}

/** Recordings are named by their month; those without one are of groups and providers, which did not change. */
const isOlderService = ({ id }: Comparison): boolean => {
  const month = /^(\d{4}(?:-\d{2})?)_/.exec(id)?.[1]
  return month !== undefined && month < '2024-03'
}
const isOf = (path: RegExp) => (comparison: Comparison) => path.test(comparison.request)
const isOlder = (path: RegExp) => (comparison: Comparison) =>
  isOlderService(comparison) && path.test(comparison.request)
const ANY = /^/

const NAMESPACE = /\/namespaces(?:\/[^/]+)?$/i
const HUB_OR_CHILD = /\/namespaces\/[^/]+\/eventhubs(?:\/|$)/i
const RULE = /\/authorizationrules/i

/** The service changed its answers between mid 2023 and March 2024; the embedded Azure answers as it does since. */
export const GENERATION: readonly DifferenceRule[] = [
  {
    reason: 'the first answer to the PUT of a new namespace was 200 and is 201',
    applies: isOlder(NAMESPACE),
    difference: /^status 201 for 200$/,
  },
  {
    reason: 'states were Created and Activating and are Creating, Updating',
    applies: isOlder(NAMESPACE),
    difference:
      /^(?:value\[\]\.)?properties\.(?:provisioningState: Creating for Created|status: (?:Creating|Updating) for Activating)$/,
  },
  {
    reason: 'locations were display names and are normalized',
    applies: isOlder(/\/providers\/microsoft\.eventhub\//i),
    difference: /^(?:value\[\]\.)?location: (\w+) for [A-Z][A-Za-z]+(?: [A-Za-z0-9]+)*$/,
  },
  {
    reason: 'geoDataReplication came with the new service',
    applies: isOlder(NAMESPACE),
    difference: /properties\.geoDataReplication: not recorded$/,
  },
  {
    reason: 'types of hubs and their children were in capitals',
    applies: isOlder(HUB_OR_CHILD),
    difference: /^(?:value\[\]\.)?type: \S+ for Microsoft\.EventHub\/Namespaces\/EventHubs/,
  },
  {
    reason: 'ids of rules were echoed as asked for, later with /resourcegroups/ in a GET',
    applies: isOlder(RULE),
    difference: /^(?:value\[\]\.)?id: \S+ for \S+$/,
  },
  {
    reason: 'the answer to the PUT of a rule on a hub had a location',
    applies: isOlder(/\/eventhubs\/[^/]+\/authorizationrules/i),
    difference: /^location: missing$/,
  },
  {
    reason: 'ids of network rule sets were written as asked for and are in lower case',
    applies: isOlder(/\/networkRuleSets\//i),
    difference: /^id: \S+ for \S+$/,
  },
  {
    reason: 'the 202 of a namespace DELETE has an Azure-AsyncOperation header since',
    applies: isOlder(NAMESPACE),
    difference: /^header azure-asyncoperation not recorded$/,
  },
  {
    reason: 'polls of a namespace DELETE went to other links and ended with 204, or 404',
    applies: isOlder(/\/(?:operationresults|operationStatus)\/[^/]+$/i),
    difference: /^(?:status 200 for (?:204|404)|body null|code undefined for .*|header .*|body: .*)$/,
  },
  {
    reason: 'a name that is free was told with message null until September 2024',
    applies: isOf(/\/checkNameAvailability$/i),
    difference: /^message: string for null$/,
  },
  {
    reason: 'status and kafkaEnabled were not there in 2018, and Kafka was a choice until mid 2019',
    applies: isOlder(NAMESPACE),
    difference:
      /properties\.(?:(?:kafkaEnabled|status): not recorded|kafkaEnabled: (?:true for false|false for true))$/,
  },
]

/** What the embedded Azure does not have. */
export const NOT_SIMULATED: readonly DifferenceRule[] = [
  {
    reason: 'geo-disaster recovery aliases, geo-replication failover and clusters are not simulated',
    applies: isOf(/\/(?:disasterRecoveryConfigs|failover|clusters)(?:\/|$)/i),
    difference: ANY,
  },
  {
    reason: 'messagingplan, schema groups, application groups and private link resources are not simulated',
    applies: isOf(/\/(?:messagingplan|schemagroups|applicationGroups|privateLinkResources)(?:\/|$)/i),
    difference: ANY,
  },
  {
    reason: 'other resource providers, and locks and roles on theirs, are not simulated',
    applies: ({ request, id }) =>
      /\/providers\/(?!microsoft\.(?:eventhub|resources)(?:\/|$))/i.test(request) || /^errors_arm_gateway/.test(id),
    difference: ANY,
  },
]

/** Single exchanges, `file#seq`. An entry that begins to match has to go. */
export const SINGLE: Readonly<Record<string, string>> = {
  '2019-10_net_namespace_settings#8':
    'the recorder mixed two threads: the PUT stands before the GETs that it waited for',
  '2024-09_geodr_alias_with_429_in_transition#46': 'the namespace is in transition because of its alias',
  '2024-09_geodr_alias_with_429_in_transition#47': 'the namespace is in transition because of its alias',
  '2024-09_geodr_alias_with_429_in_transition#48': 'it was deleted by the request that Azure refused',
  '2024-09_geodr_alias_with_429_in_transition#49': 'it was deleted by the request that Azure refused',
  '2024-09_geodr_alias_with_429_in_transition#50': 'it was deleted by the request that Azure refused',
  '2024-09_namespace_standard_premium_updates#60': 'a poll of the failover',
  '2024-09_namespace_standard_premium_updates#61': 'a poll of the failover',
  '2024-09_namespace_standard_premium_updates#62': 'a poll of the failover',
}
