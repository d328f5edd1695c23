import type { Origin, Problem } from '../lib/errors.ts'
import type { Input } from './input.ts'
import { INPUT_KEYS, INPUTS, longFlagOf, type InputKey, type ValueOf } from './table.ts'

/** A value, where it came from, and its words, so that a run can be repeated. */
export interface GivenValue<T> {
  readonly value: T
  readonly source: 'flag' | 'environment' | 'answer'
  /** As typed: one entry for each value of a list, none for a switch, a flag without a value or a secret. */
  readonly texts: readonly string[]
  /** The environment variable that it came from. */
  readonly variable?: string
}

/** The inputs that were given by flags, variables and answers, and that could be read. */
export type Given = { readonly [K in InputKey]?: GivenValue<ValueOf<K>> | undefined }

/** A value as if its flag had been typed. */
export const said = <T>(value: T, ...texts: readonly string[]): GivenValue<T> => ({ value, source: 'flag', texts })

export interface ReadGiven {
  readonly given: Given
  readonly problems: readonly Problem[]
}

/** Flags by input, as commander collects them. In a list, `false` stands for its `--no-` flag. */
export type Flags = Readonly<Partial<Record<InputKey, string | boolean | readonly (string | false)[]>>>
export type Env = Readonly<Record<string, string | undefined>>

/** Words of one input before they are parsed: `true`/`false` for a switch, texts for the others. */
interface Words {
  readonly origin: Exclude<Origin, { readonly kind: 'file' | 'answer' }>
  readonly value: boolean | readonly string[]
  /** The flag had no value. */
  readonly isBare?: boolean
  /** Several values for an input that takes one. */
  readonly isRepeated?: boolean
  /** The `--no-` flag of the list was given too. */
  readonly contradicts?: string
}

/**
 * Reads inputs from flags and from the environment. A flag wins over a variable, and an empty variable counts as not set.
 * Each value that cannot be read becomes a problem.
 */
export function readGiven(keys: readonly InputKey[], flags: Flags, env: Env): ReadGiven {
  const given: Record<string, GivenValue<unknown>> = {}
  const problems: Problem[] = []
  for (const key of INPUT_KEYS.filter((one) => keys.includes(one))) {
    const input: Input = INPUTS[key]
    const words = wordsFromFlags(key, input, flags) ?? wordsFromEnv(input, env)
    if (!words) continue
    const read = readWords(key, input, words)
    if ('problems' in read) problems.push(...read.problems)
    else given[key] = read
  }
  return { given, problems }
}

function wordsFromFlags(key: InputKey, input: Input, flags: Flags): Words | undefined {
  const raw = flags[key]
  if (raw === undefined) return undefined
  const origin = { kind: 'flag', name: longFlagOf(input) } as const
  if (raw === true && input.kind === 'value') return { origin, value: [input.bare ?? ''], isBare: true }
  if (typeof raw === 'boolean') return { origin, value: raw }
  if (typeof raw === 'string') return { origin, value: [raw] }
  const value = raw.filter((text) => text !== false)
  if (input.kind === 'value' && new Set(value).size > 1) return { origin, value, isRepeated: true }
  const isNone = input.kind === 'list' && value.length < raw.length
  return { origin, value, ...(isNone && value.length > 0 ? { contradicts: input.noneFlag! } : {}) }
}

function wordsFromEnv(input: Input, env: Env): Words | undefined {
  const name = input.env.find((one) => env[one])
  if (name === undefined) return undefined
  const text = env[name]!
  const value =
    input.kind === 'list'
      ? text
          .trim()
          .split(input.separator ?? ',')
          .map((part) => part.trim())
      : [text]
  return { origin: { kind: 'variable', name }, value }
}

const SWITCH_WORDS: Readonly<Record<string, boolean>> = {
  ...{ '1': true, true: true, yes: true, on: true },
  ...{ '0': false, false: false, no: false, off: false },
}

function readWords(key: InputKey, input: Input, words: Words): GivenValue<unknown> | { problems: readonly Problem[] } {
  const { origin } = words
  const problem = (text: string, message: string): Problem => ({
    ...{ kind: 'invalid', input: key, origin, message },
    ...((!input.secret || text === '') && { text }),
  })
  const from =
    origin.kind === 'variable'
      ? ({ source: 'environment', variable: origin.name } as const)
      : ({ source: 'flag' } as const)
  if (typeof words.value === 'boolean') return { value: words.value, ...from, texts: [] }
  if (input.kind === 'switch') {
    const text = words.value[0] ?? ''
    const on = SWITCH_WORDS[text.toLowerCase()]
    return on === undefined ? { problems: [problem(text, 'is neither 1 nor 0')] } : { value: on, ...from, texts: [] }
  }
  if (words.isRepeated)
    return { problems: [problem(words.value.at(-1)!, `is given with ${words.value.length} values. Give one`)] }
  if (words.contradicts !== undefined)
    return { problems: [problem(words.value[0]!, `contradicts ${words.contradicts}. Give one of the two`)] }
  const parsed = words.value.map((text) => ({ text, result: input.parse(text) }))
  const failed = parsed.flatMap(({ text, result }) => (result.ok ? [] : [problem(text, result.message)]))
  if (failed.length > 0) return { problems: failed }
  const values = parsed.map(({ result }) => (result as { value: unknown }).value)
  const texts = words.isBare || input.secret ? [] : input.kind === 'list' ? words.value : words.value.slice(0, 1)
  return { value: input.kind === 'list' ? values : values[0], ...from, texts }
}

/** Where a value came from. */
export function originOf(key: InputKey, given: GivenValue<unknown> | undefined): Origin {
  if (given?.source === 'answer') return { kind: 'answer' }
  if (given?.variable !== undefined) return { kind: 'variable', name: given.variable }
  return { kind: 'flag', name: longFlagOf(INPUTS[key]) }
}

/** A problem with an input, or with one value of a list. An empty text means the whole input. */
export const invalid = (
  key: InputKey,
  given: GivenValue<unknown> | undefined,
  message: Problem['message'],
  text: string = given?.texts[0] ?? '',
): Problem => ({
  ...{ kind: 'invalid', input: key, origin: originOf(key, given), message },
  ...(text === '' ? {} : { text }),
})

/** A required input that was not given. */
export const missing = (key: InputKey, more: Pick<Problem, 'example' | 'onlyIf'> = {}): Problem => ({
  ...{ kind: 'missing', input: key, message: `is missing: ${INPUTS[key].help}` },
  ...more,
})
