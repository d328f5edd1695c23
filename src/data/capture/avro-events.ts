import type { EventRead } from '../event-line.ts'
import { avroRecords, BrokenFile } from './avro-file.ts'

/** An event of a file. The name of the file knows its partition. */
export type CapturedEvent = Omit<EventRead, 'partition' | 'body'> & {
  /** Null for an event without one. */
  readonly body: Buffer | null
}

/** The events of a file of Capture. Rejects with a `BrokenFile`, after the events that came before the damage. */
export async function* capturedEvents(chunks: AsyncIterable<Buffer>): AsyncGenerator<CapturedEvent> {
  for await (const record of avroRecords(chunks, checkFields)) yield eventOf(record as Captured)
}

/** https://learn.microsoft.com/azure/event-hubs/explore-captured-avro-files */
const FIELDS = ['SequenceNumber', 'Offset', 'EnqueuedTimeUtc', 'SystemProperties', 'Properties', 'Body'] as const
type Captured = Readonly<Record<(typeof FIELDS)[number], unknown>>
type Named = Readonly<Record<string, unknown>>

function checkFields(schema: unknown): void {
  const { fields = [] } = (schema ?? {}) as { readonly fields?: readonly { readonly name: unknown }[] }
  const gaps = FIELDS.filter((name) => !fields.some((field) => field.name === name))
  if (gaps.length > 0) throw new BrokenFile(`is no file of Capture: its events have no ${gaps.join(', ')}`)
}

/** A value of a union that has two kinds of numbers comes in a wrapping. */
const plain = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'unwrap' in value ? (value as { unwrap(): unknown }).unwrap() : value

const named = (values: unknown): Named =>
  Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [name, plain(value)]))

const PARTITION_KEY = 'x-opt-partition-key'
const KAFKA_KEY = 'x-opt-kafka-key'

function eventOf({ SequenceNumber, Offset, EnqueuedTimeUtc, ...more }: Captured): CapturedEvent {
  const { [PARTITION_KEY]: key, [KAFKA_KEY]: kafkaKey, ...system } = named(more.SystemProperties)
  return {
    sequenceNumber: SequenceNumber as number | bigint,
    offset: String(Offset),
    enqueuedTime: timeOf(String(EnqueuedTimeUtc)),
    key: typeof key === 'string' ? key : null,
    kafkaKey,
    properties: named(more.Properties),
    systemProperties: Object.fromEntries(
      Object.entries(system).map(([name, value]) => [CLIENT_NAMES[name] ?? name, value]),
    ),
    body: plain(more.Body) as Buffer | null,
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
