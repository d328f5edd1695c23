import { EventHubConsumerClient, EventHubProducerClient, type EventHubClientOptions } from '@azure/event-hubs'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { WebSocket } from 'ws'
import type { Connection, DataCredential } from '../engine/connection.ts'
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

/** A client that sends to the hub of a connection. */
export const openProducer = (connection: Connection, options: ClientOptions): EventHubProducerClient => {
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
): EventHubConsumerClient => {
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
