import type { Command, Shell } from '../../src/inputs/argv.ts'
import type { Given } from '../../src/inputs/given.ts'
import { PROGRAM } from '../../src/commands/definitions/program.ts'
import { spellerOf, type Speller } from '../../src/ui/spell.ts'

export function commandNamed(name: string): Command {
  const found = PROGRAM.commands.find((one) => one.name === name)
  if (!found) throw new Error(`"${name}" is no command`)
  return found
}

/** Spells texts of a run of this command. */
export const spellerFor = (name: string, given: Given = {}, shell: Shell = 'posix'): Speller =>
  spellerOf({ command: commandNamed(name), commands: PROGRAM.commands, given, shell })
