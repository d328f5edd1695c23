import { Command, CommanderError, Option } from 'commander'
import { CliError, EXIT } from './lib/errors.ts'
import { LOCAL_ACTIONS, SECTIONS, type CommandName, type Field } from './spec/field.ts'
import { FIELDS, fieldsOf, longFlagOf, type FieldKey } from './spec/fields.ts'
import type { Flags } from './spec/inputs.ts'
import { COMMAND_HELP, EXIT_CODE_HELP, LOCAL_HELP, PROGRAM_HELP } from './ui/help.ts'

/** What the words on the command line ask for. */
export type Request =
  | { readonly kind: 'run'; readonly command: CommandName; readonly flags: Flags }
  /** `--help` or `--version`: already printed. */
  | { readonly kind: 'answered' }

export interface ProgramOutput {
  readonly version: string
  readonly out: (text: string) => void
  /** Columns of the terminal, if it is one. */
  readonly width: number | undefined
}

/** Reads the command line. Throws a `CliError` (exit code 2) for what it cannot read. */
export function readCommandLine(argv: readonly string[], output: ProgramOutput): Request {
  let request: Request = { kind: 'answered' }
  const program = buildProgram(argv, output, (made) => (request = made))
  try {
    program.parse(argv.length === 0 ? ['--help'] : [...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0 || error.code === 'commander.help') return { kind: 'answered' }
    throw unreadable(error)
  }
  return request
}

function unreadable(error: CommanderError): CliError {
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n')
  return new CliError({
    code: 'usage',
    exitCode: EXIT.usage,
    message: `Can't read the command line: ${first}`,
    why: rest.map((line) => line.replace(/^\((.*)\)$/, '$1')).filter((line) => line !== ''),
    hint: 'See npx ml-ingest --help',
  })
}

/** The tree of commands. Only those that are named get their flags: making all of them costs every run milliseconds. */
function buildProgram(argv: readonly string[], output: ProgramOutput, accept: (request: Request) => void): Command {
  const program = new Command('ml-ingest')
    .description(PROGRAM_HELP.description)
    .version(output.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .addHelpText('after', `\n${PROGRAM_HELP.examples}\n\n${EXIT_CODE_HELP}`)
  program.helpCommand('help [command]', 'print help of a command')
  for (const command of ['create', 'plan', 'show-connection'] as const) {
    const made = program.command(command)
    if (argv.includes(command)) addAction(made, command, accept)
    made
      .summary(COMMAND_HELP[command].summary)
      .description(COMMAND_HELP[command].description)
      .addHelpText('before', `${COMMAND_HELP[command].examples}\n`)
      .addHelpText('after', `\n${EXIT_CODE_HELP}`)
  }
  addLocal(argv, program, accept)
  for (const command of [program, ...program.commands, ...program.commands.flatMap((one) => one.commands)]) {
    command
      .exitOverride()
      .configureOutput({
        writeOut: output.out,
        writeErr: output.out,
        outputError: () => undefined,
        getOutHelpWidth: () => output.width ?? 80,
      })
      .configureHelp({ sortOptions: false, showGlobalOptions: false, subcommandTerm: (one) => one.name() })
  }
  return program
}

/** Gives a command its fields, and makes it answer with what was typed. */
function addAction(command: Command, name: CommandName, accept: (request: Request) => void): Command {
  for (const section of SECTIONS) {
    for (const key of fieldsOf(name).filter((one) => FIELDS[one].section === section)) {
      for (const option of optionsOf(FIELDS[key])) command.addOption(option.helpGroup(`${section}:`))
    }
  }
  return command.action((options: Record<string, unknown>, made: Command) =>
    accept({ kind: 'run', command: name, flags: flagsOf(name, options, made) }),
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
  const choices = field.kind === 'value' && field.choices ? `: ${field.choices.join(', ')}` : ''
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

function addLocal(argv: readonly string[], program: Command, accept: (request: Request) => void): void {
  const local = program.command('local').summary(LOCAL_HELP.summary).description(LOCAL_HELP.description)
  local.helpCommand(false).addHelpText('after', `\n${LOCAL_HELP.examples}`)
  for (const action of LOCAL_ACTIONS) {
    const made = local.command(action).description(LOCAL_HELP.actions[action])
    if (argv.includes(action)) addAction(made, `local ${action}`, accept)
  }
}
