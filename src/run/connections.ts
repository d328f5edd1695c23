import { type Actual, isBeingDeleted, readActual } from '../engine/actual.ts'
import type { Connection } from '../engine/connection.ts'
import { differenceWords } from '../resources/access-rule/access-rule.ts'
import { tierAfter } from '../resources/namespace/capacity.ts'
import { localAuthDisabledAfter } from '../resources/namespace/namespace.ts'
import { missing } from '../inputs/given.ts'
import type { Format } from '../inputs/run.ts'
import { Failure } from '../lib/errors.ts'
import { LIMITS } from '../lib/limits.ts'
import type { Spec } from '../resources/front-door.ts'
import { connectionDocument } from '../ui/connection/formats.ts'
import { stringifyDocument } from '../ui/document.ts'
import { assertFormatFits, FORMAT_FACTS } from '../ui/connection/facts.ts'
import { renderConnections, secretsOf } from '../ui/connection/render-connection.ts'
import { canvasOf, paragraph } from '../ui/text.ts'
import { openSecretFile, writeSecretFile, type SecretFileOptions } from '../ui/write-secret-file.ts'
import { deliver } from '../ui/io.ts'
import type { Run, Streams } from './run.ts'
import { problemsError } from './problems-error.ts'
import { problemsBefore, settle, type Settled } from './settle.ts'
import { connectionsOf, isEmbedded } from '../engine/connections.ts'
import { askListeners } from '../local/index.ts'
import type { TargetCommand } from '../prompt/ask-target.ts'
import { spelledFailure } from '../ui/spell.ts'
import { askTarget } from './ask.ts'
import { outputOptionsOf, spellerFor } from './invocation.ts'
import { whileReading } from './wait.ts'

type Answering = Pick<Run, 'invocation' | 'streams' | 'deps'>

/** Prints the connections, or writes them to `--output`. Masks their secrets in CI first. */
export async function giveConnections(
  run: Answering,
  connections: readonly Connection[],
  format: Format,
): Promise<void> {
  const { io, ci } = run.streams
  const { given } = run.invocation
  const text = renderConnections(connections, {
    format,
    canvas: canvasOf(io, 'stdout'),
    speller: spellerFor(run.invocation),
    name: given.name?.value,
    hubName: given.hubName?.value,
  })
  if (FORMAT_FACTS[format].secret) ci.mask(secretsOf(connections))
  if (io.stdout.isTTY && !given.output) io.gap()
  await giveText(run, text)
  if (given.output && io.json) io.out(stringifyDocument(connectionDocument(connections, { reveal: false })))
}

/**
 * Prints the connections at the end of `create`: in the format of `--format`, else as rows on a terminal and as the bare
 * string for a script. Without a key, a script gets nothing on stdout, and stderr says how to sign in.
 */
export async function giveAnswer(run: Answering, connections: readonly Connection[]): Promise<void> {
  const { io } = run.streams
  const { given } = run.invocation
  const isForPeople = io.stdout.isTTY === true
  const isKeyless = connections.some(({ sign }) => sign.kind === 'entra')
  if (given.format || isForPeople || !isKeyless)
    return giveConnections(run, connections, given.format?.value ?? (isForPeople ? 'text' : 'raw'))
  io.gap()
  const view = { canvas: canvasOf(io, 'stderr'), speller: spellerFor(run.invocation) }
  io.note(renderConnections(connections, { format: 'text', ...view }))
}

/** Throws a `Failure` if the format of the answer will not fit what is made. */
export function assertAnswer(
  { streams: { io }, invocation: { given } }: Answering,
  spec: Spec,
  { namespace }: Actual,
): void {
  const wanted = spec.namespace
  if (!given.format || io.json) return
  const hasKafka = LIMITS[tierAfter(wanted, namespace)].kafka
  assertFormatFits(given.format.value, {
    ...targetOfFormat(spec, given.local?.value ?? false),
    ...{ hasKafka, tierHasKafka: hasKafka },
    isKeyless: localAuthDisabledAfter(wanted, namespace),
  })
}

/** Prints a text with secrets, or writes it to `--output`. */
async function giveText(run: Answering, text: string): Promise<void> {
  const { io } = run.streams
  const { given } = run.invocation
  if (!given.output) return io.out(text)
  tellWritten(run, await writeSecretFile(given.output.value, text, fileOptionsOf(run)))
}

/** Where a new string goes: to `--output` or to stdout. */
export interface Destination {
  /** Waits until the text has arrived. */
  readonly give: (text: string) => Promise<void>
  readonly close: () => Promise<void>
}

/** Opens the place for a new string before it exists. Throws a `Failure` if `--output` cannot be written. */
export async function openDestination(run: Answering): Promise<Destination> {
  const { output } = run.invocation.given
  if (!output) return { give: (text) => deliver(run.streams.io, text), close: async () => undefined }
  const file = await openSecretFile(output.value, fileOptionsOf(run))
  return { give: async (text) => tellWritten(run, await file.write(text)), close: file.discard }
}

function tellWritten({ streams: { io }, invocation: { given } }: Answering, warnings: readonly string[]): void {
  for (const warning of warnings) io.note(`  ${warning}`)
  io.note(`  Written to ${given.output?.value}${warnings.length > 0 ? '' : ', readable only by you'}.`)
}

/** Throws a `Failure` if `--output` cannot be written. */
export async function assertOutput(run: Answering): Promise<void> {
  const { output } = run.invocation.given
  if (!output) return
  const file = await openSecretFile(output.value, fileOptionsOf(run))
  await file.discard()
}

const fileOptionsOf = (run: Answering): SecretFileOptions => ({ ...outputOptionsOf(run), run: run.deps.run })

/** Gives later steps of a CI job the facts of the first hub that are not secret. */
export async function tellCi({ ci }: Streams, connections: readonly Connection[], changed: boolean): Promise<void> {
  const [first] = connections
  if (!first) return
  await ci.setOutputs({
    namespace: first.namespace,
    hub: first.hub,
    fqdn: first.host,
    'resource-id': first.namespaceId,
    changed,
  })
}

/** The format of the result. Without a terminal `--format` is required, so that no secret is printed by accident. */
export function formatFor(run: Run): Format {
  const { given, problems } = run.invocation
  const { io } = run.streams
  if (io.json) return 'json'
  if (given.format) return given.format.value
  if (problems.some(({ input }) => input === 'format')) return 'text'
  if (io.stdout.isTTY && !given.output) return 'text'
  const others = problemsBefore(run)
  if (others.length > 0) throw problemsError(run, [missing('format'), ...others])
  throw new Failure({
    code: 'usage',
    message: given.output
      ? "Can't pick a format for a file"
      : "Can't pick a format: stdout is not a terminal, and the result is a secret",
    hint: 'Say which: --format raw, env, dotenv, powershell, cmd, or --json',
  })
}

export interface ConnectionsRead {
  readonly settled: Settled
  readonly actual: Actual
  readonly connections: readonly Connection[]
}

const targetOfFormat = ({ namespace, hubs }: Spec, isEmbedded: boolean) => ({
  namespace: namespace.name,
  hubs: hubs.map(({ name }) => name),
  isEmbedded,
})

/** Reads the connections with their keys. Before that it throws a `Failure` if the format cannot fit them. */
export async function readConnections(opened: Run, command: TargetCommand, format?: Format): Promise<ConnectionsRead> {
  const isLocal = opened.invocation.given.local?.value ?? false
  const run = isLocal ? await (await import('./local-azure.ts')).withNamespaceFound(opened) : opened
  // A load test writes more than one event, and may be charged.
  const yes = command === 'verify' && !isLocal && (run.invocation.given.loadTest?.value ?? false)
  const settled = await settle(run, { yes, ask: askTarget(run, command) })
  const { spec, signedIn } = settled
  if (format)
    assertFormatFits(format, { ...targetOfFormat(spec, isLocal), hasKafka: true, tierHasKafka: true, isKeyless: false })
  const cloud = signedIn.cloudFor(spec.subscriptionId)
  const options = { withKeys: true, forConnection: true }
  const actual = await whileReading(run, () => readActual(cloud, run.azure.gate, spec, options))
  const connections = await connectionsFor(settled, actual)
  tellDeletion(run, actual)
  if (command === 'show-connection') tellConditions(run, connections)
  tellRights(run.streams, settled, connections)
  return { settled, actual, connections }
}

/** While Azure deletes a namespace, its keys can still be read. */
function tellDeletion({ streams: { io } }: Run, { group, namespace }: Actual): void {
  const going = [
    ...(namespace && isBeingDeleted(namespace) ? [`Namespace ${namespace.name}`] : []),
    ...(group && isBeingDeleted(group) ? [`Resource group ${group.name}`] : []),
  ]
  for (const what of going) io.note(`  ${what} is being deleted: this connection is about to stop working.`)
}

/** Says on stderr what clients need besides the connection; of the namespace once. */
function tellConditions({ streams: { io } }: Run, connections: readonly Connection[]): void {
  const lines = connections.flatMap(({ namespace, hub, conditions }) =>
    conditions.map(({ of, text }) => `${of === 'hub' ? `Hub ${hub}` : `Namespace ${namespace}`}: ${text}.`),
  )
  for (const line of new Set(lines)) io.err(paragraph(line, io.width).join('\n'))
}

/** Says on stderr which keys lack or exceed the rights asked for, and how to put the rule right. */
export function tellRights(
  { io }: Streams,
  { invocation, spec: { rule } }: Settled,
  connections: readonly Connection[],
): void {
  for (const { hub, sign } of connections) {
    if (sign.kind !== 'sas' || !sign.difference) continue
    const words = `The key ${differenceWords(sign.difference)}: somebody changed the rights of access rule ${sign.rule}`
    const where = sign.scope === 'hub' ? `of hub ${hub}` : 'of the namespace'
    io.err(paragraph(`${words} ${where}.`, io.width).join('\n'))
    // The rule of the namespace is Azure's own: create does not write it.
    if (sign.scope !== 'hub' || rule.kind !== 'access') continue
    io.err(`  Set them again with: ${spellerFor(invocation).command({ access: rule.access }, 'create')}`)
  }
}

/** The connections of a run. Rejects with a `Failure` with the command that creates a missing resource. */
export async function connectionsFor(
  { spec, invocation, signedIn }: Settled,
  actual: Actual,
): Promise<readonly Connection[]> {
  const { given, command } = invocation
  const { armEndpoint } = signedIn
  // What Resource Manager says of a namespace has no place for this port.
  const listeners = armEndpoint !== undefined && isEmbedded(actual) ? await askListeners(armEndpoint) : []
  try {
    return connectionsOf(spec, actual, {
      secondary: given.secondary?.value ?? false,
      doing: DOING[command.name] ?? 'show a connection',
      embedded: given.local?.value ?? false,
      kafkaPort: listeners.find(({ protocol }) => protocol === 'kafka')?.port,
    })
  } catch (error) {
    throw spelledFailure(error, spellerFor(invocation))
  }
}

const DOING: Readonly<Record<string, string>> = {
  verify: 'try a connection',
  'rotate-key': 'renew a key',
}
