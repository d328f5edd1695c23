/** What the embedded Azure needs of the operating system. Tests make their own. */
export interface LocalHost {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly homedir: string
  /** Of this process. */
  readonly pid: number
  /** Starts this program again with `args`, on its own, its output appended to `logFile`; returns its pid. */
  spawnDetached(args: readonly string[], logFile: string): Promise<number>
  /** Whether a process with this pid runs; it need not be ours. */
  isAlive(pid: number): boolean
  /** Sends a signal; false when there is no such process any more. */
  kill(pid: number, signal: NodeJS.Signals): boolean
}

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
    spawnDetached: async (args, logFile) => {
      const { spawn } = await import('node:child_process')
      const { closeSync, openSync } = await import('node:fs')
      const log = openSync(logFile, 'a', 0o600)
      try {
        const child = spawn(execPath, [entry, ...args], {
          cwd: homedir,
          detached: true,
          env,
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
