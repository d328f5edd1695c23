import type { Stage } from '../engine/rotation.ts'
import type { Inputs } from '../inputs/given.ts'
import type { Session } from '../run/session.ts'
import { spellerFor } from '../run/speller.ts'

/** The command of a stage, for the same rule. Its string goes where that of this run went: a secret for a file stays one. */
export function stageCommand(session: Session, settled: Inputs, stage: Stage): string {
  const { output, force } = session.inputs
  const edits = {
    json: session.io.json,
    output: output?.value ?? null,
    force: output !== undefined && force?.value === true,
    stage,
  }
  return spellerFor(session, settled).command(edits, 'rotate-key')
}

/** The same run when its file is there already, written by the stage before. */
export const withForce = (session: Session): Session =>
  session.inputs.output
    ? { ...session, inputs: { ...session.inputs, force: { value: true, source: 'flag', texts: [] } } }
    : session
