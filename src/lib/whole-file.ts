import * as fs from 'node:fs'
import { link, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Clock, realClock } from './clock.ts'
import { Failure } from './errors.ts'

/** Files that show whole or not at all: each is written under another name beside its place, and then gets its name. */

/** What Windows says while another program has a file open: a virus scanner, a search index, one that reads it. */
const HELD: readonly (string | undefined)[] = ['EPERM', 'EACCES', 'EBUSY']
/** They let go within milliseconds. All pauses together are half a second. */
const ATTEMPTS = 10
const PAUSE_MS = 10

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

/** What is left to say when a file stays held. Other systems say the same where this user lacks a right. */
const heldFile = (file: string, error: unknown): Failure =>
  new Failure({
    code: 'failed',
    message: `Can't change ${file}: another program may have it open, or this user may not change it (${codeOf(error)})`,
    hint: 'Close what has it open, such as an editor or a virus scanner, and run the same command again.',
    cause: error,
  })

/** How long to wait before an attempt is made again. Throws where none is. */
function pauseAfter(attempt: number, file: string, error: unknown): number {
  if (!HELD.includes(codeOf(error))) throw error
  if (attempt === ATTEMPTS) throw heldFile(file, error)
  return attempt * PAUSE_MS
}

/** Does something to a file again while another program holds it. Rejects with a Failure `failed` if it stays held. */
export async function patiently<T>(file: string, work: () => Promise<T>, clock: Clock = realClock): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      await clock.sleep(pauseAfter(attempt, file, error))
    }
  }
}

/** The folder that a file is in, with links resolved. Rejects with ENOTDIR for a file: Windows finds nothing wrong there. */
export async function folderOfFile(path: string): Promise<string> {
  const folder = await realpath(dirname(path))
  if ((await stat(folder)).isDirectory()) return folder
  throw Object.assign(new Error(`ENOTDIR: not a directory, '${folder}'`), { code: 'ENOTDIR' })
}

/** Puts a file in the place of another one, or of none. Rejects as `patiently` does. */
export const replaceFile = (draft: string, file: string, clock?: Clock): Promise<void> =>
  patiently(file, () => rename(draft, file), clock)

/** The same for those who cannot wait for a promise. */
export function replaceFileSync(draft: string, file: string): void {
  for (let attempt = 1; ; attempt++) {
    try {
      return fs.renameSync(draft, file)
    } catch (error) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseAfter(attempt, file, error))
    }
  }
}

export const removeFile = (file: string): Promise<void> => patiently(file, () => rm(file, { force: true }))

/** Removes a file, or a folder with all in it, also one whose files a process that has just ended still holds. */
export const removeAll = (path: string): Promise<void> =>
  rm(path, { recursive: true, force: true, maxRetries: ATTEMPTS, retryDelay: PAUSE_MS }).catch((error: unknown) => {
    throw HELD.includes(codeOf(error)) || codeOf(error) === 'ENOTEMPTY' ? heldFile(path, error) : error
  })

/** Of the draft: its name, and whether it is on the disk itself when it gets its own. */
export interface WholeFileOptions {
  readonly draft?: string
  readonly mode?: number
  readonly synced?: boolean
  readonly clock?: Clock
}

/** Writes a file, and leaves no draft behind if that fails. Rejects as `patiently` does. */
export async function writeWhole(file: string, text: string, options: WholeFileOptions = {}): Promise<void> {
  const { draft = draftBeside(file), mode = 0o600, synced = false, clock } = options
  try {
    await writeFile(draft, text, { mode, flush: synced })
    await replaceFile(draft, file, clock)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined)
    throw error
  }
  if (synced) syncFolder(dirname(file))
}

/** The draft where only one writes: the next one writes over what a crash left. */
export const draftBeside = (file: string): string => `${file}.new`

/** What file systems say that have no second names for files; EISDIR is FAT on Windows. */
const NO_LINKS: readonly (string | undefined)[] = [
  ...['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EACCES', 'EISDIR'],
]

/**
 * Gives a file another name. Rejects with the code EEXIST where there is a file of that name, which a rename would replace; so a
 * rename is used only on file systems without links.
 */
export async function renameAnew(file: string, name: string): Promise<void> {
  try {
    await link(file, name)
  } catch (error) {
    if (!NO_LINKS.includes(codeOf(error))) throw error
    if (await stat(name).catch(() => undefined)) throw Object.assign(new Error(`${name} is there`), { code: 'EEXIST' })
    return replaceFile(file, name)
  }
  await removeFile(file)
}

/** A name lasts once its folder is synced. Windows opens folders, but cannot sync them, and needs not. */
export function syncFolder(path: string): void {
  let folder: number | undefined
  try {
    folder = fs.openSync(path, 'r')
    fs.fsyncSync(folder)
  } catch (error) {
    if (!['EPERM', 'EISDIR', 'EINVAL', 'EACCES'].includes(codeOf(error) ?? '')) throw error
  } finally {
    if (folder !== undefined) fs.closeSync(folder)
  }
}
