import { LinkEnd, type LinkHost, type LinkState, SENDER_SETTLES } from './link-end.ts'
import type { OutboundLink } from './link.ts'
import type { FieldsOf, TransferHead } from './performatives.ts'

export interface OutboundHost extends LinkHost {
  /** How much of a message goes into one frame. */
  readonly payloadBytes: number
  /** How many transfers the client has room for. */
  readonly outgoingWindow: number
  /** What keeps the links of the connection from writing. */
  readonly stop: 'unsent' | 'turn' | undefined
  nextDeliveryId(): number
  transfer(head: TransferHead, payload: readonly Buffer[], payloadBytes: number): void
  writeFlow(link: LinkState): void
  schedule(link: OutboundEnd): void
}

/** A message that does not fit into one frame, and what the window of the session has taken of it. */
interface LongMessage {
  readonly deliveryId: number
  readonly bytes: Buffer
  at: number
}

/** A link on which the client receives. */
export class OutboundEnd extends LinkEnd<OutboundHost> implements OutboundLink {
  readonly direction = 'outbound'
  deliveryCount = 0
  credit = 0
  /** The client asks for what there is, and for the rest of its credit back. */
  drain = false
  /** A long message for which the window was too small, and what came after it in the same turn. */
  readonly #waiting: LongMessage[] = []
  #onReady: (() => boolean) | undefined

  /**
   * Also for a client that names no mode, which allows either: the one in Go names none, never settles, and stops
   * reading when it has enough that is not settled. Others name `mixed` and settle by themselves.
   */
  get #sendsSettled(): boolean {
    return (this.modes.sndSettleMode ?? SENDER_SETTLES.always) === SENDER_SETTLES.always
  }

  accept(options: { readonly onReady: () => boolean }): void {
    this.#onReady = options.onReady
    this.answer({ rcvSettleMode: this.modes.rcvSettleMode ?? 0 })
    this.wake()
  }

  flow({ deliveryCount = 0, linkCredit, drain }: FieldsOf<'flow'>): void {
    if (this.closed) return
    const sinceThen = (this.deliveryCount - deliveryCount) >>> 0
    if (linkCredit !== undefined) this.credit = Math.max(0, linkCredit - sinceThen)
    this.drain = drain === true
    this.wake()
  }

  protected override release(): void {
    this.#waiting.length = 0
  }

  wake(): void {
    if (this.#onReady && !this.closed) this.host.schedule(this)
  }

  room(): number {
    if (this.closed || this.#waiting.length > 0 || this.host.stop) return 0
    return Math.min(this.credit, this.host.outgoingWindow)
  }

  send(message: readonly Buffer[]): void {
    const { host } = this
    this.credit--
    this.deliveryCount = (this.deliveryCount + 1) >>> 0
    const deliveryId = host.nextDeliveryId()
    const bytes = message.reduce((sum, part) => sum + part.length, 0)
    const isShort = bytes <= host.payloadBytes && host.outgoingWindow > 0 && this.#waiting.length === 0
    if (isShort) return this.#transfer(deliveryId, message, bytes, false)
    this.#waiting.push({ deliveryId, bytes: Buffer.concat(message, bytes), at: 0 })
    this.#sendWaiting()
  }

  /** Called in a turn of its own: by then the client has the answer to its attach. */
  run(): void {
    if (this.closed || !this.#onReady) return
    this.#sendWaiting()
    const isAtEnd = this.#waiting.length === 0 && this.#onReady()
    if (this.closed || this.#waiting.length > 0) return
    if (this.drain && (this.credit === 0 || isAtEnd)) this.#giveBack()
    else if (this.credit > 0 && this.host.stop === 'turn') this.wake()
  }

  #giveBack(): void {
    this.deliveryCount = (this.deliveryCount + this.credit) >>> 0
    this.credit = 0
    this.host.writeFlow(this)
    this.drain = false
  }

  #sendWaiting(): void {
    for (let first = this.#waiting[0]; first && this.host.outgoingWindow > 0; first = this.#waiting[0]) {
      const part = first.bytes.subarray(first.at, first.at + this.host.payloadBytes)
      first.at += part.length
      const more = first.at < first.bytes.length
      this.#transfer(first.deliveryId, [part], part.length, more)
      if (!more) this.#waiting.shift()
    }
  }

  #transfer(deliveryId: number, payload: readonly Buffer[], bytes: number, more: boolean): void {
    this.host.transfer({ handle: this.handle, deliveryId, settled: this.#sendsSettled, more }, payload, bytes)
  }
}
