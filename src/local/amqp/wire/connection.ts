import type { Socket } from 'node:net'
import type { Clock } from '../../../lib/clock.ts'
import { encodeError } from './errors.ts'
import {
  conditionOf,
  type ForeignProtocol,
  FrameReader,
  FramingError,
  headerOf,
  type Layer,
  MAX_FRAME_BYTES,
} from './frame-reader.ts'
import { type ChunkPool, FrameWriter } from './frame-writer.ts'
import {
  ANSWERS,
  CHANNEL_MAX,
  encodeOpen,
  IDLE_TIMEOUT_MS,
  MECHANISMS,
  OUTCOME,
  outcomeOf,
  readOpen,
} from './handshake.ts'
import type { AmqpError, Peer, PeerHandler } from './link.ts'
import type { OutboundEnd } from './outbound-end.ts'
import { encodePerformative, type FieldsOf, type Performative } from './performatives.ts'
import { Session, type SessionHost } from './session.ts'

const HANDSHAKE_MS = 60_000
const LINGER_MS = 5_000
/** When this many bytes wait for one client, its links stop, however much credit it gave. */
const MOST_UNSENT_BYTES = 4 * 1024 * 1024
/** When this many wait, the client is not heard either until it reads: all that it says has an answer. */
const MOST_ANSWERED_BYTES = 2 * MOST_UNSENT_BYTES
/** What one link may write before the others have their turn. */
const TURN_BYTES = 256 * 1024
const MOST_LINKS = 10_000

export interface ConnectionOptions {
  readonly id: number
  readonly containerId: string
  readonly clock: Clock
  /** Shared by all connections. */
  readonly chunks: ChunkPool
  readonly onForeign: (protocol: ForeignProtocol) => void
  /** Told of a mistake that is ours. */
  readonly onError: (error: unknown) => void
}

/** Serves one client on an accepted socket: AMQP 1.0, as its specification defines it. */
export class Connection implements Peer, SessionHost {
  readonly id: number
  readonly peer: Peer = this
  readonly handler: PeerHandler
  readonly writer: FrameWriter
  containerId = ''
  userAgent = ''
  frameBytes = MAX_FRAME_BYTES
  readonly #socket: Socket
  readonly #options: ConnectionOptions
  readonly #reader: FrameReader
  readonly #sessions = new Map<number, Session>()
  readonly #scheduled = new Set<OutboundEnd>()
  readonly #ending = new AbortController()
  /** Aborted when the socket is closed, which may be later. */
  readonly #gone = new AbortController()
  #phase: 'new' | 'sasl' | 'authenticated' | 'opening' | 'open' | 'ended' = 'new'
  #heard = true
  #turnEndsAt = 0
  #links = 0
  #challenged = false

  constructor(socket: Socket, options: ConnectionOptions, createHandler: (peer: Peer) => PeerHandler) {
    this.id = options.id
    this.#socket = socket
    this.#options = options
    this.writer = new FrameWriter(socket, options.chunks)
    this.#reader = new FrameReader({
      onHeader: (layer) => this.#onHeader(layer),
      onFrame: (...frame) => this.#onFrame(...frame),
      onForeign: (protocol) => this.#onForeign(protocol),
    })
    this.handler = createHandler(this)
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('drain', () => this.#onDrain())
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#end()
      this.#gone.abort()
    })
    void this.#after(HANDSHAKE_MS, () => this.#phase === 'open' || socket.destroy())
  }

  /** Tells the client why, as far as the handshake allows it, and ends. */
  close(error: AmqpError): void {
    if (this.#phase === 'opening') this.#writeOpen()
    if (this.#phase === 'opening' || this.#phase === 'open') this.#writeClose(encodeError(error))
    this.#hangUp()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  get stop(): SessionHost['stop'] {
    if (this.writer.unsentBytes > MOST_UNSENT_BYTES) return 'unsent'
    return this.writer.writtenBytes < this.#turnEndsAt ? undefined : 'turn'
  }

  openLink(): boolean {
    if (this.#links >= MOST_LINKS) return false
    this.#links++
    return true
  }

  closeLinks(count: number): void {
    this.#links -= count
  }

  schedule(link: OutboundEnd): void {
    if (this.#scheduled.size === 0) setImmediate(() => this.#run())
    this.#scheduled.add(link)
  }

  #run(): void {
    const links = [...this.#scheduled]
    this.#scheduled.clear()
    for (const link of links) {
      this.#turnEndsAt = this.writer.writtenBytes + TURN_BYTES
      this.#guarded(() => link.run())
    }
  }

  #receive(chunk: Buffer): void {
    this.#guarded(() => this.#reader.receive(chunk))
    if (this.writer.unsentBytes > MOST_ANSWERED_BYTES) this.#socket.pause()
  }

  #onDrain(): void {
    this.#socket.resume()
    for (const session of this.#sessions.values()) session.wakeAll()
  }

  /** Ends the connection where the client broke the protocol. */
  #guarded(work: () => void): void {
    try {
      work()
    } catch (error) {
      const condition = conditionOf(error)
      if (condition === undefined) this.#options.onError(error)
      this.close({ condition: condition ?? 'amqp:internal-error', description: (error as Error).message })
    }
  }

  #onForeign(protocol: ForeignProtocol): void {
    const answer = ANSWERS[protocol]
    if (answer) this.writer.write(answer)
    this.#hangUp()
    this.#options.onForeign(protocol)
  }

  #onHeader(layer: Layer): void {
    if (this.#phase === 'new' && layer === 'sasl') {
      this.writer.write(headerOf('sasl'))
      this.writer.frame('sasl', 0, encodePerformative('sasl-mechanisms', { mechanisms: MECHANISMS }))
      this.#phase = 'sasl'
    } else if ((this.#phase === 'new' || this.#phase === 'authenticated') && layer === 'amqp') {
      this.writer.write(headerOf('amqp'))
      this.#phase = 'opening'
    } else throw new FramingError('A protocol header within a connection')
  }

  #onFrame(layer: Layer, channel: number, performative: Performative | undefined, payload: Buffer): void {
    this.#heard = true
    if (layer !== (this.#phase === 'sasl' ? 'sasl' : 'amqp')) throw new FramingError('A frame of another layer')
    if (!performative) return
    switch (this.#phase) {
      case 'sasl':
        return this.#onSasl(performative)
      case 'opening':
        return this.#onOpen(performative)
      case 'open':
        return this.#onPerformative(channel, performative, payload)
      default:
        throw new FramingError('A frame before the protocol header')
    }
  }

  #onSasl(performative: Performative): void {
    const awaited = this.#challenged ? 'sasl-response' : 'sasl-init'
    if (performative.name !== awaited) throw new FramingError(`${performative.name} in place of ${awaited}`)
    const code = outcomeOf(performative, (user, password) => this.handler.onPassword(user, password))
    if (code === undefined) {
      this.#challenged = true
      return this.writer.frame('sasl', 0, encodePerformative('sasl-challenge', { challenge: Buffer.alloc(0) }))
    }
    this.writer.frame('sasl', 0, encodePerformative('sasl-outcome', { code }))
    if (code === OUTCOME.ok) this.#phase = 'authenticated'
    else this.#hangUp()
  }

  #onOpen(performative: Performative): void {
    if (performative.name !== 'open') throw new FramingError(`${performative.name} in place of open`)
    const asked = readOpen(performative.fields)
    if ('condition' in asked) return this.close(asked)
    this.containerId = performative.fields.containerId
    this.userAgent = asked.userAgent
    this.frameBytes = asked.frameBytes
    this.#writeOpen()
    this.#phase = 'open'
    if (asked.heartbeatMs !== undefined) void this.#repeat(asked.heartbeatMs, () => this.writer.empty())
    void this.#repeat(IDLE_TIMEOUT_MS, () => this.#expectSound())
  }

  #writeOpen(): void {
    this.writer.frame('amqp', 0, encodeOpen(this.#options.containerId))
  }

  /** The last frame, so what was accepted has to be said before it. */
  #writeClose(error?: Buffer): void {
    for (const session of this.#sessions.values()) session.writeAccepted()
    this.writer.frame('amqp', 0, encodePerformative('close', { error }))
  }

  #onPerformative(channel: number, performative: Performative, payload: Buffer): void {
    const { name } = performative
    if (name === 'close') {
      this.#writeClose()
      return this.#hangUp()
    }
    if (name === 'begin') return this.#onBegin(channel, performative.fields)
    const session = this.#sessions.get(channel)
    if (!session) return this.#refuse(`${name} on channel ${channel}, which has no session`)
    if (name !== 'end') return session.receive(performative, payload)
    this.#sessions.delete(channel)
    session.remoteEnd()
  }

  #onBegin(channel: number, begin: FieldsOf<'begin'>): void {
    if (channel > CHANNEL_MAX) throw new FramingError(`Channel ${channel}; the largest is ${CHANNEL_MAX}`)
    if (this.#sessions.has(channel)) this.#refuse(`Channel ${channel} has a session already`)
    else this.#sessions.set(channel, new Session(channel, this, begin))
  }

  #refuse(description: string): void {
    this.close({ condition: 'amqp:not-allowed', description })
  }

  #expectSound(): void {
    const description = `No sign of life within ${IDLE_TIMEOUT_MS} ms`
    const isHeard = this.#heard || this.#socket.isPaused()
    if (!isHeard) this.close({ condition: 'amqp:resource-limit-exceeded', description })
    this.#heard = false
  }

  async #repeat(everyMs: number, work: () => void): Promise<void> {
    while (!this.#ending.signal.aborted) await this.#after(everyMs, work)
  }

  /** Does it later, unless the connection has ended by then. */
  async #after(ms: number, work: () => void): Promise<void> {
    const { signal } = this.#ending
    await this.#options.clock.sleep(ms, signal).catch(() => undefined)
    if (!signal.aborted) work()
  }

  /** What was written still goes out, and nothing more comes in. */
  #hangUp(): void {
    if (this.#phase === 'ended') return
    this.writer.flush()
    this.#end()
    this.#socket.resume()
    this.#socket.end()
    void this.#options.clock.sleep(LINGER_MS, this.#gone.signal).then(
      () => this.#socket.destroy(),
      () => undefined,
    )
  }

  #end(): void {
    if (this.#phase === 'ended') return
    this.#phase = 'ended'
    this.#reader.stop()
    this.#ending.abort()
    for (const session of this.#sessions.values()) session.forget()
    this.#sessions.clear()
  }
}
