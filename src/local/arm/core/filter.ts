import { type ArmError, gateway } from './errors.ts'
import { keyOf } from './model.ts'
import type { Call } from './routes.ts'

type Test<T> = (entry: T) => boolean

/**
 * What a list can be filtered by: each comparison and call in lower case, with `?` for its value, as in `name eq ?` and
 * `substringof(?,name)`.
 */
export type FilterTerms<T> = Readonly<Record<string, (value: string) => Test<T>>>

export interface Filter<T> {
  readonly test: Test<T>
  /** The filter with its values as `?`, such as `name eq ? and location ne ?`. Empty without a filter. */
  readonly shape: string
}

/** The terms `property eq ?` and `property ne ?`, whatever the case of the values. `form` is what values are stored as. */
export function comparing<T>(
  property: string,
  read: (entry: T) => string | undefined,
  form = (value: string): string => value,
): FilterTerms<T> {
  const isEqual = (entry: T, wanted: string) => {
    const value = read(entry)
    return value !== undefined && keyOf(value) === keyOf(form(wanted))
  }
  return {
    [`${property} eq ?`]: (value) => (entry) => isEqual(entry, value),
    [`${property} ne ?`]: (value) => (entry) => !isEqual(entry, value),
  }
}

/** `$filter` of a list, in OData: terms, `and`, `or` and parentheses. Throws ArmError 400 on what it cannot read. */
export function readFilter<T>(call: Call, terms: FilterTerms<T>): Filter<T> {
  const text = textOf(call)
  if (text.trim() === '') return { test: () => true, shape: '' }
  const tokens = tokensOf(text)
  const filter = tokens && new Parser(tokens, terms).parse()
  if (!filter) throw invalidFilter(call)
  return filter
}

const textOf = (call: Call): string => call.query.get('$filter') ?? ''

export const invalidFilter = (call: Call): ArmError =>
  gateway(400, 'InvalidFilterInQueryString', `Invalid $filter '${textOf(call)}' specified in the query string.`)

interface Token {
  readonly kind: 'value' | 'word' | 'mark'
  /** A word in lower case, the inside of a quoted value, or a parenthesis or comma. */
  readonly text: string
}

const TOKEN =
  /\s*(?:'(?<quoted>(?:[^']|'')*)'|(?<guid>[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})\b|(?<word>[a-z][a-z/]*)|(?<mark>[(),]))\s*/iy

/** Undefined when something in the text is none. */
function tokensOf(text: string): readonly Token[] | undefined {
  const tokens: Token[] = []
  const scan = new RegExp(TOKEN)
  while (scan.lastIndex < text.length) {
    const found = scan.exec(text)?.groups
    if (!found) return undefined
    const { quoted, guid, word, mark } = found
    const value = quoted?.replaceAll("''", "'") ?? guid
    if (value !== undefined) tokens.push({ kind: 'value', text: value })
    else tokens.push(word === undefined ? { kind: 'mark', text: mark! } : { kind: 'word', text: word.toLowerCase() })
  }
  return tokens
}

/** Parentheses deeper than this are refused. */
const MAX_DEPTH = 20

/** Reads by recursive descent. Each method answers undefined where its part cannot be read. */
class Parser<T> {
  readonly #tokens: readonly Token[]
  readonly #terms: FilterTerms<T>
  #at = 0

  constructor(tokens: readonly Token[], terms: FilterTerms<T>) {
    this.#tokens = tokens
    this.#terms = terms
  }

  parse(): Filter<T> | undefined {
    const filter = this.#any(0)
    return this.#at === this.#tokens.length ? filter : undefined
  }

  #any(depth: number): Filter<T> | undefined {
    const parts = this.#joined('or', () => this.#all(depth))
    return parts && { test: (entry) => parts.some(({ test }) => test(entry)), shape: shapeOf(parts, ' or ') }
  }

  #all(depth: number): Filter<T> | undefined {
    const parts = this.#joined('and', () => this.#unit(depth))
    return parts && { test: (entry) => parts.every(({ test }) => test(entry)), shape: shapeOf(parts, ' and ') }
  }

  #joined(word: 'and' | 'or', read: () => Filter<T> | undefined): readonly Filter<T>[] | undefined {
    const parts: Filter<T>[] = []
    do {
      const part = read()
      if (!part) return undefined
      parts.push(part)
    } while (this.#take('word', word))
    return parts
  }

  #unit(depth: number): Filter<T> | undefined {
    if (!this.#take('mark', '(')) return this.#term()
    const inner = depth < MAX_DEPTH ? this.#any(depth + 1) : undefined
    return inner && this.#take('mark', ')') && { ...inner, shape: `(${inner.shape})` }
  }

  /** `name eq 'x'`, or `name('x', other)`. */
  #term(): Filter<T> | undefined {
    const first = this.#take('word')
    if (!first) return undefined
    const isCall = this.#take('mark', '(') !== undefined
    const others = isCall ? this.#arguments() : [this.#take('word'), this.#take('value')]
    const words = (others ?? []).flatMap((token) => token ?? [])
    const [value, ...more] = words.filter(({ kind }) => kind === 'value')
    if (!others || more.length > 0) return undefined
    const texts = words.map(({ kind, text }) => (kind === 'value' ? '?' : text))
    const shape = isCall ? `${first.text}(${texts.join(',')})` : [first.text, ...texts].join(' ')
    const term = Object.hasOwn(this.#terms, shape) ? this.#terms[shape] : undefined
    return term && { test: term(value?.text ?? ''), shape }
  }

  /** The arguments of a call, up to its parenthesis. */
  #arguments(): readonly Token[] | undefined {
    if (this.#take('mark', ')')) return []
    const found: Token[] = []
    do {
      const one = this.#take('word') ?? this.#take('value')
      if (!one) return undefined
      found.push(one)
    } while (this.#take('mark', ','))
    return this.#take('mark', ')') && found
  }

  #take(kind: Token['kind'], text?: string): Token | undefined {
    const token = this.#tokens[this.#at]
    if (token?.kind !== kind || (text !== undefined && token.text !== text)) return undefined
    this.#at++
    return token
  }
}

const shapeOf = <T>(parts: readonly Filter<T>[], word: string): string => parts.map(({ shape }) => shape).join(word)
