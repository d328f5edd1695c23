import type { LiveTier } from '../lib/limits.ts'
import { bytesIn, eventsIn, type Load, type Moment } from './load.ts'
import { RULES, type Rule } from './rules.ts'

/** What a unit carries for one second. */
export const WAYS = ['bytes in', 'events in', 'bytes out', 'events out'] as const
export type Way = (typeof WAYS)[number]

interface Carried {
  /** The cautious end of what is published. */
  readonly perUnit: number
  /** The other end, if it is a range. */
  readonly mostPerUnit?: number
  readonly rule: Rule
}

const THROUGHPUT_UNIT: Readonly<Record<Way, Carried>> = {
  'bytes in': { perUnit: 1e6, rule: RULES.unitIn },
  'events in': { perUnit: 1_000, rule: RULES.unitIn },
  'bytes out': { perUnit: 2e6, rule: RULES.unitOut },
  'events out': { perUnit: 4_096, rule: RULES.unitOut },
}

/** By tier. Nothing is published for a cluster, and for events on Premium. */
export const CARRIED: Readonly<Record<LiveTier, Partial<typeof THROUGHPUT_UNIT>>> = {
  Basic: THROUGHPUT_UNIT,
  Standard: THROUGHPUT_UNIT,
  Premium: {
    // Ten are published of one unit, but 120 of a namespace, which has up to 16 of them:
    // https://learn.microsoft.com/azure/event-hubs/event-hubs-premium-overview
    'bytes in': { perUnit: 5e6, mostPerUnit: 120e6 / 16, rule: RULES.processingUnitIn },
    'bytes out': { perUnit: 10e6, mostPerUnit: 20e6, rule: RULES.processingUnitOut },
  },
  Dedicated: {},
}

/** What a load needs in one way, in units of the tier: 2.5 units. */
export interface Demand {
  readonly way: Way
  /** Bytes or events for one second. */
  readonly needs: number
  readonly perUnit: number
  readonly units: number
  /** The same, if a unit carries the most that is published. */
  readonly leastUnits: number
  readonly rule: Rule
}

const NEEDS: Readonly<Record<Way, (load: Load, at: Moment) => number>> = {
  'bytes in': bytesIn,
  'events in': eventsIn,
  'bytes out': (load, at) => bytesIn(load, at) * load.readers,
  'events out': (load, at) => eventsIn(load, at) * load.readers,
}

/** What all loads of a namespace need together, in each way that the tier limits. */
export const demandsOf = (loads: readonly Load[], tier: LiveTier, at: Moment): readonly Demand[] =>
  WAYS.flatMap((way) => {
    const carried = CARRIED[tier][way]
    if (!carried) return []
    const { perUnit, mostPerUnit = perUnit, rule } = carried
    const needs = loads.reduce((sum, load) => sum + NEEDS[way](load, at), 0)
    return [{ way, needs, perUnit, rule, units: needs / perUnit, leastUnits: needs / mostPerUnit }]
  })

/** The one that needs most units. */
export const greatest = <D extends { readonly units: number }>(demands: readonly D[]): D | undefined =>
  demands.reduce<D | undefined>((most, one) => (most && most.units >= one.units ? most : one), undefined)

/** How much of some units a load takes, in one way. */
export interface Use extends Demand {
  /** Bytes or events for one second. */
  readonly carries: number
  readonly percent: number
}

export const usesOf = (demands: readonly Demand[], units: number): readonly Use[] =>
  demands.map((demand) => ({
    ...demand,
    carries: demand.perUnit * units,
    percent: (demand.units / units) * 100,
  }))

/** Whether it is more than there is. */
export const isAbove = ({ percent }: Pick<Use, 'percent'>): boolean => roundUp(percent) > 100

/** The next whole number. A billionth above 3 counts as 3, because that is what 0.1 x 30 can give. */
export const roundUp = (n: number): number => Math.ceil(n * (1 - 1e-9))
