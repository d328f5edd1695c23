import { isAbsolute, resolve } from 'node:path'
import { defaultDataFolder, startDetached } from '../local/index.ts'
import type { Session } from './session.ts'

/** Where the embedded Azure of this run keeps what it holds. */
export function dataFolderOf({ inputs, deps }: Session): string {
  const given = inputs.data?.value
  if (given === undefined) return defaultDataFolder(deps.host)
  return isAbsolute(given) ? given : resolve(deps.cwd, given)
}

/** The embedded Azure's Resource Manager; started, and said on stderr, when it does not run. */
export async function localEndpoint(session: Session): Promise<string> {
  const { deps, io } = session
  const dataFolder = dataFolderOf(session)
  const { started, record } = await startDetached({
    host: deps.host,
    clock: deps.clock,
    dataFolder,
    args: ['local', 'start', '--data', dataFolder],
    signal: session.stop,
  })
  if (started) {
    io.note(`  Started the embedded Azure: process ${record.pid}, folder ${dataFolder}`)
    io.note(
      `  It stays until: npx ml-ingest local stop${session.inputs.data ? ` --data ${session.inputs.data.value}` : ''}`,
    )
  }
  return record.armEndpoint
}
