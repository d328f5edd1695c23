import { gzipSync } from 'node:zlib'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import type { Column, TableEvent } from './table.ts'

/** So much of the values is kept in memory before it is written. */
const ROW_GROUP_BYTES = 16 * 1024 * 1024

export interface ParquetOptions {
  /** The bytes stay as they are until the promise is settled. */
  readonly write: (bytes: Buffer) => Promise<void>
  readonly createdBy: string
}

/** Writes events as a Parquet file, a group of rows at a time, packed with gzip. The file is whole after `finish`. */
export class ParquetTable {
  readonly #columns: readonly { readonly column: Column; readonly values: Value[] }[]
  readonly #file: GroupWriter
  readonly #parquet: ParquetWriter
  #rows = 0
  #rowsInGroup = 0
  #bytesInGroup = 0

  constructor(columns: readonly Column[], { write, createdBy }: ParquetOptions) {
    this.#columns = columns.map((column) => ({ column, values: [] }))
    this.#file = new GroupWriter(write)
    this.#parquet = new ParquetWriter({
      writer: this.#file,
      schema: [{ name: 'schema', num_children: columns.length }, ...columns.map(elementOf)],
      codec: 'GZIP',
      compressors: { GZIP: (page) => gzipSync(page) },
      createdBy,
    })
  }

  async add(event: TableEvent): Promise<void> {
    for (const { column, values } of this.#columns) {
      const value = valueOf(column, event)
      values.push(value)
      this.#bytesInGroup += typeof value === 'string' ? value.length : NUMBER_BYTES
    }
    this.#rowsInGroup++
    if (this.#bytesInGroup >= ROW_GROUP_BYTES) await this.#endGroup()
  }

  /** Answers the number of rows. */
  async finish(): Promise<number> {
    await this.#endGroup()
    await this.#parquet.finish()
    await this.#file.flush()
    return this.#rows
  }

  async #endGroup(): Promise<void> {
    const columnData = this.#columns.map(({ column, values }) => ({ name: column.name, data: values.splice(0) }))
    await this.#parquet.write({ columnData, rowGroupSize: this.#rowsInGroup })
    this.#rows += this.#rowsInGroup
    this.#rowsInGroup = 0
    this.#bytesInGroup = 0
  }
}

type Value = string | number | bigint | null
const NUMBER_BYTES = 8

const valueOf = (column: Column, event: TableEvent): Value =>
  column.type === 'time' ? BigInt(column.of(event)) : column.of(event)

/** A column in the words of https://github.com/apache/parquet-format/blob/master/LogicalTypes.md */
function elementOf(column: Column) {
  const { name } = column
  const required = { name, repetition_type: 'REQUIRED' } as const
  switch (column.type) {
    case 'int32':
      return { ...required, type: 'INT32' } as const
    case 'int64':
      return { ...required, type: 'INT64' } as const
    case 'time': {
      const logical_type = { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' } as const
      return { ...required, type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', logical_type } as const
    }
    case 'text': {
      const repetition_type = column.isNullable ? 'OPTIONAL' : 'REQUIRED'
      const text = { converted_type: 'UTF8', logical_type: { type: 'STRING' } } as const
      return { name, repetition_type, type: 'BYTE_ARRAY', ...text } as const
    }
  }
}

/** Takes a group of rows to the file when it is complete. */
class GroupWriter extends ByteWriter {
  readonly #write: (bytes: Buffer) => Promise<void>

  constructor(write: (bytes: Buffer) => Promise<void>) {
    super()
    this.#write = write
  }

  async flush(): Promise<void> {
    const length = this.index
    this.index = 0
    await this.#write(Buffer.from(this.buffer, 0, length))
  }
}
