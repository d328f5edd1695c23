import type { Socket } from 'node:net'
import { LAYERS, type Layer } from './frame-reader.ts'
import { TRANSFER_BYTES, type TransferHead, writeTransfer } from './performatives.ts'

const FRAME_HEADER_BYTES = 8
const EMPTY_FRAME_BYTES = FRAME_HEADER_BYTES
/** What is in a frame besides the payload of a transfer. */
export const TRANSFER_OVERHEAD_BYTES = FRAME_HEADER_BYTES + TRANSFER_BYTES
const CHUNK_BYTES = 65_536
const MOST_SPARE = 64

/** Memory that frames are written to, and again once the network has taken them: new memory costs more than the writing. */
export class ChunkPool {
  readonly #spare: Buffer[] = []

  take(bytes: number): Buffer {
    if (bytes > CHUNK_BYTES) return Buffer.allocUnsafeSlow(bytes)
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES)
  }

  give(chunk: Buffer): void {
    if (chunk.length === CHUNK_BYTES && this.#spare.length < MOST_SPARE) this.#spare.push(chunk)
  }
}

interface Chunk {
  readonly bytes: Buffer
  /** How far it is written, given to the network, and taken by it. */
  written: number
  given: number
  taken: number
}

/** Joins what is written in one turn into few system calls. Holds memory only while something is under way. */
export class FrameWriter {
  readonly #socket: Socket
  readonly #pool: ChunkPool
  #chunk: Chunk | undefined
  #isFlushDue = false
  /** All that was ever written. */
  writtenBytes = 0

  constructor(socket: Socket, pool: ChunkPool) {
    this.#socket = socket
    this.#pool = pool
  }

  /** What the network has not taken yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength + (this.#chunk ? this.#chunk.written - this.#chunk.given : 0)
  }

  /** Bytes that are no frame, such as a protocol header. */
  write(bytes: Buffer): void {
    const { chunk, at } = this.#reserve(bytes.length)
    chunk.set(bytes, at)
  }

  frame(layer: Layer, channel: number, performative: Buffer): void {
    const { chunk, at } = this.#head(layer, channel, FRAME_HEADER_BYTES + performative.length)
    chunk.set(performative, at)
  }

  /** A sign of life. */
  empty(): void {
    this.#head('amqp', 0, EMPTY_FRAME_BYTES)
  }

  transfer(channel: number, head: TransferHead, payload: readonly Buffer[], payloadBytes: number): void {
    const { chunk, at } = this.#head('amqp', channel, TRANSFER_OVERHEAD_BYTES + payloadBytes)
    writeTransfer(chunk, at, head)
    let to = at + TRANSFER_BYTES
    for (const part of payload) {
      chunk.set(part, to)
      to += part.length
    }
  }

  flush(): void {
    this.#isFlushDue = false
    const chunk = this.#chunk
    if (!chunk || chunk.written === chunk.given || !this.#socket.writable) return
    const { written: end } = chunk
    this.#socket.write(chunk.bytes.subarray(chunk.given, end), () => this.#onTaken(chunk, end))
    chunk.given = end
  }

  #onTaken(chunk: Chunk, end: number): void {
    chunk.taken = end
    if (end < chunk.written) return
    if (this.#chunk === chunk) this.#chunk = undefined
    this.#pool.give(chunk.bytes)
  }

  /** Writes the header of a frame and returns where its body begins. */
  #head(layer: Layer, channel: number, bytes: number): { readonly chunk: Buffer; readonly at: number } {
    const { chunk, at } = this.#reserve(bytes)
    chunk.writeUInt32BE(bytes, at)
    chunk[at + 4] = FRAME_HEADER_BYTES / 4
    chunk[at + 5] = LAYERS[layer].frame
    chunk.writeUInt16BE(channel, at + 6)
    return { chunk, at: at + FRAME_HEADER_BYTES }
  }

  #reserve(bytes: number): { readonly chunk: Buffer; readonly at: number } {
    this.writtenBytes += bytes
    if (this.#chunk && this.#chunk.written + bytes > this.#chunk.bytes.length) this.#leaveChunk(this.#chunk)
    const chunk = (this.#chunk ??= { bytes: this.#pool.take(bytes), written: 0, given: 0, taken: 0 })
    if (!this.#isFlushDue) {
      this.#isFlushDue = true
      queueMicrotask(() => this.flush())
    }
    const at = chunk.written
    chunk.written += bytes
    return { chunk: chunk.bytes, at }
  }

  /** What is in it goes out. The memory is given back when the network has taken it. */
  #leaveChunk(chunk: Chunk): void {
    this.flush()
    this.#chunk = undefined
    if (chunk.taken === chunk.written) this.#pool.give(chunk.bytes)
  }
}
