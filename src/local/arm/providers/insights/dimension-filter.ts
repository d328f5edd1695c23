/** By the name of a dimension in lower case: the values of which there shall be a series each, or `*` for all. */
export type DimensionFilter = ReadonlyMap<string, readonly string[]>

interface Token {
  readonly kind: 'word' | 'value' | 'mark'
  readonly text: string
}

const TOKEN = /\s*(?:'(?<value>(?:[^']|'')*)'|(?<mark>[()])|(?<word>[^\s()']+))\s*/y

/** Undefined where something in the text is none. */
function tokensOf(text: string): readonly Token[] | undefined {
  const tokens: Token[] = []
  const scan = new RegExp(TOKEN)
  while (scan.lastIndex < text.length) {
    const found = scan.exec(text)?.groups
    if (!found) return undefined
    const { value, mark, word } = found
    if (value !== undefined) tokens.push({ kind: 'value', text: value.replaceAll("''", "'") })
    else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark })
    else tokens.push({ kind: 'word', text: word!.toLowerCase() })
  }
  return tokens
}

/**
 * Reads `A eq 'a' and B eq 'b1' or B eq 'b2' and C eq '*'`: `or` stands between values of one dimension only, and binds
 * closer than `and`. Undefined where the text is something else. Empty for an empty text.
 * https://learn.microsoft.com/rest/api/monitor/metrics/list
 */
export function readDimensionFilter(text: string): DimensionFilter | undefined {
  const tokens = tokensOf(text)
  if (!tokens) return undefined
  const filter = new Map<string, readonly string[]>()
  let at = 0
  const take = (kind: Token['kind'], wanted?: string): string | undefined => {
    const token = tokens[at]
    if (token?.kind !== kind || (wanted !== undefined && token.text !== wanted)) return undefined
    at++
    return token.text
  }
  /** The values of one dimension. */
  const readGroup = (): boolean => {
    const isOpen = take('mark', '(') !== undefined
    const values: string[] = []
    let dimension: string | undefined
    do {
      const name = take('word')
      const value = name !== undefined && take('word', 'eq') !== undefined ? take('value') : undefined
      if (value === undefined || (dimension !== undefined && dimension !== name)) return false
      dimension = name
      values.push(value)
    } while (take('word', 'or') !== undefined)
    if (filter.has(dimension!) || (isOpen && take('mark', ')') === undefined)) return false
    filter.set(dimension!, values)
    return true
  }
  if (tokens.length === 0) return filter
  do if (!readGroup()) return undefined
  while (take('word', 'and') !== undefined)
  return at === tokens.length ? filter : undefined
}
