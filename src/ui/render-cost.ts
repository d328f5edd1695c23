import type { Cost } from '../engine/cost.ts'

/**
 * `about $22 a month, up to $219 by auto-inflate, and $0.028 per million events in (US list price of 2024-07)`.
 * Null is a price that is not known.
 */
export function renderCost(cost: Cost | null): string {
  if (!cost) return 'unknown: it is billed with its cluster'
  const { monthly, monthlyCeiling, perMillionEvents, asOf } = cost
  const ceiling = monthlyCeiling > monthly ? `, up to ${dollars(monthlyCeiling)} by auto-inflate` : ''
  const events = perMillionEvents > 0 ? `, and $${perMillionEvents} per million events in` : ''
  return `about ${dollars(monthly)} a month${ceiling}${events} (US list price of ${asOf}, without Capture and network)`
}

const dollars = (amount: number): string => `$${Math.round(amount).toLocaleString('en-US')}`
