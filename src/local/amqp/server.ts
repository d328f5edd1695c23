import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Hubs } from '../hubs/hubs.ts'
import { Client } from './client.ts'
import { internalError, type Refusal, refusalOf } from './refusals.ts'
import type { ForeignProtocol } from './wire/framing.ts'
import { RheaPeer } from './wire/rhea-connection.ts'

/** What every link of every client works with. */
export interface AmqpContext {
  readonly hubs: Hubs
  /** What a client is told of any failure; one that nobody foresaw is written to the log. */
  refusalOf(error: unknown, path: string): Refusal
}

/** Serves hubs over AMQP 1.0, as the service does, on the sockets that it is given. */
export function serveAmqp(hubs: Hubs) {
  const { clock, log } = hubs
  const peers = new Set<RheaPeer>()
  const containerId = `ml-ingest-${randomUUID()}`
  const told = new Set<ForeignProtocol>()
  let id = 0
  const onForeign = (protocol: ForeignProtocol) => {
    if (!told.has(protocol)) log(FOREIGN[protocol])
    told.add(protocol)
  }
  const context: AmqpContext = {
    hubs,
    refusalOf: (error, path) => {
      const foreseen = refusalOf(error, clock)
      if (foreseen) return foreseen
      log(`${path}: ${error instanceof Error ? error.message : String(error)}`)
      return internalError(error)
    },
  }
  return {
    accept: (socket: Socket): void => {
      const peer: RheaPeer = new RheaPeer(socket, { id: ++id, containerId, onForeign }, () => {
        return new Client(context, () => peers.delete(peer))
      })
      peers.add(peer)
    },
    connections: (): number => peers.size,
    /** Tells the clients why, and ends their connections. */
    close: async (): Promise<void> => {
      const all = [...peers]
      const reason = { condition: 'amqp:connection:forced', description: 'The local Event Hubs is stopping.' }
      for (const peer of all) peer.close(reason)
      // After this turn the system has the goodbye.
      await new Promise((resolve) => setImmediate(resolve))
      for (const peer of all) peer.destroy()
    },
  }
}

/** What to say, once each, of clients that speak something else to the port. */
const FOREIGN: Readonly<Record<ForeignProtocol, string>> = {
  tls: 'A client opened TLS and was turned away: its connection string needs UseDevelopmentEmulator=true',
  http: 'A client spoke HTTP or WebSockets and was turned away: only AMQP over TCP is served',
  kafka: 'A client spoke Kafka and was turned away: only AMQP is served',
  'amqp-0-9': 'A client spoke another version of AMQP and was turned away: only AMQP 1.0 is served',
  unknown: 'A client spoke something unknown and was turned away: only AMQP 1.0 is served',
}
