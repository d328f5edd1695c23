import { nameKeyOf, sameName } from '../lib/names.ts'
import type {
  ConsumerGroupActual,
  GroupActual,
  HubActual,
  Keys,
  NamespaceActual,
  ProviderActual,
  RoleAssignmentActual,
  RuleActual,
  StorageAccountActual,
} from './shapes.ts'
import type { Failure } from '../lib/errors.ts'

/** What exists now, as far as a spec asks about it. Names of Azure compare without regard to case. */
export interface Actual {
  readonly provider: ProviderActual
  readonly group: GroupActual | undefined
  readonly namespace: NamespaceActual | undefined
  /** Every hub of the namespace, also those that the spec does not name. */
  readonly hubs: readonly HubActual[]
  /** Consumer groups by `nameKeyOf(hub)`, of the hubs that were asked about. */
  readonly consumerGroups: ReadonlyMap<string, readonly ConsumerGroupActual[]>
  /** Rules that the spec's access needs, by `ruleKey`. */
  readonly rules: ReadonlyMap<string, RuleActual>
  /** Data roles of the principals that the spec gives roles to. */
  readonly roleAssignments: readonly RoleAssignmentActual[]
  /** By `nameKeyOf(id)`, of those that the spec captures into. */
  readonly storageAccounts: ReadonlyMap<string, StorageAccountActual>
  /** Keys of those rules where they were asked for, or why they may not be read. */
  readonly keys: ReadonlyMap<string, Keys | Failure>
}

/** Key of a rule in `Actual.rules`; without a hub it is a rule of the namespace. */
export const ruleKey = (hub: string | undefined, rule: string): string => `${nameKeyOf(hub ?? '')}/${nameKeyOf(rule)}`

export const findByName = <T extends { readonly name: string }>(all: readonly T[], name: string): T | undefined =>
  all.find((one) => sameName(one.name, name))

/**
 * What is left once Azure is done with what it is deleting: with a group goes its namespace, with a namespace all that is
 * in it. Read while Azure is at it, all of that still looks as wanted.
 */
export function afterDeletions(actual: Actual): Actual {
  const group = actual.group && isGoing(actual.group) ? undefined : actual.group
  const isGroupGone = group !== actual.group
  if (!isGroupGone && !(actual.namespace && isGoing(actual.namespace))) return actual
  const nothing = { hubs: [], consumerGroups: new Map(), rules: new Map(), roleAssignments: [], keys: new Map() }
  return { ...actual, ...nothing, group, namespace: undefined }
}

/** Whether Azure is deleting it. */
export const isGoing = ({ provisioningState }: { readonly provisioningState: string }): boolean =>
  provisioningState === 'Deleting'

const FINAL_STATES = ['Succeeded', 'Failed', 'Canceled']

/** Whether Azure still works on it. https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations */
export const isInTransition = (resource: { readonly provisioningState: string }): boolean =>
  !FINAL_STATES.includes(resource.provisioningState)
