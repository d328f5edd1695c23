import type { Command } from '../inputs/argv.ts'
import type { Run } from '../run/run.ts'

/** A command: what its help says, what it takes, and what it does. */
export interface CommandDefinition extends Command {
  /** One line, for the list of commands and for completion. */
  readonly summary: string
  readonly description: string
  readonly examples?: string
  /** Words that belong to no flag, as commander takes them: `[hub]`. */
  readonly arguments?: readonly string[]
  /** Its code, loaded when it runs: the answer is the exit code. */
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
  readonly exitCodes: string
  readonly commands: readonly CommandDefinition[]
  readonly groups: readonly CommandGroup[]
}
