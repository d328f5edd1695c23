import type { CommandName, Field } from './input.ts'
import { FIELDS, fieldsOf, longFlagOf, type FieldKey } from './table.ts'
import type { Given, Inputs } from './given.ts'
import { sameName } from '../lib/names.ts'

/** Fields that say how one run behaves, not what it does: they are not part of a line to repeat. */
const NOT_REPEATED: readonly FieldKey[] = [
  'json',
  'quiet',
  'debug',
  'color',
  'noColor',
  'progress',
  'ci',
  'dryRun',
  'noInput',
  'output',
  'force',
  'save',
]

/** The words after `ml-ingest` that give the same inputs again, whatever they came from. */
export function argvOf(command: CommandName, inputs: Inputs, extra: readonly string[] = []): readonly string[] {
  const words = fieldsOf(command)
    .filter((key) => !NOT_REPEATED.includes(key))
    .flatMap((key) => {
      const given: Given<unknown> | undefined = inputs[key]
      // What a manifest says, its --file says again.
      return given && given.source !== 'manifest' ? wordsOf(FIELDS[key], given) : []
    })
  return [...command.split(' '), ...words, ...extra.filter((word) => !words.includes(word))]
}

function wordsOf(field: Field, given: Given<unknown>): readonly string[] {
  const flag = shortestFlagOf(field)
  if (field.kind === 'switch') return given.value === true ? [flag] : []
  if (field.kind === 'list' && given.texts.length === 0) return field.noneFlag ? [field.noneFlag] : []
  return given.texts.flatMap((text) => (text.startsWith('-') ? [`${longFlagOf(field)}=${text}`] : [flag, text]))
}

const shortestFlagOf = (field: Field): string => /^(-[a-zA-Z]), /.exec(field.flags)?.[1] ?? longFlagOf(field)

/** A line to paste into a shell: words quoted where they must be. `windows` means cmd and PowerShell alike. */
export const quoteCommand = (words: readonly string[], platform: 'posix' | 'windows'): string =>
  quoteWords(['npx', 'ml-ingest', ...words], platform)

/** The same for another program. */
export const quoteWords = (words: readonly string[], platform: 'posix' | 'windows'): string =>
  words.map(platform === 'windows' ? quoteForWindows : quoteForPosix).join(' ')

const quoteForPosix = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

/** No quoting holds in both shells for `$` and the backtick, which only PowerShell reads: they get its own. */
function quoteForWindows(word: string): string {
  if (/^[A-Za-z0-9_+=:./-]+$/.test(word)) return word
  return /[$`]/.test(word) ? `'${word.replaceAll("'", "''")}'` : `"${word.replaceAll('"', '\\"')}"`
}

/**
 * The words of a command line with some flags changed: a text is the flag's new value, true sets a switch, null and false
 * take the flag away. `--hub clicks` names the one of a repeated flag whose value begins with that name; a hub that gets
 * another name takes along the consumer groups that were named with it.
 */
export function withFlags(
  words: readonly string[],
  changes: Readonly<Record<string, string | boolean | null>>,
): readonly string[] {
  return Object.entries(changes).reduce((all, [spelling, value]) => withFlag(all, spelling, value), words)
}

function withFlag(words: readonly string[], spelling: string, value: string | boolean | null): readonly string[] {
  const [flag = '', name] = spelling.split(' ')
  const kept = pairsOf(words).filter((pair) => !isFlag(pair.flag, flag) || (name !== undefined && !begins(pair, name)))
  const renamed = flag === '--hub' && name !== undefined && typeof value === 'string' ? nameIn(value) : undefined
  const others = renamed === undefined ? kept : kept.map((pair) => withHub(pair, name!, renamed))
  const changed = others.flatMap((pair) => pair.words)
  if (value === null || value === false) return changed
  return [...changed, flag, ...(value === true ? [] : [value])]
}

/** A flag with its value, as they stand in a line that `argvOf` made; the command itself has no flag. */
interface Pair {
  readonly flag: string
  readonly text: string
  readonly words: readonly string[]
}

function pairsOf(words: readonly string[]): readonly Pair[] {
  const pairs: Pair[] = []
  for (const word of words) {
    const last = pairs.at(-1)
    if (word.startsWith('-')) {
      const equals = word.indexOf('=')
      pairs.push(
        equals === -1
          ? { flag: word, text: '', words: [word] }
          : { flag: word.slice(0, equals), text: word.slice(equals + 1), words: [word] },
      )
    } else if (last?.flag && last.words.length === 1) {
      pairs.splice(-1, 1, { flag: last.flag, text: word, words: [last.flag, word] })
    } else pairs.push({ flag: '', text: word, words: [word] })
  }
  return pairs
}

function isFlag(spelling: string, flag: string): boolean {
  const field = Object.values<Field>(FIELDS).find((one) => longFlagOf(one) === flag)
  return spelling === flag || (field !== undefined && spelling === shortestFlagOf(field))
}

const nameIn = (text: string): string => text.split(':')[0]!
const begins = (pair: Pair, name: string): boolean => sameName(nameIn(pair.text), name)

function withHub(pair: Pair, from: string, to: string): Pair {
  const [hub = '', group] = pair.text.split('/')
  if (pair.flag !== longFlagOf(FIELDS.consumerGroup) || group === undefined || !sameName(hub, from)) return pair
  const text = `${to}/${group}`
  return { flag: pair.flag, text, words: [pair.flag, text] }
}
