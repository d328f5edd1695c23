import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** A firewall that drops packets says nothing; the operating system would wait for minutes. */
const CONNECT_MS = 10_000

/** The addresses of a name. Rejects with the error of the resolver. */
export async function resolve(hostname: string): Promise<readonly string[]> {
  const all = await lookup(hostname.replace(/^\[|\]$/g, ''), { all: true })
  return all.map(({ address }) => address)
}

/** Opens a TCP connection; rejects with the system's error, or with ETIMEDOUT when nobody answers. */
export async function openTcp(hostname: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port })
  await opened(socket, 'connect', signal)
  return socket
}

/** Makes TLS of an open connection; rejects with the error of OpenSSL or of the certificate. */
export async function openTls(socket: Socket, hostname: string, signal: AbortSignal): Promise<string> {
  const secure = connectTls({ socket, servername: hostname })
  await opened(secure, 'secureConnect', signal)
  const protocol = secure.getProtocol() ?? 'TLS'
  secure.destroy()
  return protocol
}

async function opened(socket: Socket, event: string, signal: AbortSignal): Promise<void> {
  const timeout = AbortSignal.timeout(CONNECT_MS)
  try {
    await once(socket, event, { signal: AbortSignal.any([signal, timeout]) })
  } catch (error) {
    socket.on('error', () => undefined).destroy()
    signal.throwIfAborted()
    if (!timeout.aborted) throw error
    throw Object.assign(new Error(`no answer after ${CONNECT_MS / 1000} seconds`), { code: 'ETIMEDOUT' })
  }
}
