import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { deflateRaw } from 'node:zlib'
import { soleBodyStart } from '../encoding/message.ts'
import type { LocalCapture } from '../hubs/directory.ts'
import type { StoredEvent } from '../log/record.ts'
import { AvroBytes } from './avro-bytes.ts'
import { type CapturedValue, type CapturedValues, captureTimeOf, PARTITION_KEY, valuesOf } from './event-values.ts'

/**
 * The files of Capture are containers of Avro: a header, then blocks of events, each compressed by itself.
 * https://avro.apache.org/docs/1.11.1/specification/#object-container-files
 */

const field = (name: string, type: unknown) => ({ name, type })
const mapOf = (...values: readonly string[]) => ({ type: 'map', values })
const KINDS = ['long', 'double', 'string', 'bytes'] as const
/** The page shows no null in Properties, but says that an empty file has 508 bytes: it has them with the null alone. */
const NULLABLE_KINDS: readonly CapturedValue['kind'][] = [...KINDS, 'null']
/** https://learn.microsoft.com/azure/event-hubs/explore-captured-avro-files */
const SCHEMA = JSON.stringify({
  ...{ type: 'record', name: 'EventData', namespace: 'Microsoft.ServiceBus.Messaging' },
  fields: [
    ...[field('SequenceNumber', 'long'), field('Offset', 'string'), field('EnqueuedTimeUtc', 'string')],
    ...[field('SystemProperties', mapOf(...KINDS)), field('Properties', mapOf(...NULLABLE_KINDS))],
    field('Body', ['null', 'bytes']),
  ],
})
const BODY = { null: 0, bytes: 1 } as const

const MAGIC = Buffer.from('Obj\x01', 'latin1')
const SYNC_BYTES = 16
/** Room for the header of a file. */
const HEADER_BYTES = 512
/** Two numbers of up to nine bytes. */
const BLOCK_HEAD_BYTES = 18
/** A block ends behind the event that reaches it. */
const BLOCK_BYTES = 256 * 1024

/** One entry of system properties up to its text. */
const ONE_PARTITION_KEY = Buffer.concat([
  Buffer.from([2, PARTITION_KEY.length * 2]),
  Buffer.from(PARTITION_KEY, 'latin1'),
  Buffer.from([NULLABLE_KINDS.indexOf('string') * 2]),
])

const deflate = promisify<Buffer, Buffer>(deflateRaw)

/** Makes the bytes of one file: first its `header`, then a block whenever `isBlockFull`, last what `end` gives. */
export class AvroWriter {
  readonly header: Buffer
  readonly #codec: LocalCapture['codec']
  readonly #syncMarker: Buffer
  readonly #block = new AvroBytes(BLOCK_HEAD_BYTES, BLOCK_BYTES + SYNC_BYTES)
  #events = 0
  /** Of these, the ones that no block was taken of. */
  #waiting = 0
  #takenBytes: number
  /** The second of the last event, and how it is written: most events have that of the one before. */
  #second = NaN
  #secondText: Buffer = Buffer.alloc(0)

  /** The 16 bytes of the marker stand behind each block. */
  constructor(codec: LocalCapture['codec'], syncMarker = randomBytes(SYNC_BYTES)) {
    this.#codec = codec
    this.#syncMarker = syncMarker
    this.header = headerOf(codec, syncMarker)
    this.#takenBytes = this.header.length
  }

  /** The events that were added. */
  get events(): number {
    return this.#events
  }

  /** How long the file would be by now if nothing were compressed. */
  get uncompressedBytes(): number {
    return this.#takenBytes + this.#block.length
  }

  get isBlockFull(): boolean {
    return this.#block.length >= BLOCK_BYTES
  }

  /** Takes the event into the block. Keeps none of its bytes. */
  add(event: StoredEvent): void {
    const block = this.#block
    block.long(event.sequenceNumber)
    block.digits(event.offset)
    block.bytes(this.#timeText(event.enqueuedTimeMs))
    const bodyStart = event.annotationCount === 0 ? soleBodyStart(event.bare) : undefined
    if (bodyStart === undefined) writeValues(block, valuesOf(event))
    else {
      writePartitionKey(block, event.partitionKey)
      block.long(0)
      block.long(BODY.bytes)
      block.bytes(event.bare, bodyStart)
    }
    this.#waiting++
    this.#events++
  }

  /** The block of the events that are waiting. It has to resolve before the next `add`, until which its bytes are good. */
  async takeBlock(): Promise<Buffer> {
    const [block, events] = [this.#block, this.#waiting]
    const content = block.memory.subarray(BLOCK_HEAD_BYTES)
    const head = blockHeadOf(events, content.length)
    this.#waiting = 0
    this.#takenBytes += head.length + content.length + SYNC_BYTES
    if (this.#codec === 'deflate') {
      block.clear()
      const compressed = await deflate(content)
      return Buffer.concat([blockHeadOf(events, compressed.length), compressed, this.#syncMarker])
    }
    block.raw(this.#syncMarker)
    const { memory } = block
    block.clear()
    head.copy(memory, BLOCK_HEAD_BYTES - head.length)
    return memory.subarray(BLOCK_HEAD_BYTES - head.length)
  }

  /** The block that is missing at the end of the file, if one is: a file without events has an empty one. */
  async end(): Promise<Buffer | undefined> {
    return this.#waiting > 0 || this.#events === 0 ? this.takeBlock() : undefined
  }

  #timeText(timeMs: number): Buffer {
    const second = Math.floor(timeMs / 1_000)
    if (second !== this.#second) {
      this.#second = second
      this.#secondText = Buffer.from(captureTimeOf(timeMs), 'latin1')
    }
    return this.#secondText
  }
}

/** Azure names the codec first. */
function headerOf(codec: string, syncMarker: Buffer): Buffer {
  const bytes = new AvroBytes(0, HEADER_BYTES)
  const metadata = { 'avro.codec': codec, 'avro.schema': SCHEMA }
  bytes.raw(MAGIC)
  bytes.long(Object.keys(metadata).length)
  for (const [name, value] of Object.entries(metadata)) {
    bytes.text(name)
    bytes.text(value)
  }
  bytes.long(0)
  bytes.raw(syncMarker)
  return bytes.memory
}

function blockHeadOf(events: number, contentBytes: number): Buffer {
  const bytes = new AvroBytes(0, BLOCK_HEAD_BYTES)
  bytes.long(events)
  bytes.long(contentBytes)
  return bytes.memory
}

function writeValues(bytes: AvroBytes, { systemProperties, properties, body }: CapturedValues): void {
  writeMap(bytes, systemProperties)
  writeMap(bytes, properties)
  bytes.long(body ? BODY.bytes : BODY.null)
  if (body) bytes.bytes(body)
}

/** The system properties of an event that has no others. */
function writePartitionKey(bytes: AvroBytes, partitionKey: string | undefined): void {
  if (partitionKey !== undefined) {
    bytes.raw(ONE_PARTITION_KEY)
    bytes.text(partitionKey)
  }
  bytes.long(0)
}

/** A block of the entries, if there are any, and the end. */
function writeMap(bytes: AvroBytes, entries: ReadonlyMap<string, CapturedValue>): void {
  if (entries.size > 0) bytes.long(entries.size)
  for (const [name, value] of entries) {
    bytes.text(name)
    bytes.long(NULLABLE_KINDS.indexOf(value.kind))
    writeValue(bytes, value)
  }
  bytes.long(0)
}

function writeValue(bytes: AvroBytes, captured: CapturedValue): void {
  switch (captured.kind) {
    case 'long':
      if (typeof captured.value === 'number') bytes.long(captured.value)
      else bytes.longOfBigint(captured.value)
      break
    case 'double':
      bytes.double(captured.value)
      break
    case 'string':
    case 'bytes':
      if (typeof captured.value === 'string') bytes.text(captured.value)
      else bytes.bytes(captured.value)
      break
    case 'null':
      break
  }
}
