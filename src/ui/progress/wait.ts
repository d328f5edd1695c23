import type { Reporter } from '../../engine/apply.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Io } from '../io.ts'
import { chooseReporter } from './reporter.ts'

/** Loading what shows the wait takes some milliseconds too: together they stay below a tenth of a second. */
const TELL_AFTER_MS = 50

/** Says what the work waits for now, and since when. */
export type TellWait = (text: string, elapsedMs: number) => void

/**
 * Does the work, and shows on stderr what it waits for until it ends: on a terminal within a tenth of a second, starting
 * with `text`; in a log and in CI only what the work tells.
 */
export async function showWait<T>(
  { io, clock }: { readonly io: Io; readonly clock: Clock },
  text: string,
  work: (tell: TellWait) => Promise<T>,
): Promise<T> {
  const startedAt = clock.now()
  const ended = new AbortController()
  let reporter: Promise<Reporter> | undefined
  const tell: TellWait = (what, elapsedMs) => {
    reporter ??= chooseReporter(io, clock)
    void reporter.then((one) => ended.signal.aborted || one.waiting(what, elapsedMs))
  }
  if (io.stderr.isTTY && io.ci === undefined) {
    clock.sleep(TELL_AFTER_MS, ended.signal).then(
      () => {
        if (!reporter) tell(text, clock.now() - startedAt)
      },
      () => undefined,
    )
  }
  try {
    return await work(tell)
  } finally {
    ended.abort()
    const shown = await reporter
    shown?.close()
  }
}
