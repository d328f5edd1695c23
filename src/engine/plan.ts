import type { Spec } from '../resources/spec.ts'
import type { Actual } from '../resources/actual.ts'
import { planGrants } from '../resources/plan-grants.ts'
import { growthNotes, planHubs } from '../resources/plan-hub.ts'
import { planGroup, planNamespace, planProvider } from '../resources/plan-namespace.ts'
import { planRules } from '../resources/plan-rule.ts'
import type { KeepStep, Note, Step, WriteStep } from '../resources/step.ts'

interface PlanBase {
  readonly notes: readonly Note[]
}
/** Everything is as wanted. */
export interface NoOpPlan extends PlanBase {
  readonly outcome: 'no-op'
  readonly steps: readonly KeepStep[]
}
export interface ApplicablePlan extends PlanBase {
  readonly outcome: 'applicable'
  readonly steps: readonly (WriteStep | KeepStep)[]
}
/** At least one step cannot be done; nothing of the plan is written. */
export interface RefusedPlan extends PlanBase {
  readonly outcome: 'refused'
  readonly steps: readonly Step[]
}
export type Plan = NoOpPlan | ApplicablePlan | RefusedPlan

/**
 * Decides what to do so that Azure becomes what the spec says: pure, the same for the same arguments. Applying the plan
 * and planning again gives a no-op.
 */
export function plan(spec: Spec, actual: Actual): Plan {
  const parts = [
    planProvider(actual),
    planGroup(spec, actual),
    planNamespace(spec, actual),
    planHubs(spec, actual),
    planRules(spec, actual),
    planGrants(spec, actual),
  ]
  const steps = parts.flatMap((part) => part.steps)
  const notes = parts.flatMap((part) => part.notes)
  if (steps.some((step) => step.action === 'refuse')) return { outcome: 'refused', steps, notes }
  const kept = steps.filter((step) => step.action === 'keep')
  if (kept.length === steps.length) return { outcome: 'no-op', steps: kept, notes }
  const applicable = steps.filter((step) => step.action !== 'refuse')
  return { outcome: 'applicable', steps: applicable, notes: [...notes, ...growthNotes(applicable)] }
}
