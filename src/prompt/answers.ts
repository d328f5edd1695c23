import { runProblems } from '../inputs/contradictions.ts'
import type { Input } from '../inputs/input.ts'
import { INPUTS, type InputKey, type ValueOf } from '../inputs/table.ts'
import type { GivenValue, Given } from '../inputs/given.ts'
import type { Problem } from '../lib/errors.ts'
import type { LiveTier } from '../lib/limits.ts'
import type { Parsed } from '../lib/parser.ts'
import { brokenRules, wantedOf } from '../resources/front-door.ts'
import { tellProblem } from '../ui/problems.ts'
import { plainSpeller } from '../ui/spell.ts'

/** Typed where a list or an optional value is asked for: none. */
export const NONE = '-'

/** What was given and answered so far, and what is wrong with it under the tier that is known by now. */
export class Answers {
  #all: Given
  #unread: readonly Problem[]
  /** Tier of the namespace, when it exists. */
  liveTier: LiveTier | undefined

  /** Problems of values that were read are found again, under the tier that turns up; the others are remembered. */
  constructor(given: Given, problems: readonly Problem[]) {
    this.#all = given
    this.#unread = problems.filter((problem) => problem.kind === 'invalid' && !(problem.input in given))
  }

  /** Everything that was given and answered. */
  get all(): Given {
    return this.#all
  }

  /** What was given for a field, if it can stand. */
  given<K extends InputKey>(key: K): GivenValue<ValueOf<K>> | undefined {
    return this.problemOf(key) ? undefined : this.#all[key]
  }

  problems(): readonly Problem[] {
    return [...this.#unread, ...this.#broken(this.#all)]
  }

  problemOf(key: InputKey): Problem | undefined {
    return this.problems().find((problem) => problem.input === key)
  }

  /** Why this text cannot be the answer: it cannot be read, or breaks a rule together with what is known. */
  objection(key: InputKey, text: string): string | undefined {
    const read = readAnswer(key, text)
    if (!read.ok) return sentence(read.text || INPUTS[key].label, plainSpeller.text(read.message))
    const before = this.#broken(without(this.#all, key)).map(identityOf)
    const after = this.#broken({ ...this.#all, [key]: read.value })
    const fresh = after.find((problem) => !before.includes(identityOf(problem)))
    if (!fresh) return undefined
    const { flag, message } = tellProblem(fresh, plainSpeller)
    return sentence(fresh.input === key ? withoutFlag(flag) || text : flag, message)
  }

  /** Takes an answer that nothing was objected to. */
  answer(key: InputKey, text: string): void {
    const read = readAnswer(key, text)
    if (!read.ok) throw new Error(`${key} was answered with what its question refuses`)
    this.#put(key, read.value)
  }

  switchTo(key: InputKey, on: boolean): void {
    this.#put(key, { value: on, source: 'answer', texts: [] })
  }

  /** As if it had not been given. */
  drop(key: InputKey): void {
    this.#all = without(this.#all, key)
    this.#settle(key)
  }

  /** The rules that these inputs break together. */
  #broken(given: Given): readonly Problem[] {
    const known = { isLocal: given.local?.value ?? false, ...(this.liveTier ? { liveTier: this.liveTier } : {}) }
    return [...brokenRules(wantedOf(given, undefined, this.#unread), known), ...runProblems(given)]
  }

  #put(key: InputKey, given: GivenValue<unknown>): void {
    this.#all = { ...this.#all, [key]: given }
    this.#settle(key)
  }

  #settle(key: InputKey): void {
    this.#unread = this.#unread.filter((problem) => problem.input !== key)
  }
}

/** The line of a problem with what was given: `--tier Standrad is not a tier`. */
export function firstErrorOf(problem: Problem | undefined): string | undefined {
  if (!problem) return undefined
  const { flag, message } = tellProblem(problem, plainSpeller)
  return sentence(flag, message)
}

/** Messages are phrases about what was given. */
const sentence = (subject: string, message: string): string => `${subject} ${message}`

/** What was typed, of `--hub clicks`. */
const withoutFlag = (written: string): string => written.replace(/^--\S+ ?/, '')

const identityOf = ({ input, message }: Problem): string => JSON.stringify([input, message])

const without = (given: Given, key: InputKey): Given =>
  Object.fromEntries(Object.entries(given).filter(([other]) => other !== key))

type Unreadable = Extract<Parsed<never>, { readonly ok: false }> & { readonly text: string }

/** The words of an answer as the flag would take them: several values of a list stand between commas. */
function readAnswer(
  key: InputKey,
  text: string,
): { readonly ok: true; readonly value: GivenValue<unknown> } | Unreadable {
  const field: Input = INPUTS[key]
  if (field.kind === 'switch') throw new Error(`${key} is no question of words`)
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
