import { formatCapacity, LIMITS, maxHubsOf, type LiveTier } from '../lib/limits.ts'
import type { Spec } from './spec.ts'
import { findByName, type Actual } from './actual.ts'
import { capacityAfter, tierAfter } from './plan-capacity.ts'
import type { Refusal, WayOut } from './step.ts'
import { secondNamespace } from './second-namespace.ts'

/** How much of something there is, will be, and may be. */
interface Amount {
  readonly noun: 'hubs' | 'partitions'
  readonly before: number
  readonly after: number
  readonly mostOf: (units: number) => number
}

/** A namespace holds a number of hubs, and on Premium a number of partitions over all of them, for each unit. */
export function refuseWhatDoesNotFit(spec: Spec, actual: Actual): readonly Refusal[] {
  const live = actual.namespace
  const tier = tierAfter(spec, live)
  const units = capacityAfter(spec, live)
  const isShrinking = live !== undefined && units < live.capacity
  const tooMuch = amountsOf(spec, actual, tier).filter(
    ({ before, after, mostOf }) => after > mostOf(units) && (after > before || isShrinking),
  )
  if (tooMuch.length === 0) return []
  const { name } = live ?? spec.namespace
  const what = isShrinking
    ? `Can't lower namespace ${name} to ${formatCapacity(tier, units)}`
    : `Can't have ${tooMuch.map(({ after, noun }) => `${after} ${noun}`).join(' and ')} in namespace ${name}`
  const limits = tooMuch.map(({ after, noun, mostOf }) => `at most ${mostOf(units)} ${noun}, and would have ${after}`)
  const size = LIMITS[tier].hubsGrowWithCapacity ? `${tier} with ${formatCapacity(tier, units)}` : tier
  return [
    {
      what,
      because: `On ${size} it holds ${limits.join('; ')}.`,
      waysOut: waysOut(spec, actual, tier, units, tooMuch),
      link: 'https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas',
    },
  ]
}

function amountsOf(spec: Spec, actual: Actual, tier: LiveTier): readonly Amount[] {
  const added = spec.hubs.filter((hub) => !findByName(actual.hubs, hub.name))
  const partitionsOf = (hub: { readonly name: string; readonly partitions: number }): number => {
    const wanted = findByName(spec.hubs, hub.name)?.partitions
    return wanted?.given ? wanted.value : hub.partitions
  }
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)
  const perUnit = LIMITS[tier].maxPartitionsPerUnit ?? Infinity
  return [
    {
      noun: 'hubs',
      before: actual.hubs.length,
      after: actual.hubs.length + added.length,
      mostOf: (units) => maxHubsOf(tier, units),
    },
    {
      noun: 'partitions',
      before: sum(actual.hubs.map((hub) => hub.partitions)),
      after: sum([...actual.hubs.map(partitionsOf), ...added.map((hub) => hub.partitions.value)]),
      mostOf: (units) => perUnit * units,
    },
  ]
}

function waysOut(
  spec: Spec,
  actual: Actual,
  tier: LiveTier,
  units: number,
  tooMuch: readonly Amount[],
): readonly WayOut[] {
  const isEnough = (capacity: number) => tooMuch.every(({ after, mostOf }) => after <= mostOf(capacity))
  const enough = (LIMITS[tier].capacities ?? []).find((capacity) => capacity > units && isEnough(capacity))
  return [
    ...(enough === undefined ? [] : [{ text: `have ${formatCapacity(tier, enough)}`, edit: { capacity: enough } }]),
    ...(actual.hubs.length > 0
      ? [{ text: 'make a second namespace', edit: secondNamespace(spec, actual.namespace, '2') }]
      : []),
  ]
}
