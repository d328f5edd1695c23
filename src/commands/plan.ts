import { isInTransition, type Actual } from '../engine/actual.ts'
import { plan as planOf } from '../engine/plan.ts'
import type { Plan } from '../engine/plan-types.ts'
import { readActual } from '../engine/read-actual.ts'
import { EXIT, type ExitCode } from '../lib/errors.ts'
import { planDocument, stringifyDocument } from '../ui/documents.ts'
import { renderPlan } from '../ui/render-plan.ts'
import { canvasOf } from '../ui/style.ts'
import { askTarget } from './ask.ts'
import { gateOf } from './observe.ts'
import { planViewOf, targetOf } from './plan-view.ts'
import type { Session } from './session.ts'
import { assertPlace, settle } from './settle.ts'

/** What `create` would do. Sends GET and LIST alone. */
export async function plan(session: Session): Promise<ExitCode> {
  const { io } = session
  const settled = await settle(session, { yes: false, ask: askTarget(session, 'plan') })
  const cloud = settled.connected.cloudFor(settled.spec.subscriptionId)
  const actual = await readActual(cloud, gateOf(session), settled.spec, { withKeys: false })
  assertPlace(session, settled, actual)
  const planned = withTransitionNote(planOf(settled.spec, actual), actual)
  const exitCode = exitCodeOf(planned, session.inputs.exitCode?.value ?? false)
  const view = planViewOf(session, settled, actual)
  if (io.json) {
    const facts = {
      command: 'plan',
      plan: planned,
      target: targetOf(settled.spec),
      commandFor: view.commandFor,
    } as const
    io.out(stringifyDocument(planDocument({ ...facts, exitCode })))
  } else io.out(renderPlan(planned, { ...view, canvas: canvasOf(io, 'stdout') }))
  return exitCode
}

function exitCodeOf(planned: Plan, exitCodeAsked: boolean): ExitCode {
  if (planned.outcome === 'refused') return EXIT.refused
  return planned.outcome === 'applicable' && exitCodeAsked ? EXIT.pending : EXIT.ok
}

/** Somebody else is at work: what is planned now may look different when they are done. */
function withTransitionNote(planned: Plan, actual: Actual): Plan {
  const { namespace } = actual
  if (!namespace || !isInTransition(namespace)) return planned
  const target = { kind: 'namespace', name: namespace.name } as const
  const text = `is ${namespace.provisioningState} now: this plan may change when Azure is done; create waits for it`
  return { ...planned, notes: [...planned.notes, { target, text }] }
}
