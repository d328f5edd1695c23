import type { GrantSpec } from '../inputs/grant-parsers.ts'
import type { Right } from '../resources/spec.ts'
import type {
  ConsumerGroupActual,
  ConsumerGroupBody,
  GroupActual,
  HubActual,
  HubChanges,
  Keys,
  NameCheck,
  NamespaceActual,
  NamespaceChanges,
  NewHub,
  NewNamespace,
  ProviderActual,
  RoleAssignmentActual,
  RuleActual,
  StorageAccountActual,
  Tags,
} from '../resources/shapes.ts'

/**
 * The port: Azure in our words. `src/azure` puts it on the Azure SDK. Every read answers `undefined` for what does not
 * exist (a missing parent included); every other failure is a `Failure`. No method retries or waits: the gate does.
 */
export interface Cloud {
  readProvider(call: Call): Promise<ProviderActual>
  readGroup(group: string, call: Call): Promise<GroupActual | undefined>
  readNamespace(at: NamespaceRef, call: Call): Promise<NamespaceActual | undefined>
  /** All hubs of the namespace, all pages. */
  listHubs(at: NamespaceRef, call: Call): Promise<readonly HubActual[] | undefined>
  /** All consumer groups of the hub, `$Default` included. */
  listConsumerGroups(at: HubRef, call: Call): Promise<readonly ConsumerGroupActual[] | undefined>
  /** A rule of the hub, or of the namespace when `at.hub` is left out. */
  readRule(at: RuleRef, call: Call): Promise<RuleActual | undefined>
  /** All rules of the hub, or of the namespace when `at.hub` is left out. */
  listRules(at: NamespaceRef & { readonly hub?: string }, call: Call): Promise<readonly RuleActual[] | undefined>
  /** All that stands in the resource group, as far as it may be read. */
  listResources(group: string, call: Call): Promise<readonly ResourceActual[] | undefined>
  /** Management locks on the subscription, on the group, and on what is in it. */
  listLocks(group: string, call: Call): Promise<readonly LockActual[] | undefined>
  /** Data roles of a principal on the hubs of the namespace, on the namespace and above it. */
  listRoleAssignments(
    at: NamespaceRef,
    principalId: string,
    call: Call,
  ): Promise<readonly RoleAssignmentActual[] | undefined>
  /** The storage account of a resource id. */
  readStorageAccount(id: string, call: Call): Promise<StorageAccountActual | undefined>
  /** A POST: asks for the keys of a rule; changes nothing. */
  readKeys(at: RuleRef, call: Call): Promise<Keys | undefined>
  /** A POST: asks whether the namespace name is free in all of Azure; changes nothing. */
  checkNamespaceName(name: string, call: Call): Promise<NameCheck>

  registerProvider(call: Call): Promise<void>
  createGroup(group: string, body: { readonly location: string; readonly tags: Tags }, call: Call): Promise<void>
  /** Sends the PUT and returns when Azure accepted it; the namespace is then usually in state Creating. */
  createNamespace(at: NamespaceRef, body: NewNamespace, call: Call): Promise<void>
  /** Sends a PATCH with these fields alone and returns when Azure accepted it. */
  updateNamespace(at: NamespaceRef, changes: NamespaceChanges, call: Call): Promise<void>
  createHub(at: HubRef, body: NewHub, call: Call): Promise<void>
  /** Reads the hub, lays the changes over all it has (what the SDK does not know included), writes it back. */
  updateHub(at: HubRef, changes: HubChanges, call: Call): Promise<void>
  createConsumerGroup(at: ConsumerGroupRef, body: ConsumerGroupBody, call: Call): Promise<void>
  /** Like `updateHub`: read, merge, write. */
  updateConsumerGroup(at: ConsumerGroupRef, body: ConsumerGroupBody, call: Call): Promise<void>
  putRule(at: RuleRef, rights: readonly Right[], call: Call): Promise<void>
  /** Gives the role on the hub; one that the principal has there already counts as given. */
  assignRole(at: HubRef, grant: GrantSpec, call: Call): Promise<void>
  /** Makes Azure replace one key of a rule; sent twice it is replaced twice. Answers both keys. */
  renewKey(at: RuleRef, key: 'primary' | 'secondary', call: Call): Promise<Keys>

  /** Returns when Azure accepted it, as does `deleteGroup`; what is not there counts as deleted. */
  deleteNamespace(at: NamespaceRef, call: Call): Promise<void>
  deleteHub(at: HubRef, call: Call): Promise<void>
  deleteConsumerGroup(at: ConsumerGroupRef, call: Call): Promise<void>
  /** With all that is in it. */
  deleteGroup(group: string, call: Call): Promise<void>
}

/** What a person chooses from. Needs no more rights than Reader. */
export interface Catalog {
  /** Who is signed in, as far as the token tells. */
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
  /** With the id of what is locked before `/providers/Microsoft.Authorization/locks/`. */
  readonly id: string
  readonly name: string
  /** `CanNotDelete`, `ReadOnly`. */
  readonly level: string
  readonly notes: string | undefined
}

export interface Identity {
  /** `dana@contoso.com`, an application id, or undefined when the token does not tell. */
  readonly name: string | undefined
  readonly tenantId: string | undefined
  /** `Azure CLI`, `environment`, ... */
  readonly via: string
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
