import { formatHours } from '../lib/duration.ts'
import { DEFAULT_CONSUMER_GROUP, LIMITS } from '../lib/limits.ts'
import { nameKeyOf, sameName, findByName } from '../lib/names.ts'
import { suggest } from '../lib/suggest.ts'
import type { LockActual } from './cloud.ts'
import type { HubActual } from '../resources/hub/hub.ts'
import type { NamespaceActual } from '../resources/namespace/namespace.ts'
import { isOurs } from '../resources/namespace/tags.ts'
import { isWholeNamespace, resourcesOutside, type DeletionActual, type DeletionRequest } from './deletion.ts'
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
import { type Part, type Step, planOf, type Plan } from './plan.ts'
import { OWNERSHIP_TAG } from '../inputs/defaults.ts'

/**
 * Decides what is deleted and what stays. If ml-ingest did not create the namespace, or if something is locked, the
 * whole deletion is refused. A pure function.
 */
export function planDeletion(request: DeletionRequest, actual: DeletionActual): Plan {
  const { namespace } = actual
  const parts = [
    namespace ? planInNamespace(request, actual, namespace) : notThere(request),
    ...(isWholeNamespace(request) ? [planGroup(request, actual)] : []),
  ]
  const isDeleting = parts.some(({ steps }) => steps.some((step) => step.action === 'delete'))
  return planOf([...parts, { steps: [], notes: isDeleting ? notesOn(request, actual) : [] }])
}

const notThere = ({ at }: DeletionRequest): Part => ({
  steps: [],
  notes: [{ target: { kind: 'namespace', name: at.namespace }, text: 'is not there' }],
})

function planInNamespace(request: DeletionRequest, actual: DeletionActual, namespace: NamespaceActual): Part {
  const part = isWholeNamespace(request) ? planNamespace(actual, namespace) : planNamed(request, actual)
  const deletions = part.steps.filter((step) => step.action === 'delete')
  const [first] = deletions
  const refusals = [
    ...(first && !isOurs(namespace) && !request.isConfirmed ? [refuseForeign(namespace, first.target)] : []),
    ...refuseLocks(request, actual, deletions),
    ...refuseAmbiguousGroups(request, actual),
  ]
  if (refusals.length === 0) return part
  const target: Target = { kind: 'namespace', name: namespace.name }
  const refused: RefuseStep = { action: 'refuse', target, changes: [], refusals }
  const others = part.steps.filter((step) => step.target.kind !== 'namespace')
  return { steps: [refused, ...others], notes: part.notes }
}

/** One refusal for each lock, with the first deletion that it prevents. */
function refuseLocks(request: DeletionRequest, { locks = [] }: DeletionActual, deletions: readonly DeleteStep[]) {
  const { subscriptionId, at, armEndpoint } = request
  const pairs = deletions.flatMap(({ target }) =>
    locksAgainst(idOf(subscriptionId, at, target), locks).map((lock) => [lock, target] as const),
  )
  return [...new Map(pairs.reverse())].reverse().map(([lock, target]) => refuseLocked(lock, target, armEndpoint))
}

function planNamespace({ hubs, hubContents, rules }: DeletionActual, namespace: NamespaceActual): Part {
  const { tier, capacity, location } = namespace
  const units = `${capacity} ${LIMITS[tier].unit}${capacity === 1 ? '' : 's'}`
  const details = [
    [tier, units, location, ...named('access rule', namesOf(rules))].join(', '),
    ...hubs.map((hub) => `hub ${hub.name}: ${hubDetails(hub, hubContents).join(', ')}`),
  ]
  return { steps: [deletes({ kind: 'namespace', name: namespace.name }, details)], notes: [] }
}

/** Deletes the hubs and consumer groups that the request names; the namespace stays. */
function planNamed(request: DeletionRequest, actual: DeletionActual): Part {
  const hubs = request.hubs.map((name) => findByName(actual.hubs, name))
  const groups = request.consumerGroups.map(({ hub, name }) => groupsNamed(actual, hub, name))
  const staying = actual.hubs.filter((hub) => !hubs.includes(hub)).map(({ name }) => name)
  const steps: readonly Step[] = [
    ...hubs.flatMap((hub) =>
      hub ? [deletes({ kind: 'hub', name: hub.name }, hubDetails(hub, actual.hubContents))] : [],
    ),
    ...groups.flatMap((found) => (found.length === 1 ? found.map((target) => deletes(target, [])) : [])),
    keeps({ kind: 'namespace', name: actual.namespace!.name }, named('hub', staying)),
  ]
  const absent: readonly Target[] = [
    ...request.hubs.filter((_, i) => !hubs[i]).map((name) => ({ kind: 'hub', name }) as const),
    ...request.consumerGroups
      .filter((_, i) => groups[i]!.length === 0)
      .map(({ hub, name }) => ({ kind: 'consumer-group', hub: hub ?? '*', name }) as const),
  ]
  const names = actual.hubs.map(({ name }) => name)
  return {
    steps,
    notes: absent.map((target) => {
      const near = target.kind === 'hub' ? suggest(target.name, names) : undefined
      return { target, text: near === undefined ? 'is not there' : `is not there (did you mean ${near}?)` }
    }),
  }
}

/** The consumer groups of this name, in one hub or in any. */
function groupsNamed({ hubs, hubContents }: DeletionActual, hub: string | undefined, name: string) {
  const searched = hub === undefined ? hubs : hubs.filter((one) => sameName(one.name, hub))
  return searched.flatMap((one) => {
    const group = findByName(hubContents.get(nameKeyOf(one.name))?.consumerGroups ?? [], name)
    return group ? [{ kind: 'consumer-group' as const, hub: one.name, name: group.name }] : []
  })
}

/** Deletes the resource group if ml-ingest created it and nothing else is in it. */
function planGroup({ subscriptionId, at }: DeletionRequest, { group, resources, locks = [] }: DeletionActual): Part {
  if (!group) return { steps: [], notes: [] }
  const target: Target = { kind: 'group', name: group.name }
  const id = idOf(subscriptionId, at, target)
  const others = resourcesOutside(at, resources)
  const against = locksAgainst(id, locks)
  const inside = against.filter((lock) => isInside(id, lock))
  const own = against.filter((lock) => !inside.includes(lock))
  const reasons = [
    ...(isOurs(group) ? [] : ['not made by ml-ingest']),
    ...(others.length > 0 ? [`holds ${listed(others.map(({ name, type }) => `${name} (${type})`))}`] : []),
    ...(own.length > 0 ? [`locked: ${listed(namesOf(own))}`] : []),
    ...inside.map((lock) => `holds a locked ${lockedThing(lock)}: ${lock.name}`),
  ]
  return { steps: [reasons.length > 0 ? keeps(target, reasons) : deletes(target, ['once it is empty'])], notes: [] }
}

function notesOn({ isConfirmed }: DeletionRequest, { namespace, locks }: DeletionActual): readonly Note[] {
  if (!namespace) return []
  const target: Target = { kind: 'namespace', name: namespace.name }
  return [
    ...(isConfirmed && !isOurs(namespace) ? [{ target, text: 'was not made by ml-ingest' }] : []),
    ...(locks ? [] : [{ target, text: 'may be locked: this account may not read locks' }]),
  ]
}

function hubDetails(hub: HubActual, contents: DeletionActual['hubContents']): readonly string[] {
  const content = contents.get(nameKeyOf(hub.name))
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

const refuseForeign = (namespace: NamespaceActual, target: Target): Refusal => ({
  what: `Can't delete ${describe(target)}: namespace ${namespace.name} was not made by ml-ingest`,
  because: `It has no tag ${OWNERSHIP_TAG.name}=${OWNERSHIP_TAG.value}, so somebody else may depend on it.`,
  waysOut: [{ text: 'Name the namespace, if it is yours to delete from:', edit: { confirm: namespace.name } }],
})

function refuseLocked(lock: LockActual, target: Target, armEndpoint: string | undefined): Refusal {
  const notes = lock.notes === undefined || lock.notes === '' ? '' : ` Its notes say: ${lock.notes}`
  return {
    what: `Can't delete ${describe(target)}: ${lockedThing(lock)} is locked`,
    because: `Lock ${lock.name} (${lock.level}) forbids it.${notes}`,
    waysOut: [
      {
        text: 'If the lock is no longer needed, an Owner or User Access Administrator removes it with:',
        action: { do: 'delete-lock', lockId: lock.id, armEndpoint },
      },
    ],
    link: 'https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources',
  }
}

const refuseAmbiguousGroups = (request: DeletionRequest, actual: DeletionActual): readonly Refusal[] =>
  request.consumerGroups.flatMap(({ hub: onlyHub, name }) => {
    const hubs = groupsNamed(actual, onlyHub, name).map(({ hub }) => hub)
    if (hubs.length < 2) return []
    const what = `Can't tell which consumer group ${name} to delete`
    const because = `Each of the hubs ${hubs.join(', ')} has one of this name.`
    const waysOut = hubs.map((hub) => ({
      text: `The one in hub ${hub}:`,
      edit: { consumerGroupToDelete: { of: name, hub, name } },
    }))
    return [{ what, because, waysOut }]
  })
