import { afterDeletions, isBeingDeleted, isInTransition, type Actual, readActual, whereOf } from '../engine/actual.ts'
import { lockNotes, readLocks } from '../engine/locks.ts'
import { lookForName } from '../engine/new-name.ts'
import { plan as planOf, withNamespaceRefused, type Plan } from '../engine/plan.ts'
import type { Note, Target } from '../resources/step.ts'
import { EXIT, type ExitCode } from '../ui/exit.ts'
import { environmentsDocument, planDocument, planTitle, renderPlan } from '../ui/render-plan.ts'
import { renderSummary, type Summary, renderEnvironments } from '../ui/render-summary.ts'
import { errorDocument, stringifyDocument } from '../ui/document.ts'
import type { OutputDocument } from '../ui/document-schema.ts'
import { canvasOf } from '../ui/text.ts'
import { askTarget } from '../run/ask.ts'
import { extraNotes, pricedViewOf, targetOf } from '../run/plan-view.ts'
import { type Run, type Streams, withInvocation } from '../run/run.ts'
import { problemsError } from '../run/problems-error.ts'
import { assertLocation, settle, type Settled } from '../run/settle.ts'
import { whileReading } from '../run/wait.ts'
import { Interruption, type Problem } from '../lib/errors.ts'
import { renderError } from '../ui/render-error.ts'
import { viewOf } from '../ui/error-view.ts'
import { inEnvironment, manifestEntryOf, spellerFor, type Invocation } from '../run/invocation.ts'
import { invalid } from '../inputs/given.ts'

/** A plan as text, as a document, and for the summary of a CI run. */
interface PlanAnswer {
  readonly exitCode: ExitCode
  readonly text: string
  readonly document: OutputDocument
  readonly summary: Summary
}

/** Shows what `create` would do. Sends only GET requests. */
export async function plan(run: Run): Promise<ExitCode> {
  if (run.invocation.given.allEnvs?.value) return planAll(run)
  const { io, ci } = run.streams
  const answer = await answerPlan(run)
  io.out(io.json ? stringifyDocument(answer.document) : answer.text)
  await ci.addSummary(() => renderSummary(answer.summary))
  return answer.exitCode
}

/** Reads and plans for one target. */
async function answerPlan(run: Run): Promise<PlanAnswer> {
  const { invocation, streams, azure } = run
  const settled = await settle(run, { yes: false, location: true, ask: askTarget(run, 'plan') })
  const { spec, signedIn } = settled
  const cloud = signedIn.cloudFor(spec.subscriptionId)
  const [found, locks = []] = await whileReading(run, () =>
    Promise.all([
      readActual(cloud, azure.gate, spec, { withKeys: false }),
      readLocks(cloud, azure.gate, { group: spec.resourceGroup }),
    ]),
  )
  const actual = afterDeletions(found)
  assertLocation(run, settled, actual)
  const decided = await withNameLookedFor(run, settled, found, planOf(spec, actual))
  const notes = [
    ...decided.notes,
    ...lockNotes(decided, spec, locks),
    ...transitionNotes(found),
    ...extraNotes(settled, actual),
  ]
  const planned: Plan = { ...decided, notes }
  const view = { ...(await pricedViewOf(run, settled, actual)), canvas: canvasOf(streams.io, 'stdout') }
  const { speller, tier, cost, fit, manifest } = view
  const isShort = fit !== undefined && !fit.isCarried
  const exitCode = exitCodeOf(planned, { isAsked: invocation.given.exitCode?.value ?? false, isShort })
  return {
    exitCode,
    text: renderPlan(planned, view),
    document: planDocument({
      ...{ command: 'plan', plan: planned, target: targetOf(spec) },
      ...{ speller, cost, fit, manifest, exitCode },
    }),
    summary: {
      ...{ kind: 'planned', plan: planned, title: planTitle(view), speller, fit },
      priced: cost === undefined ? undefined : { cost, tier },
    },
  }
}

/** Refuses a new namespace whose name another group has. Only `create` can ask whether it is free in all of Azure. */
async function withNameLookedFor(run: Run, { spec, signedIn }: Settled, read: Actual, planned: Plan): Promise<Plan> {
  if (read.namespace || planned.outcome !== 'applicable') return planned
  const { gate } = run.azure
  const cloud = signedIn.cloudFor(spec.subscriptionId)
  const name = { cloud, gate, at: whereOf(spec), subscriptionId: spec.subscriptionId }
  const found = await whileReading(run, () => lookForName(name))
  if (found.kind === 'taken') return withNamespaceRefused(planned, found.refusal)
  const target = { kind: 'namespace', name: spec.namespace.name } as const
  const text = 'name not checked: create asks Azure whether it is free, because names are unique over all of Azure'
  return run.invocation.given.local?.value ? planned : { ...planned, notes: [...planned.notes, { target, text }] }
}

/** `isShort`: what there will be does not carry the load. */
function exitCodeOf(
  { outcome }: Plan,
  { isAsked, isShort }: { readonly isAsked: boolean; readonly isShort: boolean },
): ExitCode {
  if (outcome === 'refused') return EXIT.refused
  return isAsked && (outcome === 'applicable' || isShort) ? EXIT.pending : EXIT.ok
}

/** Notes that the plan may change, because Azure is still working on another change. */
function transitionNotes({ group, namespace }: Actual): readonly Note[] {
  const going: readonly Target[] = [
    ...(group && isBeingDeleted(group) ? [{ kind: 'group', name: group.name } as const] : []),
    ...(namespace && isBeingDeleted(namespace) ? [{ kind: 'namespace', name: namespace.name } as const] : []),
  ]
  const waits = 'is being deleted now: create waits until it is gone, then makes it again'
  if (going.length > 0) return going.map((target) => ({ target, text: waits }))
  if (!namespace || !isInTransition(namespace)) return []
  const text = `is ${namespace.provisioningState} now: this plan may change when Azure is done; create waits for it`
  return [{ target: { kind: 'namespace', name: namespace.name }, text }]
}

interface EnvironmentAnswer extends Omit<PlanAnswer, 'text'> {
  readonly environment: string
}

/** Plans every environment of the manifest, even if some of them fail. */
async function planAll(run: Run): Promise<ExitCode> {
  const { invocation, streams } = run
  const problems = [...invocation.problems, ...contradictions(invocation)]
  if (problems.length > 0) throw problemsError(run, problems)
  const environments = invocation.manifest?.environments ?? []
  if (environments.length === 0) {
    throw problemsError(run, [invalid('allEnvs', undefined, 'needs a manifest with environments')])
  }
  const answers: EnvironmentAnswer[] = []
  try {
    for (const environment of environments) answers.push(await answerFor(run, environment))
  } finally {
    await summarize(streams, environments, answers)
  }
  const exitCode = worstOf(answers)
  if (streams.io.json) streams.io.out(stringifyDocument(environmentsDocument(exitCode, answers)))
  return exitCode
}

/** Inputs that choose a single environment or namespace. */
const contradictions = ({ given }: Invocation): readonly Problem[] =>
  (['env', 'namespace'] as const)
    .filter((key) => given[key]?.source === 'flag')
    .map((key) => invalid(key, given[key], 'contradicts --all-envs. Give one of the two'))

async function answerFor(run: Run, environment: string): Promise<EnvironmentAnswer> {
  const { io, about } = run.streams
  const invocation = inEnvironment(run.invocation, environment)
  const speller = spellerFor(invocation)
  try {
    const { text, ...answer } = await answerPlan(withInvocation(run, invocation))
    if (!io.json) io.out(`${environment}\n${text}\n`)
    return { environment, ...answer }
  } catch (error) {
    if (error instanceof Interruption) throw error
    if (!io.json)
      io.err(
        `${environment}\n${renderError(error, { canvas: canvasOf(io, 'stderr'), about, speller, debug: io.debug })}\n`,
      )
    const document = errorDocument({ command: 'plan', error, about, manifest: manifestEntryOf(invocation), speller })
    const summary = { kind: 'error', error: viewOf(error, about, speller) } as const
    return { environment, exitCode: document.exitCode, document, summary }
  }
}

/** All environments in one summary, including those that an interruption left out. */
const summarize = ({ ci }: Streams, environments: readonly string[], answers: readonly EnvironmentAnswer[]) =>
  ci.addSummary(() =>
    renderEnvironments(
      environments.map((environment) => ({
        environment,
        summary: answers.find((answer) => answer.environment === environment)?.summary ?? { kind: 'not-reached' },
      })),
    ),
  )

/** The most important exit code: an error, then a refusal, then pending changes. */
function worstOf(answers: readonly EnvironmentAnswer[]): ExitCode {
  const codes = answers.map((answer) => answer.exitCode)
  const error = codes.find((code) => code !== EXIT.ok && code !== EXIT.refused && code !== EXIT.pending)
  return error ?? codes.find((code) => code === EXIT.refused) ?? codes.find((code) => code === EXIT.pending) ?? EXIT.ok
}
