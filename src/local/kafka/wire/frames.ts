import type { MemoryPool } from '../memory.ts'

/**
 * Larger requests end the connection. https://learn.microsoft.com/azure/event-hubs/apache-kafka-configurations. Clients
 * count the records that they send against it, so what is around them has room of its own.
 */
export const MOST_REQUEST_BYTES = 1_046_528
const MOST_FRAME_BYTES = MOST_REQUEST_BYTES + 8_192
/** Nobody needs more to sign in. */
const MOST_BYTES_BEFORE_SIGN_IN = 65_536
const LENGTH_BYTES = 4
/** What a request takes while it is gathered. */
export const FRAME_MEMORY_BYTES = LENGTH_BYTES + MOST_FRAME_BYTES

/** What a client that does not speak Kafka seems to speak. */
export type ForeignProtocol = 'tls' | 'http' | 'amqp' | 'unknown'

/** A request that is too large, or no request at all: then `foreign` is what it seems to be. */
export class RefusedFrame extends Error {
  readonly foreign: ForeignProtocol | undefined

  constructor(message: string, foreign: ForeignProtocol | undefined) {
    super(message)
    this.foreign = foreign
  }
}

/** A request without its length. Its bytes are good until the next one is asked for. */
export interface Frame {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
}

/** Cuts what a client sends into requests. */
export class FrameReader {
  readonly #memory: MemoryPool
  readonly #chunks: Buffer[] = []
  /** How far the first chunk is used, and what all of them still hold. */
  #at = 0
  #unread = 0
  /** The request that did not come in one piece. */
  #gathered: Buffer | undefined
  #gatheredBytes = 0
  #isHandedOut = false
  #begun = false
  #mostBytes = MOST_BYTES_BEFORE_SIGN_IN

  constructor(memory: MemoryPool) {
    this.#memory = memory
  }

  /** Bytes that wait here. */
  get unreadBytes(): number {
    return this.#unread
  }

  receive(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#unread += chunk.length
  }

  /** From now on requests may be as large as they ever are. */
  allowLarge(): void {
    this.#mostBytes = MOST_FRAME_BYTES
  }

  /** The next request that is whole. Throws RefusedFrame. */
  next(): Frame | undefined {
    if (this.#isHandedOut) this.close()
    return this.#gathered ? this.#gather() : (this.#inOnePiece() ?? this.#gather())
  }

  /** Gives the memory back. */
  close(): void {
    if (this.#gathered) this.#memory.give(this.#gathered)
    this.#gathered = undefined
    this.#gatheredBytes = 0
    this.#isHandedOut = false
  }

  #inOnePiece(): Frame | undefined {
    const bytes = this.#chunks[0]
    if (!bytes || bytes.length - this.#at < LENGTH_BYTES) return undefined
    const start = this.#at + LENGTH_BYTES
    const end = start + this.#sizeAt(bytes, this.#at)
    if (end > bytes.length) return undefined
    this.#advance(end - this.#at)
    return { bytes, start, end }
  }

  #gather(): Frame | undefined {
    if (this.#unread === 0) return undefined
    const bytes = (this.#gathered ??= this.#memory.take())
    if (!this.#fill(bytes, LENGTH_BYTES)) return undefined
    const end = LENGTH_BYTES + this.#sizeAt(bytes, 0)
    if (!this.#fill(bytes, end)) return undefined
    this.#isHandedOut = true
    return { bytes, start: LENGTH_BYTES, end }
  }

  /** Copies what is there until so many bytes are gathered. */
  #fill(memory: Buffer, upTo: number): boolean {
    for (let chunk = this.#chunks[0]; chunk && this.#gatheredBytes < upTo; chunk = this.#chunks[0]) {
      const bytes = Math.min(chunk.length - this.#at, upTo - this.#gatheredBytes)
      chunk.copy(memory, this.#gatheredBytes, this.#at, this.#at + bytes)
      this.#gatheredBytes += bytes
      this.#advance(bytes)
    }
    return this.#gatheredBytes >= upTo
  }

  #advance(bytes: number): void {
    this.#at += bytes
    this.#unread -= bytes
    if (this.#at < this.#chunks[0]!.length) return
    this.#chunks.shift()
    this.#at = 0
  }

  #sizeAt(bytes: Buffer, at: number): number {
    const size = bytes.readInt32BE(at)
    if (size < 0 || size > this.#mostBytes) {
      throw new RefusedFrame(`A request of ${size} bytes`, this.#begun ? undefined : recognize(bytes, at))
    }
    this.#begun = true
    return size
  }
}

/** What somebody speaks whose first bytes are no length of a request. */
function recognize(bytes: Buffer, at: number): ForeignProtocol {
  if (bytes[at] === 0x16) return 'tls'
  const word = bytes.toString('latin1', at, at + LENGTH_BYTES)
  if (word === 'AMQP') return 'amqp'
  return /^[A-Z]{3}/.test(word) ? 'http' : 'unknown'
}
