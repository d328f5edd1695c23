import { nameKeyOf, sameName } from '../lib/names.ts'
import type { Cloud, HubRef, LockActual, NamespaceRef } from './cloud.ts'
import { isAzureFailure } from '../lib/errors.ts'
import { isWholeNamespace, type DeletionActual, type DeletionWish, type InHub } from './deletion.ts'
import type { Gate } from './gate.ts'

/**
 * Reads all that a deletion is about in one wave. What is in hubs that nobody named, when the whole namespace goes or a
 * consumer group is named without its hub, takes a second one.
 */
export async function readDeletion(cloud: Cloud, gate: Gate, wish: DeletionWish): Promise<DeletionActual> {
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

async function readHub(cloud: Cloud, gate: Gate, at: HubRef): Promise<InHub> {
  const [consumerGroups = [], rules = []] = await Promise.all([
    gate.run((call) => cloud.listConsumerGroups(at, call)),
    gate.run((call) => cloud.listRules(at, call)),
  ])
  return { consumerGroups, rules }
}

/** Without the right to read locks Azure itself still honours them. */
async function readLocks(cloud: Cloud, gate: Gate, at: NamespaceRef): Promise<readonly LockActual[] | undefined> {
  try {
    return (await gate.run((call) => cloud.listLocks(at.group, call))) ?? []
  } catch (error) {
    if (isAzureFailure(error) && error.azure.status === 403) return undefined
    throw error
  }
}
