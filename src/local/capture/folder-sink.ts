import { link, mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DRAFT, pathOfBlob } from '../../lib/capture-folder.ts'
import { NO_FOLDER_SYNC } from '../log/disk-files.ts'
import { type BlobPlace, type CaptureFile, type CaptureSink, NameTaken } from './sink.ts'

/** Files in `<folder>/<account>/<container>/<blob>`, on the disk itself when they show. */
export class FolderSink implements CaptureSink {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  whereIs({ account, container, blob }: BlobPlace): string {
    return join(this.#folder, ...pathOfBlob([account, container, blob].filter(Boolean).join('/')))
  }

  async head(place: BlobPlace, bytes: number): Promise<Buffer | undefined> {
    try {
      const file = await open(this.whereIs(place), 'r')
      const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0).finally(() => file.close())
      return buffer.subarray(0, bytesRead)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  async begin(place: BlobPlace): Promise<CaptureFile> {
    const path = this.whereIs(place)
    const made = await mkdir(dirname(path), { recursive: true })
    // After a crash, the same file is begun again under the same name, and what was begun then is in the way.
    await rm(`${path}${DRAFT}`, { force: true })
    return new FolderFile(path, made, await open(`${path}${DRAFT}`, 'wx'))
  }
}

class FolderFile implements CaptureFile {
  readonly #path: string
  readonly #madeFolder: string | undefined
  readonly #handle: FileHandle

  /** `madeFolder` is the topmost folder that was made for it. */
  constructor(path: string, madeFolder: string | undefined, handle: FileHandle) {
    this.#path = path
    this.#madeFolder = madeFolder
    this.#handle = handle
  }

  async write(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length;) at += (await this.#handle.write(bytes, at)).bytesWritten
  }

  async commit(): Promise<void> {
    await this.#handle.sync()
    const { ino } = await this.#handle.stat()
    await this.#handle.close()
    const draft = `${this.#path}${DRAFT}`
    if ((await stat(draft)).ino !== ino) throw new NameTaken(this.#path)
    await nameAnew(draft, this.#path)
    const folder = dirname(this.#path)
    const topmost = this.#madeFolder === undefined ? folder : dirname(this.#madeFolder)
    for (let one = folder; one.length >= topmost.length; one = dirname(one)) {
      await syncFolder(one)
      if (one === dirname(one)) break
    }
  }

  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => undefined)
    await rm(`${this.#path}${DRAFT}`, { force: true })
  }
}

/** What file systems say that have no second names for files. */
const NO_LINKS: readonly (string | undefined)[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']

/** Gives a file its name. A rename would replace one that has it. */
async function nameAnew(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path)
    await rm(draft)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') throw new NameTaken(path)
    if (!NO_LINKS.includes(code)) throw error
    if (await stat(path).catch(() => undefined)) throw new NameTaken(path)
    await rename(draft, path)
  }
}

/** A name lasts once its folder is synced. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r')
    await folder.sync().finally(() => folder.close())
  } catch (error) {
    if (!NO_FOLDER_SYNC.includes((error as NodeJS.ErrnoException).code)) throw error
  }
}
