import { link, lstat, open, realpath, rename, rm, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { Failure, fileReason } from '../lib/errors.ts'

export interface SecretFileOptions {
  /** Replaces a file that already exists. */
  readonly force: boolean
  /** The folder that a relative path starts from. */
  readonly cwd: string
  readonly platform: NodeJS.Platform
  /** Runs a program in a folder. Resolves to its exit code, or undefined when there is no such program. */
  readonly run: (program: string, args: readonly string[], cwd: string) => Promise<number | undefined>
}

/** Throws a Failure if a secret must not be written to `path`. Returns the path with links in its folders resolved. */
async function checkSecretFile(path: string, options: SecretFileOptions): Promise<string> {
  if (path === '-') throw refused(path, 'is not a file', 'To print to stdout, leave out --output.')
  if (/[/\\]$/.test(path)) throw refused(path, 'is a folder', 'Name a file in it.')
  const wanted = resolve(options.cwd, path)
  const folder = await realpath(dirname(wanted)).catch((error: unknown) => {
    throw explained(path, error, 'Create the folder first, or name another file.')
  })
  const file = join(folder, basename(wanted))
  const there = await lstat(file).catch(absent(path))
  if (there?.isSymbolicLink()) throw refused(path, 'is a link', 'Name the file itself.')
  if (there?.isDirectory()) throw refused(path, 'is a folder', 'Name a file in it.')
  if (there && !there.isFile()) throw refused(path, 'is not a file', 'Name a file that does not exist yet.')
  if (await isTracked(folder, basename(file), options))
    throw refused(path, 'is tracked by git', 'A key in a repository is no longer secret. Name another file.')
  if (there && !options.force) throw refused(path, 'exists', 'To replace it, add --force.')
  return file
}

/** A file for a secret, open beside its place. */
export interface SecretFile {
  /** Writes the text and puts the file into its place: the whole text, or nothing. Answers warnings. */
  readonly write: (text: string) => Promise<readonly string[]>
  /** Removes what was opened. Does nothing after `write`. */
  readonly discard: () => Promise<void>
}

/** Room that is taken when the file is opened, so that a disk is full before a secret exists. */
const RESERVED_BYTES = 16_384

/**
 * Opens a file that only its owner can read. Throws a Failure `usage` for a file that exists (unless forced), that git
 * tracks, that is a link, or that may not be written; `failed` where the disk is full.
 */
export async function openSecretFile(path: string, options: SecretFileOptions): Promise<SecretFile> {
  const file = await checkSecretFile(path, options)
  const draft = join(dirname(file), `.ml-ingest.${crypto.randomUUID()}`)
  const handle = await reserve(draft).catch(async (error: NodeJS.ErrnoException) => {
    await rm(draft, { force: true })
    // Its folder exists, but takes no files, as /proc.
    if (error.code === 'ENOENT') throw refused(path, 'is in a folder that takes no files', 'Name another file.')
    throw explained(path, error, 'Name another file.')
  })
  const place = async (text: string): Promise<void> => {
    const bytes = Buffer.from(text.endsWith('\n') ? text : `${text}\n`)
    await handle.write(bytes, 0, bytes.length, 0)
    await handle.truncate(bytes.length)
    await handle.sync()
    await handle.close()
    if (options.force) await rename(draft, file)
    else await placeNew(draft, file, path)
  }
  return {
    write: async (text) => {
      try {
        await place(text)
      } catch (error) {
        throw error instanceof Failure ? error : explained(path, error, 'Name another file.')
      }
      if (options.platform !== 'win32') return []
      return [`${path} has the permissions of its folder: Windows does not support mode 0600.`]
    },
    discard: async () => {
      await handle.close()
      await rm(draft, { force: true })
    },
  }
}

async function reserve(draft: string): Promise<FileHandle> {
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.write(Buffer.alloc(RESERVED_BYTES))
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** Opens the file and writes the text at once, see `openSecretFile`. */
export async function writeSecretFile(
  path: string,
  text: string,
  options: SecretFileOptions,
): Promise<readonly string[]> {
  const file = await openSecretFile(path, options)
  try {
    return await file.write(text)
  } finally {
    await file.discard()
  }
}

/**
 * Moves the draft to a path where no file exists. `link` fails if a file has appeared there since the check; `rename`
 * would replace it. `rename` is used only on file systems without links.
 */
async function placeNew(draft: string, file: string, path: string): Promise<void> {
  try {
    await link(draft, file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') throw refused(path, 'exists', 'To replace it, add --force.')
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EACCES'].includes(code ?? '')) throw error
    await rename(draft, file)
  }
}

const isTracked = async (folder: string, name: string, { run }: SecretFileOptions): Promise<boolean> =>
  (await run('git', ['--literal-pathspecs', 'ls-files', '--error-unmatch', '--', name], folder)) === 0

const refused = (path: string, why: string, hint: string): Failure =>
  new Failure({ code: 'usage', message: `Can't write to ${path}: it ${why}`, hint })

function explained(path: string, error: unknown, hint: string): Failure {
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
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw explained(path, error, 'Name another file.')
  }
