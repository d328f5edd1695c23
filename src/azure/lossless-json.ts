import { randomUUID } from 'node:crypto'

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** JSON whose numbers come out as they came in. */
export interface LosslessJson {
  readonly value: unknown
  /** JSON text of any value made from `value`. */
  stringify(value: unknown): string
}

/**
 * Parses JSON for reading, changing and writing back. Numbers that JavaScript cannot hold (Azure sends
 * 9223372036854775807) or would spell differently (`1.0`) travel as marked strings and are put back verbatim.
 */
export function parseLossless(text: string): LosslessJson {
  const mark = `${randomUUID()}:`
  const marked = text.replace(STRING_OR_NUMBER, (token) =>
    token.startsWith('"') || String(Number(token)) === token ? token : `"${mark}${token}"`,
  )
  const numbers = new RegExp(`"${mark}([^"]+)"`, 'g')
  return {
    value: JSON.parse(marked),
    stringify: (value) => JSON.stringify(value).replace(numbers, '$1'),
  }
}
