import { columnsOf, type Canvas, pad, paragraph, truncate } from '../text.ts'

/** Below this width, what stands side by side goes one under the other. */
const LEAST_TABLE = 60
const MOST_LABEL = 26
const MOST_NARROW_LABEL = 9
const GAP = 2

export const isNarrow = (width: number): boolean => width < LEAST_TABLE

/** Labels and texts. A text is wrapped beside its label, or begins under it where the label is long. No line is wider. */
export function rows(all: readonly (readonly [label: string, text: string])[], canvas: Canvas): readonly string[] {
  const { width } = canvas
  const most = isNarrow(width) ? MOST_NARROW_LABEL : MOST_LABEL
  const widths = all.map(([label]) => columnsOf(label)).filter((columns) => columns <= most)
  const columns = Math.max(0, ...widths) + GAP
  return cut(
    all.flatMap(([label, text]) => {
      const [first = '', ...rest] = paragraph(text, width, GAP + columns)
      return columnsOf(label) <= most
        ? [`  ${pad(label, columns)}${first.trimStart()}`.trimEnd(), ...rest]
        : [`  ${label}`, first, ...rest]
    }),
    canvas,
  )
}

/** No line is wider than the canvas. */
export const cut = (lines: readonly string[], { width, style }: Canvas): readonly string[] =>
  lines.map((line) => truncate(line, width, style.glyphs.more))
