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
