import type { EventToStore, StoredEvent } from '../log/record.ts'
import { contentOf, eventOf } from './interop.ts'
import { readBatchHead, RECORDS_AT, writeBatchHead } from './record-batch.ts'
import { type KafkaContent, MOST_INFLATED_BYTES, readRecords } from './records.ts'

/** The events of a batch, for readers that do not speak Kafka. Throws MalformedRecords. */
export function eventsOfBatch(batch: Buffer): readonly EventToStore[] {
  return readRecords(batch, readBatchHead(batch), MOST_INFLATED_BYTES).map(eventOf)
}

/**
 * Batches for Kafka readers of stored events, of which each has the next number. Each run of events that were stored at
 * the same time is a batch of its own, because a batch with the times of the log has one time for all of its records.
 * Written by hand into one buffer: it is done for each event that came by another protocol.
 */
export function packEvents(events: readonly StoredEvent[], timestampType: 'LogAppend' | 'Create'): Buffer {
  const contents = events.map(contentOf)
  const runs = runsOf(events)
  const sizes = runs.flatMap(([start, end]) =>
    contents.slice(start, end).map((content, offsetDelta) => sizeOfRecord(content, offsetDelta)),
  )
  const bytes = Buffer.allocUnsafe(
    sizes.reduce((sum, size) => sum + sizeOfNumber(size) + size, runs.length * RECORDS_AT),
  )
  let at = 0
  for (const [start, end] of runs) {
    const head = at
    at += RECORDS_AT
    for (let i = start; i < end; i++) {
      at = writeNumber(bytes, sizes[i]!, at)
      at = writeRecord(bytes, contents[i]!, i - start, at)
    }
    const { sequenceNumber: firstSequenceNumber, enqueuedTimeMs } = events[start]!
    writeBatchHead(bytes.subarray(head, at), {
      ...{ firstSequenceNumber, isLogAppend: timestampType === 'LogAppend', count: end - start },
      ...{ baseTimestampMs: enqueuedTimeMs, maxTimestampMs: enqueuedTimeMs },
    })
  }
  return bytes
}

/** Where each run of events of the same time begins, and where the next one does. */
function runsOf(events: readonly StoredEvent[]): readonly (readonly [start: number, end: number])[] {
  const runs: [number, number][] = []
  let start = 0
  events.forEach(({ enqueuedTimeMs }, i) => {
    if (events[i + 1]?.enqueuedTimeMs === enqueuedTimeMs) return
    runs.push([start, i + 1])
    start = i + 1
  })
  return runs
}

/** The attributes and the difference of the time, which are both zero. */
const START_BYTES = 2
/** The length of what is null: the zigzag number -1. */
const NULL_LENGTH = 0x01

/** Bytes of a record behind its length. */
function sizeOfRecord({ key, value, headers }: KafkaContent, offsetDelta: number): number {
  let size = START_BYTES + sizeOfNumber(offsetDelta) + sizeOf(key) + sizeOf(value) + sizeOfNumber(headers.length)
  for (const header of headers) {
    const keyBytes = Buffer.byteLength(header.key, 'utf8')
    size += sizeOfNumber(keyBytes) + keyBytes + sizeOf(header.value)
  }
  return size
}

const sizeOf = (content: Buffer | null): number =>
  content === null ? 1 : sizeOfNumber(content.length) + content.length

/** Of the zigzag number of a length or a count. */
function sizeOfNumber(value: number): number {
  let size = 1
  for (let rest = value >>> 6; rest > 0; rest >>>= 7) size++
  return size
}

/** Each of these returns where the next value goes. */
function writeRecord(bytes: Buffer, { key, value, headers }: KafkaContent, offsetDelta: number, start: number): number {
  bytes.fill(0, start, start + START_BYTES)
  let at = writeNumber(bytes, offsetDelta, start + START_BYTES)
  at = writeContent(bytes, key, at)
  at = writeContent(bytes, value, at)
  at = writeNumber(bytes, headers.length, at)
  for (const header of headers) {
    at = writeContent(bytes, Buffer.from(header.key, 'utf8'), at)
    at = writeContent(bytes, header.value, at)
  }
  return at
}

function writeContent(bytes: Buffer, content: Buffer | null, start: number): number {
  if (content === null) {
    bytes[start] = NULL_LENGTH
    return start + 1
  }
  const at = writeNumber(bytes, content.length, start)
  bytes.set(content, at)
  return at + content.length
}

function writeNumber(bytes: Buffer, value: number, start: number): number {
  let at = start
  let rest = value * 2
  for (; rest > 0x7f; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80
  bytes[at++] = rest
  return at
}
