import type { Actual } from '../resources/actual.ts'
import { costOf } from '../sizing/cost.ts'
import { tierAfter } from '../resources/plan-capacity.ts'
import { extrasOf } from '../resources/extras.ts'
import type { Note } from '../resources/step.ts'
import type { Spec } from '../resources/spec.ts'
import type { TargetEntry } from '../ui/document-types.ts'
import type { PlanView } from '../ui/render-plan.ts'
import { canvasOf } from '../ui/style.ts'
import { manifestOf, type Session } from './session.ts'
import { type Settled } from './settle.ts'
import { spellerFor } from './speller.ts'

/** How the plan of this run is shown on stderr; ways out are whole commands, this run's with some flags changed. */
export function planViewOf(session: Session, settled: Settled, actual: Actual): PlanView {
  return {
    canvas: canvasOf(session.io, 'stderr'),
    where: settled.connected.placeOf(settled.spec.subscriptionId),
    manifest: manifestOf(session),
    tier: tierAfter(settled.spec, actual.namespace),
    ...(session.inputs.local?.value ? {} : { cost: isPublic(session) ? costOf(settled.spec, actual) : null }),
    speller: spellerFor(session, settled.inputs),
  }
}

/** The list of prices is that of the public cloud. */
const isPublic = ({ inputs }: Session): boolean => (inputs.cloud?.value ?? 'AzureCloud') === 'AzureCloud'

/** What Azure has beyond the manifest, where there is one. */
export function extraNotes({ manifest, inputs }: Session, { spec }: Settled, actual: Actual): readonly Note[] {
  const named = manifest?.inputsOf(inputs.env?.value)
  return named
    ? extrasOf(spec, actual, { hubs: named.hub?.value ?? [], consumerGroups: named.consumerGroup?.value ?? [] })
    : []
}

export const targetOf = (spec: Spec): TargetEntry => ({
  subscriptionId: spec.subscriptionId,
  resourceGroup: spec.resourceGroup,
  namespace: spec.namespace.name,
})
