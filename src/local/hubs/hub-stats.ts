import type { LocalHub } from './directory.ts'
import type { Hubs } from './hubs.ts'

export interface PartitionStats {
  readonly partition: string
  readonly events: number
  readonly bytes: number
  readonly droppedEvents: number
  readonly firstSequenceNumber: number
  /** -1 before the first event. */
  readonly lastSequenceNumber: number
}

export interface HubStats {
  readonly namespace: string
  readonly name: string
  /** Links that are open now. */
  readonly senders: number
  readonly receivers: number
  readonly events: number
  readonly bytes: number
  /** Events that were dropped for the size of their partition since the start. */
  readonly droppedEvents: number
  readonly partitions: readonly PartitionStats[]
}

/** What each hub holds now. It opens all of their partitions, and throws as that does. */
export const statsOf = (hubs: Hubs): readonly HubStats[] => hubs.directory.hubs().map((hub) => hubStats(hubs, hub))

function hubStats(hubs: Hubs, hub: LocalHub): HubStats {
  const partitions = Array.from({ length: hub.partitionCount }, (_, index): PartitionStats => {
    const log = hubs.partition(hub, index)
    const { beginSequenceNumber, lastSequenceNumber, bytes, droppedEvents } = log.state()
    return {
      ...{ partition: String(index), events: log.readableEvents, bytes, droppedEvents },
      ...{ firstSequenceNumber: beginSequenceNumber, lastSequenceNumber },
    }
  })
  return {
    namespace: hub.namespace,
    name: hub.name,
    senders: hubs.links.count(hub, 'Send'),
    receivers: hubs.links.count(hub, 'Listen'),
    events: partitions.reduce((sum, { events }) => sum + events, 0),
    bytes: partitions.reduce((sum, { bytes }) => sum + bytes, 0),
    droppedEvents: partitions.reduce((sum, { droppedEvents }) => sum + droppedEvents, 0),
    partitions,
  }
}
