import type { Failure } from '../lib/errors.ts'
import type { WriteStep } from './step.ts'

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

/** What happens while a plan is applied; reporters turn it into text. */
export type ApplyEvent =
  /** Comes first, with all that will be written. */
  | { readonly type: 'planned'; readonly steps: readonly WriteStep[] }
  | { readonly type: 'started'; readonly step: WriteStep }
  /** Azure accepted the write and still works on it (`state`: `Creating`), or asks to come back later (`throttled`). */
  | { readonly type: 'waiting'; readonly step: WriteStep; readonly state: string; readonly elapsedMs: number }
  | { readonly type: 'finished'; readonly step: WriteStep; readonly elapsedMs: number }
  | { readonly type: 'failed'; readonly step: WriteStep; readonly elapsedMs: number }
  /** An interruption came: nothing new starts. `running` are the writes already sent. */
  | { readonly type: 'stopping'; readonly running: readonly WriteStep[] }

/** Draws or prints what happens. `close` leaves the terminal as it was. */
export interface Reporter {
  event(event: ApplyEvent): void
  /** Something that is waited for before there is a plan: `namespace ns is being created by another run`. */
  waiting(text: string, elapsedMs: number): void
  close(): void
}
