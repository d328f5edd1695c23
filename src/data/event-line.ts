import { isUtf8 } from 'node:buffer'

/** An event as people read it, wherever it was read from. */
export interface EventRead {
  readonly partition: string
  /** A bigint where a number cannot hold it. */
  readonly sequenceNumber: number | bigint
  readonly offset: string
  readonly enqueuedTime: Date
  /** The partition key; null without one. */
  readonly key: string | null
  /** The key that a Kafka client gave, in whatever form it was read. */
  readonly kafkaKey: unknown
  readonly properties: Values
  readonly systemProperties: Values
  readonly body: unknown
}

export type Values = Readonly<Record<string, unknown>>

/** The event as one line: a JSON body as it was sent, other text as a string, other bytes in base64. */
export function eventLine({ enqueuedTime, kafkaKey, properties, systemProperties, body, ...event }: EventRead): string {
  const { partition, sequenceNumber, offset, key } = event
  const system = readable(systemProperties)
  const head = JSON.stringify({
    ...{ partition, sequenceNumber: plainOf(sequenceNumber), offset },
    enqueuedTime: enqueuedTime.toISOString(),
    key,
    ...readable({ kafkaKey }),
    properties: readable(properties),
    ...(Object.keys(system).length > 0 && { systemProperties: system }),
  })
  return `${head.slice(0, -1)},${bodyMembers(body)}}`
}

/** Without what is undefined, and with bytes, as headers of Kafka are, as text or base64. */
export const readable = (values: Values): Values =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const bytes = bytesOf(value)
      if (bytes) return [[name, textOf(bytes) ?? { base64: bytes.toString('base64') }]]
      return value === undefined ? [] : [[name, plainOf(value)]]
    }),
  )

/** JSON has no bigint: its digits stand for it. */
const plainOf = (value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)

/** Of bytes, and of what the client makes of them, except those of a body: an object with the place of each. */
function bytesOf(value: unknown): Buffer | undefined {
  if (Buffer.isBuffer(value)) return value
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const isBytes = Object.entries(value).every(
    ([place, byte], i) => place === String(i) && Number.isInteger(byte) && byte >= 0 && byte <= 0xff,
  )
  return isBytes ? Buffer.from(Object.values(value) as number[]) : undefined
}

function bodyMembers(body: unknown): string {
  if (!Buffer.isBuffer(body)) return `"body":${JSON.stringify(body ?? null)}`
  const text = textOf(body)
  if (text === undefined) return `"body":${JSON.stringify(body.toString('base64'))},"bodyEncoding":"base64"`
  return `"body":${jsonOnOneLine(text) ?? JSON.stringify(text)}`
}

/** Undefined for bytes that are no UTF-8. */
export const textOf = (bytes: Buffer): string | undefined => (isUtf8(bytes) ? bytes.toString('utf8') : undefined)

/** Undefined if the text is not JSON. Keeps numbers that JavaScript cannot represent, unless the text has line breaks. */
function jsonOnOneLine(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return /[\r\n]/.test(text) ? JSON.stringify(value) : text.trim()
  } catch {
    return undefined
  }
}
