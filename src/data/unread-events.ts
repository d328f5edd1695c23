import type { EventHubConsumerClient } from '@azure/event-hubs'
import type { PartitionPosition, UnreadEvent } from '../engine/status/positions.ts'
import { inParallel } from '../lib/in-parallel.ts'
import { closeSoon, readPartition, sharedSignal } from './open-clients.ts'

/** Partitions that are read at the same time. */
const MOST_AT_ONCE = 16

export interface FindUnreadOptions {
  /** Consumer groups to read through, the one that is least used first. */
  readonly groups: readonly string[]
  readonly signal: AbortSignal
  /** For all of it. What is not found by then is left out. */
  readonly timeoutMs: number
}

export interface UnreadRead {
  /** Without those that could not be read, and those behind which nothing is. */
  readonly events: readonly UnreadEvent[]
  /** The client's error for the first position that could not be read; undefined where all could. */
  readonly error: unknown
}

/**
 * Reads the first event at or after each position, to know when it came. It reads without an epoch, so it pushes nobody out:
 * a group whose partition somebody reads with one refuses it, and so does one that five read already. Then the next group is
 * tried. Rejects with the signal's reason. https://learn.microsoft.com/azure/event-hubs/event-hubs-event-processor-host
 */
export async function findUnread(
  openConsumerOf: (group: string) => EventHubConsumerClient,
  wanted: readonly PartitionPosition[],
  { groups, signal, timeoutMs }: FindUnreadOptions,
): Promise<UnreadRead> {
  const stop = sharedSignal(signal, AbortSignal.timeout(timeoutMs))
  const consumers = new Map<string, EventHubConsumerClient>()
  const consumerOf = (group: string): EventHubConsumerClient => {
    const consumer = consumers.get(group) ?? openConsumerOf(group)
    consumers.set(group, consumer)
    return consumer
  }
  /** The one that let us in last is asked first. */
  let order = groups
  const errors: unknown[] = []
  const findOne = async (position: PartitionPosition): Promise<UnreadEvent | undefined> => {
    let refusal: unknown
    for (const group of order) {
      try {
        const event = await firstEvent(consumerOf(group), position, stop)
        if (order[0] !== group) order = [group, ...groups.filter((one) => one !== group)]
        return event
      } catch (error) {
        signal.throwIfAborted()
        refusal ??= error
        if (!isRefusal(error)) break
      }
    }
    if (refusal !== undefined) errors.push(refusal)
    return undefined
  }
  try {
    const found = await inParallel(perPartition(wanted), MOST_AT_ONCE, async (positions) => {
      const events: (UnreadEvent | undefined)[] = []
      // One after the other: a client reads a partition once at a time.
      for (const position of positions) events.push(await findOne(position))
      return events
    })
    return { events: found.flat().filter((event) => event !== undefined), error: errors[0] }
  } finally {
    await closeSoon(...consumers.values())
  }
}

/** Each position once, by partition. */
function perPartition(wanted: readonly PartitionPosition[]): readonly (readonly PartitionPosition[])[] {
  const partitions = new Map<string, Map<number, PartitionPosition>>()
  for (const position of wanted) {
    const positions = partitions.get(position.partition) ?? new Map<number, PartitionPosition>()
    partitions.set(position.partition, positions.set(position.nextSequenceNumber, position))
  }
  return [...partitions.values()].map((positions) => [...positions.values()])
}

/** Answers undefined where there is none. */
async function firstEvent(
  consumer: EventHubConsumerClient,
  { partition, nextSequenceNumber }: PartitionPosition,
  signal: AbortSignal,
): Promise<UnreadEvent | undefined> {
  let found: UnreadEvent | undefined
  await readPartition(consumer, {
    ...{ partition, signal, batchSize: 1 },
    startPosition: { sequenceNumber: nextSequenceNumber, isInclusive: true },
    onEvents: ([event]) => {
      if (event) found = { partition, nextSequenceNumber, enqueuedMs: event.enqueuedTimeUtc.getTime() }
      return true
    },
  })
  return found
}

/** Names of the client. https://learn.microsoft.com/azure/event-hubs/exceptions-dotnet */
const REFUSALS = ['ReceiverDisconnectedError', 'QuotaExceededError', 'MessagingEntityNotFoundError']

/** Whether another group may still let us in. */
const isRefusal = (error: unknown): boolean => REFUSALS.includes(String((error as { readonly code?: unknown }).code))
