import { apply } from '../engine/apply.ts'
import type { Cloud } from '../engine/cloud.ts'
import type { DeletionActual, DeletionWish } from '../engine/deletion.ts'
import { planDeletion } from '../engine/plan-deletion.ts'
import { readDeletion } from '../engine/read-deletion.ts'
import type { ApplicablePlan, NoOpPlan, Plan, RefusedPlan } from '../engine/plan.ts'
import type { Reporter } from '../engine/report.ts'
import { Interruption } from '../lib/errors.ts'
import { EXIT, type ExitCode } from '../ui/exit.ts'
import { formatElapsed } from '../lib/duration.ts'
import { deletionProblems } from '../resources/deletion-problems.ts'
import { DEFAULTS } from '../inputs/defaults.ts'
import { defaultNamespaceName } from '../resources/namespace-name.ts'
import { nameKeyOf, sameName } from '../lib/names.ts'
import { isGuid } from '../inputs/parsers.ts'
import { chooseReporter } from '../ui/choose-reporter.ts'
import { applyDocument, outcomeOf, planDocument, stringifyDocument } from '../ui/documents.ts'
import { leftRows, renderNothingToDelete } from '../ui/render-deletion.ts'
import { renderPlan, type PlanView } from '../ui/render-plan.ts'
import { isComplete, renderReport } from '../ui/render-report.ts'
import { canvasOf } from '../ui/style.ts'
import { askTarget, confirmDeletion } from '../run/ask.ts'
import { knownBefore } from '../run/connect.ts'
import { gateOf, readDeletionSettled } from '../run/observe.ts'
import { targetOf } from '../run/plan-view.ts'
import { interruptionOf, manifestOf, type Session } from '../run/session.ts'
import { problemsError, settle, type Settled } from '../run/settle.ts'
import { spellerFor } from '../run/speller.ts'

/** All that the endings of a run tell about. */
interface Run {
  readonly session: Session
  readonly settled: Settled
  readonly wish: DeletionWish
  readonly cloud: Cloud
  readonly reporter: Reporter
  readonly actual: DeletionActual
}

/** Takes down the namespace, or the hubs and consumer groups that are named: reads, shows, has it confirmed, deletes. */
export async function deleteResources(session: Session): Promise<ExitCode> {
  const settled = await settleDeletion(session)
  const wish = wishOf(settled)
  const cloud = settled.connected.cloudFor(settled.spec.subscriptionId)
  const reporter = await chooseReporter(session.io, session.deps.clock)
  try {
    const actual = isDryRun(session)
      ? await readDeletion(cloud, gateOf(session), wish)
      : await readDeletionSettled(session, cloud, wish, reporter)
    return await finish({ session, settled, wish, cloud, reporter, actual })
  } finally {
    reporter.close()
  }
}

const isDryRun = (session: Session): boolean => session.inputs.dryRun?.value === true

/** Settles which namespace it is about. A name that confirms another one ends it before anything is sent. */
async function settleDeletion(session: Session): Promise<Settled> {
  const { inputs, io } = session
  const mustConfirm = !io.canPrompt && !isDryRun(session)
  const own = deletionProblems(inputs, { namespace: namespaceBefore(session), mustConfirm })
  const problems = [...session.problems, ...own]
  if (io.canPrompt && own.length > 0) throw problemsError(session, problems)
  const settled = await settle({ ...session, problems }, { yes: !isDryRun(session), ask: askTarget(session, 'delete') })
  const namespace = settled.spec.namespace.name
  const mistakes = deletionProblems(settled.inputs, { namespace, mustConfirm })
  if (mistakes.length > 0) throw problemsError(session, mistakes, settled.inputs)
  return settled
}

/** The name of the namespace, as far as it is known before anybody is asked. */
function namespaceBefore(session: Session): string | undefined {
  const { namespace, subscription, resourceGroup } = session.inputs
  const { subscriptionId = subscription?.value } = knownBefore(session)
  if (namespace || subscriptionId === undefined || !isGuid(subscriptionId)) return namespace?.value
  return defaultNamespaceName(subscriptionId, resourceGroup?.value ?? DEFAULTS.resourceGroup)
}

function wishOf({ spec, inputs, connected }: Settled): DeletionWish {
  const groups = inputs.consumerGroupToDelete?.value ?? []
  const keyOfGroup = (group: (typeof groups)[number]) => nameKeyOf(`${group.hub ?? ''}/${group.name}`)
  const hubs = inputs.hubToDelete?.value ?? []
  return {
    subscriptionId: spec.subscriptionId,
    at: { group: spec.resourceGroup, namespace: spec.namespace.name },
    hubs: hubs.filter((name, i) => hubs.findIndex((other) => sameName(other, name)) === i),
    consumerGroups: groups.filter(
      (group, i) => groups.findIndex((other) => keyOfGroup(other) === keyOfGroup(group)) === i,
    ),
    isNamed: inputs.confirm !== undefined,
    armEndpoint: connected.armEndpoint,
  }
}

async function finish(run: Run): Promise<ExitCode> {
  const planned = planDeletion(run.wish, run.actual)
  if (planned.outcome === 'no-op') return tellNothing(run, planned)
  if (planned.outcome === 'refused') return tellRefused(run, planned)
  if (isDryRun(run.session)) return tellDryRun(run, planned)
  run.session.io.note(renderPlan(planned, viewOf(run)))
  if (!(await isAgreed(run, planned))) throw new Interruption('SIGINT')
  return applyAndTell(run, planned)
}

/** With both flags nothing is left to ask; `--yes` alone does not stand for the name. */
async function isAgreed({ session, wish }: Run, planned: ApplicablePlan): Promise<boolean> {
  if (wish.isNamed && session.inputs.yes?.value) return true
  return confirmDeletion(session, planned, { namespace: wish.at.namespace, isNamed: wish.isNamed })
}

function viewOf({ session, settled, actual }: Run): PlanView {
  return {
    canvas: canvasOf(session.io, 'stderr'),
    where: settled.connected.placeOf(settled.spec.subscriptionId),
    manifest: manifestOf(session),
    tier: actual.namespace?.tier ?? DEFAULTS.tier,
    speller: spellerFor(session, settled.inputs),
  }
}

/** What all documents of a deletion begin with. */
const factsOf = <P extends Plan>(run: Run, planned: P) =>
  ({
    command: 'delete',
    plan: planned,
    target: targetOf(run.settled.spec),
    speller: viewOf(run).speller,
    manifest: manifestOf(run.session),
  }) as const

function tellNothing(run: Run, planned: NoOpPlan): ExitCode {
  const { io, deps, startedAt } = run.session
  const elapsed = formatElapsed(deps.clock.now() - startedAt)
  io.note(renderNothingToDelete(planned, { width: io.width, elapsed, speller: viewOf(run).speller }))
  if (io.json) io.out(stringifyDocument(planDocument(factsOf(run, planned))))
  return EXIT.ok
}

function tellRefused(run: Run, planned: RefusedPlan): ExitCode {
  const { io } = run.session
  if (io.json) io.out(stringifyDocument(planDocument(factsOf(run, planned))))
  else io.err(renderPlan(planned, viewOf(run)))
  return EXIT.refused
}

function tellDryRun(run: Run, planned: ApplicablePlan): ExitCode {
  const { io } = run.session
  if (io.json) io.out(stringifyDocument(planDocument(factsOf(run, planned))))
  else io.out(renderPlan(planned, { ...viewOf(run), canvas: canvasOf(io, 'stdout') }))
  return EXIT.ok
}

async function applyAndTell(run: Run, planned: ApplicablePlan): Promise<ExitCode> {
  const { session, wish, cloud, reporter } = run
  const { clock, random } = session.deps
  const onEvent = reporter.event.bind(reporter)
  const report = await apply(planned, wish.at, {
    cloud,
    clock,
    random,
    pace: session.pace,
    stop: session.stop,
    onEvent,
  })
  const interruption = isComplete(report) ? undefined : interruptionOf(session)
  reporter.close()
  const { io, about } = session
  const { canvas, speller } = viewOf(run)
  const unchanged = planned.steps.filter((step) => step.action === 'keep').length
  const text = renderReport(report, { canvas, about, speller, unchanged, interruption })
  if (isComplete(report)) io.note([text, ...leftRows(planned, io.width)].join('\n'))
  else if (!io.json) io.err(text)
  if (io.json) {
    const facts = { ...factsOf(run, planned), report, interruption, about, connections: [], reveal: false }
    io.out(stringifyDocument(applyDocument(facts)))
  }
  return outcomeOf(report, interruption).exitCode
}
