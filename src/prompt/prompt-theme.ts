import { columnsOf, wrap } from '../ui/text.ts'
import type { Canvas, Glyphs } from '../ui/style.ts'
import type { Question } from './prompter.ts'

const FRAME_MS = 80
/** Columns of the prefix, and what a default and a short answer take after the message. */
const ROOM_FOR_ANSWER = 16

/**
 * How a question looks. The prompt library colours by what stdout can show and knows no `--no-color`; this says it for
 * the stream that is drawn on.
 */
export function promptTheme({ style, width }: Canvas, question: Question, keys: readonly string[]) {
  const { paint, glyphs } = style
  const context = question.context
  return {
    prefix: { idle: paint('change', '?'), done: paint('good', glyphs.done) },
    spinner: { interval: FRAME_MS, frames: [...glyphs.spinner] },
    icon: { cursor: pointerOf(glyphs) },
    style: {
      message: (text: string, status: string) =>
        status === 'done' || context === undefined
          ? paint('strong', text)
          : paint('strong', text) +
            beside(text, context, width)
              .map((line) => paint('faint', line))
              .join('\n'),
      answer: (text: string) => text,
      defaultAnswer: (text: string) => paint('faint', `(${text})`),
      error: (text: string) => paint('bad', `> ${text}`),
      highlight: (text: string) => paint('change', text),
      searchTerm: (text: string) => text,
      keysHelpTip: () => paint('faint', `  ${keys.join('  ')}`),
    },
  }
}

/** The context on the line of the message, or on lines of its own where it would be broken in the middle of a word. */
function beside(message: string, context: string, width: number): string[] {
  const taken = columnsOf(message) + columnsOf(context) + ROOM_FOR_ANSWER
  return taken <= width ? [`  ${context}`] : ['', ...wrap(context, width - ROOM_FOR_ANSWER).map((line) => `  ${line}`)]
}

const pointerOf = (glyphs: Glyphs): string => (glyphs.done === 'ok' ? '>' : '❯')
