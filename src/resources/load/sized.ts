import { DEFAULTS } from '../../inputs/defaults.ts'
import { edit } from '../../inputs/refer.ts'
import type { LiveTier } from '../../lib/limits.ts'
import { say, type Text } from '../../lib/phrase.ts'
import { shortageWords } from '../../sizing/reasons.ts'
import { shortageOn, sizeOf, unfitOf, type Size, type ToSize } from '../../sizing/size.ts'
import { problemAt, type Branch, type Leaf, type Node } from '../../wanted/node.ts'
import { consumerGroupSpecs } from '../consumer-group.ts'
import { hubsOf, type WantedHubs } from '../hub/hub.ts'
import { hasRetention } from '../hub/settings.ts'
import type { Rule } from '../judge.ts'
import { loadOf } from './load.ts'

export type WantedToSize = WantedHubs &
  Branch<{ readonly tier: Leaf<LiveTier>; readonly capacity: Leaf<number>; readonly autoInflateMax: Leaf<number> }>

/** What is to be sized. `liveTier` is that of an existing namespace. */
export function toSize(wanted: WantedToSize, liveTier: LiveTier | undefined): ToSize {
  const tier = wanted.tier?.value ?? liveTier
  return {
    hubs: hubsOf(wanted).map((hub) => {
      const groups = consumerGroupSpecs(wanted, hub, tier ?? DEFAULTS.tier).length
      const retention = (hub.retention ?? wanted.retention)?.value ?? DEFAULTS.retentionHours
      return {
        name: hub.name?.value ?? '',
        load: loadOf(hub.load, wanted.load, groups),
        partitions: (hub.partitions ?? wanted.partitions)?.value,
        retentionHours: hasRetention(hub.cleanupPolicy?.value ?? 'Delete') ? retention : undefined,
        consumerGroups: groups + 1,
      }
    }),
    tier,
    capacity: wanted.capacity?.value,
    autoInflateMax: wanted.autoInflateMax?.value,
    usualPartitions: DEFAULTS.partitions,
  }
}

export const hasLoad = ({ hubs }: ToSize): boolean => hubs.some(({ load }) => load !== undefined)

/** The values of what nobody said: from the load if there is one, else the usual ones. */
export function defaultsFor(asked: ToSize): Size {
  if (hasLoad(asked)) return sizeOf(asked)
  return {
    tier: asked.tier ?? DEFAULTS.tier,
    capacity: asked.capacity ?? DEFAULTS.capacity,
    autoInflateMax: asked.autoInflateMax ?? DEFAULTS.autoInflateMax,
    partitions: asked.hubs.map(({ partitions }) => partitions ?? asked.usualPartitions),
  }
}

/** A load that the given tier does not carry, or that no namespace carries that ml-ingest makes. */
export const carriedRule: Rule<WantedToSize> = ({ wanted, asked }) => {
  const unfit = hasLoad(asked) ? unfitOf(asked) : undefined
  if (!unfit) return []
  const { tier, shortage, other } = unfit
  const words = shortageWords(shortage, tier)
  if (wanted.tier)
    return [
      problemAt(
        'tier',
        wanted.tier,
        say`is too small: ${words}${other ? say`. ${edit({ tier: other })} carries it` : ''}`,
      ),
    ]
  const [key, leaf] = saidLoad(wanted)
  const way = shortage.isSure
    ? say`Only a dedicated cluster has more: ${edit({ tier: 'Dedicated' })}, for a namespace that is in one`
    : say`Only a dedicated cluster surely carries it; ${edit({ tier })} makes the largest namespace`
  return [problemAt(key, leaf, say`is more than ${tier} carries: ${words}. ${way}`)]
}

/** The loads that a saved manifest can say beside its tier, and why it says none of them if that carries too little. */
export function savedLoads(
  wanted: WantedToSize,
  tier: LiveTier,
): { readonly loads: WantedToSize; readonly notSaved: readonly Text[] } {
  const asked = { ...toSize(wanted, tier), tier }
  const shortage = hasLoad(asked) ? shortageOn(asked, tier) : undefined
  if (!shortage?.isSure) return { loads: wanted, notSaved: [] }
  return {
    loads: { origin: wanted.origin, text: '' },
    notSaved: [`the load, for which ${tier} is too small: ${shortageWords(shortage, tier)}`],
  }
}

/** What was said of how much comes in. */
function saidLoad({ load, hubs }: WantedToSize): readonly ['eventsPerSecond' | 'throughput', Node | undefined] {
  const loads = [load, ...(hubs?.items ?? []).map((hub) => hub.load)]
  const rate = loads.find((one) => one?.eventsPerSecond)
  return rate
    ? ['eventsPerSecond', rate.eventsPerSecond]
    : ['throughput', loads.find((one) => one?.throughput)?.throughput]
}
