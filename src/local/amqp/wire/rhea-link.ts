import type { Delivery as RheaDelivery } from 'rhea'
import type { AmqpError, AttachRequest, Delivery, InboundLink, OutboundLink, Peer } from './link.ts'
import { DESCRIBED, type FieldType, isOfType, SOURCE_FIELDS, TARGET_FIELDS } from './performatives.ts'
import type { EncodedValue, RheaLink, RheaReceiver, RheaSender, RheaSession } from './rhea-internals.ts'

/** How much a client may send before we answer: enough to keep it busy, and little enough to hold in memory. */
const CREDIT = 300
/** When this many bytes wait for one client, its links stop, however much credit it gave. */
const MOST_UNSENT_BYTES = 4 * 1024 * 1024
const SETTLED = 1
const MIXED = 2

/** What the links ask of the connection that they are on. */
export interface LinkHost {
  readonly peer: Peer
  unsentBytes(): number
  /** Frames given to the engine in this turn, which are not in its count of the session's window yet. */
  unsentFrames(session: RheaSession): number
  handedOver(session: RheaSession, bytes: number): void
  schedule(link: RheaOutbound): void
  /** Makes the engine write what it has to say. After a drain it does not notice by itself. */
  flush(): void
}

abstract class RheaEnd<Engine extends RheaLink> {
  readonly peer: Peer
  readonly request: AttachRequest
  readonly session: number
  protected readonly engine: Engine
  protected readonly host: LinkHost
  protected closeError: AmqpError | undefined
  protected gone = false
  #closed = false
  #accepted = false
  readonly #closeListeners: (() => void)[] = []

  constructor(engine: Engine, host: LinkHost) {
    this.engine = engine
    this.host = host
    this.peer = host.peer
    this.session = engine.session.local.channel
    this.request = readRequest(engine)
  }

  get closed(): boolean {
    return this.#closed
  }

  onClose(listener: () => void): void {
    this.#closeListeners.push(listener)
  }

  /** Refused: the answer to the attach carries no source and no target, and a detach follows it. */
  close(error?: AmqpError): void {
    if (this.#closed) return
    this.closeError = error
    this.engine.close(error && withInfo(error))
    this.#finish()
  }

  /** The other side, the session or the connection has ended it. Nothing more may be sent about it. */
  forget(): void {
    this.gone = true
    this.#finish()
  }

  #finish(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#accepted) for (const listener of this.#closeListeners) listener()
  }

  protected answerAttach(fields: Readonly<Record<string, unknown>>): void {
    this.#accepted = true
    const { local, remote } = this.engine
    // Clients take an answer without source or target for a refusal, so an absent one is answered by an empty one.
    if (isTerminus(remote.attach.source)) local.attach.source = describe(remote.attach.source, SOURCE_FIELDS)
    else this.engine.set_source({} as never)
    if (isTerminus(remote.attach.target)) local.attach.target = describe(remote.attach.target, TARGET_FIELDS)
    else this.engine.set_target({} as never)
    // The client in Python reads these by position and cannot take null.
    Object.assign(local.attach, { properties: {}, snd_settle_mode: remote.attach.snd_settle_mode ?? MIXED, ...fields })
  }
}

/** A link on which the client sends, on rhea. */
export class RheaInbound extends RheaEnd<RheaReceiver> implements InboundLink {
  readonly direction = 'inbound'
  #maxMessageBytes = 0
  #receivedBytes = 0
  #format = 0
  #aborted = false
  #onTransfer: ((delivery: Delivery) => void) | undefined

  accept(options: { readonly maxMessageBytes: number; readonly onTransfer: (delivery: Delivery) => void }): void {
    this.#maxMessageBytes = options.maxMessageBytes
    this.#onTransfer = options.onTransfer
    this.answerAttach({ rcv_settle_mode: 0, max_message_size: options.maxMessageBytes })
    this.engine.add_credit(CREDIT)
  }

  /** Before the engine sees a transfer: notes its real format, and says whether its payload is worth keeping. */
  begin(format: number | null | undefined, payloadBytes: number, isFirst: boolean, aborted: boolean): boolean {
    if (isFirst) {
      this.#receivedBytes = 0
      this.#format = format ?? 0
    }
    this.#aborted = aborted
    this.#receivedBytes += payloadBytes
    return this.#receivedBytes <= this.#maxMessageBytes && !aborted
  }

  /** The last transfer of a message has come. */
  complete(raw: Buffer, delivery: RheaDelivery): void {
    if (this.#aborted) {
      // The client has forgotten it and waits for no outcome.
      Object.assign(delivery, { remote_settled: true })
      delivery.update(true)
      return
    }
    if (this.closed || !this.#onTransfer) {
      // It was sent before the client had our detach, and the client waits for its outcome.
      if (this.closeError) delivery.reject(withInfo(this.closeError))
      else delivery.release()
      return
    }
    if (this.#receivedBytes > this.#maxMessageBytes) {
      delivery.reject(withInfo(this.#tooLarge(delivery)))
    } else {
      this.#onTransfer({
        raw,
        format: this.#format,
        accept: () => this.gone || delivery.accept(),
        reject: (error) => this.gone || delivery.reject(withInfo(error)),
      })
    }
    if (!this.closed && this.engine.credit <= CREDIT / 2) this.engine.add_credit(CREDIT - this.engine.credit)
  }

  // Wording of the service: https://github.com/Azure/azure-event-hubs-python/issues/106
  #tooLarge(delivery: RheaDelivery): AmqpError {
    const sizes = `size:${this.#receivedBytes} bytes) exceeds the limit (${this.#maxMessageBytes} bytes)`
    return {
      condition: 'amqp:link:message-size-exceeded',
      description: `The received message (delivery-id:${delivery.id}, ${sizes} currently allowed on the link.`,
    }
  }
}

/** A link on which the client receives, on rhea. */
export class RheaOutbound extends RheaEnd<RheaSender> implements OutboundLink {
  readonly direction = 'outbound'
  /** Counted here: the engine's own credit falls only when the frames are written. */
  #sent = 0
  #tag = 0
  #onReady: (() => void) | undefined

  /**
   * Also for a client that names no mode, which allows either: the one in Go names none, never settles, and stops
   * reading when it has enough that is not settled. Others name `mixed` and settle by themselves.
   */
  get sendsSettled(): boolean {
    return (this.engine.remote.attach.snd_settle_mode ?? SETTLED) === SETTLED
  }

  accept(options: { readonly onReady: () => void }): void {
    this.#onReady = options.onReady
    this.answerAttach({ rcv_settle_mode: this.engine.remote.attach.rcv_settle_mode ?? 0 })
    this.wake()
  }

  wake(): void {
    if (this.#onReady && !this.closed) this.host.schedule(this)
  }

  room(): number {
    if (this.closed || this.host.unsentBytes() > MOST_UNSENT_BYTES) return 0
    const { session } = this.engine
    // The engine would keep what does not fit into the session's window, and send it even after the link is gone.
    const window = session.outgoing.transfer_window() - this.host.unsentFrames(session)
    return Math.max(0, Math.min(this.#credit(), window, session.outgoing.available())) || 0
  }

  send(raw: Buffer): void {
    const tag = Buffer.allocUnsafe(4)
    tag.writeUInt32BE(this.#tag++ >>> 0)
    this.#sent++
    this.host.handedOver(this.engine.session, raw.length)
    // Settled for the engine, which would keep it and all later ones until the client settles. The log has it anyway.
    Object.assign(this.engine.send(raw, tag, 0), { settled: true })
  }

  /** Called in a turn of its own. By then the engine has answered the attach, which must go out before any transfer. */
  run(): void {
    if (this.closed || !this.#onReady) return
    const before = this.#sent
    this.#onReady()
    if (this.closed || !this.engine._draining || this.room() === 0) return
    const { outgoing } = this.engine.session
    if (this.#sent > before) this.wake()
    else if (outgoing.next_pending_delivery === outgoing.next_delivery_id) {
      this.#sent += this.#credit()
      this.engine.set_drained(true)
      this.host.flush()
    }
  }

  #credit(): number {
    return this.engine.credit + this.engine.delivery_count - this.#sent
  }
}

const SETTLE_MODES = new Set([0, SETTLED, MIXED])

function readRequest(engine: RheaLink): AttachRequest {
  const attach = engine.remote.attach
  const source = attach.source as { address?: unknown; filter?: Record<string, unknown> } | null
  const target = attach.target as { address?: unknown } | null
  const properties = attach.properties as Record<string, unknown> | null
  const capabilities = attach.desired_capabilities
  if (!SETTLE_MODES.has((attach.snd_settle_mode as number | null) ?? MIXED)) throw new Error('Unknown settle mode')
  return {
    name: text(attach.name) ?? '',
    source: text(source?.address),
    target: text(target?.address),
    selector: readSelector(source?.filter),
    properties: properties ?? {},
    desiredCapabilities: (Array.isArray(capabilities) ? capabilities : [capabilities]).filter(
      (c) => typeof c === 'string',
    ),
  }
}

/** Clients use three different descriptors for the filter. All mean the text in it. */
function readSelector(filter: Record<string, unknown> | null | undefined): string | undefined {
  for (const value of Object.values(filter ?? {})) {
    const content = text(value) ?? text((value as { value?: unknown } | null)?.value)
    if (content !== undefined) return content
  }
  return undefined
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** A source or target as the engine has decoded it: its fields with their types, `undefined` for those left out. */
interface Terminus {
  readonly value: readonly (EncodedValue | undefined)[]
  readonly constructor: new (fields: readonly unknown[]) => { described(): unknown }
}

/** The engine gives an object for null too. */
const isTerminus = (end: unknown): end is Terminus => Array.isArray((end as Partial<Terminus> | null)?.value)

/**
 * A client's source or target as a described list. If it went into the answer as decoded, the engine would write it as
 * a map of its own object. The list is always a new one, because the engine shares one empty list among all that it
 * reads. A field of a wrong type is left out, not sent back.
 */
function describe({ value, constructor }: Terminus, types: readonly FieldType[]): unknown {
  return new constructor(
    types.map((type, i) => (isOfType(type, constructorOf(value[i])) ? value[i] : null)),
  ).described()
}

const constructorOf = (value: EncodedValue | undefined): number | undefined =>
  value?.descriptor === undefined ? value?.type.typecode : DESCRIBED

/** An error with all its three fields: the client in Python reads the third without checking that it is there. */
export const withInfo = (error: AmqpError) => ({ ...error, info: {} })
