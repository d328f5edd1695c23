import type { FailureCode } from '../lib/errors.ts'
import type { Text } from '../lib/phrase.ts'
import type { ClaimsChallenge } from './azure-answer.ts'
import type { Proxy } from './endpoint.ts'
import type { PolicyViolation } from './policies/violations.ts'
import type { RunContext } from './sign-in-advice.ts'

interface Outcome {
  readonly failure: FailureCode
  readonly retryable: boolean
}

/** A known error of Azure: why it happens, and what to do. */
export interface KnownError extends Outcome {
  /** From Azure, Entra ID (`AADSTS...`), or Node for network errors. */
  readonly code: string
  /** For codes with several meanings: has to match the message. */
  readonly when?: RegExp
  /** Its named groups take facts from the message. */
  readonly extract?: RegExp
  readonly why: Wording<Text | readonly Text[]>
  readonly hint: Wording
}

type Entry = Omit<KnownError, 'code' | keyof Outcome> & Partial<Outcome> & { readonly code: string | readonly string[] }

/** Makes a table from entries that may stand for several codes. */
export const errorTable = (outcome: Outcome, entries: readonly Entry[]): readonly KnownError[] =>
  entries.flatMap((entry) => [entry.code].flat().map((code) => ({ ...outcome, ...entry, code })))

/** A text, or a function that makes it from facts. */
export type Wording<T = Text> = T | ((facts: Facts) => T)

/** Facts for texts. Texts need a fallback for facts that may be unknown. */
export interface Facts {
  readonly run: RunContext
  readonly host: string
  readonly endpoint: string
  /** The proxy on the way to the host. */
  readonly proxy?: Proxy | undefined
  readonly tenant?: string | undefined
  readonly subscription?: string | undefined
  readonly action?: string | undefined
  /** The resource in the message: `namespace ns`. */
  readonly scope?: string | undefined
  /** The scope whose owner can help: `resource group rg`. */
  readonly owner?: string | undefined
  /** The resource id of `scope`. */
  readonly scopeId?: string | undefined
  readonly violations?: readonly PolicyViolation[] | undefined
  readonly challenge?: ClaimsChallenge | undefined
  /** The api-version that the request named, and those that the cloud has. */
  readonly version?: string | undefined
  readonly versions?: readonly string[] | undefined
  readonly type?: string | undefined
  readonly location?: string | undefined
  readonly account?: string | undefined
  readonly most?: string | undefined
  /** Types of a principal. */
  readonly actual?: string | undefined
  readonly given?: string | undefined
}

export const access = { failure: 'access', retryable: false } as const
export const refused = { failure: 'refused', retryable: false } as const
/** The same request may succeed later. */
export const temporary = { failure: 'azure', retryable: true } as const
export const failed = { failure: 'azure', retryable: false } as const

export const AGAIN = 'Run the same command again: it continues where this one ended.'
