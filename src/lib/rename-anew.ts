import { link, rename, rm, stat } from 'node:fs/promises'

/** What file systems say that have no second names for files. */
const NO_LINKS: readonly (string | undefined)[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EACCES']

/**
 * Gives a file another name. Rejects with the code EEXIST where there is a file of that name, which a rename would replace; so a
 * rename is used only on file systems without links.
 */
export async function renameAnew(file: string, name: string): Promise<void> {
  try {
    await link(file, name)
  } catch (error) {
    if (!NO_LINKS.includes((error as NodeJS.ErrnoException).code)) throw error
    if (await stat(name).catch(() => undefined)) throw Object.assign(new Error(`${name} is there`), { code: 'EEXIST' })
    return rename(file, name)
  }
  await rm(file)
}
