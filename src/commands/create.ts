import { apply } from '../engine/apply.ts'
import type { Actual } from '../resources/actual.ts'
import type { Cloud } from '../engine/cloud.ts'
import type { Connection } from '../engine/connection.ts'
import { plan as planOf, type ApplicablePlan, type NoOpPlan, type Plan, type RefusedPlan } from '../engine/plan.ts'
import type { Reporter, ApplyReport } from '../engine/report.ts'
import { refuseTakenName } from '../resources/refuse-taken-name.ts'
import { Failure, Interruption } from '../lib/errors.ts'
import { EXIT, exitCodeOf, type ExitCode } from '../ui/exit.ts'
import { chooseReporter } from '../ui/choose-reporter.ts'
import { applyDocument, outcomeOf, planDocument, stringifyDocument } from '../ui/documents.ts'
import { renderError } from '../ui/render-error.ts'
import { renderPlan } from '../ui/render-plan.ts'
import { isComplete, renderReport } from '../ui/render-report.ts'
import { secretsOf } from '../ui/render-connection.ts'
import { canvasOf } from '../ui/style.ts'
import { formatElapsed } from '../lib/duration.ts'
import { askCreate, confirm } from '../run/ask.ts'
import { connectionUnread } from '../run/connection-unread.ts'
import { assertAnswer, giveAnswer, tellCi } from '../run/give-connections.ts'
import { gateOf, readSettled, readUntilDone } from '../run/observe.ts'
import { extraNotes, planViewOf, targetOf } from '../run/plan-view.ts'
import { plan as planCommand } from './plan.ts'
import { connectionsFor } from '../run/read-connections.ts'
import { saveManifest } from '../run/save-manifest.ts'
import { saveProblems } from '../run/save-problems.ts'
import { interruptionOf, type Session } from '../run/session.ts'
import { assertPlace, settle, type Settled } from '../run/settle.ts'
import { spellerFor } from '../run/speller.ts'

/** All that the endings of a run tell about. */
interface Run {
  readonly session: Session
  readonly settled: Settled
  readonly cloud: Cloud
  readonly reporter: Reporter
  readonly actual: Actual
}

/** Makes it so: reads, plans, asks, applies, reads again, and ends with the connection. */
export async function create(opened: Session): Promise<ExitCode> {
  if (opened.inputs.dryRun?.value) return planCommand(opened)
  const session = { ...opened, problems: [...opened.problems, ...(await saveProblems(opened))] }
  const settled = await settle(session, { yes: true, ask: askCreate(session) })
  const cloud = settled.connected.cloudFor(settled.spec.subscriptionId)
  const reporter = await chooseReporter(session.io, session.deps.clock)
  try {
    const actual = await readSettled(session, cloud, settled.spec, { withKeys: wantsConnection(session), reporter })
    assertPlace(session, settled, actual)
    if (wantsConnection(session)) assertAnswer(session, settled.spec, actual)
    const run: Run = { session, settled, cloud, reporter, actual }
    const planned = await planWithName(run)
    return await finish(run, { ...planned, notes: [...planned.notes, ...extraNotes(session, settled, actual)] })
  } finally {
    reporter.close()
  }
}

const wantsConnection = (session: Session): boolean => !session.inputs.noConnection?.value

/** A new namespace's name has to be free in all of Azure: asked only now that it is known not to be ours already. */
async function planWithName({ session, settled, cloud, actual }: Run): Promise<Plan> {
  const planned = planOf(settled.spec, actual)
  if (actual.namespace || planned.outcome !== 'applicable' || actual.provider.state === 'NotRegistered') return planned
  const check = await gateOf(session).run((call) => cloud.checkNamespaceName(settled.spec.namespace.name, call), {
    kind: 'writes',
  })
  return check.available ? planned : refuseTakenName(planned, settled.spec, check)
}

async function finish(run: Run, planned: Plan): Promise<ExitCode> {
  if (planned.outcome === 'refused') return tellRefused(run, planned)
  if (planned.outcome === 'no-op') return saved(run, await tellNothingToDo(run, planned))
  showPlan(run, planned)
  if (!(await isAgreed(run, planned))) throw new Interruption('SIGINT')
  return saved(run, await applyAndTell(run, planned))
}

/** How a run came out, and what there is then, as far as it was read. */
interface Outcome {
  readonly exitCode: ExitCode
  readonly actual: Actual | undefined
}

/** Once all is made: the manifest that was asked for, and how to repeat the run. The answer stands before it. */
async function saved({ session, settled }: Run, { exitCode, actual }: Outcome): Promise<ExitCode> {
  if (exitCode !== EXIT.ok) return exitCode
  if (!session.inputs.save || !actual) {
    tellRepeat(session, settled)
    return exitCode
  }
  try {
    await saveManifest(session, settled, actual)
    return exitCode
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    tellRepeat(session, settled)
    session.io.err(renderError(error, { canvas: canvasOf(session.io, 'stderr'), about: session.about }))
    return exitCodeOf(error)
  }
}

/** Who answered questions learns how to do without. */
function tellRepeat(session: Session, { asked, inputs }: Settled): void {
  if (!asked || session.io.json) return
  const command = spellerFor(session, inputs).command({ yes: true }, 'create')
  session.io.note(`\n  To repeat without questions:\n  ${command}`)
}

function showPlan({ session, settled, actual }: Run, planned: Plan): void {
  const view = planViewOf(session, settled, actual)
  const elapsed = formatElapsed(session.deps.clock.now() - session.startedAt)
  session.io.note(renderPlan(planned, { ...view, elapsed }))
}

const isAgreed = async ({ session, settled }: Run, planned: ApplicablePlan): Promise<boolean> =>
  session.inputs.yes?.value === true || (await confirm(session, settled, planned))

function tellRefused(run: Run, planned: RefusedPlan): ExitCode {
  const { session, settled, actual } = run
  if (session.io.json) session.io.out(stringifyDocument(planDocument(factsOf(run, planned))))
  else session.io.err(renderPlan(planned, planViewOf(session, settled, actual)))
  return EXIT.refused
}

async function tellNothingToDo(run: Run, planned: NoOpPlan): Promise<Outcome> {
  const { session, settled, actual } = run
  const connections = wantsConnection(session) ? connectionsFor(session, settled, actual) : []
  showPlan(run, planned)
  session.ci.mask(secretsOf(connections))
  await tellCi(session, connections, false)
  if (session.io.json)
    session.io.out(stringifyDocument(planDocument({ ...factsOf(run, planned), connections, reveal: true })))
  else await tellConnections(run, connections)
  return { exitCode: EXIT.ok, actual }
}

async function applyAndTell(run: Run, planned: ApplicablePlan): Promise<Outcome> {
  const { session, settled, cloud, reporter } = run
  const { clock, random } = session.deps
  const at = { group: settled.spec.resourceGroup, namespace: settled.spec.namespace.name }
  const onEvent = reporter.event.bind(reporter)
  const report = await apply(planned, at, { cloud, clock, random, pace: session.pace, stop: session.stop, onEvent })
  const interruption = isComplete(report) ? undefined : interruptionOf(session)
  const read = isComplete(report) ? await readAgain(run) : { connections: [] }
  reporter.close()
  session.ci.mask(secretsOf(read.connections))
  await tellCi(session, read.connections, true)
  const { actual, ...connected } = read
  const ending: Ending = { report, interruption, ...connected }
  tellReport(run, planned, ending)
  if (session.io.json) tellDocument(run, planned, ending)
  else if (read.unread)
    session.io.err(renderError(read.unread, { ...planViewOf(session, settled, run.actual), about: session.about }))
  else if (isComplete(report)) await tellConnections(run, read.connections)
  return { exitCode: read.unread ? exitCodeOf(read.unread) : outcomeOf(report, interruption).exitCode, actual }
}

interface Ending {
  readonly report: ApplyReport
  readonly interruption: Interruption | undefined
  readonly connections: readonly Connection[]
  /** Why there are no connections, although all is made. */
  readonly unread?: Failure
}

type Read = Pick<Ending, 'connections' | 'unread'> & Partial<Pick<Outcome, 'actual'>>

/** Reads again, never assumes, until what was written is there to be used. */
async function readAgain(run: Run): Promise<Read> {
  const { session, settled, cloud, reporter } = run
  const withKeys = wantsConnection(session)
  if (!withKeys && !session.inputs.save) return { connections: [] }
  try {
    const actual = await readUntilDone(session, cloud, settled.spec, { withKeys, reporter })
    return { connections: withKeys ? connectionsFor(session, settled, actual) : [], actual }
  } catch (error) {
    return { connections: [], unread: connectionUnread(error, withKeys ? 'connection' : 'manifest') }
  }
}

function tellDocument(run: Run, planned: ApplicablePlan, ending: Ending): void {
  const { io, about } = run.session
  io.out(stringifyDocument(applyDocument({ ...factsOf(run, planned), ...ending, about, reveal: true })))
}

/** What every document of this command tells. */
function factsOf<P extends Plan>({ session, settled, actual }: Run, planned: P) {
  const { speller, cost, manifest } = planViewOf(session, settled, actual)
  return { command: 'create', plan: planned, target: targetOf(settled.spec), speller, cost, manifest } as const
}

function tellReport(
  { session, settled, actual }: Run,
  planned: ApplicablePlan,
  { report, interruption }: Ending,
): void {
  const { canvas, speller } = planViewOf(session, settled, actual)
  const unchanged = planned.steps.filter((step) => step.action === 'keep').length
  const text = renderReport(report, { canvas, about: session.about, speller, unchanged, interruption })
  if (isComplete(report)) session.io.note(text)
  else if (!session.io.json) session.io.err(text)
}

/** The answer on stdout. */
async function tellConnections({ session }: Run, connections: readonly Connection[]): Promise<void> {
  if (connections.length > 0) await giveAnswer(session, connections)
}
