import { columnsOf, pad, paragraph, wrap } from '../text.ts'

export const GAP = 2
/** Below this width, what stands side by side goes one under the other. */
const LEAST_TABLE = 60
const MOST_CELL = 34

export const isNarrow = (width: number): boolean => width < LEAST_TABLE

/** Short cells, and a text that is wrapped beside them. On a narrow terminal the text goes below. */
export type Row = readonly [...cells: string[], text: string]

/** Aligned rows, indented by two columns. */
export function grid(rows: readonly Row[], width: number): readonly string[] {
  const cellsOf = (row: Row): readonly string[] => row.slice(0, -1)
  if (isNarrow(width))
    return rows.flatMap((row) => [
      ...paragraph(cellsOf(row).filter(Boolean).join(': '), width),
      ...paragraph(row.at(-1)!, width, 2 * GAP),
    ])
  const columns = (rows[0] ? cellsOf(rows[0]) : []).map(
    (_, i) => Math.min(MOST_CELL, Math.max(...rows.map((row) => columnsOf(row[i]!)))) + GAP,
  )
  const indent = GAP + columns.reduce((sum, one) => sum + one, 0)
  return rows.flatMap((row) => {
    const cells = cellsOf(row)
    const head = `  ${cells.map((cell, i) => pad(cell, columns[i]!)).join('')}`
    const text = wrap(row.at(-1)!, width - indent)
    const isLong = cells.some((cell, i) => columnsOf(cell) + GAP > columns[i]!)
    const [first = '', ...rest] = isLong ? ['', ...text] : text
    return [`${head}${first}`.trimEnd(), ...rest.map((line) => ' '.repeat(indent) + line)]
  })
}

/** A paragraph of a list. */
export function bullet(text: string, width: number): readonly string[] {
  const [first = '', ...rest] = paragraph(text, width, 2 * GAP)
  return [`  - ${first.trimStart()}`, ...rest]
}
