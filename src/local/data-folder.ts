import { join, posix, win32 } from 'node:path'
import { STATE_FILE } from './arm/state-file.ts'
import type { LocalHost } from './host.ts'

/** Everything that the embedded Azure keeps in its folder, and nothing else is ever removed from it. */
export interface DataPaths {
  readonly folder: string
  readonly state: string
  /** The events of the data plane. */
  readonly events: string
  /** Says where the running process answers. */
  readonly record: string
  /** What a detached process prints. */
  readonly log: string
}

export const dataPaths = (folder: string): DataPaths => ({
  folder,
  state: join(folder, STATE_FILE),
  events: join(folder, 'events'),
  record: join(folder, 'local.json'),
  log: join(folder, 'local.log'),
})

/**
 * Where the data of this user goes: XDG_DATA_HOME or ~/.local/share, ~/Library/Application Support, %LOCALAPPDATA%.
 * https://specifications.freedesktop.org/basedir-spec/latest/ (a relative path there is to be ignored)
 */
export function defaultDataFolder({ env, platform, homedir }: Pick<LocalHost, 'env' | 'platform' | 'homedir'>): string {
  const path = platform === 'win32' ? win32 : posix
  if (platform === 'darwin') return path.join(homedir, 'Library', 'Application Support', 'ml-ingest')
  const named = platform === 'win32' ? env['LOCALAPPDATA'] : env['XDG_DATA_HOME']
  const usual = platform === 'win32' ? ['AppData', 'Local'] : ['.local', 'share']
  const base = named !== undefined && path.isAbsolute(named) ? named : path.join(homedir, ...usual)
  return path.join(base, 'ml-ingest')
}
