import { Failure, Interruption, isAzureFailure } from '../lib/errors.ts'

/**
 * All is written, but what the run ends with, the connection or what is saved, could not be read: that is told as such,
 * since whoever reads "nothing was changed" or a bare failure would look for what was lost. What is no foreseen error
 * passes through.
 */
export function connectionUnread(error: unknown, ending: 'connection' | 'manifest' = 'connection'): Failure {
  if (!(error instanceof Failure || error instanceof Interruption)) throw error
  const [what, does] =
    ending === 'connection' ? ['the connection', 'prints the connection'] : ['what there is now', 'saves the manifest']
  const told = { code: 'partial', message: `All is made, but ${what} could not be read`, cause: error } as const
  const hint = `Run the same command again: it finds nothing left to make, and ${does}.`
  if (error instanceof Interruption) {
    const { cause, kind } = error
    const putOff = isAzureFailure(cause) ? [`${cause.message}, time and again.`, ...cause.why] : []
    const why = [kind === 'timeout' ? 'The time of --timeout is over.' : 'The run was interrupted.', ...putOff]
    return new Failure({ ...told, why, hint })
  }
  const why = [`${error.message}.`, ...(isAzureFailure(error) ? error.why : [])]
  return new Failure({ ...told, why, hint: (isAzureFailure(error) && error.hint) || hint, azure: error.azure })
}
