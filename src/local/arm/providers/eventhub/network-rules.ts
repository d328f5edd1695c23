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
import { needParentNamespace, putNamespace, refuseInTransition, tierOf } from './namespace.ts'

const TYPE = 'namespaces/networkrulesets'

/** What a namespace has at first. Recorded by azure-powershell in 2022-09; trusted services are a guess. */
const OPEN: JsonObject = {
  trustedServiceAccessEnabled: false,
  defaultAction: 'Allow',
  virtualNetworkRules: [],
  ipRules: [],
}

/** Public access is one setting of the namespace. Api-versions that know it show it in both places. */
function view(call: Call, namespace: Namespace) {
  const { trustedServiceAccessEnabled, ...rules } = { ...OPEN, ...namespace.networkRules }
  const { publicNetworkAccess } = namespace.properties
  return {
    id: ruleSetId(namespace),
    name: 'default',
    type: 'Microsoft.EventHub/Namespaces/NetworkRuleSets',
    location: namespace.location,
    properties: {
      ...(since(call.apiVersion, '2021-06-01') && { publicNetworkAccess }),
      ...rules,
      virtualNetworkRules: rulesIn(rules, 'virtualNetworkRules').map((rule) => subnetRuleView(call, rule)),
      ipRules: rulesIn(rules, 'ipRules').map((rule) => ({ ...rule, action: rule['action'] ?? 'Allow' })),
      ...(since(call.apiVersion, '2018-01-01') && { trustedServiceAccessEnabled }),
    },
  }
}

const rulesIn = (set: JsonObject, list: string): readonly JsonObject[] => set[list] as readonly JsonObject[]

const GROUP_OF_ID = /\/resourceGroups\/[^/]+/i

/** The answer to a PUT has the id of a subnet as it was sent, a GET has its group in lower case. Recorded in 2020 and 2022. */
function subnetRuleView(call: Call, rule: JsonObject): JsonObject {
  const subnet = objectAt(rule, 'subnet')
  const id = subnet['id'] as string
  return {
    ...rule,
    subnet: { ...subnet, id: call.method === 'GET' ? id.replace(GROUP_OF_ID, (group) => keyOf(group)) : id },
    ignoreMissingVnetServiceEndpoint: rule['ignoreMissingVnetServiceEndpoint'] ?? false,
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

const get = (call: Call): ArmReply => ({ status: 200, body: view(call, needNamespaceOfDefault(call)) })

const list = (call: Call): ArmReply => ({
  status: 200,
  body: { value: [view(call, needParentNamespace(call, TYPE))] },
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
    if (key === 'publicNetworkAccess') checkType(call, key, value)
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
  if (tierOf(namespace) === 'Basic') {
    throw badRequest('Network rules are not available in the Basic tier.', call.correlationId)
  }
  const { publicNetworkAccess, ...networkRules } = readProperties(call)
  const properties = { ...namespace.properties, ...(publicNetworkAccess !== undefined && { publicNetworkAccess }) }
  const next = { ...namespace, networkRules, properties }
  putNamespace(call, next)
  return { status: 200, body: view(call, next) }
}

const RULE_SETS =
  '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.EventHub/namespaces/{namespace}/networkRuleSets'

export const networkRuleRoutes: readonly Route[] = [
  { method: 'GET', template: RULE_SETS, handle: list },
  { method: 'GET', template: `${RULE_SETS}/{ruleSet}`, handle: get },
  { method: 'PUT', template: `${RULE_SETS}/{ruleSet}`, handle: put },
]
