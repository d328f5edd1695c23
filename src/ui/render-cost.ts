import { edit } from '../inputs/refer.ts'
import { LIMITS, type LiveTier } from '../lib/limits.ts'
import { say } from '../lib/phrase.ts'
import type { Cost, CostPart } from '../sizing/cost.ts'
import type { Speller } from './spell.ts'

interface CostOptions {
  /** Default: true. False where `costRows` are shown too. */
  readonly withParts?: boolean
}

/** What the texts of a cost need to know of the run. */
export type CostSpeller = Pick<Speller, 'text' | 'isGiven'>

/**
 * `about $22 a month, up to $219 by auto-inflate, and $0.028 per million events in (list price of westeurope of 2026-08, …)`,
 * then its parts if there are several, then what the prices stand in for. Null means that the price is not known.
 */
export function costSentences(
  cost: Cost | null,
  tier: LiveTier,
  speller: CostSpeller,
  { withParts = true }: CostOptions = {},
): readonly string[] {
  if (!cost)
    return [
      `unknown: ${tier === 'Dedicated' ? 'it is billed with its cluster' : 'this version has no prices of this cloud'}`,
    ]
  const { parts, insteadOf, withCapture } = cost
  return [
    `${totalOf(cost)} (${sourceOf(cost)}, ${leftOut(withCapture)})`,
    ...(withParts && parts.length > 1 ? [`of this ${parts.map((part) => partOf(part, cost, tier)).join(', ')}`] : []),
    ...(insteadOf ? [missingOf(insteadOf, cost, speller)] : []),
  ]
}

/** What the prices stand in for, and how to get its own unless they were asked for and did not come. */
export function missingOf(
  { region, currency }: NonNullable<Cost['insteadOf']>,
  cost: Cost,
  { text, isGiven }: CostSpeller,
): string {
  const missing = `prices of ${currency === cost.currency ? region : `${region} in ${currency}`} are not in this version`
  return isGiven('prices', 'live') ? missing : text(say`${missing}: ${edit({ prices: 'live' })} asks Azure`)
}

/** What is charged too, but is in no cost. */
export const leftOut = (withCapture = false): string =>
  `network traffic${withCapture ? " and Capture's storage account" : ''} not included`

export function totalOf(cost: Cost): string {
  const { monthly, monthlyCeiling, perMillionEvents, withCapture, withEvents, parts } = cost
  const unknown = parts.filter((part) => part.monthly === null).map(({ of }) => NAMES[of])
  const without = unknown.length === 0 ? '' : ` without ${unknown.join(' and ')}, whose cost is unknown`
  const ceiling = monthlyCeiling > monthly ? `, up to ${whole(monthlyCeiling, cost)} by auto-inflate` : ''
  const rate = perMillionEvents === null ? 'an unknown price' : rated(perMillionEvents, cost)
  const events = withEvents || perMillionEvents === 0 ? '' : `, and ${rate} per million events in`
  return `about ${whole(monthly, cost)} a month${withCapture ? ' with Capture' : ''}${without}${ceiling}${events}`
}

export function sourceOf({ source, region, asOf, insteadOf }: Cost): string {
  if (source === 'live') return `list price of ${region} today`
  return insteadOf && insteadOf.region !== region
    ? `US list price of ${asOf}, as in ${region}`
    : `list price of ${region} of ${asOf}`
}

const NAMES: Readonly<Record<CostPart['of'], string>> = {
  units: 'units',
  events: 'events in',
  storage: 'storage',
  capture: 'Capture',
}

const partOf = ({ of, monthly, ceiling }: CostPart, cost: Cost, tier: LiveTier): string =>
  `${of === 'units' ? `${LIMITS[tier].unit}s` : NAMES[of]} ${rangeOf(exact(monthly, cost), exact(ceiling, cost))}`

/** `$87.60 to $262.80` */
export const rangeOf = (monthly: string, ceiling: string): string =>
  monthly === ceiling ? monthly : `${monthly} to ${ceiling}`

/** The parts and their sum as the rows of a table: what it is for, a month, and a month at the maximum of auto-inflate. */
export const costRows = (cost: Cost): readonly (readonly [what: string, monthly: string, ceiling: string])[] => [
  ...cost.parts.map(({ of, monthly, ceiling }) => [NAMES[of], exact(monthly, cost), exact(ceiling, cost)] as const),
  [
    cost.parts.some(({ monthly }) => monthly === null) ? 'together, without the unknown' : 'together',
    exact(cost.monthly, cost),
    exact(cost.monthlyCeiling, cost),
  ],
]

/** `+ $44 a month before events`: what one capacity costs more than another. Undefined where a price is not known. */
export function costDifference(cost: Cost | null | undefined, than: Cost | null | undefined): string | undefined {
  if (!cost || !than) return undefined
  const more = cost.monthly - than.monthly
  const events = cost.perMillionEvents === 0 ? '' : ' before events'
  return `${more < 0 ? '-' : '+'} ${whole(Math.abs(more), cost)} a month${events}`
}

type Currency = Pick<Cost, 'currency'>

/** `$22` */
export const whole = (amount: number, { currency }: Currency): string =>
  money(amount, { currency, maximumFractionDigits: 0 })

/** `$21.90` */
const exact = (amount: number | null, { currency }: Currency): string =>
  amount === null ? 'unknown' : money(amount, { currency })

/** `$0.028` */
export const rated = (amount: number, { currency }: Currency): string =>
  money(amount, { currency, minimumFractionDigits: 0, maximumFractionDigits: 6 })

const money = (amount: number, options: Intl.NumberFormatOptions): string =>
  amount.toLocaleString('en-US', { style: 'currency', ...options }).replaceAll('\u00a0', ' ')
