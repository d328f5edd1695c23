import { isAbsolute, resolve } from 'node:path'
import { defaultDataFolder, startDetached } from '../local/index.ts'
import type { Deps } from './deps.ts'
import { spellerFor, type Invocation } from './invocation.ts'
import type { Run } from './run.ts'

/** Where the embedded Azure of a run keeps what it holds. */
export function dataFolderOf({ given }: Invocation, { host, cwd }: Deps): string {
  const folder = given.data?.value
  if (folder === undefined) return defaultDataFolder(host)
  return isAbsolute(folder) ? folder : resolve(cwd, folder)
}

/** The embedded Azure's Resource Manager; started, and said on stderr, when it does not run. */
export async function localEndpoint({ invocation, streams: { io }, azure, deps }: Run): Promise<string> {
  const dataFolder = dataFolderOf(invocation, deps)
  const { host } = deps
  const args = ['local', 'start', '--data', dataFolder]
  const { started, record } = await startDetached({ host, clock: azure.clock, dataFolder, args, signal: azure.stop })
  if (started) {
    io.note(`  Started the embedded Azure: process ${record.pid}, folder ${dataFolder}`)
    io.note(`  It stays until: ${spellerFor(invocation).command({}, 'local stop')}`)
  }
  return record.armEndpoint
}
