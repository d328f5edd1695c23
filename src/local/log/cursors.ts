import { readChecked, writeChecked } from './checked-file.ts'
import type { Folder } from './files.ts'

const FILE = { name: 'cursors.json', format: 3 } as const

/** Where a reader is in a partition. */
export interface Cursor {
  /** The number of the event to go on with. */
  readonly next: number
  /** What else the reader wants to know after a restart: values of JSON. */
  readonly note?: object
}

type Places = Map<string, Map<number, Cursor>>

/**
 * How far each reader, known by a name, has read in each partition of a hub, so that it can go on there after a
 * restart. Each move writes the whole file, so a reader should move once for many events, not once for each.
 */
export class Cursors {
  readonly #folder: Folder
  readonly #places: Places

  /** `folder` is the hub's. When the file cannot be read, `log` is told and all cursors start again. */
  constructor(folder: Folder, log: (line: string) => void) {
    this.#folder = folder
    const values = readChecked(folder, FILE, { log, consequence: 'the readers that it names start again' })
    const entries = (values ?? []) as readonly (readonly [string, readonly (readonly [number, Cursor])[]])[]
    this.#places = new Map(entries.map(([name, places]) => [name, new Map(places)]))
  }

  /** Undefined where nobody of this name has read yet. */
  get(name: string, partition: number): Cursor | undefined {
    return this.#places.get(name)?.get(partition)
  }

  /** On the disk when it returns. Throws what the file system throws; then it has not moved. */
  move(name: string, partition: number, to: Cursor): void {
    const before = this.#places.get(name)
    this.#places.set(name, new Map(before).set(partition, to))
    this.#write(() => (before ? this.#places.set(name, before) : this.#places.delete(name)))
  }

  /** Throws as `move` does. */
  forget(name: string): void {
    const before = this.#places.get(name)
    if (this.#places.delete(name)) this.#write(() => this.#places.set(name, before!))
  }

  #write(undo: () => void): void {
    try {
      writeChecked(
        this.#folder,
        FILE,
        [...this.#places].map(([name, places]) => [name, [...places]]),
      )
    } catch (error) {
      undo()
      throw error
    }
  }
}
