import { nameKeyOf, sameName } from '../lib/names.ts'
import type { LockActual, NamespaceRef, ResourceActual, Cloud, HubRef } from './cloud.ts'
import type { ConsumerGroupActual } from '../resources/consumer-group.ts'
import type { GroupActual } from '../resources/resource-group.ts'
import type { HubActual } from '../resources/hub/hub.ts'
import type { NamespaceActual } from '../resources/namespace/namespace.ts'
import type { RuleActual } from '../resources/access-rule.ts'
import { isAzureFailure } from '../lib/errors.ts'
import type { Requests } from './gate.ts'

/** What shall go: the namespace with all it holds, or the hubs and consumer groups that are named. */
export interface DeletionWish {
  readonly subscriptionId: string
  readonly at: NamespaceRef
  readonly hubs: readonly string[]
  /** Without a hub: wherever there is just one of the name. */
  readonly consumerGroups: readonly { readonly hub?: string | undefined; readonly name: string }[]
  /** The namespace was named beforehand: it may go although it is not ours. */
  readonly isNamed: boolean
  /** Where Resource Manager listens, when it is not the one of the cloud. */
  readonly armEndpoint: string | undefined
}

/** What exists of it. */
export interface DeletionActual {
  readonly group: GroupActual | undefined
  readonly namespace: NamespaceActual | undefined
  readonly hubs: readonly HubActual[]
  /** By `nameKeyOf(hub)`, of the hubs that the wish is about. */
  readonly inHubs: ReadonlyMap<string, InHub>
  /** Rules of the namespace. */
  readonly rules: readonly RuleActual[]
  /** What stands in the resource group. */
  readonly resources: readonly ResourceActual[]
  /** On the subscription, the group, and all in it; undefined when they may not be read. */
  readonly locks: readonly LockActual[] | undefined
}
export interface InHub {
  readonly consumerGroups: readonly ConsumerGroupActual[]
  readonly rules: readonly RuleActual[]
}

export const isWholeNamespace = (wish: DeletionWish): boolean => wish.hubs.length + wish.consumerGroups.length === 0

/** What of a resource group's content is neither the namespace nor in it. */
export function othersThan(at: NamespaceRef, resources: readonly ResourceActual[]): readonly ResourceActual[] {
  const ours = `/providers/microsoft.eventhub/namespaces/${nameKeyOf(at.namespace)}/`
  return resources.filter(({ id }) => !`${nameKeyOf(id)}/`.includes(ours))
}

/**
 * Reads all that a deletion is about in one wave. What is in hubs that nobody named, when the whole namespace goes or a
 * consumer group is named without its hub, takes a second one.
 */
export async function readDeletion(cloud: Cloud, gate: Requests, wish: DeletionWish): Promise<DeletionActual> {
  const { at } = wish
  const named = namedHubs(wish)
  const [group, namespace, hubs = [], rules = [], resources = [], locks, inNamed] = await Promise.all([
    gate.run((call) => cloud.readGroup(at.group, call)),
    gate.run((call) => cloud.readNamespace(at, call)),
    gate.run((call) => cloud.listHubs(at, call)),
    gate.run((call) => cloud.listRules(at, call)),
    gate.run((call) => cloud.listResources(at.group, call)),
    readLocks(cloud, gate, at),
    Promise.all(named.map((hub) => readHub(cloud, gate, { ...at, hub }))),
  ])
  const inHubs = new Map(named.map((hub, i) => [nameKeyOf(hub), inNamed[i]!]))
  const others = hubs.map(({ name }) => name).filter((name) => isAboutAll(wish) && !inHubs.has(nameKeyOf(name)))
  const inOthers = await Promise.all(others.map((hub) => readHub(cloud, gate, { ...at, hub })))
  others.forEach((hub, i) => inHubs.set(nameKeyOf(hub), inOthers[i]!))
  return { group, namespace, hubs, inHubs, rules, resources, locks }
}

const isAboutAll = (wish: DeletionWish): boolean =>
  isWholeNamespace(wish) || wish.consumerGroups.some(({ hub }) => hub === undefined)

function namedHubs({ hubs, consumerGroups }: DeletionWish): readonly string[] {
  const names = [...hubs, ...consumerGroups.flatMap(({ hub }) => hub ?? [])]
  return names.filter((name, i) => names.findIndex((other) => sameName(other, name)) === i)
}

async function readHub(cloud: Cloud, gate: Requests, at: HubRef): Promise<InHub> {
  const [consumerGroups = [], rules = []] = await Promise.all([
    gate.run((call) => cloud.listConsumerGroups(at, call)),
    gate.run((call) => cloud.listRules(at, call)),
  ])
  return { consumerGroups, rules }
}

/** Without the right to read locks Azure itself still honours them. */
async function readLocks(cloud: Cloud, gate: Requests, at: NamespaceRef): Promise<readonly LockActual[] | undefined> {
  try {
    return (await gate.run((call) => cloud.listLocks(at.group, call))) ?? []
  } catch (error) {
    if (isAzureFailure(error) && error.azure.status === 403) return undefined
    throw error
  }
}
