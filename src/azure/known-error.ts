import type { FailureCode } from '../lib/errors.ts'
import type { Text } from '../lib/phrase.ts'
import type { RunContext } from './sign-in-advice.ts'

/** A failure of Azure that is known: why it happens, and what to do. */
export interface KnownError {
  /** Azure's code, or Entra ID's (`AADSTS...`), or Node's for trouble on the way. */
  readonly code: string
  /** Tells apart what Azure says under one code: tried on its message. */
  readonly when?: RegExp
  /** Its named groups are facts that Azure's message tells. */
  readonly extract?: RegExp
  readonly why: Told
  readonly hint: Told
  readonly failure: FailureCode
  readonly retryable: boolean
}

/** A text, or how it is made from the facts. */
export type Told = Text | ((facts: Facts) => Text)

/** What a text may tell. All but the run and where it goes may be unknown: the text then has words for it. */
export interface Facts {
  readonly run: RunContext
  readonly host: string
  readonly endpoint: string
  readonly tenant?: string | undefined
  readonly subscription?: string | undefined
  readonly action?: string | undefined
  /** What Azure's message is about: `namespace ns`, and who to ask about it: `resource group rg`. */
  readonly scope?: string | undefined
  readonly owner?: string | undefined
  /** The id of what `scope` names. */
  readonly scopeId?: string | undefined
  readonly policy?: string | undefined
  readonly location?: string | undefined
  readonly account?: string | undefined
  readonly most?: string | undefined
  /** Types of a principal. */
  readonly actual?: string | undefined
  readonly given?: string | undefined
}

export const access = { failure: 'access', retryable: false } as const
/** Refused by a rule that is not about rights. */
export const refused = { failure: 'refused', retryable: false } as const
/** The same request may succeed later. */
export const passing = { failure: 'azure', retryable: true } as const
export const trouble = { failure: 'azure', retryable: false } as const

export const AGAIN = 'Run the same command again: it goes on where this one ended.'
