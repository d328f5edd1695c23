import { promisify } from 'node:util'
import { inflateRaw } from 'node:zlib'
import avsc, { type Schema, type Type } from 'avsc'

/** A file that does not hold what its kind promises. The message follows the name of the file: `is no Avro file`. */
export class BrokenFile extends Error {}

/** Whether it is the file that is to blame. The message then follows its name. */
export const isBroken = (error: unknown): error is Error => error instanceof BrokenFile

/**
 * The records of an Avro file, block by block, so that a big file takes no more memory than its blocks. Longs are bigints where a
 * number cannot hold them. Rejects with a `BrokenFile`, after the records that came before the damage. `check` sees the schema
 * first and throws what it likes.
 *
 * The values are read by avsc, the blocks are not: its stream takes a file that was cut for one that is whole, and waits for ever
 * at an empty block before another. https://github.com/mtth/avsc/issues/448, https://github.com/mtth/avsc/pull/210
 */
export async function* avroRecords(
  chunks: AsyncIterable<Buffer>,
  check: (schema: unknown) => void,
): AsyncGenerator<unknown> {
  const file = new AvroFile(chunks)
  try {
    const { schema, unpack, marker } = await readHeader(file)
    check(schema)
    const type = typeOf(schema)
    for (let block = await file.next<Block>(BLOCK); block; block = await file.next<Block>(BLOCK)) {
      if (!marker.equals(block.sync)) throw new BrokenFile('is damaged: a block does not end as it has to')
      yield* recordsIn(await unpack(block.data), { type, count: block.count })
    }
  } finally {
    await file.close()
  }
}

function* recordsIn(data: Buffer, { type, count }: { readonly type: Type; readonly count: number }) {
  let at = 0
  for (let i = 0; i < count; i++) {
    const { value, offset } = decoded<unknown>(type, data, at)
    if (offset < 0) throw pastTheEnd()
    at = offset
    yield value
  }
  if (at !== data.length) throw new BrokenFile('is damaged: a block holds more than its events')
}

const pastTheEnd = (): BrokenFile => new BrokenFile('is damaged: a value goes past the end of its block')

/** The value at a place, and the place after it; -1 where the bytes end before the value does. */
function decoded<T>(type: Type, bytes: Buffer, at: number): { readonly value: T; readonly offset: number } {
  try {
    return type.decode(bytes, at)
  } catch (cause) {
    throw isBroken(cause) ? cause : new BrokenFile(`is damaged: ${(cause as Error).message}`, { cause })
  }
}

/** https://avro.apache.org/docs/1.12.0/specification/#object-container-files */
const MARKER = { type: 'fixed', name: 'Marker', size: 16 } as const
const HEADER = avsc.Type.forSchema({
  type: 'record',
  name: 'Header',
  fields: [
    { name: 'magic', type: { type: 'fixed', name: 'Magic', size: 4 } },
    { name: 'meta', type: { type: 'map', values: 'bytes' } },
    { name: 'sync', type: MARKER },
  ],
})
const BLOCK = avsc.Type.forSchema({
  type: 'record',
  name: 'Block',
  fields: [
    { name: 'count', type: 'long' },
    { name: 'data', type: 'bytes' },
    { name: 'sync', type: MARKER },
  ],
})
interface Header {
  readonly meta: Readonly<Record<string, Buffer | undefined>>
  readonly sync: Buffer
}
interface Block {
  readonly count: number
  readonly data: Buffer
  readonly sync: Buffer
}

const MAGIC = Buffer.from('Obj\x01', 'latin1')

const inflated = promisify<Buffer, Buffer>(inflateRaw)

/** https://avro.apache.org/docs/1.12.0/specification/#required-codecs. Azure uses no other. */
const CODECS: ReadonlyMap<string, (block: Buffer) => Promise<Buffer>> = new Map([
  ['null', async (block: Buffer) => block],
  [
    'deflate',
    (block: Buffer) =>
      inflated(block).catch((cause: unknown) => {
        throw new BrokenFile('is damaged: a block cannot be unpacked', { cause })
      }),
  ],
])

async function readHeader(file: AvroFile) {
  if (!MAGIC.equals(await file.start(MAGIC.length))) throw new BrokenFile('is no Avro file')
  const { meta, sync: marker } = (await file.next<Header>(HEADER))!
  const codec = meta['avro.codec']?.toString() ?? 'null'
  const unpack = CODECS.get(codec)
  if (!unpack) throw new BrokenFile(`is packed with ${codec}, which Capture does not use`)
  return { schema: schemaIn(meta['avro.schema']), unpack, marker }
}

function schemaIn(bytes: Buffer | undefined): unknown {
  try {
    return JSON.parse(bytes?.toString() ?? '')
  } catch (cause) {
    throw new BrokenFile('has a schema that is none', { cause })
  }
}

function typeOf(schema: unknown): Type {
  const typeHook = (one: unknown) =>
    one === 'long' || (one as { readonly type?: unknown }).type === 'long' ? LONG : undefined
  try {
    return avsc.Type.forSchema(schema as Schema, { typeHook })
  } catch (cause) {
    throw new BrokenFile(`has a schema that is none: ${(cause as Error).message}`, { cause })
  }
}

const UNUSED = ['toBuffer', 'fromJSON', 'toJSON', 'isValid', 'compare'] as const
/** A long; a bigint where a number cannot hold it. */
const WHOLE_LONG = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => {
    const long = bytes.readBigInt64LE()
    return long >= Number.MIN_SAFE_INTEGER && long <= Number.MAX_SAFE_INTEGER ? Number(long) : long
  },
  ...Object.fromEntries(UNUSED.map((name) => [name, () => false])),
})
/** Past the end of its bytes avsc reads on, undefined for a long. A damaged count of properties would keep it busy for years. */
class LongWithin extends avsc.types.LogicalType {
  protected override _fromValue(long: unknown): unknown {
    if (long === undefined) throw pastTheEnd()
    return long
  }
}
const LONG = new LongWithin(WHOLE_LONG)

/** The bytes of a file, as far as they have come. */
class AvroFile {
  readonly #chunks: AsyncIterator<Buffer>
  #ahead: Buffer = Buffer.alloc(0)

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** The first bytes, which stay there; fewer if there are not so many. */
  async start(length: number): Promise<Buffer> {
    await this.#readTo(length)
    return this.#ahead.subarray(0, length)
  }

  /** The next value; undefined at the end. */
  async next<T>(type: Type): Promise<T | undefined> {
    for (;;) {
      const { value, offset } = decoded<T>(type, this.#ahead, 0)
      if (offset >= 0) {
        this.#ahead = this.#ahead.subarray(offset)
        return value
      }
      const length = this.#ahead.length
      // Twice as much each time, so that a large block is not read again for each chunk.
      await this.#readTo(2 * length + 1)
      if (this.#ahead.length > length) continue
      if (length > 0) throw new BrokenFile('ends in the middle')
      return undefined
    }
  }

  /** Ends the reading, also before the end. */
  async close(): Promise<void> {
    await this.#chunks.return?.()
  }

  /** Reads until so many bytes are there, if there are. */
  async #readTo(length: number): Promise<void> {
    const parts = [this.#ahead]
    for (let there = this.#ahead.length; there < length;) {
      const next = await this.#chunks.next()
      if (next.done) break
      parts.push(next.value)
      there += next.value.length
    }
    this.#ahead = Buffer.concat(parts)
  }
}
