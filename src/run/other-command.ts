import type { SuggestCommand } from '../data/failure.ts'
import type { Connection } from '../engine/connection.ts'
import type { FlagChanges } from '../engine/plan-types.ts'
import { argvOf, quoteCommand, withFlags } from '../inputs/argv.ts'
import type { CommandName } from '../inputs/input.ts'
import type { Inputs } from '../inputs/given.ts'
import type { Session } from './session.ts'
import { shellOf } from './settle.ts'

/** What was said for this run alone: whoever agreed to it, or chose how it answers, did not do so for another command. */
const OF_THIS_RUN: FlagChanges = { '--yes': null, '--format': null, '--name': null }

/**
 * Another command of ours as a whole line to paste, about the target of this run: one that leaves the target out would
 * be about the default one, in Azure.
 */
export const otherCommand = (
  session: Session,
  inputs: Inputs,
  command: CommandName,
  flags: FlagChanges = {},
): string => {
  // A rule that is named is taken as it is: what makes things has no use for the name.
  const own: FlagChanges = command === 'create' ? { ...OF_THIS_RUN, '--policy': null } : OF_THIS_RUN
  return quoteCommand(withFlags(argvOf(command, inputs), { ...own, ...flags }), shellOf(session))
}

/** The same for a hub of the embedded Azure that was found by its name alone. */
export const commandAt =
  (session: Session, { resourceGroup, namespace, hub }: Connection): SuggestCommand =>
  (command, flags = {}) => {
    const target = ['-g', resourceGroup, '-n', namespace, '--hub', hub]
    return quoteCommand(withFlags([command, ...localWords(session), ...target], flags), shellOf(session))
  }

/** The flags that lead to the embedded Azure of this run. */
export const localWords = ({ inputs: { data } }: Session): readonly string[] => [
  '--local',
  ...(data ? ['--data', data.value] : []),
]
