import { Gate } from '../engine/gate.ts'
import type { Clock } from '../lib/clock.ts'
import { Interruption } from '../lib/errors.ts'
import type { Deps } from './deps.ts'

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
export function openAzureLink({ clock, random, stop: interrupted }: Deps, timeoutMs: number | undefined): AzureLink {
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
