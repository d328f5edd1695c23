import { createServer, type Server, type Socket } from 'node:net'
import { serveAmqp } from '../amqp/server.ts'
import { AMQP_PORT } from '../constants.ts'
import { Hubs, type HubsOptions } from '../hubs/hubs.ts'
import { Failure } from '../../lib/errors.ts'
import type { Listener } from './record.ts'

/** Serves hubs on the sockets of one protocol. */
interface ProtocolServer {
  accept(socket: Socket): void
  connections(): number
  /** Ends all connections. */
  close(): Promise<void>
}

/** The protocols of the data plane: each is a folder, and a line here. */
const PROTOCOLS: Readonly<
  Record<Listener['protocol'], { readonly usualPort: number; readonly serve: (hubs: Hubs) => ProtocolServer }>
> = {
  amqp: { usualPort: AMQP_PORT, serve: serveAmqp },
}

export interface DataPlaneSwitches {
  /** Where clients connect. A loopback address stands for both of them. Default 127.0.0.1. */
  readonly host?: string
  /** The port of each protocol; 0 is any free one, and so is one that is taken. Default: the usual one. */
  readonly ports?: { readonly [P in Listener['protocol']]?: number }
}

export interface OpenListener extends Listener {
  /** The port that was asked for was in use, so that this is another one. */
  readonly portTaken: boolean
}

export interface DataPlane {
  readonly hubs: Hubs
  readonly listeners: readonly OpenListener[]
  /** How many clients are connected. */
  connections(): number
  /** Tells the clients, closes the ports and closes the files. */
  close(): Promise<void>
}

/**
 * Opens the hubs and serves them over every protocol. Rejects with the error of listen() when it cannot listen, with
 * Failure `local-state` when it cannot tell whose the stored events are.
 */
export async function startDataPlane(options: HubsOptions & DataPlaneSwitches): Promise<DataPlane> {
  const hubs = new Hubs(options)
  const served: { readonly server: ProtocolServer; readonly listener: TcpListener }[] = []
  const listeners: OpenListener[] = []
  const close = async () => {
    await Promise.all(served.map(closeServed))
    hubs.close()
  }
  try {
    for (const protocol of Object.keys(PROTOCOLS) as Listener['protocol'][]) {
      const { usualPort, serve } = PROTOCOLS[protocol]
      const server = serve(hubs)
      const port = options.ports?.[protocol] ?? usualPort
      const listener = await listen(options.host ?? LOOPBACKS[0], port, (socket) => server.accept(socket))
      served.push({ server, listener })
      listeners.push({ protocol, port: listener.port, portTaken: listener.portTaken })
    }
  } catch (error) {
    await close()
    throw error
  }
  const connections = () => served.reduce((sum, { server }) => sum + server.connections(), 0)
  return { hubs, listeners, connections, close }
}

async function closeServed({ server, listener }: { server: ProtocolServer; listener: TcpListener }): Promise<void> {
  // First no new connections, or we would wait for a client that comes back at once.
  const closed = listener.close()
  await server.close()
  await closed
}

interface TcpListener {
  readonly port: number
  readonly portTaken: boolean
  /** Resolves when the last connection has ended. */
  close(): Promise<void>
}

const LOOPBACKS = ['127.0.0.1', '::1'] as const
/**
 * As many connections as a Standard namespace brokers. https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas
 */
const MOST_CONNECTIONS = 5_000
const ATTEMPTS_AT_FREE_PORT = 10

/**
 * Listens on `port`, or on a free port when it is 0 or taken. A loopback host means both loopback addresses on one
 * port, because `localhost` is one or the other depending on the machine and the client.
 */
async function listen(host: string, port: number, onSocket: (socket: Socket) => void): Promise<TcpListener> {
  const isLoopback = host === 'localhost' || LOOPBACKS.some((address) => address === host)
  const hosts = isLoopback ? LOOPBACKS : [host]
  const asked = port === 0 ? undefined : await listenAll(hosts, port, onSocket)
  const servers = asked ?? (await listenAnywhere(hosts, onSocket))
  return {
    port: portOf(servers[0]!),
    portTaken: port !== 0 && asked === undefined,
    close: async () => {
      await Promise.all(servers.map(closeServer))
    },
  }
}

async function listenAnywhere(hosts: readonly string[], onSocket: (socket: Socket) => void): Promise<Server[]> {
  for (let attempt = 0; attempt < ATTEMPTS_AT_FREE_PORT; attempt++) {
    const servers = await listenAll(hosts, 0, onSocket)
    if (servers) return servers
  }
  throw new Error(`No port is free on ${hosts.join(' and ')}`)
}

/** Undefined when the port is taken on one of the hosts. A machine without IPv6 has only the other one. */
async function listenAll(
  hosts: readonly string[],
  port: number,
  onSocket: (socket: Socket) => void,
): Promise<Server[] | undefined> {
  const servers: Server[] = []
  for (const host of hosts) {
    try {
      const chosen = servers[0] ? portOf(servers[0]) : port
      servers.push(await listenOn(host, chosen, onSocket))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (servers.length > 0 && (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT')) continue
      await Promise.all(servers.map(closeServer))
      if (code !== 'EADDRINUSE' && code !== 'EACCES') throw cannotListen(host, error as NodeJS.ErrnoException)
      return undefined
    }
  }
  return servers
}

const WHY_NOT: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'This machine has no such address.',
  ENOTFOUND: 'There is no machine of this name.',
}

const cannotListen = (host: string, error: NodeJS.ErrnoException): Failure =>
  new Failure({
    code: 'local-host',
    message: `Can't listen on ${host}`,
    why: [WHY_NOT[error.code ?? ''] ?? error.message],
    hint: 'Give an address of this machine, 0.0.0.0 for all of them, or none: then only this machine can connect.',
    cause: error,
  })

function listenOn(host: string, port: number, onSocket: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(onSocket)
    server.maxConnections = MOST_CONNECTIONS
    server.once('error', reject)
    server.listen({ host, port, ipv6Only: host === '::1' }, () => {
      server.off('error', reject)
      resolve(server)
    })
  })
}

const portOf = (server: Server): number => (server.address() as { port: number }).port

const closeServer = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()))
