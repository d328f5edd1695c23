import { Chalk } from 'chalk'
import type { ColorLevel, Io } from './io.ts'

/** What a piece of text is, not which colour it has. Each state also has a word: colour only repeats it. */
export type Tone = 'good' | 'change' | 'bad' | 'warn' | 'strong' | 'faint'

export interface Glyphs {
  readonly done: string
  readonly failed: string
  readonly more: string
  /** Frames of something that moves. */
  readonly spinner: readonly string[]
}

export interface Style {
  readonly paint: (tone: Tone, text: string) => string
  readonly glyphs: Glyphs
}

/** Where and how a renderer draws: its colours, its glyphs and how many columns it has. */
export interface Canvas {
  readonly style: Style
  readonly width: number
}

const UNICODE: Glyphs = {
  done: '✓',
  failed: '✗',
  more: '…',
  spinner: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
}
/** The same for consoles that cannot draw them. */
const ASCII: Glyphs = { done: 'ok', failed: 'x', more: '...', spinner: ['-', '\\', '|', '/'] }

/** The sixteen colours that every theme sets for readability, and none of chalk's own looking around. */
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
