import type { Cost } from '../sizing/cost.ts'
import type { Fit } from '../resources/load/fit.ts'
import { loadEntry, renderFit } from './render-fit.ts'
import { describe, hubOf, nounOf, type DeleteStep, type KeepStep, type Shown, type Target } from '../resources/step.ts'
import type { Connection } from '../engine/connection.ts'
import type { Step, Plan } from '../engine/plan.ts'
import { LIMITS, type LiveTier } from '../lib/limits.ts'
import { connectionEntries } from './connection/formats.ts'
import type {
  ChangeEntry,
  EnvironmentsDocument,
  ErrorEntry,
  ManifestEntry,
  NoteEntry,
  OutputDocument,
  RefusalEntry,
  TargetEntry,
} from './document-schema.ts'
import { runDocument } from './document.ts'
import { EXIT, type ExitCode } from './exit.ts'
import { costSentences } from './render-cost.ts'
import { bestColumns, namesIn, stepRows, type Grid, type StepRow } from './step-rows.ts'
import { type Canvas, columnsOf, count, pad, paragraph, plain, row } from './text.ts'
import { changesOf, detailsOf, notesOf, refusalsOf, refusalsIn } from './told.ts'
import type { Speller } from './spell.ts'

export interface PlanView {
  readonly canvas: Canvas
  /** Where the plan applies, for its title: the name of the subscription. */
  readonly where: string
  /** The manifest, if there is one. The title names it: it is found automatically, which a person may not expect. */
  readonly manifest?: ManifestEntry | undefined
  /** Tier of the namespace. It decides which settings are final. */
  readonly tier: LiveTier
  /** Spells command lines of this run. They never contain a secret. */
  readonly speller: Speller
  /** What the plan will cost. Null when that is not known, left out where nothing is charged. */
  readonly cost?: Cost | null
  /** How the load fits, if there is one. */
  readonly fit?: Fit | undefined
  /** Time since the run began, for the line of a plan with nothing to do. */
  readonly elapsed?: string
}

const MOST_UNCHANGED = 5

/** The plan that `plan` prints and `create` shows before its question, with any refusals. Ends without a line break. */
export function renderPlan(plan: Plan, view: PlanView): string {
  const rows = rowsOf(plan, view)
  const lines = [
    ...paragraph(planTitle(view), view.canvas.width).map((line) => view.canvas.style.paint('strong', line)),
    '',
    ...stepRows(rows, bestColumns(rows, view.canvas.width), view.canvas),
    '',
    ...paragraph(footer(plan, view), view.canvas.width),
    ...(view.fit ? row('Load', renderFit(view.fit), view.canvas.width) : []),
    ...(view.cost === undefined || plan.outcome !== 'applicable' ? [] : costRowsOf(view.cost, view)),
    ...refusalsOf(plan, view.speller).flatMap((refusal) => ['', ...refusalLines(refusal, view)]),
  ]
  return lines.join('\n')
}

const costRowsOf = (cost: Cost | null, { tier, speller, canvas: { width } }: PlanView): readonly string[] =>
  costSentences(cost, tier, speller).flatMap((sentence, i) => row(i === 0 ? 'Cost' : '', sentence, width))

/** The layout of a plan, for the progress of its writes. */
export const gridOf = (plan: Plan, view: PlanView): Grid => ({
  ...bestColumns(rowsOf(plan, view), view.canvas.width),
  nameOf: namesIn(targetsOf(plan)),
})

const targetsOf = (plan: Plan): readonly Target[] => (plan.steps as readonly Step[]).map(({ target }) => target)

function rowsOf(plan: Plan, view: PlanView): readonly StepRow[] {
  const folded = foldedOf(plan)
  const isFolded = new Set<Step>(folded)
  const shown = (plan.steps as readonly Step[]).filter((step) => !isFolded.has(step))
  const nameOf = namesIn(targetsOf(plan))
  return [...shown.map((step) => rowOf(step, nameOf)), ...foldedRow(folded), ...noteRows(plan, nameOf, view)]
}

/** `Plan for subscription 8c1d… (ml-ingest.yaml, environment prod)`. */
export function planTitle({ where, manifest }: Pick<PlanView, 'where' | 'manifest'>): string {
  const environment = manifest?.environment ? `, environment ${manifest.environment}` : ''
  return plain(`Plan for ${where}${manifest ? ` (${manifest.file}${environment})` : ''}`)
}

/** `Nothing to do. 5 resources match. No write was sent.` */
export const noOpText = (resources: number, elapsed?: string): string =>
  `Nothing to do. ${count(resources, 'resource')} ${resources === 1 ? 'matches' : 'match'}. No write was sent.` +
  (elapsed === undefined ? '' : `  (${elapsed})`)

/** The effects of this plan that no later run can undo, one sentence each. */
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
    sentences.push(
      'All events in it are lost, including those of the last minutes. Azure cannot tell how many there are.',
    )
  if (lost.includes('consumer-group')) sentences.push('Clients that use the consumer group can no longer read.')
  return sentences
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
/** Unchanged resources that are only counted, because there are many. Group and namespace are always named. */
function foldedOf(plan: Plan): KeepStep[] {
  const keeps = keepsOf(plan)
  return keeps.length > MOST_UNCHANGED ? keeps.filter(({ target }) => !PLACES.includes(target.kind)) : []
}
const PLACES: readonly Target['kind'][] = ['group', 'namespace']

function rowOf(step: Step, nameOf: Grid['nameOf']): StepRow {
  const about = { noun: nounOf(step.target), name: nameOf(step.target) }
  switch (step.action) {
    case 'create':
      return { sign: '+', word: 'create', tone: 'good', ...about, details: joined(detailsOf(step)) }
    case 'update':
      return { sign: '~', word: 'update', tone: 'change', ...about, details: changeLines(step) }
    case 'delete':
      return { sign: '-', word: 'delete', tone: 'bad', ...about, details: lostLines(step) }
    case 'keep':
      return { sign: '=', word: 'unchanged', tone: undefined, ...about, details: joined(detailsOf(step)) }
    case 'refuse':
      return { sign: '!', word: 'refused', tone: 'bad', ...about, details: changeLines(step) }
  }
}

const MOST_DETAILS = 30
/** What is lost. The contents of a namespace get a line each, up to a number that a person reads. */
function lostLines(step: DeleteStep): readonly string[] {
  const details = detailsOf(step)
  if (step.target.kind !== 'namespace') return joined(details)
  const hidden = details.length - MOST_DETAILS
  return hidden > 0 ? [...details.slice(0, MOST_DETAILS), `and ${hidden} more`] : details
}

const joined = (details: readonly string[]): string[] => (details.length === 0 ? [] : [details.join(', ')])

function changeLines(step: Step): string[] {
  const changes = changesOf(step)
  const widest = Math.max(0, ...changes.map((change) => columnsOf(change.field)))
  return changes.map(({ field, from, to }) => `${pad(field, widest)} ${formatShown(from)} -> ${formatShown(to)}`)
}

function foldedRow(folded: readonly KeepStep[]): StepRow[] {
  if (folded.length === 0) return []
  const nouns = [...new Set(folded.map((step) => nounOf(step.target)))]
  const parts = nouns.map((noun) => count(folded.filter((step) => nounOf(step.target) === noun).length, noun))
  const noun = count(folded.length, 'resource')
  return [{ sign: '=', word: 'unchanged', tone: undefined, noun, name: '', details: [parts.join(', ')] }]
}

const noteRows = (plan: Plan, nameOf: Grid['nameOf'], { speller }: PlanView): StepRow[] =>
  notesOf(plan, speller).map(({ target, text }) => ({
    sign: '*',
    word: 'note',
    tone: 'warn',
    noun: nounOf(target),
    name: nameOf(target),
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

function refusalLines(refusal: RefusalEntry, { canvas }: PlanView): string[] {
  const { style, width } = canvas
  const [first = '', ...more] = paragraph(plain(refusal.what), width)
  const ways = refusal.waysOut.flatMap(({ text, command }) => [
    ...paragraph(plain(text), width, 4),
    ...(command === null ? [] : [`      ${plain(command)}`]),
  ])
  return [
    `${style.paint('bad', style.glyphs.failed)} ${first.trimStart()}`,
    ...more,
    ...paragraph(plain(refusal.because), width),
    ...(refusal.link === null ? [] : [`  ${refusal.link}`]),
    ...(ways.length === 0 ? [] : ['  What you can do:', ...ways]),
  ]
}

/** `hub a, hub b and 12 more`. */
export function listTargets(steps: readonly Pick<Step, 'target'>[], most = 10): string {
  const shown = steps.slice(0, most).map((step) => plain(describe(step.target)))
  const hidden = steps.length - shown.length
  return shown.join(', ') + (hidden > 0 ? ` and ${hidden} more` : '')
}

export interface PlanFacts {
  readonly command: string
  readonly plan: Plan
  readonly target: TargetEntry
  readonly speller: Speller
  readonly cost?: Cost | null | undefined
  readonly fit?: Fit | undefined
  readonly manifest?: ManifestEntry | undefined
}

/** The document of `plan`, and of a `create` that wrote nothing. `connections` are set when there was nothing to do. */
export function planDocument(
  facts: PlanFacts & {
    /** 5 for `plan --exit-code` with changes pending; otherwise the outcome decides. */
    readonly exitCode?: ExitCode
    readonly connections?: readonly Connection[]
    readonly reveal?: boolean
  },
): OutputDocument {
  const { plan, speller, connections = [], reveal = false } = facts
  const refused = plan.outcome === 'refused'
  return runDocument({
    ...planParts(facts),
    result: ({ 'no-op': 'unchanged', applicable: 'planned', refused: 'refused' } as const)[plan.outcome],
    exitCode: facts.exitCode ?? (refused ? EXIT.refused : EXIT.ok),
    cost: refused ? null : (facts.cost ?? null),
    connections: connectionEntries(connections, { reveal }),
    error: refused ? refusalError(plan, speller) : null,
  })
}

/** The parts of the document that describe the plan, whatever its outcome. */
export const planParts = ({ command, plan, target, speller, cost = null, fit, manifest }: PlanFacts) => ({
  ...{ command, target, cost, manifest },
  load: fit ? loadEntry(fit) : null,
  changes: plan.steps.map((step) => changeEntry(step, speller)),
  notes: notesOf(plan, speller).map(({ target, text }): NoteEntry => ({ ...resourceEntry(target), text })),
})

const resourceEntry = (target: Target): Pick<NoteEntry, 'kind' | 'name' | 'hub'> => ({
  ...{ kind: target.kind, name: target.name },
  hub: hubOf(target) ?? null,
})

const ACTIONS = {
  create: { action: 'create', state: 'planned' },
  update: { action: 'update', state: 'planned' },
  delete: { action: 'delete', state: 'planned' },
  keep: { action: 'none', state: 'unchanged' },
  refuse: { action: 'refuse', state: 'refused' },
} as const

const changeEntry = (step: Step, speller: Speller): ChangeEntry => ({
  ...resourceEntry(step.target),
  ...ACTIONS[step.action],
  ...{ details: detailsOf(step), fields: changesOf(step), refusals: refusalsIn(step, speller) },
  ...{ elapsedMs: null, error: null },
})

function refusalError(plan: Plan, speller: Speller): ErrorEntry {
  const refusals = refusalsOf(plan, speller)
  return {
    code: 'refused',
    message: refusals[0]?.what ?? 'Azure cannot make these changes',
    why: refusals.map((refusal) => refusal.because),
    hint: refusals[0]?.waysOut[0]?.text ?? null,
    ...{ azure: null, missing: [], invalid: [] },
  }
}

/** The document of `plan --all-envs`: one of `plan` for each environment. */
export const environmentsDocument = (
  exitCode: ExitCode,
  answers: EnvironmentsDocument['environments'],
): EnvironmentsDocument => ({
  ...{ schemaVersion: 1, command: 'plan --all-envs' },
  result:
    (['failed', 'refused', 'planned'] as const).find((one) =>
      answers.some(({ document }) => document.result === one),
    ) ?? 'unchanged',
  exitCode,
  environments: answers.map(({ environment, document }) => ({ environment, document })),
})
