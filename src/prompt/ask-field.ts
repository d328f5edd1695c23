import { capitalized } from '../lib/phrase.ts'
import type { Input } from '../inputs/input.ts'
import { INPUTS, type InputKey } from '../inputs/table.ts'
import { NONE, firstErrorOf, type Answers } from './answers.ts'
import { pick, type Choice, type AnswerReason } from './prompter.ts'
import type { Asker } from './talk.ts'
import { findByName } from '../lib/names.ts'
import type { Problem } from '../lib/errors.ts'

export interface AskField {
  readonly message?: string
  readonly context?: string | undefined
  readonly reason?: AnswerReason | undefined
  readonly default?: string | undefined
  /** Default: the problem of the input. */
  readonly firstError?: string | undefined
  /** Which problems of valid texts are objected to; default: all. */
  readonly counts?: (problem: Problem) => boolean
  /** An additional check of valid texts. */
  readonly check?: ((text: string) => Promise<string | undefined>) | undefined
}

/** Asks for a text and stores the answer. */
export async function askField(talk: Asker, answers: Answers, key: InputKey, ask: AskField): Promise<string> {
  const text = await talk.prompter.text({
    message: ask.message ?? questionOf(key),
    context: ask.context,
    reason: ask.reason,
    default: ask.default,
    firstError: ask.firstError ?? firstErrorOf(answers.problemOf(key)),
    validate: async (typed) => answers.objection(key, typed, ask.counts) ?? (await ask.check?.(typed)),
  })
  answers.answer(key, text)
  return text
}

/** Asks for one of the choices of a field and stores the answer. */
export async function askChoice(
  talk: Asker,
  answers: Answers,
  key: InputKey,
  ask: Pick<AskField, 'context' | 'reason'> & {
    readonly choices: readonly [Choice<string>, ...Choice<string>[]]
    readonly default?: string | undefined
  },
): Promise<void> {
  const firstError = firstErrorOf(answers.problemOf(key))
  answers.answer(key, await pick(talk.prompter, { message: questionOf(key), firstError, ...ask }))
}

/** Asks for a valid value of any input, and offers to leave it out. */
export async function askAgain(talk: Asker, answers: Answers, key: InputKey): Promise<void> {
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

/** The question of a field, made from its label if it has none of its own. */
export function questionOf(key: InputKey): string {
  const field: Input = INPUTS[key]
  if (field.kind !== 'switch' && field.prompt !== undefined) return field.prompt
  return `${capitalized(field.label)}?`
}

interface Named {
  readonly name: string
}

interface AskName<T extends Named> extends Pick<AskField, 'context' | 'firstError' | 'check'> {
  /** `resource group` */
  readonly noun: string
  readonly existing: readonly T[]
  /** Default name. If it exists, it is the default choice. */
  readonly suggested: string
  /** Make the only existing one the default choice, whatever its name. */
  readonly preferOnly: boolean
  readonly detailOf: (one: T) => string | undefined
}

const NEW = Symbol('new')

/** Asks for an existing resource or the name of a new one, stores the answer and returns the name. */
export async function askName<T extends Named>(
  talk: Asker,
  answers: Answers,
  key: InputKey,
  { noun, existing, suggested, preferOnly, detailOf, context, firstError, check }: AskName<T>,
): Promise<string> {
  if (existing.length === 0) return askField(talk, answers, key, { context, default: suggested, firstError, check })
  const ours = findByName(existing, suggested)
  const only = preferOnly && existing.length === 1 ? existing[0] : undefined
  const rows = existing.map((one) => ({ value: one, label: one.name, detail: detailOf(one) }))
  const picked = await pick<T | typeof NEW>(talk.prompter, {
    message: `${capitalized(noun)}?`,
    firstError: firstError ?? firstErrorOf(answers.problemOf(key)),
    choices: [{ value: NEW, label: 'Create a new one', always: true }, ...rows],
    default: ours ?? only ?? NEW,
  })
  if (picked === NEW) {
    answers.drop(key)
    return askField(talk, answers, key, {
      message: `New ${noun}?`,
      context,
      default: freeName(suggested, existing),
      check,
    })
  }
  answers.answer(key, picked.name)
  return picked.name
}

/** The suggested name, with a number if it is taken: `ml-data-stream-2`. */
function freeName(suggested: string, existing: readonly Named[]): string {
  let name = suggested
  for (let number = 2; findByName(existing, name); number++) name = `${suggested}-${number}`
  return name
}
