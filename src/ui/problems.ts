import type { Input } from '../inputs/input.ts'
import { INPUTS, longFlagOf } from '../inputs/table.ts'
import { Failure, type FileOrigin, type Origin, type Problem } from '../lib/errors.ts'
import { redact } from '../lib/secret.ts'
import type { ErrorEntry } from './document-schema.ts'
import type { Speller } from './spell.ts'
import { count } from './text.ts'

type ToldMissing = ErrorEntry['missing'][number]
type ToldInvalid = ErrorEntry['invalid'][number]

const inputOf = (key: string) => (INPUTS as Readonly<Record<string, Input | undefined>>)[key]

export function tellMissing({ input: key, message, example, onlyIf }: Problem, speller: Speller): ToldMissing {
  const input = inputOf(key)
  return {
    ...{
      input: input?.label ?? key,
      onlyIf: onlyIf ?? null,
      flag: input?.flags ?? key,
      message: speller.text(message),
    },
    env: input?.env[key === 'subscription' ? 1 : 0] ?? null,
    example: example ?? (input && input.kind !== 'switch' ? input.example : null),
  }
}

export function tellInvalid({ input: key, origin, text, message }: Problem, speller: Speller): ToldInvalid {
  const input = inputOf(key)
  const label = input?.label ?? key
  const told = speller.text(message)
  if (origin?.kind !== 'file') {
    const flag = wordsOf(origin, input ? longFlagOf(input) : key, text)
    return { input: label, flag, message: told, file: null, line: null, column: null }
  }
  const { file, line, column, path } = origin
  const flag = `${file}:${line}:${column}`
  return { input: label, flag, message: `${path || 'the file'} ${told}`, file, line, column }
}

export const tellProblem = (problem: Problem, speller: Speller): ToldMissing | ToldInvalid =>
  problem.kind === 'missing' ? tellMissing(problem, speller) : tellInvalid(problem, speller)

const ECHO_MAX = 60

/** What somebody typed, without control characters and keys, cut when too long. */
export function echoOf(text: string): string {
  const clean = redact(text).replaceAll(/[\u0000-\u001f\u007f]/g, ' ')
  return clean.length > ECHO_MAX ? `${clean.slice(0, ECHO_MAX)}…` : clean
}

/** `--tier Standrad`, `ML_INGEST_TIER=Standrad`: without control characters and keys, cut when too long. */
function wordsOf(origin: Exclude<Origin, FileOrigin> | undefined, flag: string, text: string | undefined): string {
  const name = origin?.kind === 'flag' || origin?.kind === 'variable' ? origin.name : flag
  if (text === undefined) return name
  const echo = echoOf(text)
  if (origin?.kind === 'variable') return `${name}=${echo}`
  return `${name} ${echo === '' || echo.includes(' ') ? `"${echo}"` : echo}`
}

/** One error for all inputs that are missing or not valid. It has exit code 2 and comes before anything is changed. */
export function inputError(
  found: readonly Problem[],
  options: {
    /** Why no question was asked: `CI is set`. */
    readonly whyNoPrompt?: string | undefined
    /** A command line that would work. */
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
  return new Failure({
    code: 'usage',
    message: `Can't continue: ${parts.join(' and ')}${noQuestions}`,
    problems,
    hint: options.example
      ? `Nothing was changed. ${adviceOn(missing, invalid)} and run again, for example:\n${options.example}`
      : `Nothing was changed. ${adviceOn(missing, invalid)} and run again.`,
  })
}

function adviceOn(missing: number, invalid: number): string {
  if (missing > 0 && invalid > 0) return 'Add what is missing, correct the rest,'
  if (missing > 0) return missing === 1 ? 'Add the flag' : 'Add the flags'
  return invalid === 1 ? 'Correct it' : 'Correct them'
}

/**
 * The problems in the order in which they are printed, without duplicates. An input that is not valid is not listed as
 * missing too. Problems in a file come last, by line and column.
 */
export function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const wrong = new Set(problems.filter(({ kind }) => kind === 'invalid').map(({ input }) => input))
  const identities = problems.map(({ input, origin, text, message }) =>
    JSON.stringify([origin ?? input, text, message]),
  )
  const told = problems.filter(
    ({ kind, input }, i) => (kind === 'invalid' || !wrong.has(input)) && identities.indexOf(identities[i]!) === i,
  )
  const inFile = told.flatMap((problem) => (problem.origin?.kind === 'file' ? [{ problem, at: problem.origin }] : []))
  inFile.sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column)
  return [...told.filter(({ origin }) => origin?.kind !== 'file'), ...inFile.map(({ problem }) => problem)]
}

function invalidCount(invalid: number, afterMissing: boolean): string {
  const verb = invalid === 1 ? 'is' : 'are'
  return afterMissing ? `${invalid} ${verb}` : `${count(invalid, 'input')} ${verb}`
}
