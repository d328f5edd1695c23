import type { GroupPositions, PartitionPosition } from '../engine/status/positions.ts'
import { input } from '../inputs/refer.ts'
import type { BlobClient } from '../lib/blob/blob-client.ts'
import type { BlobError } from '../lib/blob/blob-error.ts'
import { listBlobs, type ListedBlob } from '../lib/blob/list-blobs.ts'
import { Failure } from '../lib/errors.ts'
import { nameKeyOf, sameName } from '../lib/names.ts'
import { say } from '../lib/phrase.ts'
import { storeFailure, type StoreRead } from './capture/blob-store.ts'

/** A container in which readers keep how far they are. */
export interface CheckpointStore {
  readonly client: BlobClient
  readonly container: string
}

export interface CheckpointedHub {
  /** Host of the namespace: `ns-clicks.servicebus.windows.net`. Clients of the embedded Azure leave its port out, or not. */
  readonly fqdn: string
  readonly hub: string
  readonly signal: AbortSignal
}

export interface CheckpointsRead {
  /** Groups with a checkpoint, in order of their names, which are in lower case. */
  readonly groups: readonly GroupPositions[]
  /** Checkpoints of the hub without a sequence number that can be used. */
  readonly unusable: readonly UnusableCheckpoint[]
  /** Where there is none of the hub: what the container has instead, `namespace/hub`, the first few. */
  readonly otherHubs: readonly string[]
}

export interface UnusableCheckpoint {
  readonly blob: string
  /** Follows the name of the blob: `has no sequence number`. */
  readonly why: string
}

/**
 * Reads the checkpoints that readers of a hub left in a container. All clients of Azure write blobs of the same layout,
 * `{host}/{hub}/{group}/checkpoint/{partition}`, with the number of the last event that was read in the metadata. Python, .NET
 * and JavaScript write names in lower case; Go and Java did so as they were given, and Java wrote `SequenceNumber`:
 * https://github.com/Azure/azure-sdk-for-js/blob/main/sdk/eventhub/eventhubs-checkpointstore-blob/src/blobCheckpointStore.ts
 * https://github.com/Azure/azure-sdk-for-go/blob/main/sdk/messaging/azeventhubs/checkpoints/blob_store.go
 * https://github.com/Azure/azure-sdk-for-java/blob/main/sdk/eventhubs/azure-messaging-eventhubs-checkpointstore-blob/src/main/java/com/azure/messaging/eventhubs/checkpointstore/blob/BlobCheckpointStore.java
 * Rejects with `BlobError`.
 */
export async function readCheckpoints(
  store: CheckpointStore,
  { fqdn, hub, signal }: CheckpointedHub,
): Promise<CheckpointsRead> {
  const groups = new Map<string, Map<string, Checkpoint>>()
  const unusable: UnusableCheckpoint[] = []
  for (const prefix of prefixesOf(fqdn, hub)) {
    for await (const blob of listBlobs(store.client, store.container, { prefix, withMetadata: true, signal })) {
      const at = placeOf(blob)
      if (!at) continue
      const { group, partition } = at
      const number = at.isOld ? undefined : sequenceNumberIn(blob)
      if (number === undefined) {
        unusable.push({ blob: blob.name, why: at.isOld ? OLD : 'has no sequence number that can be used' })
        continue
      }
      const checkpoints = groups.get(nameKeyOf(group)) ?? new Map<string, Checkpoint>()
      groups.set(nameKeyOf(group), checkpoints)
      // Written by two clients under two names: the newer one.
      if ((checkpoints.get(partition)?.modifiedMs ?? -Infinity) > blob.modifiedMs) continue
      checkpoints.set(partition, { partition, nextSequenceNumber: number + 1, modifiedMs: blob.modifiedMs })
    }
  }
  const isNothing = groups.size === 0 && unusable.length === 0
  return {
    groups: [...groups]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([group, checkpoints]) => ({
        ...{ group, source: 'checkpoints' as const },
        partitions: [...checkpoints.values()]
          .sort((a, b) => Number(a.partition) - Number(b.partition))
          .map(({ partition, nextSequenceNumber }) => ({ partition, nextSequenceNumber })),
      })),
    unusable,
    otherHubs: isNothing ? await hubsIn(store, signal) : [],
  }
}

function prefixesOf(fqdn: string, hub: string): ReadonlySet<string> {
  const asGiven = [fqdn, fqdn.replace(/:\d+$/, '')].map((host) => `${host}/${hub}/`)
  return new Set([...asGiven.map(nameKeyOf), ...asGiven])
}

interface Checkpoint extends PartitionPosition {
  readonly modifiedMs: number
}

interface Place {
  readonly group: string
  readonly partition: string
  /** A lease of the processor host of before 2020: JSON in `{host}/{hub}/{group}/{partition}`. */
  readonly isOld: boolean
}

const OLD = 'is of an older library (Microsoft.Azure.EventHubs, or Azure Functions before its extension 5)'

/** Undefined for what is no checkpoint: who owns a partition, and folders of a Data Lake. */
function placeOf({ name }: Pick<ListedBlob, 'name'>): Place | undefined {
  const [, , group = '', kind = '', partition, ...more] = name.split('/')
  if (group === '' || more.length > 0) return undefined
  if (partition === undefined) return /^\d+$/.test(kind) ? { group, partition: kind, isOld: true } : undefined
  return sameName(kind, 'checkpoint') && partition !== '' ? { group, partition, isOld: false } : undefined
}

/** .NET writes an empty one where only the offset is known, and others wrote what their languages call nothing. */
function sequenceNumberIn({ metadata }: Pick<ListedBlob, 'metadata'>): number | undefined {
  const text = metadata.get('sequencenumber')?.trim() ?? ''
  const number = /^\d+$/.test(text) ? Number(text) : NaN
  return Number.isSafeInteger(number) ? number : undefined
}

/** So many say where to look. */
const MOST_OTHERS = 5
/** A page of the list. */
const MOST_LOOKED_AT = 5_000

async function hubsIn({ client, container }: CheckpointStore, signal: AbortSignal): Promise<readonly string[]> {
  const hubs = new Set<string>()
  let looked = 0
  for await (const { name } of listBlobs(client, container, { prefix: '', signal })) {
    if (placeOf({ name })) hubs.add(name.split('/').slice(0, 2).join('/'))
    if (hubs.size === MOST_OTHERS || ++looked === MOST_LOOKED_AT) break
  }
  return [...hubs]
}

/** Why checkpoints could not be read, with what helps. */
export function checkpointsFailure(error: BlobError, read: StoreRead): Failure {
  const failed = storeFailure(error, read)
  const other = OTHER_PLACES[error.code]
  if (other === undefined) return failed
  const { code, message, why, azure } = failed
  const hint = say`Name the ${other} that your readers give their checkpoint store, with ${input('checkpoints')}.`
  return new Failure({ code, message, why, azure, hint, cause: error })
}

/** What is named wrongly, by the code of the error. */
const OTHER_PLACES: Readonly<Record<string, string>> = { ContainerNotFound: 'container', ENOTFOUND: 'account' }
