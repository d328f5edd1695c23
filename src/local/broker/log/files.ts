/** A file that grows at its end. All calls but `sync` do their work before they return. */
export interface LogFile {
  readonly size: number
  /** All of `bytes`, or an error and the file as it was. */
  append(bytes: Buffer): void
  /** Up to `length` bytes from `at`; fewer at the end of the file. */
  read(at: number, length: number): Buffer
  truncate(size: number): void
  /** Resolves when all that was appended before the call is on the disk itself. */
  sync(): Promise<void>
  close(): void
}

/** Where a log keeps its files. A folder or file comes to be when something is written to it. */
export interface Folder {
  /** Names of the files and folders in it; none of what is not there, or is a file. */
  list(): readonly string[]
  /** Where a file of it is, for people. */
  pathOf(name: string): string
  folder(name: string): Folder
  file(name: string): LogFile
  readText(name: string): string | undefined
  writeText(name: string, text: string): void
  /** Removes a file, or a folder with all in it. Files in it must be closed before. */
  remove(name: string): void
}
