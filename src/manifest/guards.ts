import { Lexer } from 'yaml'
import { MANIFEST_MAX_BYTES } from '../lib/limits.ts'
import { TOO_DEEP } from './yaml-words.ts'

/** A manifest has six. The parser calls itself for each, and with many thousands takes the process down. */
const MAX_DEPTH = 100

/** What makes a text not worth, or not safe, to hand to the parser; with the place. */
export function refusal(text: string): { readonly offset: number; readonly message: string } | undefined {
  if (text.length > MANIFEST_MAX_BYTES) return { offset: 0, message: 'is larger than 4 MB' }
  const zero = text.indexOf('\0')
  if (zero !== -1) return { offset: zero, message: 'holds a zero byte: it is no text, or text that is not UTF-8' }
  if (text.trim() === '') return { offset: 0, message: 'is empty: the least that a manifest says is version: 1' }
  return depthRefusal(text)
}

/** Lists in lists, without recursion: brackets that are open, and indicators that follow each other on a line. */
function depthRefusal(text: string): ReturnType<typeof refusal> {
  let [offset, brackets, indicators] = [0, 0, 0]
  for (const lexeme of new Lexer().lex(text)) {
    if (MARKS.has(lexeme)) continue
    if (lexeme === '[' || lexeme === '{') brackets++
    else if (lexeme === ']' || lexeme === '}') brackets--
    else if (lexeme === '-' || lexeme === '?' || lexeme === ':') indicators++
    else if (lexeme.includes('\n')) indicators = 0
    if (brackets + indicators > MAX_DEPTH) return { offset, message: TOO_DEEP }
    offset += lexeme.length
  }
  return undefined
}

/** What the lexer adds and the text does not hold: where a document, a flow end or a scalar begins. */
const MARKS: ReadonlySet<string> = new Set(['\u0002', '\u0018', '\u001f'])
