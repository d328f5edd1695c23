import { type DeletionActual, type DeletionRequest, readDeletion } from '../engine/deletion.ts'
import { planDeletion } from '../engine/plan-deletion.ts'
import type { ApplicablePlan, NoOpPlan } from '../engine/plan.ts'
import { deletionProblems } from '../inputs/contradictions.ts'
import { DEFAULTS } from '../inputs/defaults.ts'
import { isGuid } from '../inputs/parsers.ts'
import { formatElapsed } from '../lib/duration.ts'
import { nameKeyOf, sameName } from '../lib/names.ts'
import { defaultNamespaceName } from '../resources/namespace/name.ts'
import { askTarget, confirmDeletion } from '../run/ask.ts'
import {
  makeChange,
  tellApplyDocument,
  tellPlanDocument,
  tellReport,
  whereOf,
  type Applied,
  type Planned,
} from '../run/change.ts'
import type { Invocation } from '../run/invocation.ts'
import { readDeletionSettled } from '../run/observe.ts'
import { planViewOf } from '../run/plan-view.ts'
import type { Run } from '../run/run.ts'
import { problemsError, settle, type Settled } from '../run/settle.ts'
import { knownBefore } from '../run/sign-in.ts'
import { EXIT, type ExitCode } from '../ui/exit.ts'
import { leftRows, outcomeOf, renderNothingToDelete } from '../ui/render-report.ts'

/** Takes down the namespace, or the hubs and consumer groups that are named: reads, shows, has it confirmed, deletes. */
export async function deleteResources(run: Run): Promise<ExitCode> {
  const settled = await settleDeletion(run)
  const wish = wishOf(settled)
  const { azure, streams } = run
  return makeChange<DeletionActual>(run, settled, {
    read: ({ cloud, reporter }) =>
      isDryRun(run.invocation)
        ? readDeletion(cloud, azure.gate, wish)
        : readDeletionSettled(azure, cloud, wish, reporter),
    plan: (_, actual) => Promise.resolve(planDeletion(wish, actual)),
    view: (_, { namespace }) => planViewOf(streams, settled, namespace?.tier ?? DEFAULTS.tier),
    // With both flags nothing is left to ask. `--yes` alone does not stand for the name.
    isAgreed: async (_, plan) =>
      (wish.isConfirmed && run.invocation.given.yes?.value === true) ||
      (await confirmDeletion(run, plan, { namespace: wish.at.namespace, isConfirmed: wish.isConfirmed })),
    tellNothingToDo,
    answer,
  })
}

const isDryRun = ({ given }: Invocation): boolean => given.dryRun?.value === true

/** Settles which namespace it is about. A name that confirms another one ends it before anything is sent. */
async function settleDeletion(run: Run): Promise<Settled> {
  const { invocation, streams } = run
  const { given } = invocation
  const mustConfirm = !streams.io.canPrompt && !isDryRun(invocation)
  const own = deletionProblems(given, { namespace: namespaceBefore(invocation), mustConfirm })
  const problems = [...invocation.problems, ...own]
  if (streams.io.canPrompt && own.length > 0) throw problemsError(run, problems)
  const checked: Run = { ...run, invocation: { ...invocation, problems } }
  const settled = await settle(checked, { yes: !isDryRun(invocation), ask: askTarget(run, 'delete') })
  const namespace = settled.spec.namespace.name
  const mistakes = deletionProblems(settled.invocation.given, { namespace, mustConfirm })
  if (mistakes.length > 0) throw problemsError({ streams, invocation: settled.invocation }, mistakes)
  return settled
}

/** The name of the namespace, as far as it is known before anybody is asked. */
function namespaceBefore(invocation: Invocation): string | undefined {
  const { namespace, subscription, resourceGroup } = invocation.wanted
  const { subscriptionId = subscription?.value } = knownBefore(invocation)
  if (namespace || subscriptionId === undefined || !isGuid(subscriptionId)) return namespace?.value
  return defaultNamespaceName(subscriptionId, resourceGroup?.value ?? DEFAULTS.resourceGroup)
}

function wishOf(settled: Settled): DeletionRequest {
  const { spec, signedIn, invocation } = settled
  const { hubToDelete, consumerGroupToDelete, confirm } = invocation.given
  const groups = consumerGroupToDelete?.value ?? []
  const keyOfGroup = (group: (typeof groups)[number]) => nameKeyOf(`${group.hub ?? ''}/${group.name}`)
  const hubs = hubToDelete?.value ?? []
  return {
    subscriptionId: spec.subscriptionId,
    at: whereOf(settled),
    hubs: hubs.filter((name, i) => hubs.findIndex((other) => sameName(other, name)) === i),
    consumerGroups: groups.filter(
      (group, i) => groups.findIndex((other) => keyOfGroup(other) === keyOfGroup(group)) === i,
    ),
    isConfirmed: confirm !== undefined,
    armEndpoint: signedIn.armEndpoint,
  }
}

function tellNothingToDo(planned: Planned<DeletionActual, NoOpPlan>): Promise<ExitCode> {
  const { run, plan, view } = planned
  const { io } = run.streams
  const elapsed = formatElapsed(run.azure.clock.now() - run.azure.startedAt)
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
