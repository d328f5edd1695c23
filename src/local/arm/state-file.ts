import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock } from '../../lib/clock.ts'
import { type State, emptyState } from './model.ts'
import { decodeState, encodeState } from './state-codec.ts'

/** Where the state lives between two runs. */
export interface StateStorage {
  load(): Promise<State>
  /** Resolves when the state would survive a loss of power. */
  save(state: State): Promise<void>
}

export const memoryStorage = (): StateStorage => ({
  load: async () => emptyState(),
  save: async () => {},
})

/**
 * Keeps the state in one file of `folder` (0700, the file 0600: it holds keys). A save writes a new file beside the old
 * one and renames it, so that at any moment the file is either the old state or the new one.
 */
export function folderStorage(folder: string, clock: Clock): StateStorage {
  const file = join(folder, 'state.json')
  const draft = `${file}.new`
  return {
    load: async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await rm(draft, { force: true })
      const text = await readFile(file, 'utf8').catch(undefinedWhenAbsent)
      return text === undefined ? emptyState() : decodeState(text, file)
    },
    save: async (state) => {
      const handle = await open(draft, 'w', 0o600)
      try {
        await handle.writeFile(encodeState(state))
        await handle.sync()
      } finally {
        await handle.close()
      }
      await renamePatiently(draft, file, clock)
      await syncFolder(folder)
    },
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

function undefinedWhenAbsent(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error
}

/** On Windows a scanner may hold the old file for a moment. */
async function renamePatiently(from: string, to: string, clock: Clock): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(from, to)
      return
    } catch (error) {
      const held = ['EPERM', 'EACCES', 'EBUSY'].includes(codeOf(error) ?? '')
      if (!held || attempt === 10) throw error
      await clock.sleep(attempt * 10)
    }
  }
}

/** A rename is lasting once its folder is. Windows cannot open a folder and needs no such thing. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  try {
    await handle?.sync()
  } catch (error) {
    if (!['EPERM', 'EINVAL', 'EISDIR'].includes(codeOf(error) ?? '')) throw error
  } finally {
    await handle?.close()
  }
}
