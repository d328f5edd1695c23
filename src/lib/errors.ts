/** What the process says to the shell. Printed in `--help` and in the README; a number is never reused. */
export const EXIT = {
  ok: 0,
  azure: 1,
  usage: 2,
  access: 3,
  refused: 4,
  pending: 5,
  partial: 6,
  deadline: 7,
  interrupted: 130,
  hangup: 129,
  terminated: 143,
} as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** What Azure said about a failed request, for support and for `--json`. */
export interface AzureDetail {
  readonly status?: number
  readonly code?: string
  /** Azure's own sentence. */
  readonly message?: string
  readonly requestId?: string
  readonly correlationId?: string
}

/** One input that is missing or wrong, with the ways to give it. */
export interface Problem {
  /** `missing`: nothing was given. `invalid`: what was given cannot be. */
  readonly kind: 'missing' | 'invalid'
  /** The field's label, such as `resource group`. */
  readonly input: string
  /** The flag as typed, with its value when there was one: `--tier Standrad`. */
  readonly flag: string
  readonly message: string
  readonly env?: string
  readonly example?: string
  /** Where it stands, if it stands in a file. */
  readonly place?: FilePlace
}

/** Lines and columns begin at 1. */
export interface FilePlace {
  readonly file: string
  readonly line: number
  readonly column: number
}

export interface CliErrorFields {
  /** Stable word for machines: `usage`, `access`, `refused`, `azure`, `partial`, `deadline`, `cancelled`, `bug`. */
  readonly code: string
  readonly exitCode: ExitCode
  /** What failed, one line: `Failed to create hub clicks`, `Can't ...`. */
  readonly message: string
  /** Why, in our words. Each entry is one line. */
  readonly why?: readonly string[]
  /** The last line: what to do or type next. */
  readonly hint?: string
  readonly azure?: AzureDetail
  readonly problems?: readonly Problem[]
  readonly cause?: unknown
}

/** An ending that was foreseen. Anything thrown that is not one of these is a bug of ours. */
export class CliError extends Error {
  readonly code: string
  readonly exitCode: ExitCode
  readonly why: readonly string[]
  readonly hint: string | undefined
  readonly azure: AzureDetail | undefined
  readonly problems: readonly Problem[]

  constructor(fields: CliErrorFields) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause })
    this.name = 'CliError'
    this.code = fields.code
    this.exitCode = fields.exitCode
    this.why = fields.why ?? []
    this.hint = fields.hint
    this.azure = fields.azure
    this.problems = fields.problems ?? []
  }
}

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

const EXIT_OF_INTERRUPTION: Readonly<Record<Interruption['kind'], ExitCode>> = {
  SIGINT: EXIT.interrupted,
  SIGTERM: EXIT.terminated,
  SIGHUP: EXIT.hangup,
  timeout: EXIT.deadline,
}

export const exitCodeOf = (interruption: Interruption): ExitCode => EXIT_OF_INTERRUPTION[interruption.kind]
