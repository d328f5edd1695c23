import type { Cost } from '../sizing/cost.ts'
import type { Connection } from '../engine/connection.ts'
import { pathOf, type Target } from '../resources/step.ts'
import type { Step } from '../engine/step.ts'
import { type Plan } from '../engine/plan.ts'
import type { ApplyReport } from '../engine/report.ts'
import { KEY_OF_STAGE, type Stage } from '../engine/rotation.ts'
import type { Verification } from '../engine/verification.ts'
import { type Failure, type Interruption } from '../lib/errors.ts'
import { EXIT, exitCodeOf, type ExitCode } from './exit.ts'
import type {
  ChangeEntry,
  EnvironmentsDocument,
  EnvironmentsResult,
  DocumentCommand,
  LocalDocument,
  LocalStatus,
  ManifestEntry,
  NoteEntry,
  OutputDocument,
  ResourceEntry,
  Result,
  RotationDocument,
  TargetEntry,
  VerifyDocument,
} from './document-types.ts'
import { errorEntry, type ErrorEntry } from './error-entry.ts'
import { viewOf, type About } from './error-view.ts'
import { connectionEntry } from './connection/json.ts'
import { isComplete } from './render-report.ts'
import { afterStage } from './render-rotation.ts'
import { changesOf, detailsOf, notesOf, refusalsIn, refusalsOf } from './told.ts'
import type { Speller } from './spell.ts'

/** Raised when a key goes away or changes its meaning; new keys come without. */
const SCHEMA_VERSION = 1

export const stringifyDocument = (
  document: OutputDocument | EnvironmentsDocument | VerifyDocument | RotationDocument | LocalDocument,
): string => JSON.stringify(document, null, 2)

const EMPTY = {
  schemaVersion: SCHEMA_VERSION,
  target: null,
  changes: [],
  notes: [],
  cost: null,
  connections: [],
  error: null,
} as const

interface PlanFacts {
  readonly command: DocumentCommand
  readonly plan: Plan
  readonly target: TargetEntry
  readonly speller: Speller
  readonly cost?: Cost | null | undefined
  readonly manifest?: ManifestEntry | undefined
}

/** The document of `plan`, and of a `create` that wrote nothing. `connections` are given when nothing was left to do. */
export function planDocument(
  facts: PlanFacts & {
    /** 5 for `plan --exit-code` with changes pending; otherwise the outcome decides. */
    readonly exitCode?: ExitCode
    readonly connections?: readonly Connection[]
    readonly reveal?: boolean
  },
): OutputDocument {
  const { command, plan, target } = facts
  const refused = plan.outcome === 'refused'
  return {
    ...EMPTY,
    command,
    result: ({ 'no-op': 'unchanged', applicable: 'planned', refused: 'refused' } as const)[plan.outcome],
    exitCode: facts.exitCode ?? (refused ? EXIT.refused : EXIT.ok),
    target,
    ...manifestKey(facts.manifest),
    changes: plan.steps.map((step) => changeEntry(step, facts.speller)),
    notes: noteEntries(plan, facts.speller),
    cost: refused ? null : (facts.cost ?? null),
    connections: (facts.connections ?? []).map((one) => connectionEntry(one, { reveal: facts.reveal ?? false })),
    error: refused ? refusalError(plan, facts.speller) : null,
  }
}

export interface ApplyFacts extends PlanFacts {
  readonly report: ApplyReport
  readonly interruption?: Interruption | undefined
  readonly about: About
  readonly connections: readonly Connection[]
  /** Why the connections are not there, although everything was written. */
  readonly unread?: Failure | undefined
  readonly reveal: boolean
}

/** The document of a run that wrote. */
export function applyDocument(facts: ApplyFacts): OutputDocument {
  const { command, plan, report, target, about, unread } = facts
  const failure = unread ?? report.failed[0]?.error
  return {
    ...EMPTY,
    command,
    ...(unread ? { result: 'partial', exitCode: exitCodeOf(unread) } : outcomeOf(report, facts.interruption)),
    target,
    ...manifestKey(facts.manifest),
    changes: plan.steps.map((step) => ({ ...changeEntry(step, facts.speller), ...progressOf(step, facts) })),
    notes: noteEntries(plan, facts.speller),
    cost: facts.cost ?? null,
    connections: facts.connections.map((one) => connectionEntry(one, { reveal: facts.reveal })),
    error:
      interruptionError(report, facts.interruption, about) ??
      (failure ? errorEntry(viewOf(failure, about, facts.speller)) : null),
  }
}

/** How a run that wrote ends. */
export function outcomeOf(
  report: ApplyReport,
  interruption: Interruption | undefined,
): { readonly result: Result; readonly exitCode: ExitCode } {
  if (isComplete(report)) return { result: 'changed', exitCode: EXIT.ok }
  const touched = report.done.length + report.leftRunning.length > 0
  if (interruption) {
    const untouched = interruption.kind === 'timeout' ? 'failed' : 'cancelled'
    return { result: touched ? 'partial' : untouched, exitCode: exitCodeOf(interruption) }
  }
  if (touched) return { result: 'partial', exitCode: EXIT.partial }
  return { result: 'failed', exitCode: report.failed[0] ? exitCodeOf(report.failed[0].error) : EXIT.azure }
}

/** The document of a run that ended with an error before it wrote anything. */
export function errorDocument(facts: {
  readonly command: DocumentCommand
  readonly error: unknown
  readonly about: About
  readonly target?: TargetEntry | undefined
  readonly manifest?: ManifestEntry | undefined
  readonly speller?: Speller
}): OutputDocument {
  const view = viewOf(facts.error, facts.about, facts.speller)
  const results: Readonly<Record<string, Result>> = { cancelled: 'cancelled', refused: 'refused' }
  return {
    ...EMPTY,
    command: facts.command,
    result: results[view.code] ?? 'failed',
    exitCode: view.exitCode,
    target: facts.target ?? null,
    ...manifestKey(facts.manifest),
    error: errorEntry(view),
  }
}

/** The document of `plan --all-envs`: one of `plan` for each environment. */
export const environmentsDocument = (
  exitCode: ExitCode,
  answers: readonly { readonly environment: string; readonly document: OutputDocument }[],
): EnvironmentsDocument => ({
  schemaVersion: SCHEMA_VERSION,
  command: 'plan --all-envs',
  result: worstOf(answers.map(({ document }) => document.result)),
  exitCode,
  environments: answers.map(({ environment, document }) => ({ environment, document })),
})

const WORST_FIRST: readonly EnvironmentsResult[] = ['failed', 'refused', 'planned']
const worstOf = (results: readonly Result[]): EnvironmentsResult =>
  WORST_FIRST.find((result) => results.includes(result)) ?? 'unchanged'

const manifestKey = (manifest: ManifestEntry | undefined): Pick<OutputDocument, 'manifest'> =>
  manifest ? { manifest } : {}

/** The document of `show-connection`. Only with `reveal` do the strings stand in it. */
export function connectionDocument(
  connections: readonly Connection[],
  options: { readonly reveal: boolean },
): OutputDocument {
  const [first] = connections
  return {
    ...EMPTY,
    command: 'show-connection',
    result: 'ok',
    exitCode: EXIT.ok,
    target: first
      ? { subscriptionId: first.subscriptionId, resourceGroup: first.resourceGroup, namespace: first.namespace }
      : null,
    connections: connections.map((one) => connectionEntry(one, options)),
  }
}

/** The document of one stage of `rotate-key`, done. */
export const rotationDocument = (facts: {
  readonly target: TargetEntry
  readonly stage: Stage
  readonly connection: Connection
  readonly next: string | null
  readonly reveal: boolean
}): RotationDocument => ({
  schemaVersion: SCHEMA_VERSION,
  command: 'rotate-key',
  result: 'changed',
  exitCode: EXIT.ok,
  target: facts.target,
  stage: facts.stage === '1' ? 1 : 2,
  renewed: KEY_OF_STAGE[facts.stage],
  connections: [connectionEntry(facts.connection, { reveal: facts.reveal })],
  next: facts.next,
  note: afterStage(facts.stage, 'the new string'),
  error: null,
})

export const localDocument = (command: DocumentCommand, status: LocalStatus): LocalDocument => ({
  schemaVersion: SCHEMA_VERSION,
  command,
  result: 'ok',
  exitCode: EXIT.ok,
  ...status,
})

/** The document of `verify`; the error of the first hub that failed stands at its end. */
export function verifyDocument(facts: {
  readonly target: TargetEntry
  readonly verifications: readonly Verification[]
  readonly about: About
}): VerifyDocument {
  const { target, verifications, about } = facts
  const failure = verifications.flatMap(({ steps }) => steps).find(({ error }) => error)?.error
  return {
    schemaVersion: SCHEMA_VERSION,
    command: 'verify',
    result: failure ? 'failed' : 'ok',
    exitCode: failure ? exitCodeOf(failure) : EXIT.ok,
    target,
    verifications: verifications.map(({ steps, ...one }) => ({
      ...one,
      steps: steps.map(({ step, state, elapsedMs, detail, reason }) => ({
        ...{ step, state, elapsedMs, detail },
        reason: reason ?? null,
      })),
    })),
    error: failure ? errorEntry(viewOf(failure, about)) : null,
  }
}

const resourceEntry = (target: Target): ResourceEntry => ({
  kind: target.kind,
  name: target.name,
  hub: 'hub' in target ? target.hub : null,
})

const noteEntries = (plan: Plan, speller: Speller): readonly NoteEntry[] =>
  notesOf(plan, speller).map(({ target, text }) => ({ ...resourceEntry(target), text }))

const ACTIONS = {
  create: { action: 'create', state: 'planned' },
  update: { action: 'update', state: 'planned' },
  delete: { action: 'delete', state: 'planned' },
  keep: { action: 'none', state: 'unchanged' },
  refuse: { action: 'refuse', state: 'refused' },
} as const

function changeEntry(step: Step, speller: Speller): ChangeEntry {
  return {
    ...resourceEntry(step.target),
    ...ACTIONS[step.action],
    details: detailsOf(step),
    fields: changesOf(step),
    refusals: refusalsIn(step, speller).map(({ what, because, waysOut, link }) => ({
      what,
      because,
      waysOut: waysOut.map(({ text, command }) => ({ text, command: command ?? null })),
      link: link ?? null,
    })),
    elapsedMs: null,
    error: null,
  }
}

type Progress = Pick<ChangeEntry, 'state' | 'elapsedMs' | 'error'>

function progressOf(
  step: Step,
  { report, about, speller }: { readonly report: ApplyReport; readonly about: About; readonly speller: Speller },
): Progress | undefined {
  const done = report.done.find((one) => one.step === step)
  if (done) return { state: 'done', elapsedMs: Math.round(done.elapsedMs), error: null }
  const failed = report.failed.find((one) => one.step === step)
  if (failed) return { state: 'failed', elapsedMs: null, error: errorEntry(viewOf(failed.error, about, speller)) }
  if (report.leftRunning.some((one) => one === step)) return { state: 'running', elapsedMs: null, error: null }
  if (report.notStarted.some((one) => one === step)) return { state: 'not-started', elapsedMs: null, error: null }
  return undefined
}

const NO_ERROR = { why: [], hint: null, azure: null, missing: [], invalid: [] } as const

function refusalError(plan: Plan, speller: Speller): ErrorEntry {
  const refusals = refusalsOf(plan, speller)
  return {
    ...NO_ERROR,
    code: 'refused',
    message: refusals[0]?.what ?? 'Azure cannot make these changes',
    why: refusals.map((refusal) => refusal.because),
    hint: refusals[0]?.waysOut[0]?.text ?? null,
  }
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
    ...errorEntry(viewOf(interruption, about)),
    message: interruption.kind === 'timeout' ? "Can't finish: the time of --timeout is over" : 'Interrupted',
    why: left.length === 0 ? [] : [`Not finished: ${left.join(', ')}`],
    hint: 'Run the same command again to finish.',
  }
}
