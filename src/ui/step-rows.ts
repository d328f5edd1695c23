import type { Canvas, Tone } from './style.ts'
import { columnsOf, pad, paragraph, plain, wrap } from './text.ts'

/** One resource and what is or was done with it: `+ create  hub  clicks  4 partitions`. */
export interface StepRow {
  readonly sign: string
  readonly word: string
  readonly tone: Tone | undefined
  readonly noun: string
  readonly name: string
  /** Each entry starts on its own line. */
  readonly details: readonly string[]
}

/** Columns after the sign, gaps included. */
interface Columns {
  readonly word: number
  readonly noun: number
  readonly name: number
}

const SIGN = 2
const GAP = 2
/** Details get at least the first, and as much as they need up to the second. */
const LEAST_DETAILS = 24
const MOST_DETAILS = 40
/** Below this a row is stacked: head, then name and details under it. */
const LEAST_TABLE = 70

/** Aligned rows; on a narrow canvas details stand under their row. Names are never cut. */
export function stepRows(rows: readonly StepRow[], canvas: Canvas): string[] {
  const columns = columnsFor(rows, canvas.width)
  return rows.flatMap((row) => (canvas.width < LEAST_TABLE ? stacked(row, canvas) : aligned(row, columns, canvas)))
}

/** The name column is as wide as the widest name that still leaves room for details beside it. */
function columnsFor(rows: readonly StepRow[], width: number): Columns {
  const widest = (widths: readonly number[]) => Math.max(0, ...widths) + GAP
  const word = widest(rows.map((row) => columnsOf(row.word)))
  const noun = widest(rows.map((row) => columnsOf(row.noun)))
  const longest = Math.max(0, ...rows.flatMap((row) => row.details.map((detail) => columnsOf(plain(detail)))))
  const most = width - SIGN - word - noun - Math.max(LEAST_DETAILS, Math.min(longest, MOST_DETAILS))
  const names = rows.filter((row) => row.details.length > 0).map((row) => columnsOf(plain(row.name)))
  return { word, noun, name: widest(names.filter((columns) => columns + GAP <= most)) }
}

function aligned(row: StepRow, columns: Columns, canvas: Canvas): string[] {
  const name = plain(row.name)
  const before = SIGN + columns.word + columns.noun
  const indent = before + columns.name
  const head = `${painted(row, canvas, columns.word)}${pad(row.noun, columns.noun)}`
  const details = row.details.flatMap((detail) => wrap(plain(detail), canvas.width - indent))
  if (before + columnsOf(name) > canvas.width) return [head.trimEnd(), `    ${name}`, ...indented(details, indent)]
  const fits = columnsOf(name) + GAP <= columns.name
  const [first = '', ...rest] = fits ? details : ['', ...details]
  return [`${head}${pad(name, columns.name)}${first}`.trimEnd(), ...indented(rest, indent)]
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
