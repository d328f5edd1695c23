import type { FilePlace, Problem } from '../lib/errors.ts'
import { redact } from '../lib/redact.ts'
import type { CommandName, Field } from './input.ts'
import { FIELDS, fieldsOf, longFlagOf, type FieldKey, type ValueOf } from './table.ts'
import { nodeAt, type ManifestNode, type Spot } from '../manifest/nodes.ts'

export type Source = 'flag' | 'environment' | 'manifest' | 'answer'

/** A value somebody gave, where it came from, and its words, so that a run can be repeated. */
export interface Given<T> {
  readonly value: T
  readonly source: Source
  /** As typed; one entry for each value of a list, none for a switch and for a flag whose value was left out. */
  readonly texts: readonly string[]
  /** The environment variable that gave it. */
  readonly variable?: string
  /** Where it stands in a manifest, if something of it does. */
  readonly inFile?: InFile
}

export interface InFile {
  /** As it was named. */
  readonly file: string
  /** One for each text; undefined where a flag alone says it. */
  readonly nodes: readonly (ManifestNode | undefined)[]
  /** The list or mapping that holds them. */
  readonly whole?: ManifestNode | undefined
}

/** One of several values (the first when nothing is said), and what in it; or all of them. */
export type Part = 'all' | { readonly index?: number; readonly within?: readonly (string | number)[] }

/** What was given and could be read. What is absent was not given. */
export type Inputs = { readonly [K in FieldKey]?: Given<ValueOf<K>> | undefined }

export interface InputProblem extends Problem {
  readonly key: FieldKey
}

export interface ReadInputs {
  readonly inputs: Inputs
  readonly problems: readonly InputProblem[]
}

/** Flags by field key, as the command line parser leaves them. */
export type Flags = Readonly<Partial<Record<FieldKey, string | boolean | readonly string[]>>>
export type Env = Readonly<Record<string, string | undefined>>

/** Words of one field before they are parsed: `true`/`false` for a switch, texts for the others. */
interface Words {
  readonly source: Source
  /** `--tier`, or the name of the environment variable. */
  readonly spelling: string
  readonly value: boolean | readonly string[]
  /** The flag stood there without a value. */
  readonly isBare?: boolean
}

/**
 * Reads the fields of a command from flags (as commander collects them, by field key) and from the environment, a flag
 * before a variable. An empty variable is not set. Every value that cannot be read is a problem; the rest are inputs.
 */
export function readInputs(command: CommandName, flags: Flags, env: Env): ReadInputs {
  const inputs: Record<string, Given<unknown>> = {}
  const problems: InputProblem[] = []
  for (const key of fieldsOf(command)) {
    const field: Field = FIELDS[key]
    const words = wordsFromFlags(key, field, flags) ?? wordsFromEnv(field, env)
    if (!words) continue
    const read = readWords(key, field, words)
    if ('problems' in read) problems.push(...read.problems)
    else inputs[key] = read
  }
  return { inputs, problems }
}

function wordsFromFlags(key: FieldKey, field: Field, flags: Flags): Words | undefined {
  const raw = flags[key]
  if (raw === undefined) return undefined
  const spelling = longFlagOf(field)
  if (raw === true && field.kind === 'value')
    return { source: 'flag', spelling, value: [field.bare ?? ''], isBare: true }
  if (typeof raw === 'boolean') return { source: 'flag', spelling, value: field.kind === 'list' ? [] : raw }
  return { source: 'flag', spelling, value: typeof raw === 'string' ? [raw] : raw }
}

function wordsFromEnv(field: Field, env: Env): Words | undefined {
  const spelling = field.env.find((name) => env[name])
  if (spelling === undefined) return undefined
  const text = env[spelling]!
  const value = field.kind === 'list' ? text.split(',').map((part) => part.trim()) : [text]
  return { source: 'environment', spelling, value }
}

const SWITCH_WORDS: Readonly<Record<string, boolean>> = {
  ...{ '1': true, true: true, yes: true, on: true },
  ...{ '0': false, false: false, no: false, off: false },
}

function readWords(key: FieldKey, field: Field, words: Words): Given<unknown> | { problems: readonly InputProblem[] } {
  const { source, spelling } = words
  const problem = (text: string, message: string) => invalid(key, written(source, spelling, text), message)
  const from = { source, ...(source === 'environment' ? { variable: spelling } : {}) }
  if (typeof words.value === 'boolean') return { value: words.value, ...from, texts: [] }
  if (field.kind === 'switch') {
    const text = words.value[0] ?? ''
    const on = SWITCH_WORDS[text.toLowerCase()]
    return on === undefined ? { problems: [problem(text, 'is neither 1 nor 0')] } : { value: on, ...from, texts: [] }
  }
  const parsed = words.value.map((text) => ({ text, result: field.parse(text) }))
  const failed = parsed.flatMap(({ text, result }) => (result.ok ? [] : [problem(text, result.message)]))
  if (failed.length > 0) return { problems: failed }
  const values = parsed.map(({ result }) => (result as { value: unknown }).value)
  return { value: field.kind === 'list' ? values : values[0], ...from, texts: words.isBare ? [] : words.value }
}

const ECHO_MAX = 60
/** `--tier Standrad` or `ML_INGEST_TIER=Standrad`; shortened, without control characters, never with a key in it. */
function written(source: Source, spelling: string, text: string): string {
  const clean = redact(text).replaceAll(/[\u0000-\u001f\u007f]/g, ' ')
  const echo = clean.length > ECHO_MAX ? `${clean.slice(0, ECHO_MAX)}…` : clean
  if (source === 'environment') return `${spelling}=${echo}`
  return `${spelling} ${echo === '' || echo.includes(' ') ? `"${echo}"` : echo}`
}

/** A problem of a given value. */
export function invalid(key: FieldKey, flag: string, message: string): InputProblem {
  return { key, kind: 'invalid', input: FIELDS[key].label, flag, message }
}

/**
 * A problem of what was given, that shows only later. Of a manifest it says the place, and begins with what stands there;
 * else it says the flag or the variable as it was written.
 */
export function invalidPart(
  key: FieldKey,
  given: Given<unknown> | undefined,
  message: string,
  part: Part = {},
): InputProblem {
  const spot = spotOf(given, part)
  if (spot && given?.inFile) return invalidIn(given.inFile.file, spot, message, key)
  const text = part === 'all' ? '' : given?.texts[part.index ?? 0]
  return invalid(key, writtenInput(key, given, text), message)
}

/** A problem of a place in a manifest. */
export function invalidIn(file: string, { line, column, path }: Spot, message: string, key: FieldKey): InputProblem {
  const subject = path === '' ? 'the file' : path
  const place = { file, line, column }
  return { ...invalid(key, formatPlace(place), `${subject} ${message}`), place }
}

/** What a part of a given value is made of, where a manifest says it. */
export function nodeOf(given: Given<unknown> | undefined, part: Part = {}): ManifestNode | undefined {
  if (!given?.inFile) return undefined
  const { nodes, whole } = given.inFile
  if (part === 'all') return whole ?? nodes[0]
  const node = nodes[part.index ?? 0]
  return node && nodeAt(node, part.within ?? [])
}

/** A flag that names a hub of the manifest is said by the flag, and only what else the hub has by the file. */
function spotOf(given: Given<unknown> | undefined, part: Part): Spot | undefined {
  const node = nodeOf(given, part)
  const isOfFlag =
    given?.source !== 'manifest' && (part === 'all' || node === nodeOf(given, { index: part.index ?? 0 }))
  return isOfFlag ? undefined : node?.at
}

/** Where a given value comes from, in a word: its variable, its place in a manifest, `flag`. */
export function placeOf(given: Given<unknown>): string {
  const spot = spotOf(given, {})
  return spot && given.inFile ? formatPlace({ file: given.inFile.file, ...spot }) : (given.variable ?? given.source)
}

/** `12:5` in `ml-ingest.yaml` as editors take it: `ml-ingest.yaml:12:5`. */
const formatPlace = ({ file, line, column }: FilePlace): string => `${file}:${line}:${column}`

/** How a given value was written, for a problem that shows only later: `--capacity 5`, `ML_INGEST_CAPACITY=5`. */
export function writtenInput(
  key: FieldKey,
  given: Given<unknown> | undefined,
  text: string = given?.texts[0] ?? '',
): string {
  const spot = spotOf(given, text === '' ? 'all' : { index: Math.max(0, given?.texts.indexOf(text) ?? 0) })
  if (spot && given?.inFile) return formatPlace({ file: given.inFile.file, ...spot })
  const spelling = given?.variable ?? longFlagOf(FIELDS[key])
  return text === '' ? spelling : written(given?.variable ? 'environment' : 'flag', spelling, text)
}

/** Something that nobody gave and nothing fills in. */
export function missing(key: FieldKey): InputProblem {
  const field: Field = FIELDS[key]
  const env = field.env[key === 'subscription' ? 1 : 0]
  return {
    key,
    kind: 'missing',
    input: field.label,
    flag: field.flags,
    message: `is missing: ${field.help}`,
    ...(env === undefined ? {} : { env }),
    ...(field.kind === 'switch' ? {} : { example: field.example }),
  }
}
