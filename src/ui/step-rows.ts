import { hubOf, pathOf, type Target } from '../resources/step.ts'
import { type Canvas, type Tone, columnsOf, pad, paragraph, plain, wrap } from './text.ts'

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

/** The layout of a plan. The progress of its writes has the same. */
export interface Grid extends Columns {
  /** A resource in a hub goes by its own name where the plan has only one hub, else by its path. */
  readonly nameOf: (target: Target) => string
}

/** For writes whose plan is not shown. */
export const LOOSE_GRID: Grid = { word: 11, noun: 17, name: 19, nameOf: pathOf }

export const namesIn = (targets: readonly Target[]): Grid['nameOf'] => {
  const hubs = new Set(targets.flatMap((target) => (target.kind === 'hub' ? [target.name] : [])))
  const [only] = hubs
  return (target) => (hubs.size === 1 && hubOf(target) === only ? target.name : pathOf(target))
}

const SIGN = 2
const GAP = 2
const LEAST_DETAILS = 24
/** The longest words of a plan and of its progress. */
const WORDS = ['unchanged', 'creating']
/** Below this width a row is stacked: the name and the details go under the head. */
const LEAST_TABLE = 70

/** Aligned rows. On a narrow canvas the details go under their row. Names are never cut. */
export function stepRows(rows: readonly StepRow[], columns: Columns, canvas: Canvas): string[] {
  return isNarrow(canvas.width)
    ? rows.flatMap((row) => stacked(row, canvas))
    : rows.flatMap((row) => aligned(row, columns, canvas))
}

/** Whether rows are stacked, because columns do not fit. */
export const isNarrow = (width: number): boolean => width < LEAST_TABLE

/** The columns that need the fewest lines, and the widest of these, so that all rows line up. */
export function bestColumns(rows: readonly StepRow[], width: number): Columns {
  const linesOf = (row: StepRow, columns: Columns) => Math.max(1, besides(row, columns, width).length)
  const linesIn = (columns: Columns) => rows.reduce((sum, row) => sum + linesOf(row, columns), 0)
  const [first, ...others] = columnsToTry(rows, width).map((columns) => ({ columns, lines: linesIn(columns) }))
  return others.reduce((best, one) => (one.lines <= best.lines ? one : best), first!).columns
}

/** The columns to compare. A wide name column breaks details; a narrow one puts long names on lines of their own. */
function columnsToTry(rows: readonly StepRow[], width: number): readonly Columns[] {
  const widest = (widths: readonly number[]) => Math.max(0, ...widths) + GAP
  const word = widest([...WORDS, ...rows.map((row) => row.word)].map(columnsOf))
  const noun = widest(rows.map((row) => columnsOf(row.noun)))
  const most = width - SIGN - word - noun - LEAST_DETAILS
  const names = rows.map((row) => columnsOf(plain(row.name)) + GAP)
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
  if (details.length === 0) return []
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
