import { Failure, isAzureFailure } from '../lib/errors.ts'
import { type RuleActual, ruleNameOf, type RuleChoice, ruleKey } from '../resources/access-rule/access-rule.ts'
import type { StorageAccountActual } from '../resources/capture/capture.ts'
import type { ConsumerGroupActual } from '../resources/consumer-group.ts'
import type { RoleAssignmentActual } from '../resources/grant.ts'
import type { HubActual } from '../resources/hub/hub.ts'
import type { NamespaceActual } from '../resources/namespace/namespace.ts'
import type { NetworkActual } from '../resources/network/network.ts'
import type { GroupActual, ProviderActual } from '../resources/resource-group.ts'
import type { Call, Keys, Cloud, NamespaceRef, RuleRef } from './cloud.ts'
import { LIMITS, ROOT_RULE } from '../lib/limits.ts'
import { nameKeyOf } from '../lib/names.ts'
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
  /** Access rules by `ruleKey`: those that the spec needs, and others that were read with them. */
  readonly rules: ReadonlyMap<string, RuleActual>
  /** Data roles of the principals that the spec gives roles to; for a saved manifest, those of everybody. */
  readonly roleAssignments: readonly RoleAssignmentActual[]
  /** Why the roles of everybody could not be read. */
  readonly rolesUnread?: Failure
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
  /** Skip what only a plan needs: named rules, roles and storage accounts. */
  readonly forConnection?: boolean
  /** Read also what only a saved manifest needs: all rules and all roles. */
  readonly forSave?: boolean
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
  const { forConnection = false, forSave = false } = options
  const principals = forConnection ? [] : principalsOf(spec)
  const keysMatter =
    options.withKeys && !(spec.namespace.localAuthDisabled.given && spec.namespace.localAuthDisabled.value)
  const accounts = forConnection ? [] : storageAccountsOf(spec)
  const wave = [
    gate.run((call) => cloud.readProvider(call)),
    gate.run((call) => cloud.readGroup(at.group, call)),
    gate.run((call) => cloud.readNamespace(at, call)),
    gate.run((call) => cloud.listHubs(at, call)),
    gate.run((call) => cloud.readNetworkRules(at, call)),
  ] as const
  const isWorthReading = worthReading(names, wave[3])
  const inHub: InHub = async (hub, read) => (hub === undefined || (await isWorthReading(hub)) ? read() : undefined)
  const [provider, group, namespace, hubs, network, consumerGroups, rules, roles, allRoles, storage, keys] =
    await Promise.all([
      ...wave,
      Promise.all(
        names.map((hub) => inHub(hub, () => gate.run((call) => cloud.listConsumerGroups({ ...at, hub }, call)))),
      ),
      readRules(cloud, gate, at, rulesToRead(spec, options), inHub),
      Promise.all(
        principals.map(async (id, i) =>
          i < HUBS_AT_ONCE || (await wave[2]) ? gate.run((call) => cloud.listRoleAssignments(at, id, call)) : undefined,
        ),
      ),
      forSave ? orFailure(gate.run((call) => cloud.listRoleAssignments(at, undefined, call))) : [],
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
    roleAssignments:
      forSave && !(allRoles instanceof Failure) ? (allRoles ?? []) : roles.flatMap((found) => found ?? []),
    ...(allRoles instanceof Failure ? { rolesUnread: allRoles } : {}),
    storageAccounts: new Map(
      accounts.flatMap((id, i): [string, StorageAccountActual][] => (storage[i] ? [[nameKeyOf(id), storage[i]]] : [])),
    ),
    keys: present(keyRefs, keys),
  }
}

/** One list at the namespace has the roles of a principal on all hubs. */
const principalsOf = (spec: Spec): readonly string[] => [
  ...new Set([spec, ...spec.hubs].flatMap(({ grants }) => grants.map(({ principalId }) => principalId))),
]

/** Each storage account that Capture writes to, once. */
const storageAccountsOf = (spec: Spec): readonly string[] => [
  ...new Map(
    spec.hubs.flatMap(({ capture }): [string, string][] =>
      capture?.enabled ? [[nameKeyOf(capture.storageAccount.value), capture.storageAccount.value]] : [],
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

/** A rule of a hub, or of the namespace without `hub`. Without `rule`, all of them. */
interface RulesToRead {
  readonly hub?: string
  readonly rule?: string
}

/** One request for each hub and for the namespace: where rules are named, the list. */
function rulesToRead(
  { rule: choice, hubs, accessRules }: Spec,
  { forConnection = false, forSave = false }: Omit<ReadOptions, 'withKeys'>,
): readonly RulesToRead[] {
  const names = hubs.map(({ name }) => name)
  const inQuestion = rulesInQuestion(choice, names)
  if (forConnection) return inQuestion
  const listed: readonly RulesToRead[] = [
    ...(forSave || accessRules.length > 0 ? [{}] : []),
    ...hubs.filter((hub) => forSave || hub.accessRules.length > 0).map(({ name }) => ({ hub: name })),
  ]
  return [...listed, ...inQuestion.filter(({ hub }) => !listed.some((one) => one.hub === hub))]
}

async function readRules(
  cloud: Cloud,
  gate: Requests,
  at: NamespaceRef,
  toRead: readonly RulesToRead[],
  inHub: InHub,
): Promise<ReadonlyMap<string, RuleActual>> {
  const found = await Promise.all(
    toRead.map(async ({ hub, rule }) => {
      const scope = { ...at, ...(hub === undefined ? {} : { hub }) }
      const read = async (call: Call): Promise<readonly RuleActual[] | undefined> => {
        if (rule === undefined) return cloud.listRules(scope, call)
        const one = await cloud.readRule({ ...scope, rule }, call)
        return one && [one]
      }
      const rules = (await inHub(hub, () => gate.run(read))) ?? []
      return rules.map((one) => [ruleKey(hub, one.name), one] as const)
    }),
  )
  return new Map(found.flat())
}

const readKeys = async (cloud: Cloud, gate: Requests, rule: RuleRef): Promise<Keys | Failure | undefined> =>
  orFailure(gate.run((call) => cloud.readKeys(rule, call), { kind: 'writes' }))

/** Answers a final error instead of throwing it, because not every caller needs what is read. */
async function orFailure<T>(reading: Promise<T>): Promise<T | Failure> {
  try {
    return await reading
  } catch (error) {
    if (isAzureFailure(error) && !error.retryable) return error
    throw error
  }
}

function present<T>(refs: readonly RuleRef[], found: readonly (T | undefined)[]): ReadonlyMap<string, T> {
  return new Map(
    refs.flatMap((ref, i): [string, T][] => {
      const one = found[i]
      return one === undefined ? [] : [[ruleKey(ref.hub, ref.rule), one]]
    }),
  )
}
