import type { Input } from '../inputs/input.ts'
import type { Blank, Edits } from '../inputs/refer.ts'
import { INPUTS, type InputKey } from '../inputs/table.ts'
import type { Failure, Problem } from '../lib/errors.ts'
import { inputError } from '../ui/problems.ts'
import { spellerFor } from './invocation.ts'
import type { Run } from './run.ts'

/** The error with all problems and an example of a complete command. */
export function problemsError(
  { invocation, streams }: Pick<Run, 'invocation' | 'streams'>,
  problems: readonly Problem[],
): Failure {
  const gaps = problems.filter(({ kind }) => kind === 'missing')
  const wrong = problems.filter(({ kind, origin }) => kind === 'invalid' && origin?.kind !== 'file')
  const edits: Edits = {
    ...Object.fromEntries(wrong.map(({ input }) => [input, null])),
    ...Object.fromEntries(gaps.map((gap) => [gap.input, exampleOf(gap)])),
  }
  const example = gaps.length > 0 ? spellerFor(invocation).command(edits) : undefined
  return inputError(problems, { whyNoPrompt: streams.io.whyNoPrompt, example })
}

function exampleOf({ input: key, example }: Problem): Blank | true {
  const input: Input = INPUTS[key as InputKey]
  return input.kind === 'switch' ? true : { blank: example ?? input.example }
}
