import { capitalized } from '../lib/phrase.ts'
import { Command, CommanderError, Help, Option } from 'commander'
import type { Flags } from '../inputs/given.ts'
import { SECTIONS, type Input } from '../inputs/input.ts'
import { INPUT_KEYS, INPUTS, longFlagOf, type InputKey } from '../inputs/table.ts'
import { HELP_ALL, type CommandDefinition, type CommandGroup, type ProgramDefinition } from './definition.ts'
import { assertCommand, unreadable } from './unreadable.ts'

/** The command line. */
export interface Request {
  readonly command: CommandDefinition
  readonly flags: Flags
  /** Arguments that are not flags. */
  readonly args: readonly string[]
}
type Accept = (request: Request) => void

export interface ProgramOutput {
  readonly version: string
  readonly out: (text: string) => void
  /** Columns of the terminal, if it is one. */
  readonly width: number | undefined
}

/** Reads the command line. Undefined after `--help` or `--version`. Throws a `Failure` (exit code 2) if it is invalid. */
export function readCommandLine(
  argv: readonly string[],
  definition: ProgramDefinition,
  output: ProgramOutput,
): Request | undefined {
  let request: Request | undefined
  const [typed, theirs] = splitExec(argv, definition)
  const isWhole = typed.includes(HELP_ALL)
  const ours = withHelpFlag(typed.map((word) => (word === HELP_ALL ? '--help' : word)))
  assertCommand(ours, definition)
  const program = buildProgram({ argv: ours, isWhole }, definition, output, (made) => {
    request = { ...made, args: [...made.args, ...theirs] }
  })
  try {
    program.parse(ours.length === 0 ? ['--help'] : [...ours], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0 || error.code === 'commander.help') return undefined
    throw unreadable(error, ours, definition)
  }
  return request
}

const HELP_TEXT = `print help; ${HELP_ALL} prints every flag`

/** `help plan` as `plan --help`, `local help` as `local --help`: commander prints the help of everything for a word it does not know. */
function withHelpFlag(argv: readonly string[]): readonly string[] {
  const at = argv.slice(0, 2).indexOf('help')
  return at === -1 ? argv : [...argv.filter((_, i) => i !== at), '--help']
}

/**
 * The words of `local exec` that are ours, and those of its command. Commander drops the `--` between them and would read the
 * others as ours. PowerShell drops it too, on the way through npm's script: so the command also begins with the first word
 * that is neither a flag nor its value.
 */
function splitExec(
  argv: readonly string[],
  { commands }: ProgramDefinition,
): readonly [readonly string[], readonly string[]] {
  if (argv[0] !== 'local' || argv[1] !== 'exec') return [argv, []]
  const inputs = commands.find(({ name }) => name === 'local exec')?.inputs ?? []
  const takesNext = (word: string) =>
    inputs.some((key) => INPUTS[key].kind !== 'switch' && INPUTS[key].flags.split(/[ ,]+/).includes(word))
  for (let at = 2; at < argv.length; at++) {
    const word = argv[at]!
    if (word === '--') return [argv.slice(0, at), argv.slice(at + 1)]
    if (!word.startsWith('-')) return [argv.slice(0, at), argv.slice(at)]
    if (takesNext(word)) at++
  }
  return [argv, []]
}

interface Typed {
  readonly argv: readonly string[]
  /** The help shows every flag. */
  readonly isWhole: boolean
}

/** The tree of commands. Only the named command gets its flags, because all flags would take milliseconds. */
function buildProgram(
  typed: Typed,
  { commands, groups, description, examples, exitCodes: meanings }: ProgramDefinition,
  output: ProgramOutput,
  accept: Accept,
): Command {
  const exitCodes = () => exitCodesIn(meanings, output.width || NO_TERMINAL_WIDTH)
  const program = new Command('ml-ingest')
    .description(description)
    .version(output.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', HELP_TEXT)
    .addHelpText('after', () => `\n${EXAMPLES}${examples}\n\n${exitCodes()}`)
  program.helpCommand('help [command]', 'print help of a command')
  for (const one of commands) {
    const [first = '', second] = one.name.split(' ')
    if (second === undefined) {
      addCommand(one, { typed, command: program.command(first), accept, exitCodes })
    } else {
      const group = program.commands.find((made) => made.name() === first) ?? addGroup(program, groups, first)
      addCommand(one, { typed, command: group.command(second), accept, exitCodes })
    }
  }
  for (const command of [program, ...program.commands, ...program.commands.flatMap((one) => one.commands)]) {
    command
      .helpOption('-h, --help', HELP_TEXT)
      .exitOverride()
      .configureOutput({
        writeOut: output.out,
        writeErr: output.out,
        outputError: () => undefined,
        getOutHelpWidth: () => output.width || NO_TERMINAL_WIDTH,
      })
      .configureHelp({
        sortOptions: false,
        showGlobalOptions: false,
        subcommandTerm: (one) => one.name(),
        minWidthToWrap: 1,
        padWidth,
        formatItem,
      })
  }
  return program
}

/** Width of help that is not printed to a terminal. */
const NO_TERMINAL_WIDTH = 80

const INDENT = 2
const GAP = 2
/** The description of a longer flag begins on the next line, so that the column of descriptions stays wide. */
const MOST_TERM = 30
const LEAST_DESCRIPTION = 30

const padWidth: Help['padWidth'] = (command, helper) =>
  Math.min(MOST_TERM, Help.prototype.padWidth.call(helper, command, helper))

/** Replaces commander's layout, which does not wrap descriptions in less than 40 columns. */
const formatItem: Help['formatItem'] = (term, termWidth, description, helper) => {
  const width = helper.helpWidth ?? NO_TERMINAL_WIDTH
  const beside = INDENT + termWidth + GAP
  const isNarrow = width - beside < LEAST_DESCRIPTION
  const indent = ' '.repeat(isNarrow ? 3 * INDENT : beside)
  const room = width - indent.length
  const wrapped = helper.boxWrap(withBreaks(description, room), room)
  const lines = wrapped.split('\n').map((line) => indent + line)
  const head = `${' '.repeat(INDENT)}${term}`
  if (isNarrow || helper.displayWidth(term) > termWidth) return [head, ...lines].join('\n')
  const [first = '', ...rest] = lines
  return [head.padEnd(beside) + first.trimStart(), ...rest].join('\n').trimEnd()
}

/** Breaks words that are longer than a line after slashes and commas. */
const withBreaks = (text: string, room: number): string =>
  text.replace(/\S+/g, (word) =>
    word.length > room ? word.replace(new RegExp(`.{1,${room - 1}}[/,]`, 'g'), '$&\n') : word,
  )

function exitCodesIn(meanings: ProgramDefinition['exitCodes'], width: number): string {
  const help = Object.assign(new Help(), { helpWidth: width, minWidthToWrap: 1 })
  const rows = meanings.map(({ codes, meaning }) => ({ term: codes.join(', '), meaning }))
  const termWidth = Math.max(...rows.map(({ term }) => term.length))
  return ['Exit codes:', ...rows.map(({ term, meaning }) => formatItem(term, termWidth, meaning, help))].join('\n')
}

function addGroup(program: Command, groups: readonly CommandGroup[], name: string): Command {
  const { summary, description, examples } = groups.find((one) => one.name === name)!
  const group = program.command(name).summary(summary).description(description)
  return group.helpCommand(false).addHelpText('after', `\n${EXAMPLES}${examples}`)
}

interface Adding {
  readonly typed: Typed
  readonly command: Command
  readonly accept: Accept
  readonly exitCodes: () => string
}

const EXAMPLES = 'Examples:\n'

/** Adds the help and the flags of a command. */
function addCommand(definition: CommandDefinition, { typed, command, accept, exitCodes }: Adding): void {
  command.summary(definition.summary).description(definition.description ?? `${capitalized(definition.summary)}.`)
  if (!typed.argv.includes(command.name())) return
  for (const argument of definition.arguments ?? []) command.argument(argument)
  const keys = INPUT_KEYS.filter((one) => definition.inputs.includes(one))
  const isHidden = (key: InputKey): boolean => !typed.isWhole && (INPUTS[key] as Input).rare === true
  const sectionOf = (input: Input): string => input.inCommand?.[definition.name]?.section ?? input.section
  for (const section of SECTIONS) {
    for (const key of keys.filter((one) => sectionOf(INPUTS[one]) === section)) {
      for (const option of optionsOf(INPUTS[key], definition, typed))
        command.addOption(option.helpGroup(`${section}:`).hideHelp(isHidden(key)))
    }
  }
  const hidden = keys.filter(isHidden).length
  const more = `${hidden} more flag${hidden === 1 ? '' : 's'}, variables and exit codes:\n  npx ml-ingest ${definition.name} ${HELP_ALL}`
  command.addHelpText(
    'after',
    () => `\n${EXAMPLES}${definition.examples}\n${typed.isWhole || hidden === 0 ? exitCodes() : more}`,
  )
  command.action(() =>
    accept({ command: definition, flags: flagsOf(definition, command.opts(), command), args: command.args }),
  )
}

type Collected = readonly (string | false)[]

/** Without choices and parsers, because commander would stop at the first problem. We report all of them. */
function optionsOf(field: Input, command: CommandDefinition, typed: Typed): readonly Option[] {
  const option = new Option(field.inCommand?.[command.name]?.flags ?? field.flags, describeField(field, command, typed))
  if (field.kind === 'switch') return [option]
  // A value that is given twice is a problem, so all are collected.
  option.argParser((text: string, all: Collected = []) => [...all, text])
  if (field.kind !== 'list' || !field.noneFlag) return [option]
  const none = new Option(field.noneFlag, `no ${field.label}`).preset(true)
  return [option, none.argParser((_: string, all: Collected = []): Collected => [...all, false])]
}

function describeField(field: Input, { name }: CommandDefinition, { isWhole }: Typed): string {
  const { help = field.help, defaultText } = field.inCommand?.[name] ?? {}
  const all = field.kind === 'value' ? (field.choices ?? []) : []
  const choices = all.every((choice) => help.includes(choice)) ? '' : `: ${all.join(', ')}`
  const standard = field.kind === 'switch' ? undefined : (defaultText ?? field.defaultText ?? defaultOf(field))
  const facts = [
    ...(standard === undefined ? [] : [`default: ${standard}`]),
    ...(field.env[0] && isWhole ? [`env: ${field.env.join(', ')}`] : []),
  ]
  return `${help}${choices}${facts.length > 0 ? ` (${facts.join('; ')})` : ''}`
}

const defaultOf = (field: Input): string | undefined =>
  field.kind === 'value' && field.default !== undefined ? `${field.default as string | number}` : undefined

/** The typed flags by input. Commander turns `--no-…` into a negated flag; this makes it a switch again. */
function flagsOf({ inputs }: CommandDefinition, options: Readonly<Record<string, unknown>>, made: Command): Flags {
  const flags: Partial<Record<InputKey, string | boolean | Collected>> = {}
  for (const key of inputs) {
    const name = camelCase(longFlagOf(INPUTS[key]).replace(/^--(no-)?/, ''))
    const negated = longFlagOf(INPUTS[key]).startsWith('--no-')
    if (made.getOptionValueSource(name) !== 'cli') continue
    const raw = options[name]
    if (negated) {
      if (raw === false) flags[key] = true
    } else if (INPUTS[key].kind !== 'switch' || raw !== false) {
      flags[key] = raw as string | boolean | Collected
    }
  }
  return flags
}

const camelCase = (words: string): string => words.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
