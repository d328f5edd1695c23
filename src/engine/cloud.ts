import type { GrantSpec } from '../inputs/grant-parsers.ts'
import type { Right, RuleActual } from '../resources/access-rule/access-rule.ts'
import type { ConsumerGroupActual, ConsumerGroupBody } from '../resources/consumer-group.ts'
import type { GroupActual, ProviderActual } from '../resources/resource-group.ts'
import type { HubActual, HubChanges, NewHub } from '../resources/hub/hub.ts'
import type { NameCheck } from '../resources/namespace/name.ts'
import type { NamespaceActual, NamespaceChanges, NewNamespace, Tags } from '../resources/namespace/namespace.ts'
import type { NetworkActual, NetworkSpec } from '../resources/network/network.ts'
import type { RoleAssignmentActual } from '../resources/grant.ts'
import type { StorageAccountActual } from '../resources/capture/capture.ts'
import type { MetricsQuestion, MetricsRead } from './status/metrics.ts'
import type { Secret } from '../lib/secret.ts'

/**
 * The interface to Azure, implemented on the Azure SDK by `src/azure`. A read answers `undefined` when the resource or its
 * parent does not exist; every other failure is a `Failure`. No method retries or waits: the gate does.
 */
export interface Cloud {
  readProvider(call: Call): Promise<ProviderActual>
  readGroup(group: string, call: Call): Promise<GroupActual | undefined>
  readNamespace(at: NamespaceRef, call: Call): Promise<NamespaceActual | undefined>
  /** All namespaces of the subscription that the account may read. */
  listNamespaces(call: Call): Promise<readonly NamespaceActual[]>
  /** Undefined also if this account may not read the rules, or the tier has none. */
  readNetworkRules(at: NamespaceRef, call: Call): Promise<NetworkActual | undefined>
  listHubs(at: NamespaceRef, call: Call): Promise<readonly HubActual[] | undefined>
  /** All consumer groups of the hub, including `$Default`. */
  listConsumerGroups(at: HubRef, call: Call): Promise<readonly ConsumerGroupActual[] | undefined>
  /** A rule of the hub, or of the namespace without `at.hub`. */
  readRule(at: RuleRef, call: Call): Promise<RuleActual | undefined>
  /** All rules of the hub, or of the namespace without `at.hub`. */
  listRules(at: NamespaceRef & { readonly hub?: string }, call: Call): Promise<readonly RuleActual[] | undefined>
  /** All resources of the group that the account may read. */
  listResources(group: string, call: Call): Promise<readonly ResourceActual[] | undefined>
  /** Management locks on the subscription, on the group, and on everything in it, also if there is no such group. */
  listLocks(group: string, call: Call): Promise<readonly LockActual[] | undefined>
  /** Data roles on the namespace, on its hubs and above it: those of a principal, or of everybody. */
  listRoleAssignments(
    at: NamespaceRef,
    principalId: string | undefined,
    call: Call,
  ): Promise<readonly RoleAssignmentActual[] | undefined>
  readStorageAccount(id: string, call: Call): Promise<StorageAccountActual | undefined>
  /** Without the right to read metrics it rejects with the code `access`. */
  readMetrics(at: NamespaceRef, question: MetricsQuestion, call: Call): Promise<MetricsRead | undefined>
  /** A POST that changes nothing. */
  readKeys(at: RuleRef, call: Call): Promise<Keys | undefined>
  /** Whether the namespace name is free in all of Azure. A POST that changes nothing. */
  checkNamespaceName(name: string, call: Call): Promise<NameCheck>

  registerProvider(call: Call): Promise<void>
  createGroup(group: string, body: { readonly location: string; readonly tags: Tags }, call: Call): Promise<void>
  /** Returns when Azure has accepted it; the namespace is then usually in state Creating. */
  createNamespace(at: NamespaceRef, body: NewNamespace, call: Call): Promise<void>
  /** Sends a PATCH with only these fields and returns when Azure has accepted it. */
  updateNamespace(at: NamespaceRef, changes: NamespaceChanges, call: Call): Promise<void>
  /** Reads the rule set, applies the changes and writes it back, like `updateHub`. */
  updateNetworkRules(at: NamespaceRef, spec: NetworkSpec, call: Call): Promise<void>
  createHub(at: HubRef, body: NewHub, call: Call): Promise<void>
  /** Reads the hub, applies the changes and writes it back, including properties that the SDK does not know. */
  updateHub(at: HubRef, changes: HubChanges, call: Call): Promise<void>
  createConsumerGroup(at: ConsumerGroupRef, body: ConsumerGroupBody, call: Call): Promise<void>
  /** Reads, merges and writes, like `updateHub`. */
  updateConsumerGroup(at: ConsumerGroupRef, body: ConsumerGroupBody, call: Call): Promise<void>
  putRule(at: RuleRef, rights: readonly Right[], call: Call): Promise<void>
  /** Assigns the role on the hub, or on the namespace without `at.hub`. Succeeds if the principal has it there already. */
  assignRole(at: NamespaceRef & { readonly hub?: string }, grant: GrantSpec, call: Call): Promise<void>
  /** Replaces one key of a rule each time it is called. Answers both keys. */
  renewKey(at: RuleRef, key: 'primary' | 'secondary', call: Call): Promise<Keys>

  /** Returns when Azure has accepted it, like `deleteGroup`. Deletions succeed if there is nothing to delete. */
  deleteNamespace(at: NamespaceRef, call: Call): Promise<void>
  deleteHub(at: HubRef, call: Call): Promise<void>
  deleteConsumerGroup(at: ConsumerGroupRef, call: Call): Promise<void>
  /** Deletes the group with everything in it. */
  deleteGroup(group: string, call: Call): Promise<void>
}

/** Lists for questions. The role Reader is enough. */
export interface Catalog {
  /** Who is signed in, according to the token. */
  identity(call: Call): Promise<Identity>
  listSubscriptions(call: Call): Promise<readonly SubscriptionChoice[]>
  /** Physical regions of the subscription, by display name. */
  listLocations(subscriptionId: string, call: Call): Promise<readonly LocationChoice[]>
  listGroups(subscriptionId: string, call: Call): Promise<readonly GroupActual[]>
  listNamespaces(subscriptionId: string, group: string, call: Call): Promise<readonly NamespaceActual[]>
}

export interface Call {
  readonly signal: AbortSignal
}

export interface NamespaceRef {
  readonly group: string
  readonly namespace: string
}
export interface HubRef extends NamespaceRef {
  readonly hub: string
}
export interface ConsumerGroupRef extends HubRef {
  readonly consumerGroup: string
}
export interface RuleRef extends NamespaceRef {
  readonly hub?: string
  readonly rule: string
}

export interface ResourceActual {
  readonly id: string
  readonly name: string
  /** `Microsoft.Storage/storageAccounts`. */
  readonly type: string
}

export interface LockActual {
  /** The id of the locked resource comes before `/providers/Microsoft.Authorization/locks/`. */
  readonly id: string
  readonly name: string
  /** `CanNotDelete`, `ReadOnly`. */
  readonly level: string
  readonly notes: string | undefined
}

export interface Identity {
  /** `dana@contoso.com`, an application id, or undefined when the token has neither. */
  readonly name: string | undefined
  readonly tenantId: string | undefined
  /** `Azure CLI`, `environment`, ... */
  readonly via: string | null
}
export interface SubscriptionChoice {
  readonly id: string
  readonly name: string
  readonly tenantId: string
  readonly isDefault: boolean
}
export interface LocationChoice {
  readonly name: string
  readonly displayName: string
}

export interface Keys {
  readonly primaryKey: Secret
  readonly secondaryKey: Secret
  readonly primaryConnectionString: Secret
  readonly secondaryConnectionString: Secret
  /** Host in the strings, with its port unless it is the default one; `localhost` for the embedded Azure. */
  readonly host: string
}
