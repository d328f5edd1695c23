import type { Fit } from '../resources/load/fit.ts'
import { describe } from '../resources/step.ts'
import type { Step, Plan } from '../engine/plan.ts'
import type { LiveTier } from '../lib/limits.ts'
import type { Cost } from '../sizing/cost.ts'
import type { ErrorEntry } from './document-schema.ts'
import { renderFit } from './render-fit.ts'
import { costRows, costSentences } from './render-cost.ts'
import { formatShown } from './render-plan.ts'
import { plain } from './text.ts'
import { changesOf, detailsOf, notesOf, refusalsOf } from './told.ts'
import type { Speller } from './spell.ts'

/** The outcome of the plan of one target, for the summary page of a CI run. */
export type Summary =
  | {
      readonly kind: 'planned'
      readonly plan: Plan
      /** The title of the plan: where it applies. */
      readonly title: string
      readonly speller: Speller
      /** How the load fits, if there is one. */
      readonly fit?: Fit | undefined
      /** Left out where nothing is charged. A null cost is unknown. */
      readonly priced?: { readonly cost: Cost | null; readonly tier: LiveTier } | undefined
    }
  | { readonly kind: 'error'; readonly error: ErrorEntry }
  /** The run ended before it reached this environment. */
  | { readonly kind: 'not-reached' }

export interface EnvironmentSummary {
  readonly environment: string
  readonly summary: Summary
}

/** The plan of one target in Markdown. */
export const renderSummary = (summary: Summary): string => section('Plan', summary)

/** The plans of all environments in Markdown: a table of the results, then a section for each environment. */
export function renderEnvironments(environments: readonly EnvironmentSummary[]): string {
  const rows = environments.map(({ environment, summary }) => [environment, resultOf(summary), inShort(summary)])
  const head = ['## Plan of all environments', '', ...table(['Environment', 'Result', 'In short'], rows)]
  const reached = environments.filter(({ summary }) => summary.kind !== 'not-reached')
  return `${head.join('\n')}\n\n` + reached.map(({ environment, summary }) => section(environment, summary)).join('')
}

function section(name: string, summary: Summary): string {
  const blocks = summary.kind === 'planned' ? planBlocks(summary) : summary.kind === 'error' ? errorBlocks(summary) : []
  return [[`### ${text(name)}: ${resultOf(summary)}`], ...blocks].map((lines) => `${lines.join('\n')}\n\n`).join('')
}

/** The result in one or two fixed words, which a nightly job can match. */
function resultOf(summary: Summary): string {
  if (summary.kind === 'not-reached') return 'not checked'
  if (summary.kind === 'planned')
    return ({ 'no-op': 'unchanged', applicable: 'drifted', refused: 'refused' } as const)[summary.plan.outcome]
  const { code } = summary.error
  return code === 'refused' ? 'refused' : problemsOf(summary.error).length > 0 ? 'not valid' : 'failed'
}

const COUNTED = { create: 'to create', update: 'to update', delete: 'to delete', refuse: 'refused', keep: 'unchanged' }

function inShort(summary: Summary): string {
  if (summary.kind === 'not-reached') return ''
  if (summary.kind === 'error') return sentences([summary.error.message, ...problemsOf(summary.error)])
  const { plan, speller } = summary
  if (plan.outcome === 'refused') return sentences(refusalsOf(plan, speller).map(({ what }) => what))
  const steps: readonly Step[] = plan.steps
  const counts = (Object.keys(COUNTED) as Step['action'][]).map(
    (action) => [steps.filter((step) => step.action === action).length, COUNTED[action]] as const,
  )
  return counts.flatMap(([number, what]) => (number > 0 ? [`${number} ${what}`] : [])).join(', ')
}

const MOST_SENTENCES = 3
const sentences = (all: readonly string[]): string => capped(all, MOST_SENTENCES, (more) => more).join('. ')

/** GitHub drops a page above 1 MiB. No person reads that much. */
const MOST_ROWS = 200

type Planned = Extract<Summary, { kind: 'planned' }>

function planBlocks({ plan, title, speller, fit, priced }: Planned): readonly (readonly string[])[] {
  const steps: readonly Step[] = plan.steps
  const rows = steps.flatMap(rowsOf)
  const notes = notesOf(plan, speller).map(({ target, text: said }) => `- ${text(`${describe(target)} ${said}`)}`)
  const refusals = refusalsOf(plan, speller).map(({ what, because, waysOut, link }) => [
    `**${text(what)}**`,
    '',
    [text(because), ...(link === null ? [] : [link])].join(' '),
    ...(waysOut.length === 0 ? [] : ['', 'What you can do:', '']),
    ...waysOut.map((way) => `- ${text(way.text)}${way.command === null ? '' : `: ${code(way.command)}`}`),
  ])
  return [
    [text(title)],
    ...(rows.length === 0
      ? []
      : [
          table(
            ['Change', 'Resource', 'Field', 'From', rows.some(([, , field]) => field !== '') ? 'To' : 'Details'],
            capped(rows, MOST_ROWS, (more) => [more]),
          ),
        ]),
    ...(fit ? [[`Load: ${text(renderFit(fit))}`]] : []),
    ...(priced && plan.outcome === 'applicable' ? costBlocks(priced, speller) : []),
    ...(notes.length === 0 ? [] : [['Notes:', '', ...capped(notes, MOST_ROWS, (more) => `- ${more}`)]]),
    ...capped(refusals, MOST_ROWS, (more) => [more]),
  ]
}

/** What it costs in sentences, and its parts in a table if there are several. */
function costBlocks({ cost, tier }: NonNullable<Planned['priced']>, speller: Speller): readonly (readonly string[])[] {
  const sentences = costSentences(cost, tier, speller, { withParts: false }).map(text).join('; ')
  const parts = cost && cost.parts.length > 1 ? [table(['Cost of', 'A month', 'At most'], costRows(cost))] : []
  return [[`Cost: ${sentences}`], ...parts]
}

/** A row for each change. A resource that already matches has none. */
function rowsOf(step: Step): readonly (readonly string[])[] {
  if (step.action === 'keep') return []
  const head = [step.action === 'refuse' ? 'refused' : step.action, describe(step.target)]
  const changes = changesOf(step).map(({ field, from, to }) => [...head, field, formatShown(from), formatShown(to)])
  return changes.length > 0 ? changes : [[...head, '', '', detailsOf(step).join(', ')]]
}

const errorBlocks = ({ error }: Extract<Summary, { kind: 'error' }>): readonly (readonly string[])[] => [
  [text(error.message)],
  [...error.why, ...problemsOf(error), ...(error.hint?.split('\n') ?? [])].map((line) => `- ${text(line)}`),
]

const problemsOf = ({ missing, invalid }: ErrorEntry): readonly string[] =>
  [...missing, ...invalid].map(({ flag, message }) => `${flag} ${message}`)

/** The first `most` entries, then how many more there are. */
function capped<T>(all: readonly T[], most: number, tellMore: (more: string) => T): readonly T[] {
  const hidden = all.length - most
  return hidden > 0 ? [...all.slice(0, most), tellMore(`and ${hidden} more`)] : all
}

/** A column without entries is left out. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const isFilled = (_: string, i: number) => rows.some((cells) => (cells[i] ?? '') !== '')
  const lines = [heads, heads.map(() => '---'), ...rows.map((cells) => cells.map(text))]
  return lines.map((cells) => `| ${cells.filter(isFilled).join(' | ')} |`)
}

/** The text on one line, with Markdown characters escaped. */
const text = (raw: string): string =>
  plain(raw)
    .replace(/[|\\`<>*_[\]~$#]/g, '\\$&')
    .replace(/\s+/g, ' ')

/** A command as inline code. The fence is longer than any run of backticks in the command. */
function code(command: string): string {
  const longest = Math.max(0, ...(command.match(/`+/g) ?? []).map((run) => run.length))
  const fence = '`'.repeat(longest + 1)
  const space = longest > 0 ? ' ' : ''
  return `${fence}${space}${plain(command)}${space}${fence}`
}
