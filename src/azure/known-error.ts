import type { FailureCode } from '../lib/errors.ts'

/**
 * A failure of Azure that is known: why it happens and what to do. `{word}` in `why` and `hint` is filled from the named
 * groups of `extract` and from the run (`{signIn}`, `{login}`, `{tenant}`, `{subscription}`, `{endpoint}`, `{host}`);
 * `{word|text}` says what stands there when nothing is known.
 */
export interface KnownError {
  /** Azure's code, or the one of Entra ID (`AADSTS...`), or of Node for trouble on the way. */
  readonly code: string
  /** Tells apart what Azure says under one code; tried on its message. */
  readonly when?: RegExp
  readonly extract?: RegExp
  readonly why: string
  readonly hint: string
  readonly failure: FailureCode
  readonly retryable: boolean
}

export const access = { failure: 'access', retryable: false } as const
/** Refused by a rule that is not about rights. */
export const refused = { failure: 'refused', retryable: false } as const
/** The same request may succeed later. */
export const passing = { failure: 'azure', retryable: true } as const
export const trouble = { failure: 'azure', retryable: false } as const

export const AGAIN = 'Run the same command again: it goes on where this one ended.'
