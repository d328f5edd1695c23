import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Column } from './table.ts'

/**
 * Parquet with a flat table: plain values, packed with gzip, which every reader has.
 * https://github.com/apache/parquet-format and, for the numbers in it, its src/main/thrift/parquet.thrift
 */

/** So many bytes of values are kept in memory before they are written. */
const ROW_GROUP_BYTES = 16 * 1024 * 1024

const MAGIC = Buffer.from('PAR1')
const ENCODING = { plain: 0, rle: 3 }
const CODEC_GZIP = 2
const PAGE_V1 = 0
const PHYSICAL = { int32: 1, int64: 2, time: 2, text: 6 } as const
const REQUIRED = 0
const OPTIONAL = 1

const packed = promisify<Buffer, Buffer>(gzip)

/** Writes rows as Parquet, a group of rows at a time. The file is whole after `finish`. */
export class ParquetWriter<Row> {
  readonly #columns: readonly ColumnChunk<Row>[]
  readonly #write: (bytes: Buffer) => Promise<void>
  readonly #groups: Thrift[] = []
  readonly #createdBy: string
  #rows = 0
  #rowsInGroup = 0
  #written = 0

  constructor(
    columns: readonly ColumnOf<Row>[],
    { write, createdBy }: { readonly write: (bytes: Buffer) => Promise<void>; readonly createdBy: string },
  ) {
    this.#columns = columns.map((column) => new ColumnChunk(column))
    this.#write = write
    this.#createdBy = createdBy
  }

  async add(row: Row): Promise<void> {
    let bytes = 0
    for (const column of this.#columns) {
      column.add(row)
      bytes += column.bytes
    }
    this.#rowsInGroup++
    if (bytes >= ROW_GROUP_BYTES) await this.#endGroup()
  }

  /** Answers the number of rows. */
  async finish(): Promise<number> {
    if (this.#rowsInGroup > 0) await this.#endGroup()
    if (this.#written === 0) await this.#put(MAGIC)
    const root = struct({ 4: text('schema'), 5: i32(this.#columns.length) })
    const footer = struct({
      1: i32(1),
      2: list([root, ...this.#columns.map(({ schema }) => schema)]),
      3: i64(this.#rows),
      4: list(this.#groups),
      6: text(this.#createdBy),
    }).bytes
    const length = Buffer.alloc(4)
    length.writeUInt32LE(footer.length)
    await this.#put(Buffer.concat([footer, length, MAGIC]))
    return this.#rows
  }

  async #endGroup(): Promise<void> {
    if (this.#written === 0) await this.#put(MAGIC)
    const chunks: Thrift[] = []
    let bytes = 0
    for (const column of this.#columns) {
      const { nulls } = column
      const values = column.take()
      const body = await packed(values)
      const header = pageHeader(this.#rowsInGroup, values.length, body.length)
      const sizes = { plain: header.length + values.length, stored: header.length + body.length }
      chunks.push(column.metadata({ rows: this.#rowsInGroup, nulls, at: this.#written, ...sizes }))
      bytes += sizes.plain
      await this.#put(header)
      await this.#put(body)
    }
    this.#groups.push(struct({ 1: list(chunks), 2: i64(bytes), 3: i64(this.#rowsInGroup) }))
    this.#rows += this.#rowsInGroup
    this.#rowsInGroup = 0
  }

  async #put(bytes: Buffer): Promise<void> {
    await this.#write(bytes)
    this.#written += bytes.length
  }
}

/** The columns of a table of such rows. */
type ColumnOf<Row> = Column extends infer C
  ? C extends { readonly of: (row: never) => infer V }
    ? Omit<C, 'of'> & { readonly of: (row: Row) => V }
    : never
  : never

interface ChunkFacts {
  readonly rows: number
  readonly nulls: number
  /** Where it begins in the file. */
  readonly at: number
  readonly plain: number
  readonly stored: number
}

/** The values of a column since the last group of rows. */
class ColumnChunk<Row> {
  readonly schema: Thrift
  readonly #column: ColumnOf<Row>
  readonly #values = new Bytes()
  #runs: { isThere: boolean; length: number }[] = []

  constructor(column: ColumnOf<Row>) {
    this.#column = column
    const converted = { text: i32(0), time: i32(9) } as const
    const logical = {
      text: struct({ 1: struct({}) }),
      // In UTC, in milliseconds.
      time: struct({ 8: struct({ 1: TRUE, 2: struct({ 1: struct({}) }) }) }),
    } as const
    const { name, type } = column
    const words = type === 'text' || type === 'time' ? { 6: converted[type], 10: logical[type] } : {}
    const repetition = i32(this.#isNullable ? OPTIONAL : REQUIRED)
    this.schema = struct({ 1: i32(PHYSICAL[type]), 3: repetition, 4: text(name), ...words })
  }

  get #isNullable(): boolean {
    return this.#column.type === 'text' && this.#column.isNullable
  }

  /** Of the values that are kept. */
  get bytes(): number {
    return this.#values.length
  }

  /** How many of them are null. */
  get nulls(): number {
    return this.#runs.reduce((sum, { isThere, length }) => sum + (isThere ? 0 : length), 0)
  }

  add(row: Row): void {
    const column = this.#column
    if (column.type === 'int32') this.#values.int32(column.of(row))
    else if (column.type !== 'text') this.#values.int64(BigInt(column.of(row)))
    else {
      const words = column.of(row)
      if (column.isNullable) this.#count(words !== null)
      if (words !== null) this.#values.text(words)
    }
  }

  #count(isThere: boolean): void {
    const last = this.#runs.at(-1)
    if (last?.isThere === isThere) last.length++
    else this.#runs.push({ isThere, length: 1 })
  }

  /** The content of a page: which values are there, then the values. */
  take(): Buffer {
    const values = this.#values.take()
    if (!this.#isNullable) return values
    const runs = this.#runs.flatMap(({ isThere, length }) => [varint(BigInt(length) << 1n), Buffer.of(Number(isThere))])
    this.#runs = []
    const length = Buffer.alloc(4)
    length.writeUInt32LE(runs.reduce((sum, run) => sum + run.length, 0))
    return Buffer.concat([length, ...runs, values])
  }

  metadata({ rows, nulls, at, plain, stored }: ChunkFacts): Thrift {
    const metadata = struct({
      1: i32(PHYSICAL[this.#column.type]),
      2: list([i32(ENCODING.plain), i32(ENCODING.rle)]),
      3: list([text(this.#column.name)]),
      4: i32(CODEC_GZIP),
      5: i64(rows),
      6: i64(plain),
      7: i64(stored),
      9: i64(at),
      // The number of nulls: without it, some readers take a column of integers for one with gaps.
      12: struct({ 3: i64(nulls) }),
    })
    return struct({ 2: i64(at), 3: metadata })
  }
}

const FIRST_BYTES = 64 * 1024

/** Plain values, one after another. */
class Bytes {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES)
  length = 0

  int32(value: number): void {
    this.length = this.#with(4).writeInt32LE(value, this.length)
  }

  int64(value: bigint): void {
    this.length = this.#with(8).writeBigInt64LE(value, this.length)
  }

  text(value: string): void {
    // A character of a string takes 3 bytes at most.
    const bytes = this.#with(4 + 3 * value.length)
    const length = bytes.write(value, this.length + 4)
    bytes.writeUInt32LE(length, this.length)
    this.length += 4 + length
  }

  /** A copy, after which there is nothing. */
  take(): Buffer {
    const values = Buffer.from(this.#bytes.subarray(0, this.length))
    this.length = 0
    return values
  }

  /** With room for so many more. */
  #with(more: number): Buffer {
    const needed = this.length + more
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length))
      this.#bytes.copy(larger, 0, 0, this.length)
      this.#bytes = larger
    }
    return this.#bytes
  }
}

function pageHeader(values: number, plainBytes: number, storedBytes: number): Buffer {
  const page = { 1: i32(values), 2: i32(ENCODING.plain), 3: i32(ENCODING.rle), 4: i32(ENCODING.rle) }
  return struct({ 1: i32(PAGE_V1), 2: i32(plainBytes), 3: i32(storedBytes), 5: struct(page) }).bytes
}

/** A value in Thrift's compact protocol. https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md */
interface Thrift {
  readonly type: number
  readonly bytes: Buffer
}

const TRUE: Thrift = { type: 1, bytes: Buffer.alloc(0) }
const i32 = (value: number): Thrift => ({ type: 5, bytes: varint(zigzag(value)) })
const i64 = (value: number): Thrift => ({ type: 6, bytes: varint(zigzag(value)) })

function text(value: string): Thrift {
  const bytes = Buffer.from(value)
  return { type: 8, bytes: Buffer.concat([varint(BigInt(bytes.length)), bytes]) }
}

/** Of values of one type. An empty list is one of structures. */
function list(values: readonly Thrift[]): Thrift {
  const type = values[0]?.type ?? 12
  const head = values.length < 15 ? Buffer.of((values.length << 4) | type) : longHead(values.length, type)
  return { type: 9, bytes: Buffer.concat([head, ...values.map(({ bytes }) => bytes)]) }
}

const longHead = (length: number, type: number): Buffer =>
  Buffer.concat([Buffer.of(0xf0 | type), varint(BigInt(length))])

/** By field, in ascending order and not more than 15 apart. */
function struct(fields: Readonly<Record<number, Thrift>>): Thrift {
  const parts: Buffer[] = []
  let last = 0
  for (const [id, { type, bytes }] of Object.entries(fields)) {
    parts.push(Buffer.of(((Number(id) - last) << 4) | type), bytes)
    last = Number(id)
  }
  return { type: 12, bytes: Buffer.concat([...parts, Buffer.of(0)]) }
}

const zigzag = (value: number): bigint => BigInt(value) * (value < 0 ? -2n : 2n) - (value < 0 ? 1n : 0n)

function varint(value: bigint): Buffer {
  const bytes: number[] = []
  let left = value
  for (; left >= 0x80n; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(left)])
}
