import { afterDeletions, isGoing, isInTransition, type Actual } from '../engine/actual.ts'
import { plan as planOf, type Plan } from '../engine/plan.ts'
import type { Note, Target } from '../resources/step.ts'
import { readActual } from '../engine/read-actual.ts'
import { EXIT, type ExitCode } from '../ui/exit.ts'
import { planTitle, renderPlan } from '../ui/render-plan.ts'
import { renderSummary, type Summary } from '../ui/render-summary.ts'
import { planDocument, stringifyDocument } from '../ui/documents.ts'
import type { OutputDocument } from '../ui/document-types.ts'
import { canvasOf } from '../ui/style.ts'
import { askTarget } from '../run/ask.ts'
import { extraNotes, pricedViewOf, targetOf } from '../run/plan-view.ts'
import type { Run } from '../run/run.ts'
import { assertLocation, settle } from '../run/settle.ts'

/** What a plan says, ready to be told as text, as a document, or on the page of a CI run. */
export interface PlanAnswer {
  readonly exitCode: ExitCode
  readonly text: string
  readonly document: OutputDocument
  readonly summary: Summary
}

/** What `create` would do. Sends GET and LIST alone. */
export async function plan(run: Run): Promise<ExitCode> {
  if (run.invocation.given.allEnvs?.value) return (await import('./plan-all.ts')).planAll(run)
  const { io, ci } = run.streams
  const answer = await answerPlan(run)
  io.out(io.json ? stringifyDocument(answer.document) : answer.text)
  await ci.addSummary(() => renderSummary(answer.summary))
  return answer.exitCode
}

/** Reads and plans for one target. */
export async function answerPlan(run: Run): Promise<PlanAnswer> {
  const { invocation, streams, azure } = run
  const settled = await settle(run, { yes: false, ask: askTarget(run, 'plan') })
  const { spec, signedIn } = settled
  const found = await readActual(signedIn.cloudFor(spec.subscriptionId), azure.gate, spec, { withKeys: false })
  const actual = afterDeletions(found)
  assertLocation(run, settled, actual)
  const decided = planOf(spec, actual)
  const notes = [...decided.notes, ...transitionNotes(found), ...extraNotes(settled, actual)]
  const planned: Plan = { ...decided, notes }
  const exitCode = exitCodeOf(planned, invocation.given.exitCode?.value ?? false)
  const view = { ...pricedViewOf(streams, settled, actual), canvas: canvasOf(streams.io, 'stdout') }
  const { speller, cost, manifest } = view
  return {
    exitCode,
    text: renderPlan(planned, view),
    document: planDocument({
      ...{ command: 'plan', plan: planned, target: targetOf(spec) },
      ...{ speller, cost, manifest, exitCode },
    }),
    summary: { kind: 'planned', plan: planned, title: planTitle(view), speller },
  }
}

function exitCodeOf(planned: Plan, exitCodeAsked: boolean): ExitCode {
  if (planned.outcome === 'refused') return EXIT.refused
  return planned.outcome === 'applicable' && exitCodeAsked ? EXIT.pending : EXIT.ok
}

/** Somebody else is at work: what is planned now may look different when they are done. */
function transitionNotes({ group, namespace }: Actual): readonly Note[] {
  const going: readonly Target[] = [
    ...(group && isGoing(group) ? [{ kind: 'group', name: group.name } as const] : []),
    ...(namespace && isGoing(namespace) ? [{ kind: 'namespace', name: namespace.name } as const] : []),
  ]
  const waits = 'is being deleted now: create waits until it is gone, then makes it anew'
  if (going.length > 0) return going.map((target) => ({ target, text: waits }))
  if (!namespace || !isInTransition(namespace)) return []
  const text = `is ${namespace.provisioningState} now: this plan may change when Azure is done; create waits for it`
  return [{ target: { kind: 'namespace', name: namespace.name }, text }]
}
