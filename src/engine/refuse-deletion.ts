import { OWNERSHIP_TAG } from '../inputs/defaults.ts'
import type { LockActual } from './cloud.ts'
import type { NamespaceActual } from '../resources/shapes.ts'
import { lockedThing } from './locks.ts'
import { describe, type Refusal, type Target } from '../resources/step.ts'

/** Somebody else made the namespace, as far as its tags tell. */
export function refuseForeign(namespace: NamespaceActual, target: Target): Refusal {
  return {
    what: `Can't delete ${describe(target)}: namespace ${namespace.name} was not made by ml-ingest`,
    because: `It has no tag ${OWNERSHIP_TAG.name}=${OWNERSHIP_TAG.value}, so that somebody else may depend on it.`,
    waysOut: [{ text: 'Name the namespace, if it is yours to delete from:', edit: { confirm: namespace.name } }],
  }
}

export function refuseLocked(lock: LockActual, target: Target, armEndpoint: string | undefined): Refusal {
  const notes = lock.notes === undefined || lock.notes === '' ? '' : ` Its notes say: ${lock.notes}`
  return {
    what: `Can't delete ${describe(target)}: ${lockedThing(lock)} is locked`,
    because: `Lock ${lock.name} (${lock.level}) forbids it.${notes}`,
    waysOut: [
      {
        text: 'An Owner or User Access Administrator removes the lock, if it may go, with:',
        action: { do: 'delete-lock', lockId: lock.id, armEndpoint },
      },
    ],
    link: 'https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources',
  }
}

export function refuseAmbiguousGroup(name: string, hubs: readonly string[]): Refusal {
  return {
    what: `Can't tell which consumer group ${name} shall go`,
    because: `Hubs ${hubs.join(', ')} have one of this name each.`,
    waysOut: hubs.map((hub) => ({
      text: `That of hub ${hub}:`,
      edit: { consumerGroupToDelete: { of: name, hub, name } },
    })),
  }
}
