import type { LinkState } from './inbound-end.ts'
import { LinkEnd, type LinkHost, SENDER_SETTLES } from './link-end.ts'
import type { OutboundLink } from './link.ts'
import type { FieldsOf, TransferHead } from './performatives.ts'

export interface OutboundHost extends LinkHost {
  /** How much of a message goes into one frame. */
  readonly payloadBytes: number
  /** How many transfers the client has room for. */
  readonly outgoingWindow: number
  /** Whether the connection takes more in this turn. */
  mayWrite(): boolean
  nextDeliveryId(): number
  transfer(head: TransferHead, payload: readonly Buffer[], payloadBytes: number): void
  writeFlow(link: LinkState): void
  schedule(link: OutboundEnd): void
}

/** A message of which the client has only the beginning, for want of room. */
interface Partial {
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
  #draining = false
  #partial: Partial | undefined
  #onReady: (() => void) | undefined

  get drained(): boolean {
    return this.#draining
  }

  /**
   * Also for a client that names no mode, which allows either: the one in Go names none, never settles, and stops
   * reading when it has enough that is not settled. Others name `mixed` and settle by themselves.
   */
  get #sendsSettled(): boolean {
    return (this.attach.sndSettleMode ?? SENDER_SETTLES.always) === SENDER_SETTLES.always
  }

  accept(options: { readonly onReady: () => void }): void {
    this.#onReady = options.onReady
    this.answer({ rcvSettleMode: this.attach.rcvSettleMode ?? 0 })
    this.wake()
  }

  flow({ deliveryCount = 0, linkCredit, drain }: FieldsOf<'flow'>): void {
    if (this.closed) return
    if (linkCredit !== undefined) this.credit = Math.max(0, (deliveryCount + linkCredit - this.deliveryCount) | 0)
    this.#draining = drain === true
    this.wake()
  }

  wake(): void {
    if (this.#onReady && !this.closed) this.host.schedule(this)
  }

  room(): number {
    if (this.closed || this.#partial || !this.host.mayWrite()) return 0
    return Math.min(this.credit, this.host.outgoingWindow)
  }

  send(message: readonly Buffer[]): void {
    const { host } = this
    this.credit--
    this.deliveryCount = (this.deliveryCount + 1) >>> 0
    const deliveryId = host.nextDeliveryId()
    const bytes = message.reduce((sum, part) => sum + part.length, 0)
    if (bytes <= host.payloadBytes) return this.#transfer(deliveryId, message, bytes, false)
    this.#partial = { deliveryId, bytes: Buffer.concat(message, bytes), at: 0 }
    this.#sendPartial()
  }

  /** Called in a turn of its own: by then the client has the answer to its attach. */
  run(): void {
    if (this.closed || !this.#onReady) return
    this.#sendPartial()
    if (!this.#partial) this.#onReady()
    if (this.closed || this.#partial) return
    if (this.credit > 0 && !this.host.mayWrite()) this.wake()
    else if (this.#draining && (this.credit === 0 || this.room() > 0)) this.#giveBack()
  }

  #giveBack(): void {
    this.deliveryCount = (this.deliveryCount + this.credit) >>> 0
    this.credit = 0
    this.host.writeFlow(this)
    this.#draining = false
  }

  #sendPartial(): void {
    const partial = this.#partial
    while (partial && partial.at < partial.bytes.length && this.host.outgoingWindow > 0) {
      const part = partial.bytes.subarray(partial.at, partial.at + this.host.payloadBytes)
      partial.at += part.length
      this.#transfer(partial.deliveryId, [part], part.length, partial.at < partial.bytes.length)
    }
    if (partial?.at === partial?.bytes.length) this.#partial = undefined
  }

  #transfer(deliveryId: number, payload: readonly Buffer[], bytes: number, more: boolean): void {
    this.host.transfer({ handle: this.handle, deliveryId, settled: this.#sendsSettled, more }, payload, bytes)
  }
}
