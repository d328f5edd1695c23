import { once } from 'node:events'
import { openOutputFile } from '../ui/output-file.ts'
import { count } from '../ui/text.ts'
import { type Deps, outputOptionsOf } from './invocation.ts'
import type { Run } from './run.ts'

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

/** Where the lines of events go: stdout, or the file of `--output`, which appears whole. */
export interface EventLines extends Pick<LinePrinter, 'gone' | 'print'> {
  /** After the last line: puts the file into its place, and says how many events it has. */
  readonly finish: (events: number) => Promise<void>
  /** In any case, at the end. Without `finish` no file stays. */
  readonly close: () => Promise<void>
}

/** Throws a `Failure` `usage` for a file that cannot be written. */
export async function eventLines(run: Run): Promise<EventLines> {
  const { output } = run.invocation.given
  if (output) return fileLines(run, output.value)
  const { gone, print, close } = linePrinter(run.deps)
  return { gone, print, finish: async () => undefined, close: async () => close() }
}

/** Written at once. */
const PORTION_CHARACTERS = 64 * 1024

async function fileLines(run: Run, path: string): Promise<EventLines> {
  const { io } = run.streams
  const file = await openOutputFile(path, outputOptionsOf(run))
  let text = ''
  let writing = Promise.resolve()
  // Several partitions are read at once, and a file takes one write at a time.
  const flush = (): Promise<void> => {
    const bytes = Buffer.from(text)
    text = ''
    return (writing = writing.then(() => file.write(bytes)))
  }
  return {
    gone: new AbortController().signal,
    print: async (line) => {
      text += `${line}\n`
      if (text.length >= PORTION_CHARACTERS) await flush()
    },
    finish: async (events) => {
      await flush()
      await file.place()
      io.note(`  Wrote ${count(events, 'event')} to ${path}.`)
    },
    close: file.discard,
  }
}
