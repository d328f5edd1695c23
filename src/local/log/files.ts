/** A file that grows at its end. All calls but `sync` do their work before they return. */
export interface LogFile {
  readonly size: number
  /** All of `bytes`, or an error and the file as it was. Keeps no hold of `bytes`. */
  append(bytes: Buffer): void
  /** Up to `length` bytes from `at`; fewer at the end of the file. In `memory`, where it is given and needed. */
  read(at: number, length: number, memory?: Buffer): Buffer
  truncate(size: number): void
  /** Resolves when all that was appended before the call is on the disk itself. */
  sync(): Promise<void>
  close(): void
}

/** Where a log keeps its files. A folder or file is made when something is written to it. */
export interface Folder {
  /** Names of the files and folders in it; none when it does not exist or is a file. */
  list(): readonly string[]
  /** The path of a file in it, for messages. */
  pathOf(name: string): string
  folder(name: string): Folder
  file(name: string): LogFile
  readText(name: string): string | undefined
  /** Whole or not at all. Lasts through a power cut when it returns, unless `unsynced`. */
  writeText(name: string, text: string, sync?: 'synced' | 'unsynced'): void
  /** Removes a file, or a folder with all in it. Files in it must be closed before. */
  remove(name: string): void
  /** Gives a file or folder another name. Files in it must be closed before. */
  rename(name: string, newName: string): void
}

/** Keeps everything in memory: the log works the same, and nothing is left behind. */
export class MemoryFolder implements Folder {
  readonly #entries = new Map<string, MemoryFolder | MemoryFile | string>()

  list(): readonly string[] {
    return [...this.#entries.keys()]
  }

  folder(name: string): Folder {
    return this.#existing(name, MemoryFolder) ?? this.#add(name, new MemoryFolder())
  }

  file(name: string): LogFile {
    return this.#existing(name, MemoryFile) ?? this.#add(name, new MemoryFile())
  }

  pathOf(name: string): string {
    return name
  }

  readText(name: string): string | undefined {
    const entry = this.#entries.get(name)
    return typeof entry === 'string' ? entry : undefined
  }

  writeText(name: string, text: string): void {
    this.#entries.set(name, text)
  }

  remove(name: string): void {
    this.#entries.delete(name)
  }

  rename(name: string, newName: string): void {
    const entry = this.#entries.get(name)
    if (entry === undefined) return
    this.#entries.delete(name)
    this.#entries.set(newName, entry)
  }

  #existing<T>(name: string, type: new () => T): T | undefined {
    const entry = this.#entries.get(name)
    return entry instanceof type ? entry : undefined
  }

  #add<T extends MemoryFolder | MemoryFile>(name: string, entry: T): T {
    this.#entries.set(name, entry)
    return entry
  }
}

class MemoryFile implements LogFile {
  #chunks: Buffer[] = []
  #starts: number[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  append(bytes: Buffer): void {
    this.#starts.push(this.#size)
    this.#chunks.push(Buffer.from(bytes))
    this.#size += bytes.length
  }

  read(at: number, length: number): Buffer {
    const end = Math.min(at + length, this.#size)
    if (at >= end) return Buffer.alloc(0)
    const parts: Buffer[] = []
    for (let i = this.#chunkAt(at); i < this.#chunks.length && this.#starts[i]! < end; i++) {
      const start = this.#starts[i]!
      parts.push(this.#chunks[i]!.subarray(Math.max(0, at - start), end - start))
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  }

  truncate(size: number): void {
    const kept = this.read(0, size)
    this.#chunks = kept.length === 0 ? [] : [kept]
    this.#starts = kept.length === 0 ? [] : [0]
    this.#size = kept.length
  }

  sync(): Promise<void> {
    return Promise.resolve()
  }

  close(): void {
    // Nothing is held open.
  }

  #chunkAt(position: number): number {
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#starts[middle]! <= position) low = middle
      else high = middle - 1
    }
    return low
  }
}
