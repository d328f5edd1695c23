import fastStringWidth from 'fast-string-width'
import { Chalk } from 'chalk'
import type { ColorLevel, Io } from './io.ts'

/** Columns that the text takes on a terminal; escape sequences take none. */
export const columnsOf = (text: string): number => fastStringWidth(text)

/** Pads with spaces to `columns`. Longer text does not change. */
export const pad = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - columnsOf(text)))

const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g

/** Text from an untrusted source, on one line and without characters that could control a terminal. */
export const plain = (text: string): string => text.replace(CONTROLS, ' ').trim()

/**
 * Breaks text at spaces into lines of at most `width` columns. A longer word, such as an id or a link, is not broken.
 * It gets a line of its own.
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

/** Wraps text within `width` columns and indents every line. */
export const paragraph = (text: string, width: number, indent = 2): string[] =>
  wrap(text, width - indent).map((line) => ' '.repeat(indent) + line)

/** A label padded to a fixed column, then the text. Wrapped lines of the text align under its first line. */
export function row(label: string, text: string, width: number, labelColumns = 17): string[] {
  const indent = 2 + labelColumns
  const [first = '', ...rest] = paragraph(text, width, indent)
  return [`  ${pad(label, labelColumns)}${first.trimStart()}`.trimEnd(), ...rest]
}

/** Sequences that colour text, and characters. */
const PIECES = /\x1b\[[0-9;]*m|[^]/gu

/** Cuts text to `columns`, for lines that must not wrap. `more` marks the cut. Its colours stay, and so does their end. */
export function truncate(text: string, columns: number, more: string): string {
  if (columnsOf(text) <= columns) return text
  const room = columns - columnsOf(more)
  let cut = ''
  let isFull = false
  for (const [piece] of text.matchAll(PIECES)) {
    if (piece.length > 2) cut += piece
    else if (!isFull && columnsOf(cut + piece) <= room) cut += piece
    else if (!isFull) {
      isFull = true
      cut += more
    }
  }
  return cut
}

/** `1 resource`, `1,204 resources`. */
export const count = (n: number, noun: string, plural = `${noun}s`): string =>
  `${formatCount(n)} ${n === 1 ? noun : plural}`

/** `1,234,567`. */
export const formatCount = (n: number | string): string => Number(n).toLocaleString('en-US')

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const

/** `812 B`, `1.2 MB`. A KB has 1024 bytes. */
export function formatBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1024 ? 0 : Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** power
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`
}

/** The meaning of a piece of text, not its colour. Each state is also printed as a word: the colour only repeats it. */
export type Tone = 'good' | 'change' | 'bad' | 'warn' | 'strong' | 'faint'

export interface Glyphs {
  readonly done: string
  readonly failed: string
  readonly more: string
  /** The frames of the animation. */
  readonly spinner: readonly string[]
  /** From the lowest to the highest; empty where a console cannot draw them. */
  readonly bars: readonly string[]
}

export interface Style {
  readonly paint: (tone: Tone, text: string) => string
  readonly glyphs: Glyphs
}

/** What a renderer draws with: colours, glyphs and the number of columns. */
export interface Canvas {
  readonly style: Style
  readonly width: number
}

const UNICODE: Glyphs = {
  done: '✓',
  failed: '✗',
  more: '…',
  spinner: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
  bars: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
}
/** Glyphs for consoles that cannot draw Unicode. */
const ASCII: Glyphs = { done: 'ok', failed: 'x', more: '...', spinner: ['-', '\\', '|', '/'], bars: [] }

/** Uses only the 16 basic colours, which themes keep readable. chalk is given the level and detects nothing itself. */
export function makeStyle(level: ColorLevel, unicode: boolean): Style {
  const chalk = new Chalk({ level })
  const tones: Readonly<Record<Tone, (text: string) => string>> = {
    good: chalk.green,
    change: chalk.cyan,
    bad: chalk.red,
    warn: chalk.yellow,
    strong: chalk.bold,
    faint: chalk.dim,
  }
  return { paint: (tone, text) => tones[tone](text), glyphs: unicode ? UNICODE : ASCII }
}

export const canvasOf = (io: Io, stream: 'stdout' | 'stderr'): Canvas => ({
  style: makeStyle(io.color[stream], io.unicode),
  width: io.width,
})
