import { setMaxListeners } from 'node:events'
import {
  EventHubConsumerClient,
  EventHubProducerClient,
  type EventHubClientOptions,
  type EventPosition,
  type ReceivedEventData,
} from '@azure/event-hubs'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { WebSocket } from 'ws'
import type { Connection, DataCredential } from '../engine/connection.ts'
import { realClock } from '../lib/clock.ts'
import type { ConnectionTarget } from './connection-target.ts'

/** Timeout of one operation. */
const OPERATION_MS = 30_000

export interface ClientOptions {
  readonly target: ConnectionTarget
  /** `ml-ingest/1.2.0` */
  readonly userAgent: string
  /** For namespaces without keys. */
  readonly credential?: DataCredential | undefined
}

/** Longer than closing takes where it works. */
const CLOSE_MS = 300

/**
 * Closes what can be closed, and does not wait for long. A client whose link was being opened when its reading was aborted
 * may never say that it is closed.
 */
export async function closeSoon(...all: readonly ({ close(): Promise<void> } | undefined)[]): Promise<void> {
  const waited = new AbortController()
  const closed = Promise.allSettled(all.map(async (one) => one?.close())).then(() => waited.abort())
  await Promise.race([closed, realClock.sleep(CLOSE_MS, waited.signal).catch(() => undefined)])
}

/** A client that sends to the hub of a connection. */
export const openProducer = (connection: Connection, options: ClientOptions): EventHubProducerClient =>
  withoutDelay(producerOf(connection, options))

function producerOf(connection: Connection, options: ClientOptions): EventHubProducerClient {
  const { sign, hub } = connection
  const sdk = sdkOptions(options)
  if (sign.kind === 'entra') return new EventHubProducerClient(connection.host, hub, credentialOf(options), sdk)
  const text = sign.connectionString.reveal()
  return namesHub(text) ? new EventHubProducerClient(text, sdk) : new EventHubProducerClient(text, hub, sdk)
}

/** A client that reads from the hub of a connection. */
export const openConsumer = (
  connection: Connection,
  consumerGroup: string,
  options: ClientOptions,
): EventHubConsumerClient => withoutDelay(consumerOf(connection, consumerGroup, options))

function consumerOf(connection: Connection, consumerGroup: string, options: ClientOptions): EventHubConsumerClient {
  const { sign, hub } = connection
  const sdk = sdkOptions(options)
  if (sign.kind === 'entra') {
    return new EventHubConsumerClient(consumerGroup, connection.host, hub, credentialOf(options), sdk)
  }
  const text = sign.connectionString.reveal()
  return namesHub(text)
    ? new EventHubConsumerClient(consumerGroup, text, sdk)
    : new EventHubConsumerClient(consumerGroup, text, hub, sdk)
}

/** What a client of the SDK holds inside: the options of its connection, which rhea reads when it connects. */
interface RheaContext {
  readonly connection: { readonly options: { tcp_no_delay?: boolean } }
}

/**
 * Lets the sockets of a client send at once. Otherwise a request that follows a grant of credit waits until the service has
 * acknowledged the grant, 40 ms each time, and the client has no option for it.
 * https://www.rfc-editor.org/rfc/rfc1122#page-98
 */
function withoutDelay<Client extends EventHubProducerClient | EventHubConsumerClient>(client: Client): Client {
  const { connection } = (client as unknown as { readonly _context: RheaContext })._context
  connection.options.tcp_no_delay = true
  return client
}

const namesHub = (connectionString: string): boolean => /;EntityPath=/i.test(connectionString)

function credentialOf({ credential }: ClientOptions): DataCredential {
  if (!credential) throw new Error('a namespace without keys needs a credential')
  return credential
}

/** Uses WebSockets of `ws`, because Node's own do not support a proxy, and Node 20 has them only behind a switch. */
function sdkOptions({ target, userAgent }: ClientOptions): EventHubClientOptions {
  // The client would retry even when a right is missing.
  const retryOptions = { maxRetries: 0, timeoutInMs: OPERATION_MS }
  if (target.transport !== 'web-sockets') return { userAgent, retryOptions }
  const webSocketConstructorOptions = target.proxy ? { agent: new HttpsProxyAgent(target.proxy) } : {}
  return { userAgent, retryOptions, webSocketOptions: { webSocket: WebSocket, webSocketConstructorOptions } }
}

/** Fires with the first of some signals. All requests and partitions of a hub may listen to it: Node warns of more than ten. */
export function sharedSignal(...signals: readonly AbortSignal[]): AbortSignal {
  const shared = AbortSignal.any([...signals])
  setMaxListeners(0, shared)
  return shared
}

export interface PartitionReading {
  readonly partition: string
  readonly startPosition: EventPosition
  /** Called with new events in order, or with none after a second without events. Answer true to stop reading. */
  readonly onEvents: (events: readonly ReceivedEventData[]) => boolean | Promise<boolean>
  readonly signal: AbortSignal
  /** How many events the service may send at once. */
  readonly batchSize?: number
}

const BATCH_SIZE = 500

/**
 * Reads one partition until `onEvents` answers true. Bodies are not parsed: a data body is a Buffer. Rejects with the
 * client's error, or with the signal's reason; after a timeout, with the client's last error if there is one.
 */
export async function readPartition(client: EventHubConsumerClient, reading: PartitionReading): Promise<void> {
  const { partition, startPosition, onEvents, signal, batchSize = BATCH_SIZE } = reading
  signal.throwIfAborted()
  let settle: { readonly resolve: () => void; readonly reject: (error: Error) => void }
  const ended = new Promise<void>((resolve, reject) => (settle = { resolve, reject }))
  let lastError: Error | undefined
  const onAbort = () => settle.reject(isTimeout(signal.reason) && lastError ? lastError : (signal.reason as Error))
  signal.addEventListener('abort', onAbort, { once: true })
  const subscription = client.subscribe(
    partition,
    {
      processEvents: async (events) => {
        // The client would report an error thrown here as its own.
        await Promise.resolve()
          .then(() => onEvents(events))
          .then((isEnd) => isEnd && settle.resolve(), settle.reject)
      },
      processError: async (error) => {
        lastError = error
        if (!isTemporary(error)) settle.reject(error)
      },
    },
    {
      ...{ startPosition, maxBatchSize: batchSize, maxWaitTimeInSeconds: 1, skipParsingBodyAsJson: true },
      // Without it, the client asks for three times as many.
      ...(batchSize !== BATCH_SIZE && { prefetchCount: batchSize }),
    },
  )
  try {
    await ended
  } finally {
    signal.removeEventListener('abort', onAbort)
    await closeSoon(subscription)
  }
}

/** The client also retries when a right is missing, which is not temporary. */
const isTemporary = (error: Error): boolean => {
  const { code, retryable } = error as { readonly code?: unknown; readonly retryable?: unknown }
  return retryable === true && code !== 'UnauthorizedError'
}
const isTimeout = (reason: unknown): boolean => reason instanceof Error && reason.name === 'TimeoutError'
