import { readChecked, writeChecked } from './checked-file.ts'
import type { Folder } from './files.ts'

const FILE = { name: 'cursors.json', format: 2 } as const

type Places = Map<string, Map<number, number>>

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
    const entries = (values ?? []) as readonly (readonly [string, readonly (readonly [number, number])[]])[]
    this.#places = new Map(entries.map(([name, places]) => [name, new Map(places)]))
  }

  /** The number of the event to go on with; undefined where nobody of this name has read yet. */
  next(name: string, partition: number): number | undefined {
    return this.#places.get(name)?.get(partition)
  }

  /** On the disk when it returns. */
  move(name: string, partition: number, next: number): void {
    const places = this.#places.get(name) ?? new Map<number, number>()
    this.#places.set(name, places.set(partition, next))
    this.#write()
  }

  forget(name: string): void {
    if (this.#places.delete(name)) this.#write()
  }

  #write(): void {
    writeChecked(
      this.#folder,
      FILE,
      [...this.#places].map(([name, places]) => [name, [...places]]),
    )
  }
}
