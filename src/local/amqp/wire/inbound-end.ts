import { MalformedAmqp } from '../../encoding/reader.ts'
import { LinkEnd, type LinkHost, type LinkState } from './link-end.ts'
import type { AmqpError, Delivery, InboundLink } from './link.ts'
import type { FieldsOf } from './performatives.ts'

/** How much a client may send before we answer: enough to keep it busy, and little enough to hold in memory. */
const CREDIT = 300
/** Memory for messages of several frames that a link keeps between them. */
const KEPT_BYTES = 256 * 1024

export interface InboundHost extends LinkHost {
  writeFlow(link: LinkState): void
  accept(deliveryId: number): void
  release(deliveryId: number): void
  reject(deliveryId: number, error: AmqpError): void
}

interface Message {
  readonly id: number
  readonly format: number
  bytes: number
  settled: boolean
}

/** A link on which the client sends. */
export class InboundEnd extends LinkEnd<InboundHost> implements InboundLink {
  readonly direction = 'inbound'
  readonly drain = false
  deliveryCount: number
  credit = 0
  #maxMessageBytes = 0
  #message: Message | undefined
  /** Where a message of several frames is put together. */
  #buffer: Buffer = Buffer.alloc(0)
  #closeError: AmqpError | undefined
  #onTransfer: ((delivery: Delivery) => void) | undefined

  constructor(attach: FieldsOf<'attach'>, host: InboundHost) {
    super(attach, host)
    this.deliveryCount = attach.initialDeliveryCount ?? 0
  }

  accept(options: { readonly maxMessageBytes: number; readonly onTransfer: (delivery: Delivery) => void }): void {
    this.#maxMessageBytes = options.maxMessageBytes
    this.#onTransfer = options.onTransfer
    this.answer({ rcvSettleMode: 0, maxMessageSize: options.maxMessageBytes })
    this.#giveCredit()
  }

  override close(error?: AmqpError): void {
    this.#closeError = error
    super.close(error)
  }

  /** One frame of a message. Throws MalformedAmqp. */
  transfer(fields: FieldsOf<'transfer'>, payload: Buffer): void {
    const { deliveryId = this.#message?.id } = fields
    if (this.#message && deliveryId !== this.#message.id) {
      const description = `Delivery ${deliveryId} begins before delivery ${this.#message.id} has ended`
      return this.close({ condition: 'amqp:not-allowed', description })
    }
    const isWhole = this.#message === undefined && fields.more !== true
    const message = (this.#message ??= this.#begin(fields))
    message.settled ||= fields.settled === true
    if (!isWhole) this.#collect(payload, message.bytes)
    message.bytes += payload.length
    if (fields.more === true && fields.aborted !== true) return
    this.#message = undefined
    if (fields.aborted !== true) this.#complete(message, isWhole ? payload : this.#buffer.subarray(0, message.bytes))
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.alloc(0)
    if (!this.closed && this.credit <= CREDIT / 2) this.#giveCredit()
  }

  #begin({ deliveryId, messageFormat }: FieldsOf<'transfer'>): Message {
    if (deliveryId === undefined) throw new MalformedAmqp('The first transfer of a message needs a delivery id')
    this.credit--
    this.deliveryCount = (this.deliveryCount + 1) >>> 0
    return { id: deliveryId, format: messageFormat ?? 0, bytes: 0, settled: false }
  }

  protected override release(): void {
    this.#buffer = Buffer.alloc(0)
  }

  /** What will be rejected for its size need not be kept. */
  #collect(payload: Buffer, at: number): void {
    const end = at + payload.length
    if (end > this.#maxMessageBytes) return
    if (end > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(this.#maxMessageBytes, Math.max(end, this.#buffer.length * 2)))
      larger.set(this.#buffer.subarray(0, at))
      this.#buffer = larger
    }
    this.#buffer.set(payload, at)
  }

  #complete({ id, format, bytes, settled }: Message, raw: Buffer): void {
    const { host } = this
    const isWanted = () => !settled && !this.gone
    const reject = (error: AmqpError) => void (isWanted() && host.reject(id, error))
    if (this.closed || !this.#onTransfer) {
      // It was sent before the client had our detach, and the client waits for its outcome.
      if (this.#closeError) reject(this.#closeError)
      else if (isWanted()) host.release(id)
    } else if (bytes > this.#maxMessageBytes) {
      reject(this.#tooLarge(id, bytes))
    } else {
      this.#onTransfer({ raw, format, accept: () => void (isWanted() && host.accept(id)), reject })
    }
  }

  #giveCredit(): void {
    this.credit = CREDIT
    this.host.writeFlow(this)
  }

  // Wording of the service: https://github.com/Azure/azure-event-hubs-python/issues/106
  #tooLarge(id: number, bytes: number): AmqpError {
    const sizes = `size:${bytes} bytes) exceeds the limit (${this.#maxMessageBytes} bytes)`
    return {
      condition: 'amqp:link:message-size-exceeded',
      description: `The received message (delivery-id:${id}, ${sizes} currently allowed on the link.`,
    }
  }
}
