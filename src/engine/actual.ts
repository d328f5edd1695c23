import type { Failure } from '../lib/errors.ts'
import type { RuleActual } from '../resources/access-rule.ts'
import type { StorageAccountActual } from '../resources/capture/capture.ts'
import type { ConsumerGroupActual } from '../resources/consumer-group.ts'
import type { RoleAssignmentActual } from '../resources/grant.ts'
import type { HubActual } from '../resources/hub/hub.ts'
import type { NamespaceActual } from '../resources/namespace/namespace.ts'
import type { GroupActual, ProviderActual } from '../resources/resource-group.ts'
import type { Keys } from './cloud.ts'

/** What exists now, as far as a spec needs it. Azure compares names without regard to case. */
export interface Actual {
  readonly provider: ProviderActual
  readonly group: GroupActual | undefined
  readonly namespace: NamespaceActual | undefined
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
  const nothing = { hubs: [], consumerGroups: new Map(), rules: new Map(), roleAssignments: [], keys: new Map() }
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
