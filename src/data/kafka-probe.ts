import { FETCH_V12 } from 'kafka-ts/dist/api/fetch/v12.js'
import { LIST_OFFSETS_V7 } from 'kafka-ts/dist/api/list-offsets/v7.js'
import { METADATA_V9 } from 'kafka-ts/dist/api/metadata/v9.js'
import { PRODUCE_V9 } from 'kafka-ts/dist/api/produce/v9.js'
import { oAuthBearer } from 'kafka-ts/dist/auth/oauthbearer.js'
import { saslPlain } from 'kafka-ts/dist/auth/plain.js'
import { Broker, type SASLProvider } from 'kafka-ts/dist/broker.js'
import type { Api } from 'kafka-ts/dist/utils/api.js'
import { KAFKA_USER, type Connection } from '../engine/connection.ts'
import { PROBE_PROPERTY, READ_BACK_MS, testEvent, type Probe, type ProbeOptions } from './probe.ts'

/** Time of one request, and of connecting with the sign-in. */
const REQUEST_MS = 30_000
const CONNECT_MS = 10_000
/** How long the service may wait for events before it answers a fetch. */
const FETCH_WAIT_MS = 1_000
const FETCH_BYTES = 1024 * 1024

interface Partition {
  readonly index: number
  readonly leader: Address
}

interface Address {
  readonly host: string
  readonly port: number
}

/**
 * Tries a hub with a Kafka client: its requests alone, without its consumer, which would leave a group behind. The versions are
 * the newest that the embedded Azure offers; the client falls back to older ones as far as the service asks for them.
 */
export class KafkaProbe implements Probe {
  readonly #connection: Connection
  readonly #options: ProbeOptions
  readonly #brokers = new Map<string, Broker>()
  #partitions: readonly Partition[] = []
  #sent: { readonly id: string; readonly offset: bigint } | undefined

  constructor(connection: Connection, options: ProbeOptions) {
    this.#connection = connection
    this.#options = options
    options.signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  async signIn(): Promise<void> {
    await this.#broker(this.#bootstrap)
  }

  async findHub(): Promise<number> {
    const { brokers, topics } = await this.#ask(this.#bootstrap, METADATA_V9, {
      topics: [{ id: null, name: this.#connection.hub }],
      allowTopicAutoCreation: false,
    })
    this.#partitions = (topics[0]?.partitions ?? [])
      .map(({ partitionIndex, leaderId }) => ({
        index: partitionIndex,
        leader: brokers.find(({ nodeId }) => nodeId === leaderId) ?? this.#bootstrap,
      }))
      .sort((a, b) => a.index - b.index)
    // A pipeline goes on at the address in the answer, which may be another one.
    await this.#broker(this.#first.leader)
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
    const { responses } = await this.#ask(leader, PRODUCE_V9, {
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

  async close(): Promise<void> {
    this.#options.signal.removeEventListener('abort', this.#onAbort)
    const brokers = [...this.#brokers.values()]
    this.#brokers.clear()
    await Promise.allSettled(brokers.map((broker) => broker.disconnect()))
  }

  /** Ends the requests that are under way. */
  readonly #onAbort = (): void => void this.close()

  get #bootstrap(): Address {
    const { hostname, port } = this.#options.target
    return { host: hostname.replace(/^\[|\]$/g, ''), port }
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
      const { topics } = await this.#ask(leader, LIST_OFFSETS_V7, {
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
    const { responses } = await this.#ask(leader, FETCH_V12, {
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

  async #ask<Request, Response>(to: Address, api: Api<Request, Response>, request: Request): Promise<Response> {
    const broker = await this.#broker(to)
    return broker.sendRequest(api, request).catch(rethrow)
  }

  async #broker(address: Address): Promise<Broker> {
    const name = `${address.host}:${address.port}`
    const known = this.#brokers.get(name)
    if (known) return known
    const { host, port } = address
    const broker = new Broker({
      ...{ clientId: this.#options.userAgent, options: { host, port }, sasl: this.#sasl() },
      ssl: this.#options.target.transport === 'tls' ? {} : null,
      ...{ requestTimeout: REQUEST_MS, connectTimeout: CONNECT_MS },
    })
    this.#brokers.set(name, broker)
    return broker.connect().catch(rethrow)
  }

  #sasl(): SASLProvider {
    const { sign } = this.#connection
    if (sign.kind === 'sas') return saslPlain({ username: KAFKA_USER, password: sign.connectionString.reveal() })
    return oAuthBearer(async () => {
      const token = await this.#options.credential?.getToken([])
      return { access_token: token?.token ?? '' }
    })
  }
}

/** Times that stand for an end of a partition. https://kafka.apache.org/protocol.html#The_Messages_ListOffsets */
const LATEST = -1n
const EARLIEST = -2n

/** The client's error without the request, which may hold the key. Its code is the name that Kafka gives the error. */
function rethrow(error: unknown): never {
  const text = error instanceof Error ? error.message : String(error)
  const [, code, said] = /^([A-Z][A-Z_]+)(?:: (.*))?$/s.exec(text) ?? []
  throw Object.assign(new Error(said ?? text), { code })
}
