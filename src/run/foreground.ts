import type { ChildProcess } from 'node:child_process'
import type { Interruption } from '../lib/errors.ts'

export type EndSignal = Exclude<Interruption['kind'], 'timeout'>

/** A command that runs with the streams of this process. */
export interface ForegroundChild {
  kill(signal: NodeJS.Signals): void
}

/** How a command ended. */
export type Ending =
  | { readonly kind: 'code'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
  /** The command could not be started: `ENOENT`, `EACCES`. */
  | { readonly kind: 'failed'; readonly reason: string }

export interface ForegroundOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Called for each signal, instead of the usual handling. */
  readonly onSignal: (signal: EndSignal, child: ForegroundChild) => void
}
export type RunForeground = (command: string, args: readonly string[], options: ForegroundOptions) => Promise<Ending>

/**
 * Runs commands in the foreground. `divert` redirects the signals of this process until the function that it answers is
 * called. On Windows it also finds npm's scripts, such as `npm.cmd`.
 */
export const foregroundRunner =
  (divert: (taker: (signal: EndSignal) => void) => () => void): RunForeground =>
  async (command, args, { env, cwd, onSignal }) => {
    const { default: spawn } = await import('cross-spawn')
    let child: ChildProcess | undefined
    const giveBack = divert((signal) => child && onSignal(signal, { kill: (one) => void child?.kill(one) }))
    try {
      return await new Promise<Ending>((resolve) => {
        child = spawn(command, [...args], { stdio: 'inherit', env, cwd })
        child.once('error', (error: NodeJS.ErrnoException) =>
          resolve({ kind: 'failed', reason: error.code ?? error.message }),
        )
        child.once('exit', (code, signal) =>
          resolve(signal ? { kind: 'signal', signal } : { kind: 'code', code: code ?? 1 }),
        )
      })
    } finally {
      giveBack()
    }
  }
