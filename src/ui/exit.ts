import { Failure, Interruption, type FailureCode } from '../lib/errors.ts'

/** The exit codes of the process. A number is never reused. */
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

/** What each exit code means, for the help and the docs. */
export const EXIT_MEANINGS: readonly { readonly codes: readonly ExitCode[]; readonly meaning: string }[] = [
  { codes: [EXIT.ok], meaning: 'done, or nothing to do' },
  { codes: [EXIT.azure], meaning: 'failed: in Azure, on this machine, or because something does not exist' },
  { codes: [EXIT.usage], meaning: 'input missing or wrong; nothing was changed' },
  { codes: [EXIT.access], meaning: 'not signed in, or no permission' },
  { codes: [EXIT.refused], meaning: 'refused: Azure cannot make this change' },
  {
    codes: [EXIT.pending],
    meaning: '--exit-code: changes are pending, the load does not fit, or a threshold of status is crossed',
  },
  { codes: [EXIT.partial], meaning: 'partly applied: run the same command again' },
  { codes: [EXIT.deadline], meaning: 'timeout (--timeout)' },
  { codes: [EXIT.hangup, EXIT.interrupted, EXIT.terminated], meaning: 'interrupted by a signal' },
]

const EXIT_OF_FAILURE: Readonly<Record<FailureCode, ExitCode>> = {
  usage: EXIT.usage,
  access: EXIT.access,
  refused: EXIT.refused,
  absent: EXIT.azure,
  azure: EXIT.azure,
  partial: EXIT.partial,
  deadline: EXIT.deadline,
  cancelled: EXIT.interrupted,
  failed: EXIT.azure,
  'local-contradiction': EXIT.refused,
  'local-folder': EXIT.azure,
  'local-host': EXIT.usage,
  'local-port': EXIT.azure,
  'local-request': EXIT.refused,
  'local-running': EXIT.azure,
  'local-start': EXIT.azure,
  'local-state': EXIT.azure,
  'local-stop': EXIT.azure,
  'local-stopped': EXIT.azure,
}

const EXIT_OF_INTERRUPTION: Readonly<Record<Interruption['kind'], ExitCode>> = {
  SIGINT: EXIT.interrupted,
  SIGTERM: EXIT.terminated,
  SIGHUP: EXIT.hangup,
  timeout: EXIT.deadline,
}

/** The exit code of a run that ends with this error. If an interruption caused the failure, it decides the code. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof Interruption) return EXIT_OF_INTERRUPTION[error.kind]
  if (!(error instanceof Failure)) return EXIT.azure
  return error.cause instanceof Interruption ? exitCodeOf(error.cause) : EXIT_OF_FAILURE[error.code]
}
