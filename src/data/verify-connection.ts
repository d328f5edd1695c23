import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Connection, StepOutcome } from '../engine/connection.ts'
import { type Attempt, dataError } from './failure.ts'
import type { Probe, ProbeOptions } from './probe.ts'

const STEPS = ['dns', 'tcp', 'tls', 'sign-in', 'hub', 'send', 'read'] as const
type DataStep = (typeof STEPS)[number]

/**
 * Tests a connection as a pipeline would use it: connects, signs in, reads the hub's properties, sends a test event to the
 * first partition and reads it back. Yields each finished step and stops after the first failure. Rejects with the
 * signal's reason, or with a bug.
 */
export async function* verifyConnection(connection: Connection, options: ProbeOptions): AsyncGenerator<StepOutcome> {
  const run = new VerifyRun(connection, options, await openProbe(connection, options))
  try {
    for (const step of STEPS) {
      const outcome = await run.try(step)
      yield outcome
      if (outcome.state === 'failed') return
    }
  } finally {
    await run.close()
  }
}

/** Loads the clients of the one protocol that is tried. */
async function openProbe(connection: Connection, options: ProbeOptions): Promise<Probe> {
  if (options.target.protocol === 'kafka') return new (await import('./kafka-probe.ts')).KafkaProbe(connection, options)
  return new (await import('./amqp-probe.ts')).AmqpProbe(connection, options)
}

/** The result of a step in words, or why it was skipped. */
type Found = string | { readonly skipped: string }

class VerifyRun {
  readonly #connection: Connection
  readonly #options: ProbeOptions
  readonly #probe: Probe
  #tcp: Socket | undefined

  constructor(connection: Connection, options: ProbeOptions, probe: Probe) {
    this.#connection = connection
    this.#options = options
    this.#probe = probe
  }

  async try(step: DataStep): Promise<StepOutcome> {
    const { clock, signal } = this.#options
    const startedAt = clock.now()
    const timed = () => ({ step, elapsedMs: Math.round(clock.now() - startedAt) })
    try {
      signal.throwIfAborted()
      const found = await this.#steps[step]()
      if (typeof found === 'string') return { ...timed(), state: 'passed', detail: found }
      return { ...timed(), state: 'skipped', detail: found.skipped }
    } catch (cause) {
      signal.throwIfAborted()
      const error = dataError(cause, this.#attempt(step))
      return { ...timed(), state: 'failed', detail: error.message, reason: error.reason ?? 'unknown', error }
    }
  }

  async close(): Promise<void> {
    this.#tcp?.destroy()
    await this.#probe.close()
  }

  #attempt(step: DataStep): Attempt {
    const doing = step === 'dns' || step === 'tcp' || step === 'tls' ? 'connect' : step
    const { target, consumerGroup } = this.#options
    return { connection: this.#connection, target, doing, consumerGroup }
  }

  readonly #steps: Readonly<Record<DataStep, () => Promise<Found>>> = {
    dns: async () => {
      const { hostname, proxy } = this.#options.target
      const name = proxy?.hostname ?? hostname
      return `${proxy ? 'proxy ' : ''}${name} is ${(await resolve(name)).join(', ')}`
    },
    tcp: async () => {
      const { hostname, port, proxy } = this.#options.target
      const at = proxy
        ? { hostname: proxy.hostname, port: Number(proxy.port || (proxy.protocol === 'https:' ? 443 : 80)) }
        : { hostname, port }
      this.#tcp = await openTcp(at.hostname, at.port, this.#options.signal)
      return `port ${at.port}`
    },
    tls: async () => {
      const { hostname, transport, proxy } = this.#options.target
      if (transport === 'tcp') return { skipped: 'the embedded Azure does not use it' }
      if (proxy) return { skipped: 'happens through the proxy, with the sign-in' }
      return openTls(this.#tcp!, hostname, this.#options.signal)
    },
    'sign-in': async () => {
      const { sign } = this.#connection
      this.#tcp?.destroy()
      await this.#probe.signIn()
      return sign.kind === 'entra'
        ? 'Microsoft Entra ID'
        : `rule ${sign.rule}, ${sign.secondary ? 'secondary' : 'primary'} key`
    },
    hub: async () => {
      const count = await this.#probe.findHub()
      return `${this.#connection.hub}, ${count} ${count === 1 ? 'partition' : 'partitions'}`
    },
    send: async () => {
      if (!this.#mayUse('Send')) return { skipped: this.#withoutRight('Send', 'no event can be sent') }
      return `1 event to partition ${await this.#probe.send()}`
    },
    read: async () => {
      if (!this.#mayUse('Listen')) return { skipped: this.#withoutRight('Listen', 'the event cannot be read back') }
      return this.#probe.read(this.#mayUse('Send'))
    },
  }

  #mayUse(right: 'Send' | 'Listen'): boolean {
    const { sign } = this.#connection
    return sign.kind === 'entra' || sign.rights.includes(right) || sign.rights.includes('Manage')
  }

  #withoutRight(right: string, so: string): string {
    const { sign } = this.#connection
    return `rule ${sign.kind === 'sas' ? sign.rule : ''} has no right ${right}: ${so}`
  }
}

/** Without an answer, the operating system would wait for minutes. */
const CONNECT_MS = 10_000

async function resolve(hostname: string): Promise<readonly string[]> {
  const all = await lookup(hostname.replace(/^\[|\]$/g, ''), { all: true })
  return all.map(({ address }) => address)
}

/** Opens a TCP connection. Rejects with ETIMEDOUT if there is no answer. */
async function openTcp(hostname: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port })
  await opened(socket, 'connect', signal)
  return socket
}

/** Starts TLS on an open connection. Answers the protocol version. */
async function openTls(socket: Socket, hostname: string, signal: AbortSignal): Promise<string> {
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
