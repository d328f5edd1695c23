import { TIERS } from '../../../../lib/limits.ts'
import { keyOf } from '../../core/model.ts'
import { listOperations, type Permission } from '../../core/operations.ts'
import { REGIONS } from '../../core/regions.ts'
import { page } from '../../core/reply.ts'
import { type ArmReply, type Call, param, type Route } from '../../core/routes.ts'
import { badRequest } from './errors.ts'

const RULES = [
  ['read', 'Get {} Authorization Rules'],
  ['write', 'Create or Update {} Authorization Rules'],
  ['delete', 'Delete {} Authorization Rules'],
  ['listkeys/action', 'List {} keys'],
  ['regenerateKeys/action', 'Resource Regeneratekeys'],
] as const

const rulesOf = (path: string, owner: string, resource: string) =>
  RULES.map(([verb, text]) => [`${path}/authorizationRules/${verb}`, resource, text.replace('{}', owner)] as const)

/** The permissions of what is simulated. Source: the example EHOperations_List of the specification, 2024-01-01. */
const PERMISSIONS: readonly Permission[] = [
  ['checkNameAvailability/action', 'Non Resource Operation', 'Get namespace availability.'],
  ['register/action', 'EventHub Resource Provider', 'Registers the EventHub Resource Provider'],
  ['namespaces/write', 'Namespace', 'Create Or Update Namespace'],
  ['namespaces/read', 'Namespace', 'Get Namespace Resource'],
  ['namespaces/Delete', 'Namespace', 'Delete Namespace'],
  ...rulesOf('namespaces', 'Namespace', 'AuthorizationRules'),
  ['namespaces/eventhubs/write', 'EventHub', 'Create or Update EventHub'],
  ['namespaces/eventhubs/read', 'EventHub', 'Get EventHub'],
  ['namespaces/eventhubs/Delete', 'EventHub', 'Delete EventHub'],
  ...rulesOf('namespaces/eventhubs', 'EventHub', 'EventHub AuthorizationRules'),
  ['namespaces/eventHubs/consumergroups/write', 'ConsumerGroup', 'Create or Update ConsumerGroup'],
  ['namespaces/eventHubs/consumergroups/read', 'ConsumerGroup', 'Get ConsumerGroup'],
  ['namespaces/eventHubs/consumergroups/Delete', 'ConsumerGroup', 'Delete ConsumerGroup'],
]

/** Every tier is offered in every region. */
function listRegions(call: Call): ArmReply {
  const sku = param(call, 'sku')
  if (!TIERS.some((tier) => keyOf(tier) === keyOf(sku))) {
    throw badRequest(`The sku '${sku}' is not valid.`, call.correlationId)
  }
  const offered = REGIONS.filter(({ site }) => site)
  return page(call, offered, ({ displayName }) => ({
    name: displayName,
    properties: { code: displayName, fullName: displayName },
  }))
}

export const operationRoutes: readonly Route[] = [
  {
    method: 'GET',
    template: '/providers/Microsoft.EventHub/operations',
    handle: listOperations({ namespace: 'Microsoft.EventHub', provider: 'Microsoft Azure EventHub' }, PERMISSIONS),
  },
  {
    method: 'GET',
    template: '/subscriptions/{subscription}/providers/Microsoft.EventHub/sku/{sku}/regions',
    handle: listRegions,
  },
]
