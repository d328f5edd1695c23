import type { Call, Catalog, Cloud } from '../engine/cloud.ts'
import type { Requests } from '../engine/gate.ts'
import type { Clock } from '../lib/clock.ts'
import type { Problem } from '../lib/problem.ts'
import type { Given } from '../inputs/given.ts'
import type { Prompter } from './prompter.ts'

/** What a row of questions needs. */
export interface Talk {
  readonly prompter: Prompter
  /** Where all requests go through. */
  readonly gate: Requests
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
  readonly given: Given
  /** What is wrong with what was given: each opens its question, with the problem as its first error line. */
  readonly problems: readonly Problem[]
}

/** Asks Azure once: a person who waits is told of any trouble at once. */
export const askAzure = <T>({ gate }: Talk, request: (call: Call) => Promise<T>): Promise<T> =>
  gate.run(request, { once: true })
