import type { LogFile } from './files.ts'
import { findRecord } from './find-record.ts'
import {
  BrokenRecord,
  checkRecord,
  claimedBytes,
  isBatchAt,
  readHead,
  type RecordHead,
  STEP_BYTES,
  stepOf,
} from './record-head.ts'

const WINDOW_BYTES = 128 * 1024

/** A stretch of a segment that holds no records, or too few. */
export interface Damage {
  readonly position: number
  /** Where the next record starts. It is `position` itself where bytes are gone. */
  readonly end: number
  /** The number of the first event that is lost. */
  readonly firstSequenceNumber: number
  /** Of the next record, and its time. Infinity at the end of the file: then the next segment says it. */
  readonly nextSequenceNumber: number
  readonly nextTimeMs: number
}

/** The records from `from` to `end`, a window of the file at a time. Throws BrokenRecord at bytes that are not one. */
export function* walk(
  file: LogFile,
  from: number,
  end: number,
  check: boolean,
): Generator<{ position: number; head: RecordHead }> {
  let position = from
  while (position < end) {
    let window = file.read(position, Math.min(WINDOW_BYTES, end - position))
    const claimed = claimedBytes(window, 0)
    if (check && claimed > end - position) throw new BrokenRecord('longer than the file')
    if (check && claimed > window.length) window = file.read(position, claimed)
    let at = 0
    for (;;) {
      const head = readHead(window, at)
      if (!head || (check && at + head.bytes > window.length)) break
      if (check) checkRecord(window, at, head.bytes)
      yield { position: position + at, head }
      at += head.bytes
      if (at >= window.length) break
    }
    if (at === 0) throw new BrokenRecord('cut short')
    position += at
  }
}

/**
 * Where the batches from `from` to `end` are. Looks at two fields of each record and makes nothing of it, because all of a
 * partition may have to be gone through. Throws BrokenRecord at bytes that are no record.
 */
export function batchesIn(file: LogFile, from: number, end: number): readonly number[] {
  const places: number[] = []
  const memory = Buffer.allocUnsafe(WINDOW_BYTES)
  for (let position = from; position < end;) {
    const window = file.read(position, Math.min(WINDOW_BYTES, end - position), memory)
    let at = 0
    for (; at + STEP_BYTES <= window.length; at += stepOf(window, at))
      if (isBatchAt(window, at)) places.push(position + at)
    if (at === 0) throw new BrokenRecord('cut short')
    position += at
  }
  return places
}

/** What is wrong from `position` on, where record `firstSequenceNumber` should be: up to the next one that is whole. */
export function damageFrom(file: LogFile, position: number, firstSequenceNumber: number): Damage {
  const rest = file.size - position
  for (let bytes = WINDOW_BYTES; ; bytes *= 8) {
    const found = findRecord(file.read(position, bytes), firstSequenceNumber)
    if (!found && bytes < rest) continue
    return {
      position,
      end: position + (found?.at ?? rest),
      firstSequenceNumber,
      nextSequenceNumber: found?.sequenceNumber ?? Infinity,
      nextTimeMs: found?.enqueuedTimeMs ?? Infinity,
    }
  }
}
