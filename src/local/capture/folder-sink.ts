import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DRAFT, pathOfBlob } from '../../lib/capture-folder.ts'
import { NO_FOLDER_SYNC } from '../log/disk-files.ts'
import type { BlobPlace, CaptureFile, CaptureSink } from './sink.ts'

/** Files in `<folder>/<account>/<container>/<blob>`, on the disk itself when they show. */
export class FolderSink implements CaptureSink {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  whereIs({ account, container, blob }: BlobPlace): string {
    return join(this.#folder, ...pathOfBlob([account, container, blob].filter(Boolean).join('/')))
  }

  async has(place: BlobPlace): Promise<boolean> {
    try {
      return (await stat(this.whereIs(place))).isFile()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
      throw error
    }
  }

  async begin(place: BlobPlace): Promise<CaptureFile> {
    const path = this.whereIs(place)
    const made = await mkdir(dirname(path), { recursive: true })
    // After a crash, the same file is begun again under the same name.
    return new FolderFile(path, made, await open(`${path}${DRAFT}`, 'w'))
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
    await this.#handle.close()
    await rename(`${this.#path}${DRAFT}`, this.#path)
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

/** A name lasts once its folder is synced. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r')
    await folder.sync().finally(() => folder.close())
  } catch (error) {
    if (!NO_FOLDER_SYNC.includes((error as NodeJS.ErrnoException).code)) throw error
  }
}
