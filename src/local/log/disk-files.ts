import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { withPath } from '../../lib/errors.ts'
import { draftBeside, replaceFileSync, syncFolder } from '../../lib/whole-file.ts'
import type { Folder, LogFile } from './files.ts'

/** Files held open at once: far below the limit of any system, with hundreds of hubs of 32 partitions each. */
const MOST_OPEN = 256

const fdatasync = promisify(fs.fdatasync)

/** The open files. The least recently used are closed to make room. */
class OpenFiles {
  readonly #descriptors = new Map<DiskFile, number>()
  readonly #syncing = new Set<DiskFile>()
  readonly #closeLater = new Set<DiskFile>()

  use(file: DiskFile, open: () => number): number {
    const known = this.#descriptors.get(file)
    if (known !== undefined) {
      this.#descriptors.delete(file)
      this.#descriptors.set(file, known)
      return known
    }
    for (const other of this.#descriptors.keys()) {
      if (this.#descriptors.size < MOST_OPEN) break
      if (!this.#syncing.has(other)) this.close(other)
    }
    const descriptor = open()
    this.#descriptors.set(file, descriptor)
    return descriptor
  }

  /** A descriptor must not be closed while another thread syncs it. */
  async whileSyncing(file: DiskFile, sync: () => Promise<void>): Promise<void> {
    this.#syncing.add(file)
    try {
      await sync()
    } finally {
      this.#syncing.delete(file)
      if (this.#closeLater.delete(file)) this.close(file)
    }
  }

  close(file: DiskFile): void {
    if (this.#syncing.has(file)) {
      this.#closeLater.add(file)
      return
    }
    const descriptor = this.#descriptors.get(file)
    this.#descriptors.delete(file)
    if (descriptor !== undefined) fs.closeSync(descriptor)
  }
}

/** `folder` on disk. It is made, readable by its owner alone, when the first file is written. */
export const diskFolder = (folder: string): Folder => new DiskFolder(folder, new OpenFiles())

class DiskFolder implements Folder {
  readonly #path: string
  readonly #open: OpenFiles

  constructor(path: string, open: OpenFiles) {
    this.#path = path
    this.#open = open
  }

  list(): readonly string[] {
    try {
      return fs.readdirSync(this.#path)
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
      throw error
    }
  }

  pathOf(name: string): string {
    return join(this.#path, name)
  }

  folder(name: string): Folder {
    return new DiskFolder(join(this.#path, name), this.#open)
  }

  file(name: string): LogFile {
    return new DiskFile(this.#path, name, this.#open)
  }

  readText(name: string): string | undefined {
    try {
      return fs.readFileSync(this.pathOf(name), 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw withPath(error as NodeJS.ErrnoException, this.pathOf(name))
    }
  }

  writeText(name: string, text: string, sync: 'synced' | 'unsynced' = 'synced'): void {
    const made = makeFolder(this.#path)
    const file = this.pathOf(name)
    const draft = draftBeside(file)
    // Synced before it gets its name, or a power cut could leave an empty file.
    try {
      fs.writeFileSync(draft, text, { flush: sync === 'synced', mode: 0o600 })
      replaceFileSync(draft, file)
    } catch (error) {
      fs.rmSync(draft, { force: true })
      throw error
    }
    if (sync === 'synced') syncFolders(this.#path, made)
  }

  remove(name: string): void {
    fs.rmSync(this.pathOf(name), { recursive: true, force: true, maxRetries: 10, retryDelay: 10 })
  }

  rename(name: string, newName: string): void {
    replaceFileSync(this.pathOf(name), this.pathOf(newName))
    syncFolder(this.#path)
  }
}

/** Returns the topmost folder that it made. */
const makeFolder = (path: string): string | undefined => fs.mkdirSync(path, { recursive: true, mode: 0o700 })

/** Syncs a folder, and where `made` and what is in it are new, those that hold them. */
export function syncFolders(path: string, made: string | undefined): void {
  syncFolder(path)
  if (made === undefined) return
  for (let folder = path; folder.length >= made.length; folder = dirname(folder)) syncFolder(dirname(folder))
}

/** 0 where there is no such file yet. A folder has a size on Linux, on which reading fails, and none on Windows. */
function sizeOf(path: string): number {
  const there = fs.statSync(path, { throwIfNoEntry: false })
  if (!there?.isDirectory()) return there?.size ?? 0
  const error = new Error(`EISDIR: illegal operation on a directory, open '${path}'`)
  throw Object.assign(error, { code: 'EISDIR', syscall: 'open', path })
}

class DiskFile implements LogFile {
  readonly #folder: string
  readonly #path: string
  readonly #open: OpenFiles
  #size: number
  #foldersSynced = false
  #madeFolder: string | undefined
  #closed = false
  #running: Promise<void> | undefined
  #waiting: Promise<void> | undefined

  constructor(folder: string, name: string, open: OpenFiles) {
    this.#folder = folder
    this.#path = join(folder, name)
    this.#open = open
    this.#size = sizeOf(this.#path)
  }

  get size(): number {
    return this.#size
  }

  append(bytes: Buffer): void {
    const descriptor = this.#descriptor()
    try {
      for (let written = 0; written < bytes.length;) {
        written += fs.writeSync(descriptor, bytes, written, bytes.length - written, this.#size + written)
      }
    } catch (error) {
      fs.ftruncateSync(descriptor, this.#size)
      throw error
    }
    this.#size += bytes.length
  }

  read(at: number, length: number, memory?: Buffer): Buffer {
    const wanted = Math.max(0, Math.min(length, this.#size - at))
    const bytes = memory ? memory.subarray(0, wanted) : Buffer.allocUnsafe(wanted)
    if (wanted === 0) return bytes
    return bytes.subarray(0, fs.readSync(this.#descriptor(), bytes, 0, wanted, at))
  }

  truncate(size: number): void {
    fs.ftruncateSync(this.#descriptor(), size)
    this.#size = size
  }

  /** One sync at a time. All that ask while it runs share the next one. */
  sync(): Promise<void> {
    if (!this.#running) return (this.#running = this.#syncNow())
    this.#waiting ??= this.#running.then(
      () => this.#startWaiting(),
      () => this.#startWaiting(),
    )
    return this.#waiting
  }

  close(): void {
    this.#closed = true
    this.#open.close(this)
  }

  #startWaiting(): Promise<void> {
    this.#waiting = undefined
    return (this.#running = this.#syncNow())
  }

  async #syncNow(): Promise<void> {
    try {
      const descriptor = this.#descriptor()
      await this.#open.whileSyncing(this, () => fdatasync(descriptor))
      this.#syncFolders()
    } finally {
      if (!this.#waiting) this.#running = undefined
    }
  }

  #syncFolders(): void {
    if (this.#foldersSynced) return
    syncFolders(this.#folder, this.#madeFolder)
    this.#foldersSynced = true
  }

  #descriptor(): number {
    // Opening it again would bring a removed file back.
    if (this.#closed) throw new Error(`${this.#path} is closed`)
    return this.#open.use(this, () => {
      this.#madeFolder ??= makeFolder(this.#folder)
      return fs.openSync(this.#path, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o600)
    })
  }
}
