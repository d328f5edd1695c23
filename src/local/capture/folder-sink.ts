import { mkdir, open, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DRAFT, pathOfBlob } from '../../lib/capture-folder.ts'
import { removeFile, renameAnew } from '../../lib/whole-file.ts'
import { syncFolders } from '../log/disk-files.ts'
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
    await removeFile(`${path}${DRAFT}`)
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
    await renameAnew(draft, this.#path).catch((error: unknown) => {
      throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? new NameTaken(this.#path) : error
    })
    syncFolders(dirname(this.#path), this.#madeFolder)
  }

  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => undefined)
    await removeFile(`${this.#path}${DRAFT}`)
  }
}
