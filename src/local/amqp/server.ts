import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Hubs } from '../hubs/hubs.ts'
import { Client } from './client.ts'
import { amqpContext } from './refusals.ts'
import type { ForeignProtocol } from './wire/framing.ts'
import { RheaPeer } from './wire/rhea-connection.ts'

/** Serves hubs over AMQP 1.0, as the service does, on the sockets that it is given. */
export function serveAmqp(hubs: Hubs) {
  const peers = new Set<RheaPeer>()
  const containerId = `ml-ingest-${randomUUID()}`
  const told = new Set<ForeignProtocol>()
  let id = 0
  const onForeign = (protocol: ForeignProtocol) => {
    if (!told.has(protocol)) hubs.log(FOREIGN[protocol])
    told.add(protocol)
  }
  const context = amqpContext(hubs)
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
