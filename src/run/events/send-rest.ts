import type { LineRefused, Source } from '../../data/event-source.ts'
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

/** A line that was not sent: where it came from, and its number. */
interface At {
  readonly source: string
  readonly line: number
}

/** The error of a line that cannot be sent, with the command that sends the rest. */
export function badLine(run: Run, left: Left, refused: LineRefused): Failure {
  const { source, line, message } = refused
  const isSample = left.sources.length === 0
  const things = isSample ? 'events' : 'lines'
  const shape = shapeOf(left, refused)
  return new Failure({
    code: 'usage',
    message: `Can't send ${placeWords(left.sources, source, line)}`,
    why: [
      message,
      left.sent === 0 ? 'Nothing is sent.' : `The ${things} before it are sent. It and the ${things} after it are not.`,
    ],
    hint: isSample
      ? undefined
      : `${shape ? SHAPE_WORDS[shape] : 'Correct it, and '}${restWords(run, left, { source, line }, shape)}`,
  })
}

/** What is known of the lines that were not sent, and how to send them. */
export function toGoOn(
  run: Run,
  left: Left,
  { line: { source, number: line }, acceptedBehind, unknown }: SendEnded,
): { readonly told: readonly string[]; readonly hint: string | undefined } {
  const isSample = left.sources.length === 0
  const told = [
    ...(isSample ? [] : [`Not sent: ${placeWords(left.sources, source, line)} and the lines behind it.`]),
    ...(acceptedBehind > 0 && !isSample
      ? [`Of these, ${formatCount(acceptedBehind)} were sent already: they would come twice.`]
      : []),
    ...(unknown > 0 ? [`${formatCount(unknown)} were on the way: whether they arrived is not known.`] : []),
  ]
  return { told, hint: isSample ? undefined : `To go on, ${restWords(run, left, { source, line })}` }
}

/** What a first line looks like that is not JSON. */
type Shape = 'document' | 'array' | 'table'

const SHAPE_WORDS: Readonly<Record<Shape, string>> = {
  document: 'Each line has to be one JSON value. To put each on one line, ',
  array: 'Each line has to be one JSON value. To put each item on one line, ',
  table: 'If it is a table with a header, ',
}

function shapeOf({ sources }: Left, { source, line, text }: LineRefused): Shape | undefined {
  if (line > 1 || text === undefined || sources.find(({ name }) => name === source)?.isCsv) return undefined
  if (/^\s*[[{](.*[[{,])?\s*$/s.test(text)) return text.trim().startsWith('[') ? 'array' : 'document'
  return /^[^[{]*[,;\t]/.test(text) ? 'table' : undefined
}

/** A sample has events and no sources. */
const placeWords = (sources: readonly Source[], name: string, line: number): string =>
  sources.length === 0
    ? `event ${formatCount(line)}`
    : `line ${line}${sources.length > 1 ? ` of ${name === '-' ? 'stdin' : name}` : ''}`

/**
 * `send the lines from 5 on:` with the command. On a shell of POSIX, with what cuts the lines off that were sent: a table
 * keeps its header. Files of JSON lines behind a table take a second command, because the first reads all as tables.
 */
function restWords({ invocation }: Run, { sources, sent }: Left, { source, line }: At, shape?: Shape): string {
  const { shell, args, given } = invocation
  const place = sources.findIndex(({ name }) => name === source)
  const isStdin = source === '-'
  const isWhole = line === 1 && !isStdin && (shape === undefined || shape === 'table')
  const isCsv = shape === 'table' || (!isWhole && sources[place]?.isCsv === true)
  const behind = sources.slice(place + 1)
  const second = behind.findIndex((one) => isCsv && !one.isCsv)
  const [together, apart] = second < 0 ? [behind, []] : [behind.slice(0, second), behind.slice(second)]
  const hub = args[0] ?? given.hub?.value[0]?.name ?? ''
  const send = (more: Edits, files: readonly string[]): string =>
    `${spellerFor(invocation).command({ hub: null, ...more })} ${quoteWords([hub, ...files], shell)}`
  const namesOf = (some: readonly Source[]) => some.map(({ name }) => name)
  const left = given.count && given.count.value > sent ? { count: given.count.value - sent } : {}
  const first = send({ ...left, ...(isCsv && { csv: true }) }, [isWhole ? source : '-', ...namesOf(together)])
  // https://jqlang.org/manual/#invoking-jq
  const jq = shape === 'array' ? ['jq', '-c', '.[]'] : shape === 'document' ? ['jq', '-c', '.'] : undefined
  const lines = isCsv ? ['sed', '-n', `1p;${line},$p`] : ['tail', '-n', `+${line}`]
  const cut = isWhole || shell === 'windows' ? undefined : isStdin ? jq : [...(jq ?? lines), source]
  const words =
    (cut && !isStdin) || isWhole
      ? `send ${shape ? 'it with' : `the lines from ${line} on`}`
      : `give ${shape ? 'it' : `${isCsv ? 'the header and ' : ''}the lines from ${line} on`} to`
  return [
    `${words}:`,
    cut ? `${quoteWords(cut, shell)} | ${first}` : first,
    ...(apart.length === 0 ? [] : [send(given.count ? { count: { blank: 'COUNT' } } : {}, namesOf(apart))]),
  ].join('\n')
}
