import { type Canvas, type Tone, columnsOf, pad, paragraph, plain, wrap } from '../text.ts'
import type { ApplyEvent } from '../../engine/apply.ts'
import type { Write, WriteStep } from '../../engine/plan.ts'

/** One resource and the change to it: `+ create  hub  clicks  4 partitions`. */
export interface StepRow {
  readonly sign: string
  readonly word: string
  readonly tone: Tone | undefined
  readonly noun: string
  readonly name: string
  /** Each entry starts on its own line. */
  readonly details: readonly string[]
}

/** Widths of the columns after the sign, gaps included. */
interface Columns {
  readonly word: number
  readonly noun: number
  readonly name: number
}

const SIGN = 2
const GAP = 2
const LEAST_DETAILS = 24
/** Below this width a row is stacked: the name and the details go under the head. */
const LEAST_TABLE = 70

/** Aligned rows. On a narrow canvas the details go under their row. Names are never cut. */
export function stepRows(rows: readonly StepRow[], canvas: Canvas): string[] {
  if (canvas.width < LEAST_TABLE) return rows.flatMap((row) => stacked(row, canvas))
  const columns = bestColumns(rows, canvas.width)
  return rows.flatMap((row) => aligned(row, columns, canvas))
}

/** The columns that need the fewest lines. Only rows with details count: the others take the same in any columns. */
function bestColumns(rows: readonly StepRow[], width: number): Columns {
  const detailed = rows.filter((row) => row.details.length > 0)
  const linesOf = (row: StepRow, columns: Columns) => Math.max(1, besides(row, columns, width).length)
  const linesIn = (columns: Columns) => detailed.reduce((sum, row) => sum + linesOf(row, columns), 0)
  const [first, ...others] = columnsToTry(rows, width).map((columns) => ({ columns, lines: linesIn(columns) }))
  return others.reduce((best, one) => (one.lines < best.lines ? one : best), first!).columns
}

/** The columns to compare. A wide name column breaks details; a narrow one puts long names on lines of their own. */
function columnsToTry(rows: readonly StepRow[], width: number): readonly Columns[] {
  const widest = (widths: readonly number[]) => Math.max(0, ...widths) + GAP
  const word = widest(rows.map((row) => columnsOf(row.word)))
  const noun = widest(rows.map((row) => columnsOf(row.noun)))
  const most = width - SIGN - word - noun - LEAST_DETAILS
  const names = rows.filter((row) => row.details.length > 0).map((row) => columnsOf(plain(row.name)) + GAP)
  const fitting = [...new Set(names.filter((columns) => columns <= most))].sort((a, b) => a - b)
  return [GAP, ...fitting].map((name) => ({ word, noun, name }))
}

function aligned(row: StepRow, columns: Columns, canvas: Canvas): string[] {
  const name = plain(row.name)
  const indent = indentOf(columns)
  const head = `${painted(row, canvas, columns.word)}${pad(row.noun, columns.noun)}`
  const [first = '', ...rest] = besides(row, columns, canvas.width)
  if (indent - columns.name + columnsOf(name) > canvas.width)
    return [head.trimEnd(), `    ${name}`, ...indented(rest, indent)]
  return [`${head}${pad(name, columns.name)}${first}`.trimEnd(), ...indented(rest, indent)]
}

const indentOf = ({ word, noun, name }: Columns): number => SIGN + word + noun + name

/** The details, beside the name and below it. They start on the second line when the name is wider than its column. */
function besides(row: StepRow, columns: Columns, width: number): readonly string[] {
  const details = row.details.flatMap((detail) => wrap(plain(detail), width - indentOf(columns)))
  return columnsOf(plain(row.name)) + GAP <= columns.name ? details : ['', ...details]
}

function stacked(row: StepRow, canvas: Canvas): string[] {
  const name = plain(row.name)
  const head = `${painted(row, canvas, columnsOf(row.word) + 1)}${row.noun}`
  const together = name === '' || columnsOf(head) + 1 + columnsOf(name) <= canvas.width
  const details = row.details.flatMap((detail) => paragraph(plain(detail), canvas.width, 4))
  return [...(together ? [`${head} ${name}`.trimEnd()] : [head, `    ${name}`]), ...details]
}

function painted(row: StepRow, canvas: Canvas, wordColumns: number): string {
  const head = `${pad(row.sign, SIGN - 1)} ${row.word}`
  const space = ' '.repeat(Math.max(0, wordColumns - columnsOf(row.word)))
  return (row.tone ? canvas.style.paint(row.tone, head) : head) + space
}

const indented = (lines: readonly string[], columns: number): string[] =>
  lines.map((line) => ' '.repeat(columns) + line)

/** The words for a step while it runs and after it. */
interface StepWords {
  readonly verb: string
  readonly running: string
  readonly done: string
}

const CREATE: StepWords = { verb: 'create', running: 'creating', done: 'created' }
const UPDATE: StepWords = { verb: 'update', running: 'updating', done: 'updated' }
const DELETE: StepWords = { verb: 'delete', running: 'deleting', done: 'deleted' }
const REGISTER: StepWords = { verb: 'register', running: 'registering', done: 'registered' }

export function wordsOf(step: WriteStep): StepWords {
  if (step.write.op === 'register-provider') return REGISTER
  return { create: CREATE, update: UPDATE, delete: DELETE }[step.action]
}

/** How long Azure usually takes, for operations so slow that a person may worry. */
const USUAL: Readonly<Partial<Record<Write['op'], string>>> = {
  'create-namespace': 'usually 1-2 min in Azure',
  'register-provider': 'usually under 1 min in Azure',
}
export const usualTimeOf = (step: WriteStep): string | undefined =>
  step.action === 'delete' && step.target.kind === 'namespace' ? 'usually under 1 min in Azure' : USUAL[step.write.op]

/** Whether the step is slow and all others wait for it. Even a run that only counts its writes shows it by name. */
export const isMilestone = ({ target }: WriteStep): boolean =>
  target.kind === 'provider' || target.kind === 'group' || target.kind === 'namespace'

/** Applies to the whole run, whichever step gets this answer. */
export const SLOW_DOWN = 'Azure asks to slow down'

/** Why a step waits, in words. Undefined when it is only slow. */
export function waitReasonOf(event: Extract<ApplyEvent, { type: 'waiting' }>): string | undefined {
  switch (event.state.toLowerCase()) {
    case 'throttled':
      return SLOW_DOWN
    case 'unknown principal':
      return 'Microsoft Entra does not show the principal yet'
    case 'retrying':
      return 'trying again'
    default:
      return undefined
  }
}

/** A running time in whole seconds: it changes once a second. */
export const formatRunning = (elapsedMs: number): string => {
  const seconds = Math.floor(elapsedMs / 1_000)
  return seconds < 120 ? `${seconds}s` : `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, '0')}s`
}

/** For a stop that nobody caused with Ctrl+C: nobody is at the keyboard, or the time is over. */
export const STOPPING_ALONE = 'Stopping. Azure keeps working on what it accepted.'
export const STOPPING = `${STOPPING_ALONE} Ctrl+C again to quit now.`

/** The plan is out of date, and a new one follows. */
export const OVERTAKEN = 'another run has made it meanwhile; looking again'
