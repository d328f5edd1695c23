import { Command, CommanderError, Help, Option } from 'commander'
import { Failure } from './lib/errors.ts'
import { ARGUMENTS, COMMANDS, LOCAL_ACTIONS, SECTIONS, type CommandName, type Field } from './inputs/input.ts'
import { FIELDS, fieldsOf, longFlagOf, type FieldKey } from './inputs/table.ts'
import type { Flags } from './inputs/given.ts'
import { COMMAND_HELP, COMPLETION_HELP, EXIT_CODE_HELP, LOCAL_HELP, PROGRAM_HELP } from './ui/help.ts'

/** What the words on the command line ask for. */
export type Request =
  | {
      readonly kind: 'run'
      readonly command: CommandName
      readonly flags: Flags
      /** The words that belong to no flag. */
      readonly args: readonly string[]
    }
  /** The script that makes a shell complete. */
  | { readonly kind: 'completion'; readonly shell: string | undefined }
  /** `--help` or `--version`: already printed. */
  | { readonly kind: 'answered' }

type Run = Extract<Request, { readonly kind: 'run' }>
type Accept = (request: Run | Extract<Request, { readonly kind: 'completion' }>) => void

export interface ProgramOutput {
  readonly version: string
  readonly out: (text: string) => void
  /** Columns of the terminal, if it is one. */
  readonly width: number | undefined
}

/** Reads the command line. Throws a `Failure` (exit code 2) for what it cannot read. */
export function readCommandLine(argv: readonly string[], output: ProgramOutput): Request {
  let request: Request = { kind: 'answered' }
  const [ours, theirs] = splitExec(argv)
  const program = buildProgram(ours, output, (made) => {
    request = made.kind === 'run' ? { ...made, args: [...made.args, ...theirs] } : made
  })
  try {
    program.parse(ours.length === 0 ? ['--help'] : [...ours], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0 || error.code === 'commander.help') return { kind: 'answered' }
    throw unreadable(error, ours)
  }
  return request
}

/** Commander drops `--` on its way to a command within a command, and would read what follows it as ours. */
function splitExec(argv: readonly string[]): readonly [readonly string[], readonly string[]] {
  const at = argv[0] === 'local' && argv[1] === 'exec' ? argv.indexOf('--') : -1
  return at === -1 ? [argv, []] : [argv.slice(0, at), argv.slice(at + 1)]
}

function unreadable(error: CommanderError, argv: readonly string[]): Failure {
  const named = COMMANDS.find((command) => command.split(' ').every((word, i) => argv[i] === word))
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n')
  return new Failure({
    code: 'usage',
    message: `Can't read the command line: ${first}`,
    why: rest.map((line) => line.replace(/^\((.*)\)$/, '$1')).filter((line) => line !== ''),
    hint: `See npx ml-ingest ${named ? `${named} ` : ''}--help`,
  })
}

/** The tree of commands. Only those that are named get their flags: making all of them costs every run milliseconds. */
function buildProgram(argv: readonly string[], output: ProgramOutput, accept: Accept): Command {
  const program = new Command('ml-ingest')
    .description(PROGRAM_HELP.description)
    .version(output.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .addHelpText('after', `\n${PROGRAM_HELP.examples}\n\n${EXIT_CODE_HELP}`)
  program.helpCommand('help [command]', 'print help of a command')
  for (const command of ['create', 'plan', 'show-connection', 'verify', 'delete', 'rotate-key'] as const) {
    const made = program.command(command)
    if (argv.includes(command)) addAction(made, command, accept)
    made
      .summary(COMMAND_HELP[command].summary)
      .description(COMMAND_HELP[command].description)
      .addHelpText('before', `${COMMAND_HELP[command].examples}\n`)
      .addHelpText('after', `\n${EXIT_CODE_HELP}`)
  }
  addLocal(argv, program, accept)
  program
    .command('completion')
    .argument('[shell]')
    .summary(COMPLETION_HELP.summary)
    .description(COMPLETION_HELP.description)
    .addHelpText('before', `${COMPLETION_HELP.examples}\n`)
    .action((shell: string | undefined) => accept({ kind: 'completion', shell }))
  for (const command of [program, ...program.commands, ...program.commands.flatMap((one) => one.commands)]) {
    command
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

/** What is no terminal is read at one, later. */
const NO_TERMINAL_WIDTH = 80

const INDENT = 2
const GAP = 2
/** A longer flag has what it means on the next line, so that one of them does not leave a narrow column to all. */
const MOST_TERM = 30
const LEAST_DESCRIPTION = 30

const padWidth: Help['padWidth'] = (command, helper) =>
  Math.min(MOST_TERM, Help.prototype.padWidth.call(helper, command, helper))

/** Commander would wrap nothing at all where the column of descriptions has less than 40 columns, as on most terminals. */
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

/** A word that has no room on any line would be broken anywhere by the terminal; slashes and commas are better places. */
const withBreaks = (text: string, room: number): string =>
  text.replace(/\S+/g, (word) =>
    word.length > room ? word.replace(new RegExp(`.{1,${room - 1}}[/,]`, 'g'), '$&\n') : word,
  )

/** Gives a command its fields, and makes it answer with what was typed. */
function addAction(command: Command, name: CommandName, accept: Accept): Command {
  for (const argument of ARGUMENTS[name] ?? []) command.argument(argument)
  for (const section of SECTIONS) {
    for (const key of fieldsOf(name).filter((one) => FIELDS[one].section === section)) {
      for (const option of optionsOf(FIELDS[key])) command.addOption(option.helpGroup(`${section}:`))
    }
  }
  return command.action(() =>
    accept({ kind: 'run', command: name, flags: flagsOf(name, command.opts(), command), args: command.args }),
  )
}

/** Choices and parsers stay out of commander, which would stop at the first mistake: our own reading lists them all. */
function optionsOf(field: Field): readonly Option[] {
  const option = new Option(field.flags, describeField(field))
  if (field.kind === 'list')
    option.argParser((text: string, all: readonly string[] | undefined) => [...(all ?? []), text])
  if (field.kind !== 'list' || !field.noneFlag) return [option]
  return [option, new Option(field.noneFlag, `no ${field.label}`)]
}

function describeField(field: Field): string {
  const all = field.kind === 'value' ? (field.choices ?? []) : []
  const choices = all.every((choice) => field.help.includes(choice)) ? '' : `: ${all.join(', ')}`
  const standard = field.kind === 'switch' ? undefined : (field.defaultText ?? defaultOf(field))
  const facts = [
    ...(standard === undefined ? [] : [`default: ${standard}`]),
    ...(field.env[0] ? [`env: ${field.env.join(', ')}`] : []),
  ]
  return `${field.help}${choices}${facts.length > 0 ? ` (${facts.join('; ')})` : ''}`
}

const defaultOf = (field: Field): string | undefined =>
  field.kind === 'value' && field.default !== undefined ? `${field.default as string | number}` : undefined

/** Commander's values by field key: only what was typed, `--no-…` turned back into its own switch. */
function flagsOf(command: CommandName, options: Readonly<Record<string, unknown>>, made: Command): Flags {
  const flags: Partial<Record<FieldKey, string | boolean | readonly string[]>> = {}
  for (const key of fieldsOf(command)) {
    const name = camelCase(longFlagOf(FIELDS[key]).replace(/^--(no-)?/, ''))
    const negated = longFlagOf(FIELDS[key]).startsWith('--no-')
    if (made.getOptionValueSource(name) !== 'cli') continue
    const raw = options[name]
    if (negated) {
      if (raw === false) flags[key] = true
    } else if (FIELDS[key].kind !== 'switch' || raw !== false) {
      flags[key] = raw as string | boolean | readonly string[]
    }
  }
  return flags
}

const camelCase = (words: string): string => words.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())

function addLocal(argv: readonly string[], program: Command, accept: Accept): void {
  const local = program.command('local').summary(LOCAL_HELP.summary).description(LOCAL_HELP.description)
  local.helpCommand(false).addHelpText('after', `\n${LOCAL_HELP.examples}`)
  for (const action of LOCAL_ACTIONS) {
    const made = local.command(action).description(LOCAL_HELP.actions[action])
    if (argv.includes(action)) addAction(made, `local ${action}`, accept)
  }
}
