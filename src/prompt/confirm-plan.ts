import { isWrite, type Change } from '../resources/step.ts'
import type { WriteStep } from '../engine/step.ts'
import { type ApplicablePlan } from '../engine/plan.ts'
import { parseHours } from '../lib/duration.ts'
import { count } from '../ui/text.ts'
import type { Prompter } from './prompter.ts'

/** Asks whether the plan shall be done; a no is false. What cannot be undone is not a matter of a mere Enter. */
export function confirmPlan(prompter: Prompter, plan: ApplicablePlan, place: string): Promise<boolean> {
  const writes = plan.steps.filter(isWrite)
  return prompter.confirm({ message: messageOf(writes, place), default: !writes.some(isFinalChange) })
}

/** `Update 1 and create 2 resources in rg-demo?` */
function messageOf(writes: readonly WriteStep[], place: string): string {
  const resources = writes.filter((step) => step.target.kind !== 'provider')
  const created = resources.filter((step) => step.action === 'create').length
  const updated = resources.length - created
  if (resources.length === 0) return 'Register the resource provider?'
  if (updated === 0) return `Create ${count(created, 'resource')} in ${place}?`
  if (created === 0) return `Update ${count(updated, 'resource')} in ${place}?`
  return `Update ${updated} and create ${count(created, 'resource')} in ${place}?`
}

/**
 * A change of what exists that no later run takes back, added partitions or events that are let go, or that cuts off
 * whoever signs in with a key.
 */
function isFinalChange(step: WriteStep): boolean {
  if (step.action !== 'update') return false
  if (step.write.op === 'update-namespace') return step.write.changes.localAuthDisabled === true
  if (step.write.op !== 'update-hub') return false
  return step.write.changes.partitions !== undefined || step.changes.some(isShorterRetention)
}

function isShorterRetention({ field, from, to }: Change): boolean {
  if (field !== 'retention') return false
  const [before, after] = [parseHours(String(from)), parseHours(String(to))]
  return before !== undefined && after !== undefined && after < before
}
