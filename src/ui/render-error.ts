import type { AzureDetail, Problem } from '../lib/errors.ts'
import { viewOf, type About, type ErrorView } from './error-view.ts'
import type { Speller } from './spell.ts'
import type { Canvas } from './style.ts'
import { columnsOf, pad, paragraph, wrap } from './text.ts'

interface ErrorContext {
  readonly canvas: Canvas
  readonly about: About
  readonly speller?: Speller
  /** Prints the stack of a bug. */
  readonly debug?: boolean
  /** What else may explain it on this machine, one line each; printed before the hint. */
  readonly remarks?: readonly string[]
}

/** What failed, why, and last the line to type next. Ends without a line break. */
export const renderError = (error: unknown, context: ErrorContext): string =>
  errorLines(viewOf(error, context.about, context.speller), context).join('\n')

export function errorLines(view: ErrorView, context: Omit<ErrorContext, 'about'>): string[] {
  const { canvas } = context
  const tables = problemTables(view.problems, canvas)
  return [
    ...headline(view, canvas),
    ...view.why.flatMap((line) => paragraph(line, canvas.width)),
    ...azureLines(view.azure, view.why.length > 0, canvas.width),
    ...tables,
    ...(tables.length > 0 ? [''] : []),
    ...(context.debug && view.stack !== undefined ? view.stack.split('\n').map((line) => `  ${line}`) : []),
    ...(context.remarks ?? []).flatMap((line) => paragraph(line, canvas.width)),
    ...hintLines(view.hint, canvas.width),
  ]
}

/** A person who cancelled made no error: no mark. */
function headline(view: ErrorView, { style, width }: Canvas): string[] {
  if (view.code === 'cancelled') return paragraph(view.message, width)
  const [first = '', ...more] = paragraph(view.message, width)
  return [`${style.paint('bad', style.glyphs.failed)} ${first.trimStart()}`, ...more]
}

const MOST_AZURE_LINES = 3

/** For support; Azure's own sentence only where we have none. */
function azureLines(azure: AzureDetail | undefined, explained: boolean, width: number): string[] {
  if (!azure) return []
  const parts = [
    azure.code,
    azure.status === undefined ? undefined : `HTTP ${azure.status}`,
    azure.requestId === undefined ? undefined : `request ${azure.requestId}`,
    azure.correlationId === undefined || azure.correlationId === azure.requestId
      ? undefined
      : `correlation ${azure.correlationId}`,
  ].filter((part) => part !== undefined)
  const said = explained || azure.message === undefined ? [] : paragraph(`Azure says: ${azure.message}`, width)
  const facts = parts.length === 0 ? [] : paragraph(`Azure: ${parts.join(', ')}`, width)
  return [...said.slice(0, MOST_AZURE_LINES), ...facts]
}

const COMMAND_AFTER_COLON = /: (?=(?:npx|npm|az|azd|ml-ingest|Connect-AzAccount)\b)/

/** Prose is wrapped; a command stays in one piece, on its own line where it does not fit. */
export function hintLines(hint: string | undefined, width: number): string[] {
  if (hint === undefined) return []
  const [prose = '', ...commands] = hint.split('\n')
  const [before, ...after] = prose.split(COMMAND_AFTER_COLON)
  const split = after.length > 0 && columnsOf(prose) + 2 > width
  const lines = split ? [...paragraph(`${before}:`, width), `  ${after.join(': ')}`] : paragraph(prose, width)
  return [...lines, ...commands.map((line) => `  ${line}`)]
}

function problemTables(problems: readonly Problem[], canvas: Canvas): string[] {
  const missing = problems.filter((problem) => problem.kind === 'missing')
  const invalid = problems.filter((problem) => problem.kind === 'invalid')
  return [
    ...(missing.length === 0 ? [] : ['', ...missingTable(missing, canvas)]),
    ...(invalid.length === 0 ? [] : ['', ...invalidTable(invalid, canvas)]),
  ]
}

const HEADS = ['Missing', 'Flag', 'Environment', 'Example'] as const

/** Four columns, else three (the hint's command line shows values too), else stacked. */
function missingTable(missing: readonly Problem[], { style, width }: Canvas): string[] {
  const cells = missing.map((problem) => [problem.input, problem.flag, problem.env ?? '', problem.example ?? ''])
  const all = [HEADS, ...cells]
  const widths = HEADS.map((_, i) => Math.max(...all.map((line) => columnsOf(line[i]!))) + 2)
  const draw = (columns: number) =>
    all.map((line) =>
      `  ${line
        .slice(0, columns)
        .map((cell, i) => pad(cell, widths[i]!))
        .join('')}`.trimEnd(),
    )
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

function invalidTable(invalid: readonly Problem[], { style, width }: Canvas): string[] {
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
