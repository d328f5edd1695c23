import type { Actual } from '../engine/actual.ts'
import { extrasOf, namespaceLocation } from '../engine/plan.ts'
import type { LiveTier } from '../lib/limits.ts'
import { tierAfter } from '../resources/namespace/capacity.ts'
import type { Spec } from '../resources/front-door.ts'
import type { Note } from '../resources/step.ts'
import { costOf } from '../sizing/cost.ts'
import { fitOf } from '../resources/load/fit.ts'
import { chargedOf } from '../resources/charged.ts'
import type { TargetEntry } from '../ui/document-schema.ts'
import type { PlanView } from '../ui/render-plan.ts'
import { canvasOf } from '../ui/text.ts'
import { manifestEntryOf, spellerFor } from './invocation.ts'
import type { Settled } from './settle.ts'
import { pricesFor } from './prices.ts'
import type { Run, Streams } from './run.ts'

/** How the plan of a run is shown on stderr. */
export function planViewOf({ io }: Streams, settled: Settled, tier: LiveTier): PlanView {
  const { invocation } = settled
  return {
    canvas: canvasOf(io, 'stderr'),
    where: targetWords(settled),
    manifest: manifestEntryOf(invocation),
    tier,
    speller: spellerFor(invocation),
  }
}

/** `planViewOf` with the cost, except on the embedded Azure. */
export async function pricedViewOf(run: Run, settled: Settled, actual: Actual): Promise<PlanView> {
  const { spec, invocation } = settled
  const tier = tierAfter(spec.namespace, actual.namespace)
  const view = { ...planViewOf(run.streams, settled, tier), fit: fitOf(spec, actual) }
  if (invocation.given.local?.value) return view
  if (tier === 'Dedicated') return { ...view, cost: null }
  const prices = await pricesFor(run, { region: namespaceLocation(spec, actual), tier })
  return { ...view, cost: prices ? costOf(chargedOf(spec, actual), prices) : null }
}

/** Notes on resources that are not in the manifest, if there is one. */
export function extraNotes({ invocation: { manifest, given }, spec }: Settled, actual: Actual): readonly Note[] {
  if (!manifest) return []
  const hubs = manifest.wantedIn(given.env?.value).hubs?.items ?? []
  const named = hubs.flatMap(({ name, consumerGroups }) =>
    name ? [{ name: name.value, groups: consumerGroups?.items ?? [] }] : [],
  )
  return extrasOf(spec, actual, {
    hubs: named,
    consumerGroups: named.flatMap(({ name: hub, groups }) =>
      groups.flatMap(({ name }) => (name ? [{ hub, name: name.value }] : [])),
    ),
  })
}

export const targetOf = (spec: Spec): TargetEntry => ({
  subscriptionId: spec.subscriptionId,
  resourceGroup: spec.resourceGroup,
  namespace: spec.namespace.name,
})

/** The target of a run, for titles. */
export const targetWords = ({ invocation, spec }: Settled): string =>
  invocation.given.local?.value ? 'the embedded Azure' : `subscription ${spec.subscriptionId}`
