import { FETCH_V12 } from 'kafka-ts/dist/api/fetch/v12.js'
import { LIST_OFFSETS_V7 } from 'kafka-ts/dist/api/list-offsets/v7.js'
import { METADATA_V9 } from 'kafka-ts/dist/api/metadata/v9.js'
import { PRODUCE_V9 } from 'kafka-ts/dist/api/produce/v9.js'
import type { Connection } from '../../engine/connection.ts'
import { type Address, KafkaBrokers, LATEST, REQUEST_MS } from './kafka-brokers.ts'
import { PROBE_PROPERTY, READ_BACK_MS, testEvent, type Probe, type ProbeOptions } from '../probe.ts'

/** How long the service may wait for events before it answers a fetch. */
const FETCH_WAIT_MS = 1_000
const FETCH_BYTES = 1024 * 1024

interface Partition {
  readonly index: number
  readonly leader: Address
}

/**
 * Tries a hub with a Kafka client: its requests alone, without its consumer, which would leave a group behind. The versions are
 * the newest that the embedded Azure offers; the client falls back to older ones as far as the service asks for them.
 */
export class KafkaProbe implements Probe {
  readonly #connection: Connection
  readonly #options: ProbeOptions
  readonly #brokers: KafkaBrokers
  #partitions: readonly Partition[] = []
  #sent: { readonly id: string; readonly offset: bigint } | undefined

  constructor(connection: Connection, options: ProbeOptions) {
    this.#connection = connection
    this.#options = options
    this.#brokers = new KafkaBrokers(connection, options)
  }

  async signIn(): Promise<void> {
    await this.#brokers.open(this.#brokers.bootstrap)
  }

  async findHub(): Promise<number> {
    const { bootstrap } = this.#brokers
    const { brokers, topics } = await this.#brokers.ask(bootstrap, METADATA_V9, {
      topics: [{ id: null, name: this.#connection.hub }],
      allowTopicAutoCreation: false,
    })
    this.#partitions = (topics[0]?.partitions ?? [])
      .map(({ partitionIndex, leaderId }) => ({
        index: partitionIndex,
        leader: brokers.find(({ nodeId }) => nodeId === leaderId) ?? bootstrap,
      }))
      .sort((a, b) => a.index - b.index)
    // A pipeline goes on at the address in the answer, which may be another one.
    await this.#brokers.open(this.#first.leader)
    return this.#partitions.length
  }

  async send(): Promise<number> {
    const { index, leader } = this.#first
    const { id, body } = testEvent(this.#options.clock)
    const now = BigInt(Math.round(this.#options.clock.now()))
    const record = { attributes: 0, timestampDelta: 0n, offsetDelta: 0, key: null, value: JSON.stringify(body) }
    const batch = {
      ...{ index, baseOffset: 0n, partitionLeaderEpoch: -1, attributes: 0, lastOffsetDelta: 0 },
      ...{ baseTimestamp: now, maxTimestamp: now, producerId: -1n, producerEpoch: -1, baseSequence: -1 },
      records: [{ ...record, headers: [{ key: PROBE_PROPERTY, value: id }] }],
    }
    const { responses } = await this.#brokers.ask(leader, PRODUCE_V9, {
      ...{ transactionalId: null, acks: -1, timeoutMs: REQUEST_MS },
      topicData: [{ name: this.#connection.hub, topicId: '', partitionData: [batch] }],
    })
    this.#sent = { id, offset: responses[0]!.partitionResponses[0]!.baseOffset }
    return index
  }

  async read(): Promise<string> {
    const { index } = this.#first
    const sent = this.#sent
    const from = sent?.offset ?? (await this.#lastOffset())
    const deadline = AbortSignal.timeout(READ_BACK_MS)
    while (!deadline.aborted && from !== undefined) {
      const events = await this.#fetch(from)
      const found = events.find(({ offset, id }) => (sent ? id === sent.id : offset === from))
      if (found) return `event ${found.offset} of partition ${index}, without a group`
      if (!sent) break
    }
    if (sent) throw Object.assign(new Error('The event did not come back.'), { code: 'OperationTimeoutError' })
    return `partition ${index} is open; nothing is in it`
  }

  close(): Promise<void> {
    return this.#brokers.close()
  }

  get #first(): Partition {
    const [first] = this.#partitions
    if (!first) throw new Error(`Kafka's metadata of ${this.#connection.hub} names no partition.`)
    return first
  }

  /** The offset of the last event; undefined where there is none. */
  async #lastOffset(): Promise<bigint | undefined> {
    const { index, leader } = this.#first
    const offsetAt = async (timestamp: bigint) => {
      const partition = { partitionIndex: index, currentLeaderEpoch: -1, timestamp }
      const { topics } = await this.#brokers.ask(leader, LIST_OFFSETS_V7, {
        ...{ replicaId: -1, isolationLevel: 0 },
        topics: [{ name: this.#connection.hub, partitions: [partition] }],
      })
      return topics[0]!.partitions[0]!.offset
    }
    const [earliest, next] = [await offsetAt(EARLIEST), await offsetAt(LATEST)]
    return next > earliest ? next - 1n : undefined
  }

  async #fetch(from: bigint) {
    const { index, leader } = this.#first
    const partition = { partition: index, currentLeaderEpoch: -1, fetchOffset: from, lastFetchedEpoch: -1 }
    const { responses } = await this.#brokers.ask(leader, FETCH_V12, {
      ...{ maxWaitMs: FETCH_WAIT_MS, minBytes: 1, maxBytes: FETCH_BYTES, isolationLevel: 0 },
      ...{ sessionId: 0, sessionEpoch: -1, forgottenTopicsData: [], rackId: '' },
      topics: [
        {
          ...{ topicId: '', topicName: this.#connection.hub },
          partitions: [{ ...partition, logStartOffset: -1n, partitionMaxBytes: FETCH_BYTES }],
        },
      ],
    })
    return responses
      .flatMap(({ partitions }) => partitions)
      .flatMap(({ records }) => records)
      .flatMap(({ baseOffset, records }) =>
        records.map(({ offsetDelta, headers }) => ({
          offset: baseOffset + BigInt(offsetDelta),
          id: headers.find(({ key }) => key === PROBE_PROPERTY)?.value,
        })),
      )
  }
}

/** Stands for the begin of a partition. https://kafka.apache.org/protocol.html#The_Messages_ListOffsets */
const EARLIEST = -2n
