import type { Checkpoint, CheckpointStore, PartitionOwnership } from '@azure/event-hubs'
import { ONCE, type Sdk } from './clients.ts'

/** A checkpoint store for consumers of one process, which claims as Azure's own does: by comparing etags. */
export function memoryCheckpoints(): CheckpointStore {
  const owners = new Map<string, PartitionOwnership>()
  const checkpoints = new Map<string, Checkpoint>()
  let etag = 0
  return {
    listOwnership: async () => [...owners.values()],
    claimOwnership: async (wanted) =>
      wanted.flatMap((claim) => {
        const current = owners.get(claim.partitionId)
        if (current && current.etag !== claim.etag) return []
        const owned = { ...claim, etag: String(++etag), lastModifiedTimeInMs: Date.now() }
        owners.set(claim.partitionId, owned)
        return [owned]
      }),
    updateCheckpoint: async (checkpoint) => void checkpoints.set(checkpoint.partitionId, checkpoint),
    listCheckpoints: async () => [...checkpoints.values()],
  }
}

export interface Consumer {
  readonly bodies: string[]
  /** How many partitions it reads. */
  owns(): number
  close(): Promise<void>
}

/** A consumer that balances with the others of the store, and checkpoints all that it takes. */
export function consume(sdk: Sdk, connectionString: string, store: CheckpointStore): Consumer {
  const client = new sdk.EventHubConsumerClient('$Default', connectionString, store, {
    ...ONCE,
    loadBalancingOptions: {
      updateIntervalInMs: 100,
      partitionOwnershipExpirationIntervalInMs: 10_000,
      strategy: 'balanced',
    },
  })
  const bodies: string[] = []
  const partitions = new Set<string>()
  const subscription = client.subscribe(
    {
      processInitialize: async ({ partitionId }) => void partitions.add(partitionId),
      processClose: async (_, { partitionId }) => void partitions.delete(partitionId),
      processEvents: async (events, context) => {
        const last = events.at(-1)
        if (!last) return
        bodies.push(...events.map(({ body }) => body as string))
        await context.updateCheckpoint(last)
      },
      processError: async () => undefined,
    },
    { startPosition: sdk.earliestEventPosition, maxWaitTimeInSeconds: 1 },
  )
  return {
    bodies,
    owns: () => partitions.size,
    close: async () => {
      await subscription.close()
      await client.close()
    },
  }
}
