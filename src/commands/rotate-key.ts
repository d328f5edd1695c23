import type { Edits } from '../inputs/refer.ts'
import { findByName } from '../lib/names.ts'
import { type Actual, readActual } from '../engine/actual.ts'
import type { Cloud } from '../engine/cloud.ts'
import { isSas, KEY_OF_STAGE, renewKey, type SasConnection, type Stage, type Renewal } from '../engine/rotation.ts'
import { Failure, Interruption, type Problem, isAzureFailure, wordsOfError } from '../lib/errors.ts'
import { EXIT, type ExitCode } from '../ui/exit.ts'
import { invalid, missing, said, type Given } from '../inputs/given.ts'
import { problemAt } from '../wanted/node.ts'
import type { Format } from '../inputs/run.ts'
import type { Spec } from '../resources/front-door.ts'
import { stringifyDocument } from '../ui/document.ts'
import { FORMAT_FACTS } from '../ui/connection/facts.ts'
import { renderConnections, secretsOf } from '../ui/connection/render-connection.ts'
import { renderRotated, renderRotationStart, rotationDocument, ruleWords, STAGE_1_ONCE } from '../ui/render-rotation.ts'
import { STOPPING, STOPPING_ALONE } from '../ui/progress/steps.ts'
import { canvasOf } from '../ui/text.ts'
import { agrees, askFormat, askTarget } from '../run/ask.ts'
import {
  assertOutput,
  openDestination,
  tellCi,
  type Destination,
  tellRights,
  connectionsFor,
} from '../run/connections.ts'
import { targetOf, targetWords } from '../run/plan-view.ts'
import { interruptionOf, type Run, withInvocation } from '../run/run.ts'
import { spellerFor, withGiven, type Invocation } from '../run/invocation.ts'
import { problemsError } from '../run/problems-error.ts'
import { settle, type Settled } from '../run/settle.ts'
import type { InputKey } from '../inputs/table.ts'
import { waitFor, whileReading } from '../run/wait.ts'

/** The run of a rotation. */
interface Rotation {
  readonly run: Run
  readonly settled: Settled
  readonly cloud: Cloud
  readonly format: Format
}

/**
 * Renews the keys of a rule one after the other, so that one of them always works: in stage 1 the secondary, in stage 2 the
 * primary. It asks before each stage; without a terminal a run does only one stage.
 */
export async function rotateKey(opened: Run): Promise<ExitCode> {
  const settled = await withFormat(opened, await settleRotation(opened))
  const run: Run = { ...opened, invocation: settled.invocation }
  await assertOutput(run)
  const { azure } = run
  const cloud = settled.signedIn.cloudFor(settled.spec.subscriptionId)
  const options = { withKeys: true, forConnection: true }
  const actual = await whileReading(run, () => readActual(cloud, azure.gate, settled.spec, options))
  const connection = await connectionToRotate(settled, actual)
  const rotation: Rotation = { run, settled, cloud, format: formatOf(run) }
  tellRights(run.streams, settled, [connection])
  // Fails before a key is renewed if the string cannot be printed.
  textOf(rotation, connection)
  return rotate(rotation, connection, run.invocation.given.stage?.value)
}

type Asking = Pick<Run, 'invocation' | 'streams'>

/** Whether a person sees the first string and can confirm that all clients have switched to it. */
const canAskBetween = (run: Asking): boolean =>
  canAsk(run) && (run.streams.io.stdout.isTTY === true || run.invocation.given.output !== undefined)

const canAsk = ({ streams: { io }, invocation: { given } }: Asking): boolean =>
  io.canPrompt && !io.json && !given.yes?.value

const formatOf = ({ streams: { io }, invocation: { given } }: Asking): Format =>
  given.format?.value ?? (io.json ? 'json' : 'text')

/** Asks for the format of a file. */
async function withFormat(run: Run, settled: Settled): Promise<Settled> {
  const { given } = settled.invocation
  if (given.format || !given.output || !canAsk(run)) return settled
  const value = await askFormat(run)
  const format = { value, source: 'answer', texts: [value] } as const
  return { ...settled, invocation: withGiven(settled.invocation, { ...given, format }) }
}

async function settleRotation(run: Run): Promise<Settled> {
  const { invocation, streams } = run
  const own = problemsOfRotation(run)
  const problems = [...invocation.problems, ...own]
  if (streams.io.canPrompt && own.length > 0) throw problemsError(run, problems)
  const checked = withInvocation(run, { ...invocation, problems })
  const settled = await settle(checked, { yes: true, ask: askTarget(run, 'rotate-key') })
  const several = severalHubs(settled)
  if (several) throw problemsError({ streams, invocation: settled.invocation }, [several])
  return settled
}

/** Problems of the inputs of this command. An unreadable input is not missing too. */
function problemsOfRotation(run: Asking): readonly Problem[] {
  const { given, problems } = run.invocation
  const { io } = run.streams
  const isUnread = (key: InputKey) => problems.some(({ input }) => input === key)
  const needsStage = !given.stage && !canAskBetween(run)
  const isForFile = given.output !== undefined
  const needsFormat = !given.format && !io.json && (isForFile ? !canAsk(run) : !io.stdout.isTTY)
  return [
    ...(needsStage && !isUnread('stage') ? [missing('stage')] : []),
    ...(needsFormat && !isUnread('format') ? [missing('format')] : []),
    ...(given.format && !FORMAT_FACTS[given.format.value].secret ? [withoutString(given)] : []),
  ]
}

/** A program as format contains no string, so the new one would be lost. */
const withoutString = ({ format }: Given): Problem =>
  invalid(
    'format',
    format,
    'does not contain the connection string, so the new one would be lost: use dotenv, raw or json',
  )

/** Our rules belong to one hub, so the run needs exactly one. */
function severalHubs({ spec: { hubs, rule }, invocation }: Settled): Problem | undefined {
  if (hubs.length === 1 || (rule.kind === 'access' && rule.access === 'manage')) return undefined
  const names = hubs.map((hub) => hub.name).join(', ')
  return problemAt('hub', invocation.wanted.hubs, `has to name one hub, because keys are renewed hub by hub: ${names}`)
}

/** For a rule of the namespace, any hub will do. */
async function connectionToRotate(settled: Settled, actual: Actual): Promise<SasConnection> {
  const { spec, invocation } = settled
  const [first] = spec.hubs
  const isRoot = spec.rule.kind === 'access' && spec.rule.access === 'manage'
  const shown = isRoot ? (spec.hubs.find((hub) => findByName(actual.hubs, hub.name)) ?? actual.hubs[0]) : first
  const one: Spec = { ...spec, hubs: [{ ...first, name: shown?.name ?? first.name }] }
  const [connection] = await connectionsFor({ ...settled, spec: one }, actual)
  if (connection && isSas(connection)) return connection
  throw new Failure({
    code: 'refused',
    message: `Can't renew a key: namespace ${spec.namespace.name} takes no keys`,
    why: ['Its local authentication is off, so clients sign in with Microsoft Entra ID.'],
    hint: `There is nothing to rotate. See who may connect with: ${spellerFor(invocation).command({ format: 'text' }, 'show-connection')}`,
  })
}

async function rotate(rotation: Rotation, connection: SasConnection, only: Stage | undefined): Promise<ExitCode> {
  if (only) return renewAndGive(rotation, connection, only)
  await renewAndGive(rotation, connection, '1')
  const { run } = rotation
  const again = withInvocation(run, withForce(run.invocation))
  try {
    return await renewAndGive({ ...rotation, run: again }, connection, '2')
  } catch (error) {
    throw error instanceof Interruption ? stoppedBetween(error, nextCommand(rotation)) : error
  }
}

async function renewAndGive(rotation: Rotation, connection: SasConnection, stage: Stage): Promise<ExitCode> {
  const { run, settled } = rotation
  const { io } = run.streams
  const { given } = run.invocation
  const canvas = canvasOf(io, 'stderr')
  const where = targetWords(settled)
  io.gap()
  io.note(renderRotationStart(connection, { stage, isAlone: given.stage !== undefined, where }, canvas))
  if (!given.yes?.value && !(await agrees(run, QUESTIONS[stage]))) throw new Interruption('SIGINT')
  const renewed = await renewInto(rotation, connection, stage)
  if (io.json && given.output) io.out(documentOf(rotation, renewed, stage, false))
  const next = stage === '1' && given.stage ? nextCommand(rotation) : undefined
  io.note(`\n${renderRotated(stage, { next, file: given.output?.value }, canvas)}`)
  return EXIT.ok
}

/** Opens the place for the new string, renews the key, and hands the string out. */
async function renewInto(rotation: Rotation, connection: SasConnection, stage: Stage): Promise<SasConnection> {
  const destination = await openDestination(rotation.run)
  try {
    const renewed = await renew(rotation, connection, stage)
    await giveNew(rotation, renewed, stage, destination)
    return renewed
  } finally {
    await destination.close()
  }
}

/** Hands out the new string. Throws a `Failure` with the command that shows it, if that fails. */
async function giveNew(
  rotation: Rotation,
  renewed: SasConnection,
  stage: Stage,
  destination: Destination,
): Promise<void> {
  const { streams } = rotation.run
  try {
    streams.ci.mask(secretsOf([renewed]))
    await tellCi(streams, [renewed], true)
    await destination.give(textOf(rotation, renewed, stage))
  } catch (error) {
    throw notGiven(rotation, renewed, stage, error)
  }
}

/** The key is new, and its string did not arrive. */
function notGiven({ run, format }: Rotation, { hub }: SasConnection, stage: Stage, error: unknown): Failure {
  const { invocation, streams } = run
  const { output, json } = invocation.given
  const key = KEY_OF_STAGE[stage]
  const edits = {
    ...{ hub: { of: hub, name: hub }, secondary: key === 'secondary', output: null, force: null },
    ...(json?.value ? { json: true } : { format }),
  }
  return new Failure({
    code: 'failed',
    message: `The ${key} key is new, but its string could not be ${output ? `written to ${output.value}` : 'printed'}`,
    why: [error instanceof Failure ? `${error.message}.` : `The system says: ${wordsOfError(error)}.`],
    hint: `Get the new string with:\n${spellerFor(invocation).command(edits, 'show-connection')}`,
    ...(streams.io.json && !output ? { reason: 'stdout' } : {}),
    cause: error,
  })
}

const QUESTIONS = {
  '1': {
    message: 'Renew the secondary key?',
    context: 'yes when every reader and writer uses the primary; no when stage 1 was done already',
  },
  '2': { message: 'Renew the primary key?', context: 'yes when every reader and writer uses the new secondary' },
} as const

/** Throws an error that says which keys work now, if the key may not have been renewed. */
async function renew({ run, cloud }: Rotation, connection: SasConnection, stage: Stage): Promise<SasConnection> {
  const { streams, azure, invocation } = run
  const { clock, gate, stop } = azure
  const key = KEY_OF_STAGE[stage]
  const renewal = await waitFor(run, `Renewing the ${key} key`, (tell) =>
    renewKey(connection, key, {
      ...{ cloud, clock, gate, stop },
      onWait: (elapsedMs) => tell(`Azure is busy with ${ruleWords(connection)}`, elapsedMs),
      onStop: () => streams.io.note(stoppingWords(run)),
    }),
  )
  if (renewal.outcome === 'renewed') return renewal.connection
  throw rotationFailure(renewal, stage, stageCommand(invocation, stage))
}

const stoppingWords = ({ streams, azure }: Run): string =>
  streams.io.canPrompt && interruptionOf(azure)?.kind === 'SIGINT' ? STOPPING : STOPPING_ALONE

/** The connection in the format of the run. Throws a `Failure` if that is impossible. */
function textOf(rotation: Rotation, connection: SasConnection, stage: Stage = '1'): string {
  const { run, format } = rotation
  const { io } = run.streams
  if (io.json) return documentOf(rotation, connection, stage, true)
  const { name, hubName } = run.invocation.given
  return renderConnections([connection], {
    format,
    canvas: canvasOf(io, 'stdout'),
    speller: spellerFor(run.invocation),
    name: name?.value,
    hubName: hubName?.value,
  })
}

function documentOf(rotation: Rotation, connection: SasConnection, stage: Stage, reveal: boolean): string {
  const next = stage === '1' ? nextCommand(rotation) : null
  const target = targetOf(rotation.settled.spec)
  return stringifyDocument(rotationDocument({ target, stage, connection, next, reveal }))
}

/** The command of stage 2, which overwrites the file of stage 1. At a terminal it asks, because it may be pasted too soon. */
const nextCommand = ({ run }: Rotation): string =>
  stageCommand(withForce(run.invocation), '2', run.streams.io.canPrompt ? { yes: null } : {})

/** The command of a stage, with the same rule and output. */
function stageCommand(invocation: Invocation, stage: Stage, more: Edits = {}): string {
  const { output, force, json } = invocation.given
  const edits = {
    json: json?.value ?? false,
    output: output?.value ?? null,
    force: output !== undefined && force?.value === true,
    stage,
    ...more,
  }
  return spellerFor(invocation).command(edits, 'rotate-key')
}

/** Allows to overwrite the file of the previous stage. */
const withForce = (invocation: Invocation): Invocation =>
  invocation.given.output ? withGiven(invocation, { ...invocation.given, force: said(true) }) : invocation

type Failed = Exclude<Renewal, { readonly outcome: 'renewed' }>

/** Which keys work after a failed stage. */
const HOLDS: Readonly<Record<Failed['outcome'], Readonly<Record<Stage, string>>>> = {
  not: {
    '1': 'No key was renewed: every string works as before.',
    '2': 'The primary key was not renewed: strings with either key work as before.',
  },
  unknown: {
    '1': 'Whether the secondary key was renewed is not known. Strings with the primary key work as before.',
    '2': 'Whether the primary key was renewed is not known. Strings with the secondary key work as before.',
  },
}

/** The error of a stage, with the keys that work now. `again` is the command of the same stage. */
function rotationFailure({ outcome, error }: Failed, stage: Stage, again: string): unknown {
  const holds = HOLDS[outcome][stage]
  const key = KEY_OF_STAGE[stage]
  const hint = `Run the same stage again: it puts a new ${key} key in place whatever happened.\n${again}`
  if (isAzureFailure(error)) {
    const { code, message, azure } = error
    const next = outcome === 'unknown' ? hint : (error.hint ?? hint)
    return new Failure({ code, message, azure, why: [...error.why, holds], hint: next, cause: error })
  }
  if (!(error instanceof Interruption)) return error
  const cause = isAzureFailure(error.cause) ? [`${error.cause.message}.`, ...error.cause.why] : []
  const timeIsOver = error.kind === 'timeout'
  return new Failure({
    code: timeIsOver ? 'deadline' : 'cancelled',
    message: timeIsOver
      ? `Can't renew the ${key} key: the time limit (--timeout) was reached`
      : `Stopped at stage ${stage}`,
    why: [...cause, holds],
    hint,
    cause: error,
  })
}

/** The run was ended between the stages. */
const stoppedBetween = (interruption: Interruption, next: string): Failure =>
  new Failure({
    code: interruption.kind === 'timeout' ? 'deadline' : 'cancelled',
    message: 'Stopped after stage 1: the primary key was not renewed',
    why: ['The primary key works as before, and the new secondary key does too.', STAGE_1_ONCE],
    hint: `When every reader and writer uses the new secondary string:\n${next}`,
    cause: interruption,
  })
