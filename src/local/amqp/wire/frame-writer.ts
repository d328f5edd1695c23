import type { Socket } from 'node:net'
import { LAYERS, type Layer } from './frame-reader.ts'
import { TRANSFER_BYTES, type TransferHead, writeTransfer } from './performatives.ts'

const FRAME_HEADER_BYTES = 8
const EMPTY_FRAME_BYTES = FRAME_HEADER_BYTES
/** What is in a frame besides the payload of a transfer. */
export const TRANSFER_OVERHEAD_BYTES = FRAME_HEADER_BYTES + TRANSFER_BYTES
/** A connection that says little keeps a small buffer. */
const CHUNK_BYTES = { first: 2_048, largest: 65_536 }
/** How many chunks are kept to be written again. New memory costs more than all the rest. */
const MOST_SPARE = 4

/** Joins what is written in one turn into few system calls. */
export class FrameWriter {
  readonly #socket: Socket
  #chunk: Buffer = Buffer.alloc(0)
  #start = 0
  #at = 0
  #flushing = false
  #chunkBytes = CHUNK_BYTES.first
  /** Chunks of the largest size that the network has taken. */
  readonly #spare: Buffer[] = []
  /** All that was ever written. */
  writtenBytes = 0

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** What the network has not taken yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength + this.#at - this.#start
  }

  /** Bytes that are no frame, such as a protocol header. */
  write(bytes: Buffer): void {
    const at = this.#reserve(bytes.length)
    this.#chunk.set(bytes, at)
  }

  frame(layer: Layer, channel: number, performative: Buffer): void {
    const bytes = FRAME_HEADER_BYTES + performative.length
    const at = this.#head(layer, channel, bytes)
    this.#chunk.set(performative, at)
  }

  /** A sign of life. */
  empty(): void {
    this.#head('amqp', 0, EMPTY_FRAME_BYTES)
  }

  transfer(channel: number, head: TransferHead, payload: readonly Buffer[], payloadBytes: number): void {
    let at = this.#head('amqp', channel, TRANSFER_OVERHEAD_BYTES + payloadBytes)
    writeTransfer(this.#chunk, at, head)
    at += TRANSFER_BYTES
    for (const part of payload) {
      this.#chunk.set(part, at)
      at += part.length
    }
  }

  flush(): void {
    this.#flushing = false
    this.#send()
  }

  #send(onTaken?: () => void): void {
    if (this.#at === this.#start || !this.#socket.writable) return
    this.#socket.write(this.#chunk.subarray(this.#start, this.#at), onTaken)
    this.#start = this.#at
  }

  /** Gives the chunk to the network and takes another one. */
  #nextChunk(bytes: number): void {
    const full = this.#chunk
    const isLarge = full.length === CHUNK_BYTES.largest
    this.#send(isLarge ? () => this.#spare.length < MOST_SPARE && this.#spare.push(full) : undefined)
    this.#chunk = (bytes <= CHUNK_BYTES.largest && this.#spare.pop()) || this.#newChunk(bytes)
    this.#start = 0
    this.#at = 0
  }

  #newChunk(bytes: number): Buffer {
    const length = Math.max(bytes, this.#chunkBytes)
    this.#chunkBytes = Math.min(this.#chunkBytes * 2, CHUNK_BYTES.largest)
    return Buffer.allocUnsafeSlow(length)
  }

  /** Writes the header of a frame and returns where its body begins. */
  #head(layer: Layer, channel: number, bytes: number): number {
    const at = this.#reserve(bytes)
    const chunk = this.#chunk
    chunk.writeUInt32BE(bytes, at)
    chunk[at + 4] = FRAME_HEADER_BYTES / 4
    chunk[at + 5] = layer === 'sasl' ? 1 : LAYERS.amqp
    chunk.writeUInt16BE(channel, at + 6)
    return at + FRAME_HEADER_BYTES
  }

  #reserve(bytes: number): number {
    this.writtenBytes += bytes
    if (this.#at + bytes > this.#chunk.length) this.#nextChunk(bytes)
    if (!this.#flushing) {
      this.#flushing = true
      queueMicrotask(() => this.flush())
    }
    this.#at += bytes
    return this.#at - bytes
  }
}
