import { input } from '../inputs/refer.ts'
import { say } from '../lib/phrase.ts'
import type { CapturedFile } from '../data/capture/capture-store.ts'
import { linePrinter } from '../run/print-lines.ts'
import { tellNothing, tellWaiting } from '../run/captured-notes.ts'
import { readCaptured, type Captured } from '../run/captured.ts'
import { spellerFor } from '../run/invocation.ts'
import type { Run } from '../run/run.ts'
import { stringifyDocument } from '../ui/document.ts'
import type { CapturedFileEntry, CapturedFilesDocument } from '../ui/document-schema.ts'
import { EXIT, type ExitCode } from '../ui/exit.ts'
import { columnsOf, count, formatBytes, pad, paragraph } from '../ui/text.ts'

/** Lists what Capture wrote of a hub, newest last. */
export async function captureLs(run: Run): Promise<ExitCode> {
  const { io } = run.streams
  const captured = await readCaptured(run)
  if (io.json) io.out(stringifyDocument(documentOf(captured)))
  else if (io.stdout.isTTY) tellTable(run, captured)
  else await printLines(run, captured)
  if (!io.json) tellNext(run, captured)
  return EXIT.ok
}

async function printLines({ deps }: Run, { files }: Captured): Promise<void> {
  const printer = linePrinter(deps)
  try {
    for (const file of files) await printer.print(JSON.stringify(entryOf(file)))
  } catch (error) {
    if (!printer.gone.aborted) throw error
  } finally {
    printer.close()
  }
}

/** Of empty files, of which there may be thousands, the summary tells the number. */
function tellTable({ streams: { io } }: Run, { files }: Captured): void {
  const filled = files.filter(({ isEmpty }) => !isEmpty)
  const rows = filled.map(({ timeMs, partition, bytes, name }) => [
    new Date(timeMs).toISOString().replace('T', ' ').replace('.000Z', ' UTC'),
    `partition ${partition}`,
    formatBytes(bytes),
    name,
  ])
  const widths = [0, 1, 2].map((i) => Math.max(0, ...rows.map((row) => columnsOf(row[i]!))))
  for (const row of rows) io.out(`  ${row.map((cell, i) => pad(cell, widths[i] ?? 0)).join('  ')}`)
}

/** Says on stderr how much there is, and how to read it. */
function tellNext(run: Run, captured: Captured): void {
  const { io } = run.streams
  const { files, store, edits, settled } = captured
  const tell = (text: string) => io.note(paragraph(text, io.width).join('\n'))
  if (io.stdout.isTTY) io.gap()
  if (files.length === 0) return tellNothing(run, captured)
  const empty = files.filter(({ isEmpty }) => isEmpty).length
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const words = [count(files.length, 'file'), ...(empty > 0 ? [`${empty} empty`] : []), formatBytes(bytes)]
  tell(`${words.join(', ')} in ${store.where}`)
  const cat = spellerFor(settled.invocation).command(edits, 'capture cat')
  if (empty < files.length) io.note(`  Read them with: ${cat}`)
  if (!io.stdout.isTTY) return
  if (empty > 0) {
    const { text } = spellerFor(settled.invocation)
    tell(text(say`Empty files are not shown. Capture writes none with ${input('captureSkipEmpty')}.`))
  }
  tellWaiting(run, captured)
}

const documentOf = ({
  settled: { spec },
  namespace,
  hub,
  capture,
  account,
  store,
  files,
}: Captured): CapturedFilesDocument => ({
  ...{ schemaVersion: 1, command: 'capture ls', result: 'ok', exitCode: EXIT.ok },
  target: { subscriptionId: spec.subscriptionId, resourceGroup: spec.resourceGroup, namespace },
  ...{ hub, account, container: capture.container, where: store.where },
  files: files.map(entryOf),
})

const entryOf = ({ timeMs, partition, bytes, isEmpty, name, where }: CapturedFile): CapturedFileEntry => ({
  ...{ time: new Date(timeMs).toISOString(), partition: String(partition), bytes, empty: isEmpty, name, where },
})
