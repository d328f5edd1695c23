import { DamagedEvents, lossText } from '../log/damage.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import type { LogReader } from '../log/reader.ts'
import type { StoredEvent } from '../log/record.ts'

const READ_AT_ONCE = { events: 1_000, bytes: 1024 * 1024 }

/** Gets a loss as a sentence without its full stop, and the number of the event to go on with. */
type Tell = (text: string, next: number) => void

/** Reads a partition onward, and goes on where events are gone. */
export class LossReader {
  readonly #log: PartitionLog
  readonly #tell: Tell
  #reader: LogReader

  constructor(log: PartitionLog, from: number, tell: Tell) {
    this.#log = log
    this.#tell = tell
    this.#reader = log.reader(from)
    this.#passDropped()
  }

  /** The number of the event that is read next. */
  get next(): number {
    return this.#reader.sequenceNumber
  }

  get atEnd(): boolean {
    return this.#reader.atEnd
  }

  /** The next events; none where it is at the end, or where some are gone. Their bytes are good until the next call. */
  read(): readonly StoredEvent[] {
    this.#passDropped()
    try {
      return this.#reader.read(READ_AT_ONCE.events, READ_AT_ONCE.bytes)
    } catch (error) {
      if (!(error instanceof DamagedEvents)) throw error
      this.#reader.skipDamage()
      this.#tell(lossText(error.lost), error.lost.nextSequenceNumber)
      return []
    }
  }

  /** Retention and the size of a partition do not wait for readers. */
  #passDropped(): void {
    const { beginSequenceNumber: begin } = this.#log.state()
    const { next } = this
    if (begin <= next) return
    this.#reader = this.#log.reader(begin)
    const range = begin - next === 1 ? `Event ${next} was` : `Events ${next} to ${begin - 1} were`
    this.#tell(`${range} dropped before they were captured`, begin)
  }
}
