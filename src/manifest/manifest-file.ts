import { fileReason } from '../lib/errors.ts'
import { folderOfFile, writeWhole } from '../lib/whole-file.ts'
import { access, chmod, constants, lstat, readFile, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** A file to write to, with links resolved. */
export interface ManifestFile {
  readonly path: string
  /** Its text; undefined for a new file. */
  readonly text: string | undefined
  /** Permission bits; undefined for a new file. */
  readonly mode: number | undefined
}

/** Finds a file to write to, or says why it cannot be written. The reason follows the path. */
export async function findManifestFile(path: string): Promise<ManifestFile | string> {
  try {
    const found = await realpath(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    return found === undefined ? await findNew(path) : await findOld(found)
  } catch (error) {
    return `cannot be written: ${fileReason(error) ?? (error as Error).message}`
  }
}

async function findNew(path: string): Promise<ManifestFile | string> {
  const isLink = await lstat(path).catch(() => undefined)
  if (isLink) return 'is a link to a file that does not exist'
  const folder = await folderOfFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (folder === undefined) return 'is in a folder that does not exist'
  await access(folder, constants.W_OK)
  return { path: join(folder, basename(path)), text: undefined, mode: undefined }
}

async function findOld(path: string): Promise<ManifestFile | string> {
  const found = await stat(path)
  if (!found.isFile()) return 'is not a file'
  await access(path, constants.R_OK | constants.W_OK)
  await access(dirname(path), constants.W_OK)
  return { path, text: await readFile(path, 'utf8'), mode: found.mode & 0o7777 }
}

/** Writes a file next to the old one and renames it, so that it is never half written. */
export async function writeManifestFile({ path, mode }: ManifestFile, text: string): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}`)
  await writeWhole(path, text, { draft, mode: mode ?? 0o666 })
  // What the umask took away, after which it was never wider than the old one.
  if (mode !== undefined) await chmod(path, mode)
}
