import { DamagedEvents, type LostEvents } from '../log/damage.ts'
import type { LogReader } from '../log/reader.ts'
import type { StoredEvent } from '../log/record.ts'
import { HubError } from './errors.ts'

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
 * Reads a partition for a client. The readers of one key are told once of events that are lost, when they begin: what a
 * client hears between two events it may retry in silence. After that they go on behind them.
 */
export class HubReader {
  readonly #reader: LogReader
  readonly #told: ToldLosses
  readonly #key: string

  constructor(reader: LogReader, told: ToldLosses, key: string) {
    this.#reader = reader
    this.#told = told
    this.#key = key
  }

  get atEnd(): boolean {
    return this.#reader.atEnd
  }

  /** Throws HubError `lost` where the first events are lost, and no reader of the key has heard of it. */
  begin(): void {
    this.#pastTold(
      () => this.#reader.peek(),
      (lost) => {
        this.#told.add(this.#key, lost)
        return new HubError({ because: 'lost', lost })
      },
    )
  }

  /** As that of LogReader. Throws HubError `lost-ahead` where the client has to begin anew to be told of lost events. */
  read(most: number, mostBytes: number): StoredEvent[] {
    return this.#pastTold(
      () => this.#reader.read(most, mostBytes),
      (lost) => new HubError({ because: 'lost-ahead', lost }),
    )
  }

  #pastTold<T>(read: () => T, errorOf: (lost: LostEvents) => HubError): T {
    for (;;) {
      try {
        return read()
      } catch (error) {
        if (!(error instanceof DamagedEvents)) throw error
        if (!this.#told.has(this.#key, error.lost)) throw errorOf(error.lost)
        this.#reader.skipDamage()
      }
    }
  }
}
