import { AmqpReader } from '../../encoding/reader.ts'
import { EMPTY_MAP, encodeList, encodeSection } from '../../encoding/writer.ts'
import { encodeError } from './errors.ts'
import { FramingError, MAX_FRAME_BYTES } from './frame-reader.ts'
import { type FrameWriter, TRANSFER_OVERHEAD_BYTES } from './frame-writer.ts'
import { InboundEnd, type InboundHost } from './inbound-end.ts'
import type { LinkState } from './link-end.ts'
import type { AmqpError, Peer, PeerHandler } from './link.ts'
import { OutboundEnd, type OutboundHost } from './outbound-end.ts'
import { encodePerformative, type FieldsOf, type Performative, type TransferHead } from './performatives.ts'

const HANDLE_MAX = 4_999
/** How many transfers may be under way in each direction. */
const WINDOW = 5_000
const UINT = 2 ** 32

/** Outcomes of a delivery, without what may be said about them (AMQP 1.0 part 3, section 3.4). */
const OUTCOMES = {
  accepted: encodeSection(0x24, encodeList([])),
  rejected: encodeSection(0x25, encodeList([])),
  released: encodeSection(0x26, encodeList([])),
  modified: encodeSection(0x27, encodeList([])),
}
/** By both forms of their descriptors. */
const OUTCOME_OF = new Map<unknown, Buffer>(
  Object.entries(OUTCOMES).flatMap(([name, outcome]) => [
    [outcome[2], outcome],
    [`amqp:${name}:list`, outcome],
  ]),
)
const rejected = (error: Buffer): Buffer => encodeSection(0x25, encodeList([error]))

/** What a session asks of its connection. */
export interface SessionHost {
  readonly peer: Peer
  readonly handler: PeerHandler
  readonly writer: FrameWriter
  /** The largest frame that the client takes. */
  readonly frameBytes: number
  readonly stop: OutboundHost['stop']
  /** Counts a link of the connection; false where it has too many. */
  openLink(): boolean
  closeLinks(count: number): void
  schedule(link: OutboundEnd): void
}

/** One session of a client: its links, and how many transfers each side has room for (part 2, section 2.5). */
export class Session implements InboundHost, OutboundHost {
  readonly peer: Peer
  readonly channel: number
  readonly #host: SessionHost
  readonly #handleMax: number
  readonly #links = new Map<number, InboundEnd | OutboundEnd>()
  #nextIncomingId: number
  #incomingWindow = WINDOW
  #nextOutgoingId = 0
  #outgoingWindow: number
  #deliveryId = 0
  /** Deliveries that were accepted in this turn, in an unbroken row. */
  #accepted: { readonly first: number; last: number } | undefined
  /** Set once we have ended it: the client may not know it yet. */
  #ended = false

  constructor(channel: number, host: SessionHost, begin: FieldsOf<'begin'>) {
    this.peer = host.peer
    this.channel = channel
    this.#host = host
    this.#handleMax = Math.min(HANDLE_MAX, begin.handleMax ?? HANDLE_MAX)
    this.#nextIncomingId = begin.nextOutgoingId
    this.#outgoingWindow = begin.incomingWindow
    this.write(
      encodePerformative('begin', {
        ...{ remoteChannel: channel, nextOutgoingId: 0, incomingWindow: WINDOW, outgoingWindow: WINDOW },
        // Clients in Python and Java cannot take null for these two.
        ...{ handleMax: HANDLE_MAX, properties: EMPTY_MAP },
      }),
    )
  }

  get frameBytes(): number {
    return this.#host.frameBytes
  }

  get payloadBytes(): number {
    return Math.min(MAX_FRAME_BYTES, this.frameBytes) - TRANSFER_OVERHEAD_BYTES
  }

  get outgoingWindow(): number {
    return this.#outgoingWindow
  }

  get stop(): OutboundHost['stop'] {
    return this.#host.stop
  }

  schedule(link: OutboundEnd): void {
    this.#host.schedule(link)
  }

  nextDeliveryId(): number {
    const id = this.#deliveryId
    this.#deliveryId = (id + 1) % UINT
    return id
  }

  /** Deals with a performative of the client. Throws MalformedAmqp. */
  receive(performative: Performative, payload: Buffer): void {
    if (this.#ended) return
    switch (performative.name) {
      case 'attach':
        return this.#onAttach(performative.fields)
      case 'flow':
        return this.#onFlow(performative.fields)
      case 'transfer':
        return this.#onTransfer(performative.fields, payload)
      case 'disposition':
        return this.#onDisposition(performative.fields)
      case 'detach':
        return this.#onDetach(performative.fields)
      default:
        return this.#end('amqp:not-allowed', `${performative.name} within a session`)
    }
  }

  /** The client ends the session, or answers our end. */
  remoteEnd(): void {
    if (!this.#ended) this.write(encodePerformative('end', {}))
    this.forget()
  }

  /** The connection has ended it. */
  forget(): void {
    this.#ended = true
    for (const link of this.#links.values()) link.forget()
    this.#host.closeLinks(this.#links.size)
    this.#links.clear()
  }

  wakeAll(): void {
    for (const link of this.#links.values()) if (link.direction === 'outbound') link.wake()
  }

  write(performative: Buffer): void {
    this.writeAccepted()
    this.#writeNow(performative)
  }

  transfer(head: TransferHead, payload: readonly Buffer[], payloadBytes: number): void {
    this.#nextOutgoingId = (this.#nextOutgoingId + 1) % UINT
    this.#outgoingWindow--
    this.#host.writer.transfer(this.channel, head, payload, payloadBytes)
  }

  writeFlow(link?: LinkState): void {
    this.#incomingWindow = WINDOW
    this.write(
      encodePerformative('flow', {
        ...{ nextIncomingId: this.#nextIncomingId, incomingWindow: WINDOW },
        ...{ nextOutgoingId: this.#nextOutgoingId, outgoingWindow: WINDOW },
        ...(link && {
          ...{ handle: link.handle, deliveryCount: link.deliveryCount, linkCredit: link.credit },
          ...{ available: 0, drain: link.drain },
        }),
        echo: false,
      }),
    )
  }

  accept(deliveryId: number): void {
    if (this.#accepted?.last === deliveryId - 1) {
      this.#accepted.last = deliveryId
      return
    }
    this.writeAccepted()
    this.#accepted = { first: deliveryId, last: deliveryId }
    queueMicrotask(() => this.writeAccepted())
  }

  release(deliveryId: number): void {
    this.writeAccepted()
    this.#writeOutcome(deliveryId, deliveryId, OUTCOMES.released)
  }

  reject(deliveryId: number, error: AmqpError): void {
    this.writeAccepted()
    this.#writeOutcome(deliveryId, deliveryId, rejected(encodeError(error, this.frameBytes / 2)))
  }

  /** Says what was accepted in this turn. */
  writeAccepted(): void {
    const accepted = this.#accepted
    this.#accepted = undefined
    if (accepted && !this.#ended) this.#writeOutcome(accepted.first, accepted.last, OUTCOMES.accepted)
  }

  #writeOutcome(first: number, last: number, state: Buffer): void {
    this.#writeNow(encodePerformative('disposition', { isReceiver: true, first, last, settled: true, state }))
  }

  #writeNow(performative: Buffer): void {
    this.#host.writer.frame('amqp', this.channel, performative)
  }

  #onAttach(attach: FieldsOf<'attach'>): void {
    const { handle } = attach
    if (handle > this.#handleMax) throw new FramingError(`Handle ${handle}; the largest is ${this.#handleMax}`)
    if (this.#links.has(handle)) return this.#end('amqp:session:handle-in-use', `Handle ${handle} is in use`)
    if ((attach.sndSettleMode ?? 0) > 2 || (attach.rcvSettleMode ?? 0) > 1)
      return this.#end('amqp:invalid-field', 'Unknown settle mode')
    if (!this.#host.openLink()) return this.#end('amqp:resource-limit-exceeded', 'Too many links on the connection')
    if (attach.receives) {
      const link = new OutboundEnd(attach, this)
      this.#links.set(handle, link)
      this.#host.handler.onOutboundLink(link)
    } else {
      const link = new InboundEnd(attach, this)
      this.#links.set(handle, link)
      this.#host.handler.onInboundLink(link)
    }
  }

  #onFlow(flow: FieldsOf<'flow'>): void {
    const { nextIncomingId = 0, incomingWindow, handle, echo } = flow
    const wasFull = this.#outgoingWindow === 0
    this.#outgoingWindow = Math.max(0, incomingWindow - ((this.#nextOutgoingId - nextIncomingId) >>> 0))
    const link = handle === undefined ? undefined : this.#link(handle)
    if (handle !== undefined && !link) return
    if (link?.direction === 'outbound') link.flow(flow)
    if (echo === true && link?.closed !== true) this.writeFlow(link)
    if (wasFull) this.wakeAll()
  }

  #onTransfer(fields: FieldsOf<'transfer'>, payload: Buffer): void {
    this.#nextIncomingId = (this.#nextIncomingId + 1) % UINT
    if (--this.#incomingWindow < 0)
      return this.#end('amqp:session:window-violation', 'More transfers than the window of the session allows')
    const link = this.#link(fields.handle)
    if (!link) return
    if (link.direction === 'outbound') return this.#end('amqp:not-allowed', 'A transfer on a link that receives')
    link.transfer(fields, payload)
    if (this.#incomingWindow < WINDOW / 2 && !this.#ended) this.writeFlow()
  }

  /**
   * Outcomes change nothing: events stay in the log whatever a reader does with them. A reader that waits for our
   * settlement (receiver settles second, like Java) gets it, or it would soon wait for ever.
   */
  #onDisposition({ isReceiver, first, last = first, settled, state }: FieldsOf<'disposition'>): void {
    const outcome = state && OUTCOME_OF.get(new AmqpReader(state, 1).read())
    if (!isReceiver || settled === true || !outcome) return
    const newest = (this.#deliveryId - 1) | 0
    if (((newest - first) | 0) < 0) return
    const known = ((newest - last) | 0) < 0 ? newest >>> 0 : last
    this.write(
      encodePerformative('disposition', { isReceiver: false, first, last: known, settled: true, state: outcome }),
    )
  }

  #onDetach({ handle, closed }: FieldsOf<'detach'>): void {
    const link = this.#link(handle)
    if (!link) return
    this.#links.delete(handle)
    this.#host.closeLinks(1)
    link.remoteDetach(closed === true)
  }

  #link(handle: number): InboundEnd | OutboundEnd | undefined {
    const link = this.#links.get(handle)
    if (!link) this.#end('amqp:session:unattached-handle', `No link is attached to handle ${handle}`)
    return link
  }

  #end(condition: string, description: string): void {
    this.write(encodePerformative('end', { error: encodeError({ condition, description }) }))
    this.forget()
  }
}
