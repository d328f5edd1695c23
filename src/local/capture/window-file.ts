import type { LocalCapture } from '../hubs/directory.ts'
import type { StoredEvent } from '../log/record.ts'
import { AvroWriter } from './avro.ts'
import type { BlobPlace, CaptureFile, CaptureSink } from './sink.ts'

/** The file of one window. It is begun with its first block, so that a window without events needs none. */
export class WindowFile {
  readonly #place: BlobPlace
  readonly #sink: CaptureSink
  readonly #writer: AvroWriter
  #file: CaptureFile | undefined
  #firstSequenceNumber: number | undefined
  #lastSequenceNumber: number | undefined
  #written = 0

  /** `marker` tells this file from any other. */
  constructor(
    sink: CaptureSink,
    place: BlobPlace,
    { codec, marker }: { readonly codec: LocalCapture['codec']; readonly marker: Buffer<ArrayBuffer> },
  ) {
    this.#place = place
    this.#sink = sink
    this.#writer = new AvroWriter(codec, marker)
  }

  /** Whether a file that begins so is this one. */
  isBegunBy(head: Buffer): boolean {
    return head.equals(this.#writer.header)
  }

  /** So many bytes tell it from any other. */
  get headBytes(): number {
    return this.#writer.header.length
  }

  get events(): number {
    return this.#writer.events
  }

  /** Undefined without events. */
  get firstSequenceNumber(): number | undefined {
    return this.#firstSequenceNumber
  }

  get lastSequenceNumber(): number | undefined {
    return this.#lastSequenceNumber
  }

  /** What it would have without compression. */
  get plainBytes(): number {
    return this.#writer.uncompressedBytes
  }

  /** What was written of it. */
  get bytes(): number {
    return this.#written
  }

  /** The event's bytes are not needed any more when it returns. */
  add(event: StoredEvent): void {
    this.#writer.add(event)
    this.#firstSequenceNumber ??= event.sequenceNumber
    this.#lastSequenceNumber = event.sequenceNumber
  }

  /** Whether a block has to be written before another event is added. */
  get isBlockFull(): boolean {
    return this.#writer.isBlockFull
  }

  /** Rejects as the sink does. */
  async writeBlock(): Promise<void> {
    await this.#write(await this.#writer.takeBlock())
  }

  /** Writes what is left. */
  async finish(): Promise<void> {
    const last = await this.#writer.end()
    if (last) await this.#write(last)
  }

  /** After `finish`. */
  async commit(): Promise<void> {
    await this.#file?.commit()
  }

  async abandon(): Promise<void> {
    await this.#file?.abandon()
  }

  async #write(block: Buffer): Promise<void> {
    if (!this.#file) {
      this.#file = await this.#sink.begin(this.#place)
      await this.#writeBytes(this.#file, this.#writer.header)
    }
    await this.#writeBytes(this.#file, block)
  }

  async #writeBytes(file: CaptureFile, bytes: Buffer): Promise<void> {
    await file.write(bytes)
    this.#written += bytes.length
  }
}
