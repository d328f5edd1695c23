/** A result, and what it may be at most or has to be at least, where something was promised. */
export interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly budget?: number
  readonly least?: number
}

export const row = (name: string, value: number, unit: string, budget?: number): Row => ({
  name,
  value,
  unit,
  ...(budget === undefined ? {} : { budget }),
})

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

/** Lines of a table with a title: what was measured, the budget, and whether it holds. */
export function renderTable(title: string, rows: readonly Row[]): string {
  const cells = rows.map(({ name, value, unit, budget, least }) => [
    name,
    `${format(value)} ${unit}`,
    budget !== undefined ? `at most ${format(budget)}` : least !== undefined ? `at least ${format(least)}` : '',
    budget === undefined && least === undefined
      ? ''
      : value <= (budget ?? value) && value >= (least ?? value)
        ? 'holds'
        : 'DOES NOT HOLD',
  ])
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((line) => line[column]!.length)))
  const lines = cells.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return ['', title, ...lines.map((line) => `  ${line}`)].join('\n')
}

const format = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toFixed(2)))
