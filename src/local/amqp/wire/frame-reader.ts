import { MalformedAmqp } from '../../encoding/reader.ts'
import { type Performative, readPerformative } from './performatives.ts'

/** The largest frame, as the service announces it. */
export const MAX_FRAME_BYTES = 65_536

const AMQP = Buffer.from('AMQP')
const AMQP_WORD = AMQP.readUInt32BE(0)
const HEADER_BYTES = 8

/** How headers and frames number the layers (AMQP 1.0 part 2, sections 2.2 and 2.3.1; part 5, section 5.3.1). */
export const LAYERS = { amqp: { header: 0, frame: 0 }, sasl: { header: 3, frame: 1 } } as const
export type Layer = keyof typeof LAYERS

/** The header that opens a layer. */
export const headerOf = (layer: Layer): Buffer => Buffer.from([...AMQP, LAYERS[layer].header, 1, 0, 0])

/** What a client that does not speak AMQP 1.0 seems to speak. */
export type ForeignProtocol = 'tls' | 'http' | 'kafka' | 'amqp-0-9' | 'unknown'

export interface FrameHandler {
  onHeader(layer: Layer): void
  /** An empty frame, which only shows that the client lives, has no performative. */
  onFrame(layer: Layer, channel: number, performative: Performative | undefined, payload: Buffer): void
  onForeign(protocol: ForeignProtocol): void
}

/** A frame that breaks the rules of framing. */
export class FramingError extends Error {}

/**
 * Cuts what a client sends into protocol headers and frames. Reads nothing more once it is stopped. What it hands on is
 * good until the handler returns: its memory is used again, because new memory costs more than all the rest.
 */
export class FrameReader {
  readonly #handler: FrameHandler
  /** A header or frame of which the end has not come yet. */
  #partial: Buffer = Buffer.alloc(0)
  #partialBytes = 0
  #begun = false
  #stopped = false

  constructor(handler: FrameHandler) {
    this.#handler = handler
  }

  stop(): void {
    this.#stopped = true
  }

  /** Hands on what is whole. Throws MalformedAmqp and FramingError. */
  receive(chunk: Buffer): void {
    for (let at = 0; !this.#stopped && at < chunk.length;) {
      const bytes = this.#partialBytes === 0 ? this.#sizeOfPart(chunk, at, chunk.length) : Infinity
      if (bytes <= chunk.length - at) {
        this.#handOn(chunk, at, at + bytes)
        at += bytes
      } else at = this.#collect(chunk, at)
    }
  }

  /** Adds to the part that is not whole, and hands it on when it is. Returns where in the chunk it stopped. */
  #collect(chunk: Buffer, at: number): number {
    const size = this.#sizeOfPart(this.#partial, 0, this.#partialBytes)
    const end = Math.min(chunk.length, at + (size === Infinity ? HEADER_BYTES : size) - this.#partialBytes)
    this.#makeRoom(this.#partialBytes + end - at)
    this.#partial.set(chunk.subarray(at, end), this.#partialBytes)
    const bytes = (this.#partialBytes += end - at)
    if (this.#sizeOfPart(this.#partial, 0, bytes) > bytes) return end
    this.#partialBytes = 0
    this.#handOn(this.#partial, 0, bytes)
    return end
  }

  #makeRoom(bytes: number): void {
    if (bytes <= this.#partial.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes, this.#partial.length * 2))
    larger.set(this.#partial.subarray(0, this.#partialBytes))
    this.#partial = larger
  }

  /** How long the header or frame at `at` is; Infinity while that cannot be said. */
  #sizeOfPart(bytes: Buffer, at: number, end: number): number {
    if (!this.#begun && !this.#isAmqp(bytes.subarray(at, end))) return Infinity
    if (end - at < 4) return Infinity
    const size = bytes.readUInt32BE(at)
    if (size === AMQP_WORD) return HEADER_BYTES
    if (size < HEADER_BYTES || size > MAX_FRAME_BYTES)
      throw new FramingError(`A frame of ${size} bytes, ${HEADER_BYTES} to ${MAX_FRAME_BYTES} are allowed`)
    return size
  }

  #handOn(bytes: Buffer, start: number, end: number): void {
    this.#begun = true
    if (bytes.readUInt32BE(start) === AMQP_WORD) return this.#handOnHeader(bytes, start)
    const dataStart = start + bytes[start + 4]! * 4
    const layer = layerOf('frame', bytes[start + 5]!)
    if (dataStart < start + HEADER_BYTES || dataStart > end) throw new FramingError('A frame with a wrong data offset')
    if (!layer) throw new FramingError(`A frame of type ${bytes[start + 5]}`)
    const performative = dataStart === end ? undefined : readPerformative(bytes, dataStart, end)
    const payload = bytes.subarray(performative?.payloadStart ?? end, end)
    this.#handler.onFrame(layer, bytes.readUInt16BE(start + 6), performative, payload)
  }

  #handOnHeader(bytes: Buffer, at: number): void {
    const layer = layerOf('header', bytes[at + 4]!)
    const isOurs = layer !== undefined && bytes[at + 5] === 1 && bytes[at + 6] === 0
    if (isOurs) this.#handler.onHeader(layer)
    else this.#handler.onForeign('amqp-0-9')
  }

  /** Whether the first bytes can be the start of AMQP. Those of another protocol are reported. */
  #isAmqp(first: Buffer): boolean {
    if (this.#stopped) return false
    if (first.length === 0 || AMQP.subarray(0, first.length).equals(first.subarray(0, 4))) return first.length > 0
    const foreign = recognize(first)
    if (foreign) this.#handler.onForeign(foreign)
    return false
  }
}

const layerOf = (where: 'header' | 'frame', byte: number): Layer | undefined =>
  (['amqp', 'sasl'] as const).find((layer) => LAYERS[layer][where] === byte)

/** What somebody speaks who does not speak AMQP; undefined while it cannot be said. */
function recognize(first: Buffer): ForeignProtocol | undefined {
  if (first[0] === 0x16) return 'tls'
  if (/^[A-Z]{3}/.test(first.toString('latin1', 0, 3))) return 'http'
  if (first.length < 4 || (first.length < 8 && first[0] === 0)) return undefined
  return first[0] === 0 && first.readUInt16BE(4) < 100 ? 'kafka' : 'unknown'
}

/** The condition by which a connection ends whose client broke the protocol like this; undefined where we did. */
export function conditionOf(error: unknown): string | undefined {
  if (error instanceof MalformedAmqp) return 'amqp:decode-error'
  return error instanceof FramingError ? 'amqp:connection:framing-error' : undefined
}
