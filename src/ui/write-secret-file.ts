import { lstat, open, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { Failure } from '../lib/errors.ts'
import { removeFile } from '../lib/whole-file.ts'
import { draftOf, explained, placeDraft, placeOf, refused, type OutputFileOptions } from './output-file.ts'

export interface SecretFileOptions extends OutputFileOptions {
  /** Runs a program in a folder. Resolves to its exit code, or undefined when there is no such program. */
  readonly run: (program: string, args: readonly string[], cwd: string) => Promise<number | undefined>
}

/** Throws a Failure if a secret must not be written to `path`. Returns the path with links in its folders resolved. */
async function checkSecretFile(path: string, options: SecretFileOptions): Promise<string> {
  if (path === '-') throw refused(path, 'is not a file', 'To print to stdout, leave out --output.')
  const { file, isThere } = await placeOf(path, options)
  if (await isTracked(dirname(file), basename(file), options))
    throw refused(path, 'is tracked by git', 'A key in a repository is no longer secret. Name another file.')
  if (isThere && !options.force) throw refused(path, 'exists', 'To replace it, add --force.')
  return file
}

/** A file for a secret, open beside its place. */
export interface SecretFile {
  /** Writes the text and puts the file into its place: the whole text, or nothing. Answers why others may read it, if so. */
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
  const draft = draftOf(file)
  const handle = await reserve(draft).catch(async (error: NodeJS.ErrnoException) => {
    await removeFile(draft)
    // Its folder exists, but takes no files, as /proc.
    if (error.code === 'ENOENT') throw refused(path, 'is in a folder that takes no files', 'Name another file.')
    throw explained(path, error, 'Name another file.')
  })
  const isPrivate = options.platform !== 'win32' && ((await handle.stat()).mode & 0o077) === 0
  const place = async (text: string): Promise<void> => {
    const bytes = Buffer.from(text.endsWith('\n') ? text : `${text}\n`)
    await handle.write(bytes, 0, bytes.length, 0)
    await handle.truncate(bytes.length)
    await handle.sync()
    await handle.close()
    await placeDraft(draft, file, { path, force: options.force })
  }
  return {
    write: async (text) => {
      try {
        await place(text)
      } catch (error) {
        throw error instanceof Failure ? error : explained(path, error, 'Name another file.')
      }
      if (isPrivate) return []
      const system = options.platform === 'win32' ? 'Windows' : 'its file system'
      return [`${path} has the permissions of its folder: ${system} does not support mode 0600.`]
    },
    discard: async () => {
      await handle.close()
      await removeFile(draft)
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

/** Git knows whether case counts in names here. https://git-scm.com/docs/gitglossary#Documentation/gitglossary.txt-pathspec */
async function isTracked(folder: string, name: string, { run }: SecretFileOptions): Promise<boolean> {
  const git = async (cwd: string, ...args: readonly string[]) => (await run('git', args, cwd)) === 0
  const listed = (cwd: string, pathspec: string) => git(cwd, 'ls-files', '--error-unmatch', '--', pathspec)
  if (!(await git(folder, 'config', '--get', 'core.ignorecase', '^true$'))) return listed(folder, `:(literal)${name}`)
  // Of the folder it is in, git takes the case as it is: the one that was committed may be another.
  const top = await topOf(folder)
  return listed(top, `:(icase,literal)${relative(top, join(folder, name)).replaceAll(sep, '/')}`)
}

/** The folder of a repository, which has a folder or file `.git`. */
async function topOf(folder: string): Promise<string> {
  for (let top = folder; top !== dirname(top); top = dirname(top)) {
    if (await lstat(join(top, '.git')).catch(() => undefined)) return top
  }
  return folder
}
