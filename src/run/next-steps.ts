import type { Edits } from '../inputs/refer.ts'
import { said } from '../inputs/given.ts'
import { paragraph } from '../ui/text.ts'
import { spellerFor, withGiven } from './invocation.ts'
import type { Streams } from './run.ts'
import type { Settled } from './settle.ts'

/** After questions, shows the command that needs none. */
export function tellRepeat({ io }: Streams, { asked, invocation }: Settled): void {
  if (!asked || io.json) return
  io.gap()
  io.note(`  To repeat without questions:\n  ${spellerFor(invocation).command({ yes: true }, 'create')}`)
}

/** What a person does after something was made: each with its command. */
const NEXT: readonly (readonly [what: string, command: string, edits: Edits])[] = [
  ['test it: send an event and read it back', 'verify', {}],
  ['get a program for your language: python, node, java', 'show-connection', { format: 'python' }],
  ['take it down', 'delete', {}],
]

/** Shows a person at a terminal what to do with what was made. */
export function tellNextSteps({ io }: Streams, { invocation, spec }: Settled): void {
  if (!io.stderr.isTTY || io.ci !== undefined || io.json) return
  const [{ name }] = spec.hubs
  // Programs are for one hub.
  const ofFirst =
    spec.hubs.length === 1 ? invocation : withGiven(invocation, { ...invocation.given, hub: said([{ name }], name) })
  const { command } = spellerFor(ofFirst)
  io.gap()
  const lines = NEXT.flatMap(([what, name, edits]) => [
    ...paragraph(what, io.width, 4),
    `      ${command(edits, name)}`,
  ])
  io.note(['  Next', ...lines].join('\n'))
}
