import type { Text } from './phrase.ts'

/** Stable codes for scripts. `ui/exit.ts` maps each to an exit code. */
export type FailureCode =
  /** The input is missing or wrong. */
  | 'usage'
  /** Not signed in, or no permission. */
  | 'access'
  /** Azure cannot make this change. */
  | 'refused'
  /** A resource that the command needs does not exist. */
  | 'absent'
  /** A request to Azure failed for another reason. */
  | 'azure'
  /** Something was changed, but not everything. */
  | 'partial'
  | 'deadline'
  | 'cancelled'
  /** Something on this machine failed. */
  | 'failed'
  /** The embedded Azure cannot do what was asked. */
  | 'local-contradiction'
  | 'local-folder'
  | 'local-host'
  | 'local-port'
  | 'local-request'
  | 'local-running'
  | 'local-start'
  | 'local-state'
  | 'local-stop'
  | 'local-stopped'

/** Azure's answer to a failed request, for support and for `--json`. */
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
  /** What failed, in one line: `Failed to create hub clicks`, `Can't ...`. */
  readonly message: string
  /** Why, one line per entry. */
  readonly why?: readonly Text[]
  /** What to do or type next. */
  readonly hint?: Text | undefined
  readonly azure?: AzureDetail | undefined
  readonly problems?: readonly Problem[]
  /** A stable word that distinguishes failures with the same code. */
  readonly reason?: string
  /** The same request may succeed later: it was throttled, in conflict, or hit a server or network problem. */
  readonly retryable?: boolean
  /** From the header Retry-After. */
  readonly retryAfterMs?: number | undefined
  readonly cause?: unknown
}

/** The reason of a refusal that another plan may not meet, because what the plan was made for has changed. */
export const PLAN_OUTDATED = 'plan-outdated'

/** The same error, its message with the path where it has none: Node leaves it out of errors of reading. */
export function withPath(error: NodeJS.ErrnoException, path: string): NodeJS.ErrnoException {
  if (error.path === undefined) error.message = `${error.message} '${path}'`
  return error
}

/** What errors of the file system mean for a place that somebody named. */
const FILE_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'a part of its path is a file',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'it is on a read-only file system',
  ENAMETOOLONG: 'the name is too long',
  EINVAL: 'the name is not valid here',
  EISDIR: 'it is a folder',
  ELOOP: 'its path has too many links',
}

/** Why a file could not be written, if the place is to blame: `this user may not write there`. */
export const fileReason = (error: unknown): string | undefined =>
  FILE_REASONS[(error as NodeJS.ErrnoException).code ?? '']

/** What was thrown, in words: the message of an error. */
export const wordsOfError = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** An expected failure. Any other error that is thrown is a bug. */
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

  /** `cause`: the error after which the run was waiting to retry. */
  constructor(kind: Interruption['kind'], options: { readonly cause?: unknown } = {}) {
    super(kind, options)
    this.name = 'Interruption'
    this.kind = kind
  }
}

/** Where a value came from. */
export type Origin =
  /** `name`: `--tier`, or the environment variable. */
  { readonly kind: 'flag' | 'variable'; readonly name: string } | { readonly kind: 'answer' } | FileOrigin

/** A place in a manifest. Lines and columns begin at 1. */
export interface FileOrigin {
  readonly kind: 'file'
  /** As the user named it. */
  readonly file: string
  readonly line: number
  readonly column: number
  /** `hubs[0].partitions`; empty for the whole file. */
  readonly path: string
}

/** An input that is missing or wrong. */
export interface Problem {
  readonly kind: 'missing' | 'invalid'
  /** The key in the input table, or a word for something that is not an input. */
  readonly input: string
  /** Where it was given; undefined if it was not. */
  readonly origin?: Origin | undefined
  /** As it was given; left out if the problem is about the whole input. */
  readonly text?: string
  /** Follows what was given: `is not a tier`. */
  readonly message: Text
  /** A valid value. */
  readonly example?: string
  /** A missing input that is needed only in this case: `if the resource group is new`. */
  readonly onlyIf?: string
}
