import type { EventHubConsumerClient } from '@azure/event-hubs'
import { isEmbeddedHost } from '../engine/connection.ts'
import type { PartitionState } from '../engine/status/positions.ts'
import { realClock, type Clock } from '../lib/clock.ts'
import { inParallel } from '../lib/in-parallel.ts'
import { sharedSignal } from './open-clients.ts'

/**
 * Azure answers 50 such questions a second, and those of the pipeline are among them: most hubs take one second's worth.
 * https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas#common-limits-for-all-tiers
 */
const MOST_PER_SECOND = 40
/** Requests that wait for their answers on the one link that they share. */
const MOST_AT_ONCE = 32

/** Asks the service about all partitions of a hub, which needs the right Listen. Rejects with the client's error. */
export async function readPartitionStates(
  consumer: EventHubConsumerClient,
  signal: AbortSignal,
  clock: Pick<Clock, 'sleep'> = realClock,
): Promise<readonly PartitionState[]> {
  const options = { abortSignal: sharedSignal(signal) }
  const ids = await consumer.getPartitionIds(options)
  const waiting = ids.toSorted((a, b) => Number(a) - Number(b))
  const portion = isEmbeddedHost(consumer.fullyQualifiedNamespace) ? waiting.length : MOST_PER_SECOND
  const states: PartitionState[] = []
  while (waiting.length > 0) {
    if (states.length > 0) await clock.sleep(1_000, signal)
    const some = await inParallel(waiting.splice(0, portion), MOST_AT_ONCE, async (partition) => {
      const state = await consumer.getPartitionProperties(partition, options)
      const { isEmpty, beginningSequenceNumber, lastEnqueuedSequenceNumber: lastSequenceNumber } = state
      const lastEnqueuedMs = lastSequenceNumber < 0 ? undefined : state.lastEnqueuedOnUtc.getTime()
      return { partition, isEmpty, beginningSequenceNumber, lastSequenceNumber, lastEnqueuedMs }
    })
    states.push(...some)
  }
  return states
}
