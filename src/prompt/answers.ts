import { runProblems } from '../inputs/contradictions.ts'
import type { Input } from '../inputs/input.ts'
import { INPUTS, type InputKey, type ValueOf } from '../inputs/table.ts'
import type { GivenValue, Given } from '../inputs/given.ts'
import type { Problem } from '../lib/errors.ts'
import type { LiveTier } from '../lib/limits.ts'
import type { Parsed } from '../lib/parser.ts'
import { brokenRules, wantedOf } from '../resources/front-door.ts'
import { toSize } from '../resources/load/sized.ts'
import type { ToSize } from '../sizing/size.ts'
import { echoOf, tellProblem } from '../ui/problems.ts'
import { plainSpeller } from '../ui/spell.ts'

/** Answers "none" to a question for a list or an optional value. */
export const NONE = '-'

/** Everything that was given and answered, and its problems. */
export class Answers {
  #all: Given
  #unread: readonly Problem[]
  /** Tier of the namespace, if it exists. */
  liveTier: LiveTier | undefined
  /** Whether the namespace may be new. */
  isNew = true

  /** Keeps the problems of unreadable values. The others depend on the tier and are found again later. */
  constructor(given: Given, problems: readonly Problem[]) {
    this.#all = given
    this.#unread = problems.filter((problem) => problem.kind === 'invalid' && !(problem.input in given))
  }

  /** Everything that was given and answered. */
  get all(): Given {
    return this.#all
  }

  /** The value of a field, if it has no problem. */
  given<K extends InputKey>(key: K): GivenValue<ValueOf<K>> | undefined {
    return this.problemOf(key) ? undefined : this.#all[key]
  }

  problems(): readonly Problem[] {
    return [...this.#unread, ...this.#broken(this.#all)]
  }

  problemOf(key: InputKey): Problem | undefined {
    return this.problems().find((problem) => problem.input === key)
  }

  /** What is to be sized, as if one value were still open. */
  toSize(open?: InputKey): ToSize {
    const given = open === undefined ? this.#all : without(this.#all, open)
    return toSize(wantedOf(given, undefined, this.#unread), this.liveTier)
  }

  /**
   * Why this text cannot be the answer, if it cannot: it is unreadable or contradicts other values. Only problems that
   * count are looked at.
   */
  objection(key: InputKey, text: string, counts: (problem: Problem) => boolean = () => true): string | undefined {
    const read = readAnswer(key, text)
    if (!read.ok) return `${read.text === '' ? INPUTS[key].label : `"${echoOf(read.text)}"`} ${read.message}`
    const before = this.#broken(without(this.#all, key)).map(identityOf)
    const after = this.#broken({ ...this.#all, [key]: read.value })
    const fresh = after.find((problem) => counts(problem) && !before.includes(identityOf(problem)))
    if (!fresh) return undefined
    // Of `--hub clicks`, only `clicks` was typed.
    if (fresh.input === key) return `"${echoOf(fresh.text ?? text)}" ${tellProblem(fresh, plainSpeller).message}`
    return firstErrorOf(fresh)
  }

  /** Stores an answer that has no objection. */
  answer(key: InputKey, text: string): void {
    const read = readAnswer(key, text)
    if (!read.ok) throw new Error(`The answer for ${key} is invalid`)
    this.#put(key, read.value)
  }

  switchTo(key: InputKey, on: boolean): void {
    this.#put(key, { value: on, source: 'answer', texts: [] })
  }

  /** Removes a value, as if it had not been given. */
  drop(key: InputKey): void {
    this.#put(key, undefined)
  }

  #broken(given: Given): readonly Problem[] {
    const tier = this.liveTier ? { liveTier: this.liveTier } : { isNew: this.isNew }
    const known = { ...tier, isLocal: given.local?.value ?? false }
    return [...brokenRules(wantedOf(given, undefined, this.#unread), known), ...runProblems(given)]
  }

  #put(key: InputKey, given: GivenValue<unknown> | undefined): void {
    this.#all = given ? { ...this.#all, [key]: given } : without(this.#all, key)
    this.#unread = this.#unread.filter((problem) => problem.input !== key)
  }
}

/** A problem as one line: `--tier Standrad is not a tier`; without the flag where a question was answered: `tier Basic is too small`. */
export function firstErrorOf(problem: Problem | undefined): string | undefined {
  if (!problem) return undefined
  const { flag, input, message } = tellProblem(problem, plainSpeller)
  const answered = [input, ...(problem.text === undefined ? [] : [echoOf(problem.text)])].join(' ')
  return `${problem.origin?.kind === 'answer' ? answered : flag} ${message}`
}

const identityOf = ({ input, message }: Problem): string => JSON.stringify([input, message])

const without = (given: Given, key: InputKey): Given =>
  Object.fromEntries(Object.entries(given).filter(([other]) => other !== key))

type Unreadable = Extract<Parsed<never>, { readonly ok: false }> & { readonly text: string }

/** Reads an answer like the value of the flag. Commas separate the values of a list. */
function readAnswer(
  key: InputKey,
  text: string,
): { readonly ok: true; readonly value: GivenValue<unknown> } | Unreadable {
  const field: Input = INPUTS[key]
  if (field.kind === 'switch') throw new Error(`${key} takes no text`)
  const texts = textsOf(field, text)
  const values: unknown[] = []
  for (const one of texts) {
    const parsed = field.parse(one)
    if (!parsed.ok) return { ...parsed, text: one }
    values.push(parsed.value)
  }
  return { ok: true, value: { value: field.kind === 'list' ? values : values[0], source: 'answer', texts } }
}

function textsOf(field: Input, text: string): readonly string[] {
  if (field.kind !== 'list') return [text]
  if (text === NONE && field.noneFlag !== undefined) return []
  return text.split(',').map((part) => part.trim())
}
