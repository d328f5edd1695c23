import { nameKeyOf } from '../lib/names.ts'
import type { LockActual, NamespaceRef } from './cloud.ts'
import type { Target } from './plan-types.ts'

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
const API_VERSION = 'api-version=2016-09-01'

/** The command line of Azure knows neither the embedded Azure nor anything else that is reached without TLS. */
const isPlain = (armEndpoint: string | undefined): armEndpoint is string => armEndpoint?.startsWith('http:') === true

const curl = (method: 'GET' | 'DELETE', armEndpoint: string, path: string): readonly string[] => [
  'curl',
  ...(method === 'GET' ? [] : ['-X', method]),
  ...['-H', 'Authorization: Bearer x', `${armEndpoint}${path}?${API_VERSION}`],
]

/** The words of the command that removes a lock, for whoever may. */
export const lockRemoval = (id: string, armEndpoint: string | undefined): readonly string[] =>
  isPlain(armEndpoint) ? curl('DELETE', armEndpoint, id) : ['az', 'lock', 'delete', '--ids', id]

/** The words of the command that lists the locks on something, with their names. */
export const lockList = (scope: string, armEndpoint: string | undefined): readonly string[] =>
  isPlain(armEndpoint) ? curl('GET', armEndpoint, `${scope}/${LOCKS}`) : ['az', 'lock', 'list', '--output', 'table']

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
