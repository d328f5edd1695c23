import { type DeletionActual, type DeletionRequest, readDeletion, uniqueBy } from '../engine/deletion.ts'
import { planDeletion } from '../engine/plan-deletion.ts'
import type { ApplicablePlan, NoOpPlan } from '../engine/plan.ts'
import { deletionProblems } from '../inputs/contradictions.ts'
import { DEFAULTS } from '../inputs/defaults.ts'
import { isGuid } from '../inputs/parsers.ts'
import { formatElapsed } from '../lib/duration.ts'
import { whereOf } from '../engine/actual.ts'
import { nameKeyOf } from '../lib/names.ts'
import { defaultNamespaceName } from '../resources/namespace/name.ts'
import { askTarget, confirmDeletion } from '../run/ask.ts'
import {
  makeChange,
  tellApplyDocument,
  tellPlanDocument,
  tellReport,
  type Applied,
  type Planned,
  readOnceStable,
} from '../run/change.ts'
import type { Invocation } from '../run/invocation.ts'
import { planViewOf } from '../run/plan-view.ts'
import { type Run, withInvocation } from '../run/run.ts'
import { problemsError } from '../run/problems-error.ts'
import { settle, type Settled } from '../run/settle.ts'
import { knownBefore } from '../run/sign-in.ts'
import { whileReading } from '../run/wait.ts'
import { EXIT, type ExitCode } from '../ui/exit.ts'
import { leftRows, outcomeOf, renderNothingToDelete } from '../ui/render-report.ts'

/** Deletes the namespace, or single hubs and consumer groups, after a confirmation. */
export async function deleteResources(run: Run): Promise<ExitCode> {
  const settled = await settleDeletion(run)
  const request = requestOf(settled)
  const { azure, streams } = run
  return makeChange<DeletionActual>(run, settled, {
    read: ({ cloud }) => {
      const read = () => readDeletion(cloud, azure.gate, request)
      return isDryRun(run.invocation) ? whileReading(run, read) : readOnceStable({ run, cloud }, request.at, read)
    },
    plan: (_, actual) => Promise.resolve(planDeletion(request, actual)),
    view: (_, { namespace }) => planViewOf(streams, settled, namespace?.tier ?? DEFAULTS.tier),
    // `--yes` alone does not replace `--confirm NAME`.
    isAgreed: async (_, plan) =>
      (request.isConfirmed && run.invocation.given.yes?.value === true) ||
      (await confirmDeletion(run, plan, { namespace: request.at.namespace, isConfirmed: request.isConfirmed })),
    tellNothingToDo,
    answer,
  })
}

const isDryRun = ({ given }: Invocation): boolean => given.dryRun?.value === true

/** Completes the inputs. `--confirm` with another name fails before anything is sent. */
async function settleDeletion(run: Run): Promise<Settled> {
  const { invocation, streams } = run
  const { given } = invocation
  const mustConfirm = !streams.io.canPrompt && !isDryRun(invocation)
  const own = deletionProblems(given, { namespace: namespaceBefore(invocation), mustConfirm })
  const problems = [...invocation.problems, ...own]
  if (streams.io.canPrompt && own.length > 0) throw problemsError(run, problems)
  const checked = withInvocation(run, { ...invocation, problems })
  const settled = await settle(checked, { yes: !isDryRun(invocation), ask: askTarget(run, 'delete') })
  const namespace = settled.spec.namespace.name
  const mistakes = deletionProblems(settled.invocation.given, { namespace, mustConfirm })
  if (mistakes.length > 0) throw problemsError({ streams, invocation: settled.invocation }, mistakes)
  return settled
}

/** The name of the namespace, if it is known before any question. */
function namespaceBefore(invocation: Invocation): string | undefined {
  const { namespace, subscription, resourceGroup } = invocation.wanted
  const { subscriptionId = subscription?.value } = knownBefore(invocation)
  if (namespace || subscriptionId === undefined || !isGuid(subscriptionId)) return namespace?.value
  return defaultNamespaceName(subscriptionId, resourceGroup?.value ?? DEFAULTS.resourceGroup)
}

function requestOf(settled: Settled): DeletionRequest {
  const { spec, signedIn, invocation } = settled
  const { hubToDelete, consumerGroupToDelete, confirm } = invocation.given
  return {
    subscriptionId: spec.subscriptionId,
    at: whereOf(settled.spec),
    hubs: uniqueBy(hubToDelete?.value ?? [], nameKeyOf),
    consumerGroups: uniqueBy(consumerGroupToDelete?.value ?? [], ({ hub = '', name }) => nameKeyOf(`${hub}/${name}`)),
    isConfirmed: confirm !== undefined,
    armEndpoint: signedIn.armEndpoint,
  }
}

function tellNothingToDo(planned: Planned<DeletionActual, NoOpPlan>): Promise<ExitCode> {
  const { run, plan, view } = planned
  const { io } = run.streams
  const elapsed = formatElapsed(run.azure.watch.elapsedMs)
  io.note(renderNothingToDelete(plan, { width: io.width, elapsed, speller: view.speller }))
  if (io.json) tellPlanDocument(planned)
  return Promise.resolve(EXIT.ok)
}

function answer(planned: Planned<DeletionActual, ApplicablePlan>, applied: Applied): Promise<ExitCode> {
  const { run, reporter, plan } = planned
  const { io } = run.streams
  reporter.close()
  tellReport(planned, applied, leftRows(plan, io.width))
  if (io.json) tellApplyDocument(planned, { ...applied, connections: [] })
  return Promise.resolve(outcomeOf(applied.report, applied.interruption).exitCode)
}
