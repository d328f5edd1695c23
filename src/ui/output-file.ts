import { lstat, open, realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { Failure, fileReason } from '../lib/errors.ts'
import { isDeviceName } from '../lib/names.ts'
import { folderOfFile, removeFile, renameAnew, replaceFile } from '../lib/whole-file.ts'

export interface OutputFileOptions {
  /** Replaces a file that already exists. */
  readonly force: boolean
  /** The folder that a relative path starts from. */
  readonly cwd: string
  readonly platform: NodeJS.Platform
}

/** A file that appears at its place whole, or not at all. */
export interface OutputFile {
  readonly write: (bytes: Buffer) => Promise<void>
  /** Puts it into its place. */
  readonly place: () => Promise<void>
  /** Removes what was written. Does nothing after `place`. */
  readonly discard: () => Promise<void>
}

/** Opens a file beside its place. Throws a `Failure` `usage` for a place that cannot take it, `failed` for a full disk. */
export async function openOutputFile(path: string, options: OutputFileOptions): Promise<OutputFile> {
  const { file, isThere } = await placeOf(path, options)
  if (isThere && !options.force) throw refused(path, 'exists', 'To replace it, add --force.')
  const draft = draftOf(file)
  const handle = await open(draft, 'wx').catch((error: unknown) => {
    throw explained(path, error, ANOTHER)
  })
  const telling = async <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw error instanceof Failure ? error : explained(path, error, ANOTHER)
    })
  return {
    write: (bytes) => telling(handle.writeFile(bytes)),
    place: () =>
      telling(
        (async () => {
          await handle.sync()
          await handle.close()
          await placeDraft(draft, file, { path, force: options.force })
        })(),
      ),
    discard: async () => {
      await handle.close()
      await removeFile(draft)
    },
  }
}

const ANOTHER = 'Name another file.'

/** A name beside a file, under which it is written. */
export const draftOf = (file: string): string => join(dirname(file), `.ml-ingest.${crypto.randomUUID()}`)

/** The place of a file, with links in its folders resolved. Throws a `Failure` for one that cannot be a file of ours. */
export async function placeOf(
  path: string,
  { cwd, platform }: Pick<OutputFileOptions, 'cwd' | 'platform'>,
): Promise<{ readonly file: string; readonly isThere: boolean }> {
  if (/[/\\]$/.test(path)) throw refused(path, 'is a folder', 'Name a file in it.')
  const wanted = resolve(cwd, path)
  const another = platform === 'win32' && otherOnWindows(basename(wanted))
  if (another) throw refused(path, another, ANOTHER)
  const folder = await folderOfFile(wanted).catch((error: unknown) => {
    throw explained(path, error, 'Create the folder first, or name another file.')
  })
  const file = join(folder, basename(wanted))
  const there = await lstat(file).catch(absent(path))
  if (there?.isSymbolicLink()) throw refused(path, 'is a link', 'Name the file itself.')
  if (there?.isDirectory()) throw refused(path, 'is a folder', 'Name a file in it.')
  if (there && !there.isFile()) throw refused(path, 'is not a file', 'Name a file that does not exist yet.')
  // Where case does not count, and by its short name on Windows, a file has more names than its own.
  const own = there ? basename(await realpath(file)) : basename(file)
  return { file: join(folder, own), isThere: there !== undefined }
}

/** What a name means on Windows instead of a file of that name. https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
function otherOnWindows(name: string): string | undefined {
  if (isDeviceName(name)) return 'is a device on Windows'
  if (/[. ]$/.test(name)) return 'ends in a dot or a space, which Windows leaves out'
  return name.includes(':') ? 'is a stream of another file' : undefined
}

/** Moves the draft to its place. Without `force` it fails if a file has appeared there since the check. */
export async function placeDraft(
  draft: string,
  file: string,
  { path, force }: { readonly path: string; readonly force: boolean },
): Promise<void> {
  if (force) return replaceFile(draft, file)
  await renameAnew(draft, file).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw refused(path, 'exists', 'To replace it, add --force.')
    throw error
  })
}

export const refused = (path: string, why: string, hint: string): Failure =>
  new Failure({ code: 'usage', message: `Can't write to ${path}: it ${why}`, hint })

/** A failure of the file system in words. */
export function explained(path: string, error: unknown, hint: string): Failure {
  const { message } = error as NodeJS.ErrnoException
  const reason = fileReason(error)
  if (reason !== undefined)
    return new Failure({ code: 'usage', message: `Can't write to ${path}: ${reason}`, hint, cause: error })
  return new Failure({ code: 'failed', message: `Can't write to ${path}`, why: [`${message}.`], hint, cause: error })
}

/** Nothing where there is no such file. */
const absent =
  (path: string) =>
  (error: unknown): undefined => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw explained(path, error, ANOTHER)
  }
