import { RootCommand } from '@bomb.sh/tab'
import { CliError, EXIT, type ExitCode } from '../lib/errors.ts'
import { COMMANDS, type Field } from '../spec/field.ts'
import { FIELDS, fieldsOf, longFlagOf } from '../spec/fields.ts'
import { REGIONS } from '../spec/regions.ts'
import { summaryOf } from '../ui/help.ts'

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const
type Shell = (typeof SHELLS)[number]

const PROGRAM = 'ml-ingest'

/** `completion SHELL`: prints the script that a shell loads; it asks `ml-ingest complete` for each word. */
export function completionScript(shell: string | undefined): ExitCode {
  const known = SHELLS.find((one): one is Shell => one === shell)
  if (!known) throw unknownShell(shell)
  commandTree().setup(PROGRAM, PROGRAM, known)
  return EXIT.ok
}

/** `complete -- WORDS`: prints what may stand for the last word. Loads nothing of Azure. */
export function complete(words: readonly string[]): ExitCode {
  commandTree().parse([...words])
  return EXIT.ok
}

/** Every command and flag of the field table, with the values that are known without asking anybody. */
function commandTree(): RootCommand {
  const root = new RootCommand()
  root.option('help', 'print help', 'h')
  root.option('version', 'print the version', 'V')
  root.command('local', summaryOf('local'))
  for (const name of COMMANDS) {
    const command = root.command(name, summaryOf(name))
    for (const key of fieldsOf(name)) addField(command, FIELDS[key], key === 'location' ? REGIONS : undefined)
  }
  const shells = root.command('completion', summaryOf('completion'))
  shells.argument('shell', (add) => SHELLS.forEach((shell) => add(shell, '')))
  return root
}

type TabCommand = ReturnType<RootCommand['command']>

function addField(command: TabCommand, field: Field, known: readonly string[] | undefined): void {
  const name = longFlagOf(field).slice(2)
  const alias = /^-([a-zA-Z]), /.exec(field.flags)?.[1]
  if (field.kind === 'switch') {
    if (alias === undefined) command.option(name, field.help)
    else command.option(name, field.help, alias)
    return
  }
  const choices = known ?? (field.kind === 'value' ? field.choices : undefined) ?? []
  command.option(name, field.help, (add) => choices.forEach((choice) => add(choice, '')), alias)
  if (field.kind === 'list' && field.noneFlag) command.option(field.noneFlag.slice(2), `no ${field.label}`)
}

const unknownShell = (shell: string | undefined): CliError =>
  new CliError({
    code: 'usage',
    exitCode: EXIT.usage,
    message:
      shell === undefined
        ? "Can't write a completion script: which shell?"
        : `Can't write a completion script for ${shell}`,
    why: [`It can be ${SHELLS.join(', ')}.`],
    hint: 'For bash: eval "$(npx ml-ingest completion bash)"',
  })
