import { commandNamed, quoteCommand } from '../inputs/argv.ts'
import { INPUTS, longFlagOf, type InputKey } from '../inputs/table.ts'
import { Failure } from '../lib/errors.ts'
import { suggest } from '../lib/suggest.ts'
import type { ProgramDefinition } from './definition.ts'

/** Throws a `Failure` if the first words name no command, with the command that was probably meant. */
export function assertCommand(argv: readonly string[], program: ProgramDefinition): void {
  const [first = '-', second = '-'] = argv
  const inGroup = program.groups.some(({ name }) => name === first)
  const word = inGroup ? second : first
  if (word.startsWith('-') || commandNamed(inGroup ? [first, second] : [first], program.commands)) return
  const meant = commandMeant(word, inGroup ? first : undefined, program)
  throw failure(`there is no command ${inGroup ? `${first} ` : ''}${word}`, meant, inGroup ? first : '')
}

/** The error for flags and arguments that commander could not read, with the flag that was probably meant. */
export function unreadable(
  { code, message }: { readonly code: string; readonly message: string },
  argv: readonly string[],
  program: ProgramDefinition,
): Failure {
  const [first = ''] = message.replace(/^error: /, '').split('\n')
  const named = commandNamed(argv, program.commands)
  const unknown = code === 'commander.unknownOption' ? unknownFlags(first, argv, named?.inputs) : []
  const meant = [...new Set(unknown.flatMap((flag) => flagMeant(flag, named?.inputs ?? []) ?? []))].join(' and ')
  const what = unknown.length > 1 ? `unknown options ${unknown.map((flag) => `'${flag}'`).join(', ')}` : first
  return failure(what, meant || undefined, named?.name ?? '')
}

/** Commander stops at the first one; the others are the long flags that the command does not have. */
function unknownFlags(message: string, argv: readonly string[], inputs: readonly InputKey[] = []): readonly string[] {
  const first = /'(-[^']*)'/.exec(message)?.[1] ?? ''
  const known = flagsOf(inputs)
  const others = argv.filter((word) => /^--./.test(word) && !known.includes(word.split('=')[0]!))
  return [...new Set([first, ...(inputs.length > 0 ? others : [])])]
}

function failure(what: string, meant: string | undefined, command: string): Failure {
  const help = quoteCommand([...command.split(' ').filter((word) => word !== ''), '--help'], 'posix')
  return new Failure({
    code: 'usage',
    message: `Can't read the command line: ${what}`,
    hint: meant === undefined ? `See ${help}` : `Did you mean ${meant}? See ${help}`,
  })
}

/** Words of other tools. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  ...{ version: '--version', apply: 'create', deploy: 'create', up: 'create', init: 'create', update: 'create' },
  ...{ destroy: 'delete', down: 'delete', remove: 'delete', rm: 'delete', purge: 'delete' },
  ...{ diff: 'plan', preview: 'plan', 'what-if': 'plan', whatif: 'plan' },
  ...{ connection: 'show-connection', show: 'show-connection', keys: 'show-connection', test: 'verify' },
  ...{ rotate: 'rotate-key', run: 'local exec', ls: 'list', lst: 'list', portal: 'open', browse: 'open' },
  ...{ top: 'status', lag: 'status', health: 'status', monitor: 'status', metrics: 'status', ps: 'status' },
  ...{ consume: 'tail', read: 'tail', cat: 'tail', logs: 'tail', receive: 'tail', subscribe: 'tail' },
  ...{ put: 'send', produce: 'send', publish: 'send', write: 'send' },
}

const OTHER_WORDS_IN_GROUP: Readonly<Record<string, string>> = {
  ...{ 'local delete': 'local reset', 'local destroy': 'local reset', 'local clean': 'local reset' },
  ...{ 'local down': 'local stop', 'local kill': 'local stop', 'local up': 'local start', 'local run': 'local exec' },
  ...{
    'local logs': 'local tail',
    'local read': 'local tail',
    'local ps': 'local status',
    'local info': 'local status',
  },
}

/** Commands that take something away. A word that is only similar to one of them may mean something harmless. */
const RISKY = ['delete', 'rotate-key', 'local reset', 'local stop']

/** The command of that name in another group, the one that other tools call so, or the nearest. */
function commandMeant(word: string, group: string | undefined, program: ProgramDefinition): string | undefined {
  const lastWordOf = (name: string) => name.split(' ').at(-1)!
  const names = [...program.commands, ...program.groups].map(({ name }) => name)
  const inOther = Object.hasOwn(OTHER_WORDS_IN_GROUP, `${group} ${word}`)
  if (inOther) return OTHER_WORDS_IN_GROUP[`${group} ${word}`]
  if (group === undefined && Object.hasOwn(OTHER_WORDS, word)) return OTHER_WORDS[word]
  const namesake = names.find((name) => lastWordOf(name) === word)
  if (namesake !== undefined) return namesake
  const near = names.filter((name) => group === undefined || name.startsWith(`${group} `))
  const begins = near.filter((name) => lastWordOf(name).startsWith(word))
  if (begins.length === 1 && word.length > 2) return begins[0]
  return near.find(
    (name) =>
      lastWordOf(name) === suggest(word, near.map(lastWordOf), RISKY.includes(name) ? { maxEdits: 1 } : undefined),
  )
}

/** The flag for a mistyped one; never the one that says the opposite. */
function flagMeant(typed: string, inputs: readonly InputKey[]): string | undefined {
  const isNegated = (flag: string) => flag.startsWith('--no-')
  const bare = (flag: string) => flag.replace(/^--?(no-)?/, '')
  const flags = flagsOf(inputs).filter((flag) => isNegated(flag) === isNegated(typed))
  const nearest = suggest(bare(typed.split('=')[0]!), flags.map(bare))
  return flags.find((flag) => bare(flag) === nearest)
}

const flagsOf = (inputs: readonly InputKey[]): readonly string[] => [
  ...inputs.flatMap((key) => [longFlagOf(INPUTS[key]), ...noneFlagOf(key)]),
  ...['--help', '--version'],
]

const noneFlagOf = (key: InputKey): readonly string[] => {
  const input = INPUTS[key]
  return 'noneFlag' in input && input.noneFlag !== undefined ? [input.noneFlag] : []
}
