import type { ApplyEvent } from '../../engine/report.ts'
import type { Write, WriteStep } from '../../engine/step.ts'

/** What is said about a step while it runs and after. */
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

/** How long Azure usually takes, where that is long enough to worry about. */
const USUAL: Readonly<Partial<Record<Write['op'], string>>> = {
  'create-namespace': 'usually 1-2 min',
  'register-provider': 'usually under 1 min',
}
export const usualTimeOf = (step: WriteStep): string | undefined =>
  step.action === 'delete' && step.target.kind === 'namespace' ? 'usually under 1 min' : USUAL[step.write.op]

/** Takes its time, and everything else waits for it: told on its own also where writes are only counted. */
export const isMilestone = ({ target }: WriteStep): boolean =>
  target.kind === 'provider' || target.kind === 'group' || target.kind === 'namespace'

/** Holds for the whole run, whichever step hears it. */
export const SLOW_DOWN = 'Azure asks to slow down'

/** Why a step waits, in words; undefined where it only takes its time. */
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

/** Whole seconds: a running time that changes each second. */
export const formatRunning = (elapsedMs: number): string => {
  const seconds = Math.floor(elapsedMs / 1_000)
  return seconds < 120 ? `${seconds}s` : `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, '0')}s`
}

/** Where nobody is at the keyboard, or the time is over, so that nobody pressed anything before. */
export const STOPPING_ALONE = 'Stopping. Azure keeps working on what it accepted.'
export const STOPPING = `${STOPPING_ALONE} Ctrl+C again to quit now.`
