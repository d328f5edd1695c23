import { join, posix, win32 } from 'node:path'

/** What the embedded Azure needs of the operating system. Tests make their own. */
export interface LocalHost {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly homedir: string
  /** Of this process. */
  readonly pid: number
  /**
   * Starts this program again with `args`, on its own, its output appended to `logFile`, with `variables` besides those of
   * this process; returns its pid.
   */
  spawnDetached(args: readonly string[], logFile: string, variables: Readonly<Record<string, string>>): Promise<number>
  /** Whether a process with this pid runs; it need not be ours. */
  isAlive(pid: number): boolean
  /** Sends a signal; false when there is no such process any more. */
  kill(pid: number, signal: NodeJS.Signals): boolean
}

/** Set for a process that another one started in the background. */
const DETACHED = 'ML_INGEST_DETACHED'

/** Whether somebody else started this process in the background, and tells people what it does. */
export const isDetached = ({ env }: Pick<LocalHost, 'env'>): boolean => env[DETACHED] === '1'

export interface HostInputs {
  readonly execPath: string
  /** The script that this program was started with. */
  readonly entry: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly homedir: string
  readonly pid: number
  /** As `process.kill`: throws ESRCH where there is no such process and EPERM where it is somebody else's. */
  readonly kill: (pid: number, signal: NodeJS.Signals | 0) => unknown
}

/** The host made of what `src/cli.ts` takes from the process. */
export function realHost(inputs: HostInputs): LocalHost {
  const { execPath, entry, env, platform, homedir, pid, kill } = inputs
  return {
    env,
    platform,
    homedir,
    pid,
    spawnDetached: async (args, logFile, variables) => {
      const { spawn } = await import('node:child_process')
      const { closeSync, openSync } = await import('node:fs')
      const log = openSync(logFile, 'a', 0o600)
      try {
        const child = spawn(execPath, [entry, ...args], {
          cwd: homedir,
          detached: true,
          env: { ...env, ...variables, [DETACHED]: '1' },
          stdio: ['ignore', log, log],
          windowsHide: true,
        })
        // A failure to start shows in `pid`; without a listener the event would end this process.
        child.on('error', () => {})
        child.unref()
        return child.pid ?? 0
      } finally {
        closeSync(log)
      }
    },
    isAlive: (other) => {
      try {
        kill(other, 0)
        return true
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === 'EPERM'
      }
    },
    kill: (other, signal) => {
      try {
        kill(other, signal)
        return true
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
        throw error
      }
    },
  }
}

/** Everything that the embedded Azure keeps in its data folder. It never removes anything else from there. */
export interface DataPaths {
  readonly folder: string
  readonly state: string
  /** The events of the data plane. */
  readonly events: string
  /** The files of Capture. */
  readonly capture: string
  /** Says where the running process answers. */
  readonly record: string
  /** What a detached process prints. */
  readonly log: string
  /** Why a detached process could not start, for whoever started it. */
  readonly failure: string
  /** The ports of the last start. */
  readonly ports: string
  /** The blob endpoints that files of Capture went to. */
  readonly storage: string
}

/** The paths of everything in a data folder. */
export const dataPaths = (folder: string): DataPaths => ({
  folder,
  state: join(folder, 'state.json'),
  events: join(folder, 'events'),
  capture: join(folder, 'capture'),
  record: join(folder, 'local.json'),
  log: join(folder, 'local.log'),
  failure: join(folder, 'failure.json'),
  ports: join(folder, 'ports.json'),
  storage: join(folder, 'storage.json'),
})

/**
 * The data folder of this user: in XDG_DATA_HOME or ~/.local/share, ~/Library/Application Support, %LOCALAPPDATA%.
 * https://specifications.freedesktop.org/basedir-spec/latest/ (which says to ignore a relative path)
 */
export function defaultDataFolder({ env, platform, homedir }: Pick<LocalHost, 'env' | 'platform' | 'homedir'>): string {
  const path = platform === 'win32' ? win32 : posix
  if (platform === 'darwin') return path.join(homedir, 'Library', 'Application Support', 'ml-ingest')
  const named = platform === 'win32' ? env['LOCALAPPDATA'] : env['XDG_DATA_HOME']
  const usual = platform === 'win32' ? ['AppData', 'Local'] : ['.local', 'share']
  const base = named !== undefined && path.isAbsolute(named) ? named : path.join(homedir, ...usual)
  return path.join(base, 'ml-ingest')
}
