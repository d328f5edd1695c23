import { formatHours } from '../lib/duration.ts'
import { DEFAULT_CONSUMER_GROUP, LIMITS } from '../lib/limits.ts'
import { nameKeyOf, sameName, findByName } from '../lib/names.ts'
import type { LockActual } from './cloud.ts'
import type { HubActual } from '../resources/hub/hub.ts'
import type { NamespaceActual } from '../resources/namespace/namespace.ts'
import { isOurs } from '../resources/namespace/tags.ts'
import { isWholeNamespace, othersThan, type DeletionActual, type DeletionWish, type InHub } from './deletion.ts'
import { idOf, isInside, lockedThing, locksAgainst } from './locks.ts'
import {
  type DeleteStep,
  type KeepStep,
  type Note,
  type RefuseStep,
  type Target,
  describe,
  type Refusal,
} from '../resources/step.ts'
import type { Part, Step } from './step.ts'
import { planOf, type Plan } from './plan.ts'
import { OWNERSHIP_TAG } from '../inputs/defaults.ts'

/**
 * Decides what goes and what stays: pure. What is not there is done. A namespace that is not ours, and a lock, refuse it
 * all before anything is deleted.
 */
export function planDeletion(wish: DeletionWish, actual: DeletionActual): Plan {
  const { namespace } = actual
  const inNamespace = namespace ? planInNamespace(wish, actual, namespace) : notThere(wish)
  const group = isWholeNamespace(wish) ? planGroup(wish, actual) : { steps: [], notes: [] }
  const parts = [inNamespace, group]
  const { steps } = planOf(parts)
  return planOf([...parts, { steps: [], notes: notesOn(wish, actual, steps) }])
}

const notThere = ({ at }: DeletionWish): Part => ({
  steps: [],
  notes: [{ target: { kind: 'namespace', name: at.namespace }, text: 'is not there' }],
})

function planInNamespace(wish: DeletionWish, actual: DeletionActual, namespace: NamespaceActual): Part {
  const part = isWholeNamespace(wish) ? wholeNamespace(actual, namespace) : namedParts(wish, actual)
  const going = part.steps.filter((step) => step.action === 'delete')
  const refusals = [
    ...(going.length > 0 && !isOurs(namespace) && !wish.isNamed ? [refuseForeign(namespace, going[0]!.target)] : []),
    ...refuseLocks(wish, actual, going),
    ...ambiguousGroups(wish, actual),
  ]
  if (refusals.length === 0) return part
  const target: Target = { kind: 'namespace', name: namespace.name }
  const refused: RefuseStep = { action: 'refuse', target, changes: [], refusals }
  const others = part.steps.filter((step) => step.target.kind !== 'namespace')
  return { steps: [refused, ...others], notes: part.notes }
}

function refuseLocks(wish: DeletionWish, { locks = [] }: DeletionActual, going: readonly DeleteStep[]) {
  const first = new Map(
    going
      .flatMap(({ target }) =>
        locksAgainst(idOf(wish.subscriptionId, wish.at, target), locks).map((lock) => [lock, target] as const),
      )
      .reverse(),
  )
  return [...first].reverse().map(([lock, target]) => refuseLocked(lock, target, wish.armEndpoint))
}

function wholeNamespace({ hubs, inHubs, rules }: DeletionActual, namespace: NamespaceActual): Part {
  const { tier, capacity, location } = namespace
  const units = `${capacity} ${LIMITS[tier].unit}${capacity === 1 ? '' : 's'}`
  const details = [
    [tier, units, location, ...named('access rule', namesOf(rules))].join(', '),
    ...hubs.map((hub) => `hub ${hub.name}: ${hubDetails(hub, inHubs.get(nameKeyOf(hub.name))).join(', ')}`),
  ]
  return { steps: [deletes({ kind: 'namespace', name: namespace.name }, details)], notes: [] }
}

/** The hubs and consumer groups that are named; the namespace stays with the others. */
function namedParts(wish: DeletionWish, actual: DeletionActual): Part {
  const hubs = wish.hubs.map((name) => findByName(actual.hubs, name))
  const groups = wish.consumerGroups
    .map(({ hub, name }) => groupsNamed(actual, hub, name))
    .flatMap((found) => (found.length === 1 ? found : []))
  const staying = actual.hubs.filter((hub) => !hubs.includes(hub)).map(({ name }) => name)
  const steps: readonly Step[] = [
    ...hubs.flatMap((hub) =>
      hub ? [deletes({ kind: 'hub', name: hub.name }, hubDetails(hub, actual.inHubs.get(nameKeyOf(hub.name))))] : [],
    ),
    ...groups.map((target) => deletes(target, [])),
    keeps({ kind: 'namespace', name: actual.namespace!.name }, named('hub', staying)),
  ]
  const absent: readonly Target[] = [
    ...wish.hubs.filter((_, i) => !hubs[i]).map((name) => ({ kind: 'hub', name }) as const),
    ...wish.consumerGroups
      .filter(({ hub, name }) => groupsNamed(actual, hub, name).length === 0)
      .map(({ hub, name }) => ({ kind: 'consumer-group', hub: hub ?? '*', name }) as const),
  ]
  return { steps, notes: absent.map((target) => ({ target, text: 'is not there' })) }
}

type GroupTarget = Extract<Target, { readonly kind: 'consumer-group' }>

/** Where there is a consumer group of this name: in its hub, or anywhere. */
function groupsNamed(actual: DeletionActual, hub: string | undefined, name: string): readonly GroupTarget[] {
  const hubs = hub === undefined ? actual.hubs : actual.hubs.filter((one) => sameName(one.name, hub))
  return hubs.flatMap((one) => {
    const group = findByName(actual.inHubs.get(nameKeyOf(one.name))?.consumerGroups ?? [], name)
    return group ? [{ kind: 'consumer-group' as const, hub: one.name, name: group.name }] : []
  })
}

const ambiguousGroups = (wish: DeletionWish, actual: DeletionActual) =>
  wish.consumerGroups.flatMap(({ hub, name }) => {
    const found = groupsNamed(actual, hub, name)
    return found.length > 1
      ? [
          refuseAmbiguousGroup(
            name,
            found.map((target) => target.hub),
          ),
        ]
      : []
  })

/** The group goes when it is ours and nothing else is in it. */
function planGroup(wish: DeletionWish, { group, resources, locks = [] }: DeletionActual): Part {
  if (!group) return { steps: [], notes: [] }
  const target: Target = { kind: 'group', name: group.name }
  const others = othersThan(wish.at, resources)
  const against = locksAgainst(idOf(wish.subscriptionId, wish.at, target), locks)
  const reasons = [
    ...(isOurs(group) ? [] : ['not made by ml-ingest']),
    ...(others.length > 0 ? [`holds ${listed(others.map(({ name, type }) => `${name} (${type})`))}`] : []),
    ...lockReasons(idOf(wish.subscriptionId, wish.at, target), against),
  ]
  return { steps: [reasons.length > 0 ? keeps(target, reasons) : deletes(target, ['once it is empty'])], notes: [] }
}

/** A lock on the group or above it locks the group; one below is of what the group holds. */
function lockReasons(groupId: string, against: readonly LockActual[]): readonly string[] {
  const inside = against.filter((lock) => isInside(groupId, lock))
  const own = against.filter((lock) => !inside.includes(lock))
  return [
    ...(own.length > 0 ? [`locked: ${listed(namesOf(own))}`] : []),
    ...inside.map((lock) => `holds a locked ${lockedThing(lock)}: ${lock.name}`),
  ]
}

function notesOn(wish: DeletionWish, actual: DeletionActual, steps: readonly Step[]): readonly Note[] {
  if (!actual.namespace || !steps.some((step) => step.action === 'delete')) return []
  const target: Target = { kind: 'namespace', name: actual.namespace.name }
  return [
    ...(wish.isNamed && !isOurs(actual.namespace) ? [{ target, text: 'was not made by ml-ingest' }] : []),
    ...(actual.locks ? [] : [{ target, text: 'may be locked: this account may not read locks' }]),
  ]
}

function hubDetails(hub: HubActual, content: InHub | undefined): readonly string[] {
  const groups = namesOf(content?.consumerGroups ?? []).filter((name) => !sameName(name, DEFAULT_CONSUMER_GROUP))
  return [
    `${hub.partitions} partition${hub.partitions === 1 ? '' : 's'}`,
    ...(hub.retentionHours === undefined ? [] : [`retention ${formatHours(hub.retentionHours)}`]),
    ...(hub.capture ? ['Capture on (what it stored stays)'] : []),
    ...named('consumer group', groups),
    ...named('access rule', namesOf(content?.rules ?? [])),
  ]
}

const MOST_NAMES = 10
const listed = (names: readonly string[]): string =>
  names.length <= MOST_NAMES
    ? names.join(', ')
    : `${names.slice(0, MOST_NAMES).join(', ')} and ${names.length - MOST_NAMES} more`
/** `consumer groups a, b`, or nothing. */
const named = (noun: string, names: readonly string[]): readonly string[] =>
  names.length === 0 ? [] : [`${noun}${names.length === 1 ? '' : 's'} ${listed(names)}`]
const namesOf = (all: readonly { readonly name: string }[]): readonly string[] => all.map(({ name }) => name)

const deletes = (target: Target, details: readonly string[]): DeleteStep => ({
  action: 'delete',
  target,
  details,
  write: { op: 'delete' },
})
const keeps = (target: Target, details: readonly string[]): KeepStep => ({ action: 'keep', target, details })

/** Somebody else made the namespace, as far as its tags tell. */
function refuseForeign(namespace: NamespaceActual, target: Target): Refusal {
  return {
    what: `Can't delete ${describe(target)}: namespace ${namespace.name} was not made by ml-ingest`,
    because: `It has no tag ${OWNERSHIP_TAG.name}=${OWNERSHIP_TAG.value}, so that somebody else may depend on it.`,
    waysOut: [{ text: 'Name the namespace, if it is yours to delete from:', edit: { confirm: namespace.name } }],
  }
}

function refuseLocked(lock: LockActual, target: Target, armEndpoint: string | undefined): Refusal {
  const notes = lock.notes === undefined || lock.notes === '' ? '' : ` Its notes say: ${lock.notes}`
  return {
    what: `Can't delete ${describe(target)}: ${lockedThing(lock)} is locked`,
    because: `Lock ${lock.name} (${lock.level}) forbids it.${notes}`,
    waysOut: [
      {
        text: 'An Owner or User Access Administrator removes the lock, if it may go, with:',
        action: { do: 'delete-lock', lockId: lock.id, armEndpoint },
      },
    ],
    link: 'https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources',
  }
}

function refuseAmbiguousGroup(name: string, hubs: readonly string[]): Refusal {
  return {
    what: `Can't tell which consumer group ${name} shall go`,
    because: `Hubs ${hubs.join(', ')} have one of this name each.`,
    waysOut: hubs.map((hub) => ({
      text: `That of hub ${hub}:`,
      edit: { consumerGroupToDelete: { of: name, hub, name } },
    })),
  }
}
