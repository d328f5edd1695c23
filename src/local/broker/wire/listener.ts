import { createServer, type Server, type Socket } from 'node:net'

const LOOPBACKS = ['127.0.0.1', '::1'] as const
/** As many connections as a Standard namespace brokers. https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas */
const MOST_CONNECTIONS = 5_000
const ATTEMPTS_AT_FREE_PORT = 10

export interface Listener {
  readonly port: number
  /** The port that was asked for was in use. */
  readonly portTaken: boolean
  close(): Promise<void>
}

/**
 * Listens on `port`, or on a free one when it is 0 or taken. The loopback host is served under both its addresses on
 * one port, because `localhost` is the one or the other depending on the machine and the client.
 */
export async function listen(host: string, port: number, onSocket: (socket: Socket) => void): Promise<Listener> {
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

/** Undefined when the port is taken on any of the hosts; a machine without IPv6 is served under the other alone. */
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
      if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error
      return undefined
    }
  }
  return servers
}

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
