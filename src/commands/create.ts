import { type Actual, whereOf } from '../engine/actual.ts'
import type { Connection } from '../engine/connection.ts'
import { plan as planOf, withNamespaceRefused, type ApplicablePlan, type NoOpPlan, type Plan } from '../engine/plan.ts'
import { Failure, Interruption, isAzureFailure } from '../lib/errors.ts'
import { checkName } from '../engine/new-name.ts'
import { askCreate, confirm } from '../run/ask.ts'
import {
  makeChange,
  showPlan,
  tellApplyDocument,
  tellPlanDocument,
  tellReport,
  type Applied,
  type ChangeRun,
  type Planned,
  readSettled,
  readUntilDone,
} from '../run/change.ts'
import { assertAnswer, giveAnswer, tellCi, connectionsFor } from '../run/connections.ts'
import { spellerFor } from '../run/invocation.ts'
import { extraNotes, pricedViewOf } from '../run/plan-view.ts'
import type { Run } from '../run/run.ts'
import { saveManifest, saveProblems } from '../run/save-manifest.ts'
import { tellNextSteps, tellRepeat } from '../run/next-steps.ts'
import { assertLocation, settle, type Settled } from '../run/settle.ts'
import { waitFor } from '../run/wait.ts'
import { EXIT, exitCodeOf, type ExitCode } from '../ui/exit.ts'
import { secretsOf } from '../ui/connection/render-connection.ts'
import { renderError } from '../ui/render-error.ts'
import { isComplete, outcomeOf } from '../ui/render-report.ts'
import { canvasOf } from '../ui/text.ts'
import { plan as planCommand } from './plan.ts'

/** Creates or updates everything, then prints the connection. */
export async function create(opened: Run): Promise<ExitCode> {
  const { invocation, deps } = opened
  if (invocation.given.dryRun?.value) return planCommand(opened)
  const problems = [...invocation.problems, ...(await saveProblems(invocation, deps))]
  const run: Run = { ...opened, invocation: { ...invocation, problems } }
  const settled = await settle(run, { yes: true, location: true, ask: askCreate(run) })
  return makeChange<Actual>(run, settled, {
    read: readBefore,
    plan: planWithName,
    view: (_, actual) => pricedViewOf(run, settled, actual),
    isAgreed: async (_, plan) =>
      invocation.given.yes?.value === true ||
      (await confirm(run, plan, settled.spec.resourceGroup)) ||
      declined(run, settled),
    tellNothingToDo,
    answer,
  })
}

/** After "No", keeps the answers as a command. */
function declined({ streams }: Run, settled: Settled): false {
  tellRepeat(streams, settled)
  return false
}

const wantsConnection = ({ run }: ChangeRun): boolean => !run.invocation.given.noConnection?.value

async function readBefore(change: ChangeRun): Promise<Actual> {
  const { run, settled, cloud } = change
  const withKeys = wantsConnection(change)
  const actual = await readSettled({ run, cloud }, settled.spec, withKeys)
  assertLocation(run, settled, actual)
  if (withKeys) assertAnswer(run, settled.spec, actual)
  return actual
}

async function planWithName(change: ChangeRun, actual: Actual): Promise<Plan | undefined> {
  const planned = await withNameChecked(change, actual, planOf(change.settled.spec, actual))
  return planned && { ...planned, notes: [...planned.notes, ...extraNotes(change.settled, actual)] }
}

/** Refuses a new namespace whose name is not free in all of Azure. Undefined if another run has made it meanwhile. */
async function withNameChecked(
  { run, settled: { spec }, cloud }: ChangeRun,
  actual: Actual,
  planned: Plan,
): Promise<Plan | undefined> {
  if (actual.namespace || planned.outcome !== 'applicable' || actual.provider.state === 'NotRegistered') return planned
  const { gate } = run.azure
  const name = { cloud, gate, at: whereOf(spec), subscriptionId: spec.subscriptionId }
  const found = await waitFor(run, `Checking the name ${spec.namespace.name}`, () => checkName(name))
  if (found.kind === 'here') return undefined
  return found.kind === 'taken' ? withNamespaceRefused(planned, found.refusal) : planned
}

async function tellNothingToDo(planned: Planned<Actual, NoOpPlan>): Promise<ExitCode> {
  const { run, settled, actual } = planned
  const { io, ci } = run.streams
  const connections = wantsConnection(planned) ? await connectionsFor(settled, actual) : []
  showPlan(planned)
  ci.mask(secretsOf(connections))
  await tellCi(run.streams, connections, false)
  if (io.json) tellPlanDocument(planned, connections)
  else await tellConnections(planned, connections)
  return saved(planned, EXIT.ok, actual)
}

async function answer(planned: Planned<Actual, ApplicablePlan>, applied: Applied): Promise<ExitCode> {
  const { run, settled, reporter, view } = planned
  const { io, ci, about } = run.streams
  const isDone = isComplete(applied.report)
  const { actual, connections, unread } = isDone ? await readAgain(planned) : NOTHING_READ
  reporter.close()
  ci.mask(secretsOf(connections))
  await tellCi(run.streams, connections, true)
  tellReport(planned, applied)
  if (io.json) tellApplyDocument(planned, { ...applied, connections, unread })
  else if (unread) io.err(renderError(unread, { ...view, about }))
  else if (isDone) {
    await tellConnections(planned, connections)
    tellNextSteps(run.streams, settled, planned.actual.namespace)
  }
  const { exitCode } = unread ? { exitCode: exitCodeOf(unread) } : outcomeOf(applied.report, applied.interruption)
  return saved(planned, exitCode, actual)
}

interface ReadAgain {
  readonly actual?: Actual
  readonly connections: readonly Connection[]
  /** Why reading failed, although everything is made. */
  readonly unread?: Failure
}
const NOTHING_READ: ReadAgain = { connections: [] }

/** Reads the result from Azure. */
async function readAgain(change: ChangeRun): Promise<ReadAgain> {
  const { run, settled, cloud } = change
  const withKeys = wantsConnection(change)
  if (!withKeys && !run.invocation.given.save) return NOTHING_READ
  try {
    const actual = await readUntilDone({ run, cloud }, settled.spec, withKeys)
    return { connections: withKeys ? await connectionsFor(settled, actual) : [], actual }
  } catch (error) {
    return { connections: [], unread: resultUnread(error, withKeys ? 'connection' : 'manifest') }
  }
}

async function tellConnections({ run }: ChangeRun, connections: readonly Connection[]): Promise<void> {
  if (connections.length > 0) await giveAnswer(run, connections)
}

/** Saves the manifest, or shows how to repeat the run. */
async function saved(change: ChangeRun, exitCode: ExitCode, actual: Actual | undefined): Promise<ExitCode> {
  const { run, settled } = change
  if (exitCode !== EXIT.ok) return exitCode
  if (!run.invocation.given.save || !actual) {
    tellRepeat(run.streams, settled)
    return exitCode
  }
  try {
    await saveManifest(run, settled, actual)
    return exitCode
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    tellRepeat(run.streams, settled)
    const { io, about } = run.streams
    io.err(renderError(error, { canvas: canvasOf(io, 'stderr'), about, speller: spellerFor(settled.invocation) }))
    return exitCodeOf(error)
  }
}

/** The error when everything is written, but the result could not be read. Throws unexpected errors again. */
function resultUnread(error: unknown, ending: 'connection' | 'manifest'): Failure {
  if (!(error instanceof Failure || error instanceof Interruption)) throw error
  const [what, does] =
    ending === 'connection' ? ['the connection', 'prints the connection'] : ['what there is now', 'saves the manifest']
  const told = { code: 'partial', message: `Everything is made, but ${what} could not be read`, cause: error } as const
  const hint = `Run the same command again: it finds nothing left to make, and ${does}.`
  if (error instanceof Interruption) {
    const { cause, kind } = error
    const lastError = isAzureFailure(cause) ? [`${cause.message}, several times.`, ...cause.why] : []
    const why = [
      kind === 'timeout' ? 'The time limit (--timeout) was reached.' : 'The run was interrupted.',
      ...lastError,
    ]
    return new Failure({ ...told, why, hint })
  }
  const why = [`${error.message}.`, ...(isAzureFailure(error) ? error.why : [])]
  return new Failure({ ...told, why, hint: (isAzureFailure(error) && error.hint) || hint, azure: error.azure })
}
