import { readable, textOf, type EventRead } from '../event-line.ts'

/** An event of which the body is bytes, or null without one. */
export type TableEvent = EventRead & { readonly body: Buffer | null }

/** A column of the table of events. Texts and times may be null where the column says so. */
export type Column = { readonly name: string } & (
  | { readonly type: 'int64'; readonly of: (event: TableEvent) => bigint }
  | { readonly type: 'int32'; readonly of: (event: TableEvent) => number }
  /** Milliseconds since the Unix epoch. */
  | { readonly type: 'time'; readonly of: (event: TableEvent) => number }
  | { readonly type: 'text'; readonly isNullable: boolean; readonly of: (event: TableEvent) => string | null }
)

const text = (name: string, of: (event: TableEvent) => string): Column => ({
  name,
  type: 'text',
  isNullable: false,
  of,
})
const textOrNull = (name: string, of: (event: TableEvent) => string | null): Column => ({
  ...{ name, type: 'text', isNullable: true, of },
})

/** The table of events, for CSV and for Parquet alike. Bytes that are no UTF-8 are written in base64. */
export const COLUMNS: readonly Column[] = [
  { name: 'partition', type: 'int32', of: ({ partition }) => Number(partition) },
  { name: 'sequence_number', type: 'int64', of: ({ sequenceNumber }) => BigInt(sequenceNumber) },
  text('offset', ({ offset }) => offset),
  { name: 'enqueued_time', type: 'time', of: ({ enqueuedTime }) => enqueuedTime.getTime() },
  textOrNull('partition_key', ({ key }) => key),
  textOrNull('kafka_key', ({ kafkaKey }) => wordsOf(kafkaKey)),
  textOrNull('content_type', ({ systemProperties }) => wordsOf(systemProperties[CONTENT_TYPE])),
  text('properties', ({ properties }) => JSON.stringify(readable(properties))),
  text('system_properties', ({ systemProperties: { [CONTENT_TYPE]: _, ...others } }) =>
    JSON.stringify(readable(others)),
  ),
  textOrNull('body', ({ body }) => wordsOf(body)),
  textOrNull('body_encoding', ({ body }) => (body && textOf(body) === undefined ? 'base64' : null)),
]

const CONTENT_TYPE = 'contentType'

function wordsOf(value: unknown): string | null {
  if (Buffer.isBuffer(value)) return textOf(value) ?? value.toString('base64')
  if (typeof value === 'string') return value
  return value === undefined || value === null ? null : JSON.stringify(readable({ value })['value'])
}

/** The first line of CSV. */
export const csvHeader = (): string => COLUMNS.map(({ name }) => name).join(',')

/** An event as a line of CSV, without its line break. Nothing between commas is null, and `""` an empty text. https://www.rfc-editor.org/rfc/rfc4180 */
export const csvLine = (event: TableEvent): string => COLUMNS.map((column) => cellOf(column, event)).join(',')

function cellOf(column: Column, event: TableEvent): string {
  switch (column.type) {
    case 'int32':
    case 'int64':
      return String(column.of(event))
    case 'time':
      return new Date(column.of(event)).toISOString()
    case 'text': {
      const words = column.of(event)
      if (words === null) return ''
      return words === '' || /[",\r\n]|^\s|\s$/.test(words) ? `"${words.replaceAll('"', '""')}"` : words
    }
  }
}
