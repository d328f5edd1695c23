import type { Input } from '../inputs/input.ts'
import { INPUTS, type InputKey } from '../inputs/table.ts'
import { NONE, firstErrorOf, type Answers } from './answers.ts'
import { pick, type Choice, type Prompter } from './prompter.ts'
import type { Talk } from './talk.ts'
import { sameName } from '../lib/names.ts'

export interface AskField {
  readonly message?: string
  readonly context?: string | undefined
  readonly default?: string
  /** Where the inputs alone do not tell what is wrong. */
  readonly firstError?: string | undefined
  /** Asked after the rules of the field, of a text that keeps them. */
  readonly check?: (text: string) => Promise<string | undefined>
}

/** Asks for a field in words and takes the answer. */
export async function askField(talk: Talk, answers: Answers, key: InputKey, ask: AskField): Promise<string> {
  const text = await talk.prompter.text({
    message: ask.message ?? questionOf(key),
    context: ask.context,
    default: ask.default,
    firstError: ask.firstError ?? firstErrorOf(answers.problemOf(key)),
    validate: async (typed) => answers.objection(key, typed) ?? (await ask.check?.(typed)),
  })
  answers.answer(key, text)
  return text
}

/** Asks for one of the choices of a field, told apart by what `detailOf` says about them. */
export async function askChoice(
  talk: Talk,
  answers: Answers,
  key: InputKey,
  ask: { readonly choices: readonly [Choice<string>, ...Choice<string>[]]; readonly default?: string },
): Promise<void> {
  const firstError = firstErrorOf(answers.problemOf(key))
  answers.answer(key, await pick(talk.prompter, { message: questionOf(key), firstError, ...ask }))
}

/** Asks about a value that cannot stand and has no place of its own among the questions; leaving it out is offered. */
export async function askAgain(talk: Talk, answers: Answers, key: InputKey): Promise<void> {
  const field: Input = INPUTS[key]
  const message = questionOf(key)
  const firstError = firstErrorOf(answers.problemOf(key))
  if (field.kind === 'switch') {
    answers.switchTo(key, await talk.prompter.confirm({ message, firstError, default: false }))
    return
  }
  const text =
    field.kind === 'value' && field.choices
      ? await pick(talk.prompter, { message, firstError, choices: optional(field.choices) })
      : await talk.prompter.text({
          message,
          firstError,
          context: `${NONE} to leave it out`,
          default: NONE,
          validate: (typed) => (typed === NONE ? undefined : answers.objection(key, typed)),
        })
  if (text === NONE) answers.drop(key)
  else answers.answer(key, text)
}

const optional = (choices: readonly string[]): readonly [Choice<string>, ...Choice<string>[]] => [
  { value: NONE, label: 'Leave it out' },
  ...choices.map((choice) => ({ value: choice, label: choice })),
]

/** The question of a field: its own, or its label as one. */
export function questionOf(key: InputKey): string {
  const field: Input = INPUTS[key]
  if (field.kind !== 'switch' && field.prompt !== undefined) return field.prompt
  return `${field.label.charAt(0).toUpperCase()}${field.label.slice(1)}?`
}

interface Named {
  readonly name: string
}

export interface PickNamed<T extends Named> {
  readonly message: string
  readonly firstError?: string | undefined
  readonly existing: readonly T[]
  /** The name that ml-ingest gives itself: where it exists, it is the row that Enter takes. */
  readonly suggested: string
  /** Let Enter take what exists when there is just one, whatever its name. */
  readonly preferOnly: boolean
  readonly detailOf: (one: T) => string | undefined
}

const NEW = Symbol('new')

/** One of what exists, or undefined for a new one. */
export async function pickNamed<T extends Named>(prompter: Prompter, ask: PickNamed<T>): Promise<T | undefined> {
  const { existing, suggested, preferOnly, detailOf } = ask
  const ours = existing.find((one) => sameName(one.name, suggested))
  const only = preferOnly && existing.length === 1 ? existing[0] : undefined
  const rows: Choice<T | typeof NEW>[] = existing.map((one) => ({
    value: one,
    label: one.name,
    detail: detailOf(one),
  }))
  const picked = await pick<T | typeof NEW>(prompter, {
    message: ask.message,
    firstError: ask.firstError,
    choices: [{ value: NEW, label: 'Create a new one', always: true }, ...rows],
    default: ours ?? only ?? NEW,
  })
  return picked === NEW ? undefined : picked
}

/** The suggested name, numbered on when it exists: `ml-data-stream-2`. */
export function freeName(suggested: string, existing: readonly Named[]): string {
  const isTaken = (name: string): boolean => existing.some((one) => sameName(one.name, name))
  if (!isTaken(suggested)) return suggested
  let number = 2
  while (isTaken(`${suggested}-${number}`)) number++
  return `${suggested}-${number}`
}
