import { KEY_OF_STAGE, type Renewal, type Stage } from '../engine/rotation.ts'
import { Failure, Interruption, isAzureFailure } from '../lib/errors.ts'
import { STAGE_1_ONCE } from '../ui/render-rotation.ts'

type Failed = Exclude<Renewal, { readonly outcome: 'renewed' }>

/** Which keys work after a failed stage. */
const HOLDS: Readonly<Record<Failed['outcome'], Readonly<Record<Stage, string>>>> = {
  not: {
    '1': 'No key was renewed: every string works as before.',
    '2': 'The primary key was not renewed: strings with either key work as before.',
  },
  unknown: {
    '1': 'Whether the secondary key was renewed is not known. Strings with the primary key work as before.',
    '2': 'Whether the primary key was renewed is not known. Strings with the secondary key work as before.',
  },
}

/** The error of a stage, with the keys that work now. `again` is the command of the same stage. */
export function rotationFailure({ outcome, error }: Failed, stage: Stage, again: string): unknown {
  const holds = HOLDS[outcome][stage]
  const key = KEY_OF_STAGE[stage]
  const hint = `Run the same stage again: it puts a new ${key} key in place whatever happened.\n${again}`
  if (isAzureFailure(error)) {
    const { code, message, azure } = error
    const next = outcome === 'unknown' ? hint : (error.hint ?? hint)
    return new Failure({ code, message, azure, why: [...error.why, holds], hint: next, cause: error })
  }
  if (!(error instanceof Interruption)) return error
  const cause = isAzureFailure(error.cause) ? [`${error.cause.message}.`, ...error.cause.why] : []
  const timeIsOver = error.kind === 'timeout'
  return new Failure({
    code: timeIsOver ? 'deadline' : 'cancelled',
    message: timeIsOver ? `Can't renew the ${key} key: the time of --timeout is over` : `Stopped at stage ${stage}`,
    why: [...cause, holds],
    hint,
    cause: error,
  })
}

/** The run was ended between the stages. */
export const stoppedBetween = (interruption: Interruption, next: string): Failure =>
  new Failure({
    code: interruption.kind === 'timeout' ? 'deadline' : 'cancelled',
    message: 'Stopped after stage 1: the primary key was not renewed',
    why: ['The primary key works as before, and the new secondary key does too.', STAGE_1_ONCE],
    hint: `When every reader and writer uses the new secondary string:\n${next}`,
    cause: interruption,
  })
