import type { Edits } from '../inputs/refer.ts'
import { said } from '../inputs/given.ts'
import type { Access } from '../inputs/resources.ts'
import { LIMITS } from '../lib/limits.ts'
import { tierAfter } from '../resources/namespace/capacity.ts'
import type { NamespaceActual } from '../resources/namespace/namespace.ts'
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

type Step = readonly [what: string, command: string, edits: Edits]

/** What a person does after something was made: each with its command. */
const stepsFor = (access: Access | undefined, hasKafka: boolean, isCapturedHere: boolean): readonly Step[] => [
  ['test it: send an event and read it back', 'verify', {}],
  ...(access === 'listen' ? [] : [SEND]),
  ...(access === 'send' ? [] : [TAIL]),
  ['see whether all is well: load, throttling, lag', 'status', {}],
  ['for a new pipeline, a program that speaks AMQP: python, node, java', 'show-connection', { format: 'python' }],
  ...(hasKafka ? [FOR_KAFKA] : []),
  ...(isCapturedHere ? OF_CAPTURE : []),
  ['take it down', 'delete', {}],
]
/** `send` and `tail` find the rule that has their right. */
const LEAST: Edits = { access: null, policy: null }
const SEND: Step = ['send generated events', 'send', { sample: 'clicks', ...LEAST }]
const TAIL: Step = ['see the events', 'tail', { count: 5, ...LEAST }]

const FOR_KAFKA: Step = [
  'for a pipeline that speaks Kafka already, its settings',
  'show-connection',
  { format: 'kafka' },
]

/** On the embedded Azure nobody has to wait for a file. */
const OF_CAPTURE: readonly Step[] = [
  ['write the captured events to files now, and see where they are', 'local capture', { flush: true }],
  ['list the captured files', 'capture ls', {}],
]

/** Shows a person at a terminal what to do with what was made. `before` is the namespace as it was before this run. */
export function tellNextSteps(
  { io }: Streams,
  { invocation, spec }: Settled,
  before: NamespaceActual | undefined,
): void {
  if (!io.stderr.isTTY || io.ci !== undefined || io.json) return
  const [{ name, capture }] = spec.hubs
  // Programs are for one hub.
  const ofFirst =
    spec.hubs.length === 1 ? invocation : withGiven(invocation, { ...invocation.given, hub: said([{ name }], name) })
  const { command } = spellerFor(ofFirst)
  io.gap()
  const { kafka } = LIMITS[tierAfter(spec.namespace, before)]
  const lines = stepsFor(invocation.given.access?.value, kafka, spec.isLocal && capture?.enabled === true).flatMap(
    ([what, name, edits]) => [...paragraph(what, io.width, 4), `      ${command(edits, name)}`],
  )
  io.note(['  Next', ...lines].join('\n'))
}
