import { MalformedAmqp } from '../../encoding/reader.ts'
import { LinkEnd, type LinkHost } from './link-end.ts'
import type { AmqpError, Delivery, InboundLink } from './link.ts'
import type { FieldsOf } from './performatives.ts'

/** How much a client may send before we answer: enough to keep it busy, and little enough to hold in memory. */
const CREDIT = 300

export interface InboundHost extends LinkHost {
  writeFlow(link: LinkState): void
  accept(deliveryId: number): void
  release(deliveryId: number): void
  reject(deliveryId: number, error: AmqpError): void
}

/** The state of a link as a flow tells it. */
export interface LinkState {
  readonly handle: number
  readonly deliveryCount: number
  readonly credit: number
  readonly drained: boolean
}

interface Message {
  readonly id: number
  readonly format: number
  readonly parts: Buffer[]
  bytes: number
  settled: boolean
}

/** A link on which the client sends. */
export class InboundEnd extends LinkEnd<InboundHost> implements InboundLink {
  readonly direction = 'inbound'
  readonly drained = false
  deliveryCount: number
  credit = 0
  #maxMessageBytes = 0
  #message: Message | undefined
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
    const message = (this.#message ??= this.#begin(fields))
    message.settled ||= fields.settled === true
    message.bytes += payload.length
    // What will be rejected for its size need not be collected.
    if (message.bytes <= this.#maxMessageBytes) message.parts.push(payload)
    else message.parts.length = 0
    if (fields.more === true && fields.aborted !== true) return
    this.#message = undefined
    if (fields.aborted !== true) this.#complete(message)
    if (!this.closed && this.credit <= CREDIT / 2) this.#giveCredit()
  }

  #begin({ deliveryId, messageFormat }: FieldsOf<'transfer'>): Message {
    if (deliveryId === undefined) throw new MalformedAmqp('The first transfer of a message needs a delivery id')
    this.credit--
    this.deliveryCount = (this.deliveryCount + 1) >>> 0
    return { id: deliveryId, format: messageFormat ?? 0, parts: [], bytes: 0, settled: false }
  }

  #complete({ id, format, parts, bytes, settled }: Message): void {
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
      const raw = parts.length === 1 ? parts[0]! : Buffer.concat(parts, bytes)
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
