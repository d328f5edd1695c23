import { edit, input } from '../../inputs/refer.ts'
import { formatCapacity, LIMITS, type LiveTier } from '../../lib/limits.ts'
import { sameName } from '../../lib/names.ts'
import { listOf, say, type Text } from '../../lib/phrase.ts'
import { formatByteCount } from '../../lib/quantity.ts'
import { bytesIn } from '../../sizing/load.ts'
import { bytesOfPartitions, partitionsFor } from '../../sizing/partitions.ts'
import { directionOf, formatRate } from '../../sizing/reasons.ts'
import { tierFor, unitsFor, type ToSize } from '../../sizing/size.ts'
import { greatest, isAbove, roundUp, type Use } from '../../sizing/use.ts'
import type { Spec } from '../front-door.ts'
import { formatPartitions, freeName } from '../hub/refusals.ts'
import type { Note } from '../step.ts'
import { fitOf, type Fit, type FittedHub, type Live } from './fit.ts'

/** What of the load does not fit, and what would make it fit. */
export function fitNotes(spec: Spec, live: Live): readonly Note[] {
  const fit = fitOf(spec, live)
  if (!fit) return []
  const target = { kind: 'namespace', name: live.namespace?.name ?? spec.namespace.name } as const
  const ofNamespace = [
    ...unitNotes(fit, live.namespace !== undefined),
    ...floorNotes(spec, live, fit),
    ...scopeNotes(fit),
  ]
  return [
    ...ofNamespace.map((text): Note => ({ target, text })),
    ...fit.hubs.flatMap((hub) =>
      hubNotes(spec, live, fit.tier, hub).map((text): Note => ({ target: { kind: 'hub', name: hub.name }, text })),
    ),
  ]
}

/** What happens to what is too much. */
const EFFECTS = {
  in: { gets: 'takes in', comes: 'the load brings', effect: 'Azure refuses what is above' },
  out: { gets: 'gives out', comes: 'the readers need', effect: 'they fall behind' },
} as const

/** Units that are too few at the busiest, for each direction. */
function unitNotes(fit: Fit, isLive: boolean): readonly Text[] {
  const tooMuch = (['in', 'out'] as const).flatMap((direction) => {
    const use = greatest(fit.uses.filter(({ way }) => directionOf(way) === direction))
    return use && isAbove(use) ? [shortWords(use, fit, direction)] : []
  })
  return tooMuch.map((words, i) => (i === tooMuch.length - 1 ? say`${words}. ${waysToCarry(fit, isLive)}` : words))
}

function shortWords({ way, needs, perUnit }: Use, { tier, units }: Fit, direction: 'in' | 'out'): string {
  const { gets, comes, effect } = EFFECTS[direction]
  const carried = formatRate(way, perUnit * units)
  return `${formatCapacity(tier, units)} ${units === 1 ? gets : gets.replace('s ', ' ')} ${carried}, and ${comes} ${formatRate(way, needs)} at the busiest: ${effect}`
}

function waysToCarry(fit: Fit, isLive: boolean): Text {
  const asked = askedOf(fit)
  const { tier } = fit
  const enough = unitsFor(asked, tier, 'peak')
  // Without its tier, the load of an existing namespace may ask for another.
  const ofTier = isLive ? { tier } : {}
  if (enough !== undefined && LIMITS[tier].autoInflate)
    return say`${edit({ ...ofTier, capacity: enough })} or ${edit({ ...ofTier, autoInflateMax: enough })} carries it`
  if (enough !== undefined) return say`${edit({ ...ofTier, capacity: enough })} carries it`
  const other = tierFor({ ...asked, tier: undefined })
  return other
    ? say`No namespace on ${tier} carries it: make a new one with ${edit({ tier: other })}`
    : 'Only a dedicated cluster carries it'
}

/** The loads alone, with the partitions that there are. */
const askedOf = ({ hubs, tier }: Fit): ToSize => ({
  hubs: hubs.map(({ name, load, partitions, retentionHours }) => ({
    ...{ name, load, partitions, retentionHours },
    consumerGroups: 1,
  })),
  ...{ tier, capacity: undefined, autoInflateMax: undefined, usualPartitions: 1 },
})

/** A floor that is too low for the average, where auto-inflate would raise it. Azure has raised that of a live one. */
function floorNotes({ namespace }: Spec, live: Live, fit: Fit): readonly Text[] {
  const isNew = !live.namespace || namespace.capacity.given
  const use = greatest(fit.floorUses)
  if (!isNew || !use || !isAbove(use) || fit.uses.some(isAbove)) return []
  const enough = unitsFor(askedOf(fit), fit.tier, 'mean') ?? fit.units
  return [
    say`starts with ${formatCapacity(fit.tier, fit.floor)}, and the load needs ${enough} on average: auto-inflate has to raise them first. ${edit({ capacity: enough })} starts with enough`,
  ]
}

const scopeNotes = ({ tier, uncounted }: Fit): readonly Text[] => [
  ...(tier === 'Dedicated'
    ? ['the load is not checked: what a cluster carries depends on its units, and nothing is published']
    : []),
  ...(uncounted.length > 0
    ? [`the load of ${listOf(uncounted)} is not known, and not counted: the units are shared by all hubs`]
    : []),
]

function hubNotes(spec: Spec, live: Live, tier: LiveTier, hub: FittedHub): readonly Text[] {
  const { load, partitions } = hub
  const [peak, most] = [bytesIn(load, 'peak'), bytesOfPartitions(partitions)]
  const isTooMuch = roundUp(peak / most) > 1
  const exists = live.hubs.some(({ name }) => sameName(name, hub.name))
  const way = say`. ${wayToPartitions(spec, live, { tier, hub, exists })}`
  if (load.ordered)
    return [
      ...(partitions > 1
        ? [
            say`has ${formatPartitions(partitions)}, and events are in order within one only: send all of them with one partition key, or leave ${input('ordered')} out`,
          ]
        : []),
      ...(isTooMuch && partitions === 1
        ? [
            say`one partition takes in about ${formatByteCount(most)}/s, and the load brings ${formatByteCount(peak)}/s at the busiest: Azure refuses what is above. Without ${input('ordered')} the load has more partitions, with the events of each key in order`,
          ]
        : []),
    ]
  if (isTooMuch)
    return [
      say`${formatPartitions(partitions)} ${partitions === 1 ? 'takes' : 'take'} in about ${formatByteCount(most)}/s, and the load brings ${formatByteCount(peak)}/s at the busiest${way}`,
    ]
  if (load.workers > partitions && !load.assumed.includes('workers'))
    return [
      say`${load.workers} workers share ${formatPartitions(partitions)}: each reads a partition of its own, so ${load.workers - partitions} have nothing to do${way}`,
    ]
  return []
}

interface Place {
  readonly tier: LiveTier
  readonly hub: FittedHub
  readonly exists: boolean
}

function wayToPartitions(spec: Spec, live: Live, { tier, hub, exists }: Place): Text {
  const { canAddPartitions, maxPartitionsPerHub } = LIMITS[tier]
  const enough = partitionsFor(hub.load)
  const { name } = hub
  if (enough > maxPartitionsPerHub)
    return `A hub on ${tier} has up to ${maxPartitionsPerHub}, and ${enough} would carry it`
  if (!exists || canAddPartitions) return say`${edit({ hub: { of: name, name, partitions: enough } })} carries it`
  const free = freeName(
    name,
    [...spec.hubs, ...live.hubs].map((one) => one.name),
  )
  return say`On ${tier} they are final: a second hub, ${edit({ hub: { of: name, name: free, partitions: enough } })}, carries it`
}
