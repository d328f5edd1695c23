import type { CapturedFile } from '../data/capture/capture-store.ts'
import type { TableEvent } from '../data/capture/table.ts'
import { eventLines } from '../run/print-lines.ts'
import { tellNothing, tellWaiting } from '../run/captured-notes.ts'
import { readCaptured, type Captured } from '../run/captured.ts'
import { outputOptionsOf, spellerFor } from '../run/invocation.ts'
import type { Run } from '../run/run.ts'
import { EXIT, type ExitCode } from '../ui/exit.ts'
import { openOutputFile } from '../ui/output-file.ts'
import { count, paragraph } from '../ui/text.ts'

/** Where the events go. */
interface Output {
  /** Fires when nobody reads on. */
  readonly gone: AbortSignal
  readonly begin: () => Promise<void>
  readonly write: (event: TableEvent) => Promise<void>
  /** After the last event. */
  readonly finish: (events: number) => Promise<void>
  /** In any case, at the end. */
  readonly close: () => Promise<void>
}

/** Prints the events that Capture wrote, or writes them to a file: file by file, so in order within each partition. */
export async function captureCat(run: Run): Promise<ExitCode> {
  const output = await outputOf(run)
  try {
    const captured = await readCaptured(run)
    await output.begin()
    const { broken, written } = await readAll(run, captured, output)
    await output.finish(written)
    if (written === 0 && broken === 0) tellNothing(run, captured)
    else if (run.streams.io.stdout.isTTY) tellWaiting(run, captured)
    return broken === 0 ? EXIT.ok : EXIT.azure
  } catch (error) {
    if (output.gone.aborted) return EXIT.ok
    throw error
  } finally {
    await output.close()
  }
}

async function outputOf(run: Run): Promise<Output> {
  const { parquet, csv } = run.invocation.given
  if (parquet) return parquetOutput(run, parquet.value)
  const lines = await eventLines(run)
  if (csv?.value) {
    const { csvHeader, csvLine } = await import('../data/capture/table.ts')
    return { ...lines, begin: () => lines.print(csvHeader()), write: (event) => lines.print(csvLine(event)) }
  }
  const { eventLine } = await import('../data/event-line.ts')
  return { ...lines, begin: async () => undefined, write: (event) => lines.print(eventLine(event)) }
}

async function parquetOutput(run: Run, path: string): Promise<Output> {
  const { io } = run.streams
  const [{ ParquetTable }, { COLUMNS }] = await Promise.all([
    import('../data/capture/parquet.ts'),
    import('../data/capture/table.ts'),
  ])
  const file = await openOutputFile(path, outputOptionsOf(run))
  const writer = new ParquetTable(COLUMNS, {
    write: file.write,
    createdBy: `ml-ingest version ${run.deps.version}`,
  })
  return {
    gone: new AbortController().signal,
    begin: async () => undefined,
    write: (event) => writer.add(event),
    finish: async () => {
      const rows = await writer.finish()
      await file.place()
      io.note(`  Wrote ${count(rows, 'event')} to ${path}. In Python:`)
      io.note(`  pandas.read_parquet(${JSON.stringify(path)})`)
    },
    close: file.discard,
  }
}

/** Answers how many events were written and how many files are broken. Each is told by its name, and the others go on. */
async function readAll(
  run: Run,
  captured: Captured,
  output: Output,
): Promise<{ readonly broken: number; readonly written: number }> {
  const [{ capturedEvents }, { isBroken }] = await Promise.all([
    import('../data/capture/avro-events.ts'),
    import('../data/capture/avro-file.ts'),
  ])
  const { streams, azure } = run
  const { io } = streams
  const { files, store, selection, failureOf } = captured
  const stop = AbortSignal.any([azure.stop, output.gone])
  const sinceMs = selection.sinceMs ?? -Infinity
  let written = 0
  const readOne = async ({ name, partition }: CapturedFile): Promise<void> => {
    for await (const event of capturedEvents(store.open(name))) {
      stop.throwIfAborted()
      if (event.enqueuedTime.getTime() < sinceMs) continue
      await output.write({ ...event, partition: String(partition) })
      written++
    }
  }
  let broken = 0
  for (const file of files.filter(({ isEmpty }) => !isEmpty)) {
    stop.throwIfAborted()
    try {
      await readOne(file)
    } catch (error) {
      if (!isBroken(error)) throw failureOf(error)
      broken++
      io.err(paragraph(`${file.where} ${error.message}.`, io.width).join('\n'))
    }
  }
  if (broken > 0) io.err(paragraph(brokenText(captured, broken), io.width).join('\n'))
  return { broken, written }
}

/** What to say of files that are broken, and where the events that they lack may still be. */
function brokenText({ hub, settled: { invocation } }: Captured, broken: number): string {
  const told = `${count(broken, 'file')} could not be read to the end. All other events are there. While its retention lasts, the hub still has those that are missing`
  if (!invocation.given.local?.value) return `${told}.`
  return `${told}: ${spellerFor(invocation).command({}, 'local tail')} ${hub}`
}
