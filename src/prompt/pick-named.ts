import { sameName } from '../lib/names.ts'
import { type Choice, type Prompter, pick } from './prompter.ts'

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
