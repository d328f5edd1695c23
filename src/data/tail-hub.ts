import { isUtf8 } from 'node:buffer'
import { setMaxListeners } from 'node:events'
import {
  earliestEventPosition,
  type EventHubConsumerClient,
  type EventPosition,
  type PartitionProperties,
  type ReceivedEventData,
} from '@azure/event-hubs'
import type { From } from '../inputs/local.ts'
import { input } from '../inputs/refer.ts'
import { Failure } from '../lib/errors.ts'
import { say } from '../lib/phrase.ts'
import { readPartition } from './open-clients.ts'

export interface TailOptions {
  /** Undefined: all partitions. */
  readonly partition: string | undefined
  readonly from: From
  /** Wait for new events. Otherwise reading ends with the last event that existed at the start. */
  readonly follow: boolean
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: number
  readonly signal: AbortSignal
  /** Gets each event as a line of JSON, without a line break. */
  readonly write: (line: string) => Promise<void>
  /** Gets a line about each loss of events. Reading goes on behind them. */
  readonly warn: (line: string) => void
}

/** Reads the events of a hub, in order within each partition. Rejects with the client's error or the signal's reason. */
export async function tailHub(consumer: EventHubConsumerClient, options: TailOptions): Promise<void> {
  const { partition, signal } = options
  const all = await consumer.getPartitionIds({ abortSignal: signal })
  if (partition !== undefined && !all.includes(partition)) throw noPartition(partition, all)
  const ids = partition === undefined ? all : [partition]
  const failed = new AbortController()
  const joint = AbortSignal.any([signal, failed.signal])
  // Each partition listens to it more than once, and a hub may have many.
  setMaxListeners(0, joint)
  const readings = ids.map((id) =>
    tailPartition(consumer, id, { ...options, signal: joint }).catch((error: unknown) => {
      failed.abort(error)
      throw error
    }),
  )
  await Promise.all(readings).finally(() => Promise.allSettled(readings))
}

const noPartition = (partition: string, all: readonly string[]): Failure =>
  new Failure({
    code: 'absent',
    message: `There is no partition ${partition}`,
    why: [`The hub has partitions 0 to ${all.length - 1}.`],
    hint: say`Name one of them with ${input('partition')}, or leave it out to read them all.`,
  })

/** So many in a row, without an event between them, are no losses that can be passed over. */
const MOST_LOSSES = 5

async function tailPartition(consumer: EventHubConsumerClient, partition: string, options: TailOptions): Promise<void> {
  const { from, follow, signal, write, warn } = options
  const state = await consumer.getPartitionProperties(partition, { abortSignal: signal })
  if (!follow && (state.isEmpty || from.kind === 'end')) return
  let startPosition = positionOf(options, state)
  const losses = new Set<string>()
  for (let inARow = 0; ; inARow++) {
    try {
      return await readPartition(consumer, {
        partition,
        startPosition,
        signal,
        onEvents: async (events) => {
          for (const event of events) {
            signal.throwIfAborted()
            if (!follow && event.sequenceNumber > state.lastEnqueuedSequenceNumber) return true
            await write(lineOf(partition, event))
            startPosition = { sequenceNumber: event.sequenceNumber, isInclusive: false }
            inARow = 0
          }
          if (follow) return false
          const last = events.at(-1)
          if (last) return last.sequenceNumber >= state.lastEnqueuedSequenceNumber
          // After a start time there may be no event, and the last one may be lost.
          return from.kind !== 'start' || losses.size > 0
        },
      })
    } catch (error) {
      if (!isLoss(error) || inARow === MOST_LOSSES) throw error
      if (!losses.has(error.message)) warn(`Partition ${partition}: ${error.message}`)
      losses.add(error.message)
    }
  }
}

/** The embedded Azure cannot read some events. It says so once for each consumer group, and then passes over them. */
const isLoss = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && error.code === 'DecodeError'

function positionOf({ from, nowMs }: TailOptions, state: PartitionProperties): EventPosition {
  switch (from.kind) {
    case 'start':
      return earliestEventPosition
    case 'end':
      // "Latest" would lose events that arrive before the service has opened the link.
      return state.isEmpty
        ? earliestEventPosition
        : { sequenceNumber: state.lastEnqueuedSequenceNumber, isInclusive: false }
    case 'time':
      return { enqueuedOn: from.atMs }
    case 'ago':
      return { enqueuedOn: nowMs - from.ms }
  }
}

/** Event Hubs keeps the key of an event that came by Kafka in this annotation. */
const KAFKA_KEY = 'x-opt-kafka-key'

/** The event as one line: a JSON body as it was sent, other text as a string, other bytes in base64. */
function lineOf(partition: string, event: ReceivedEventData): string {
  const { [KAFKA_KEY]: kafkaKey, ...others }: Values = event.systemProperties ?? {}
  const { messageId, correlationId, contentType } = event
  const system = readable({ messageId, correlationId, contentType, ...others })
  const head = JSON.stringify({
    partition,
    sequenceNumber: event.sequenceNumber,
    offset: event.offset,
    enqueuedTime: event.enqueuedTimeUtc.toISOString(),
    key: event.partitionKey ?? null,
    ...readable({ kafkaKey }),
    properties: readable(event.properties ?? {}),
    ...(Object.keys(system).length > 0 && { systemProperties: system }),
  })
  return `${head.slice(0, -1)},${bodyMembers(event.body)}}`
}

type Values = Readonly<Record<string, unknown>>

/** Without what is undefined, and with bytes, as headers of Kafka are, as text or base64. */
const readable = (values: Values): Values =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const bytes = bytesOf(value)
      if (bytes) return [[name, textOf(bytes) ?? { base64: bytes.toString('base64') }]]
      return value === undefined ? [] : [[name, value]]
    }),
  )

/** Of what the client makes of bytes, except those of a body: an object with the place of each. */
function bytesOf(value: unknown): Buffer | undefined {
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
const textOf = (bytes: Buffer): string | undefined => (isUtf8(bytes) ? bytes.toString('utf8') : undefined)

/** Undefined if the text is not JSON. Keeps numbers that JavaScript cannot represent, unless the text has line breaks. */
function jsonOnOneLine(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return /[\r\n]/.test(text) ? JSON.stringify(value) : text.trim()
  } catch {
    return undefined
  }
}
