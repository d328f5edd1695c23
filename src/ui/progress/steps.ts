import type { ApplyEvent, Reporter } from '../../engine/apply.ts'
import type { Write, WriteStep } from '../../engine/plan.ts'
import { Interruption } from '../../lib/errors.ts'
import type { Grid } from '../step-rows.ts'

/** A reporter that lays out its lines as the plan was. */
export interface PlanReporter extends Reporter {
  lineUp(grid: Grid): void
}

/** The words for a step while it runs and after it. */
interface StepWords {
  readonly verb: string
  readonly running: string
  readonly done: string
}

const CREATE: StepWords = { verb: 'create', running: 'creating', done: 'created' }
const UPDATE: StepWords = { verb: 'update', running: 'updating', done: 'updated' }
const DELETE: StepWords = { verb: 'delete', running: 'deleting', done: 'deleted' }
const REGISTER: StepWords = { verb: 'register', running: 'registering', done: 'registered' }

export function wordsOf(step: WriteStep): StepWords {
  if (step.write.op === 'register-provider') return REGISTER
  return { create: CREATE, update: UPDATE, delete: DELETE }[step.action]
}

/** How long Azure usually takes, for operations so slow that a person may worry. */
const USUAL: Readonly<Partial<Record<Write['op'], string>>> = {
  'create-namespace': 'usually 1-2 min in Azure',
  'register-provider': 'usually under 1 min in Azure',
}
export const usualTimeOf = (step: WriteStep): string | undefined =>
  step.action === 'delete' && step.target.kind === 'namespace' ? 'usually under 1 min in Azure' : USUAL[step.write.op]

/** Whether the step is slow and all others wait for it. Even a run that only counts its writes shows it by name. */
export const isMilestone = ({ target }: WriteStep): boolean =>
  target.kind === 'provider' || target.kind === 'group' || target.kind === 'namespace'

/** Applies to the whole run, whichever step gets this answer. */
export const SLOW_DOWN = 'Azure asks to slow down'

/** Why a step waits, in words. Undefined when it is only slow. */
export function waitReasonOf(event: Extract<ApplyEvent, { type: 'waiting' }>): string | undefined {
  switch (event.state.toLowerCase()) {
    case 'throttled':
      return SLOW_DOWN
    case 'unknown principal':
      return 'Microsoft Entra does not show the principal yet'
    case 'retrying':
      return 'trying again'
    default:
      return undefined
  }
}

/** A running time in whole seconds: it changes once a second. */
export const formatRunning = (elapsedMs: number): string => {
  const seconds = Math.floor(elapsedMs / 1_000)
  return seconds < 120 ? `${seconds}s` : `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, '0')}s`
}

/** For a stop that nobody caused with Ctrl+C: nobody is at the keyboard, or the time is over. */
export const STOPPING_ALONE = 'Stopping. Azure keeps working on what it accepted.'
export const STOPPING = `${STOPPING_ALONE} Ctrl+C again to quit now.`

export const stoppingWords = ({ reason }: Extract<ApplyEvent, { type: 'stopping' }>): string =>
  reason instanceof Interruption && reason.kind === 'SIGINT' ? STOPPING : STOPPING_ALONE

/** The plan is out of date, and a new one follows. */
export const OVERTAKEN = 'another run has made it meanwhile; looking again'
