import { EMPTY_MAP } from '../../encoding/writer.ts'
import { encodeError } from './errors.ts'
import type { AmqpError, AttachRequest, Peer } from './link.ts'
import { encodePerformative, type FieldsOf, type FieldsToWrite } from './performatives.ts'
import { echoTerminus, readRequest } from './terminus.ts'

/** The modes of a sender (AMQP 1.0 part 2, section 2.8.2). */
export const SENDER_SETTLES = { never: 0, always: 1, mixed: 2 } as const
const ERROR_OVERHEAD_BYTES = 160
const ATTACH_OVERHEAD_BYTES = 80

/** The state of a link as a flow tells it. */
export interface LinkState {
  readonly handle: number
  readonly deliveryCount: number
  readonly credit: number
  readonly drain: boolean
}

/** What the two kinds of links ask of their session. */
export interface LinkHost {
  readonly peer: Peer
  readonly channel: number
  /** The largest frame that the client takes. */
  readonly frameBytes: number
  write(performative: Buffer): void
}

/** One end of a link: how it is attached and detached. */
export abstract class LinkEnd<Host extends LinkHost> {
  readonly peer: Peer
  readonly request: AttachRequest
  readonly session: number
  readonly handle: number
  protected readonly host: Host
  protected readonly modes: Pick<FieldsOf<'attach'>, 'sndSettleMode' | 'rcvSettleMode'>
  /** Of the answer. Made at once, for the bytes of the attach are good only now. */
  readonly #ends: Ends
  readonly #receives: boolean
  #state: 'asked' | 'attached' | 'detached' | 'gone' = 'asked'
  readonly #closeListeners: (() => void)[] = []

  /** Throws MalformedAmqp. */
  constructor(attach: FieldsOf<'attach'>, host: Host) {
    this.peer = host.peer
    this.session = host.channel
    this.handle = attach.handle
    this.host = host
    this.request = readRequest(attach)
    this.modes = { sndSettleMode: attach.sndSettleMode, rcvSettleMode: attach.rcvSettleMode }
    this.#ends = endsFor(attach, host.frameBytes - ATTACH_OVERHEAD_BYTES - Buffer.byteLength(attach.name))
    this.#receives = attach.receives
  }

  get closed(): boolean {
    return this.#state === 'detached' || this.#state === 'gone'
  }

  /** The client knows no more of it: nothing may be said about it or its deliveries. */
  protected get gone(): boolean {
    return this.#state === 'gone'
  }

  onClose(listener: () => void): void {
    this.#closeListeners.push(listener)
  }

  /** Refused: the answer to the attach carries no source and no target, and a detach follows it. */
  close(error?: AmqpError): void {
    if (this.closed) return
    if (this.#state === 'asked') this.#write({})
    const encoded = error && encodeError(error, this.host.frameBytes - ERROR_OVERHEAD_BYTES)
    this.host.write(encodePerformative('detach', { handle: this.handle, closed: true, error: encoded }))
    this.#end('detached')
  }

  /** The client detaches, or answers our detach. */
  remoteDetach(closed: boolean): void {
    if (!this.closed) this.host.write(encodePerformative('detach', { handle: this.handle, closed }))
    this.forget()
  }

  /** The session or the connection has ended it. */
  forget(): void {
    this.#end('gone')
  }

  protected answer(fields: { readonly rcvSettleMode: number; readonly maxMessageSize?: number }): void {
    this.#state = 'attached'
    this.#write({ ...fields, ...this.#ends })
  }

  #write(fields: FieldsToWrite<'attach'>): void {
    const { sndSettleMode = SENDER_SETTLES.mixed } = this.modes
    this.host.write(
      encodePerformative('attach', {
        ...{ name: this.request.name, handle: this.handle, receives: !this.#receives, sndSettleMode },
        ...(this.#receives && { initialDeliveryCount: 0 }),
        // The client in Python cannot take null.
        properties: EMPTY_MAP,
        ...fields,
      }),
    )
  }

  #end(state: 'detached' | 'gone'): void {
    const wasClosed = this.closed
    const wasAttached = this.#state === 'attached'
    this.#state = state
    if (!wasClosed && wasAttached) for (const listener of this.#closeListeners) listener()
    this.#closeListeners.length = 0
    this.release()
  }

  /** Lets go of what only an open link needs: the client may never answer our detach. */
  protected abstract release(): void
}

interface Ends {
  readonly source: Buffer
  readonly target: Buffer
}

/** The client's ends for the answer, or their addresses alone where the whole would not fit into its frames. */
function endsFor({ source, target }: FieldsOf<'attach'>, mostBytes: number): Ends {
  const ends = { source: echoTerminus('source', source), target: echoTerminus('target', target) }
  if (ends.source.length + ends.target.length <= mostBytes) return ends
  return { source: echoTerminus('source', source, 1), target: echoTerminus('target', target, 1) }
}
