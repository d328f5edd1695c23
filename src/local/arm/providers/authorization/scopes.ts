import { entityNotFound } from '../eventhub/errors.ts'
import { needNamespace, needParentNamespace } from '../eventhub/namespace.ts'
import { needGroup } from '../resources/groups.ts'
import { groupId, isWithin, keyOf } from '../../core/model.ts'
import { hubId, namespaceId } from '../eventhub/model.ts'
import { type Call, param } from '../../core/routes.ts'

/** Locks and role assignments are set on resources of other providers. */
export const AUTHORIZATION = 'Microsoft.Authorization'

/** The id of the resource that a path is about, in Azure's casing. Throws ArmError 404 where it is missing. */
export type ScopeOf = (call: Call) => string

interface Scope {
  readonly template: string
  readonly scopeOf: ScopeOf
}

const SUBSCRIPTION = '/subscriptions/{subscription}'
const GROUP = `${SUBSCRIPTION}/resourceGroups/{group}`
const NAMESPACE = `${GROUP}/providers/Microsoft.EventHub/namespaces/{namespace}`

/** Where something can be set. */
export const SCOPES: readonly Scope[] = [
  { template: SUBSCRIPTION, scopeOf: (call) => `/subscriptions/${param(call, 'subscription')}` },
  { template: GROUP, scopeOf: (call) => groupId(needGroup(call)) },
  { template: NAMESPACE, scopeOf: (call) => namespaceId(needNamespace(call)) },
  { template: `${NAMESPACE}/eventhubs/{hub}`, scopeOf: hubScope },
]

function hubScope(call: Call): string {
  const namespace = needParentNamespace(call, 'namespaces/eventhubs')
  const hub = namespace.hubs.get(keyOf(param(call, 'hub')))
  if (!hub) throw entityNotFound(namespace.name, param(call, 'hub'))
  return hubId(namespace, hub)
}

/** What a list at a scope shows: what is set there, above and, unless the filter says `atScope()`, below. */
export const listedAt = <T extends { readonly scope: string }>(
  scope: string,
  all: readonly T[],
  atScope: boolean,
): readonly T[] => all.filter((one) => isWithin(scope, one.scope) || (!atScope && isWithin(one.scope, scope)))
