import type { Failure } from '../lib/errors.ts'
import type { WriteStep } from './step.ts'

/** The result of applying a plan. Every write step is in exactly one list. */
export interface ApplyReport {
  readonly done: readonly DoneStep[]
  readonly failed: readonly FailedStep[]
  /** Sent, but not finished when the run ended. Azure continues them. */
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

/** Progress of applying a plan. */
export type ApplyEvent =
  /** The first event, with all steps. */
  | { readonly type: 'planned'; readonly steps: readonly WriteStep[] }
  | { readonly type: 'started'; readonly step: WriteStep }
  /** `state`: `Creating` while Azure works on it, or the reason of a retry, such as `throttled`. */
  | { readonly type: 'waiting'; readonly step: WriteStep; readonly state: string; readonly elapsedMs: number }
  | { readonly type: 'finished'; readonly step: WriteStep; readonly elapsedMs: number }
  | { readonly type: 'failed'; readonly step: WriteStep; readonly elapsedMs: number }
  /** After an interruption: no step starts. `running` are the steps already sent. */
  | { readonly type: 'stopping'; readonly running: readonly WriteStep[] }

/** Shows progress. */
export interface Reporter {
  event(event: ApplyEvent): void
  /** A wait outside of the plan: `namespace ns (Creating)`. */
  waiting(text: string, elapsedMs: number): void
  /** Restores the terminal. */
  close(): void
}
