import { CloudError } from '../engine/cloud.ts'
import { CliError, EXIT, exitCodeOf, Interruption } from '../lib/errors.ts'

/**
 * All is written, but what the run ends with, the connection or what is saved, could not be read: that is told as such,
 * since whoever reads "nothing was changed" or a bare failure would look for what was lost. What is no foreseen error
 * passes through.
 */
export function connectionUnread(error: unknown, ending: 'connection' | 'manifest' = 'connection'): CliError {
  if (!(error instanceof CloudError || error instanceof CliError || error instanceof Interruption)) throw error
  const [what, does] =
    ending === 'connection' ? ['the connection', 'prints the connection'] : ['what there is now', 'saves the manifest']
  const told = { code: 'partial', message: `All is made, but ${what} could not be read`, cause: error }
  const hint = `Run the same command again: it finds nothing left to make, and ${does}.`
  if (error instanceof Interruption) {
    const { cause, kind } = error
    const putOff = cause instanceof CloudError ? [`${cause.message}, time and again.`, ...cause.why] : []
    const why = [kind === 'timeout' ? 'The time of --timeout is over.' : 'The run was interrupted.', ...putOff]
    return new CliError({ ...told, exitCode: exitCodeOf(error), why, hint })
  }
  if (error instanceof CliError)
    return new CliError({ ...told, exitCode: EXIT.partial, why: [`${error.message}.`], hint })
  const why = [`${error.message}.`, ...error.why]
  return new CliError({ ...told, exitCode: EXIT.partial, why, hint: error.hint ?? hint, azure: error.azure })
}
