import { mkdtempSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { afterAll, onTestFinished } from 'vitest'

/** A folder for the test that asks, or for each test where `beforeEach` asks. It goes when the test has finished. */
export function temporaryFolder(): string {
  const folder = newFolder()
  onTestFinished(() => removeFolder(folder))
  return folder
}

/** A folder for a whole suite or file, which asks outside of its hooks. It goes after the last test. */
export function folderOfSuite(): string {
  const folder = newFolder()
  afterAll(() => removeFolder(folder))
  return folder
}

/** A folder that its maker removes: for what outlives a test, or is made a hundred times in one. */
export const newFolder = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'ml-ingest-test-')))

/** Throws where this process still has a file in it open: Windows would not remove the folder. */
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
    .filter((path) => path.startsWith(folder + sep))
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    // It was closed since, as that of the listing itself always is.
    return ''
  }
}
