import { isDeepStrictEqual } from 'node:util'
import { readChecked, writeChecked } from './checked-file.ts'
import type { Folder } from './files.ts'

const FILE = { name: 'ledger.json', format: 1 } as const

/** What a partition had at some time. Nothing in the folder itself shows that its newest or oldest file is gone. */
export interface GivenOut {
  /** The number of the oldest event that was kept. */
  readonly firstSequenceNumber: number
  /** The first number of the newest segment. */
  readonly newestSegment: number
  /** These and all before them were given out. There may have been more since. */
  readonly nextSequenceNumber: number
  readonly nextOffset: number
  /** There was nothing more: the log was closed then. */
  readonly isExact?: boolean
}

/** What the partitions of a hub have given out, at least. It is kept when a segment begins or goes, and at a close. */
export class Ledger {
  readonly #folder: Folder
  readonly #given: Map<number, GivenOut>
  readonly #log: (line: string) => void
  #isWritten = true
  #hasFailed = false

  /** `folder` is the hub's. Where it should have a file and has none, that is told. */
  constructor(folder: Folder, log: (line: string) => void, isExpected: boolean) {
    this.#folder = folder
    this.#log = log
    const consequence = 'at this start nothing tells whether the newest events are missing'
    const values = readChecked(folder, FILE, { log, consequence, isExpected })
    this.#given = new Map(values as readonly (readonly [number, GivenOut])[] | undefined)
  }

  of(partition: number): GivenOut | undefined {
    return this.#given.get(partition)
  }

  /** False, and a line in the log, where it cannot be written: what it says is true all the same, of an earlier time. */
  keep(partitions: Iterable<readonly [number, GivenOut | undefined]>): boolean {
    for (const [partition, given] of partitions) {
      if (!given || isDeepStrictEqual(this.#given.get(partition), given)) continue
      this.#given.set(partition, given)
      this.#isWritten = false
    }
    if (this.#isWritten) return true
    try {
      writeChecked(this.#folder, FILE, [...this.#given], 'unsynced')
      this.#hasFailed = false
      return (this.#isWritten = true)
    } catch (error) {
      if (!this.#hasFailed) this.#log(`Cannot write ${this.#folder.pathOf(FILE.name)}: ${(error as Error).message}`)
      this.#hasFailed = true
      return false
    }
  }
}
