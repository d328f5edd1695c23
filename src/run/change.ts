import { apply } from '../engine/apply.ts'
import type { Cloud, NamespaceRef } from '../engine/cloud.ts'
import type { Connection } from '../engine/connection.ts'
import type { ApplicablePlan, NoOpPlan, Plan } from '../engine/plan.ts'
import type { ApplyReport, Reporter } from '../engine/report.ts'
import { formatElapsed } from '../lib/duration.ts'
import { Interruption } from '../lib/errors.ts'
import { chooseReporter } from '../ui/progress/choose-reporter.ts'
import { stringifyDocument } from '../ui/document.ts'
import { EXIT, type ExitCode } from '../ui/exit.ts'
import { planDocument, renderPlan, type PlanView } from '../ui/render-plan.ts'
import { applyDocument, isComplete, renderReport, type ApplyFacts } from '../ui/render-report.ts'
import { canvasOf } from '../ui/style.ts'
import { interruptionOf, type Run } from './run.ts'
import { targetOf } from './plan-view.ts'
import type { Settled } from './settle.ts'

/** A command that changes Azure: where it does, and how it reports. */
export interface ChangeRun {
  readonly run: Run
  readonly settled: Settled
  readonly cloud: Cloud
  readonly reporter: Reporter
}

/** What a command that changes Azure does in its own way. `A` is what exists, as far as the command is about it. */
export interface Ways<A> {
  /** Reads what exists, once nobody else is changing it. */
  readonly read: (change: ChangeRun) => Promise<A>
  readonly plan: (change: ChangeRun, actual: A) => Promise<Plan>
  readonly view: (change: ChangeRun, actual: A) => PlanView
  /** Whether a person agrees, now or beforehand. */
  readonly isAgreed: (change: ChangeRun, planned: ApplicablePlan) => Promise<boolean>
  readonly tellNothingToDo: (planned: Planned<A, NoOpPlan>) => Promise<ExitCode>
  /** Ends the run, after everything was done or something failed. */
  readonly answer: (planned: Planned<A, ApplicablePlan>, applied: Applied) => Promise<ExitCode>
}

/** A change with its plan. */
export interface Planned<A, P extends Plan = Plan> extends ChangeRun {
  readonly actual: A
  readonly plan: P
  readonly view: PlanView
}

/** How a plan was carried out. */
export interface Applied {
  readonly report: ApplyReport
  readonly interruption: Interruption | undefined
}

/** Reads, plans, has the plan agreed to, carries it out and answers. With a dry run it ends after the plan. */
export async function makeChange<A>(run: Run, settled: Settled, ways: Ways<A>): Promise<ExitCode> {
  const { streams, azure } = run
  const reporter = await chooseReporter(streams.io, azure.clock)
  try {
    const change: ChangeRun = { run, settled, cloud: settled.signedIn.cloudFor(settled.spec.subscriptionId), reporter }
    const actual = await ways.read(change)
    const plan = await ways.plan(change, actual)
    const planned = { ...change, actual, view: ways.view(change, actual) }
    if (plan.outcome === 'refused') return tellRefused({ ...planned, plan })
    if (plan.outcome === 'no-op') return await ways.tellNothingToDo({ ...planned, plan })
    if (run.invocation.given.dryRun?.value) return tellDryRun({ ...planned, plan })
    showPlan({ ...planned, plan })
    if (!(await ways.isAgreed(change, plan))) throw new Interruption('SIGINT')
    return await ways.answer({ ...planned, plan }, await carryOut(change, plan))
  } finally {
    reporter.close()
  }
}

/** On stderr, for people. */
export function showPlan({ run: { streams, azure }, plan, view }: Planned<unknown>): void {
  streams.io.note(renderPlan(plan, { ...view, elapsed: formatElapsed(azure.clock.now() - azure.startedAt) }))
}

/** A refused plan is an error. */
function tellRefused(planned: Planned<unknown>): ExitCode {
  const { io } = planned.run.streams
  if (io.json) tellPlanDocument(planned)
  else io.err(renderPlan(planned.plan, planned.view))
  return EXIT.refused
}

/** The plan is what a dry run was asked for. */
function tellDryRun(planned: Planned<unknown>): ExitCode {
  const { io } = planned.run.streams
  if (io.json) tellPlanDocument(planned)
  else io.out(renderPlan(planned.plan, { ...planned.view, canvas: canvasOf(io, 'stdout') }))
  return EXIT.ok
}

/** The one document on stdout with `--json`, of a run that wrote nothing. */
export function tellPlanDocument(planned: Planned<unknown>, connections: readonly Connection[] = []): void {
  const facts = { ...factsOf(planned), connections, reveal: true }
  planned.run.streams.io.out(stringifyDocument(planDocument(facts)))
}

async function carryOut(
  { run: { azure }, settled, cloud, reporter }: ChangeRun,
  plan: ApplicablePlan,
): Promise<Applied> {
  const { clock, gate, stop } = azure
  const onEvent = reporter.event.bind(reporter)
  const report = await apply(plan, whereOf(settled), { cloud, clock, gate, stop, onEvent })
  return { report, interruption: isComplete(report) ? undefined : interruptionOf(azure) }
}

export const whereOf = ({ spec }: Settled): NamespaceRef => ({
  group: spec.resourceGroup,
  namespace: spec.namespace.name,
})

/** Tells how it went, on stderr; `more` stands below it where everything was done. */
export function tellReport(
  planned: Planned<unknown>,
  { report, interruption }: Applied,
  more: readonly string[] = [],
): void {
  const { run, plan, view } = planned
  const { io, about } = run.streams
  const unchanged = plan.steps.filter((step) => step.action === 'keep').length
  const text = renderReport(report, { canvas: view.canvas, about, speller: view.speller, unchanged, interruption })
  if (isComplete(report)) io.note([text, ...more].join('\n'))
  else if (!io.json) io.err(text)
}

/** The same of a run that wrote. */
export function tellApplyDocument(
  planned: Planned<unknown, ApplicablePlan>,
  ending: Applied & Pick<ApplyFacts, 'connections' | 'unread'>,
): void {
  const { io, about } = planned.run.streams
  io.out(stringifyDocument(applyDocument({ ...factsOf(planned), ...ending, about, reveal: true })))
}

/** What every document of a change tells. */
const factsOf = <P extends Plan>({ run, settled, plan, view }: Planned<unknown, P>) => ({
  command: run.invocation.command.name,
  plan,
  target: targetOf(settled.spec),
  ...{ speller: view.speller, manifest: view.manifest },
  ...(view.cost === undefined ? {} : { cost: view.cost }),
})
