import { groupNotFound, inTransition, resourceNotFound } from '../../core/errors.ts'
import { messagingNotFound, namespaceNotFound, parentNotFound } from './errors.ts'
import { findGroup } from '../resources/groups.ts'
import { LIMITS, type LiveTier, type TierLimits } from '../../../../lib/limits.ts'
import { type Hub, type Namespace, keyOf, namespaceId } from '../../core/model.ts'
import { objectAt } from '../../core/body.ts'
import { type Call, param } from '../../core/routes.ts'

export const NAMESPACE_TYPE = 'Microsoft.EventHub/namespaces'

const VERBS: Readonly<Record<string, string>> = {
  GET: 'read',
  PUT: 'write',
  PATCH: 'write',
  POST: 'action',
  DELETE: 'delete',
}

/** For how long the provider still says that a deleted namespace is its own. A guess; only the answer is recorded. */
const REMEMBERED_MS = 60_000

/** The namespace that the path names; undefined when the name is free or lives in another group. */
export function findNamespace(call: Call): Namespace | undefined {
  const found = call.context.store.state.namespaces.get(keyOf(param(call, 'namespace')))
  const wanted = keyOf(param(call, 'subscription'), param(call, 'group'))
  return found && keyOf(found.subscription, found.group) === wanted ? found : undefined
}

/** For calls on the namespace itself. Throws ArmError 404. */
export function needNamespace(call: Call): Namespace {
  const found = findNamespace(call)
  if (found) return found
  const [group, name] = [param(call, 'group'), param(call, 'namespace')]
  if (!findGroup(call)) throw groupNotFound(group)
  if (wasJustDeleted(call)) throw namespaceNotFound(name)
  throw resourceNotFound(NAMESPACE_TYPE, name, group)
}

const wasJustDeleted = (call: Call): boolean =>
  [...call.context.store.state.operations.values()].some(
    ({ resource, until }) => resource === keyOf(requestedNamespaceId(call)) && until + REMEMBERED_MS > call.now,
  )

const requestedNamespaceId = (call: Call): string =>
  `/subscriptions/${param(call, 'subscription')}/resourceGroups/${param(call, 'group')}` +
  `/providers/Microsoft.EventHub/namespaces/${param(call, 'namespace')}`

/** For calls on a child of `type` (`namespaces/eventhubs`). Throws ArmError 404. */
export function needParentNamespace(call: Call, type: string): Namespace {
  const found = findNamespace(call)
  if (found) return found
  if (!findGroup(call) && call.method !== 'DELETE') throw groupNotFound(param(call, 'group'))
  throw parentNotFound(VERBS[call.method] ?? 'action', type, requestedNamespaceId(call))
}

/** For calls on a child of a hub. Throws ArmError 404. */
export function needParentHub(call: Call, type: string): { namespace: Namespace; hub: Hub } {
  const namespace = needParentNamespace(call, type)
  const hub = namespace.hubs.get(keyOf(param(call, 'hub')))
  if (hub) return { namespace, hub }
  const parent = `${namespaceId(namespace)}/eventhubs/${param(call, 'hub')}`
  throw parentNotFound(VERBS[call.method] ?? 'action', type, parent)
}

export const entityNotFound = (...names: readonly string[]) => messagingNotFound(names.join('/'))

/** Nothing is written while a namespace is on its way to another state. Throws ArmError 429. */
export function refuseInTransition(namespace: Namespace): void {
  if (!namespace.transition) return
  throw inTransition(namespace.name, namespace.subscription, namespace.transition.state)
}

/** Puts a namespace in the place of the one with its name. */
export const putNamespace = (call: Call, namespace: Namespace): void =>
  call.context.store.change(({ namespaces }) => void namespaces.set(keyOf(namespace.name), namespace))

/** Inside a cluster the sku says Standard. */
export function tierOf({ sku, properties }: Pick<Namespace, 'sku' | 'properties'>): LiveTier {
  const locations = objectAt(properties, 'geoDataReplication')['locations']
  const inCluster = JSON.stringify([properties['clusterArmId'] ?? '', locations ?? '']).includes('/clusters/')
  return inCluster ? 'Dedicated' : sku.name
}

export const limitsOf = (namespace: Pick<Namespace, 'sku' | 'properties'>): TierLimits => LIMITS[tierOf(namespace)]

/** How the service writes the time of a write: with zone. */
export const utcText = (ms: number): string => new Date(ms).toISOString()

/** How it writes the times of a stored hub: without. */
export const bareText = (ms: number): string => utcText(ms).slice(0, -1)
