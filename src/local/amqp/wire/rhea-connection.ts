import type { Socket } from 'node:net'
import rhea from 'rhea'
import { FrameGuard, MAX_FRAME_BYTES, type ForeignProtocol } from './framing.ts'
import type { AmqpError, Peer, PeerHandler } from './link.ts'
import type { LinkContext, Performative, RheaConnection, RheaSession } from './rhea-internals.ts'
import { type LinkHost, RheaInbound, RheaOutbound, withInfo } from './rhea-link.ts'
import { adaptSession } from './rhea-session.ts'

const CHANNEL_MAX = 4_999
const IDLE_TIMEOUT_MS = 240_000
/** A client may ask for signs of life at most this often. */
const SHORTEST_IDLE_MS = 100
/** What the engine reserves for the head of a transfer when it splits a message into frames. */
const FRAME_OVERHEAD_BYTES = 54
/** Deliveries of one session that may be under way at once. */
const SESSION_BUFFER = { incoming: 2_048, outgoing: 8_192 }

/** Fields of each performative by its descriptor (AMQP 1.0 part 2, section 2.7). */
const FIELD_COUNTS: Readonly<Record<number, number>> = {
  0x10: 10,
  0x11: 8,
  0x12: 14,
  0x13: 11,
  0x14: 11,
  0x15: 6,
  0x16: 3,
  0x17: 1,
  0x18: 1,
}

export interface ConnectionOptions {
  readonly id: number
  readonly containerId: string
  readonly onForeign: (protocol: ForeignProtocol) => void
}

/**
 * Serves one client on an accepted socket with rhea, whose behaviour as a server is corrected here and in its links.
 */
export class RheaPeer implements Peer, LinkHost {
  readonly id: number
  readonly peer: Peer = this
  readonly #connection: RheaConnection
  readonly #guard: FrameGuard
  readonly #handler: PeerHandler
  readonly #links = new Map<unknown, RheaInbound | RheaOutbound>()
  readonly #scheduled = new Set<RheaOutbound>()
  readonly #handedOverFrames = new Map<RheaSession, number>()
  #handedOverBytes = 0
  #frameBytes = MAX_FRAME_BYTES
  #failed = false
  #ended = false

  constructor(socket: Socket, options: ConnectionOptions, createHandler: (peer: Peer) => PeerHandler) {
    this.id = options.id
    this.#guard = new FrameGuard(socket, {
      onViolation: (error) => this.#fail(error),
      onForeign: options.onForeign,
      onDrain: () => this.#wakeAll(),
    })
    this.#handler = createHandler(this)
    // A container of its own: the user's client in the same process may share the default one.
    const container = rhea.create_container({ id: options.containerId })
    Object.assign(container.sasl_server_mechanisms, saslMechanisms(this.#handler))
    this.#connection = container.create_connection({
      container_id: options.containerId,
      max_frame_size: MAX_FRAME_BYTES,
      channel_max: CHANNEL_MAX,
      idle_time_out: IDLE_TIMEOUT_MS,
      properties: { product: 'Local Event Hubs of ml-ingest' },
      session_buffer_size: SESSION_BUFFER,
      receiver_options: { autoaccept: false, credit_window: 0 },
      sender_options: { autosettle: false },
    } as never) as unknown as RheaConnection
    this.#padFrames()
    this.#catchLater()
    this.#listen()
    this.#connection.accept(this.#guard)
  }

  get containerId(): string {
    const id = this.#connection.remote.open?.container_id
    return typeof id === 'string' ? id : ''
  }

  close(error: AmqpError): void {
    this.#fail(error)
  }

  destroy(): void {
    this.#guard.destroy()
  }

  unsentBytes(): number {
    return this.#guard.unsentBytes + this.#handedOverBytes
  }

  unsentFrames(session: RheaSession): number {
    return this.#handedOverFrames.get(session) ?? 0
  }

  handedOver(session: RheaSession, bytes: number): void {
    this.#handedOverBytes += bytes
    const frames = Math.ceil(bytes / Math.max(1, this.#frameBytes - FRAME_OVERHEAD_BYTES))
    this.#handedOverFrames.set(session, this.unsentFrames(session) + frames)
  }

  schedule(link: RheaOutbound): void {
    if (this.#scheduled.size === 0) setImmediate(() => this.#run())
    this.#scheduled.add(link)
  }

  flush(): void {
    this.#connection._register()
  }

  #run(): void {
    // The engine writes at the end of each turn what it was given, so everything of earlier turns is in the socket now.
    this.#handedOverBytes = 0
    this.#handedOverFrames.clear()
    const links = [...this.#scheduled]
    this.#scheduled.clear()
    for (const link of links) link.run()
  }

  #wakeAll(): void {
    for (const link of this.#links.values()) if (link.direction === 'outbound') link.wake()
  }

  /** The engine leaves out fields at the end that are null; clients in Python read them by position. */
  #padFrames(): void {
    const connection = this.#connection
    const write = connection._write_frame.bind(connection)
    connection._write_frame = (channel: number, frame?: Performative, payload?: Buffer) => {
      if (frame)
        frame.value.length = Math.max(frame.value.length, FIELD_COUNTS[frame.constructor.descriptor.numeric] ?? 0)
      write(channel, frame, payload)
    }
  }

  /** Nobody would catch what the engine throws in a later turn, and the process would end. */
  #catchLater(): void {
    const connection = this.#connection
    const original = connection._process.bind(connection)
    connection._process = () => {
      try {
        original()
      } catch (error) {
        this.#broken(error)
      }
    }
  }

  #listen(): void {
    const connection = this.#connection
    const on = (names: readonly string[], listener: (context: LinkContext) => void): void => {
      for (const name of names) connection.on(name, (context: unknown) => listener(context as LinkContext))
    }
    on(['connection_open'], () => this.#opened())
    on(['session_open'], ({ session }) => adaptSession(session, this.#links))
    on(['receiver_open'], ({ receiver }) => {
      const link = new RheaInbound(receiver!, this)
      this.#links.set(receiver, link)
      this.#handler.onInboundLink(link)
    })
    on(['sender_open'], ({ sender }) => {
      const link = new RheaOutbound(sender!, this)
      this.#links.set(sender, link)
      this.#handler.onOutboundLink(link)
    })
    on(['message'], ({ receiver, message, delivery }) => {
      const link = this.#links.get(receiver)
      if (link?.direction === 'inbound') link.complete(message!, delivery!)
      else delivery!.update(true)
    })
    on(['receiver_close', 'sender_close'], ({ receiver, sender }) => this.#forget(receiver ?? sender))
    on(['session_close'], ({ session }) => {
      for (const [engine] of this.#links) if ((engine as { session: unknown }).session === session) this.#forget(engine)
    })
    on(['connection_close', 'disconnected'], () => this.#end())
    // Without a listener the engine prints these, or throws.
    on(['receiver_error', 'sender_error', 'session_error', 'connection_error'], () => undefined)
    for (const name of ['error', 'protocol_error']) connection.on(name, (error: unknown) => this.#broken(error))
  }

  #opened(): void {
    const open = this.#connection.remote.open!
    const { max_frame_size: frameSize, idle_time_out: idle } = open
    const isNumberOrAbsent = (value: unknown) => value === null || value === undefined || typeof value === 'number'
    // The engine splits messages by the client's frame size. With one smaller than the headers it would never finish.
    if (!isNumberOrAbsent(frameSize) || (typeof frameSize === 'number' && frameSize < 512) || !isNumberOrAbsent(idle)) {
      throw new Error('The open frame carries a limit that AMQP does not allow')
    }
    if (typeof idle === 'number' && idle > 0 && idle < SHORTEST_IDLE_MS) open.idle_time_out = SHORTEST_IDLE_MS
    if (typeof frameSize === 'number') this.#frameBytes = frameSize
    this.#guard.established()
  }

  #forget(engine: unknown): void {
    this.#links.get(engine)?.forget()
    this.#links.delete(engine)
  }

  #broken(error: unknown): void {
    const description = error instanceof Error ? error.message : 'The connection broke the protocol'
    this.#fail({ condition: 'amqp:decode-error', description })
  }

  /** Tells the client why, as far as the handshake allows it, and ends. */
  #fail(error: AmqpError): void {
    if (this.#failed || this.#ended) return
    this.#failed = true
    const connection = this.#connection
    connection.open()
    if (connection.state.open_requests > 0) {
      connection.state.open_requests = 0
      connection._write_open()
    }
    connection.local.close.error = withInfo(error)
    connection._write_close()
    this.#end()
    this.#guard.end()
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    for (const engine of [...this.#links.keys()]) this.#forget(engine)
    this.#handler.onClose()
  }
}

interface Mechanism {
  readonly outcome: boolean | undefined
  start(response: Buffer | null): void
}

/**
 * Like the service, we learn by CBS who the client is, after the handshake. MSSBCBS is the name that .NET uses for
 * that. PLAIN carries a rule's name and key.
 */
function saslMechanisms(handler: PeerHandler): Record<string, () => Mechanism> {
  const admit = (): Mechanism => ({ outcome: true, start: () => undefined })
  return {
    MSSBCBS: admit,
    PLAIN: () => {
      const mechanism = {
        outcome: false,
        start: (response: Buffer | null) => {
          const [, user = '', password = ''] = (response ?? Buffer.alloc(0)).toString('utf8').split('\0')
          mechanism.outcome = handler.onPassword(user, password)
        },
      }
      return mechanism
    },
    ANONYMOUS: admit,
    EXTERNAL: admit,
  }
}
