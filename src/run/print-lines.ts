import { once } from 'node:events'
import type { Deps } from './invocation.ts'

/** Prints many lines on stdout, for a reader that may leave before the end. */
export interface LinePrinter {
  /** Fires when the reader has closed stdout, as in `| head -1`. */
  readonly gone: AbortSignal
  /** Waits while the reader is slow. Rejects when it has gone. */
  readonly print: (line: string) => Promise<void>
  readonly close: () => void
}

export function linePrinter({ stdout }: Pick<Deps, 'stdout'>): LinePrinter {
  const gone = new AbortController()
  const onError = () => gone.abort()
  stdout.once('error', onError)
  return {
    gone: gone.signal,
    print: async (line) => {
      gone.signal.throwIfAborted()
      if (!stdout.write(`${line}\n`)) await once(stdout, 'drain', { signal: gone.signal })
    },
    close: () => void stdout.removeListener('error', onError),
  }
}
