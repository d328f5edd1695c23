import { Failure, type Problem } from '../lib/errors.ts'
import { count } from './text.ts'

/** Every input that is missing or wrong in one error: exit code 2, before anything was sent. */
export function inputError(
  found: readonly Problem[],
  options: {
    /** Why nobody was asked: `CI is set`. */
    readonly whyNoPrompt?: string | undefined
    /** The command line that would do. */
    readonly example?: string | undefined
  } = {},
): Failure {
  const problems = inOrder(found)
  const missing = problems.filter((problem) => problem.kind === 'missing').length
  const invalid = problems.length - missing
  const parts = [
    ...(missing === 0 ? [] : [`${count(missing, 'input')} ${missing === 1 ? 'is' : 'are'} missing`]),
    ...(invalid === 0 ? [] : [`${invalidCount(invalid, missing > 0)} not valid`]),
  ]
  const noQuestions = missing > 0 && options.whyNoPrompt ? ` (no questions: ${options.whyNoPrompt})` : ''
  const what = missing > 0 ? 'Add the flags' : 'Correct them'
  return new Failure({
    code: 'usage',
    message: `Can't continue: ${parts.join(' and ')}${noQuestions}`,
    problems,
    hint: options.example
      ? `Nothing was sent to Azure. ${what} and run again, for example:\n${options.example}`
      : `Nothing was sent to Azure. ${what} and run again.`,
  })
}

/**
 * As they are told: what was given and is wrong is not missing too, what is said twice is said once, and what stands in a
 * file comes in the order of the file.
 */
export function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const wrong = new Set(problems.filter(({ kind }) => kind === 'invalid').map(({ input }) => input))
  const identities = problems.map(({ flag, message }) => `${flag} ${message}`)
  const told = problems.filter(
    ({ kind, input }, i) => (kind === 'invalid' || !wrong.has(input)) && identities.indexOf(identities[i]!) === i,
  )
  const inFile = told.filter(({ place }) => place)
  return [
    ...told.filter(({ place }) => !place),
    ...inFile.sort((a, b) => a.place!.line - b.place!.line || a.place!.column - b.place!.column),
  ]
}

function invalidCount(invalid: number, afterMissing: boolean): string {
  const verb = invalid === 1 ? 'is' : 'are'
  return afterMissing ? `${invalid} ${verb}` : `${count(invalid, 'input')} ${verb}`
}
