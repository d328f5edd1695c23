import { Lexer, LineCounter, parseDocument, type YAMLError } from 'yaml'
import { MANIFEST_MAX_BYTES } from '../lib/limits.ts'
import { sharedNamespaces } from './environments.ts'
import { MANIFEST, type ManifestTree } from './manifest.ts'
import { Reader, type ManifestProblem } from './reader.ts'

export interface ReadManifest {
  /** What could be read, even with problems; undefined if the file is not YAML. */
  readonly root: ManifestTree | undefined
  readonly problems: readonly ManifestProblem[]
}

/** Reads a manifest and lists all problems. It is YAML 1.2 without custom tags, so nothing in it can run. */
export function readManifest(text: string, file: string): ReadManifest {
  const nothing = (offset: number, message: string): ReadManifest => {
    const before = text.slice(0, offset).split('\n')
    const origin = { kind: 'file', file, line: before.length, column: before.at(-1)!.length + 1, path: '' } as const
    return { root: undefined, problems: [{ kind: 'invalid', input: 'file', origin, message }] }
  }
  const refused = refusal(text)
  if (refused) return nothing(refused.offset, refused.message)
  const counter = new LineCounter()
  // The reader reports repeated keys by name and goes on; the parser would not.
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, schema: 'core', uniqueKeys: false })
  const reader = new Reader(document, counter, file)
  for (const error of [...document.errors, ...document.warnings])
    reader.problemAt(error.pos[0], '', yamlWords(error, text.slice(...error.pos)))
  if (reader.problems.length > 0) {
    // One mistake can cause several errors on its line.
    const problems = reader.sorted().filter(({ origin }, i, all) => origin.line !== all[i - 1]?.origin.line)
    return { root: undefined, problems }
  }
  if (document.contents === null) return nothing(0, EMPTY)
  const root = reader.object(MANIFEST, document.contents, '') as ManifestTree | undefined
  if (root) reader.problems.push(...sharedNamespaces(root))
  return { root, problems: reader.sorted() }
}

const EMPTY = 'is empty: a manifest needs at least version: 1'

/** A manifest has six levels. The parser is recursive, and thousands of levels would crash the process. */
const MAX_DEPTH = 100

/** Why a text is not parsed, with the place. */
function refusal(text: string): { readonly offset: number; readonly message: string } | undefined {
  if (text.length > MANIFEST_MAX_BYTES) return { offset: 0, message: 'is larger than 4 MB' }
  const zero = text.indexOf('\0')
  if (zero !== -1) return { offset: zero, message: 'holds a zero byte: it is not text, or not UTF-8' }
  if (text.trim() === '') return { offset: 0, message: EMPTY }
  return depthRefusal(text)
}

/** Measures the depth without recursion, by open brackets and by indicators in a row on a line. */
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

/** Marks that the lexer adds for the start of a document, a flow end or a scalar. They are not in the text. */
const MARKS: ReadonlySet<string> = new Set(['\u0002', '\u0018', '\u001f'])

const TOO_DEEP = 'is nested too deep: no manifest needs more than a few levels'

/** Our words for messages of the parser. `$1` is the first group of the pattern, `$0` the text at the place. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [
    /multiple documents/,
    'begins a second document here: a manifest is one document, with its environments under environments:',
  ],
  [/^Maximum call stack/, TOO_DEEP],
  [/^Unresolved tag/, 'has the type $0, which means nothing here: leave it out, or put the value in quotes'],
  [/closing .quote/, 'is not YAML: a quote is opened but not closed'],
  [/sufficiently indented and end with a (.)$/, 'is not YAML: a $1 is missing or not indented enough'],
  [/end with a (.)$/, 'is not YAML: a $1 is missing'],
  [/same column$/, 'is not YAML: this line is indented more or less than those that it belongs to'],
  [/^Tabs are not allowed/, 'is not YAML: this line is indented with a tab. Use spaces'],
  [
    /^Sequence item without -/,
    'is not YAML: a list goes on without a -, or this line is indented more or less than those that it belongs to',
  ],
  [/^Implicit map keys need to be followed/, 'is not YAML: a key has no ":" after it'],
  [/single line$/, 'is not YAML: this line belongs to nothing above it. Check its indentation and the line before'],
  [
    /^Nested mappings are not allowed/,
    'is not YAML: a second key stands where a value is expected. Check the indentation, or put a value with ": " in quotes',
  ],
  [/^Plain value cannot start/, 'is not YAML: a value cannot begin with $0. Put it in quotes'],
  [/^Invalid escape sequence (.*)$/, 'is not YAML: $1 is not an escape sequence. Text in single quotes needs none'],
  [/^Alias cannot be an empty/, 'is not YAML: a * begins an alias. Put the value in quotes'],
  [/^Comments must be separated/, 'is not YAML: a # begins a comment only after a space. Put the value in quotes'],
  [/^Missing , /, 'is not YAML: a comma is missing, or a bracket'],
  [/^Unexpected /, 'is not YAML: this cannot stand here. Check the quotes, brackets and indentation before it'],
  [/1024 chars/, 'is not YAML: a key is longer than 1024 characters'],
]

/** A message of the parser in our words, or else in its own. */
function yamlWords({ message }: YAMLError, text: string): string {
  for (const [pattern, words] of WORDS) {
    const match = pattern.exec(message)
    if (match) return words.replace('$0', () => text.split('\n')[0]!).replace('$1', () => match[1]!)
  }
  return `is not YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`
}
