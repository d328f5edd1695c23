import type { CommandName, Field } from './field.ts'
import { FIELDS, fieldsOf, longFlagOf, type FieldKey } from './fields.ts'
import type { Given, Inputs } from './inputs.ts'

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
]

/** The words after `ml-ingest` that give the same inputs again, whatever they came from. */
export function argvOf(command: CommandName, inputs: Inputs, extra: readonly string[] = []): readonly string[] {
  const words = fieldsOf(command)
    .filter((key) => !NOT_REPEATED.includes(key))
    .flatMap((key) => {
      const given: Given<unknown> | undefined = inputs[key]
      return given ? wordsOf(FIELDS[key], given) : []
    })
  return [command, ...words, ...extra.filter((word) => !words.includes(word))]
}

function wordsOf(field: Field, given: Given<unknown>): readonly string[] {
  const flag = shortestFlagOf(field)
  if (field.kind === 'switch') return given.value === true ? [flag] : []
  if (field.kind === 'list' && given.texts.length === 0) return field.noneFlag ? [field.noneFlag] : []
  return given.texts.flatMap((text) => (text.startsWith('-') ? [`${longFlagOf(field)}=${text}`] : [flag, text]))
}

const shortestFlagOf = (field: Field): string => /^(-[a-zA-Z]), /.exec(field.flags)?.[1] ?? longFlagOf(field)

const SAFE_WORD = /^[A-Za-z0-9_@%+=:,./-]+$/

/** A line to paste into a shell: words quoted where they must be. `windows` quotes for cmd and PowerShell. */
export function quoteCommand(words: readonly string[], platform: 'posix' | 'windows'): string {
  const quote = (word: string): string => {
    if (SAFE_WORD.test(word)) return word
    return platform === 'windows' ? `"${word.replaceAll('"', '\\"')}"` : `'${word.replaceAll("'", `'\\''`)}'`
  }
  return ['npx', 'ml-ingest', ...words].map(quote).join(' ')
}

/**
 * The words of a command line with some flags changed: a text is the flag's new value, true sets a switch, null and false
 * take the flag away. `--hub clicks` names the one of a repeated flag whose value begins with that name.
 */
export function withFlags(
  words: readonly string[],
  changes: Readonly<Record<string, string | boolean | null>>,
): readonly string[] {
  return Object.entries(changes).reduce((all, [spelling, value]) => withFlag(all, spelling, value), words)
}

function withFlag(words: readonly string[], spelling: string, value: string | boolean | null): readonly string[] {
  const [flag = '', name] = spelling.split(' ')
  const field = Object.values<Field>(FIELDS).find((one) => one.flags.includes(flag))
  const spellings = field ? [longFlagOf(field), shortestFlagOf(field)] : [flag]
  const kept: string[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    const takesValue = field?.kind !== 'switch' && flag !== (field?.kind === 'list' ? field.noneFlag : undefined)
    const matches = spellings.includes(word) && (name === undefined || words[i + 1]?.split(':')[0] === name)
    if (matches && takesValue) i++
    else if (!matches) kept.push(word)
  }
  if (value === null || value === false) return kept
  return [...kept, flag, ...(value === true ? [] : [value])]
}
