import { planLoads, runLoad } from './verify-load.ts'
import type { LoadPlan } from '../engine/load-test.ts'
import type { Connection, DataRole, StepOutcome, Verification, VerifyStep } from '../engine/connection.ts'
import type { ExitCode } from '../ui/exit.ts'
import { DEFAULT_CONSUMER_GROUP } from '../lib/limits.ts'
import { findByName, sameName } from '../lib/names.ts'
import { stringifyDocument } from '../ui/document.ts'
import { renderError } from '../ui/render-error.ts'
import { renderStep, renderVerified, verifyDocument } from '../ui/render-verify.ts'
import { canvasOf } from '../ui/text.ts'
import { targetOf } from '../run/plan-view.ts'
import { readConnections, type ConnectionsRead } from '../run/connections.ts'
import type { Run } from '../run/run.ts'
import { Failure } from '../lib/errors.ts'
import { spellerFor } from '../run/invocation.ts'
import { spelledFailure } from '../ui/spell.ts'
import { waitFor } from '../run/wait.ts'
import type { Actual } from '../engine/actual.ts'
import { action } from '../inputs/refer.ts'
import { ONLY_LOOKING } from '../local/index.ts'
import { say } from '../lib/phrase.ts'

/** Tests the connection of each hub as a pipeline would use it. */
export async function verify(run: Run): Promise<ExitCode> {
  const { azure, streams } = run
  const { io, about } = streams
  const { clock } = azure
  const startedAt = clock.now()
  const read = await readConnections(run, 'verify')
  const elapsedMs = Math.round(clock.now() - startedAt)
  const loads = run.invocation.given.loadTest?.value ? await planLoads(run, read) : undefined
  const verifications: Verification[] = []
  for (const connection of read.connections) {
    if (!io.json && read.connections.length > 1) io.out(`\n  Hub ${connection.hub}`)
    const readOf = { read, readMs: elapsedMs, load: loads?.get(connection.hub) }
    const made = await verifyHub(run, connection, readOf)
    verifications.push(made)
    if (made.load?.stoppedBy !== undefined) break
  }
  const target = targetOf(read.settled.spec)
  const document = verifyDocument({ target, verifications, about })
  if (io.json) io.out(stringifyDocument(document))
  return document.exitCode
}

interface ReadOf {
  readonly read: ConnectionsRead
  /** How long reading took. */
  readonly readMs: number
  /** What to send after the steps. */
  readonly load: LoadPlan | undefined
}

async function verifyHub(run: Run, connection: Connection, { read, readMs, load }: ReadOf): Promise<Verification> {
  const { invocation, streams, azure, deps } = run
  const { io } = streams
  const { given } = invocation
  const [{ verifyConnection }, { targetOf: amqpTargetOf, kafkaTargetOf }, failures] = await Promise.all([
    import('../data/verify-connection.ts'),
    import('../data/connection-target.ts'),
    import('../data/failure.ts'),
  ])
  const consumerGroup = given.readThrough?.value ?? connection.consumerGroups[0] ?? DEFAULT_CONSUMER_GROUP
  const byKafka = given.byKafka?.value ?? false
  const target =
    byKafka && connection.kafka
      ? kafkaTargetOf(connection.kafka)
      : amqpTargetOf(connection, { webSockets: given.webSockets?.value ?? false, env: deps.env })
  const speller = spellerFor(read.settled.invocation)
  const spelled = (error: Failure) => spelledFailure(error, speller) as Failure
  const attempt = { connection, target, consumerGroup, doing: 'read' } as const
  const steps: StepOutcome[] = []
  const made: Verification = {
    hub: connection.hub,
    host: connection.host,
    protocol: byKafka ? 'kafka' : 'amqp',
    consumerGroup: byKafka ? null : consumerGroup,
    transport: target.transport,
    steps,
    load: null,
  }
  const tell = (outcome: StepOutcome) => {
    steps.push(outcome)
    if (!io.json) io.out(renderStep(outcome, canvasOf(io, 'stdout')))
  }
  const groups = [DEFAULT_CONSUMER_GROUP, ...connection.consumerGroups]
  const isThere = byKafka ? connection.kafka : groups.some((name) => sameName(name, consumerGroup))
  tell(
    isThere
      ? { step: 'resource-manager', state: 'passed', elapsedMs: readMs, detail: stateOf(read.actual, connection) }
      : failed(
          'resource-manager',
          readMs,
          spelled(byKafka ? failures.noKafka(attempt) : failures.noConsumerGroup(attempt)),
        ),
  )
  if (isThere && connection.sign.kind === 'entra' && connection.sign.embedded) {
    tell(failed('sign-in', 0, spelled(failures.noSignIn({ ...attempt, doing: 'sign-in' }))))
  } else if (isThere) {
    const { dataCredential, kafkaCredential } = read.settled.signedIn
    const credential = byKafka ? kafkaCredential(connection.host) : dataCredential
    const options = {
      ...{ target, consumerGroup, credential, clock: azure.clock, signal: azure.stop },
      // Our own reading is not how far a consumer group has read.
      userAgent: `ml-ingest/${deps.version}${byKafka ? '' : ` ${ONLY_LOOKING}`}`,
    }
    const outcomes = verifyConnection(connection, options)
    const rolesOn = (hubId: string) =>
      azure.gate.run((call) => read.settled.signedIn.dataRoles(hubId, call), { once: true })
    const next = () =>
      waitFor(run, `Trying hub ${connection.hub}`, async () => {
        const step = await outcomes.next()
        return step.done ? undefined : withRolesTold(step.value, connection, rolesOn)
      })
    for (let told = await next(); told; told = await next()) {
      tell(told.error ? { ...told, error: spelled(told.error) } : told)
    }
    tellEnding(run, made)
    if (!load || steps.at(-1)?.state === 'failed') return made
    return { ...made, load: await runLoad(run, connection, load, options) }
  }
  tellEnding(run, made)
  return made
}

const failed = (step: VerifyStep, elapsedMs: number, error: Failure): StepOutcome => ({
  ...{ step, state: 'failed', elapsedMs, error },
  detail: error.message,
  reason: error.reason ?? 'unknown',
})

function tellEnding({ streams: { io, about }, azure: { watch } }: Run, made: Verification): void {
  const error = made.steps.at(-1)?.error
  if (io.json) return
  if (error) io.err(`\n${renderError(error, { canvas: canvasOf(io, 'stderr'), about })}`)
  else io.out(renderVerified(made, watch.elapsedMs, io.width))
}

/** The state of namespace, hub and rule according to Resource Manager. */
function stateOf({ namespace, hubs }: Actual, { hub, sign }: Connection): string {
  const { name = '', provisioningState = '', publicNetworkAccess = 'Enabled' } = namespace ?? {}
  const access = publicNetworkAccess === 'Enabled' ? '' : `, public access ${publicNetworkAccess}`
  const signing = sign.kind === 'sas' ? `rule ${sign.rule}: ${sign.rights.join(', ').toLowerCase()}` : 'no keys'
  return `${name} ${provisioningState}${access}; hub ${hub} ${findByName(hubs, hub)?.status ?? ''}; ${signing}`
}

/** If a right is missing without keys, adds whether the role is missing or not in effect yet. */
export async function withRolesTold(
  outcome: StepOutcome,
  { sign, namespaceId, hub }: Connection,
  rolesOn: (hubId: string) => Promise<readonly DataRole[] | undefined>,
): Promise<StepOutcome> {
  if (sign.kind !== 'entra' || outcome.reason !== 'right' || !outcome.error) return outcome
  const hubId = `${namespaceId}/eventhubs/${hub}`
  const roles = await rolesOn(hubId)
  if (!roles) return outcome
  const needed = outcome.step === 'read' ? 'Azure Event Hubs Data Receiver' : 'Azure Event Hubs Data Sender'
  const found = roles.find(({ name }) => name === needed || name === 'Azure Event Hubs Data Owner')
  const { message } = outcome.error
  const told = found ? pending(message, found) : missingRole(message, needed, hubId)
  return { ...outcome, ...told, detail: told.error.message }
}

const pending = (message: string, { name, assignedOn }: DataRole) => ({
  reason: 'role-pending',
  error: new Failure({
    code: 'access',
    message,
    why: [`You have the role ${name}${assignedOn ? `, assigned ${assignedOn}` : ''}; it is not in effect yet.`],
    hint: 'A new assignment takes up to 10 minutes. Run it again then.',
  }),
})

const missingRole = (message: string, role: string, hubId: string) => ({
  reason: 'role-missing',
  error: new Failure({
    code: 'access',
    message,
    why: [`You do not have the role ${role} on it.`],
    hint: say`Ask an owner to give it:\n${action({ do: 'assign-role', role, assignee: 'YOUR_OBJECT_ID', scope: hubId })}`,
  }),
})
