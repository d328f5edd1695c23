import {
  earliestEventPosition,
  type EventHubConsumerClient,
  type EventPosition,
  type PartitionProperties,
  type ReceivedEventData,
} from '@azure/event-hubs'
import type { Condition, From } from '../inputs/events.ts'
import { input } from '../inputs/refer.ts'
import { Failure } from '../lib/errors.ts'
import { say } from '../lib/phrase.ts'
import { eventLine, type Values } from './event-line.ts'
import { holds } from './fields.ts'
import { readPartition, sharedSignal } from './open-clients.ts'

export interface TailOptions {
  /** Undefined: all partitions. */
  readonly partition: string | undefined
  readonly from: From
  /** All must hold for an event to be written. */
  readonly where: readonly Condition[]
  /** Ends after so many events. Undefined: no limit. */
  readonly count: number | undefined
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
  const { partition, signal, where } = options
  const all = await consumer.getPartitionIds({ abortSignal: signal })
  if (partition !== undefined && !all.includes(partition)) throw noPartition(partition, all)
  const ids = partition === undefined ? all : [partition]
  const ended = new AbortController()
  const joint = sharedSignal(signal, ended.signal)
  let [taken, written] = [0, 0]
  const count = options.count ?? Infinity
  const write = async (partitionId: string, event: ReceivedEventData): Promise<void> => {
    if (taken === count || !holds(where, event.body)) return
    taken++
    await options.write(lineOf(partitionId, event))
    written++
    if (written === count) ended.abort(ENOUGH)
  }
  const readings = ids.map((id) =>
    tailPartition(consumer, id, { ...options, signal: joint }, write).catch((error: unknown) => {
      if (error === ENOUGH) return
      ended.abort(error)
      throw error
    }),
  )
  await Promise.all(readings).finally(() => Promise.allSettled(readings))
}

/** Why the partitions are read no further. */
const ENOUGH = Symbol('enough events')

const noPartition = (partition: string, all: readonly string[]): Failure =>
  new Failure({
    code: 'absent',
    message: `There is no partition ${partition}`,
    why: [`The hub has partitions 0 to ${all.length - 1}.`],
    hint: say`Name one of them with ${input('partition')}, or leave it out to read them all.`,
  })

/** So many in a row, without an event between them, are no losses that can be passed over. */
const MOST_LOSSES = 5

async function tailPartition(
  consumer: EventHubConsumerClient,
  partition: string,
  options: TailOptions,
  write: (partition: string, event: ReceivedEventData) => Promise<void>,
): Promise<void> {
  const { from, follow, signal, warn } = options
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
            await write(partition, event)
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

function lineOf(partition: string, event: ReceivedEventData): string {
  const { [KAFKA_KEY]: kafkaKey, ...others }: Values = event.systemProperties ?? {}
  const { messageId, correlationId, contentType } = event
  return eventLine({
    partition,
    sequenceNumber: event.sequenceNumber,
    offset: event.offset,
    enqueuedTime: event.enqueuedTimeUtc,
    key: event.partitionKey ?? null,
    kafkaKey,
    properties: event.properties ?? {},
    systemProperties: { messageId, correlationId, contentType, ...others },
    body: event.body as unknown,
  })
}
