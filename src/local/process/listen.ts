import { connect, createServer, type Server, type Socket } from 'node:net'
import { Failure } from '../../lib/errors.ts'

export const LOCALHOST = '127.0.0.1'
const LOOPBACKS = [LOCALHOST, '::1'] as const
export interface TcpListener {
  readonly port: number
  /** Resolves when the last connection has ended. */
  close(): Promise<void>
}

/**
 * As many connections as a Standard namespace brokers. https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas
 */
const MOST_CONNECTIONS = 5_000
const ATTEMPTS_AT_FREE_PORT = 10

/**
 * Listens on the first of `ports` that is free, or else on any free port. A loopback host means both loopback addresses
 * on one port, because `localhost` is one or the other depending on the machine and the client. Rejects with Failure
 * `local-host` when it cannot listen at the host at all.
 */
export async function listen(
  host: string,
  ports: readonly number[],
  onSocket: (socket: Socket) => void,
): Promise<TcpListener> {
  return (await listenIfFree(host, ports, onSocket)) ?? listenerOf(await listenAnywhere(hostsOf(host), onSocket))
}

/** As `listen`, but undefined when none of the ports is free. */
export async function listenIfFree(
  host: string,
  ports: readonly number[],
  onSocket: (socket: Socket) => void,
): Promise<TcpListener | undefined> {
  for (const port of ports) {
    if (await isTaken(host, port)) continue
    const servers = await listenAll(hostsOf(host), port, onSocket)
    if (servers) return listenerOf(servers)
  }
  return undefined
}

const PROBE_MS = 100

/**
 * Whether somebody listens on a port already. Windows, and the BSDs with macOS, let one more listen there: on loopback, while
 * another one has the port on all addresses. Windows needs two seconds to refuse a connection, hence the limit.
 */
export async function isTaken(host: string, port: number): Promise<boolean> {
  if (port === 0) return false
  const all = ANYWHERE.includes(host) ? LOOPBACKS : hostsOf(host)
  return (await Promise.all(all.map((one) => answersAt(one, port)))).includes(true)
}

const ANYWHERE = ['0.0.0.0', '::']

const answersAt = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port })
    const done = (answers: boolean) => {
      socket.destroy()
      resolve(answers)
    }
    socket.setTimeout(PROBE_MS, () => done(false))
    socket.once('connect', () => done(true)).once('error', () => done(false))
  })

const hostsOf = (host: string): readonly string[] =>
  host === 'localhost' || LOOPBACKS.some((address) => address === host) ? LOOPBACKS : [host]

const listenerOf = (servers: readonly Server[]): TcpListener => ({
  port: portOf(servers[0]!),
  close: async () => {
    await Promise.all(servers.map(closeServer))
  },
})

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
