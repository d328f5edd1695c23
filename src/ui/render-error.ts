import { redact } from '../lib/secret.ts'
import type { ErrorEntry } from './document-schema.ts'
import { viewOf, type About } from './error-view.ts'
import type { Speller } from './spell.ts'
import { type Canvas, columnsOf, pad, paragraph, wrap } from './text.ts'

interface ErrorContext {
  readonly canvas: Canvas
  readonly about: About
  readonly speller?: Speller
  /** Prints the stack of a bug. */
  readonly debug?: boolean
  /** Other facts about this machine that may explain the error, one line each. They are printed before the hint. */
  readonly remarks?: readonly string[]
}

/** What failed, why, and on the last line what to type next. Ends without a line break. */
export function renderError(error: unknown, { canvas, about, speller, debug, remarks = [] }: ErrorContext): string {
  const view = viewOf(error, about, speller)
  const stack = debug && view.code === 'bug' && error instanceof Error ? redact(error.stack ?? '').split('\n') : []
  const more = [...stack.map((line) => `  ${line}`), ...remarks.flatMap((line) => paragraph(line, canvas.width))]
  return errorLines(view, canvas, more).join('\n')
}

/** The lines of an error. `more` goes before the hint. */
export function errorLines(view: ErrorEntry, canvas: Canvas, more: readonly string[] = []): string[] {
  const tables = [
    ...(view.missing.length === 0 ? [] : ['', ...missingTable(view.missing, canvas)]),
    ...(view.invalid.length === 0 ? [] : ['', ...invalidTable(view.invalid, canvas)]),
  ]
  return [
    ...headline(view, canvas),
    ...view.why.flatMap((line) => paragraph(line, canvas.width)),
    ...azureLines(view.azure, view.why.length > 0, canvas.width),
    ...tables,
    ...(tables.length > 0 ? [''] : []),
    ...more,
    ...hintLines(view.hint, canvas.width),
  ]
}

/** The first line. A cancelled run is not an error, so that its line has no failure mark. */
function headline(view: ErrorEntry, { style, width }: Canvas): string[] {
  if (view.code === 'cancelled') return paragraph(view.message, width)
  const [first = '', ...more] = paragraph(view.message, width)
  return [`${style.paint('bad', style.glyphs.failed)} ${first.trimStart()}`, ...more]
}

const MOST_AZURE_LINES = 3

/** Azure's codes and ids, for support. Azure's own message is shown only where we have no explanation. */
function azureLines(azure: ErrorEntry['azure'], explained: boolean, width: number): string[] {
  if (!azure) return []
  const parts = [
    azure.code,
    azure.status === null ? null : `HTTP ${azure.status}`,
    azure.requestId === null ? null : `request ${azure.requestId}`,
    azure.correlationId === null || azure.correlationId === azure.requestId
      ? null
      : `correlation ${azure.correlationId}`,
  ].filter((part) => part !== null)
  const said = explained || azure.message === null ? [] : paragraph(`Azure says: ${azure.message}`, width)
  const facts = parts.length === 0 ? [] : paragraph(`Azure: ${parts.join(', ')}`, width)
  return [...said.slice(0, MOST_AZURE_LINES), ...facts]
}

const COMMAND_AFTER_COLON = /: (?=(?:npx|npm|az|azd|ml-ingest|Connect-AzAccount)\b)/

/** Wraps prose. A command is never broken: where it does not fit, it gets a line of its own. */
export function hintLines(hint: string | null, width: number): string[] {
  if (hint === null) return []
  const [prose = '', ...commands] = hint.split('\n')
  const [before, ...after] = prose.split(COMMAND_AFTER_COLON)
  const split = after.length > 0 && columnsOf(prose) + 2 > width
  const lines = split ? [...paragraph(`${before}:`, width), `  ${after.join(': ')}`] : paragraph(prose, width)
  return [...lines, ...commands.map((line) => `  ${line}`)]
}

const HEADS = ['Missing', 'Flag', 'Environment', 'Example'] as const

/**
 * A table of four columns; three if they do not fit (the hint also shows example values); otherwise stacked lines. A column
 * without entries is left out.
 */
function missingTable(missing: ErrorEntry['missing'], { style, width }: Canvas): string[] {
  const cells = missing.map(({ input, onlyIf, flag, env, example }) => [
    ...[onlyIf === null ? input : `${input} (${onlyIf})`, flag, env ?? '', example ?? ''],
  ])
  const all = [HEADS, ...cells]
  const filled = HEADS.map((_, i) => i).filter((i) => cells.some((line) => line[i] !== ''))
  const widthOf = (i: number) => Math.max(...all.map((line) => columnsOf(line[i]!))) + 2
  const draw = (columns: number) => {
    const shown = filled.filter((i) => i < columns).map((i) => ({ i, width: widthOf(i) }))
    return all.map((line) => `  ${shown.map(({ i, width: wide }) => pad(line[i]!, wide)).join('')}`.trimEnd())
  }
  const fitting = [draw(4), draw(3)].find((table) => table.every((line) => columnsOf(line) <= width))
  const [head = '', ...lines] = fitting ?? ['  Missing', ...cells.flatMap(stackedCells)]
  return [style.paint('strong', head), ...lines]
}

const stackedCells = ([input = '', ...rest]: readonly string[]): string[] => [
  `  ${input}`,
  ...rest.flatMap((cell, i) => (cell === '' ? [] : [`    ${pad(HEADS[i + 1]!.toLowerCase(), 13)}${cell}`])),
]

const MOST_FLAG_COLUMNS = 30
const LEAST_MESSAGE_COLUMNS = 30

function invalidTable(invalid: ErrorEntry['invalid'], { style, width }: Canvas): string[] {
  const widest = Math.max(...invalid.map((problem) => columnsOf(problem.flag)))
  const indent = Math.min(widest, MOST_FLAG_COLUMNS) + 4
  const beside = width - indent >= LEAST_MESSAGE_COLUMNS
  const lines = invalid.flatMap(({ flag, message }) => {
    if (!beside) return [`  ${flag}`, ...paragraph(message, width, 4)]
    const wrapped = wrap(message, width - indent).map((text) => ' '.repeat(indent) + text)
    if (columnsOf(flag) + 4 > indent) return [`  ${flag}`, ...wrapped]
    const [first = '', ...more] = wrapped
    return [`  ${pad(flag, indent - 2)}${first.trimStart()}`, ...more]
  })
  return [style.paint('strong', '  Not valid'), ...lines]
}
