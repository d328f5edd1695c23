import type { LocalHub } from '../directory.ts'
import type { BrokerContext } from './context.ts'

export interface PartitionStats {
  readonly partition: string
  readonly events: number
  readonly bytes: number
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
  readonly partitions: readonly PartitionStats[]
}

export interface BrokerStats {
  readonly connections: number
  readonly hubs: readonly HubStats[]
}

export function collectStats(context: BrokerContext, connections: number): BrokerStats {
  return { connections, hubs: context.directory.hubs().map((hub) => describe(context, hub)) }
}

function describe({ links, store }: BrokerContext, hub: LocalHub): HubStats {
  const partitions = Array.from({ length: hub.partitionCount }, (_, index): PartitionStats => {
    const { beginSequenceNumber, lastSequenceNumber, bytes } = store.partition(hub, index).state()
    return {
      partition: String(index),
      events: lastSequenceNumber - beginSequenceNumber + 1,
      bytes,
      firstSequenceNumber: beginSequenceNumber,
      lastSequenceNumber,
    }
  })
  return {
    namespace: hub.namespace,
    name: hub.name,
    senders: links.count(hub, 'Send'),
    receivers: links.count(hub, 'Listen'),
    events: partitions.reduce((sum, { events }) => sum + events, 0),
    bytes: partitions.reduce((sum, { bytes }) => sum + bytes, 0),
    partitions,
  }
}
