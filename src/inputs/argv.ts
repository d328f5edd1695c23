import { formatHours } from '../lib/duration.ts'
import { sameName } from '../lib/names.ts'
import type { GivenValue, Given } from './given.ts'
import type { Input } from './input.ts'
import type { Blank, Edits, EntryEdit } from './refer.ts'
import { INPUTS, INPUT_KEYS, longFlagOf, type InputKey } from './table.ts'

/** The name of a command and its inputs. */
export interface Command {
  readonly name: string
  readonly inputs: readonly InputKey[]
}

/** The command that the first words of a command line name. */
export function commandNamed<C extends Command>(argv: readonly string[], commands: readonly C[]): C | undefined {
  const words = argv.filter((word) => !word.startsWith('-'))
  return commands.find(({ name }) => name.split(' ').every((word, i) => words[i] === word))
}

/**
 * The words after `ml-ingest` that give the same inputs again, wherever they came from, with some of them changed. Changed
 * inputs go to the end, except for a switch that is already on.
 */
export function argvOf(command: Command, given: Given, edits: Edits = {}): readonly string[] {
  const changes = Object.entries(edits) as readonly (readonly [InputKey, unknown])[]
  const renamed = withHubRenamed(given, edits.hub)
  const kept = INPUT_KEYS.filter((key) => command.inputs.includes(key) && !isOnce(key)).flatMap((key) =>
    wordsOf(INPUTS[key], keptOf(renamed[key], edits[key], key in edits)),
  )
  const changed = changes.flatMap(([key, value]) =>
    isOn(given[key], value) && !isOnce(key) ? [] : editWords(INPUTS[key], value),
  )
  return [...command.name.split(' '), ...kept, ...changed]
}

const isOnce = (key: InputKey): boolean => (INPUTS[key] as Input).once === true

const isOn = (given: GivenValue<unknown> | undefined, value: unknown): boolean =>
  value === true && given?.value === true

/** What an edit leaves of a given input. */
function keptOf(
  given: GivenValue<unknown> | undefined,
  value: unknown,
  isEdited: boolean,
): GivenValue<unknown> | undefined {
  if (!given || !isEdited || isOn(given, value)) return given
  if (!isEntryEdit(value) || !isList(given)) return undefined
  const texts = given.texts.filter((_, i) => !sameName(given.value[i]?.name ?? '', value.of))
  return texts.length === 0 ? undefined : { ...given, texts }
}

const isEntryEdit = (value: unknown): value is EntryEdit => typeof value === 'object' && value !== null && 'of' in value

const isBlank = (value: unknown): value is Blank => typeof value === 'object' && value !== null && 'blank' in value

const isList = (given: GivenValue<unknown>): given is GivenValue<readonly { readonly name: string }[]> =>
  Array.isArray(given.value)

/** Consumer groups that name a renamed hub get its new name. */
function withHubRenamed(given: Given, hub: Edits['hub']): Given {
  const groups = given.consumerGroup
  if (!isEntryEdit(hub) || sameName(hub.of, hub.name) || !groups) return given
  const texts = groups.texts.map((text, i) =>
    sameName(groups.value[i]?.hub ?? '', hub.of) ? `${hub.name}/${groups.value[i]!.name}` : text,
  )
  return { ...given, consumerGroup: { ...groups, texts } }
}

function wordsOf(field: Input, given: GivenValue<unknown> | undefined): readonly string[] {
  if (!given) return []
  const flag = shortestFlagOf(field)
  if (field.kind === 'switch') return given.value === true ? [flag] : []
  if (field.kind === 'list' && given.texts.length === 0) return field.noneFlag ? [field.noneFlag] : []
  return given.texts.flatMap((text) => (text.startsWith('-') ? [`${longFlagOf(field)}=${text}`] : [flag, text]))
}

/** The words that give a new value. */
export function editWords(field: Input, value: unknown): readonly string[] {
  if (value === null || value === undefined || value === false) return []
  const flag = longFlagOf(field)
  if (field.kind === 'switch') return [flag]
  if (isEntryEdit(value)) return [flag, formatEntry(value)]
  if (isBlank(value)) return [flag, value.blank]
  if (field.kind === 'list' && Array.isArray(value) && value.length === 0) return field.noneFlag ? [field.noneFlag] : []
  const values: readonly unknown[] = field.kind === 'list' ? (value as readonly unknown[]) : [value]
  return values.flatMap((one) => [flag, field.format?.(one) ?? String(one)])
}

/** `clicks:8:48h` for a hub, `clicks/trainer` for a consumer group. */
function formatEntry({ name, hub, partitions, retention }: EntryEdit): string {
  if (hub !== undefined) return `${hub}/${name}`
  if (partitions === undefined) return name
  return [name, partitions, ...(retention === undefined ? [] : [formatHours(retention)])].join(':')
}

const shortestFlagOf = (field: Input): string => /^(-[a-zA-Z]), /.exec(field.flags)?.[1] ?? longFlagOf(field)

/** An ml-ingest command to paste into a shell. */
export const quoteCommand = (words: readonly string[], shell: Shell): string =>
  quoteWords(['npx', 'ml-ingest', ...words], shell)

/** `windows` means both cmd and PowerShell, and `msys` Git Bash, a shell of POSIX on Windows. */
export type Shell = 'posix' | 'windows' | 'msys'

/** The same for a command of another program. */
export function quoteWords(words: readonly string[], shell: Shell): string {
  const line = words.map(shell === 'windows' ? quoteForWindows : quoteForPosix).join(' ')
  // Git Bash would turn `/subscriptions/…` into `C:/Program Files/Git/subscriptions/…`. https://www.msys2.org/docs/filesystem-paths/
  return shell === 'msys' && words.some((word) => /(^|=)\//.test(word)) ? `${NO_PATHS} ${line}` : line
}

export const NO_PATHS = 'MSYS_NO_PATHCONV=1'

const quoteForPosix = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

/**
 * No quoting works in both shells for `$` and the backtick. Only PowerShell expands them, so it gets its own quoting. Programs
 * take a backslash before a quote for its escape, also the last one of `C:\my data\`, so it is doubled.
 * https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments
 */
function quoteForWindows(word: string): string {
  if (/^[A-Za-z0-9_+=:./\\-]+$/.test(word)) return word
  const escaped = word.replace(/\\+$/, '$&$&')
  return /[$`]/.test(word) ? `'${escaped.replaceAll("'", "''")}'` : `"${escaped.replace(/(\\*)"/g, '$1$1\\"')}"`
}
