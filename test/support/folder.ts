import { mkdtempSync, readdirSync, readlinkSync, realpathSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Where all folders of tests are, by its real and, on Windows, long name. */
export const temporaryRoot = (): string => realpathSync.native(tmpdir())

/** A folder that its maker removes, or that goes with the one it is in. The tests themselves take `temporaryFolder`. */
export const newFolder = (inside = temporaryRoot()): string => mkdtempSync(join(inside, 'ml-ingest-test-'))

/** Rejects where this process still has the folder or a file in it open: Windows would not remove it. */
export async function removeFolder(folder: string): Promise<void> {
  const open = await keptOpen(folder)
  // Another process may have ended just now, and a scanner may look at what it wrote.
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  if (open.length > 0) throw new Error(`Still open in a folder that is removed: ${open.join(', ')}`)
}

/** A stream that has ended closes its file a little later. */
const MOST_LOOKS = 50
const BETWEEN_LOOKS_MS = 10

async function keptOpen(folder: string): Promise<readonly string[]> {
  let open = openIn(folder)
  for (let looks = 1; open.length > 0 && looks < MOST_LOOKS; looks++) {
    await sleep(BETWEEN_LOOKS_MS)
    open = openIn(folder)
  }
  return open
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
