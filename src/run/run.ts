import type { Command } from '../inputs/argv.ts'
import { DEFAULTS } from '../inputs/defaults.ts'
import { type Deps, readInvocation, type Invocation, type Typed } from './invocation.ts'
import { appendFile } from 'node:fs/promises'
import type { Given } from '../inputs/given.ts'
import { openCi, type Ci } from '../ui/ci.ts'
import type { About } from '../ui/error-view.ts'
import { makeIo, type Io } from '../ui/io.ts'
import { Gate } from '../engine/gate.ts'
import { Stopwatch, type Clock } from '../lib/clock.ts'
import { Interruption } from '../lib/errors.ts'

/** One run of a command. */
export interface Run {
  readonly invocation: Invocation
  readonly streams: Streams
  readonly azure: AzureLink
  readonly deps: Deps
}

export async function openRun(typed: Typed, commands: readonly Command[], deps: Deps): Promise<Run> {
  const invocation = await readInvocation(typed, commands, deps)
  const { given, command } = invocation
  const usualMs = command.inputs.includes('timeout') && !given.watch?.value ? DEFAULTS.timeoutMs : undefined
  const timeoutMs = given.timeout?.value ?? usualMs
  return { invocation, streams: openStreams(given, deps), azure: openAzureLink(deps, timeoutMs), deps }
}

/** The same run with other inputs. */
export const withInvocation = ({ streams, azure, deps }: Run, invocation: Invocation): Run => ({
  invocation,
  streams,
  azure,
  deps,
})

/** Where a run prints. */
export interface Streams {
  readonly io: Io
  readonly ci: Ci
  readonly about: About
}

export function openStreams(given: Given, deps: Deps): Streams {
  const { stdin, stdout, stderr, env, platform } = deps
  const color = given.noColor?.value ? false : given.color?.value ? true : undefined
  const io = makeIo({
    ...{ stdin, stdout, stderr, env, platform },
    flags: {
      color,
      noInput: given.noInput?.value,
      json: given.json?.value,
      quiet: given.quiet?.value,
      debug: given.debug?.value,
      progress: given.progress?.value,
    },
  })
  return {
    io,
    ci: openCi({ choice: given.ci?.value ?? 'auto', env, io, appendFile }),
    about: { version: deps.version, node: `v${deps.nodeVersion}`, platform, issuesUrl: deps.issuesUrl },
  }
}

/** The gate for all requests of a run, and what ends the run. */
export interface AzureLink {
  readonly clock: Clock
  readonly gate: Gate
  /** Fires on an interruption and at the end of `--timeout`. */
  readonly stop: AbortSignal
  readonly watch: Stopwatch
  /** Stops the timer at the end of the run. */
  readonly close: () => void
}

function openAzureLink({ clock, random, stop: interrupted }: Deps, timeoutMs: number | undefined): AzureLink {
  const ended = new AbortController()
  const stop = timeoutMs === undefined ? interrupted : withTimeout(clock, interrupted, timeoutMs, ended.signal)
  return {
    ...{ clock, stop },
    gate: new Gate({ clock, random, stop }),
    watch: new Stopwatch(clock),
    close: () => ended.abort(),
  }
}

/** A signal that fires with `stop` or after the timeout. */
function withTimeout(clock: Clock, stop: AbortSignal, timeoutMs: number, ended: AbortSignal): AbortSignal {
  const timeout = new AbortController()
  clock.sleep(timeoutMs, ended).then(
    () => timeout.abort(new Interruption('timeout')),
    () => undefined,
  )
  return AbortSignal.any([stop, timeout.signal])
}

/** The interruption that ended the run, if one did. */
export const interruptionOf = ({ stop }: AzureLink): Interruption | undefined =>
  stop.aborted && stop.reason instanceof Interruption ? stop.reason : undefined
