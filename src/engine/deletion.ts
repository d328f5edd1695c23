import { nameKeyOf } from '../lib/names.ts'
import type { LockActual, NamespaceRef, ResourceActual } from './cloud.ts'
import type { ConsumerGroupActual } from '../resources/consumer-group.ts'
import type { GroupActual } from '../resources/resource-group.ts'
import type { HubActual } from '../resources/hub/hub.ts'
import type { NamespaceActual } from '../resources/namespace/namespace.ts'
import type { RuleActual } from '../resources/access-rule.ts'

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
