import { resourceNotFound } from '../../core/errors.ts'
import { badRequest } from './errors.ts'
import { type ArmReply, type Call, type Route, param, since } from '../../core/routes.ts'
import { type JsonObject, objectAt } from '../../core/body.ts'
import { type Namespace, namespaceId } from './model.ts'
import { limitsOf, needParentNamespace, putNamespace, refuseInTransition } from './namespace.ts'

const TYPE = 'namespaces/networkrulesets'

/** Filled in from the defaults of the specification. That everything is open at first is a guess. */
const OPEN: JsonObject = {
  trustedServiceAccessEnabled: false,
  defaultAction: 'Allow',
  virtualNetworkRules: [],
  ipRules: [],
}

/** Public access is one setting of the namespace. Api-versions that know it show it in both places. */
function view(namespace: Namespace, version: string) {
  const { trustedServiceAccessEnabled, ...rules } = { ...OPEN, ...namespace.networkRules }
  const { publicNetworkAccess } = namespace.properties
  return {
    id: `${namespaceId(namespace)}/networkRuleSets/default`,
    name: 'default',
    type: 'Microsoft.EventHub/Namespaces/NetworkRuleSets',
    location: namespace.location,
    properties: {
      ...(since(version, '2021-01-01') && { publicNetworkAccess }),
      ...rules,
      ...(since(version, '2021-01-01') && { trustedServiceAccessEnabled }),
    },
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

const get = (call: Call): ArmReply => ({ status: 200, body: view(needNamespaceOfDefault(call), call.apiVersion) })

const list = (call: Call): ArmReply => ({
  status: 200,
  body: { value: [view(needParentNamespace(call, TYPE), call.apiVersion)] },
})

/** Replaces the set. Public access in it also changes the namespace. */
function put(call: Call): ArmReply {
  const namespace = needNamespaceOfDefault(call)
  refuseInTransition(namespace)
  if (limitsOf(namespace).maxConsumerGroups === 1) {
    throw badRequest('Network rules are not available in the Basic tier.', call.correlationId)
  }
  const { publicNetworkAccess, ...networkRules } = objectAt(call.body ?? {}, 'properties')
  const properties = { ...namespace.properties, ...(publicNetworkAccess !== undefined && { publicNetworkAccess }) }
  const next = { ...namespace, networkRules, properties }
  putNamespace(call, next)
  return { status: 200, body: view(next, call.apiVersion) }
}

const RULE_SETS =
  '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.EventHub/namespaces/{namespace}/networkRuleSets'

export const networkRuleRoutes: readonly Route[] = [
  { method: 'GET', template: RULE_SETS, handle: list },
  { method: 'GET', template: `${RULE_SETS}/{ruleSet}`, handle: get },
  { method: 'PUT', template: `${RULE_SETS}/{ruleSet}`, handle: put },
]
