/**
 * What the engine does for the hubs: links on which messages come and go. How it speaks on the wire, the hubs need not
 * know.
 */

export interface AmqpError {
  readonly condition: string
  readonly description: string
}

/** What a client asks for when it attaches a link. */
export interface AttachRequest {
  readonly name: string
  readonly source: string | undefined
  readonly target: string | undefined
  /** The text of the source's filter. */
  readonly selector: string | undefined
  readonly properties: ReadonlyMap<unknown, unknown>
  readonly desiredCapabilities: readonly string[]
}

/** One connection of a client. */
export interface Peer {
  readonly id: number
  /** The name that the client gives itself. */
  readonly containerId: string
  /** What it says that it is; empty where it says nothing. */
  readonly userAgent: string
  close(error: AmqpError): void
}

/** One message as it came: all transfers joined, nothing decoded. */
export interface Delivery {
  /** Good until the call returns in which it was given. */
  readonly raw: Buffer
  readonly format: number
  accept(): void
  reject(error: AmqpError): void
}

interface Link {
  readonly peer: Peer
  readonly request: AttachRequest
  /** Both links of one session answer the same number. */
  readonly session: number
  readonly closed: boolean
  /** Detaches; before `accept` it refuses the attach. */
  close(error?: AmqpError): void
  /** Called once, whichever side ended the link. */
  onClose(listener: () => void): void
}

/** A link on which the client sends. */
export interface InboundLink extends Link {
  readonly direction: 'inbound'
  accept(options: { readonly maxMessageBytes: number; readonly onTransfer: (delivery: Delivery) => void }): void
}

/** A link on which the client receives. */
export interface OutboundLink extends Link {
  readonly direction: 'outbound'
  /**
   * `onReady` is called when there may be room to send. It sends what there is, as long as `room()` allows, and returns
   * whether that was all: then credit that is left is given back if the client drains.
   */
  accept(options: { readonly onReady: () => boolean }): void
  /** There is something to send: `onReady` is called in a later turn. */
  wake(): void
  /** How many messages the client's credit and the buffers have room for. To be asked in `onReady`. */
  room(): number
  /** Sends one encoded message, format 0, that these parts make up. */
  send(message: readonly Buffer[]): void
}

/** What the engine calls. */
export interface PeerHandler {
  /** SASL PLAIN: true lets the client in. False keeps it out. */
  onPassword(user: string, password: string): boolean
  onInboundLink(link: InboundLink): void
  onOutboundLink(link: OutboundLink): void
}
