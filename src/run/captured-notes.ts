import { formatInterval, formatSize } from '../inputs/capture.ts'
import { formatCount, paragraph } from '../ui/text.ts'
import type { Captured } from './captured.ts'
import { spellerFor } from './invocation.ts'
import type { Run } from './run.ts'

/** Says on stderr that no event or no file was found, and what leads to one. */
export function tellNothing({ streams: { io } }: Run, captured: Captured): void {
  const { hub, store, files, selection } = captured
  const { partition, sinceMs } = selection
  const of = [
    ...(partition === undefined ? [] : [`partition ${partition}`]),
    ...(sinceMs === undefined ? [] : [`since ${new Date(sinceMs).toISOString().replace('.000Z', 'Z')}`]),
  ]
  const which = [`hub ${hub}`, ...of].join(', ')
  const what =
    files.length === 0
      ? `There is no file of ${which}, in ${store.where}.`
      : `There is no event of ${which}, in ${files.length === 1 ? 'the file' : `the ${formatCount(files.length)} files`} in ${store.where}.`
  io.note(paragraph(what, io.width).join('\n'))
  io.note(nextOf(captured, io.width))
}

/** Says on stderr how many events are in no file yet, and how to write them. */
export function tellWaiting({ streams: { io } }: Run, captured: Captured): void {
  if ((captured.waitingEvents ?? 0) > 0) io.note(nextOf(captured, io.width))
}

function nextOf({ settled: { invocation }, hub, capture, waitingEvents }: Captured, width: number): string {
  const speller = spellerFor(invocation)
  const told = (text: string) => paragraph(text, width).join('\n')
  if (waitingEvents === undefined) {
    const { intervalSeconds, sizeLimitBytes } = capture
    return told(`A file ends after ${formatInterval(intervalSeconds)}, or at ${formatSize(sizeLimitBytes)}.`)
  }
  if (waitingEvents === 0)
    return `${told('No event waits for the next file. Send some with:')}\n  ${speller.command({}, 'local send')} ${hub} FILE`
  const wait = waitingEvents === 1 ? '1 event waits' : `${formatCount(waitingEvents)} events wait`
  return `${told(`${wait} for the next file. To write it now:`)}\n  ${speller.command({ flush: true }, 'local capture')}`
}
