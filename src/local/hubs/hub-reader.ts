import { DamagedEvents, type LostEvents } from '../log/damage.ts'
import type { PartitionLog, StartPosition } from '../log/partition-log.ts'
import type { LogReader } from '../log/reader.ts'
import type { StoredEvent } from '../log/record.ts'
import { HubError } from './errors.ts'

/** The most that is read from the log at once. So a client that does not read cannot fill the memory. */
export const READ_AT_ONCE = { events: 100, bytes: 256 * 1024 }

/** Which lost events the readers of each key were told of. */
export class ToldLosses {
  readonly #told = new Map<string, Set<number>>()

  has(key: string, { nextSequenceNumber }: LostEvents): boolean {
    return this.#told.get(key)?.has(nextSequenceNumber) ?? false
  }

  add(key: string, { nextSequenceNumber }: LostEvents): void {
    this.#told.set(key, (this.#told.get(key) ?? new Set()).add(nextSequenceNumber))
  }
}

/**
 * Reads a partition for a client, and passes over lost events that the readers of its key were told of. What counts is
 * being told at the beginning: an error that comes between two events a client may miss, and begin anew in silence.
 */
export class HubReader {
  readonly #reader: LogReader
  readonly #told: ToldLosses
  readonly #key: string

  private constructor(reader: LogReader, told: ToldLosses, key: string) {
    this.#reader = reader
    this.#told = told
    this.#key = key
  }

  /**
   * Throws HubError `lost` where events lie ahead that are lost, and no reader of the key has heard of it. For one that
   * starts at the earliest event, those before it are too.
   */
  static begin(log: PartitionLog, start: StartPosition, { told, key }: { told: ToldLosses; key: string }): HubReader {
    const reader = readerFrom(log, start)
    const lost = log.losses(start.kind === 'earliest' ? 0 : reader.sequenceNumber).filter((one) => !told.has(key, one))
    for (const one of lost) told.add(key, one)
    if (lost.length > 0) throw new HubError({ because: 'lost', lost })
    return new HubReader(reader, told, key)
  }

  get atEnd(): boolean {
    return this.#reader.atEnd
  }

  /** The number of the event that is read next, if it is there. */
  get sequenceNumber(): number {
    return this.#reader.sequenceNumber
  }

  /** As that of LogReader. Throws HubError `lost` where events are lost of which nobody knew at the beginning. */
  read(most: number, mostBytes: number): StoredEvent[] {
    for (;;) {
      try {
        return this.#reader.read(most, mostBytes)
      } catch (error) {
        if (!(error instanceof DamagedEvents)) throw error
        if (!this.#told.has(this.#key, error.lost)) throw new HubError({ because: 'lost', lost: [error.lost] })
        this.#reader.skipDamage()
      }
    }
  }
}

/** A reader that starts at this position. Throws HubError where the partition ends before it. */
export function readerFrom(log: PartitionLog, start: StartPosition): LogReader {
  const { lastSequenceNumber, lastOffset } = log.state()
  if (start.kind === 'sequenceNumber') {
    // The number after the last one is the next event to come, so a reader may start there.
    const furthest = start.inclusive ? lastSequenceNumber + 1 : lastSequenceNumber
    if (start.value > furthest) {
      throw new HubError({
        ...{ because: 'beyond-end', position: 'sequence number', given: start.value, last: lastSequenceNumber },
      })
    }
  }
  if (start.kind === 'offset' && start.value > lastOffset) {
    throw new HubError({ because: 'beyond-end', position: 'offset', given: start.value, last: lastOffset })
  }
  return log.reader(log.locate(start))
}
