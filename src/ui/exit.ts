import { Failure, Interruption, type FailureCode } from '../lib/errors.ts'

/** The exit codes of the process. `--help` and the README list them. A number is never reused. */
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

const EXIT_OF_FAILURE: Readonly<Record<FailureCode, ExitCode>> = {
  usage: EXIT.usage,
  access: EXIT.access,
  refused: EXIT.refused,
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
  'local-running': EXIT.refused,
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
