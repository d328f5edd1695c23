import type { Cost } from '../sizing/cost.ts'
import type { LiveTier } from '../lib/limits.ts'

/**
 * `about $22 a month, up to $219 by auto-inflate, and $0.028 per million events in (US list price of 2024-07, …)`.
 * Null is a price that is not known.
 */
export function renderCost(cost: Cost | null, tier: LiveTier): string {
  if (!cost)
    return `unknown: ${tier === 'Dedicated' ? 'it is billed with its cluster' : 'this cloud has prices of its own'}`
  const { monthly, monthlyCeiling, perMillionEvents, withCapture, asOf } = cost
  const capture = withCapture ? ' with Capture' : ''
  const ceiling = monthlyCeiling > monthly ? `, up to ${dollars(monthlyCeiling)} by auto-inflate` : ''
  const events = perMillionEvents > 0 ? `, and $${perMillionEvents} per million events in` : ''
  const not = withCapture ? 'storage and network' : 'network'
  return `about ${dollars(monthly)} a month${capture}${ceiling}${events} (US list price of ${asOf}, without ${not})`
}

const dollars = (amount: number): string => `$${Math.round(amount).toLocaleString('en-US')}`
