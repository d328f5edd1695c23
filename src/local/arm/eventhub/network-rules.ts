import { badRequest, resourceNotFound } from '../errors.ts'
import type { ArmReply } from '../http.ts'
import { type JsonObject, objectAt } from '../json.ts'
import type { Namespace } from '../model.ts'
import { type Call, type Route, param } from '../routes.ts'
import { limitsOf, namespaceId, needParentNamespace, putNamespace, refuseInTransition } from './scope.ts'

const TYPE = 'namespaces/networkrulesets'

/** What a namespace has before anybody sets rules. A guess after the defaults of the specification. */
const OPEN: JsonObject = {
  publicNetworkAccess: 'Enabled',
  defaultAction: 'Allow',
  virtualNetworkRules: [],
  ipRules: [],
}

function view(namespace: Namespace) {
  return {
    id: `${namespaceId(namespace)}/networkRuleSets/default`,
    name: 'default',
    type: 'Microsoft.EventHub/Namespaces/NetworkRuleSets',
    location: namespace.location,
    properties: namespace.networkRules ?? OPEN,
  }
}

/** `default` is the only set there is. */
function needNamespaceOfDefault(call: Call): Namespace {
  const namespace = needParentNamespace(call, TYPE)
  const name = param(call, 'ruleSet')
  if (name.toLowerCase() !== 'default') {
    throw resourceNotFound(
      'Microsoft.EventHub/namespaces/networkRuleSets',
      `${namespace.name}/${name}`,
      namespace.group,
    )
  }
  return namespace
}

const get = (call: Call): ArmReply => ({ status: 200, body: view(needNamespaceOfDefault(call)) })

const list = (call: Call): ArmReply => ({ status: 200, body: { value: [view(needParentNamespace(call, TYPE))] } })

/** Replaces the set; where it speaks of public access, the namespace follows. */
function put(call: Call): ArmReply {
  const namespace = needNamespaceOfDefault(call)
  refuseInTransition(namespace)
  if (limitsOf(namespace).consumerGroupsPerHub === 1) {
    throw badRequest('Network rules are not available in the Basic tier.', call.correlationId)
  }
  const networkRules = objectAt(call.body ?? {}, 'properties')
  const access = networkRules['publicNetworkAccess']
  const properties = { ...namespace.properties, ...(access !== undefined && { publicNetworkAccess: access }) }
  const next = { ...namespace, networkRules, properties }
  putNamespace(call, next)
  return { status: 200, body: view(next) }
}

const RULE_SETS =
  '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.EventHub/namespaces/{namespace}/networkRuleSets'

export const networkRuleRoutes: readonly Route[] = [
  { method: 'GET', template: RULE_SETS, handle: list },
  { method: 'GET', template: `${RULE_SETS}/{ruleSet}`, handle: get },
  { method: 'PUT', template: `${RULE_SETS}/{ruleSet}`, handle: put },
]
