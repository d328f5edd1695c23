import type { Text } from './phrase.ts'

/** Stable words for machines. Each has one exit code: see `ui/exit.ts`. */
export type FailureCode =
  /** The input is missing or wrong. */
  | 'usage'
  /** Not signed in, or no permission. */
  | 'access'
  /** Azure cannot make this change. */
  | 'refused'
  /** A request to Azure failed for another reason. */
  | 'azure'
  /** Something was changed, but not everything. */
  | 'partial'
  | 'deadline'
  | 'cancelled'
  /** Something on this machine failed. */
  | 'failed'
  /** The embedded Azure cannot do what is asked of it. */
  | 'local-folder'
  | 'local-port'
  | 'local-request'
  | 'local-running'
  | 'local-start'
  | 'local-state'
  | 'local-stop'
  | 'local-stopped'

/** What Azure said about a failed request, for support and for `--json`. */
export interface AzureDetail {
  readonly status?: number
  readonly code?: string
  /** Azure's own sentence. */
  readonly message?: string
  readonly requestId?: string
  readonly correlationId?: string
}

export interface FailureFields {
  readonly code: FailureCode
  /** What failed, one line: `Failed to create hub clicks`, `Can't ...`. */
  readonly message: string
  /** Why, in our words. Each entry is one line. */
  readonly why?: readonly Text[]
  /** The last lines: what to do or type next. */
  readonly hint?: Text | undefined
  /** Of a request to Azure. */
  readonly azure?: AzureDetail | undefined
  readonly problems?: readonly Problem[]
  /** A stable word that tells failures of one code apart, where that matters. */
  readonly reason?: string
  /** The same request may succeed later: throttled, in transition, conflicting, server or network trouble. */
  readonly retryable?: boolean
  /** What the server asked for in Retry-After. */
  readonly retryAfterMs?: number | undefined
  readonly cause?: unknown
}

/** An ending that was foreseen. Anything thrown that is not one of these is a bug of ours. */
export class Failure extends Error {
  readonly code: FailureCode
  readonly why: readonly Text[]
  readonly hint: Text | undefined
  readonly azure: AzureDetail | undefined
  readonly problems: readonly Problem[]
  readonly reason: string | undefined
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined

  constructor(fields: FailureFields) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause })
    this.name = 'Failure'
    this.code = fields.code
    this.why = fields.why ?? []
    this.hint = fields.hint
    this.azure = fields.azure
    this.problems = fields.problems ?? []
    this.reason = fields.reason
    this.retryable = fields.retryable ?? false
    this.retryAfterMs = fields.retryAfterMs
  }
}

/** A request to Azure that failed for another reason than "not found". */
export type AzureFailure = Failure & { readonly azure: AzureDetail }
export const isAzureFailure = (error: unknown): error is AzureFailure =>
  error instanceof Failure && error.azure !== undefined

/** Why an AbortSignal fired: a signal of the operating system, Ctrl-C at a question, or the `--timeout`. */
export class Interruption extends Error {
  readonly kind: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'timeout'

  /** `cause`: what the run was waiting to try again. */
  constructor(kind: Interruption['kind'], options: { readonly cause?: unknown } = {}) {
    super(kind, options)
    this.name = 'Interruption'
    this.kind = kind
  }
}

/** Where something that was given comes from. */
export type Origin =
  /** `name`: `--tier`, or the environment variable. */
  { readonly kind: 'flag' | 'variable'; readonly name: string } | { readonly kind: 'answer' } | FileOrigin

/** A place in a manifest. Lines and columns begin at 1. */
export interface FileOrigin {
  readonly kind: 'file'
  /** As it was named. */
  readonly file: string
  readonly line: number
  readonly column: number
  /** `hubs[0].partitions`; empty for the file as a whole. */
  readonly path: string
}

/** Something that was given, or should have been, and cannot be. */
export interface Problem {
  /** `missing`: nothing was given. `invalid`: what was given cannot be. */
  readonly kind: 'missing' | 'invalid'
  /** The input that it is about, by its key in the input table; a word for what is no input. */
  readonly input: string
  /** Where it was given; undefined where nothing was. */
  readonly origin?: Origin | undefined
  /** As it was given; left out where the input as a whole is meant. */
  readonly text?: string
  /** A phrase that follows what was given: `is not a tier`. */
  readonly message: Text
  /** A value that would do. */
  readonly example?: string
}
