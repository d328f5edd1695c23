import type { Command } from '../inputs/argv.ts'
import { DEFAULTS } from '../inputs/defaults.ts'
import type { Deps } from './deps.ts'
import { readInvocation, type Invocation, type Typed } from './invocation.ts'
import { appendFile } from 'node:fs/promises'
import type { Given } from '../inputs/given.ts'
import { openCi, type Ci } from '../ui/ci.ts'
import type { About } from '../ui/error-view.ts'
import { makeIo, type Io } from '../ui/io.ts'
import { Gate } from '../engine/gate.ts'
import type { Clock } from '../lib/clock.ts'
import { Interruption } from '../lib/errors.ts'

/** One run of a command: what was asked for, where it talks, its way to Azure, and the outside world. */
export interface Run {
  readonly invocation: Invocation
  readonly streams: Streams
  readonly azure: AzureLink
  readonly deps: Deps
}

export async function openRun(typed: Typed, commands: readonly Command[], deps: Deps): Promise<Run> {
  const invocation = await readInvocation(typed, commands, deps)
  const { given, command } = invocation
  const timeoutMs = command.inputs.includes('timeout') ? (given.timeout?.value ?? DEFAULTS.timeoutMs) : undefined
  return { invocation, streams: openStreams(given, deps), azure: openAzureLink(deps, timeoutMs), deps }
}

/** Where a run talks. */
export interface Streams {
  readonly io: Io
  /** Knows what it has masked already. */
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

/** The way to Azure. Every request of a run goes through its gate, until the run is stopped. */
export interface AzureLink {
  readonly clock: Clock
  readonly gate: Gate
  /** Fires on an interruption and on the end of `--timeout`. */
  readonly stop: AbortSignal
  readonly startedAt: number
  /** To be called when the run has ended: lets go of the timer. */
  readonly close: () => void
}

/** Without a time-out it ends with the process alone. */
function openAzureLink({ clock, random, stop: interrupted }: Deps, timeoutMs: number | undefined): AzureLink {
  const ended = new AbortController()
  const stop = timeoutMs === undefined ? interrupted : withTimeout(clock, interrupted, timeoutMs, ended.signal)
  return {
    ...{ clock, stop },
    gate: new Gate({ clock, random, stop }),
    startedAt: clock.now(),
    close: () => ended.abort(),
  }
}

/** A signal that fires with another one, or when the time is over. */
function withTimeout(clock: Clock, stop: AbortSignal, timeoutMs: number, ended: AbortSignal): AbortSignal {
  const timeout = new AbortController()
  clock.sleep(timeoutMs, ended).then(
    () => timeout.abort(new Interruption('timeout')),
    () => undefined,
  )
  return AbortSignal.any([stop, timeout.signal])
}

/** The interruption that ended a run early, if one did. */
export const interruptionOf = ({ stop }: AzureLink): Interruption | undefined =>
  stop.aborted && stop.reason instanceof Interruption ? stop.reason : undefined
