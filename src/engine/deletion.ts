import { nameKeyOf, sameName } from '../lib/names.ts'
import type { LockActual, NamespaceRef, ResourceActual, Cloud, HubRef } from './cloud.ts'
import type { ConsumerGroupActual } from '../resources/consumer-group.ts'
import type { GroupActual } from '../resources/resource-group.ts'
import type { HubActual } from '../resources/hub/hub.ts'
import type { NamespaceActual } from '../resources/namespace/namespace.ts'
import type { RuleActual } from '../resources/access-rule/access-rule.ts'
import { worthReading } from './actual.ts'
import type { Requests } from './gate.ts'
import { readLocks } from './locks.ts'

/** What to delete: the hubs and consumer groups, or the whole namespace if there are none. */
export interface DeletionRequest {
  readonly subscriptionId: string
  readonly at: NamespaceRef
  readonly hubs: readonly string[]
  /** Without a hub, the name has to be unique in the namespace. */
  readonly consumerGroups: readonly { readonly hub?: string | undefined; readonly name: string }[]
  /** `--confirm` has the name of the namespace: it may be deleted even if ml-ingest did not create it. */
  readonly isConfirmed: boolean
  /** Address of Resource Manager if it is not the default of the cloud. */
  readonly armEndpoint: string | undefined
}

/** What exists before a deletion. */
export interface DeletionActual {
  readonly group: GroupActual | undefined
  readonly namespace: NamespaceActual | undefined
  readonly hubs: readonly HubActual[]
  /** By `nameKeyOf(hub)`; only hubs that the request affects. */
  readonly hubContents: ReadonlyMap<string, HubContent>
  /** Rules of the namespace itself. */
  readonly rules: readonly RuleActual[]
  /** Everything in the resource group. */
  readonly resources: readonly ResourceActual[]
  /** On the subscription, on the group and on everything in it; undefined if the account may not read locks. */
  readonly locks: readonly LockActual[] | undefined
}
export interface HubContent {
  readonly consumerGroups: readonly ConsumerGroupActual[]
  readonly rules: readonly RuleActual[]
}

export const isWholeNamespace = ({ hubs, consumerGroups }: DeletionRequest): boolean =>
  hubs.length + consumerGroups.length === 0

/** Resources that are neither the namespace nor inside it. */
export function resourcesOutside(at: NamespaceRef, resources: readonly ResourceActual[]): readonly ResourceActual[] {
  const inNamespace = `/providers/microsoft.eventhub/namespaces/${nameKeyOf(at.namespace)}/`
  return resources.filter(({ id }) => !`${nameKeyOf(id)}/`.includes(inNamespace))
}

/** The items without later ones that have the key of an earlier one. */
export const uniqueBy = <T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] =>
  items.filter((item, i) => items.findIndex((other) => keyOf(other) === keyOf(item)) === i)

/**
 * Reads everything that a deletion depends on with parallel requests. The contents of hubs that the request does not
 * name are read after that, if they are needed.
 */
export async function readDeletion(cloud: Cloud, gate: Requests, request: DeletionRequest): Promise<DeletionActual> {
  const { at, consumerGroups } = request
  const named = uniqueBy([...request.hubs, ...consumerGroups.flatMap(({ hub }) => hub ?? [])], nameKeyOf)
  const needsAllHubs = isWholeNamespace(request) || consumerGroups.some(({ hub }) => hub === undefined)
  const listed = gate.run((call) => cloud.listHubs(at, call))
  const isWorthReading = worthReading(named, listed)
  const readContent = async (hub: string) =>
    (await isWorthReading(hub)) ? readHubContent(cloud, gate, { ...at, hub }) : NO_CONTENT
  const readContents = async (names: readonly string[]) =>
    Promise.all(names.map(async (hub) => [nameKeyOf(hub), await readContent(hub)] as const))
  const [group, namespace, hubs = [], rules = [], resources = [], locks, contents] = await Promise.all([
    gate.run((call) => cloud.readGroup(at.group, call)),
    gate.run((call) => cloud.readNamespace(at, call)),
    listed,
    gate.run((call) => cloud.listRules(at, call)),
    gate.run((call) => cloud.listResources(at.group, call)),
    readLocks(cloud, gate, at),
    readContents(named),
  ])
  const others = needsAllHubs
    ? hubs.map(({ name }) => name).filter((name) => !named.some((one) => sameName(one, name)))
    : []
  const hubContents = new Map([...contents, ...(await readContents(others))])
  return { group, namespace, hubs, hubContents, rules, resources, locks }
}

const NO_CONTENT: HubContent = { consumerGroups: [], rules: [] }

async function readHubContent(cloud: Cloud, gate: Requests, at: HubRef): Promise<HubContent> {
  const [consumerGroups = [], rules = []] = await Promise.all([
    gate.run((call) => cloud.listConsumerGroups(at, call)),
    gate.run((call) => cloud.listRules(at, call)),
  ])
  return { consumerGroups, rules }
}
