import { type Failure, isAzureFailure } from '../lib/errors.ts'
import { type RuleActual, ruleNameOf, type RuleChoice, ruleKey } from '../resources/access-rule.ts'
import type { StorageAccountActual } from '../resources/capture/capture.ts'
import type { ConsumerGroupActual } from '../resources/consumer-group.ts'
import type { RoleAssignmentActual } from '../resources/grant.ts'
import type { HubActual } from '../resources/hub/hub.ts'
import type { NamespaceActual } from '../resources/namespace/namespace.ts'
import type { NetworkActual } from '../resources/network/network.ts'
import type { GroupActual, ProviderActual } from '../resources/resource-group.ts'
import type { Call, Keys, Cloud, NamespaceRef, RuleRef } from './cloud.ts'
import { LIMITS, ROOT_RULE } from '../lib/limits.ts'
import { nameKeyOf, findByName } from '../lib/names.ts'
import type { Spec } from '../resources/front-door.ts'
import type { Requests } from './gate.ts'

/** What exists now, as far as a spec needs it. Azure compares names without regard to case. */
export interface Actual {
  readonly provider: ProviderActual
  readonly group: GroupActual | undefined
  readonly namespace: NamespaceActual | undefined
  /** Undefined without a namespace, or if this account may not read it. */
  readonly network: NetworkActual | undefined
  /** Every hub of the namespace, including hubs that the spec does not name. */
  readonly hubs: readonly HubActual[]
  /** By `nameKeyOf(hub)`; only hubs that were asked about. */
  readonly consumerGroups: ReadonlyMap<string, readonly ConsumerGroupActual[]>
  /** Access rules that the spec needs, by `ruleKey`. */
  readonly rules: ReadonlyMap<string, RuleActual>
  /** Data roles of the principals that the spec gives roles to. */
  readonly roleAssignments: readonly RoleAssignmentActual[]
  /** Storage accounts that Capture writes to, by `nameKeyOf(id)`. */
  readonly storageAccounts: ReadonlyMap<string, StorageAccountActual>
  /** Keys of the rules by `ruleKey`, or why they cannot be read. Empty when keys were not asked for. */
  readonly keys: ReadonlyMap<string, Keys | Failure>
}

/**
 * What is left when Azure has finished its current deletions. While Azure deletes a group or a namespace, everything in
 * it still looks normal.
 */
export function afterDeletions(actual: Actual): Actual {
  const group = actual.group && isBeingDeleted(actual.group) ? undefined : actual.group
  if (group === actual.group && !(actual.namespace && isBeingDeleted(actual.namespace))) return actual
  const nothing = {
    network: undefined,
    hubs: [],
    consumerGroups: new Map(),
    rules: new Map(),
    roleAssignments: [],
    keys: new Map(),
  }
  return { ...actual, ...nothing, group, namespace: undefined }
}

/** A resource that Azure may still be working on. */
export interface Provisioned {
  readonly provisioningState: string
}

export const isBeingDeleted = ({ provisioningState }: Provisioned): boolean => provisioningState === 'Deleting'

const FINAL_STATES = ['Succeeded', 'Failed', 'Canceled']

/** Whether Azure still works on it. https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations */
export const isInTransition = ({ provisioningState }: Provisioned): boolean => !FINAL_STATES.includes(provisioningState)

/** The namespace of a spec. */
export const whereOf = (spec: Spec): NamespaceRef => ({ group: spec.resourceGroup, namespace: spec.namespace.name })

export interface ReadOptions {
  /** Also read keys, with POST requests that change nothing. */
  readonly withKeys: boolean
  /** Skip what only a plan needs: roles and storage accounts. */
  readonly forConnection?: boolean
}

/** So many hubs fit into one wave with what is read once. */
const HUBS_AT_ONCE = 9

/**
 * Whether to read what is in a hub. Answers at once for the first hubs, so that a small target is read in one wave; the
 * others wait for the list of hubs, so that nothing else is read below what is absent.
 */
export function worthReading(
  names: readonly string[],
  listed: Promise<readonly HubActual[] | undefined>,
): (hub: string) => Promise<boolean> {
  const atOnce = new Set(names.slice(0, HUBS_AT_ONCE).map(nameKeyOf))
  const there = listed.then((hubs) => new Set((hubs ?? []).map(({ name }) => nameKeyOf(name))))
  // Whoever listed the hubs learns that it failed.
  there.catch(() => undefined)
  return async (hub) => atOnce.has(nameKeyOf(hub)) || (await there).has(nameKeyOf(hub))
}

/**
 * Reads everything that a spec needs: a small target with one wave of parallel requests, a fleet with a second one for the
 * hubs that exist. A move down to Basic also needs the consumer groups of hubs that the spec does not name.
 */
export async function readActual(cloud: Cloud, gate: Requests, spec: Spec, options: ReadOptions): Promise<Actual> {
  const at = whereOf(spec)
  const names = spec.hubs.map((hub) => hub.name)
  const keyRefs = rulesInQuestion(spec.rule, names).map((rule) => ({ ...at, ...rule }))
  const others = spec.hubs.flatMap((hub) => hub.accessRules.map(({ name }) => ({ ...at, hub: hub.name, rule: name })))
  const ruleRefs = [...keyRefs, ...others]
  const principals = options.forConnection ? [] : principalsOf(spec)
  const keysMatter =
    options.withKeys && !(spec.namespace.localAuthDisabled.given && spec.namespace.localAuthDisabled.value)
  const accounts = options.forConnection ? [] : storageAccountsOf(spec)
  const wave = [
    gate.run((call) => cloud.readProvider(call)),
    gate.run((call) => cloud.readGroup(at.group, call)),
    gate.run((call) => cloud.readNamespace(at, call)),
    gate.run((call) => cloud.listHubs(at, call)),
    gate.run((call) => cloud.readNetworkRules(at, call)),
  ] as const
  const isWorthReading = worthReading(names, wave[3])
  const inHub: InHub = async (hub, read) => (hub === undefined || (await isWorthReading(hub)) ? read() : undefined)
  const [provider, group, namespace, hubs, network, consumerGroups, rules, roles, storage, keys] = await Promise.all([
    ...wave,
    Promise.all(
      names.map((hub) => inHub(hub, () => gate.run((call) => cloud.listConsumerGroups({ ...at, hub }, call)))),
    ),
    readRules(cloud, gate, ruleRefs, inHub),
    Promise.all(
      principals.map(async (id, i) =>
        i < HUBS_AT_ONCE || (await wave[2]) ? gate.run((call) => cloud.listRoleAssignments(at, id, call)) : undefined,
      ),
    ),
    Promise.all(accounts.map((id) => gate.run((call) => cloud.readStorageAccount(id, call)))),
    Promise.all(keysMatter ? keyRefs.map((rule) => inHub(rule.hub, () => readKeys(cloud, gate, rule))) : []),
  ])
  const groupsByHub = new Map<string, readonly ConsumerGroupActual[]>(
    names.map((hub, i) => [nameKeyOf(hub), consumerGroups[i] ?? []]),
  )
  if (namespace && spec.namespace.tier.given && isMoveToTierWithoutGroups(spec, namespace.tier)) {
    const others = (hubs ?? []).filter((hub) => !groupsByHub.has(nameKeyOf(hub.name)))
    const theirs = await Promise.all(
      others.map((hub) => gate.run((call) => cloud.listConsumerGroups({ ...at, hub: hub.name }, call))),
    )
    others.forEach((hub, i) => groupsByHub.set(nameKeyOf(hub.name), theirs[i] ?? []))
  }
  return {
    provider,
    group,
    namespace,
    network,
    hubs: hubs ?? [],
    consumerGroups: groupsByHub,
    rules,
    roleAssignments: roles.flatMap((found) => found ?? []),
    storageAccounts: new Map(
      accounts.flatMap((id, i): [string, StorageAccountActual][] => (storage[i] ? [[nameKeyOf(id), storage[i]]] : [])),
    ),
    keys: present(keyRefs, keys),
  }
}

/** One list at the namespace has the roles of a principal on all hubs. */
const principalsOf = (spec: Spec): readonly string[] => [
  ...new Set(spec.hubs.flatMap((hub) => hub.grants.map((grant) => grant.principalId))),
]

/** Each storage account that Capture writes to, once. */
const storageAccountsOf = (spec: Spec): readonly string[] => [
  ...new Map(
    spec.hubs.flatMap(({ capture }): [string, string][] =>
      capture?.enabled ? [[nameKeyOf(capture.storageAccount), capture.storageAccount]] : [],
    ),
  ).values(),
]

const isMoveToTierWithoutGroups = (spec: Spec, live: keyof typeof LIMITS): boolean =>
  LIMITS[spec.namespace.tier.value].maxConsumerGroups <= 1 && LIMITS[live].maxConsumerGroups > 1

/** The rules that connections may use: ours on each hub, the root rule, or the given policy on a hub or the namespace. */
export function rulesInQuestion(
  choice: RuleChoice,
  hubs: readonly string[],
): readonly { readonly hub?: string; readonly rule: string }[] {
  if (choice.kind === 'policy') return [...hubs.map((hub) => ({ hub, rule: choice.name })), { rule: choice.name }]
  const { access } = choice
  return access === 'manage' ? [{ rule: ROOT_RULE }] : hubs.map((hub) => ({ hub, rule: ruleNameOf(access) }))
}

/** Reads from a hub that may exist. Without a hub it reads in any case. */
type InHub = <T>(hub: string | undefined, read: () => Promise<T>) => Promise<T | undefined>

/** One request for each hub: a single rule is read by name, several with the list. */
async function readRules(
  cloud: Cloud,
  gate: Requests,
  refs: readonly RuleRef[],
  inHub: InHub,
): Promise<ReadonlyMap<string, RuleActual>> {
  const byHub = new Map<string, RuleRef[]>()
  for (const ref of refs) {
    const key = nameKeyOf(ref.hub ?? '')
    byHub.set(key, [...(byHub.get(key) ?? []), ref])
  }
  const found = await Promise.all(
    [...byHub.values()].map(async (ofHub): Promise<ReadonlyMap<string, RuleActual>> => {
      const [first, ...others] = ofHub
      const read = <T>(one: (call: Call) => Promise<T>) => inHub(first?.hub, () => gate.run(one))
      if (first && others.length === 0) return present(ofHub, [await read((call) => cloud.readRule(first, call))])
      const all = (await read((call) => cloud.listRules(first!, call))) ?? []
      return present(
        ofHub,
        ofHub.map(({ rule }) => findByName(all, rule)),
      )
    }),
  )
  return new Map(found.flatMap((rules) => [...rules]))
}

/** Answers a final error instead of throwing it, because not every caller needs the keys. */
async function readKeys(cloud: Cloud, gate: Requests, rule: RuleRef): Promise<Keys | Failure | undefined> {
  try {
    return await gate.run((call) => cloud.readKeys(rule, call), { kind: 'writes' })
  } catch (error) {
    if (isAzureFailure(error) && !error.retryable) return error
    throw error
  }
}

function present<T extends RuleActual | Keys | Failure>(
  refs: readonly RuleRef[],
  found: readonly (T | undefined)[],
): ReadonlyMap<string, T> {
  return new Map(
    refs.flatMap((ref, i): [string, T][] => {
      const one = found[i]
      return one === undefined ? [] : [[ruleKey(ref.hub, ref.rule), one]]
    }),
  )
}
