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
const LEAST_DETAILS = 24
/** Below this a row is stacked: head, then name and details under it. */
const LEAST_TABLE = 70

/** Aligned rows; on a narrow canvas details stand under their row. Names are never cut. */
export function stepRows(rows: readonly StepRow[], canvas: Canvas): string[] {
  if (canvas.width < LEAST_TABLE) return rows.flatMap((row) => stacked(row, canvas))
  const linesWith = (columns: Columns) => rows.flatMap((row) => aligned(row, columns, canvas))
  const [first = [], ...others] = columnsToTry(rows, canvas.width).map(linesWith)
  return others.reduce((best, lines) => (lines.length < best.length ? lines : best), first)
}

/** A wide name column breaks details, a narrow one puts long names on lines of their own: each name that fits is tried. */
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
