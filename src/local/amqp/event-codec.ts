import { MalformedAmqp } from '../encoding/reader.ts'
import {
  contentStart,
  type MessageParts,
  type RawEntry,
  readAnnotations,
  readSections,
  SECTION,
  splitMessage,
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

const isTheirs = ({ key }: RawEntry): boolean => !OURS.has(key)
const NOTHING: readonly Buffer[] = []

/** Takes a sent message apart into its events. Throws MalformedAmqp. */
export function readPublication(raw: Buffer, format: number): Publication {
  if (format !== BATCH_FORMAT) {
    const event = readEvent(splitMessage(raw), undefined)
    return { partitionKey: event.partitionKey, events: [event] }
  }
  const sections = readSections(raw)
  if (sections.some(({ code }) => code === SECTION.sequence || code === SECTION.value))
    throw new MalformedAmqp('A batch holds its events in data sections')
  const envelopeKey = partitionKeyOf(readAnnotations(raw, sections))
  const events: EventToStore[] = []
  for (const section of sections) {
    if (section.code === SECTION.data)
      events.push(readEvent(splitMessage(raw, contentStart(raw, section), section.end), envelopeKey))
  }
  return { partitionKey: envelopeKey ?? events[0]?.partitionKey, events }
}

function readEvent({ header, annotations, bare }: MessageParts, envelopeKey: string | undefined): EventToStore {
  return {
    partitionKey: envelopeKey ?? partitionKeyOf(annotations),
    header,
    annotations: annotations.length === 0 ? NOTHING : annotations.filter(isTheirs).map(({ bytes }) => bytes),
    bare,
  }
}

/** One that is no string decides nothing: https://github.com/Azure/azure-sdk-for-python/issues/16909 */
function partitionKeyOf(annotations: readonly RawEntry[]): string | undefined {
  const value = annotations.find(({ key }) => key === PARTITION_KEY)?.value
  return typeof value === 'string' ? value : undefined
}

/** The annotations of every event, up to the digits of its offset: numbers are filled in at the places below. */
const ANNOTATIONS_START = encodeSection(
  SECTION.messageAnnotations,
  encodeMap([
    ...[KEYS.sequenceNumber, encodeLong(0), KEYS.enqueuedTime, encodeTimestamp(0)],
    ...[KEYS.offset, encodeString('')],
  ]),
)
const endOf = (part: Buffer): number => ANNOTATIONS_START.indexOf(part) + part.length
/** Where the numbers are in it. */
const AT = {
  size: 4,
  count: 8,
  sequenceNumber: endOf(KEYS.sequenceNumber) + 1,
  enqueuedTime: endOf(KEYS.enqueuedTime) + 1,
  digits: ANNOTATIONS_START.length - 1,
}

/** The parts of the message that a reader gets: what we know of the event, and the sender's bytes unchanged. */
export function encodeForReader(event: StoredEvent, metrics: Buffer | undefined): readonly Buffer[] {
  const annotations = encodeAnnotations(event)
  if (event.header.length === 0 && !metrics) return [annotations, event.bare]
  return [event.header, ...(metrics ? [metrics] : []), annotations, event.bare]
}

/** Written by hand, because it is done for each event that is read. */
function encodeAnnotations(event: StoredEvent): Buffer {
  const { partitionKey } = event
  const digits = String(event.offset)
  const key = partitionKey === undefined ? [] : [KEYS.partitionKey, encodeString(partitionKey)]
  const own = ANNOTATIONS_START.length + digits.length
  const length = own + key.reduce((sum, part) => sum + part.length, 0) + event.annotations.length
  const bytes = Buffer.allocUnsafe(length)
  bytes.set(ANNOTATIONS_START, 0)
  bytes.writeUInt32BE(length - AT.count, AT.size)
  bytes.writeUInt32BE(6 + key.length + event.annotationCount * 2, AT.count)
  writeUint64(bytes, event.sequenceNumber, AT.sequenceNumber)
  writeUint64(bytes, event.enqueuedTimeMs, AT.enqueuedTime)
  bytes[AT.digits] = digits.length
  bytes.write(digits, AT.digits + 1, 'latin1')
  let at = own
  for (const part of [...key, event.annotations]) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** A number of up to 53 bits. */
function writeUint64(bytes: Buffer, value: number, at: number): void {
  bytes.writeUInt32BE(Math.floor(value / 2 ** 32), at)
  bytes.writeUInt32BE(value >>> 0, at + 4)
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
