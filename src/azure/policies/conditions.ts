import { sameName } from '../../lib/names.ts'
import type { Evaluated } from './violations.ts'

/** What a condition asks of its field, so that the policy no longer refuses. */
export type Demand =
  | { readonly kind: 'one-of' | 'none-of'; readonly values: readonly string[] }
  | { readonly kind: 'missing' | 'too-much' | 'unclear' }

/** https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-policy-rule#conditions */
export function demandOf({ operator, isTrue, targets }: Evaluated): Demand {
  switch (operator.toLowerCase()) {
    case 'equals':
    case 'in':
      return { kind: isTrue ? 'none-of' : 'one-of', values: targets }
    case 'notequals':
    case 'notin':
      return { kind: isTrue ? 'one-of' : 'none-of', values: targets }
    case 'exists':
      return { kind: isTrue === (targets[0]?.toLowerCase() === 'true') ? 'too-much' : 'missing' }
    default:
      return { kind: 'unclear' }
  }
}

/** Conditions that choose the resources which the policy is for. `global` is what resources without a region have. */
export const isAboutUs = ({ field, targets }: Evaluated): boolean =>
  !/^(|type|kind|id)$/i.test(field) && !(field === 'location' && targets.join() === 'global')

/** Whether the policy would no longer refuse with this value; undefined where that is not known. */
export function escapes({ operator, targets, isTrue }: Evaluated, value: string): boolean | undefined {
  const holds = holdsFor(operator.toLowerCase(), targets, value)
  return holds === undefined ? undefined : holds !== isTrue
}

function holdsFor(operator: string, targets: readonly string[], value: string): boolean | undefined {
  switch (operator) {
    case 'equals':
    case 'in':
      return targets.some((target) => sameName(target, value))
    case 'notequals':
    case 'notin':
      return !targets.some((target) => sameName(target, value))
    case 'exists':
      return targets.some((target) => sameName(target, 'true'))
    default:
      return comparison(operator, Number(value), Number(targets[0]))
  }
}

function comparison(operator: string, value: number, target: number): boolean | undefined {
  if (Number.isNaN(value) || Number.isNaN(target)) return undefined
  switch (operator) {
    case 'less':
      return value < target
    case 'lessorequals':
      return value <= target
    case 'greater':
      return value > target
    case 'greaterorequals':
      return value >= target
    default:
      return undefined
  }
}
