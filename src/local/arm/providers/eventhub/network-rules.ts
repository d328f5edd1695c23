import { isIP } from 'node:net'
import { resourceNotFound } from '../../core/errors.ts'
import { badRequest } from './errors.ts'
import { type ArmReply, type Call, type Route, param, since } from '../../core/routes.ts'
import { keyOf } from '../../core/model.ts'
import { isList, isObject, type Json, type JsonObject, objectAt } from '../../core/body.ts'
import { cannotConvert, checkShape } from '../../core/shape.ts'
import { RULES_PER_SET } from './limits.ts'
import { checkType } from './namespace-body.ts'
import { type Namespace, ruleSetId } from './model.ts'
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
    id: ruleSetId(namespace),
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

/** The namespace of a set that the path names; `default` is the only one there is. Throws ArmError 404. */
export function needNamespaceOfDefault(call: Call): Namespace {
  const namespace = needParentNamespace(call, TYPE)
  const name = param(call, 'ruleSet')
  if (keyOf(name) !== 'default') {
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

const SUBNET =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/virtualNetworks\/[^/]+\/subnets\/[^/]+$/i

/** An address, or a range such as `10.0.0.0/8`. */
function isIpMask(value: Json | undefined): boolean {
  const [address = '', bits, ...more] = typeof value === 'string' ? value.split('/') : []
  const family = address.includes('%') ? 0 : isIP(address)
  const fits = bits === undefined || (/^(?:0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
  return family !== 0 && fits && more.length === 0
}

const isBoolean = (value: Json): boolean => typeof value === 'boolean'

type Checks = Readonly<Record<string, (value: Json) => boolean>>

/** Whether a property can have the value. One that nobody knows can have any. */
const fits = (checks: Checks, key: string, value: Json): boolean => !Object.hasOwn(checks, key) || checks[key]!(value)

const PARTS_OF_RULES: Checks = {
  ipMask: isIpMask,
  action: (value) => value === 'Allow',
  subnet: (value) => isObject(value) && SUBNET.test(typeof value['id'] === 'string' ? value['id'] : ''),
  ignoreMissingVnetServiceEndpoint: isBoolean,
}

const rulesWith =
  (needed: string) =>
  (rules: Json): boolean =>
    isList(rules) &&
    rules.length <= RULES_PER_SET &&
    rules.every(
      (rule) =>
        isObject(rule) &&
        rule[needed] !== undefined &&
        Object.entries(rule).every(([key, value]) => fits(PARTS_OF_RULES, key, value)),
    )

const PARTS: Checks = {
  defaultAction: (value) => value === 'Allow' || value === 'Deny',
  trustedServiceAccessEnabled: isBoolean,
  ipRules: rulesWith('ipMask'),
  virtualNetworkRules: rulesWith('subnet'),
}

/** Unknown properties are kept as sent. Throws ArmError 400. */
function readProperties(call: Call): JsonObject {
  checkShape(call.body, { properties: 'object' })
  const sent = objectAt(call.body ?? {}, 'properties')
  const own = Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== null))
  for (const [key, value] of Object.entries(own)) {
    if (key === 'publicNetworkAccess') checkType(key, value)
    else if (!fits(PARTS, key, value)) throw cannotConvert(value, `properties.${key}`)
  }
  return { ...own, ...once(own, 'ipRules', 'ipMask'), ...once(own, 'virtualNetworkRules', 'subnet') }
}

/** Of rules for the same address or subnet the last one counts. */
function once(own: JsonObject, list: string, key: 'ipMask' | 'subnet'): JsonObject {
  const rules = own[list] as readonly JsonObject[] | undefined
  if (!rules) return {}
  const nameOf = (rule: JsonObject): string =>
    keyOf(key === 'ipMask' ? (rule['ipMask'] as string) : (objectAt(rule, 'subnet')['id'] as string))
  return { [list]: [...new Map(rules.map((rule) => [nameOf(rule), rule])).values()] }
}

/** Replaces the set. Public access in it also changes the namespace. */
function put(call: Call): ArmReply {
  const namespace = needNamespaceOfDefault(call)
  refuseInTransition(namespace)
  if (limitsOf(namespace).maxConsumerGroups === 1) {
    throw badRequest('Network rules are not available in the Basic tier.', call.correlationId)
  }
  const { publicNetworkAccess, ...networkRules } = readProperties(call)
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
