import type { Clock } from '../lib/clock.ts'
import type { LocalHost } from '../local/index.ts'
import type { RunForeground } from './foreground.ts'
import type { InStream, OutStream } from '../ui/io.ts'
import type { Env } from '../inputs/given.ts'

/** Everything of the outside world that a run uses. `src/cli.ts` takes it from the process, tests make their own. */
export interface Deps {
  readonly stdin: InStream
  readonly stdout: OutStream
  readonly stderr: OutStream
  readonly env: Env
  readonly platform: NodeJS.Platform
  readonly nodeVersion: string
  readonly version: string
  /** Where mistakes of ours are reported. */
  readonly issuesUrl: string
  readonly cwd: string
  readonly clock: Clock
  /** 0 up to 1. */
  readonly random: () => number
  /** Fires with an `Interruption` when the run shall end. */
  readonly stop: AbortSignal
  /** Runs a program in a folder and answers its exit code; undefined when there is no such program. */
  readonly run: (program: string, args: readonly string[], cwd: string) => Promise<number | undefined>
  /** Runs a command with the streams of this process, which hands it its signals. */
  readonly runForeground: RunForeground
  /** Processes and folders for the embedded Azure. */
  readonly host: LocalHost
}
