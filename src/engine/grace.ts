import type { Clock } from '../lib/clock.ts'
import type { Failure } from '../lib/errors.ts'

/** How long an interruption waits for answers to writes that are already sent. */
const GRACE_MS = 5_000

/** Whether Azure surely does nothing about it; behind an error of server or network the write may have been taken. */
export const isTurnedAway = ({ azure }: Failure): boolean => azure?.status !== undefined && azure.status < 500

/** A signal that fires some seconds after `stop`, so that answers under way can still arrive. */
export function abortAfterGrace(clock: Clock, stop: AbortSignal, onStop: () => void) {
  const controller = new AbortController()
  const timer = new AbortController()
  const begin = () => {
    onStop()
    clock.sleep(GRACE_MS, timer.signal).then(
      () => controller.abort(stop.reason),
      () => undefined,
    )
  }
  if (stop.aborted) begin()
  else stop.addEventListener('abort', begin, { once: true })
  return {
    signal: controller.signal,
    dispose: () => {
      stop.removeEventListener('abort', begin)
      timer.abort()
    },
  }
}
