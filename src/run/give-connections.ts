import type { Actual } from '../resources/actual.ts'
import type { Connection } from '../engine/connection.ts'
import { localAuthDisabledAfter } from '../resources/plan-local-auth.ts'
import type { Format } from '../inputs/run.ts'
import type { Spec } from '../resources/spec.ts'
import { connectionDocument, stringifyDocument } from '../ui/documents.ts'
import { assertKeyless, FORMAT_FACTS, renderConnections, secretsOf } from '../ui/render-connection.ts'
import { canvasOf } from '../ui/style.ts'
import { checkSecretFile, writeSecretFile, type SecretFileOptions } from '../ui/write-secret-file.ts'
import type { Session } from './session.ts'

/** Prints the connections, or writes them to `--output`; secrets are masked in CI before they appear anywhere. */
export async function giveConnections(
  session: Session,
  connections: readonly Connection[],
  format: Format,
): Promise<void> {
  const { io, inputs } = session
  const text = renderConnections(connections, {
    format,
    canvas: canvasOf(io, 'stdout'),
    ...(inputs.name ? { name: inputs.name.value } : {}),
  })
  if (FORMAT_FACTS[format].secret) session.ci.mask(secretsOf(connections))
  await giveText(session, text)
  if (inputs.output && io.json) io.out(stringifyDocument(connectionDocument(connections, { reveal: false })))
}

/**
 * Ends `create` with its answer on stdout: rows on a terminal, the bare string off it, or the format asked for. Where there
 * is no key and no format was asked for, a script gets nothing on stdout, as what it keeps is a string or nothing: how to
 * sign in is told on stderr.
 */
export async function giveAnswer(session: Session, connections: readonly Connection[]): Promise<void> {
  const { io, inputs } = session
  const isForPeople = io.stdout.isTTY === true
  const isKeyless = connections.some(({ sign }) => sign.kind === 'entra')
  if (inputs.format || isForPeople || !isKeyless)
    return giveConnections(session, connections, inputs.format?.value ?? (isForPeople ? 'text' : 'raw'))
  io.note(`\n${renderConnections(connections, { format: 'text', canvas: canvasOf(io, 'stderr') })}`)
}

/** Throws a `Failure` when the answer that was asked for needs a key and there will be none: before anything is written. */
export function assertAnswer({ io, inputs }: Session, spec: Spec, { namespace }: Actual): void {
  if (inputs.format && !io.json && localAuthDisabledAfter(spec, namespace))
    assertKeyless(namespace?.name ?? spec.namespace.name, inputs.format.value)
}

/** Prints a text with secrets in it, or writes it to `--output`. */
export async function giveText(session: Session, text: string): Promise<void> {
  const { io, inputs } = session
  if (!inputs.output) return io.out(text)
  const warnings = await writeSecretFile(inputs.output.value, text, fileOptionsOf(session))
  for (const warning of warnings) io.note(`  ${warning}`)
  io.note(`  Written to ${inputs.output.value}, readable by you alone.`)
}

/** Throws a `Failure` when `--output` may not be written: to be known before a key is asked for. */
export async function assertOutput(session: Session): Promise<void> {
  const { output } = session.inputs
  if (output) await checkSecretFile(output.value, fileOptionsOf(session))
}

const fileOptionsOf = ({ inputs, deps }: Session): SecretFileOptions => ({
  force: inputs.force?.value ?? false,
  cwd: deps.cwd,
  platform: deps.platform,
  run: deps.run,
})

/** Hands later steps of a CI job what is no secret: of the first hub. */
export async function tellCi(session: Session, connections: readonly Connection[], changed: boolean): Promise<void> {
  const [first] = connections
  if (!first) return
  await session.ci.setOutputs({
    namespace: first.namespace,
    hub: first.hub,
    fqdn: first.host,
    'resource-id': first.namespaceId,
    changed,
  })
}
