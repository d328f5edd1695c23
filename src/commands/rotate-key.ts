import { findByName, type Actual } from '../resources/actual.ts'
import type { Cloud } from '../engine/cloud.ts'
import type { Reporter } from '../engine/report.ts'
import { readActual } from '../engine/read-actual.ts'
import { isSas, KEY_OF_STAGE, renewKey, type SasConnection, type Stage } from '../engine/rotation.ts'
import { Failure, Interruption } from '../lib/errors.ts'
import { EXIT, type ExitCode } from '../ui/exit.ts'
import { invalid, missing, writtenInput, type InputProblem, type Inputs } from '../inputs/given.ts'
import type { Format } from '../inputs/run.ts'
import type { Spec } from '../resources/spec.ts'
import { chooseReporter } from '../ui/choose-reporter.ts'
import { rotationDocument, stringifyDocument } from '../ui/documents.ts'
import { FORMAT_FACTS, renderConnections, secretsOf } from '../ui/render-connection.ts'
import { renderRotated, renderRotationStart, ruleWords } from '../ui/render-rotation.ts'
import { STOPPING, STOPPING_ALONE } from '../ui/step-words.ts'
import { canvasOf } from '../ui/style.ts'
import { agrees, askFormat, askTarget } from '../run/ask.ts'
import { assertOutput, giveText, tellCi } from '../run/give-connections.ts'
import { gateOf } from '../run/observe.ts'
import { targetOf } from '../run/plan-view.ts'
import { connectionsFor } from '../run/read-connections.ts'
import { stageCommand, withForce } from './rotation-command.ts'
import { rotationFailure, stoppedBetween } from './rotation-ending.ts'
import { interruptionOf, type Session } from '../run/session.ts'
import { problemsError, settle, type Settled } from '../run/settle.ts'
import { spellerFor } from '../run/speller.ts'

interface Run {
  readonly session: Session
  readonly settled: Settled
  readonly cloud: Cloud
  readonly format: Format
  readonly reporter: Reporter
}

/**
 * Replaces the keys of a rule, one after the other, so that at any moment one of them works: stage 1 the secondary, stage
 * 2 the primary. A person is asked before each; elsewhere a run does one stage.
 */
export async function rotateKey(given: Session): Promise<ExitCode> {
  const { session, settled } = await withFormat(given, await settleRotation(given))
  await assertOutput(session)
  const cloud = settled.connected.cloudFor(settled.spec.subscriptionId)
  const actual = await readActual(cloud, gateOf(session), settled.spec, { withKeys: true, forConnection: true })
  const connection = connectionToRotate(session, settled, actual)
  const run: Run = { session, settled, cloud, format: formatOf(session), reporter: await reporterOf(session) }
  textOf(run, connection)
  try {
    return await rotate(run, connection, session.inputs.stage?.value)
  } finally {
    run.reporter.close()
  }
}

const reporterOf = ({ io, deps }: Session): Promise<Reporter> => chooseReporter(io, deps.clock)

/** Whether a person gets the first string and can say when all have switched to it. */
const canAskBetween = ({ io, inputs }: Session): boolean =>
  canAsk({ io, inputs }) && (io.stdout.isTTY === true || inputs.output !== undefined)

const canAsk = ({ io, inputs }: Pick<Session, 'io' | 'inputs'>): boolean =>
  io.canPrompt && !io.json && !inputs.yes?.value

const formatOf = ({ io, inputs }: Session): Format => inputs.format?.value ?? (io.json ? 'json' : 'text')

/** What a file shall hold nobody guesses: a person is asked. */
async function withFormat(session: Session, settled: Settled): Promise<Pick<Run, 'session' | 'settled'>> {
  if (session.inputs.format || !session.inputs.output || !canAsk(session)) return { session, settled }
  const value = await askFormat(session)
  const format = { value, source: 'answer', texts: [value] } as const
  return {
    session: { ...session, inputs: { ...session.inputs, format } },
    settled: { ...settled, inputs: { ...settled.inputs, format } },
  }
}

async function settleRotation(session: Session): Promise<Settled> {
  const own = problemsOfRotation(session)
  const problems = [...session.problems, ...own]
  if (session.io.canPrompt && own.length > 0) throw problemsError(session, problems)
  const settled = await settle({ ...session, problems }, { yes: true, ask: askTarget(session, 'rotate-key') })
  const several = severalHubs(settled)
  if (several) throw problemsError(session, [several], settled.inputs)
  return settled
}

/** What only this command needs to be told, where nobody is asked. What could not be read is not missing too. */
function problemsOfRotation(session: Session): readonly InputProblem[] {
  const { inputs, io, problems } = session
  const isUnread = (key: InputProblem['key']) => problems.some((problem) => problem.key === key)
  const needsStage = !inputs.stage && !canAskBetween(session)
  const isForFile = inputs.output !== undefined
  const needsFormat = !inputs.format && !io.json && (isForFile ? !canAsk(session) : !io.stdout.isTTY)
  return [
    ...(needsStage && !isUnread('stage') ? [missing('stage')] : []),
    ...(needsFormat && !isUnread('format') ? [missing('format')] : []),
    ...(inputs.format && !FORMAT_FACTS[inputs.format.value].secret ? [withoutString(inputs)] : []),
  ]
}

/** A program reads the string from the environment: the new one would be nowhere. */
const withoutString = (inputs: Inputs): InputProblem =>
  invalid(
    'format',
    writtenInput('format', inputs.format),
    'holds no string, and the new one has to go somewhere: dotenv, raw, json',
  )

/** A rule of our own is of one hub: which one, nobody guesses. */
function severalHubs({ spec: { hubs, rule }, inputs }: Settled): InputProblem | undefined {
  if (hubs.length === 1 || (rule.kind === 'access' && rule.access === 'manage')) return undefined
  const names = hubs.map((hub) => hub.name).join(', ')
  return invalid('hub', writtenInput('hub', inputs.hub, ''), `has to be one: keys are renewed hub by hub (${names})`)
}

/** The rule of the namespace opens every hub: any of them stands for it. */
function connectionToRotate(session: Session, settled: Settled, actual: Actual): SasConnection {
  const { spec, inputs } = settled
  const [first] = spec.hubs
  const isRoot = spec.rule.kind === 'access' && spec.rule.access === 'manage'
  const shown = isRoot ? (spec.hubs.find((hub) => findByName(actual.hubs, hub.name)) ?? actual.hubs[0]) : first
  const one: Spec = { ...spec, hubs: [{ ...first, name: shown?.name ?? first.name }] }
  const [connection] = connectionsFor(session, { ...settled, spec: one }, actual)
  if (connection && isSas(connection)) return connection
  throw new Failure({
    code: 'refused',
    message: `Can't renew a key: namespace ${spec.namespace.name} takes no keys`,
    why: ['Its local authentication is off, so clients sign in with Microsoft Entra ID.'],
    hint: `There is nothing to rotate. See who may connect with: ${spellerFor(session, inputs).command({ format: 'text' }, 'show-connection')}`,
  })
}

async function rotate(run: Run, connection: SasConnection, only: Stage | undefined): Promise<ExitCode> {
  if (only) return renewAndGive(run, connection, only)
  await renewAndGive(run, connection, '1')
  try {
    return await renewAndGive({ ...run, session: withForce(run.session) }, connection, '2')
  } catch (error) {
    throw error instanceof Interruption ? stoppedBetween(error, nextCommand(run)) : error
  }
}

async function renewAndGive(run: Run, connection: SasConnection, stage: Stage): Promise<ExitCode> {
  const { session, settled } = run
  const { io, inputs } = session
  const canvas = canvasOf(io, 'stderr')
  const place = settled.connected.placeOf(settled.spec.subscriptionId)
  io.note(renderRotationStart(connection, { stage, isAlone: inputs.stage !== undefined, place }, canvas))
  if (!session.inputs.yes?.value && !(await agrees(session, QUESTIONS[stage]))) throw new Interruption('SIGINT')
  const renewed = await renew(run, connection, stage)
  session.ci.mask(secretsOf([renewed]))
  await tellCi(session, [renewed], true)
  await giveText(session, textOf(run, renewed, stage))
  if (io.json && session.inputs.output) io.out(documentOf(run, renewed, stage, false))
  const next = stage === '1' && inputs.stage ? nextCommand(run) : undefined
  io.note(`\n${renderRotated(stage, { next, file: inputs.output?.value }, canvas)}`)
  return EXIT.ok
}

const QUESTIONS = {
  '1': {
    message: 'Renew the secondary key?',
    context: 'yes when every reader and writer uses the primary; no when stage 1 was done already',
  },
  '2': { message: 'Renew the primary key?', context: 'yes when every reader and writer uses the new secondary' },
} as const

/** Throws the error that tells what holds when the key may not have been renewed. */
async function renew(run: Run, connection: SasConnection, stage: Stage): Promise<SasConnection> {
  const { session, settled, cloud, reporter } = run
  const { clock, random } = session.deps
  const renewal = await renewKey(connection, KEY_OF_STAGE[stage], {
    ...{ cloud, clock, random, pace: session.pace, stop: session.stop },
    onWait: (elapsedMs) => reporter.waiting(`Azure is busy with ${ruleWords(connection)}`, elapsedMs),
    onStop: () => session.io.note(stoppingWords(session)),
  })
  if (renewal.outcome === 'renewed') return renewal.connection
  throw rotationFailure(renewal, stage, stageCommand(session, settled.inputs, stage))
}

const stoppingWords = (session: Session): string =>
  session.io.canPrompt && interruptionOf(session)?.kind === 'SIGINT' ? STOPPING : STOPPING_ALONE

/** The answer, as it is printed. Throws a Failure where the format cannot be made: better before a key is renewed. */
function textOf(run: Run, connection: SasConnection, stage: Stage = '1'): string {
  const { session, format } = run
  if (session.io.json) return documentOf(run, connection, stage, true)
  const { name } = session.inputs
  return renderConnections([connection], {
    format,
    canvas: canvasOf(session.io, 'stdout'),
    ...(name ? { name: name.value } : {}),
  })
}

function documentOf(run: Run, connection: SasConnection, stage: Stage, reveal: boolean): string {
  const next = stage === '1' ? nextCommand(run) : null
  return stringifyDocument(rotationDocument({ target: targetOf(run.settled.spec), stage, connection, next, reveal }))
}

/** The command of stage 2, which replaces the file that stage 1 wrote. */
const nextCommand = ({ session, settled }: Run): string => stageCommand(withForce(session), settled.inputs, '2')
