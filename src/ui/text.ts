import fastStringWidth from 'fast-string-width'

/** Columns that the text takes on a terminal; escape sequences take none. */
export const columnsOf = (text: string): number => fastStringWidth(text)

/** Pads with spaces to `columns`; longer text stays as it is. */
export const pad = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - columnsOf(text)))

const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g

/** Text that came from elsewhere on one line, without what could steer a terminal. */
export const plain = (text: string): string => text.replace(CONTROLS, ' ').trim()

/**
 * Breaks text at spaces into lines of at most `width` columns. A word that is longer, such as an id or a link, stays in one
 * piece on a line of its own.
 */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').filter((part) => part !== '')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && columnsOf(longer) > width) {
      lines.push(line)
      line = word
    } else line = longer
  }
  return line === '' ? lines : [...lines, line]
}

/** Wraps within `width` columns, every line indented. */
export const paragraph = (text: string, width: number, indent = 2): string[] =>
  wrap(text, width - indent).map((line) => ' '.repeat(indent) + line)

/** `label` padded to a column, then the text, wrapped under itself. */
export function row(label: string, text: string, width: number, labelColumns = 16): string[] {
  const indent = 2 + labelColumns
  const [first = '', ...rest] = paragraph(text, width, indent)
  return [`  ${pad(label, labelColumns)}${first.trimStart()}`.trimEnd(), ...rest]
}

/** Cuts to `columns`, for text that is drawn again and again and must not wrap. */
export function truncate(text: string, columns: number, more: string): string {
  if (columnsOf(text) <= columns) return text
  const room = columns - columnsOf(more)
  let cut = ''
  for (const character of text) {
    if (columnsOf(cut + character) > room) break
    cut += character
  }
  return `${cut}${more}`
}

/** `1 resource`, `4 resources`. */
export const count = (n: number, noun: string, plural = `${noun}s`): string => `${n} ${n === 1 ? noun : plural}`

/** `1,234,567`. */
export const formatCount = (n: number | string): string => Number(n).toLocaleString('en-US')

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const

/** `812 B`, `1.2 MB`; a KB has 1024 bytes. */
export function formatBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1024 ? 0 : Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** power
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`
}
