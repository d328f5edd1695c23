import { setMaxListeners } from 'node:events'
import type { EventHubConsumerClient } from '@azure/event-hubs'
import type { PartitionState } from '../engine/status/positions.ts'
import { inParallel } from '../lib/in-parallel.ts'

/** Requests that wait for their answers on the one link that they share. */
const MOST_AT_ONCE = 32

/** Asks the service about all partitions of a hub, which needs the right Listen. Rejects with the client's error. */
export async function readPartitionStates(
  consumer: EventHubConsumerClient,
  signal: AbortSignal,
): Promise<readonly PartitionState[]> {
  const options = { abortSignal: AbortSignal.any([signal]) }
  // Each request listens to it.
  setMaxListeners(0, options.abortSignal)
  const ids = await consumer.getPartitionIds(options)
  const inOrder = ids.toSorted((a, b) => Number(a) - Number(b))
  return inParallel(inOrder, MOST_AT_ONCE, async (partition) => {
    const state = await consumer.getPartitionProperties(partition, options)
    const { isEmpty, beginningSequenceNumber, lastEnqueuedSequenceNumber: lastSequenceNumber } = state
    const lastEnqueuedMs = lastSequenceNumber < 0 ? undefined : state.lastEnqueuedOnUtc.getTime()
    return { partition, isEmpty, beginningSequenceNumber, lastSequenceNumber, lastEnqueuedMs }
  })
}
