import { MalformedAmqp } from '../encoding/reader.ts'
import {
  readDataSections,
  readSections,
  readEntries,
  SECTION,
  splitMessage,
  type RawEntry,
} from '../encoding/message.ts'
import {
  encodeLong,
  encodeMap,
  encodeSection,
  encodeString,
  encodeSymbol,
  encodeTimestamp,
} from '../encoding/writer.ts'
import type { Publication } from '../hubs/hubs.ts'
import type { PartitionState } from '../log/partition-log.ts'
import type { EventToStore, StoredEvent } from '../log/record.ts'

/** A message in which each data section is an event. All clients use it, and no document names it. */
export const BATCH_FORMAT = 0x80013700
const PARTITION_KEY = 'x-opt-partition-key'
const KEYS = {
  sequenceNumber: encodeSymbol('x-opt-sequence-number'),
  offset: encodeSymbol('x-opt-offset'),
  enqueuedTime: encodeSymbol('x-opt-enqueued-time'),
  partitionKey: encodeSymbol(PARTITION_KEY),
} as const
/** We write these: what a sender says under these names is not kept. */
const OURS = new Set<unknown>(['x-opt-sequence-number', 'x-opt-offset', 'x-opt-enqueued-time', PARTITION_KEY])

/** Takes a sent message apart into its events. Throws MalformedAmqp. */
export function readPublication(raw: Buffer, format: number): Publication {
  if (format !== BATCH_FORMAT) {
    const event = readEvent(raw, undefined)
    return { partitionKey: event.partitionKey, events: [event] }
  }
  const contents = readDataSections(raw)
  if (!contents) throw new MalformedAmqp('A batch holds its events in data sections')
  const envelopeKey = partitionKeyOf(readAnnotations(raw))
  const events = contents.map((content) => readEvent(content, envelopeKey))
  return { partitionKey: envelopeKey ?? events[0]?.partitionKey, events }
}

function readEvent(message: Buffer, envelopeKey: string | undefined): EventToStore {
  const { header, annotations, bare } = splitMessage(message)
  return {
    partitionKey: envelopeKey ?? partitionKeyOf(annotations),
    header,
    annotations: annotations.filter(({ key }) => !OURS.has(key)).map(({ bytes }) => bytes),
    bare,
  }
}

function readAnnotations(message: Buffer): readonly RawEntry[] {
  const section = readSections(message).find(({ code }) => code === SECTION.messageAnnotations)
  return section ? readEntries(message, section) : []
}

function partitionKeyOf(annotations: readonly RawEntry[]): string | undefined {
  const value = annotations.find(({ key }) => key === PARTITION_KEY)?.value
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw new MalformedAmqp('A partition key is a string')
  return value
}

/** The parts of the message that a reader gets: what we know of the event, and the sender's bytes unchanged. */
export function encodeForReader(event: StoredEvent, metrics: Buffer | undefined): readonly Buffer[] {
  const entries = [
    ...[KEYS.sequenceNumber, encodeLong(event.sequenceNumber)],
    ...[KEYS.offset, encodeString(String(event.offset))],
    ...[KEYS.enqueuedTime, encodeTimestamp(event.enqueuedTimeMs)],
    ...(event.partitionKey === undefined ? [] : [KEYS.partitionKey, encodeString(event.partitionKey)]),
  ]
  const annotations = encodeMap(entries, event.annotations, event.annotationCount * 2)
  return [
    ...(event.header.length > 0 ? [event.header] : []),
    ...(metrics ? [metrics] : []),
    encodeSection(SECTION.messageAnnotations, annotations),
    event.bare,
  ]
}

/** The delivery annotations for readers that asked for `com.microsoft:enable-receiver-runtime-metric`. */
export function encodeMetrics(state: PartitionState, nowMs: number): Buffer {
  const entries = [
    ...[encodeSymbol('last_enqueued_sequence_number'), encodeLong(state.lastSequenceNumber)],
    ...[encodeSymbol('last_enqueued_offset'), encodeString(String(state.lastOffset))],
    ...[encodeSymbol('last_enqueued_time_utc'), encodeTimestamp(state.lastEnqueuedTimeMs)],
    ...[encodeSymbol('runtime_info_retrieval_time_utc'), encodeTimestamp(nowMs)],
  ]
  return encodeSection(SECTION.deliveryAnnotations, encodeMap(entries))
}
