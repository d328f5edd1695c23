import { randomBytes } from 'node:crypto'
import type { Clock } from '../../lib/clock.ts'
import { BlobClient, NAME_TAKEN } from '../../lib/blob/blob-client.ts'
import type { BlobError } from '../../lib/blob/blob-error.ts'
import type { StorageConnection } from '../../lib/blob/storage-connection.ts'
import { type BlobPlace, type CaptureFile, type CaptureSink, NameTaken } from './sink.ts'

/**
 * A file has two buffers of this size at most, and each captured partition has a file. 50,000 blocks, the most that a blob can have, hold far more than the largest
 * window. https://learn.microsoft.com/rest/api/storageservices/put-block#remarks
 */
const BLOCK_BYTES = 1024 * 1024

/** Files of one storage account as block blobs. A container that is missing is made. */
export class BlobSink implements CaptureSink {
  readonly #client: BlobClient

  constructor(connection: StorageConnection, clock: Clock) {
    this.#client = BlobClient.of(connection, clock)
  }

  /** A URL, without what allows to read it. */
  whereIs({ container, blob }: BlobPlace): string {
    return blob === '' ? this.#client.urlOf(container) : this.#client.urlOf(container, blob)
  }

  head({ container, blob }: BlobPlace, bytes: number): Promise<Buffer | undefined> {
    return this.#client.firstBytes(container, blob, bytes)
  }

  async begin(place: BlobPlace): Promise<CaptureFile> {
    return new BlockBlob(this.#client, place)
  }
}

/** One attempt at a blob: blocks of another attempt are never among its own. */
class BlockBlob implements CaptureFile {
  readonly #client: BlobClient
  readonly #place: BlobPlace
  readonly #attempt = randomBytes(8).toString('hex')
  readonly #ids: string[] = []
  readonly #abandoned = new AbortController()
  #filling: Buffer | undefined
  #filled = 0
  #spare: Buffer | undefined
  /** The block before, which may be on its way. */
  #sending: Promise<void> = Promise.resolve()

  constructor(client: BlobClient, place: BlobPlace) {
    this.#client = client
    this.#place = place
  }

  async write(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      this.#filling ??= Buffer.allocUnsafe(BLOCK_BYTES)
      const copied = bytes.copy(this.#filling, this.#filled, at)
      this.#filled += copied
      at += copied
      if (this.#filled === BLOCK_BYTES) await this.#sendBlock()
    }
  }

  async commit(): Promise<void> {
    const { container, blob } = this.#place
    if (this.#filled > 0) await this.#sendBlock()
    await this.#sending
    try {
      await this.#inContainer(() => this.#client.putBlockList(container, blob, this.#ids))
    } catch (error) {
      const isTaken = NAME_TAKEN.includes((error as BlobError).code)
      throw isTaken ? new NameTaken(this.#client.urlOf(container, blob)) : error
    }
  }

  /** Azure drops the blocks with the next commit of the blob, or after a week. */
  async abandon(): Promise<void> {
    this.#abandoned.abort()
  }

  /** Waits for the block before, and sends this one while the next is filled. */
  async #sendBlock(): Promise<void> {
    await this.#sending
    const { container, blob } = this.#place
    const buffer = this.#filling!
    const block = buffer.subarray(0, this.#filled)
    // All ids of a blob have one length.
    const id = Buffer.from(`${this.#attempt}-${String(this.#ids.length).padStart(5, '0')}`).toString('base64')
    const { signal } = this.#abandoned
    this.#sending = this.#inContainer(() => this.#client.putBlock(container, blob, id, block, signal)).then(() => {
      this.#spare = buffer
    })
    // Whoever writes on or commits is told.
    this.#sending.catch(() => undefined)
    this.#ids.push(id)
    this.#filling = this.#spare
    this.#spare = undefined
    this.#filled = 0
  }

  async #inContainer(send: () => Promise<void>): Promise<void> {
    try {
      await send()
    } catch (error) {
      if ((error as BlobError).code !== 'ContainerNotFound') throw error
      await this.#client.createContainer(this.#place.container)
      await send()
    }
  }
}
