import { isUtf8 } from 'node:buffer'
import { bodyBytes, readStoredSections, SECTION, type Section } from '../encoding/message.ts'
import { AmqpReader, DESCRIPTOR } from '../encoding/reader.ts'
import type { StoredEvent } from '../log/record.ts'

/** A value as the files know it. A long is a number where a double holds it exactly. */
export type CapturedValue =
  | { readonly kind: 'long'; readonly value: number | bigint }
  | { readonly kind: 'double'; readonly value: number }
  /** Text, or its UTF-8. */
  | { readonly kind: 'string'; readonly value: string | Buffer }
  | { readonly kind: 'bytes'; readonly value: Buffer }
  | { readonly kind: 'null' }

/** What a file has of an event besides its number, its offset and its time. Bytes may be those of the event. */
export interface CapturedValues {
  readonly systemProperties: ReadonlyMap<string, CapturedValue>
  readonly properties: ReadonlyMap<string, CapturedValue>
  readonly body: Buffer | null
}

/**
 * AMQP's own properties by their places (part 3, section 3.2.4), under the names that clients know them by:
 * https://github.com/Azure/azure-sdk-for-java/blob/main/sdk/core/azure-core-amqp/src/main/java/com/azure/core/amqp/AmqpMessageConstant.java
 */
const PROPERTY_NAMES = [
  ...['message-id', 'user-id', 'to', 'subject', 'reply-to', 'correlation-id', 'content-type', 'content-encoding'],
  ...['absolute-expiry-time', 'creation-time', 'group-id', 'group-sequence', 'reply-to-group-id'],
]
/** The one system property that comes from us, where the sender gave a key. */
export const PARTITION_KEY = 'x-opt-partition-key'

const INT64_MAX = 2n ** 63n - 1n
/** The times that .NET knows: the years 1 to 9999. */
const NET_TIMES = { min: Date.parse('0001-01-01T00:00:00Z'), end: Date.parse('+010000-01-01T00:00:00Z') }
/** How to read what was checked when it came. */
const STORED = { stored: true }

/** The values of a stored event. docs/local-capture.md says what becomes what. */
export function valuesOf(event: StoredEvent): CapturedValues {
  const { partitionKey, annotations, bare } = event
  const systemProperties = new Map<string, CapturedValue>()
  if (partitionKey !== undefined) systemProperties.set(PARTITION_KEY, { kind: 'string', value: partitionKey })
  const properties = new Map<string, CapturedValue>()
  const reader = new AmqpReader(annotations, 0, annotations.length, STORED)
  while (!reader.done) set(systemProperties, readName(reader), readValue(reader))
  const sections = readStoredSections(bare)
  for (const section of sections) {
    if (section.code === SECTION.properties) readProperties(bare, section, systemProperties)
    else if (section.code === SECTION.applicationProperties) readApplicationProperties(bare, section, properties)
  }
  // The schema has no null there.
  for (const [name, { kind }] of systemProperties) if (kind === 'null') systemProperties.delete(name)
  return { systemProperties, properties, body: bodyBytes(bare, sections) }
}

/** A time as .NET writes it for the United States, in UTC: `12/2/2021 2:58:24 PM`. */
export function captureTimeOf(timeMs: number): string {
  const date = new Date(timeMs)
  const hour = date.getUTCHours()
  const day = `${date.getUTCMonth() + 1}/${date.getUTCDate()}/${String(date.getUTCFullYear()).padStart(4, '0')}`
  const minutes = String(date.getUTCMinutes()).padStart(2, '0')
  const seconds = String(date.getUTCSeconds()).padStart(2, '0')
  return `${day} ${hour % 12 || 12}:${minutes}:${seconds} ${hour < 12 ? 'AM' : 'PM'}`
}

function readProperties(bare: Buffer, { valueStart, end }: Section, into: Map<string, CapturedValue>): void {
  const reader = new AmqpReader(bare, valueStart, end, STORED)
  reader.compound(reader.constructorCode(), (place) => set(into, PROPERTY_NAMES[place], readValue(reader)))
}

function readApplicationProperties(bare: Buffer, { valueStart, end }: Section, into: Map<string, CapturedValue>): void {
  const reader = new AmqpReader(bare, valueStart, end, STORED)
  let name: string | undefined
  reader.compound(reader.constructorCode(), (index) => {
    if (index % 2 === 0) name = readName(reader)
    else set(into, name, readValue(reader))
  })
}

function set(into: Map<string, CapturedValue>, name: string | undefined, value: CapturedValue): void {
  if (name !== undefined) into.set(name, value)
}

const STRINGS = new Set([0xa1, 0xb1, 0xa3, 0xb3])
const BINARIES = new Set([0xa0, 0xb0])
const DOUBLES = new Set([0x72, 0x82])
const DECIMALS = new Set([0x74, 0x84, 0x94])
const EMPTY_LIST = 0x45
/** The first of the lists, the maps and the arrays. */
const COMPOUND = 0xc0

/** AMQP allows strings alone as names of properties, and symbols as those of annotations. Any other has no place. */
function readName(reader: AmqpReader): string | undefined {
  if (STRINGS.has(reader.bytes[reader.at]!)) return reader.read() as string
  reader.skip()
  return undefined
}

/** What the schema has no kind for is text as .NET writes it, as the times of the events are; or else bytes as encoded. */
function readValue(reader: AmqpReader): CapturedValue {
  const { bytes, at } = reader
  const code = bytes[at]!
  if (STRINGS.has(code)) return string(readContent(reader))
  if (BINARIES.has(code)) return { kind: 'bytes', value: readContent(reader) }
  if (code === DESCRIPTOR || code === EMPTY_LIST || code >= COMPOUND || DECIMALS.has(code))
    return { kind: 'bytes', value: reader.encoded() }
  const value = reader.read()
  if (value === null) return { kind: 'null' }
  if (typeof value === 'number') return { kind: DOUBLES.has(code) ? 'double' : 'long', value }
  if (typeof value === 'bigint') return value > INT64_MAX ? string(String(value)) : { kind: 'long', value }
  if (typeof value === 'boolean') return string(value ? 'True' : 'False')
  if (typeof value === 'string') return string(value)
  const isTime = value instanceof Date && isNetTime(value.getTime())
  return isTime ? string(captureTimeOf(value.getTime())) : { kind: 'bytes', value: bytes.subarray(at, reader.at) }
}

/** The content of a value with a length, which is one byte or four. */
function readContent(reader: AmqpReader): Buffer {
  const start = reader.at + (reader.bytes[reader.at]! < 0xb0 ? 2 : 5)
  reader.skip()
  return reader.bytes.subarray(start, reader.at)
}

const isNetTime = (timeMs: number): boolean => timeMs >= NET_TIMES.min && timeMs < NET_TIMES.end

/** A sender may call bytes a string that are none. */
const string = (value: string | Buffer): CapturedValue => ({
  kind: 'string',
  value: typeof value === 'string' || isUtf8(value) ? value : value.toString('utf8'),
})
