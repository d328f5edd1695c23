import type { Clock } from '../lib/clock.ts'
import type { LocalHost } from '../local/index.ts'
import type { RunForeground } from './foreground.ts'
import type { InStream, OutStream } from '../ui/io.ts'
import type { Env } from '../inputs/given.ts'

/** The outside world of a run. `src/cli.ts` takes it from the process, tests make their own. */
export interface Deps {
  readonly stdin: InStream
  readonly stdout: OutStream
  readonly stderr: OutStream
  readonly env: Env
  readonly platform: NodeJS.Platform
  readonly nodeVersion: string
  readonly version: string
  /** Where users report bugs. */
  readonly issuesUrl: string
  readonly cwd: string
  readonly clock: Clock
  /** 0 up to 1. */
  readonly random: () => number
  /** Fires with an `Interruption` to end the run. */
  readonly stop: AbortSignal
  /** Runs a program in a folder and answers its exit code, or undefined if there is no such program. */
  readonly run: (program: string, args: readonly string[], cwd: string) => Promise<number | undefined>
  /** Runs a command with the streams and signals of this process. */
  readonly runForeground: RunForeground
  /** Processes and folders for the embedded Azure. */
  readonly host: LocalHost
}
