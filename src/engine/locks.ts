import { nameKeyOf } from '../lib/names.ts'
import type { LockActual, NamespaceRef } from './cloud.ts'
import type { Target } from '../resources/step.ts'

const SUFFIX = /\/providers\/Microsoft\.Authorization\/locks\/[^/]+$/i

/** The id of what a lock is on: `/subscriptions/…/resourceGroups/rg`. */
const scopeOf = ({ id }: LockActual): string => id.replace(SUFFIX, '')

/**
 * Locks that keep a resource from being deleted: on it, on what holds it, and on what it holds. Both levels do.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources
 */
export const locksAgainst = (id: string, locks: readonly LockActual[]): readonly LockActual[] =>
  locks.filter((lock) => isWithin(id, scopeOf(lock)) || isWithin(scopeOf(lock), id))

const isWithin = (id: string, outer: string): boolean => `${nameKeyOf(id)}/`.startsWith(`${nameKeyOf(outer)}/`)

/** Whether a lock is on something that this holds. */
export const isInside = (id: string, lock: LockActual): boolean =>
  isWithin(scopeOf(lock), id) && !isWithin(id, scopeOf(lock))

/** The id of what a deletion may delete. */
export function idOf(subscriptionId: string, at: NamespaceRef, target: Target): string {
  const group = `/subscriptions/${subscriptionId}/resourceGroups/${at.group}`
  const namespace = `${group}/providers/Microsoft.EventHub/namespaces/${at.namespace}`
  switch (target.kind) {
    case 'hub':
      return `${namespace}/eventhubs/${target.name}`
    case 'consumer-group':
      return `${namespace}/eventhubs/${target.hub}/consumergroups/${target.name}`
    case 'namespace':
      return namespace
    default:
      return group
  }
}

const LOCKS = 'providers/Microsoft.Authorization/locks'
/** The id of a lock on something. */
export const lockIdOn = (scope: string, name: string): string => `${scope}/${LOCKS}/${name}`

/** What a lock is on, in words: `resource group rg`. */
export function lockedThing(lock: LockActual): string {
  const parts = scopeOf(lock).split('/').slice(1)
  const [type = '', name = ''] = parts.slice(-2)
  const nouns: Readonly<Record<string, string>> = {
    resourcegroups: 'resource group',
    namespaces: 'namespace',
    eventhubs: 'hub',
    consumergroups: 'consumer group',
  }
  if (nameKeyOf(type) === 'subscriptions') return 'the subscription'
  return `${nouns[nameKeyOf(type)] ?? type} ${name}`
}
