import type { NoOpPlan, Plan, Step, WriteStep } from '../engine/plan.ts'
import { isUnknownPrincipal, type FailedStep, type ApplyReport } from '../engine/apply.ts'
import { describe, pathOf } from '../resources/step.ts'
import type { Connection } from '../engine/connection.ts'
import { formatElapsed } from '../lib/duration.ts'
import { PLAN_OUTDATED, type Failure, type Interruption } from '../lib/errors.ts'
import { connectionEntries } from './connection/formats.ts'
import type { ChangeEntry, ErrorEntry, OutputDocument } from './document-schema.ts'
import { runDocument } from './document.ts'
import { type About, viewOf } from './error-view.ts'
import { EXIT, exitCodeOf } from './exit.ts'
import { errorLines, hintLines } from './render-error.ts'
import { listTargets, planParts, type PlanFacts } from './render-plan.ts'
import type { Speller } from './spell.ts'
import { type Canvas, count, paragraph, plain, row } from './text.ts'
import { detailsOf, notesOf } from './told.ts'

interface ReportView {
  readonly canvas: Canvas
  readonly about: About
  /** Spells the flags and commands that the failures name. */
  readonly speller?: Speller
  /** How many resources the plan did not change. */
  readonly unchanged: number
  /** What stopped the run early, if anything did. */
  readonly interruption?: Interruption | undefined
}

/** Whether every write of the plan is done. */
export const isComplete = (report: ApplyReport): boolean =>
  report.failed.length + report.leftRunning.length + report.notStarted.length === 0

/** The result of each write. Unless all succeeded, the last line says what to do next. */
export function renderReport(report: ApplyReport, view: ReportView): string {
  if (isComplete(report)) return summaryLine(report, view.unchanged)
  const groups = groupFailures(report.failed)
  const lines = [
    ...(view.interruption?.kind === 'timeout' ? timeoutLines(view.canvas) : []),
    ...groups.flatMap((group) => [...failureLines(group, view), '']),
    ...progressRows(report, view.canvas.width),
    ...lastLines(groups, view),
  ]
  return lines.join('\n')
}

/** `  4 created, 1 updated, 2 unchanged  (1m 12s)`. */
function summaryLine(report: ApplyReport, unchanged: number): string {
  const number = (action: WriteStep['action']) => report.done.filter(({ step }) => step.action === action).length
  const parts = [
    [number('create'), 'created'],
    [number('update'), 'updated'],
    [number('delete'), 'deleted'],
    [unchanged, 'unchanged'],
  ] as const
  const counts = parts.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`)
  return `  ${counts.join(', ')} (${formatElapsed(report.elapsedMs)})`
}

const timeoutLines = ({ style, width }: Canvas): string[] => [
  `${style.paint('bad', style.glyphs.failed)} Can't finish: the time limit (--timeout) was reached`,
  ...paragraph('Azure keeps working on what it accepted.', width),
  '',
]

function progressRows(report: ApplyReport, width: number): string[] {
  const rows = [
    ['Done', report.done.map(({ step }) => step)],
    ['Failed', report.failed.map(({ step }) => step)],
    ['Still running', report.leftRunning],
    ['Not started', report.notStarted],
  ] as const
  return rows.flatMap(([label, steps]) => (steps.length === 0 ? [] : row(label, listTargets(steps), width)))
}

/** Groups failures by their cause, so that each cause is printed once. */
function groupFailures(failed: readonly FailedStep[]): readonly (readonly FailedStep[])[] {
  const groups = new Map<string, FailedStep[]>()
  for (const one of failed) {
    const { azure, why, hint } = one.error
    const cause = JSON.stringify([one.step.action, azure?.code, azure?.status, why, hint])
    groups.set(cause, [...(groups.get(cause) ?? []), one])
  }
  return [...groups.values()]
}

function failureLines(group: readonly FailedStep[], { canvas, about, speller }: ReportView): string[] {
  const [first, ...others] = group
  if (!first) return []
  const target =
    others.length === 0
      ? describe(first.step.target)
      : `${describe(first.step.target)} and ${count(others.length, 'other')}`
  const view = viewOf(first.error, about, speller)
  const message = `Failed to ${first.step.action} ${plain(target)}`
  return errorLines({ ...view, message, hint: null }, canvas)
}

function lastLines(
  groups: readonly (readonly FailedStep[])[],
  { canvas: { width }, about, speller }: ReportView,
): string[] {
  const hints = new Set(groups.flatMap(([first]) => (first && viewOf(first.error, about, speller).hint) ?? []))
  const last = hints.size === 0 ? ['Run the same command again to finish.'] : [...hints]
  return last.flatMap((hint) => hintLines(hint, width))
}

/** `Nothing to delete: namespace ns is not there. No write was sent.`, then the resources that stay. */
export function renderNothingToDelete(
  plan: NoOpPlan,
  view: { readonly width: number; readonly elapsed: string; readonly speller: Speller },
): string {
  const absent = notesOf(plan, view.speller).map(({ target, text }) => `${plain(describe(target))} ${text}`)
  const why = absent.length === 0 ? '.' : `: ${absent.join(', ')}.`
  return [
    ...paragraph(`Nothing to delete${why} No write was sent.  (${view.elapsed})`, view.width),
    ...leftRows(plan, view.width),
  ].join('\n')
}

/** The resources that stay, and why: `Kept  resource group rg (not made by ml-ingest)`. */
export function leftRows(plan: Plan, width: number): readonly string[] {
  const steps: readonly Step[] = plan.steps
  const left = steps.flatMap((step) => {
    if (step.action !== 'keep') return []
    const details = step.details.length === 0 ? '' : ` (${detailsOf(step).join(', ')})`
    return [plain(`${describe(step.target)}${details}`)]
  })
  return left.length === 0 ? [] : row('Kept', left.join('; '), width)
}

export interface ApplyFacts extends PlanFacts {
  readonly report: ApplyReport
  readonly interruption?: Interruption | undefined
  readonly about: About
  readonly connections: readonly Connection[]
  /** Why the connections could not be read, although everything was written. */
  readonly unread?: Failure | undefined
  readonly reveal: boolean
}

/** The document of a run that wrote. */
export function applyDocument(facts: ApplyFacts): OutputDocument {
  const { plan, report, interruption, about, speller, reveal, unread } = facts
  const failure = unread ?? report.failed[0]?.error
  const parts = planParts(facts)
  return runDocument({
    ...parts,
    ...(unread ? { result: 'partial', exitCode: exitCodeOf(unread) } : outcomeOf(report, interruption)),
    changes: plan.steps.map((step, i) => ({ ...parts.changes[i]!, ...progressOf(step, facts) })),
    connections: connectionEntries(facts.connections, { reveal }),
    error: interruptionError(report, interruption, about) ?? (failure ? viewOf(failure, about, speller) : null),
  })
}

/** Whether the same command would only be refused again. */
const isRefused = ({ failed }: ApplyReport): boolean =>
  failed.length > 0 &&
  failed.every(({ error }) => error.code === 'refused' && error.reason !== PLAN_OUTDATED && !isUnknownPrincipal(error))

/** The result and the exit code of a run that wrote. */
export function outcomeOf(
  report: ApplyReport,
  interruption: Interruption | undefined,
): Pick<OutputDocument, 'result' | 'exitCode'> {
  if (isComplete(report)) return { result: 'changed', exitCode: EXIT.ok }
  const touched = report.done.length + report.leftRunning.length > 0
  if (interruption) {
    const untouched = interruption.kind === 'timeout' ? 'failed' : 'cancelled'
    return { result: touched ? 'partial' : untouched, exitCode: exitCodeOf(interruption) }
  }
  if (touched) return { result: 'partial', exitCode: isRefused(report) ? EXIT.refused : EXIT.partial }
  return { result: 'failed', exitCode: report.failed[0] ? exitCodeOf(report.failed[0].error) : EXIT.azure }
}

function progressOf(step: Step, { report, about, speller }: ApplyFacts): Partial<ChangeEntry> {
  const done = report.done.find((one) => one.step === step)
  if (done) return { state: 'done', elapsedMs: Math.round(done.elapsedMs) }
  const failed = report.failed.find((one) => one.step === step)
  if (failed) return { state: 'failed', error: viewOf(failed.error, about, speller) }
  if (report.leftRunning.some((one) => one === step)) return { state: 'running' }
  return report.notStarted.some((one) => one === step) ? { state: 'not-started' } : {}
}

function interruptionError(
  report: ApplyReport,
  interruption: Interruption | undefined,
  about: About,
): ErrorEntry | null {
  if (!interruption || isComplete(report)) return null
  const failed = report.failed.map(({ step }) => step)
  const left = [...failed, ...report.leftRunning, ...report.notStarted].map((step) => pathOf(step.target))
  return {
    ...viewOf(interruption, about),
    message: interruption.kind === 'timeout' ? "Can't finish: the time limit (--timeout) was reached" : 'Interrupted',
    why: left.length === 0 ? [] : [`Not finished: ${left.join(', ')}`],
    hint: 'Run the same command again to finish.',
  }
}
