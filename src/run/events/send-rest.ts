import type { Source } from '../../data/event-source.ts'
import type { SendEnded } from '../../data/send-lines.ts'
import { quoteWords } from '../../inputs/argv.ts'
import type { Edits } from '../../inputs/refer.ts'
import { Failure } from '../../lib/errors.ts'
import { formatCount } from '../../ui/text.ts'
import { spellerFor } from '../invocation.ts'
import type { Run } from '../run.ts'

/** What was to be sent, and how many events of it were. */
export interface Left {
  readonly sources: readonly Source[]
  readonly sent: number
}

/** Makes the error of a line that cannot be sent, with the command that sends the rest. */
export const badLine =
  (run: Run, sources: readonly Source[]) =>
  ({ name }: Source, line: number, why: string): Failure => {
    const isSample = sources.length === 0
    const things = isSample ? 'events' : 'lines'
    return new Failure({
      code: 'usage',
      message: `Can't send ${placeWords(sources, name, line)}`,
      why: [why, `The ${things} before it are sent. It and the ${things} after it are not.`],
      hint: isSample
        ? undefined
        : `Correct it, and send the lines from ${line} on:\n${restCommand(run, sources, { source: name, line })}`,
    })
  }

/** What is known of the lines that were not sent, and how to send them. */
export function toGoOn(
  run: Run,
  { sources, sent }: Left,
  { line: { source, number }, acceptedBehind, unknown }: SendEnded,
): { readonly told: readonly string[]; readonly hint: string | undefined } {
  const isSample = sources.length === 0
  const told = [
    `Not sent: ${placeWords(sources, source, number)} and ${isSample ? 'those' : 'the lines'} behind it.`,
    ...(acceptedBehind > 0
      ? [`Of these, ${formatCount(acceptedBehind)} were sent already: they would come twice.`]
      : []),
    ...(unknown > 0 ? [`${formatCount(unknown)} were on the way: whether they arrived is not known.`] : []),
  ]
  if (isSample) return { told, hint: undefined }
  const { count } = run.invocation.given
  const left = count && count.value > sent ? { count: count.value - sent } : {}
  return { told, hint: `Send the rest with:\n${restCommand(run, sources, { source, line: number }, left)}` }
}

/** A sample has events and no sources. */
const placeWords = (sources: readonly Source[], name: string, line: number): string =>
  sources.length === 0
    ? `event ${formatCount(line)}`
    : `line ${line}${sources.length > 1 ? ` of ${name === '-' ? 'stdin' : name}` : ''}`

/**
 * On a shell of POSIX, with what cuts the lines off that were sent: a table keeps its header. Files of JSON lines behind a
 * table take a second command, because the first reads all as tables.
 */
function restCommand(
  { invocation }: Run,
  sources: readonly Source[],
  at: { readonly source: string; readonly line: number },
  edits: { readonly count?: number } = {},
): string {
  const { shell, args, given } = invocation
  const place = sources.findIndex(({ name }) => name === at.source)
  const { isCsv = false } = sources[place] ?? {}
  const behind = sources.slice(place + 1)
  const second = behind.findIndex((source) => isCsv && !source.isCsv)
  const [together, apart] = second < 0 ? [behind, []] : [behind.slice(0, second), behind.slice(second)]
  const hub = args[0] ?? given.hub?.value[0]?.name ?? ''
  const send = (more: Edits, files: readonly string[]): string =>
    `${spellerFor(invocation).command({ hub: null, ...more })} ${quoteWords([hub, ...files], shell)}`
  const namesOf = (some: readonly Source[]) => some.map(({ name }) => name)
  const first = send({ ...edits, ...(isCsv && { csv: true }) }, ['-', ...namesOf(together)])
  const cut = isCsv ? ['sed', '-n', `1p;${at.line},$p`] : ['tail', '-n', `+${at.line}`]
  const isCut = at.source !== '-' && shell === 'posix'
  return [
    isCut ? `${quoteWords([...cut, at.source], shell)} | ${first}` : first,
    ...(apart.length === 0 ? [] : [send(given.count ? { count: { blank: 'COUNT' } } : {}, namesOf(apart))]),
  ].join('\n')
}
