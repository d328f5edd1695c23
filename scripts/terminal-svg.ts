import type { Cell } from '../test/support/terminal.ts'

const FONT_SIZE = 14
const CELL_WIDTH = 8.4
const LINE_HEIGHT = 20
const MARGIN = 18

/** Readable on a light and on a dark page: the picture follows what the reader's system prefers. */
const STYLE = `
  .back { fill: #f6f8fa; stroke: #d0d7de }
  text { font: ${FONT_SIZE}px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2328; white-space: pre }
  .bold { font-weight: 600 }
  .dim { fill: #59636e }
  .c1, .c9 { fill: #cf222e } .c2, .c10 { fill: #1a7f37 } .c3, .c11 { fill: #9a6700 }
  .c4, .c12 { fill: #0969da } .c5, .c13 { fill: #8250df } .c6, .c14 { fill: #1b7c83 } .c8 { fill: #59636e }
  @media (prefers-color-scheme: dark) {
    .back { fill: #0d1117; stroke: #3d444d }
    text { fill: #f0f6fc }
    .dim, .c8 { fill: #9198a1 }
    .c1, .c9 { fill: #ff7b72 } .c2, .c10 { fill: #3fb950 } .c3, .c11 { fill: #d29922 }
    .c4, .c12 { fill: #58a6ff } .c5, .c13 { fill: #bc8cff } .c6, .c14 { fill: #39c5cf }
  }`

/** An SVG of what a terminal shows. Every run of text has its width given, so that columns stand in any font. */
export function renderTerminal(
  lines: readonly (readonly Cell[])[],
  { columns, title }: { readonly columns: number; readonly title: string },
): string {
  const width = Math.ceil(columns * CELL_WIDTH + 2 * MARGIN)
  const height = lines.length * LINE_HEIGHT + 2 * MARGIN
  const texts = lines.flatMap((line, y) =>
    runsOf(line).map(({ start, text, classes }) => {
      const x = (MARGIN + start * CELL_WIDTH).toFixed(1)
      const baseline = MARGIN + y * LINE_HEIGHT + FONT_SIZE
      const length = ([...text].length * CELL_WIDTH).toFixed(1)
      const styled = classes === '' ? '' : ` class="${classes}"`
      return `<text x="${x}" y="${baseline}" textLength="${length}"${styled}>${escapeXml(text)}</text>`
    }),
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="back" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    ...texts,
    '</svg>',
    '',
  ].join('\n')
}

interface TextRun {
  readonly start: number
  readonly text: string
  readonly classes: string
}

/** The stretches of a line that look the same, cut where blanks are: not every renderer keeps several in a row. */
function runsOf(line: readonly Cell[]): readonly TextRun[] {
  const runs: { start: number; text: string; classes: string }[] = []
  line.forEach((cell, x) => {
    const classes = classesOf(cell)
    const last = runs.at(-1)
    if (last?.classes === classes) last.text += cell.text
    else runs.push({ start: x, text: cell.text, classes })
  })
  return runs.flatMap(({ start, text, classes }) =>
    [...text.matchAll(/\S+( \S+)*/g)].map((match) => ({ start: start + match.index, text: match[0], classes })),
  )
}

function classesOf({ colour, bold, dim }: Cell): string {
  return [colour === undefined ? '' : `c${colour}`, bold ? 'bold' : '', dim ? 'dim' : ''].filter(Boolean).join(' ')
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
