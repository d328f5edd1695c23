import { Failure } from '../lib/errors.ts'
import type { Format } from '../inputs/run.ts'
import { missing } from '../inputs/given.ts'
import type { Session } from './session.ts'
import { problemsError, problemsOf } from './settle.ts'

/**
 * The format to print. On a terminal rows for people; off it a secret is printed only where it was asked for by naming
 * the format, before anything is sent.
 */
export function formatFor(session: Session): Format {
  const { inputs, io } = session
  if (io.json) return 'json'
  if (inputs.format) return inputs.format.value
  if (session.problems.some((problem) => problem.key === 'format')) return 'text'
  if (io.stdout.isTTY && !inputs.output) return 'text'
  const others = problemsOf(session)
  if (others.length > 0) throw problemsError(session, [missing('format'), ...others])
  throw new Failure({
    code: 'usage',
    message: inputs.output
      ? "Can't pick a format for a file"
      : "Can't pick a format: stdout is not a terminal, and the result is a secret",
    hint: 'Say which: --format raw, env, dotenv, powershell, or --json',
  })
}
