import { oAuthBearer } from 'kafka-ts/dist/auth/oauthbearer.js'
import { saslPlain } from 'kafka-ts/dist/auth/plain.js'
import { Broker, type SASLProvider } from 'kafka-ts/dist/broker.js'
import type { Api } from 'kafka-ts/dist/utils/api.js'
import { KAFKA_USER, type Connection } from '../../engine/connection.ts'
import { wordsOfError } from '../../lib/errors.ts'
import type { ClientOptions } from '../open-clients.ts'

/** Time of one request, and of connecting with the sign-in. */
export const REQUEST_MS = 30_000
const CONNECT_MS = 10_000

/** Stands for the end of a partition. https://kafka.apache.org/protocol.html#The_Messages_ListOffsets */
export const LATEST = -1n

export interface Address {
  readonly host: string
  readonly port: number
}

export interface BrokerOptions extends ClientOptions {
  readonly signal: AbortSignal
}

/**
 * Signed-in connections to a namespace's Kafka endpoint. Requests name the newest version that the embedded Azure offers; the
 * client falls back to older ones as far as the service asks for them.
 */
export class KafkaBrokers {
  readonly #connection: Connection
  readonly #options: BrokerOptions
  readonly #brokers = new Map<string, Broker>()

  constructor(connection: Connection, options: BrokerOptions) {
    this.#connection = connection
    this.#options = options
    options.signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  get bootstrap(): Address {
    const { hostname, port } = this.#options.target
    return { host: hostname.replace(/^\[|\]$/g, ''), port }
  }

  /** Rejects with the client's error, whose code is the name that Kafka gives it. */
  async ask<Request, Response>(to: Address, api: Api<Request, Response>, request: Request): Promise<Response> {
    const broker = await this.open(to)
    return broker.sendRequest(api, request).catch(rethrow)
  }

  /** Connects and signs in, once. */
  async open(address: Address): Promise<Broker> {
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
    return broker.connect().catch((error: unknown) => {
      this.#brokers.delete(name)
      return rethrow(error)
    })
  }

  async close(): Promise<void> {
    this.#options.signal.removeEventListener('abort', this.#onAbort)
    const brokers = [...this.#brokers.values()]
    this.#brokers.clear()
    await Promise.allSettled(brokers.map((broker) => broker.disconnect()))
  }

  /** Ends the requests that are under way. */
  readonly #onAbort = (): void => void this.close()

  #sasl(): SASLProvider {
    const { sign } = this.#connection
    if (sign.kind === 'sas') return saslPlain({ username: KAFKA_USER, password: sign.connectionString.reveal() })
    return oAuthBearer(async () => {
      const token = await this.#options.credential?.getToken([])
      return { access_token: token?.token ?? '' }
    })
  }
}

/** The client's error without the request, which may hold the key. Its code is the name that Kafka gives the error. */
function rethrow(error: unknown): never {
  const text = wordsOfError(error)
  const [, code, said] = /^([A-Z][A-Z_]+)(?:: (.*))?$/s.exec(text) ?? []
  throw Object.assign(new Error(said ?? text), { code })
}
