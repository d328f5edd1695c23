import { Lexer, LineCounter, parseDocument } from 'yaml'
import { MANIFEST_MAX_BYTES } from '../lib/limits.ts'
import { sharedNamespaces } from './environments.ts'
import { MANIFEST, type ManifestTree } from './manifest.ts'
import { Reader, type ManifestProblem } from './reader.ts'
import { TOO_DEEP, yamlWords } from './yaml-words.ts'

export interface ReadManifest {
  /** What could be read, also beside problems; undefined where the file is not YAML. */
  readonly root: ManifestTree | undefined
  readonly problems: readonly ManifestProblem[]
}

/** Reads a manifest: YAML 1.2 without tags of its own, so that nothing in it can run. Lists every problem there is. */
export function readManifest(text: string, file: string): ReadManifest {
  const nothing = (offset: number, message: string): ReadManifest => {
    const before = text.slice(0, offset).split('\n')
    const origin = { kind: 'file', file, line: before.length, column: before.at(-1)!.length + 1, path: '' } as const
    return { root: undefined, problems: [{ kind: 'invalid', input: 'file', origin, message }] }
  }
  const refused = refusal(text)
  if (refused) return nothing(refused.offset, refused.message)
  const counter = new LineCounter()
  // Keys that come twice are told by the reader, which goes on; the parser would not name them.
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, schema: 'core', uniqueKeys: false })
  const reader = new Reader(document, counter, file)
  for (const error of [...document.errors, ...document.warnings])
    reader.problemAt(error.pos[0], '', yamlWords(error, text.slice(...error.pos)))
  if (reader.problems.length > 0) {
    // One mistake makes the parser stumble several times on its line.
    const problems = reader.sorted().filter(({ origin }, i, all) => origin.line !== all[i - 1]?.origin.line)
    return { root: undefined, problems }
  }
  if (document.contents === null) return nothing(0, EMPTY)
  const root = reader.object(MANIFEST, document.contents, '') as ManifestTree | undefined
  if (root) reader.problems.push(...sharedNamespaces(root))
  return { root, problems: reader.sorted() }
}

const EMPTY = 'is empty: the least that a manifest says is version: 1'

/** A manifest has six. The parser calls itself for each, and with many thousands takes the process down. */
const MAX_DEPTH = 100

/** What makes a text not worth, or not safe, to hand to the parser; with the place. */
function refusal(text: string): { readonly offset: number; readonly message: string } | undefined {
  if (text.length > MANIFEST_MAX_BYTES) return { offset: 0, message: 'is larger than 4 MB' }
  const zero = text.indexOf('\0')
  if (zero !== -1) return { offset: zero, message: 'holds a zero byte: it is no text, or text that is not UTF-8' }
  if (text.trim() === '') return { offset: 0, message: EMPTY }
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
