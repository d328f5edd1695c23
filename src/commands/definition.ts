import type { Command } from '../inputs/argv.ts'
import type { Run } from '../run/run.ts'

/** Prints every flag, with its variable; `--help` prints what most people need. */
export const HELP_ALL = '--help-all'

/** A command with its help and inputs. */
export interface CommandDefinition extends Command {
  /** One line, for the list of commands and for completion. */
  readonly summary: string
  /** Default: the summary. */
  readonly description?: string
  /** Command lines, indented by two columns. */
  readonly examples: string
  /** Arguments in the syntax of commander: `[hub]`. */
  readonly arguments?: readonly string[]
  /** Loads the code when the command runs. It answers the exit code. */
  readonly load: () => Promise<(run: Run) => Promise<number>>
}

/** Commands that begin with the same word. */
export interface CommandGroup {
  readonly name: string
  readonly summary: string
  readonly description: string
  readonly examples: string
}

/** The whole program. */
export interface ProgramDefinition {
  readonly description: string
  readonly examples: string
  readonly exitCodes: readonly { readonly codes: readonly number[]; readonly meaning: string }[]
  readonly commands: readonly CommandDefinition[]
  readonly groups: readonly CommandGroup[]
}
