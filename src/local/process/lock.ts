import { link, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure, fileReason } from '../../lib/errors.ts'
import { say, type Text } from '../../lib/phrase.ts'
import { removeFile } from '../../lib/whole-file.ts'
import { DATA_FOLDER, RESET } from '../constants.ts'

/** What a lock file says of its holder. */
export interface Holder {
  readonly id: string
  readonly pid: number
  /** Milliseconds since the epoch. */
  readonly since: number
}

const NAME = /^lock-(\d+)$/

/** Makes the data folder. Rejects with Failure `local-folder` when that fails or a file is there. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    // There is nothing to reset.
    throw explainFiles(error, folder, say`Choose another folder with ${DATA_FOLDER}.`)
  }
}

const LOOK = say`See what is there. Or choose another folder with ${DATA_FOLDER}, or begin with nothing: ${RESET}`

/** What the file system refuses is no mistake of the program: somebody has to look at the data folder. */
export function explainFiles(error: unknown, folder: string, hint: Text = LOOK): unknown {
  if (error instanceof Failure || !(error instanceof Error) || !('syscall' in error)) return error
  return new Failure({
    code: 'local-folder',
    message: `Can't use ${folder} for the embedded Azure`,
    why: [fileReason(error) === undefined ? error.message : `${fileReason(error)} (${error.message}).`],
    hint,
    cause: error,
  })
}

/**
 * Takes the lock of a folder. Lock files are numbered, and the highest number counts. A new holder creates the next
 * file exclusively, so that only one of two processes that find the same dead holder wins. Nobody removes a stale file
 * except its successor. Returns the release, or the living holder.
 */
export async function takeLock(
  folder: string,
  own: Holder,
  isLiving: (holder: Holder) => Promise<boolean>,
): Promise<{ readonly release: () => Promise<void> } | { readonly heldBy: Holder }> {
  for (;;) {
    const { number: highest, holder } = await lastHolder(folder)
    if (holder && (await isLiving(holder))) return { heldBy: holder }
    const number = highest + 1
    if (!(await create(folder, number, own))) continue
    const later = await lockNumbers(folder)
    if (later.at(-1) === number) {
      for (const old of later.slice(0, -1)) await removeFile(fileOf(folder, old))
      return { release: () => removeFile(fileOf(folder, number)) }
    }
    // Somebody took the lock and cleaned up while this process slept between the look and the create.
    await removeFile(fileOf(folder, number))
  }
}

/** The holder that the highest lock file names, dead or alive, and its number; 0 where nobody ever took the lock. */
export async function lastHolder(folder: string): Promise<{ readonly number: number; readonly holder?: Holder }> {
  const number = (await lockNumbers(folder)).at(-1) ?? 0
  const holder = number === 0 ? undefined : await readHolder(folder, number)
  return { number, ...(holder && { holder }) }
}

const fileOf = (folder: string, number: number): string => join(folder, `lock-${number}`)

/** Ascending. */
async function lockNumbers(folder: string): Promise<number[]> {
  const names = await readdir(folder)
  const numbers = names.flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number)
  return numbers.sort((a, b) => a - b)
}

/** A file that is gone was released. One that cannot be read is from a crash on a file system without links. */
async function readHolder(folder: string, number: number): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(fileOf(folder, number), 'utf8')) as Holder
  } catch {
    return undefined
  }
}

/** The file appears with its content, so that nobody takes it for an abandoned one during the write. */
async function create(folder: string, number: number, own: Holder): Promise<boolean> {
  const draft = join(folder, `lock.${own.id}`)
  const text = JSON.stringify(own)
  try {
    await writeFile(draft, text, { mode: 0o600 })
    await link(draft, fileOf(folder, number)).catch(async (error: unknown) => {
      if (codeOf(error) === 'EEXIST') throw error
      await writeFile(fileOf(folder, number), text, { flag: 'wx', mode: 0o600 })
    })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  } finally {
    await removeFile(draft)
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code
