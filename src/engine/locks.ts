import { input } from '../inputs/refer.ts'
import { isAzureFailure } from '../lib/errors.ts'
import { nameKeyOf, sameName } from '../lib/names.ts'
import { say } from '../lib/phrase.ts'
import { nameOfChoice } from '../resources/access-rule/access-rule.ts'
import type { Spec } from '../resources/front-door.ts'
import { isWrite, type Note, type Target } from '../resources/step.ts'
import { whereOf } from './actual.ts'
import type { Cloud, LockActual, NamespaceRef } from './cloud.ts'
import type { Requests } from './gate.ts'
import type { Plan } from './plan.ts'

/** Undefined without the right to read locks; Azure itself still enforces them. */
export async function readLocks(
  cloud: Cloud,
  gate: Requests,
  at: Pick<NamespaceRef, 'group'>,
): Promise<readonly LockActual[] | undefined> {
  try {
    return (await gate.run((call) => cloud.listLocks(at.group, call))) ?? []
  } catch (error) {
    if (isAzureFailure(error) && error.azure.status === 403) return undefined
    throw error
  }
}

/** The id of the locked resource: `/subscriptions/…/resourceGroups/rg`. */
const scopeOf = ({ id }: LockActual): string => id.replace(/\/providers\/Microsoft\.Authorization\/locks\/[^/]+$/i, '')

/**
 * Locks that prevent the deletion of a resource, on either level: its own, those of its containers and its contents.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources
 */
export const locksAgainst = (id: string, locks: readonly LockActual[]): readonly LockActual[] =>
  locks.filter((lock) => isWithin(id, scopeOf(lock)) || isWithin(scopeOf(lock), id))

/** Locks that prevent every write to a resource: those of level ReadOnly on it and on its containers. */
const locksAgainstWrites = (id: string, locks: readonly LockActual[]): readonly LockActual[] =>
  locks.filter((lock) => sameName(lock.level, 'ReadOnly') && isWithin(id, scopeOf(lock)))

const isWithin = (id: string, outer: string): boolean => `${nameKeyOf(id)}/`.startsWith(`${nameKeyOf(outer)}/`)

/** Whether the locked resource is inside the one with this id. */
export const isInside = (id: string, lock: LockActual): boolean =>
  isWithin(scopeOf(lock), id) && !isWithin(id, scopeOf(lock))

/** The resource id of a target; for what is set on a hub or on the namespace, that of the hub or the namespace. */
export function idOf(subscriptionId: string, at: NamespaceRef, target: Target): string {
  const group = `/subscriptions/${subscriptionId}/resourceGroups/${at.group}`
  const namespace = `${group}/providers/Microsoft.EventHub/namespaces/${at.namespace}`
  switch (target.kind) {
    case 'hub':
      return `${namespace}/eventhubs/${target.name}`
    case 'consumer-group':
      return `${namespace}/eventhubs/${target.hub}/consumergroups/${target.name}`
    case 'rule':
    case 'role-assignment':
      return target.hub === undefined ? namespace : `${namespace}/eventhubs/${target.hub}`
    case 'namespace':
      return namespace
    default:
      return group
  }
}

export const lockIdOn = (scope: string, name: string): string =>
  `${scope}/providers/Microsoft.Authorization/locks/${name}`

/** The locked resource in words: `resource group rg`. */
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

/** Notes on the ReadOnly locks that refuse steps of the plan, or with nothing to do the reading of the keys. */
export function lockNotes(planned: Plan, spec: Spec, locks: readonly LockActual[]): readonly Note[] {
  const writes = writeLockNotes(planned, spec, locks)
  return writes.length > 0 ? writes : keyLockNotes(spec, locks)
}

/** The keys of a rule are read by a POST, which a ReadOnly lock forbids. */
function keyLockNotes(spec: Spec, locks: readonly LockActual[]): readonly Note[] {
  const [hub] = spec.hubs
  const target: Target = { kind: 'rule', hub: hub.name, name: nameOfChoice(spec.rule) }
  const [lock] = locksAgainstWrites(idOf(spec.subscriptionId, whereOf(spec), target), locks)
  if (!lock) return []
  const text = say`cannot show its keys: lock ${lock.name} (ReadOnly) on ${lockedThing(lock)} forbids it; create then needs ${input('noConnection')}`
  return [{ target, text }]
}

function writeLockNotes({ steps }: Plan, spec: Spec, locks: readonly LockActual[]): readonly Note[] {
  const first = new Map<LockActual, Target>()
  for (const { target } of steps.filter(isWrite)) {
    if (target.kind === 'provider') continue
    const against = locksAgainstWrites(idOf(spec.subscriptionId, whereOf(spec), target), locks)
    for (const lock of against) if (!first.has(lock)) first.set(lock, target)
  }
  return [...first].map(([lock, target]) => {
    const notes = lock.notes === undefined || lock.notes === '' ? '' : ` Its notes say: ${lock.notes}`
    const text = `cannot be written: lock ${lock.name} (ReadOnly) on ${lockedThing(lock)} forbids it; create fails until it is removed.${notes}`
    return { target, text }
  })
}
