import { confirm, input, search, select } from '@inquirer/prompts'
import { Interruption } from '../lib/errors.ts'
import type { Io } from '../ui/io.ts'
import { canvasOf, type Canvas, type Glyphs, columnsOf, paragraph, wrap } from '../ui/text.ts'
import type { Choice, ChoiceQuestion, Prompter, Question, TextQuestion } from './prompter.ts'

/** The context of a question for Inquirer. */
interface PromptContext {
  readonly input: Io['stdin']
  readonly output: Io['stderr']
  readonly signal: AbortSignal
}
interface Drawn extends Question {
  /** The default of a text, which is drawn behind the context. */
  readonly shownDefault?: string | undefined
}
/** Ends the question that is open with this error. */
type Fail = (error: unknown) => void

/** Asks on the terminal with Inquirer: reads from stdin and draws on stderr. `stop` ends an open question. */
export function inquirerPrompter(io: Io, stop: AbortSignal): Prompter {
  const canvas = canvasOf(io, 'stderr')
  const theme = (question: Drawn, ...keys: string[]) => promptTheme(canvas, question, keys)
  const ask = async <T>(question: Question, open: (context: PromptContext, fail: Fail) => Promise<T>): Promise<T> => {
    if (!io.canPrompt) throw new Error(`"${question.message}" was asked where nobody can answer`)
    if (question.firstError !== undefined) io.err(errorLines(question.firstError, io))
    return answerOf(io, stop, open)
  }
  const [arrows, enter] = io.unicode.stderr ? ['↑↓ move', '⏎ select'] : ['arrows move', 'Enter selects']
  return {
    text: (question) =>
      ask(question, async (context, fail) => {
        const config = {
          ...textConfig(question, context.signal, fail),
          theme: theme({ ...question, shownDefault: question.default }),
        }
        return (await input(config, context)).trim()
      }),
    select: (question) =>
      ask(question, (context) =>
        select({ ...selectConfig(question, io.width), theme: theme(question, arrows, enter) }, context),
      ),
    search: (question) =>
      ask(question, (context) => {
        const source = (term: string | undefined) => matchChoices(question.choices, term, question.default).map(rowOf)
        const config = { ...basicsOf(question), source, theme: theme(question, 'type to filter', arrows, enter) }
        return search(config, context)
      }),
    confirm: (question) =>
      ask(question, (context) => confirm({ ...basicsOf(question), ...answered(theme(question)) }, context)),
  }
}

const errorLines = (text: string, io: Io): string =>
  canvasOf(io, 'stderr').style.paint('bad', `> ${paragraph(text, io.width).join('\n').trimStart()}`)

const basicsOf = <T>(question: Question & { readonly default?: T | undefined }) => ({
  message: question.message,
  ...(question.default === undefined ? {} : { default: question.default }),
})

/**
 * Shows a tick only for yes; Inquirer has one mark for both answers. Inquirer calls `transformer` just before it draws the
 * question for the last time, and reads the theme each time it draws.
 */
function answered(theme: ReturnType<typeof promptTheme>) {
  let isNo = false
  const { idle, done } = theme.prefix
  return {
    transformer: (yes: boolean): string => {
      isNo = !yes
      return yes ? 'Yes' : 'No'
    },
    theme: {
      ...theme,
      prefix: {
        idle,
        get done() {
          return isNo ? idle : done
        },
      },
    },
  }
}

/**
 * Passes errors of the check to `fail`, because Inquirer ignores them. Drops a result that comes after the question has
 * ended, because Inquirer would write it to a closed terminal, which throws from Node 24 on.
 */
const textConfig = (question: TextQuestion, ended: AbortSignal, fail: Fail) => ({
  ...basicsOf(question),
  validate: (text: string) =>
    new Promise<string | true>((resolve) => {
      const checked = Promise.resolve(text.trim()).then(question.validate)
      checked.then((objection) => ended.aborted || resolve(objection ?? true), fail)
    }),
})

const SELECT_LINES = 12

const selectConfig = <T>(question: ChoiceQuestion<T>, width: number) => {
  const rows = question.choices.map(rowOf)
  const fits = rows.every(({ name }) => columnsOf(name) + CURSOR_COLUMNS < width)
  return {
    ...basicsOf(question),
    choices: fits ? rows : question.choices.map((choice) => ({ ...rowOf(choice), name: stacked(choice, width) })),
    pageSize: SELECT_LINES,
    loop: false,
  }
}

const rowOf = <T>({ value, label, detail }: Choice<T>) => ({
  value,
  name: detail === undefined ? label : `${label}  ${detail}`,
  short: label,
})

const CURSOR_COLUMNS = 2
/** The label with its detail below. */
const stacked = ({ label, detail }: Choice<unknown>, width: number): string =>
  [label, ...paragraph(detail ?? '', width - 1, 2 * CURSOR_COLUMNS)].join('\n')

/**
 * Opens a prompt and translates its errors. After Ctrl-D, readline closes its input without an event for the prompt, which
 * would never end, so Ctrl-D interrupts the run.
 */
async function answerOf<T>(
  io: Io,
  stop: AbortSignal,
  open: (context: PromptContext, fail: Fail) => Promise<T>,
): Promise<T> {
  const left = new AbortController()
  const fail: Fail = (error) => left.abort(error)
  const leave = (): void => fail(new Interruption('SIGINT'))
  for (const event of ['pause', 'end', 'close']) io.stdin.once(event, leave)
  const signal = AbortSignal.any([stop, left.signal])
  try {
    return await open({ input: io.stdin, output: io.stderr, signal }, fail)
  } catch (error) {
    throw endingOf(error, signal)
  } finally {
    left.abort()
    for (const event of ['pause', 'end', 'close']) io.stdin.off(event, leave)
  }
}

/** Compares names, because a bundle may contain a class twice. */
function endingOf(error: unknown, signal: AbortSignal): unknown {
  if (!(error instanceof Error)) return error
  if (error.name === 'ExitPromptError') return new Interruption('SIGINT')
  return error.name === 'AbortPromptError' ? signal.reason : error
}

/**
 * The choices that contain every word of the term, then those that are always shown. Without a term the default comes
 * first, because the first choice is the one that Enter takes after a term was cleared.
 */
export function matchChoices<T>(
  choices: readonly Choice<T>[],
  term: string | undefined,
  standard?: T,
): readonly Choice<T>[] {
  const words = (term ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const isStandard = ({ value }: Choice<T>) => value === standard
  if (words.length === 0) return [...choices.filter(isStandard), ...choices.filter((choice) => !isStandard(choice))]
  const found = choices.filter((choice) => {
    const text = `${choice.label} ${choice.detail ?? ''}`.toLowerCase()
    return !choice.always && words.every((word) => text.includes(word))
  })
  return [...found, ...choices.filter((choice) => choice.always)]
}

const FRAME_MS = 80
/** Columns for the prefix, the default and a short answer. */
const ROOM_FOR_ANSWER = 16

/** The look of a question. Inquirer itself would choose colors for stdout and ignore `--no-color`. */
function promptTheme({ style, width }: Canvas, question: Drawn, keys: readonly string[]) {
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
            beside(text, question, width)
              .map((line) => paint('faint', line))
              .join('\n'),
      answer: (text: string) => text + paint('faint', reasonBeside(text, question, width)),
      defaultAnswer: (text: string) => paint('faint', `(${text})`),
      error: (text: string) => paint('bad', paragraph(`> ${text}`, width, 0).join('\n')),
      highlight: (text: string) => paint('change', text),
      searchTerm: (text: string) => text,
      keysHelpTip: () => paint('faint', `  ${keys.join('  ')}`),
    },
  }
}

/**
 * The context on the line of the message, or on its own lines if there is no room. A default that does not fit behind it
 * gets a line, too.
 */
function beside(message: string, { context = '', shownDefault }: Drawn, width: number): string[] {
  const ofDefault = shownDefault === undefined ? 0 : columnsOf(` (${shownDefault}) `)
  const taken = columnsOf(message) + columnsOf(context)
  if (taken + Math.max(ROOM_FOR_ANSWER, ofDefault + 4) <= width) return [`  ${context}`]
  const lines = wrap(context, width - ROOM_FOR_ANSWER).map((line) => `  ${line}`)
  return ['', ...lines, ...(columnsOf(lines.at(-1) ?? '') + ofDefault > width ? [' '] : [])]
}

/** The reason of a suggested answer, where there is room on the line of the answer. */
function reasonBeside(answer: string, { message, reason }: Question, width: number): string {
  if (reason?.answer !== answer) return ''
  const text = `  ${reason.text}`
  return PREFIX_COLUMNS + columnsOf(message) + 1 + columnsOf(answer) + columnsOf(text) <= width ? text : ''
}
const PREFIX_COLUMNS = 2

const pointerOf = (glyphs: Glyphs): string => (glyphs.done === 'ok' ? '>' : '❯')
