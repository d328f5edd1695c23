import { formatHours } from '../lib/duration.ts'
import { sameName } from '../lib/names.ts'
import type { Given, Inputs } from './given.ts'
import type { CommandName, Field } from './input.ts'
import type { Blank, Edits, EntryEdit } from './refer.ts'
import { FIELDS, fieldsOf, longFlagOf, type FieldKey } from './table.ts'

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

/**
 * The words after `ml-ingest` that give the same inputs again, whatever they came from, with some of them changed. What is
 * changed stands at the end; a switch that is on already stays where it is.
 */
export function argvOf(command: CommandName, inputs: Inputs, edits: Edits = {}): readonly string[] {
  const changes = Object.entries(edits) as readonly (readonly [FieldKey, unknown])[]
  const renamed = withHubRenamed(inputs, edits.hub)
  const kept = fieldsOf(command)
    .filter((key) => !NOT_REPEATED.includes(key))
    .flatMap((key) => {
      const given: Given<unknown> | undefined = renamed[key]
      // What a manifest says, its --file says again.
      return given && given.source !== 'manifest' ? wordsOf(FIELDS[key], keptOf(given, edits[key], key in edits)) : []
    })
  const changed = changes.flatMap(([key, value]) =>
    isOn(inputs[key], value) && !NOT_REPEATED.includes(key) ? [] : editWords(FIELDS[key], value),
  )
  return [...command.split(' '), ...kept, ...changed]
}

const isOn = (given: Given<unknown> | undefined, value: unknown): boolean => value === true && given?.value === true

/** What an edit leaves of a given input. */
function keptOf(given: Given<unknown>, value: unknown, isEdited: boolean): Given<unknown> | undefined {
  if (!isEdited || isOn(given, value)) return given
  if (!isEntryEdit(value) || !isList(given)) return undefined
  const texts = given.texts.filter((_, i) => !sameName(given.value[i]?.name ?? '', value.of))
  return texts.length === 0 ? undefined : { ...given, texts }
}

const isEntryEdit = (value: unknown): value is EntryEdit => typeof value === 'object' && value !== null && 'of' in value

const isBlank = (value: unknown): value is Blank => typeof value === 'object' && value !== null && 'blank' in value

const isList = (given: Given<unknown>): given is Given<readonly { readonly name: string }[]> =>
  Array.isArray(given.value)

/** A hub that gets another name takes along the consumer groups that were named with it. */
function withHubRenamed(inputs: Inputs, hub: Edits['hub']): Inputs {
  const groups = inputs.consumerGroup
  if (!isEntryEdit(hub) || sameName(hub.of, hub.name) || !groups) return inputs
  const texts = groups.texts.map((text, i) =>
    sameName(groups.value[i]?.hub ?? '', hub.of) ? `${hub.name}/${groups.value[i]!.name}` : text,
  )
  return { ...inputs, consumerGroup: { ...groups, texts } }
}

function wordsOf(field: Field, given: Given<unknown> | undefined): readonly string[] {
  if (!given) return []
  const flag = shortestFlagOf(field)
  if (field.kind === 'switch') return given.value === true ? [flag] : []
  if (field.kind === 'list' && given.texts.length === 0) return field.noneFlag ? [field.noneFlag] : []
  return given.texts.flatMap((text) => (text.startsWith('-') ? [`${longFlagOf(field)}=${text}`] : [flag, text]))
}

/** The words that say a new value. */
export function editWords(field: Field, value: unknown): readonly string[] {
  if (value === null || value === undefined || value === false) return []
  const flag = longFlagOf(field)
  if (field.kind === 'switch') return [flag]
  if (isEntryEdit(value)) return [flag, formatEntry(value)]
  if (isBlank(value)) return [flag, value.blank]
  if (field.kind === 'list' && Array.isArray(value) && value.length === 0) return field.noneFlag ? [field.noneFlag] : []
  const values: readonly unknown[] = field.kind === 'list' ? (value as readonly unknown[]) : [value]
  return values.flatMap((one) => [flag, field.format?.(one) ?? String(one)])
}

/** `clicks:8:48h` of a hub, `clicks/trainer` of a consumer group. */
function formatEntry({ name, hub, partitions, retentionHours }: EntryEdit): string {
  if (hub !== undefined) return `${hub}/${name}`
  if (partitions === undefined) return name
  return [name, partitions, ...(retentionHours === undefined ? [] : [formatHours(retentionHours)])].join(':')
}

const shortestFlagOf = (field: Field): string => /^(-[a-zA-Z]), /.exec(field.flags)?.[1] ?? longFlagOf(field)

/** A line to paste into a shell: words quoted where they must be. `windows` means cmd and PowerShell alike. */
export const quoteCommand = (words: readonly string[], shell: Shell): string =>
  quoteWords(['npx', 'ml-ingest', ...words], shell)

export type Shell = 'posix' | 'windows'

/** The same for another program. */
export const quoteWords = (words: readonly string[], shell: Shell): string =>
  words.map(shell === 'windows' ? quoteForWindows : quoteForPosix).join(' ')

const quoteForPosix = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

/** No quoting holds in both shells for `$` and the backtick, which only PowerShell reads: they get its own. */
function quoteForWindows(word: string): string {
  if (/^[A-Za-z0-9_+=:./-]+$/.test(word)) return word
  return /[$`]/.test(word) ? `'${word.replaceAll("'", "''")}'` : `"${word.replaceAll('"', '\\"')}"`
}
