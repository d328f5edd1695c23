import { mkdtempSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'

/** Where all folders of tests are, by its real name. */
export const temporaryRoot = (): string => realpathSync(tmpdir())

/** A folder that its maker removes: for what is not the property of one test. Others take `temporaryFolder`. */
export const newFolder = (): string => mkdtempSync(join(temporaryRoot(), 'ml-ingest-test-'))

/** Throws where this process still has the folder or a file in it open: Windows would not remove it. */
export function removeFolder(folder: string): void {
  const open = openIn(folder)
  // Another process may have ended just now, and a scanner may look at what it wrote.
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  if (open.length > 0) throw new Error(`Still open in a folder that is removed: ${open.join(', ')}`)
}

/** Linux tells what a process has open. On Windows the removal itself fails. */
function openIn(folder: string): readonly string[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc/self/fd')
    .map((descriptor) => targetOf(`/proc/self/fd/${descriptor}`))
    .filter((path) => path === folder || path.startsWith(folder + sep))
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    // It was closed since, as that of the listing itself always is.
    return ''
  }
}
