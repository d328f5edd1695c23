import type { Connection } from '../engine/connection.ts'
import type { Inputs } from '../inputs/given.ts'
import { spellerOf, type Speller } from '../ui/spell.ts'
import type { Session } from './session.ts'
import { shellOf } from './settle.ts'

/** Spells command lines about the target of this run: one that leaves it out would be about the default one, in Azure. */
export const spellerFor = (session: Session, inputs: Inputs = session.inputs): Speller =>
  spellerOf({ command: session.command, inputs, shell: shellOf(session) })

/** The same for a hub of the embedded Azure that was found by its name alone. */
export function spellerAt(session: Session, { resourceGroup, namespace, hub }: Connection): Speller {
  const said = <T>(value: T, text: string) => ({ value, source: 'flag' as const, texts: [text] })
  return spellerFor(session, {
    ...localInputs(session),
    resourceGroup: said(resourceGroup, resourceGroup),
    namespace: said(namespace, namespace),
    hub: said([{ name: hub, partitions: undefined, retentionHours: undefined }], hub),
  })
}

/** The inputs that lead to the embedded Azure of this run. */
export const localInputs = ({ inputs: { data } }: Session): Inputs => ({
  local: { value: true, source: 'flag', texts: [] },
  data,
})
