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
}

/** What the partitions of a hub have given out, at least. It is kept when a segment begins or goes, and at a close. */
export class Ledger {
  readonly #folder: Folder
  readonly #given: Map<number, GivenOut>

  /** `folder` is the hub's. */
  constructor(folder: Folder, log: (line: string) => void) {
    this.#folder = folder
    const consequence = 'at this start nothing tells whether the newest events are missing'
    const values = readChecked(folder, FILE, { log, consequence })
    this.#given = new Map(values as readonly (readonly [number, GivenOut])[] | undefined)
  }

  of(partition: number): GivenOut | undefined {
    return this.#given.get(partition)
  }

  keep(partitions: Iterable<readonly [number, GivenOut | undefined]>): void {
    let changed = false
    for (const [partition, given] of partitions) {
      if (!given) continue
      changed ||= JSON.stringify(this.#given.get(partition)) !== JSON.stringify(given)
      this.#given.set(partition, given)
    }
    if (changed) writeChecked(this.#folder, FILE, [...this.#given], 'unsynced')
  }
}
