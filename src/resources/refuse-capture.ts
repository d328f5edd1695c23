import { partsOfStorageId, storageNameOf } from '../inputs/capture-parsers.ts'
import { LIMITS } from '../lib/limits.ts'
import { nameKeyOf } from '../lib/names.ts'
import type { HubSpec } from './spec.ts'
import type { StorageAccountActual } from './shapes.ts'
import type { Refusal, WayOut } from './step.ts'
import type { HubContext } from './refuse-hub.ts'
import { say } from '../lib/phrase.ts'
import { action } from '../inputs/refer.ts'

const LINK = 'https://learn.microsoft.com/azure/event-hubs/event-hubs-capture-overview'

/** Capture on a tier without it, or into a storage account that cannot take it. */
export function refuseCapture({ name, capture }: HubSpec, { tier, storageAccounts }: HubContext): readonly Refusal[] {
  if (!capture?.enabled) return []
  if (LIMITS[tier].capture) return refuseAccount(capture, storageAccounts.get(nameKeyOf(capture.storageAccount)))
  return [
    {
      what: `Can't capture the events of hub ${name}`,
      because: `The namespace is on ${tier}, which has no Capture.`,
      waysOut: [{ text: 'move the namespace to Standard', edit: { tier: 'Standard' } }, { text: 'leave Capture out' }],
      link: LINK,
    },
  ]
}

const OTHER_ACCOUNT: WayOut = { text: 'name another storage account' }

/** Told once for all hubs, so it names none. */
function refuseAccount(
  { storageAccount }: { readonly storageAccount: string },
  found: StorageAccountActual | undefined,
): readonly Refusal[] {
  const account = storageNameOf(storageAccount)
  const what = `Can't capture into storage account ${account}`
  if (!found) {
    const { resourceGroup = '' } = partsOfStorageId(storageAccount) ?? {}
    const because = `Resource group ${resourceGroup} has no storage account of this name.`
    const waysOut = [
      { text: say`make it first: ${action({ do: 'make-storage-account', name: account })}` },
      OTHER_ACCOUNT,
    ]
    return [{ what, because, waysOut, link: LINK }]
  }
  if (!/^Premium/i.test(found.sku ?? '')) return []
  const because = `Its SKU is ${found.sku}, and Capture does not write to premium storage.`
  return [{ what, because, waysOut: [OTHER_ACCOUNT], link: LINK }]
}
