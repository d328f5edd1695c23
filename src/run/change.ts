import { apply, type ApplyReport, type Reporter } from '../engine/apply.ts'
import type { Cloud, NamespaceRef } from '../engine/cloud.ts'
import type { Connection } from '../engine/connection.ts'
import { type ApplicablePlan, type NoOpPlan, type Plan, plan } from '../engine/plan.ts'
import { formatElapsed } from '../lib/duration.ts'
import { Interruption } from '../lib/errors.ts'
import { chooseReporter } from '../ui/progress/reporter.ts'
import { stringifyDocument } from '../ui/document.ts'
import { EXIT, type ExitCode } from '../ui/exit.ts'
import { gridOf, planDocument, renderPlan, type PlanView } from '../ui/render-plan.ts'
import { applyDocument, isComplete, renderReport, type ApplyFacts } from '../ui/render-report.ts'
import { canvasOf } from '../ui/text.ts'
import { interruptionOf, type Run } from './run.ts'
import { waitFor, whileReading } from './wait.ts'
import { targetOf } from './plan-view.ts'
import type { Settled } from './settle.ts'
import { isInTransition, type Actual, type Provisioned, readActual, whereOf } from '../engine/actual.ts'
import { awaitQuiet, poll } from '../engine/await-state.ts'
import type { Spec } from '../resources/front-door.ts'

/** The run of a command that changes Azure. */
export interface ChangeRun {
  readonly run: Run
  readonly settled: Settled
  readonly cloud: Cloud
  readonly reporter: Reporter
}

/** The parts in which commands that change Azure differ. `A` is what they read from Azure. */
export interface ChangeSteps<A> {
  /** Reads from Azure, once nobody else is changing it. */
  readonly read: (change: ChangeRun) => Promise<A>
  /** Undefined if what was read is out of date. */
  readonly plan: (change: ChangeRun, actual: A) => Promise<Plan | undefined>
  readonly view: (change: ChangeRun, actual: A) => PlanView | Promise<PlanView>
  /** Whether the user agrees to the plan. */
  readonly isAgreed: (change: ChangeRun, planned: ApplicablePlan) => Promise<boolean>
  readonly tellNothingToDo: (planned: Planned<A, NoOpPlan>) => Promise<ExitCode>
  /** Ends the run, whether or not everything was done. */
  readonly answer: (planned: Planned<A, ApplicablePlan>, applied: Applied) => Promise<ExitCode>
}

/** A change with its plan. */
export interface Planned<A, P extends Plan = Plan> extends ChangeRun {
  readonly actual: A
  readonly plan: P
  readonly view: PlanView
}

/** The result of a plan. */
export interface Applied {
  readonly report: ApplyReport
  readonly interruption: Interruption | undefined
}

/**
 * Reads, plans, asks, applies and answers. A dry run ends after the plan. If another run has made the namespace meanwhile,
 * it begins again.
 */
export async function makeChange<A>(run: Run, settled: Settled, steps: ChangeSteps<A>): Promise<ExitCode> {
  for (;;) {
    const exitCode = await tryChange(run, settled, steps)
    if (exitCode !== undefined) return exitCode
  }
}

/** Undefined if it was overtaken by another run. */
async function tryChange<A>(run: Run, settled: Settled, steps: ChangeSteps<A>): Promise<ExitCode | undefined> {
  const { streams, azure } = run
  const reporter = await chooseReporter(streams.io, azure.clock)
  try {
    const change: ChangeRun = { run, settled, cloud: settled.signedIn.cloudFor(settled.spec.subscriptionId), reporter }
    const actual = await steps.read(change)
    const plan = await steps.plan(change, actual)
    if (!plan) return undefined
    const planned = { ...change, actual, view: await steps.view(change, actual) }
    if (plan.outcome === 'refused') return tellRefused({ ...planned, plan })
    if (plan.outcome === 'no-op') return await steps.tellNothingToDo({ ...planned, plan })
    if (run.invocation.given.dryRun?.value) return tellDryRun({ ...planned, plan })
    showPlan({ ...planned, plan })
    reporter.lineUp(gridOf(plan, planned.view))
    if (!(await steps.isAgreed(change, plan))) throw new Interruption('SIGINT')
    const applied = await carryOut(change, plan)
    return applied.report.isOvertaken ? undefined : await steps.answer({ ...planned, plan }, applied)
  } finally {
    reporter.close()
  }
}

/** Shows the plan on stderr. */
export function showPlan({ run: { streams, azure }, plan, view }: Planned<unknown>): void {
  streams.io.gap()
  streams.io.note(renderPlan(plan, { ...view, elapsed: formatElapsed(azure.watch.elapsedMs) }))
}

function tellRefused(planned: Planned<unknown>): ExitCode {
  const { io } = planned.run.streams
  if (io.json) tellPlanDocument(planned)
  else io.err(renderPlan(planned.plan, planned.view))
  return EXIT.refused
}

function tellDryRun(planned: Planned<unknown>): ExitCode {
  const { io } = planned.run.streams
  if (io.json) tellPlanDocument(planned)
  else io.out(renderPlan(planned.plan, { ...planned.view, canvas: canvasOf(io, 'stdout') }))
  return EXIT.ok
}

/** Prints the `--json` document of a run that wrote nothing. */
export function tellPlanDocument(planned: Planned<unknown>, connections: readonly Connection[] = []): void {
  const facts = { ...factsOf(planned), connections, reveal: true }
  planned.run.streams.io.out(stringifyDocument(planDocument(facts)))
}

async function carryOut(
  { run: { azure, streams }, settled, cloud, reporter }: ChangeRun,
  plan: ApplicablePlan,
): Promise<Applied> {
  // Without progress, the report comes next, with a gap of its own.
  if (streams.io.progress !== 'none') streams.io.gap()
  const { clock, gate, stop } = azure
  const onEvent = reporter.event.bind(reporter)
  const report = await apply(plan, whereOf(settled.spec), { cloud, clock, gate, stop, onEvent })
  return { report, interruption: isComplete(report) ? undefined : interruptionOf(azure) }
}

/** Shows the result on stderr, followed by `more` if everything was done. */
export function tellReport(
  planned: Planned<unknown>,
  { report, interruption }: Applied,
  more: readonly string[] = [],
): void {
  const { run, plan, view } = planned
  const { io, about } = run.streams
  const unchanged = plan.steps.filter((step) => step.action === 'keep').length
  const text = renderReport(report, { canvas: view.canvas, about, speller: view.speller, unchanged, interruption })
  io.gap()
  if (isComplete(report)) io.note([text, ...more].join('\n'))
  else if (!io.json) io.err(text)
}

/** Prints the `--json` document of a run that wrote. */
export function tellApplyDocument(
  planned: Planned<unknown, ApplicablePlan>,
  ending: Applied & Pick<ApplyFacts, 'connections' | 'unread'>,
): void {
  const { io, about } = planned.run.streams
  io.out(stringifyDocument(applyDocument({ ...factsOf(planned), ...ending, about, reveal: true })))
}

/** The common part of both documents. */
const factsOf = <P extends Plan>({ run, settled, plan, view }: Planned<unknown, P>) => ({
  command: run.invocation.command.name,
  plan,
  target: targetOf(settled.spec),
  ...{ speller: view.speller, manifest: view.manifest },
  fit: view.fit,
  ...(view.cost === undefined ? {} : { cost: view.cost }),
})

interface Reading {
  readonly run: Run
  readonly cloud: Cloud
}

/** Reads what exists for a spec and for `--save`, once nobody else is changing the namespace or the group. */
export async function readSettled(reading: Reading, spec: Spec, withKeys: boolean): Promise<Actual> {
  const { cloud, run } = reading
  const options = { withKeys, forSave: run.invocation.given.save !== undefined }
  return readOnceStable(reading, whereOf(spec), () => readActual(cloud, run.azure.gate, spec, options))
}

/** Reads until neither namespace nor group is in transition. */
export async function readOnceStable<T extends Pick<Actual, 'namespace' | 'group'>>(
  { run, cloud }: Reading,
  at: NamespaceRef,
  read: () => Promise<T>,
): Promise<T> {
  const { clock, gate, stop } = run.azure
  for (;;) {
    const actual = await whileReading(run, read)
    const startedAt = clock.now()
    const wait = (what: string, look: () => Promise<Provisioned | undefined>) =>
      waitFor(run, what, (tell) =>
        awaitQuiet(look, {
          clock,
          stop,
          onState: (state) => tell(`Waiting for ${what}: ${state}`, clock.now() - startedAt),
        }),
      )
    if (actual.namespace && isInTransition(actual.namespace)) {
      await wait(`namespace ${at.namespace}`, () => gate.run((call) => cloud.readNamespace(at, call)))
    } else if (actual.group && isInTransition(actual.group)) {
      await wait(`resource group ${at.group}`, () => gate.run((call) => cloud.readGroup(at.group, call)))
    } else return actual
  }
}

/** How long Azure may take to show all changes. */
const SHOWN_WITHIN_MS = 60_000

/** Reads after writing, several times if necessary, until Azure shows all changes. */
export async function readUntilDone(reading: Reading, spec: Spec, withKeys: boolean): Promise<Actual> {
  let last: Actual | undefined
  await poll(reading.run.azure, async (waitedMs) => {
    last = await readSettled(reading, spec, withKeys)
    return waitedMs >= SHOWN_WITHIN_MS || plan(spec, last).outcome === 'no-op'
  })
  return last!
}
