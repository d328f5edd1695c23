import type { Call, Catalog, Cloud } from '../engine/cloud.ts'
import type { Clock } from '../lib/clock.ts'
import type { InputProblem, Inputs } from '../inputs/given.ts'
import type { Prompter } from './prompter.ts'

/** What a row of questions needs. */
export interface Talk {
  readonly prompter: Prompter
  readonly catalog: Catalog
  readonly cloudFor: (subscriptionId: string) => Cloud
  /** Shows a fact that is not asked about: `Location  westeurope`. */
  readonly row: (label: string, value: string) => void
  /** Shows something worth knowing, one sentence. */
  readonly note: (text: string) => void
  /** On the embedded Azure: nobody signs in, and its one subscription is not worth a row. */
  readonly local: boolean
  readonly clock: Clock
  readonly signal: AbortSignal
}

export interface AskOptions extends Talk {
  readonly inputs: Inputs
  /** What is wrong with the inputs: each opens its question, with the problem as its first error line. */
  readonly problems: readonly InputProblem[]
}

export const callOf = (talk: Talk): Call => ({ signal: talk.signal })
