import type { Failure } from '../lib/errors.ts'
import type { WriteStep } from './plan-types.ts'

/** What became of a plan. Every write step of the plan is in exactly one list. */
export interface ApplyReport {
  readonly done: readonly DoneStep[]
  readonly failed: readonly FailedStep[]
  /** Sent to Azure, not seen finished: Azure goes on with them. */
  readonly leftRunning: readonly WriteStep[]
  readonly notStarted: readonly WriteStep[]
  readonly elapsedMs: number
}

export interface DoneStep {
  readonly step: WriteStep
  readonly elapsedMs: number
}

export interface FailedStep {
  readonly step: WriteStep
  readonly error: Failure
}
