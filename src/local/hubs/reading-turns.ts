import type { Clock } from '../../lib/clock.ts'
import type { Amount, Budget } from './budget.ts'

/** A reader whose turn has come and that does not read, because its client takes nothing now, has missed it then. */
const PATIENCE_MS = 5

export interface ReadingTurnsOptions {
  readonly budget: Budget
  readonly clock: Clock
  /** Asked where nothing is left: true when there is more now. */
  readonly grow: () => boolean
}

/** What one reader asks for and tells. */
export interface PacedReader {
  /** Whether it may read now, once. If not, it is woken when its turn has come. */
  mayRead(): boolean
  /** It has read this. */
  spend(read: Amount): void
  /** It reads no more. */
  leave(): void
}

/** Lets readers share one budget: where it does not suffice, they read one after the other, each once in a round. */
export class ReadingTurns {
  readonly #options: ReadingTurnsOptions
  /** In the order of their turns. */
  readonly #waiting = new Map<PacedReader, () => void>()
  #called: PacedReader | undefined
  #pause: AbortController | undefined
  #isCalling = false
  #closed = false

  constructor(options: ReadingTurnsOptions) {
    this.#options = options
  }

  /** `wake` lets the reader try again; it may come in vain. */
  join(wake: () => void): PacedReader {
    const reader: PacedReader = {
      mayRead: () => this.#mayRead(reader, wake),
      spend: (read) => {
        this.#options.budget.spend(read, this.#options.clock.now())
        this.#endTurn(reader)
      },
      leave: () => {
        this.#waiting.delete(reader)
        this.#endTurn(reader)
      },
    }
    return reader
  }

  /** The budget may have become another one. */
  refresh(): void {
    this.#pause?.abort()
  }

  /** Nobody waits any more. */
  close(): void {
    this.#closed = true
    this.#waiting.clear()
    this.refresh()
  }

  #mayRead(reader: PacedReader, wake: () => void): boolean {
    if (this.#closed) return true
    const isItsTurn = reader === this.#called || (this.#waiting.size === 0 && !this.#called)
    if (isItsTurn && (this.#waitMs() === 0 || this.#options.grow())) return true
    this.#endTurn(reader)
    this.#waiting.set(reader, wake)
    if (!this.#isCalling) void this.#callInTurn()
    return false
  }

  #waitMs(): number {
    return this.#options.budget.waitMs(this.#options.clock.now())
  }

  #endTurn(reader: PacedReader): void {
    if (this.#called !== reader) return
    this.#called = undefined
    this.refresh()
  }

  async #callInTurn(): Promise<void> {
    this.#isCalling = true
    for (let [next] = this.#waiting; next; [next] = this.#waiting) {
      const waitMs = this.#waitMs()
      if (waitMs === 0) this.#call(...next)
      if (waitMs > 0 || this.#called) await this.#rest(waitMs || PATIENCE_MS)
    }
    this.#called = undefined
    this.#isCalling = false
  }

  #call(reader: PacedReader, wake: () => void): void {
    this.#waiting.delete(reader)
    this.#called = reader
    wake()
  }

  async #rest(ms: number): Promise<void> {
    const pause = (this.#pause = new AbortController())
    await this.#options.clock.sleep(ms, pause.signal).catch(() => undefined)
    this.#pause = undefined
  }
}
