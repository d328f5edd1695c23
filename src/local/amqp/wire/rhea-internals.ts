import type { Delivery, Receiver, Sender, Session } from 'rhea'

/**
 * The parts of rhea 3.0.5 that its typings leave out and the adapter needs. Each use says which behaviour of rhea as a
 * server it corrects. The version is pinned, and the contract tests fail when any of these changes.
 */

export interface Performative {
  /** The encoded fields in their order; shorter than the definition when the last ones are unset. */
  value: unknown[]
  readonly constructor: { readonly descriptor: { readonly numeric: number } }
}

/** A value that came from the network, or is ready for it. */
export interface EncodedValue {
  readonly type: { readonly typecode: number }
  readonly descriptor?: unknown
}

export interface Frame<Fields> {
  readonly channel: number
  readonly performative: Performative & Fields
  payload?: Buffer
}

export interface TransferFields {
  readonly handle: number
  readonly delivery_id?: number
  readonly more?: boolean
  readonly aborted?: boolean
  message_format?: number
}

export interface DispositionFields {
  readonly role: boolean
  readonly first: number
  readonly last?: number | null
  readonly settled?: boolean
  readonly state?: unknown
}

export interface FlowFields {
  readonly handle?: number | null
  readonly echo?: boolean
  drain?: boolean
}

export interface AttachFields {
  readonly name: string
  readonly handle: number
  readonly role: boolean
  source: unknown
  target: unknown
}

interface Local {
  readonly attach: Record<string, unknown>
  readonly detach: { error?: unknown }
}

export interface RheaSession extends Omit<Session, 'connection'> {
  readonly local: { readonly channel: number; readonly handles: Record<number, RheaLink | undefined> }
  readonly links: Record<string, RheaLink | undefined>
  readonly outgoing: {
    readonly next_delivery_id: number
    readonly next_pending_delivery: number
    available(): number
    /** How many transfers the other side has room for; NaN before it has said so. */
    transfer_window(): number
    update(delivery: { readonly id: number; readonly link: RheaLink }, settled: boolean): void
  }
  output(performative: Performative, payload?: Buffer): void
  _get_link(frame: { readonly performative: { readonly handle: number } }): RheaLink
  _write_flow(link?: RheaLink): void
  on_attach(frame: Frame<AttachFields>): void
  on_transfer(frame: Frame<TransferFields>): void
  on_flow(frame: Frame<FlowFields>): void
  on_disposition(frame: Frame<DispositionFields>): void
}

export interface RheaSender extends Omit<Sender, 'session' | 'connection'> {
  readonly session: RheaSession
  readonly local: Local
  readonly remote: { readonly attach: Record<string, unknown> }
  readonly credit: number
  readonly delivery_count: number
  readonly _draining: boolean
}

export interface RheaReceiver extends Omit<Receiver, 'session' | 'connection'> {
  readonly session: RheaSession
  readonly local: Local
  readonly remote: { readonly attach: Record<string, unknown> }
  readonly credit: number
}

export type RheaLink = RheaSender | RheaReceiver

export interface RheaConnection {
  on(event: string, listener: (context: unknown) => void): unknown
  open(): void
  readonly local: { readonly close: { error?: unknown } }
  readonly remote: { readonly open?: { max_frame_size?: unknown; idle_time_out?: unknown; container_id?: unknown } }
  readonly state: { readonly local_open: boolean; open_requests: number }
  accept(socket: unknown): void
  _register(): void
  _process(): void
  _write_open(): void
  _write_close(): void
  _write_frame(channel: number, frame?: Performative, payload?: Buffer): void
}

export interface LinkContext {
  readonly sender?: RheaSender
  readonly receiver?: RheaReceiver
  readonly session: RheaSession
  readonly delivery?: Delivery
  readonly message?: Buffer
}
