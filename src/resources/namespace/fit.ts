import { formatCapacity, LIMITS, maxHubsOf, type LiveTier } from '../../lib/limits.ts'
import { findByName } from '../../lib/names.ts'
import type { HubActual, HubSpec } from '../hub/hub.ts'
import { QUOTAS_LINK, type Refusal, type WayOut } from '../step.ts'
import { capacityAfter, tierAfter } from './capacity.ts'
import { secondNamespace } from './name.ts'
import type { NamespaceActual, NamespaceSpec } from './namespace.ts'

/** A namespace and its hubs. */
export interface NamespaceWithHubs {
  readonly spec: NamespaceSpec
  readonly hubs: readonly HubSpec[]
}

/** How many hubs or partitions there are, will be and can be. */
interface Amount {
  readonly noun: 'hubs' | 'partitions'
  readonly before: number
  readonly after: number
  readonly mostOf: (units: number) => number
}

/** Refuses more hubs than a namespace can have, and on Premium more partitions in all hubs together. */
export function refuseWhatDoesNotFit(
  wanted: NamespaceWithHubs,
  hubs: readonly HubActual[],
  live: NamespaceActual | undefined,
): Refusal | undefined {
  const { spec } = wanted
  const tier = tierAfter(spec, live)
  const units = capacityAfter(spec, live)
  const isShrinking = live !== undefined && units < live.capacity
  const tooMuch = amountsOf(wanted.hubs, hubs, tier).filter(
    ({ before, after, mostOf }) => after > mostOf(units) && (after > before || isShrinking),
  )
  if (tooMuch.length === 0) return undefined
  const { name } = live ?? spec
  const what = isShrinking
    ? `Can't lower namespace ${name} to ${formatCapacity(tier, units)}`
    : `Can't have ${tooMuch.map(({ after, noun }) => `${after} ${noun}`).join(' and ')} in namespace ${name}`
  const limits = tooMuch.map(({ after, noun, mostOf }) => `at most ${mostOf(units)} ${noun}, and would have ${after}`)
  const size = LIMITS[tier].hubsGrowWithCapacity ? `${tier} with ${formatCapacity(tier, units)}` : tier
  return {
    what,
    because: `On ${size} it holds ${limits.join('; ')}.`,
    waysOut: waysOut(wanted, hubs, live, units, tooMuch),
    link: QUOTAS_LINK,
  }
}

function amountsOf(wanted: readonly HubSpec[], live: readonly HubActual[], tier: LiveTier): readonly Amount[] {
  const added = wanted.filter((hub) => !findByName(live, hub.name))
  const partitionsOf = (hub: { readonly name: string; readonly partitions: number }): number => {
    const asked = findByName(wanted, hub.name)?.partitions
    return asked?.given ? asked.value : hub.partitions
  }
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)
  const perUnit = LIMITS[tier].maxPartitionsPerUnit ?? Infinity
  return [
    {
      noun: 'hubs',
      before: live.length,
      after: live.length + added.length,
      mostOf: (units) => maxHubsOf(tier, units),
    },
    {
      noun: 'partitions',
      before: sum(live.map((hub) => hub.partitions)),
      after: sum([...live.map(partitionsOf), ...added.map((hub) => hub.partitions.value)]),
      mostOf: (units) => perUnit * units,
    },
  ]
}

function waysOut(
  { spec }: NamespaceWithHubs,
  hubs: readonly HubActual[],
  live: NamespaceActual | undefined,
  units: number,
  tooMuch: readonly Amount[],
): readonly WayOut[] {
  const tier = tierAfter(spec, live)
  const isEnough = (capacity: number) => tooMuch.every(({ after, mostOf }) => after <= mostOf(capacity))
  const enough = (LIMITS[tier].capacities ?? []).find((capacity) => capacity > units && isEnough(capacity))
  return [
    ...(enough === undefined ? [] : [{ text: `have ${formatCapacity(tier, enough)}`, edit: { capacity: enough } }]),
    ...(hubs.length > 0 ? [{ text: 'make a second namespace', edit: secondNamespace(spec, live, '2') }] : []),
  ]
}
