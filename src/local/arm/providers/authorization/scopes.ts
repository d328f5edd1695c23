import { needConsumerGroup } from '../eventhub/consumer-groups.ts'
import { needHub } from '../eventhub/hubs.ts'
import { needNamespace } from '../eventhub/namespace.ts'
import { needNamespaceOfDefault } from '../eventhub/network-rules.ts'
import { needRule } from '../eventhub/rules.ts'
import { needGroup } from '../resources/groups.ts'
import type { FilterTerms } from '../../core/filter.ts'
import { groupId, isWithin } from '../../core/model.ts'
import { consumerGroupId, hubId, namespaceId, ruleId, ruleSetId } from '../eventhub/model.ts'
import { type Call, param, type Route } from '../../core/routes.ts'

/** Locks and role assignments are set on resources of other providers. */
export const AUTHORIZATION = 'Microsoft.Authorization'

/** The id of the resource that a path is about, in Azure's casing. Throws ArmError 404 where it is missing. */
export type ScopeOf = (call: Call) => string

const SUBSCRIPTION = '/subscriptions/{subscription}'
const GROUP = `${SUBSCRIPTION}/resourceGroups/{group}`
const NAMESPACE = `${GROUP}/providers/Microsoft.EventHub/namespaces/{namespace}`
const HUB = `${NAMESPACE}/eventhubs/{hub}`

const ofRule: ScopeOf = (call) => ruleId(needRule(call))

/** Where something can be set. */
const SCOPES: readonly { readonly template: string; readonly scopeOf: ScopeOf }[] = [
  { template: SUBSCRIPTION, scopeOf: (call) => `/subscriptions/${param(call, 'subscription')}` },
  { template: GROUP, scopeOf: (call) => groupId(needGroup(call)) },
  { template: NAMESPACE, scopeOf: (call) => namespaceId(needNamespace(call)) },
  { template: `${NAMESPACE}/authorizationRules/{rule}`, scopeOf: ofRule },
  {
    template: `${NAMESPACE}/networkRuleSets/{ruleSet}`,
    scopeOf: (call) => ruleSetId(needNamespaceOfDefault(call)),
  },
  { template: HUB, scopeOf: (call) => hubId(...needHub(call)) },
  { template: `${HUB}/authorizationRules/{rule}`, scopeOf: ofRule },
  {
    template: `${HUB}/consumergroups/{consumerGroup}`,
    scopeOf: (call) => consumerGroupId(needConsumerGroup(call)),
  },
]

type Handler = (scopeOf: ScopeOf) => Route['handle']

/** The routes of what is set at every scope; `entry` is its path: `locks/{lock}`. */
export const routesAtScopes = (
  entry: string,
  { list, put, get, remove }: Readonly<Record<'list' | 'put' | 'get' | 'remove', Handler>>,
): readonly Route[] =>
  SCOPES.flatMap(({ template, scopeOf }): readonly Route[] => {
    const one = `${template}/providers/${AUTHORIZATION}/${entry}`
    return [
      { method: 'GET', template: one.slice(0, one.lastIndexOf('/')), handle: list(scopeOf) },
      { method: 'PUT', template: one, handle: put(scopeOf) },
      { method: 'GET', template: one, handle: get(scopeOf) },
      { method: 'DELETE', template: one, handle: remove(scopeOf) },
    ]
  })

interface Scoped {
  readonly scope: string
}

/** What a list at a scope shows: what is set there, above and below. */
export const listedAt = <T extends Scoped>(scope: string, all: readonly T[]): readonly T[] =>
  all.filter((one) => isWithin(scope, one.scope) || isWithin(one.scope, scope))

/** The term of a filter that leaves out what is set below the scope. */
export const atScope = (scope: string): FilterTerms<Scoped> => ({
  'atscope()': () => (one) => isWithin(scope, one.scope),
})
