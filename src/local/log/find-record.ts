import {
  checkRecord,
  claimedBytes,
  isPossibleSize,
  mostEventsIn,
  numberAt,
  readHead,
  type RecordHead,
  WRITTEN,
} from './record-head.ts'

/** Whether `bytes`, the end of a file, are the beginning of record `sequenceNumber`: what a killed process leaves. */
export function isTorn(bytes: Buffer, sequenceNumber: number): boolean {
  const claimed = claimedBytes(bytes, 0)
  if (claimed <= bytes.length || !isPossibleSize(claimed)) return false
  try {
    const number = readHead(bytes, 0)?.sequenceNumber
    return number === undefined || number === sequenceNumber
  } catch {
    return false
  }
}

/** More than any file holds. A number that is farther away is not one of this file. */
const MOST_LOST = 2 ** 24
/** Of the shortest record that has a number. */
const LEAST_NUMBERED_BYTES = WRITTEN.batch.fixedBytes

export interface FoundRecord {
  readonly at: number
  readonly sequenceNumber: number
  readonly enqueuedTimeMs: number
}

/**
 * The next whole record where `bytes` do not begin with record `expected`, as they should. Undefined when there is none,
 * or only such as have no number and could be any.
 */
export function findRecord(bytes: Buffer, expected: number): FoundRecord | undefined {
  const isNear = (number: number) => number >= expected && number < expected + MOST_LOST
  // The record is whole, and those before it are gone; or it has changed, and its length has not.
  for (const at of [0, claimedBytes(bytes, 0)]) {
    const record = wholeRecord(bytes, at)
    const sequenceNumber = record && (record.sequenceNumber ?? expected + 1)
    if (sequenceNumber !== undefined && isNear(sequenceNumber)) return { ...record!, at, sequenceNumber }
  }
  // What looks like a record may be part of the body of an event. A real one is followed by the next one.
  let likely: FoundRecord | undefined
  for (let at = 1; at + LEAST_NUMBERED_BYTES <= bytes.length; at++) {
    const sequenceNumber = numberAt(bytes, at)
    if (sequenceNumber === undefined || claimedBytes(bytes, at) > bytes.length - at) continue
    const record = isNear(sequenceNumber) ? wholeRecord(bytes, at) : undefined
    if (!record) continue
    const found = { ...record, at, sequenceNumber }
    if (isFollowed(bytes, found)) return likely && likely.sequenceNumber < sequenceNumber ? likely : found
    if (sequenceNumber <= expected + mostEventsIn(at)) likely ??= found
  }
  return likely
}

/** Whether the record behind this one is the next, or there is none. */
function isFollowed(bytes: Buffer, { at, sequenceNumber, bytes: size, events }: FoundRecord & RecordHead): boolean {
  const end = at + size
  return end === bytes.length || wholeRecord(bytes, end)?.sequenceNumber === sequenceNumber + events
}

function wholeRecord(bytes: Buffer, at: number): RecordHead | undefined {
  try {
    const head = at < bytes.length ? readHead(bytes, at) : undefined
    if (!head || head.bytes > bytes.length - at) return undefined
    checkRecord(bytes, at, head.bytes)
    return head
  } catch {
    return undefined
  }
}
