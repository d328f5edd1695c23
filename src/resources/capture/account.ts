import { CAPTURE_DEFAULTS, partsOfStorageId, storageNameOf } from '../../inputs/capture.ts'
import { nameOfIdentity, SYSTEM_ASSIGNED } from '../../inputs/identity.ts'
import { action, type Edits } from '../../inputs/refer.ts'
import { isGuid } from '../../inputs/parsers.ts'
import { nameKeyOf, sameName } from '../../lib/names.ts'
import { say } from '../../lib/phrase.ts'
import { identitiesAfter, type IdentitySpec } from '../identity.ts'
import type { Refusal, WayOut } from '../step.ts'
import type { CaptureActual, StorageAccountActual } from './capture.ts'

const OVERVIEW = 'https://learn.microsoft.com/azure/event-hubs/event-hubs-capture-overview'
export const MANAGED_IDENTITY = 'https://learn.microsoft.com/azure/event-hubs/event-hubs-capture-managed-identity'

/** What decides whether Capture can write to a storage account, besides the account. */
export interface CaptureSurroundings {
  readonly subscriptionId: string
  /** The embedded Azure has a subscription of its own and no storage accounts, and writes the files itself. */
  readonly isLocal: boolean
  readonly storageAccounts: ReadonlyMap<string, StorageAccountActual>
  /** The managed identities that are asked for the namespace. */
  readonly identity: IdentitySpec
  /** Those that it has before the run. */
  readonly identities: readonly string[]
}

/** A storage account, and what Azure signs in with to write to it. */
export type Destination = Pick<CaptureActual, 'storageAccount' | 'identity'>

/** A reason why Capture cannot write to a storage account. `is` follows the name of the account. */
interface Obstacle {
  readonly is: string
  readonly waysOut: readonly WayOut[]
  readonly link: string
}

const OTHER_ACCOUNT: WayOut = { text: 'name another storage account' }

/** What stands between Capture and its storage account, as far as that may be read. */
function obstaclesOf(destination: Destination, around: CaptureSurroundings): readonly Obstacle[] {
  const found = around.storageAccounts.get(nameKeyOf(destination.storageAccount))
  const withIdentity = waysWithIdentity(around)
  const { storageAccount: id } = destination
  const isByKey = destination.identity === CAPTURE_DEFAULTS.identity
  return [
    ...(isByKey && isForeign(destination, around)
      ? [
          {
            is: 'is in another subscription, where Capture needs a managed identity of the namespace',
            waysOut: [withIdentity],
            link: MANAGED_IDENTITY,
          },
        ]
      : []),
    ...(/^Premium/i.test(found?.sku ?? '')
      ? [
          {
            is: `has the SKU ${found?.sku}, and Capture does not write to premium storage`,
            waysOut: [OTHER_ACCOUNT],
            link: OVERVIEW,
          },
        ]
      : []),
    ...(found?.exceptions && !found.exceptions.some((one) => sameName(one, 'AzureServices'))
      ? [
          {
            is: 'has a firewall that trusted Azure services, such as Capture, do not pass',
            waysOut: [
              { text: say`let them pass: ${action({ do: 'trust-azure-services', id, exceptions: found.exceptions })}` },
              OTHER_ACCOUNT,
            ],
            link: 'https://learn.microsoft.com/azure/storage/common/storage-network-security',
          },
        ]
      : []),
    ...(found?.refusesKeys && isByKey
      ? [
          {
            is: 'takes no keys, and without a managed identity Capture writes with one',
            waysOut: [withIdentity, { text: say`allow keys: ${action({ do: 'allow-storage-keys', id })}` }],
            link: MANAGED_IDENTITY,
          },
        ]
      : []),
  ]
}

/** With a key, Azure captures only within the same subscription. */
const isForeign = ({ storageAccount }: Destination, { subscriptionId, isLocal }: CaptureSurroundings): boolean => {
  const theirs = partsOfStorageId(storageAccount)?.subscription
  return !isLocal && theirs !== undefined && isGuid(subscriptionId) && !sameName(theirs, subscriptionId)
}

/** The first identity that the namespace has, or its own one. */
function waysWithIdentity(around: CaptureSurroundings): WayOut {
  const [has = SYSTEM_ASSIGNED] = identitiesAfter(around.identity, around.identities)
  return {
    text: `capture with the managed identity ${nameOfIdentity(has)}`,
    edit: { captureIdentity: has, ...(isThere(has, around) ? {} : withIdentityAdded(has, around)) },
  }
}

const isThere = (identity: string, { identity: spec, identities }: CaptureSurroundings): boolean =>
  identitiesAfter(spec, identities).some((one) => sameName(one, identity))

/** Asks for an identity of the namespace, besides those that were asked for. */
function withIdentityAdded(identity: string, { identity: { added, removed } }: CaptureSurroundings): Edits {
  const gone = removed === 'all' ? [] : removed.filter((one) => !sameName(one, identity))
  return { identity: [...added, identity], removeIdentity: gone.length === 0 ? null : gone }
}

/** Refuses a storage account that is known not to take what is captured. Does not mention the hub, so that it appears once for all hubs. */
export function refuseDestination(destination: Destination, around: CaptureSurroundings): readonly Refusal[] {
  const what = `Can't capture into storage account ${storageNameOf(destination.storageAccount)}`
  const obstacles = obstaclesOf(destination, around).map(({ is, waysOut, link }): Refusal => ({
    what,
    because: `It ${is}.`,
    waysOut,
    link,
  }))
  return [
    ...(isMissing(destination, around) ? [refuseMissing(destination, what)] : []),
    ...obstacles,
    ...refuseIdentity(destination, around),
  ]
}

/** The embedded Azure has no storage accounts, and takes any. */
const isMissing = ({ storageAccount }: Destination, { storageAccounts, isLocal }: CaptureSurroundings): boolean =>
  !isLocal && !storageAccounts.has(nameKeyOf(storageAccount))

function refuseMissing({ storageAccount }: Destination, what: string): Refusal {
  const { name, resourceGroup } = partsOfStorageId(storageAccount) ?? { name: storageAccount, resourceGroup: '' }
  const make = { text: say`make it first: ${action({ do: 'make-storage-account', name, resourceGroup })}` }
  const because = `Resource group ${resourceGroup} has no storage account of this name.`
  const elsewhere = {
    text: say`if it is in another resource group, give its resource id: ${action({ do: 'show-storage-account', name })}`,
  }
  return { what, because, waysOut: [make, elsewhere, OTHER_ACCOUNT], link: OVERVIEW }
}

/** Whether the namespace does not have the identity. One that this run takes away is refused there. */
const isLost = (identity: string, around: CaptureSurroundings): boolean =>
  identity !== CAPTURE_DEFAULTS.identity &&
  !isThere(identity, around) &&
  !around.identities.some((one) => sameName(one, identity))

/** Refuses to capture with an identity that the namespace does not have. */
export function refuseIdentity({ identity }: Destination, around: CaptureSurroundings): readonly Refusal[] {
  if (!isLost(identity, around)) return []
  return [
    {
      what: `Can't capture with the managed identity ${nameOfIdentity(identity)}`,
      because: 'The namespace does not have it.',
      waysOut: [{ text: 'add it to the namespace', edit: withIdentityAdded(identity, around) }],
      link: MANAGED_IDENTITY,
    },
  ]
}

/** What is wrong with the storage account of a hub that stays as it is. */
export function obstacleNotes(destination: Destination, around: CaptureSurroundings): readonly string[] {
  const account = `storage account ${storageNameOf(destination.storageAccount)}, which hubs are captured into,`
  if (isMissing(destination, around)) return [`${account} does not exist any more`]
  return obstaclesOf(destination, around).map(({ is }) => `${account} ${is}`)
}

/** An identity that went away under a hub. */
export const identityNotes = ({ identity }: Destination, around: CaptureSurroundings): readonly string[] =>
  isLost(identity, around) ? [`Capture uses ${nameOfIdentity(identity)}, which the namespace does not have`] : []

/** What cannot be known before Azure is asked to capture. */
export function openNotes(
  { storageAccount, identity }: Destination,
  live: Destination | undefined,
  around: CaptureSurroundings,
): readonly string[] {
  const hasRole =
    identity === CAPTURE_DEFAULTS.identity ||
    (live && sameName(live.storageAccount, storageAccount) && sameName(live.identity, identity))
  const found = around.storageAccounts.get(nameKeyOf(storageAccount))
  if (around.isLocal && found?.sku === undefined) return []
  const account = `storage account ${storageNameOf(storageAccount)}`
  return [
    ...(found && found.sku === undefined
      ? [`whether ${account} exists, and lets Capture write, is not known: it may not be read`]
      : []),
    ...(found?.isInPerimeter ? [`whether the security perimeter of ${account} lets Capture in is not known`] : []),
    ...(hasRole
      ? []
      : [`Capture needs the role Storage Blob Data Contributor on ${account} for ${nameOfIdentity(identity)}`]),
  ]
}
