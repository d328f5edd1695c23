import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import type { DecodedMessage } from '../encoding/message.ts'
import { Claims, pathSegments, verifyPassword, verifyToken } from '../hubs/access.ts'
import { countOf } from '../hubs/links.ts'
import { HubError } from '../hubs/errors.ts'
import type { Hubs } from '../hubs/hubs.ts'
import { answerManagement, type Reply, RequestNode } from './request-nodes.ts'
import { openReceiver, openSender } from './hub-links.ts'
import { amqpContext, type AmqpContext, notSupported } from './refusals.ts'
import { Connection } from './wire/connection.ts'
import type { ForeignProtocol } from './wire/frame-reader.ts'
import { ChunkPool } from './wire/frame-writer.ts'
import type { AmqpError, InboundLink, OutboundLink, PeerHandler } from './wire/link.ts'

/** Serves hubs over AMQP 1.0, as the service does, on the sockets that it is given. */
export function serveAmqp(hubs: Hubs) {
  const peers = new Map<Connection, Client>()
  const containerId = `ml-ingest-${randomUUID()}`
  const told = new Set<ForeignProtocol>()
  let id = 0
  const onForeign = (protocol: ForeignProtocol) => {
    if (!told.has(protocol)) hubs.log(FOREIGN[protocol])
    told.add(protocol)
  }
  const onError = (error: unknown) => hubs.log(String(error instanceof Error ? error.stack : error))
  const chunks = new ChunkPool()
  const context = amqpContext(hubs)
  return {
    accept: (socket: Socket): void => {
      const options = { id: ++id, containerId, clock: hubs.clock, chunks, onForeign, onError }
      const client = new Client(context)
      const peer = new Connection(socket, options, () => client)
      peers.set(peer, client)
      socket.once('close', () => peers.delete(peer))
    },
    connections: (namespace?: string): number => countOf(peers, namespace),
    /** Tells the clients why, and ends their connections. */
    close: async (): Promise<void> => {
      const all = [...peers.keys()]
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
  kafka: 'A client spoke Kafka to the port of AMQP and was turned away: Kafka has a port of its own',
  'amqp-0-9': 'A client spoke another version of AMQP and was turned away: only AMQP 1.0 is served',
  unknown: 'A client spoke something unknown and was turned away: only AMQP 1.0 is served',
}

const MOST_REQUEST_BYTES = 64 * 1024

/** One connection: what it may do, and what its links lead to. */
class Client implements PeerHandler {
  readonly #context: AmqpContext
  readonly #claims: Claims
  readonly #cbs: RequestNode
  readonly #management: RequestNode

  constructor(context: AmqpContext) {
    this.#context = context
    this.#claims = new Claims(context.hubs)
    const node = (name: string, answer: (request: DecodedMessage) => Reply) =>
      new RequestNode(answer, (error) => context.refusalOf(error, name))
    this.#cbs = node('$cbs', (request) => this.#putToken(request))
    this.#management = node('$management', (request) => answerManagement(context.hubs, this.#claims, request))
  }

  /** Whose key it has shown. */
  get namespace(): string | undefined {
    return this.#claims.namespace
  }

  onPassword(user: string, password: string): boolean {
    const claim = verifyPassword(user, password, this.#context.hubs)
    if (claim) this.#claims.add(claim)
    return claim !== undefined
  }

  onInboundLink(link: InboundLink): void {
    const path = link.request.target ?? ''
    this.#refuseOnError(link, path, () => {
      const address = parseAddress(path)
      if (address.kind === 'cbs') this.#cbs.openRequests(link, MOST_REQUEST_BYTES)
      else if (address.kind === 'management') this.#management.openRequests(link, MOST_REQUEST_BYTES)
      else if (address.kind === 'hub') openSender(this.#context, this.#claims, link, undefined)
      else if (address.kind === 'partition') openSender(this.#context, this.#claims, link, address.partition)
      else if (address.kind === 'publisher') throw notSupported('Publisher endpoints are')
      else throw new HubError({ because: 'not-found', path })
    })
  }

  onOutboundLink(link: OutboundLink): void {
    const path = link.request.source ?? ''
    this.#refuseOnError(link, path, () => {
      const address = parseAddress(path)
      if (address.kind === 'cbs') this.#cbs.openReplies(link)
      else if (address.kind === 'management') this.#management.openReplies(link)
      else if (address.kind === 'consumer') openReceiver(this.#context, this.#claims, link, address)
      else throw new HubError({ because: 'not-found', path })
    })
  }

  #putToken({ applicationProperties, body }: DecodedMessage): Reply {
    const operation = applicationProperties.get('operation')
    const audience = applicationProperties.get('name')
    if (operation !== 'put-token') throw notSupported(`The operation '${String(operation)}' is`)
    const token = Buffer.isBuffer(body) ? body.toString('utf8') : body
    // The type that the request states does not count: the client in Python says jwt of every token.
    const isText = typeof token === 'string' && typeof audience === 'string'
    if (!isText) throw new HubError({ because: 'malformed-token', path: String(audience) })
    this.#claims.add(verifyToken(token, audience, this.#context.hubs))
    return { status: 202, description: 'Accepted' }
  }

  #refuseOnError(link: { close(error: AmqpError): void }, path: string, open: () => void): void {
    try {
      open()
    } catch (error) {
      this.#context.countRefused(this.namespace, path, error)
      link.close(this.#context.refusalOf(error, path).toAmqp())
    }
  }
}

/** What a link is about. */
type Address =
  | { readonly kind: 'cbs' | 'management' | 'hub' | 'publisher' | 'unknown' }
  | { readonly kind: 'partition'; readonly partition: string }
  | { readonly kind: 'consumer'; readonly group: string; readonly partition: string }

function parseAddress(address: string): Address {
  const segments = pathSegments(address)
  const [, , third = '', , fifth = ''] = segments
  const words = segments.map((segment) => segment.toLowerCase())
  const [first, kind = '', , fourthWord] = words
  switch (segments.length) {
    case 1:
      return { kind: first === '$cbs' ? 'cbs' : first === '$management' ? 'management' : 'hub' }
    case 2:
      return { kind: kind === '$management' ? 'management' : 'unknown' }
    case 3:
      if (kind === 'partitions') return { kind: 'partition', partition: third }
      return { kind: kind === 'publishers' ? 'publisher' : 'unknown' }
    case 5:
      if (kind !== 'consumergroups' || fourthWord !== 'partitions') return { kind: 'unknown' }
      return { kind: 'consumer', group: third, partition: fifth }
    default:
      return { kind: 'unknown' }
  }
}
