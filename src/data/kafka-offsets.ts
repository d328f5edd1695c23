import { LIST_OFFSETS_V7 } from 'kafka-ts/dist/api/list-offsets/v7.js'
import type { PartitionState } from '../engine/status/positions.ts'
import { KafkaBrokers, type BrokerOptions } from './kafka-brokers.ts'
import type { Connection } from '../engine/connection.ts'

/** Stands for the first event that is kept. https://kafka.apache.org/protocol.html#The_Messages_ListOffsets */
const EARLIEST = -2n

export interface KafkaOffsetsOptions extends BrokerOptions {
  /** Of the hub, read just before. */
  readonly partitions: readonly PartitionState[]
}

/**
 * The partitions of a hub, counted in Kafka's offsets. Whether these are sequence numbers is nowhere promised, so both are
 * counted from the first event that is kept: it stays the same while events come. Rejects with the client's error.
 */
export class KafkaOffsets {
  readonly brokers: KafkaBrokers
  readonly partitions: readonly PartitionState[]
  readonly hub: string
  #firsts: Promise<ReadonlyMap<string, bigint>> | undefined

  constructor(connection: Connection, { partitions, ...options }: KafkaOffsetsOptions) {
    this.brokers = new KafkaBrokers(connection, options)
    this.partitions = partitions
    this.hub = connection.hub
  }

  /** By partition: the offset of the first event at or after a time, in milliseconds since the Unix epoch; -1 for none. */
  async since(times: ReadonlyMap<string, bigint>): Promise<ReadonlyMap<string, bigint>> {
    const partitions = [...times].map(([partition, timestamp]) => ({
      ...{ partitionIndex: Number(partition), currentLeaderEpoch: -1, timestamp },
    }))
    const topics = [{ name: this.hub, partitions }]
    // Event Hubs has one broker for everything: https://learn.microsoft.com/azure/event-hubs/azure-event-hubs-apache-kafka-overview
    const { bootstrap } = this.brokers
    const answer = await this.brokers.ask(bootstrap, LIST_OFFSETS_V7, { replicaId: -1, isolationLevel: 0, topics })
    const found = answer.topics.flatMap((topic) => topic.partitions)
    return new Map(found.map(({ partitionIndex, offset }) => [String(partitionIndex), offset]))
  }

  /** Undefined for a partition that Kafka does not know. */
  async sequenceNumberOf(partition: string, offset: bigint): Promise<number | undefined> {
    const first = await this.#firstOf(partition)
    return first && first.sequenceNumber + Number(offset - first.offset)
  }

  /** Undefined for a partition that Kafka does not know. */
  async offsetOf(partition: string, sequenceNumber: number): Promise<bigint | undefined> {
    const first = await this.#firstOf(partition)
    return first && first.offset + BigInt(sequenceNumber - first.sequenceNumber)
  }

  async close(): Promise<void> {
    await this.brokers.close()
  }

  async #firstOf(partition: string): Promise<{ readonly offset: bigint; readonly sequenceNumber: number } | undefined> {
    this.#firsts ??= this.since(new Map(this.partitions.map((one) => [one.partition, EARLIEST])))
    const offset = (await this.#firsts).get(partition)
    const state = this.partitions.find((one) => one.partition === partition)
    if (offset === undefined || !state) return undefined
    const { isEmpty, beginningSequenceNumber, lastSequenceNumber } = state
    return { offset, sequenceNumber: isEmpty ? lastSequenceNumber + 1 : beginningSequenceNumber }
  }
}
