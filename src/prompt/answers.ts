import type { Field } from '../inputs/input.ts'
import { FIELDS, type FieldKey, type ValueOf } from '../inputs/table.ts'
import type { Given, InputProblem, Inputs } from '../inputs/given.ts'
import type { LiveTier } from '../lib/limits.ts'
import type { Parsed } from '../inputs/parsers.ts'
import { crossFieldProblems } from '../resources/rules.ts'

/** Typed where a list or an optional value is asked for: none. */
export const NONE = '-'

/** What was given and answered so far, and what is wrong with it under the tier that is known by now. */
export class Answers {
  #inputs: Inputs
  #unread: readonly InputProblem[]
  /** Tier of the namespace, when it exists. */
  liveTier: LiveTier | undefined

  /** Problems of values that were read are found again, under the tier that turns up; the others are remembered. */
  constructor(inputs: Inputs, problems: readonly InputProblem[]) {
    this.#inputs = inputs
    this.#unread = problems.filter((problem) => problem.kind === 'invalid' && !(problem.key in inputs))
  }

  get inputs(): Inputs {
    return this.#inputs
  }

  /** What was given for a field, if it can stand. */
  given<K extends FieldKey>(key: K): Given<ValueOf<K>> | undefined {
    return this.problemOf(key) ? undefined : this.#inputs[key]
  }

  problems(): readonly InputProblem[] {
    return [...this.#unread, ...crossFieldProblems(this.#inputs, this.liveTier)]
  }

  problemOf(key: FieldKey): InputProblem | undefined {
    return this.problems().find((problem) => problem.key === key)
  }

  /** Why this text cannot be the answer: it cannot be read, or breaks a rule together with what is known. */
  objection(key: FieldKey, text: string): string | undefined {
    const read = readAnswer(key, text)
    if (!read.ok) return sentence(read.text || FIELDS[key].label, read.message)
    const before = crossFieldProblems(without(this.#inputs, key), this.liveTier).map(identityOf)
    const after = crossFieldProblems({ ...this.#inputs, [key]: read.value }, this.liveTier)
    const fresh = after.find((problem) => !before.includes(identityOf(problem)))
    if (!fresh) return undefined
    return sentence(fresh.key === key ? withoutFlag(fresh.flag) || text : fresh.flag, fresh.message)
  }

  /** Takes an answer that nothing was objected to. */
  answer(key: FieldKey, text: string): void {
    const read = readAnswer(key, text)
    if (!read.ok) throw new Error(`${key} was answered with what its question refuses`)
    this.#put(key, read.value)
  }

  switchTo(key: FieldKey, on: boolean): void {
    this.#put(key, { value: on, source: 'answer', texts: [] })
  }

  /** As if it had not been given. */
  drop(key: FieldKey): void {
    this.#inputs = without(this.#inputs, key)
    this.#settle(key)
  }

  #put(key: FieldKey, given: Given<unknown>): void {
    this.#inputs = { ...this.#inputs, [key]: given }
    this.#settle(key)
  }

  #settle(key: FieldKey): void {
    this.#unread = this.#unread.filter((problem) => problem.key !== key)
  }
}

/** The line of a problem with what was given: `--tier Standrad is not a tier`. */
export const firstErrorOf = (problem: InputProblem | undefined): string | undefined =>
  problem && sentence(problem.flag, problem.message)

/** Messages are phrases about what was given. */
const sentence = (subject: string, message: string): string => `${subject} ${message}`

/** What was typed, of `--hub clicks`. */
const withoutFlag = (written: string): string => written.replace(/^--\S+ ?/, '')

const identityOf = (problem: InputProblem): string => `${problem.key} ${problem.message}`

const without = (inputs: Inputs, key: FieldKey): Inputs =>
  Object.fromEntries(Object.entries(inputs).filter(([other]) => other !== key))

type Unreadable = Extract<Parsed<never>, { readonly ok: false }> & { readonly text: string }

/** The words of an answer as the flag would take them: several values of a list stand between commas. */
function readAnswer(key: FieldKey, text: string): { readonly ok: true; readonly value: Given<unknown> } | Unreadable {
  const field: Field = FIELDS[key]
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

function textsOf(field: Field, text: string): readonly string[] {
  if (field.kind !== 'list') return [text]
  if (text === NONE && field.noneFlag !== undefined) return []
  return text.split(',').map((part) => part.trim())
}
