import type { Cost } from '../engine/cost.ts'
import { describe, nounOf, pathOf } from '../engine/plan-types.ts'
import type { Change, DeleteStep, FlagChanges, KeepStep, Plan, Refusal, Shown, Step } from '../engine/plan-types.ts'
import { LIMITS, type LiveTier } from '../spec/limits.ts'
import { renderCost } from './render-cost.ts'
import { stepRows, type StepRow } from './step-rows.ts'
import type { Canvas } from './style.ts'
import { columnsOf, count, pad, paragraph, plain, row } from './text.ts'

export interface PlanView {
  readonly canvas: Canvas
  /** Where it happens, for the title: the subscription's name. */
  readonly where: string
  /** Tier of the namespace, for what is final on it. */
  readonly tier: LiveTier
  /** The whole command line of this run with some flags changed. Never holds a secret. */
  readonly commandFor: (flags: FlagChanges) => string
  /** What it will cost, null when that is not known; left out where nothing costs. */
  readonly cost?: Cost | null
  /** Wall time so far, for the no-op line. */
  readonly elapsed?: string
}

const MOST_UNCHANGED = 5

/** The plan as `plan` prints it, `create` shows it before it asks, and a refusal explains it. Ends without a line break. */
export function renderPlan(plan: Plan, view: PlanView): string {
  const keeps = keepsOf(plan)
  const folds = keeps.length > MOST_UNCHANGED
  const shown = folds ? plan.steps.filter((step) => step.action !== 'keep') : plan.steps
  const rows = [...shown.map(rowOf), ...(folds ? [foldedRow(keeps)] : []), ...noteRows(plan)]
  const lines = [
    ...paragraph(`Plan for ${plain(view.where)}`, view.canvas.width).map((line) =>
      view.canvas.style.paint('strong', line),
    ),
    ...stepRows(rows, view.canvas),
    ...paragraph(footer(plan, view), view.canvas.width),
    ...(view.cost === undefined || plan.outcome === 'no-op'
      ? []
      : row('Cost', renderCost(view.cost, view.tier), view.canvas.width)),
    ...refusalsOf(plan).flatMap((refusal) => ['', ...refusalLines(refusal, view)]),
  ]
  return lines.join('\n')
}

/** `Nothing to do. 5 resources match. No write was sent.` */
export const noOpText = (resources: number, elapsed?: string): string =>
  `Nothing to do. ${count(resources, 'resource')} ${resources === 1 ? 'matches' : 'match'}. No write was sent.` +
  (elapsed === undefined ? '' : `  (${elapsed})`)

/** What this plan does that no later run can undo, one sentence each. */
export function finalSentences(plan: Plan, tier: LiveTier): string[] {
  const writes = plan.steps.flatMap((step) => ('write' in step ? [step.write] : []))
  const sentences: string[] = []
  if (writes.some((write) => write.op === 'create-namespace') && tier === 'Premium')
    sentences.push('A Premium namespace cannot move to another tier.')
  if (writes.some((write) => write.op === 'create-hub') && !LIMITS[tier].canAddPartitions)
    sentences.push(`Partition count is final on ${tier}.`)
  if (writes.some((write) => write.op === 'update-hub' && write.changes.partitions !== undefined))
    sentences.push('Added partitions cannot be removed, and keys map to other partitions from then on.')
  const lost = plan.steps.filter((step) => step.action === 'delete').map(({ target }) => target.kind)
  if (lost.includes('namespace') || lost.includes('hub'))
    sentences.push('The events in it are lost, those of the last minutes too: how many there are, Azure cannot tell.')
  if (lost.includes('consumer-group')) sentences.push('Whoever reads through the consumer group stops reading.')
  return sentences
}

/** What stands in the way of several steps alike is told once. */
export function refusalsOf(plan: Plan): readonly Refusal[] {
  const all = plan.steps.flatMap((step) => (step.action === 'refuse' ? step.refusals : []))
  return [...new Map(all.map((refusal) => [`${refusal.what} ${refusal.because}`, refusal])).values()]
}

/** A value of a plan as people read it. */
export function formatShown(value: Shown): string {
  if (value === null) return 'not set'
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  return plain(String(value)) || '(empty)'
}

function keepsOf(plan: Plan): KeepStep[] {
  const steps: readonly Step[] = plan.steps
  return steps.filter((step) => step.action === 'keep')
}

function rowOf(step: Step): StepRow {
  const about = { noun: nounOf(step.target), name: pathOf(step.target) }
  switch (step.action) {
    case 'create':
      return { sign: '+', word: 'create', tone: 'good', ...about, details: joined(step.details) }
    case 'update':
      return { sign: '~', word: 'update', tone: 'change', ...about, details: changeLines(step.changes) }
    case 'delete':
      return { sign: '-', word: 'delete', tone: 'bad', ...about, details: lines(step) }
    case 'keep':
      return { sign: '=', word: 'unchanged', tone: undefined, ...about, details: joined(step.details) }
    case 'refuse':
      return { sign: '!', word: 'refused', tone: 'bad', ...about, details: changeLines(step.changes) }
  }
}

const MOST_DETAILS = 30
/** What is in a namespace is told line by line, as far as a person reads on. */
function lines({ target, details }: DeleteStep): readonly string[] {
  if (target.kind !== 'namespace') return joined(details)
  const hidden = details.length - MOST_DETAILS
  return hidden > 0 ? [...details.slice(0, MOST_DETAILS), `and ${hidden} more`] : details
}

const joined = (details: readonly string[]): string[] => (details.length === 0 ? [] : [details.join(', ')])

function changeLines(changes: readonly Change[]): string[] {
  const widest = Math.max(0, ...changes.map((change) => columnsOf(change.field)))
  return changes.map(({ field, from, to }) => `${pad(field, widest)} ${formatShown(from)} -> ${formatShown(to)}`)
}

function foldedRow(keeps: readonly KeepStep[]): StepRow {
  const nouns = [...new Set(keeps.map((step) => nounOf(step.target)))]
  const parts = nouns.map((noun) => count(keeps.filter((step) => nounOf(step.target) === noun).length, noun))
  const noun = count(keeps.length, 'resource')
  return { sign: '=', word: 'unchanged', tone: undefined, noun, name: '', details: [parts.join(', ')] }
}

const noteRows = (plan: Plan): StepRow[] =>
  plan.notes.map(({ target, text }) => ({
    sign: '*',
    word: 'note',
    tone: 'warn',
    noun: nounOf(target),
    name: pathOf(target),
    details: [text],
  }))

function footer(plan: Plan, view: PlanView): string {
  const keeps = keepsOf(plan).length
  if (plan.outcome === 'no-op') return noOpText(keeps, view.elapsed)
  const number = (action: Step['action']) => plan.steps.filter((step) => step.action === action).length
  const parts = [
    [number('create'), 'to create'],
    [number('update'), 'to update'],
    [number('delete'), 'to delete'],
    [number('refuse'), 'refused'],
    [keeps, 'unchanged'],
  ] as const
  const counts = parts.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`)
  const last = plan.outcome === 'refused' ? ['Nothing was written.'] : finalSentences(plan, view.tier)
  return [`${counts.join(', ')}.`, ...last].join(' ')
}

function refusalLines(refusal: Refusal, { canvas, commandFor }: PlanView): string[] {
  const { style, width } = canvas
  const [first = '', ...more] = paragraph(plain(refusal.what), width)
  const ways = refusal.waysOut.flatMap(({ text, flags, command }) => [
    ...paragraph(plain(text), width, 4),
    ...(flags ? [`      ${commandFor(flags)}`] : []),
    ...(command === undefined ? [] : [`      ${plain(command)}`]),
  ])
  return [
    `${style.paint('bad', style.glyphs.failed)} ${first.trimStart()}`,
    ...more,
    ...paragraph(plain(refusal.because), width),
    ...(refusal.link === undefined ? [] : [`  ${refusal.link}`]),
    ...(ways.length === 0 ? [] : ['  Ways out:', ...ways]),
  ]
}

/** `hub a, hub b and 12 more`. */
export function listTargets(steps: readonly Pick<Step, 'target'>[], most = 10): string {
  const shown = steps.slice(0, most).map((step) => plain(describe(step.target)))
  const hidden = steps.length - shown.length
  return shown.join(', ') + (hidden > 0 ? ` and ${hidden} more` : '')
}
