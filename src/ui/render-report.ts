import type { FailedStep, ApplyReport } from '../engine/report.ts'
import { describe } from '../resources/step.ts'
import type { WriteStep } from '../engine/step.ts'
import { formatElapsed } from '../lib/duration.ts'
import type { Interruption } from '../lib/errors.ts'
import { type About, viewOf } from './error-view.ts'
import { errorLines, hintLines } from './render-error.ts'
import { listTargets } from './render-plan.ts'
import type { Speller } from './spell.ts'
import type { Canvas } from './style.ts'
import { count, paragraph, plain, row } from './text.ts'

interface ReportView {
  readonly canvas: Canvas
  readonly about: About
  /** Spells what the failures name. */
  readonly speller?: Speller
  /** How many resources the plan left as they were. */
  readonly unchanged: number
  /** What ended the run early, if anything did. */
  readonly interruption?: Interruption | undefined
}

/** Whether every write of the plan is done. */
export const isComplete = (report: ApplyReport): boolean =>
  report.failed.length + report.leftRunning.length + report.notStarted.length === 0

/** What became of the plan; for anything but complete success with what to do next as the last line. */
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
  return `  ${counts.join(', ')}  (${formatElapsed(report.elapsedMs)})`
}

const timeoutLines = ({ style, width }: Canvas): string[] => [
  `${style.paint('bad', style.glyphs.failed)} Can't finish: the time of --timeout is over`,
  ...paragraph('Azure keeps working on what it accepted.', width),
  '',
]

function progressRows(report: ApplyReport, width: number): string[] {
  const rows = [
    ['Done', report.done.map(({ step }) => step)],
    ['Failed', report.failed.map(({ step }) => step)],
    ['Azure goes on', report.leftRunning],
    ['Not started', report.notStarted],
  ] as const
  return rows.flatMap(([label, steps]) => (steps.length === 0 ? [] : row(label, listTargets(steps), width)))
}

/** Failures with one cause are told once. */
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
  return errorLines({ ...view, message, hint: undefined }, { canvas })
}

function lastLines(
  groups: readonly (readonly FailedStep[])[],
  { canvas: { width }, about, speller }: ReportView,
): string[] {
  const hints = new Set(groups.flatMap(([first]) => (first && viewOf(first.error, about, speller).hint) ?? []))
  const last = hints.size === 0 ? ['Run the same command again to finish.'] : [...hints]
  return last.flatMap((hint) => hintLines(hint, width))
}
