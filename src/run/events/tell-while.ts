import type { Run } from '../run.ts'
import { waitFor } from '../wait.ts'

/** Between two lines of a log. */
const LINE_MS = 5_000
/** Between two changes of a line on a terminal. */
const LIVE_MS = 250

/**
 * Does the work, and says on stderr how far it is: on a terminal in a line that changes, elsewhere in a line every few
 * seconds.
 */
export async function tellWhile<T>(run: Run, words: () => string, work: () => Promise<T>): Promise<T> {
  const { streams, azure } = run
  const { io } = streams
  const startedAt = azure.clock.now()
  if (io.canAnimate) {
    return waitFor(run, `Sending`, (tell) =>
      repeating(run, LIVE_MS, () => tell(`Sent ${words()}`, azure.clock.now() - startedAt), work),
    )
  }
  return repeating(run, LINE_MS, () => io.note(`  ${words()} sent`), work)
}

async function repeating<T>({ azure }: Run, everyMs: number, say: () => void, work: () => Promise<T>): Promise<T> {
  const ended = new AbortController()
  const beat = async (): Promise<void> => {
    for (;;) {
      await azure.clock.sleep(everyMs, ended.signal)
      say()
    }
  }
  beat().catch(() => undefined)
  try {
    return await work()
  } finally {
    ended.abort()
  }
}
