import { randomUUID } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import {
  earliestEventPosition,
  latestEventPosition,
  type EventHubConsumerClient,
  type EventHubProducerClient,
  type PartitionProperties,
} from '@azure/event-hubs'
import type { Connection, StepOutcome } from '../engine/connection.ts'
import type { Clock } from '../lib/clock.ts'
import { targetOf } from './connection-target.ts'
import type { Env } from '../inputs/given.ts'
import { type Attempt, dataError } from './failure.ts'
import { openConsumer, openProducer, type ClientOptions, readPartition } from './open-clients.ts'

export interface VerifyOptions extends Omit<ClientOptions, 'target'> {
  readonly consumerGroup: string
  readonly webSockets: boolean
  readonly env: Env
  readonly clock: Clock
  readonly signal: AbortSignal
}

const STEPS = ['dns', 'tcp', 'tls', 'sign-in', 'hub', 'send', 'read'] as const
type DataStep = (typeof STEPS)[number]

/** Property of the test event, so that pipelines can skip it. The body is `{"probe":"ml-ingest verify","id":…}`. */
const PROBE_PROPERTY = 'ml-ingest-probe'
const READ_BACK_MS = 60_000

/**
 * Tests a connection as a pipeline would use it: connects, signs in, reads the hub's properties, sends a test event to the
 * first partition and reads it back. Yields each finished step and stops after the first failure. Rejects only with the
 * signal's reason.
 */
export async function* verifyConnection(connection: Connection, options: VerifyOptions): AsyncGenerator<StepOutcome> {
  const run = new VerifyRun(connection, options)
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

/** The result of a step in words, or why it was skipped. */
type Found = string | { readonly skipped: string }

class VerifyRun {
  readonly #connection: Connection
  readonly #options: VerifyOptions
  readonly #client: ClientOptions
  readonly #eventId = randomUUID()
  #tcp: Socket | undefined
  #producer: EventHubProducerClient | undefined
  #consumer: EventHubConsumerClient | undefined
  #partition: PartitionProperties | undefined
  #partitionIds: readonly string[] = []

  constructor(connection: Connection, options: VerifyOptions) {
    this.#connection = connection
    this.#options = options
    this.#client = { ...options, target: targetOf(connection, options) }
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
    await Promise.allSettled([this.#producer?.close(), this.#consumer?.close()])
  }

  #attempt(step: DataStep): Attempt {
    const doing = step === 'dns' || step === 'tcp' || step === 'tls' ? 'connect' : step
    const { consumerGroup } = this.#options
    return { connection: this.#connection, target: this.#client.target, doing, consumerGroup }
  }

  readonly #steps: Readonly<Record<DataStep, () => Promise<Found>>> = {
    dns: async () => {
      const { hostname, proxy } = this.#client.target
      const name = proxy?.hostname ?? hostname
      return `${proxy ? 'proxy ' : ''}${name} is ${(await resolve(name)).join(', ')}`
    },
    tcp: async () => {
      const { hostname, port, proxy } = this.#client.target
      const at = proxy
        ? { hostname: proxy.hostname, port: Number(proxy.port || (proxy.protocol === 'https:' ? 443 : 80)) }
        : { hostname, port }
      this.#tcp = await openTcp(at.hostname, at.port, this.#options.signal)
      return `port ${at.port}`
    },
    tls: async () => {
      const { hostname, transport, proxy } = this.#client.target
      if (transport === 'tcp') return { skipped: 'the embedded Azure does not use it' }
      if (proxy) return { skipped: 'happens through the proxy, with the sign-in' }
      return openTls(this.#tcp!, hostname, this.#options.signal)
    },
    'sign-in': async () => {
      const { sign } = this.#connection
      this.#tcp?.destroy()
      if (sign.kind === 'entra') await this.#options.credential?.getToken([])
      this.#producer = openProducer(this.#connection, this.#client)
      const { partitionIds } = await this.#producer.getEventHubProperties({ abortSignal: this.#options.signal })
      this.#partitionIds = partitionIds
      return sign.kind === 'entra'
        ? 'Microsoft Entra ID'
        : `rule ${sign.rule}, ${sign.secondary ? 'secondary' : 'primary'} key`
    },
    hub: async () => {
      const first = this.#partitionIds[0] ?? '0'
      this.#partition = await this.#producer!.getPartitionProperties(first, { abortSignal: this.#options.signal })
      const count = this.#partitionIds.length
      return `${this.#connection.hub}, ${count} ${count === 1 ? 'partition' : 'partitions'}`
    },
    send: async () => {
      if (!this.#mayUse('Send')) return { skipped: this.#withoutRight('Send', 'no event can be sent') }
      const { clock, signal } = this.#options
      const { partitionId } = this.#partition!
      const event = {
        body: { probe: 'ml-ingest verify', id: this.#eventId, sentAt: new Date(clock.now()).toISOString() },
        contentType: 'application/json',
        properties: { [PROBE_PROPERTY]: this.#eventId },
      }
      await this.#producer!.sendBatch([event], { partitionId, abortSignal: signal })
      return `1 event to partition ${partitionId}`
    },
    read: () => this.#read(),
  }

  async #read(): Promise<Found> {
    if (!this.#mayUse('Listen')) return { skipped: this.#withoutRight('Listen', 'the event cannot be read back') }
    const { consumerGroup, signal } = this.#options
    const { partitionId, isEmpty, lastEnqueuedSequenceNumber } = this.#partition!
    const sent = this.#mayUse('Send')
    this.#consumer = openConsumer(this.#connection, consumerGroup, this.#client)
    const nothing = sent ? earliestEventPosition : latestEventPosition
    let found: string | undefined
    await readPartition(this.#consumer, {
      partition: partitionId,
      startPosition: isEmpty ? nothing : { sequenceNumber: lastEnqueuedSequenceNumber, isInclusive: !sent },
      signal: AbortSignal.any([signal, AbortSignal.timeout(READ_BACK_MS)]),
      onEvents: (events) => {
        const event = sent ? events.find(({ properties }) => properties?.[PROBE_PROPERTY] === this.#eventId) : events[0]
        if (event) found = `event ${event.sequenceNumber} of partition ${partitionId}, through ${consumerGroup}`
        else if (!sent) found = `partition ${partitionId} is open through ${consumerGroup}; nothing is in it`
        return found !== undefined
      },
    })
    return found ?? ''
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
