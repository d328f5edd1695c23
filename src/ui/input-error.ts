import { CliError, EXIT, type Problem } from '../lib/errors.ts'
import { count } from './text.ts'

/** Every input that is missing or wrong in one error: exit code 2, before anything was sent. */
export function inputError(
  problems: readonly Problem[],
  options: {
    /** Why nobody was asked: `CI is set`. */
    readonly whyNoPrompt?: string | undefined
    /** The command line that would do. */
    readonly example?: string | undefined
  } = {},
): CliError {
  const missing = problems.filter((problem) => problem.kind === 'missing').length
  const invalid = problems.length - missing
  const parts = [
    ...(missing === 0 ? [] : [`${count(missing, 'input')} ${missing === 1 ? 'is' : 'are'} missing`]),
    ...(invalid === 0 ? [] : [`${invalidCount(invalid, missing > 0)} not valid`]),
  ]
  const noQuestions = missing > 0 && options.whyNoPrompt ? ` (no questions: ${options.whyNoPrompt})` : ''
  const what = missing > 0 ? 'Add the flags' : 'Correct them'
  return new CliError({
    code: 'usage',
    exitCode: EXIT.usage,
    message: `Can't continue: ${parts.join(' and ')}${noQuestions}`,
    problems,
    hint: options.example
      ? `Nothing was sent to Azure. ${what} and run again, for example:\n${options.example}`
      : `Nothing was sent to Azure. ${what} and run again.`,
  })
}

function invalidCount(invalid: number, afterMissing: boolean): string {
  const verb = invalid === 1 ? 'is' : 'are'
  return afterMissing ? `${invalid} ${verb}` : `${count(invalid, 'input')} ${verb}`
}
