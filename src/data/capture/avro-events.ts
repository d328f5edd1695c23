import { promisify } from 'node:util'
import { inflateRaw } from 'node:zlib'
import type { EventRead } from '../event-line.ts'
import { BrokenFile, Cursor, decoderOf, type Decode } from './avro-values.ts'

/** An event of a file. The name of the file knows its partition. */
export type CapturedEvent = Omit<EventRead, 'partition' | 'body'> & {
  /** Null for an event without one. */
  readonly body: Buffer | null
}

/**
 * The events of a file of Capture, block by block, so that a big file takes no more memory than its blocks. Rejects with a
 * `BrokenFile`, after the events that came before the damage.
 */
export async function* capturedEvents(chunks: AsyncIterable<Buffer>): AsyncGenerator<CapturedEvent> {
  const file = new AvroFile(chunks)
  try {
    const { decode, inflate, marker } = await readHeader(file)
    while (!(await file.isAtEnd())) {
      const events = await file.int()
      const block = await file.take(await file.int())
      if (!marker.equals(await file.take(MARKER_BYTES)))
        throw new BrokenFile('is damaged: a block does not end as it has to')
      const from = new Cursor(await inflate(block))
      for (let i = 0; i < events; i++) yield eventOf(decode(from))
      if (!from.isAtEnd) throw new BrokenFile('is damaged: a block holds more than its events')
    }
  } finally {
    await file.close()
  }
}

/** Whether it is the file that is to blame. The message then follows its name. */
export const isBroken = (error: unknown): error is Error => error instanceof BrokenFile

const MAGIC = Buffer.from('Obj\x01', 'latin1')
const MARKER_BYTES = 16

const inflated = promisify<Buffer, Buffer>(inflateRaw)

/** https://avro.apache.org/docs/1.12.0/specification/#required-codecs. Azure uses no other. */
const CODECS: Readonly<Record<string, (block: Buffer) => Promise<Buffer>>> = {
  null: async (block) => block,
  deflate: (block) =>
    inflated(block).catch((error: unknown) => {
      throw new BrokenFile('is damaged: a block cannot be unpacked', { cause: error })
    }),
}

interface Header {
  readonly decode: Decode
  readonly inflate: (block: Buffer) => Promise<Buffer>
  readonly marker: Buffer
}

async function readHeader(file: AvroFile): Promise<Header> {
  if (!MAGIC.equals(await file.start(MAGIC.length))) throw new BrokenFile('is no Avro file')
  const metadata = new Map<string, Buffer>()
  for (let count = await file.int(); count !== 0; count = await file.int()) {
    if (count < 0) await file.int()
    for (let left = Math.abs(count); left > 0; left--) {
      const key = await file.take(await file.int())
      metadata.set(key.toString('utf8'), Buffer.from(await file.take(await file.int())))
    }
  }
  const marker = Buffer.from(await file.take(MARKER_BYTES))
  const codec = metadata.get('avro.codec')?.toString('utf8') ?? 'null'
  const inflate = Object.hasOwn(CODECS, codec) ? CODECS[codec] : undefined
  if (!inflate) throw new BrokenFile(`is packed with ${codec}, which Capture does not use`)
  const schema = parse(metadata.get('avro.schema')?.toString('utf8') ?? '')
  const fields = (schema as { readonly fields?: readonly { readonly name?: unknown }[] } | null)?.fields ?? []
  const gaps = FIELDS.filter((name) => !fields.some((field) => field.name === name))
  if (gaps.length > 0) throw new BrokenFile(`is no file of Capture: its events have no ${gaps.join(', ')}`)
  return { decode: decoderOf(schema), inflate, marker }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new BrokenFile('has a schema that is none', { cause: error })
  }
}

/** https://learn.microsoft.com/azure/event-hubs/explore-captured-avro-files */
const FIELDS = ['SequenceNumber', 'Offset', 'EnqueuedTimeUtc', 'SystemProperties', 'Properties', 'Body'] as const
type Captured = Readonly<Record<(typeof FIELDS)[number], unknown>>
type Named = Readonly<Record<string, unknown>>

const PARTITION_KEY = 'x-opt-partition-key'
const KAFKA_KEY = 'x-opt-kafka-key'

function eventOf(decoded: unknown): CapturedEvent {
  const { SequenceNumber, Offset, EnqueuedTimeUtc, SystemProperties, Properties, Body } = decoded as Captured
  const { [PARTITION_KEY]: key, [KAFKA_KEY]: kafkaKey, ...system } = (SystemProperties ?? {}) as Named
  return {
    sequenceNumber: SequenceNumber as number | bigint,
    offset: String(Offset),
    enqueuedTime: timeOf(String(EnqueuedTimeUtc)),
    key: typeof key === 'string' ? key : null,
    kafkaKey,
    properties: (Properties ?? {}) as Named,
    systemProperties: Object.fromEntries(
      Object.entries(system).map(([name, value]) => [CLIENT_NAMES[name] ?? name, value]),
    ),
    body: Body as Buffer | null,
  }
}

/** The fields of an AMQP message, as clients of Event Hubs call them. */
const CLIENT_NAMES: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ...['message-id', 'user-id', 'reply-to', 'correlation-id', 'content-type', 'content-encoding'],
    ...['absolute-expiry-time', 'creation-time', 'group-id', 'group-sequence', 'reply-to-group-id'],
  ].map((name) => [name, name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())]),
)

/** `12/2/2021 2:58:24 PM`, of UTC. */
function timeOf(text: string): Date {
  const [, month, day, year, hour, minute, second, half] =
    /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d{2}):(\d{2}) ([AP]M)$/.exec(text) ?? []
  const hours = (Number(hour) % 12) + (half === 'PM' ? 12 : 0)
  const time = new Date(
    half
      ? Date.UTC(Number(year), Number(month) - 1, Number(day), hours, Number(minute), Number(second))
      : Date.parse(text),
  )
  if (Number.isNaN(time.getTime())) throw new BrokenFile(`holds a time that is none: ${JSON.stringify(text)}`)
  return time
}

/** The bytes of a file, as far as they have come. */
class AvroFile {
  readonly #chunks: AsyncIterator<Buffer>
  #ahead: Buffer = Buffer.alloc(0)

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  async isAtEnd(): Promise<boolean> {
    return (await this.#have(1)) === 0
  }

  /** The first bytes; fewer if there are not so many. */
  async start(length: number): Promise<Buffer> {
    return this.#cut(Math.min(length, await this.#have(length)))
  }

  /** Part of the memory that was read. */
  async take(length: number): Promise<Buffer> {
    if (length < 0 || length > MOST_BYTES) throw new BrokenFile('is damaged: it has a length that cannot be')
    if ((await this.#have(length)) < length) throw new BrokenFile('ends in the middle')
    return this.#cut(length)
  }

  async int(): Promise<number> {
    for (let length = 1; length <= LONGEST; length++) {
      const there = await this.#have(length)
      if (there < length) throw new BrokenFile('ends in the middle')
      if (this.#ahead[length - 1]! < 0x80) return new Cursor(this.#cut(length)).int()
    }
    throw new BrokenFile('is damaged: it has a length that cannot be')
  }

  /** Ends the reading, also before the end. */
  async close(): Promise<void> {
    await this.#chunks.return?.()
  }

  #cut(length: number): Buffer {
    const bytes = this.#ahead.subarray(0, length)
    this.#ahead = this.#ahead.subarray(length)
    return bytes
  }

  /** Reads until so many bytes are there, if there are. Answers how many are. */
  async #have(length: number): Promise<number> {
    const parts = [this.#ahead]
    let there = this.#ahead.length
    while (there < length) {
      const next = await this.#chunks.next()
      if (next.done) break
      parts.push(next.value)
      there += next.value.length
    }
    if (parts.length > 1) this.#ahead = Buffer.concat(parts)
    return there
  }
}

/** Bytes of the longest number. */
const LONGEST = 10
/** No file, and so no block, is larger than 500 MB by much. */
const MOST_BYTES = 600_000_000
