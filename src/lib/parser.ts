import { suggest } from './suggest.ts'

/** A parsed value, or what is wrong with the text. The message follows the input: `is empty`. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string }
export interface Parser<T> {
  (text: string): Parsed<T>
  /** What an editor can check, as keywords of JSON Schema. */
  readonly accepts?: Accepts
}
export interface Accepts {
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
}

export const ok = <T>(value: T): Parsed<T> => ({ ok: true, value })
export const bad = (message: string): Parsed<never> => ({ ok: false, message })
export const EMPTY = bad('is empty')
export const characters = (count: number): string => `${count} character${count === 1 ? '' : 's'}`

/** What is wrong with a text that is empty, too short or too long; undefined for a good length. */
export function lengthProblem(noun: string, text: string, max: number, min = 1): Parsed<never> | undefined {
  if (text === '') return EMPTY
  if (text.length >= min && text.length <= max) return undefined
  return bad(`has ${characters(text.length)}: ${noun} has ${min} to ${max}`)
}

/** Adds what an editor can check to a parser. */
export const accepting = <T>(accepts: Accepts, parse: Parser<T>): Parser<T> => Object.assign(parse, { accepts })

/**
 * One word of a list, in any case. A misspelt word gets a suggestion, and so does a word of `otherWords`, which stands
 * for a choice but is not accepted.
 */
export const oneOf =
  <T extends string>(
    noun: string,
    choices: readonly T[],
    {
      alsoAccepted = [],
      otherWords = {},
    }: { readonly alsoAccepted?: readonly T[]; readonly otherWords?: Readonly<Record<string, T>> } = {},
  ): Parser<T> =>
  (text) => {
    const word = text.trim().toLowerCase()
    if (word === '') return EMPTY
    const found = [...choices, ...alsoAccepted].find((choice) => choice.toLowerCase() === word)
    if (found) return ok(found)
    const meant = Object.hasOwn(otherWords, word) ? otherWords[word] : suggest(word, choices)
    return bad(`is not ${noun}.${meant ? ` Did you mean ${meant}?` : ''} It can be ${choices.join(', ')}`)
  }

/** A whole number from `min` to `max`. */
export const wholeNumber = (noun: string, min: number, max: number): Parser<number> =>
  accepting({ minimum: min, maximum: max }, (text) => {
    if (text.trim() === '') return EMPTY
    if (!/^[+-]?\d{1,12}$/.test(text.trim())) return bad(`is not a whole number: ${noun} is ${min} to ${max}`)
    const value = Number(text)
    return value >= min && value <= max ? ok(value) : bad(`is out of range: ${noun} is ${min} to ${max}`)
  })
