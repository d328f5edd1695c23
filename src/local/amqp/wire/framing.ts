import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { MalformedAmqp } from '../../encoding/reader.ts'
import type { AmqpError } from './link.ts'
import { checkPerformative } from './performatives.ts'

/** The largest frame, as the service announces it. */
export const MAX_FRAME_BYTES = 65_536

const HEADER_BYTES = 8
const AMQP = Buffer.from('AMQP')
const SASL_OUTCOME = 0x44
/** The answer to a protocol that we do not speak: the header of the one that we do (AMQP 1.0 part 2, section 2.2). */
const OUR_HEADER = Buffer.from([...AMQP, 3, 1, 0, 0])
const LINGER_MS = 5_000
const HANDSHAKE_MS = 60_000

/** What a client that does not speak AMQP 1.0 seems to speak. */
export type ForeignProtocol = 'tls' | 'http' | 'kafka' | 'amqp-0-9' | 'unknown'

export interface GuardHandler {
  /** The bytes broke the rules of framing; the connection should end. */
  onViolation(error: AmqpError): void
  onForeign(protocol: ForeignProtocol): void
  onDrain(): void
}

/**
 * Stands between the socket and the engine, which takes it for a socket. Passes on only whole frames of an allowed size
 * with well-formed performatives. Joins what the engine writes in one turn into one system call.
 */
export class FrameGuard extends EventEmitter {
  readonly #socket: Socket
  readonly #handler: GuardHandler
  #pending: Buffer = Buffer.alloc(0)
  #phase: 'header' | 'sasl' | 'amqp' | 'ended' = 'header'
  #saslDone = false
  #corked = false

  constructor(socket: Socket, handler: GuardHandler) {
    super()
    this.#socket = socket
    this.#handler = handler
    socket.setNoDelay(true)
    socket.setTimeout(HANDSHAKE_MS, () => socket.destroy())
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('error', () => undefined)
    socket.on('drain', () => handler.onDrain())
    socket.on('close', () => {
      this.#phase = 'ended'
      this.emit('end')
    })
  }

  /** Bytes written by the engine that the network has not taken yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength
  }

  write(bytes: Buffer): void {
    if (this.#socket.destroyed || !this.#socket.writable) return
    if (!this.#corked) {
      this.#corked = true
      this.#socket.cork()
      queueMicrotask(() => {
        this.#corked = false
        this.#socket.uncork()
      })
    }
    this.#socket.write(bytes)
    if (this.#phase === 'sasl' && isSaslOutcome(bytes)) this.#continueAfterSasl()
  }

  /** What was written still goes out, and nothing more comes in. */
  end(): void {
    if (this.#phase === 'ended') return
    this.#phase = 'ended'
    this.#socket.setTimeout(LINGER_MS, () => this.#socket.destroy())
    this.#socket.resume()
    queueMicrotask(() => this.#socket.end())
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** The handshake is over: from here on the engine watches for silence. */
  established(): void {
    this.#socket.setTimeout(0)
  }

  // The engine asks a socket for this name in its debug log.
  get_id_string(): string {
    return `${this.#socket.remoteAddress}:${this.#socket.remotePort}`
  }

  #receive(chunk: Buffer): void {
    if (this.#phase === 'ended') return
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    this.#handOn()
  }

  #handOn(): void {
    try {
      while (this.#phase !== 'ended' && this.#handOnPart()) continue
    } catch (error) {
      const { message } = error as Error
      const condition = error instanceof MalformedAmqp ? 'amqp:decode-error' : 'amqp:connection:framing-error'
      this.#handler.onViolation({ condition, description: message })
      this.end()
    }
  }

  /** Passes on a protocol header or a run of frames. False when there is no whole one, or when it must wait. */
  #handOnPart(): boolean {
    const { length } = this.#pending
    if (length < 4) return this.#phase === 'header' && length > 0 && this.#checkProtocol()
    if (this.#pending.subarray(0, 4).equals(AMQP)) return length >= HEADER_BYTES && this.#handOnHeader()
    if (this.#phase === 'header') return this.#checkProtocol()
    const end = this.#endOfFrames()
    if (end === 0) return false
    this.#emit(end)
    return true
  }

  #handOnHeader(): boolean {
    const protocol = this.#pending[4]!
    if (this.#pending[5] !== 1 || this.#pending[6] !== 0 || (protocol !== 0 && protocol !== 3)) {
      this.#foreign('amqp-0-9', OUR_HEADER)
      return false
    }
    // A client may go on without waiting for the outcome of SASL, but the engine is not ready yet.
    if (this.#phase === 'sasl' && !this.#saslDone) return false
    if (this.#phase === 'amqp') throw new Error('A protocol header within a connection')
    this.#phase = protocol === 3 ? 'sasl' : 'amqp'
    this.#emit(HEADER_BYTES)
    return true
  }

  /** Where the last whole frame in the buffer ends. */
  #endOfFrames(): number {
    const bytes = this.#pending
    let at = 0
    while (bytes.length - at >= 4) {
      const size = bytes.readUInt32BE(at)
      if (size === AMQP.readUInt32BE(0)) break
      if (size < 8 || size > MAX_FRAME_BYTES)
        throw new Error(`A frame of ${size} bytes, 8 to ${MAX_FRAME_BYTES} are allowed`)
      if (bytes.length - at < size) break
      checkFrame(bytes, at, at + size)
      at += size
      if (this.#phase === 'sasl') break
    }
    return at
  }

  #emit(end: number): void {
    const part = this.#pending.subarray(0, end)
    this.#pending = this.#pending.subarray(end)
    this.emit('data', part)
  }

  #continueAfterSasl(): void {
    this.#saslDone = true
    // The engine notes the end of SASL only after this write has returned.
    queueMicrotask(() => this.#handOn())
  }

  #checkProtocol(): boolean {
    const first = this.#pending
    if (AMQP.subarray(0, first.length).equals(first.subarray(0, 4))) return false
    if (first[0] === 0x16) this.#foreign('tls')
    else if (/^[A-Z]{3}/.test(first.toString('latin1'))) this.#foreign('http', HTTP_ANSWER)
    else if (first.length < 4) return false
    else if (first.length >= 8 && first[0] === 0 && first.readUInt16BE(4) < 100) this.#foreign('kafka')
    else if (first.length < 8 && first[0] === 0) return false
    else this.#foreign('unknown')
    return false
  }

  #foreign(protocol: ForeignProtocol, answer?: Buffer): void {
    if (answer) this.write(answer)
    this.end()
    this.#handler.onForeign(protocol)
  }
}

const HTTP_BODY = 'AMQP over WebSockets and HTTP are not served here. Use the AMQP TCP transport.\n'
const HTTP_ANSWER = Buffer.from(
  `HTTP/1.1 501 Not Implemented\r\nContent-Type: text/plain\r\nContent-Length: ${HTTP_BODY.length}\r\nConnection: close\r\n\r\n${HTTP_BODY}`,
)

function checkFrame(bytes: Buffer, start: number, end: number): void {
  const dataStart = start + bytes[start + 4]! * 4
  if (dataStart < start + 8 || dataStart > end) throw new Error('A frame with a wrong data offset')
  if (dataStart === end) return
  checkPerformative(bytes, dataStart, end)
}

const isSaslOutcome = (frame: Buffer): boolean => frame[5] === 1 && frame[8] === 0 && frame[10] === SASL_OUTCOME
