import { edit } from '../../inputs/refer.ts'
import { formatCapacity, LIMITS } from '../../lib/limits.ts'
import { listOf, say, type Text } from '../../lib/phrase.ts'
import { directionOf, formatRate } from '../../sizing/reasons.ts'
import { shortageOn, tierFor, unitsFor, type ToSize } from '../../sizing/size.ts'
import { greatest, isAbove, type Use } from '../../sizing/use.ts'
import type { Spec } from '../front-door.ts'
import type { Note } from '../step.ts'
import { fitOf, type Fit, type Live } from './fit.ts'
import { hubFitNotes, type LiveWithGroups } from './hub-fit-notes.ts'

/** What of the load does not fit, and what would make it fit. */
export function fitNotes(spec: Spec, live: LiveWithGroups): readonly Note[] {
  const fit = fitOf(spec, live)
  if (!fit) return []
  const target = { kind: 'namespace', name: live.namespace?.name ?? spec.namespace.name } as const
  const ofNamespace = [
    ...unitNotes(fit, !spec.namespace.tier.given && spec.namespace.tier.value !== fit.tier),
    ...floorNotes(spec, live, fit),
    ...scopeNotes(fit),
  ]
  return [
    ...ofNamespace.map((text): Note => ({ target, text })),
    ...fit.hubs.flatMap((hub) =>
      hubFitNotes(spec, live, fit.tier, hub).map((text): Note => ({ target: { kind: 'hub', name: hub.name }, text })),
    ),
  ]
}

/** What happens to what is too much. */
const EFFECTS = {
  in: {
    gets: 'take',
    comes: 'the load brings',
    effect: { surely: 'Azure refuses what is above', maybe: 'Azure may refuse what is above' },
  },
  out: {
    gets: 'give',
    comes: 'the readers need',
    effect: { surely: 'they fall behind', maybe: 'they may fall behind' },
  },
} as const

/** Units that are too few at the busiest, for each direction. */
function unitNotes(fit: Fit, asksForOther: boolean): readonly Text[] {
  const tooMuch = (['in', 'out'] as const).flatMap((direction) => {
    const use = greatest(fit.uses.filter(({ way }) => directionOf(way) === direction))
    return use && isAbove(use) ? [shortWords(use, fit, direction)] : []
  })
  return tooMuch.map((words, i) =>
    i === tooMuch.length - 1 ? say`${words}. ${waysToCarry(fit, asksForOther)}` : words,
  )
}

function shortWords({ way, needs, perUnit }: Use, { tier, units }: Fit, direction: 'in' | 'out'): string {
  const { gets, comes, effect } = EFFECTS[direction]
  const [carried, needed] = [formatRate(way, perUnit * units), formatRate(way, needs)]
  const more = needed === carried ? `a little more than ${carried}` : needed
  const verb = units === 1 ? `${gets}s` : gets
  // Of Premium a range is published, and its cautious end is counted.
  const outcome = LIMITS[tier].unit === 'processing unit' ? effect.maybe : effect.surely
  return `${formatCapacity(tier, units)} ${verb} ${direction} ${carried}, and ${comes} ${more} at the busiest: ${outcome}`
}

function waysToCarry(fit: Fit, asksForOther: boolean): Text {
  const asked = askedOf(fit)
  const { tier } = fit
  const enough = unitsFor(asked, tier, 'peak')
  // Without it, the load may ask for another tier than the existing one.
  const ofTier = asksForOther ? { tier } : {}
  // A capacity above the maximum would need a higher maximum too, which is enough alone.
  if (enough !== undefined && fit.isInflating) return say`${edit({ ...ofTier, autoInflateMax: enough })} carries it`
  if (enough !== undefined && LIMITS[tier].autoInflate)
    return say`${edit({ ...ofTier, capacity: enough })} or ${edit({ ...ofTier, autoInflateMax: enough })} carries it`
  if (enough !== undefined) return say`${edit({ ...ofTier, capacity: enough })} carries it`
  const other = tierFor({ ...asked, tier: undefined })
  return other
    ? say`No namespace on ${tier} carries it: make a new one with ${edit({ tier: other })}`
    : shortageOn(asked, tier)?.isSure === false
      ? 'Only a dedicated cluster surely carries it'
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
