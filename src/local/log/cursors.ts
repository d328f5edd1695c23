import type { Folder } from './files.ts'

const FILE = 'cursors.json'
const FORMAT = 1

/**
 * How far each reader, known by a name, has read in each partition of a hub, so that it can go on there after a
 * restart. Each move writes the whole file, so a reader should move once for many events, not once for each.
 */
export class Cursors {
  readonly #folder: Folder
  readonly #places: Map<string, Map<number, number>>

  /** `folder` is the hub's. When the file cannot be read, `log` is told and all cursors start again. */
  constructor(folder: Folder, log: (line: string) => void) {
    this.#folder = folder
    const text = folder.readText(FILE)
    const read = text === undefined ? new Map<string, Map<number, number>>() : parse(text)
    if (!read) log(`${folder.pathOf(FILE)} cannot be read: the readers that it names start again`)
    this.#places = read ?? new Map<string, Map<number, number>>()
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
    const cursors = Object.fromEntries([...this.#places].map(([name, places]) => [name, Object.fromEntries(places)]))
    this.#folder.writeText(FILE, JSON.stringify({ format: FORMAT, cursors }))
  }
}

function parse(text: string): Map<string, Map<number, number>> | undefined {
  try {
    const { format, cursors } = JSON.parse(text) as {
      format?: unknown
      cursors?: Record<string, Record<string, unknown>>
    }
    if (format !== FORMAT || typeof cursors !== 'object') return undefined
    const entries = Object.entries(cursors).map(([name, places]) => {
      const numbers = Object.entries(places).map(([partition, next]) => [Number(partition), Number(next)] as const)
      return [name, new Map(numbers)] as const
    })
    const isWhole = entries.every(([, places]) => [...places].flat().every((one) => Number.isSafeInteger(one)))
    return isWhole ? new Map(entries) : undefined
  } catch {
    return undefined
  }
}
