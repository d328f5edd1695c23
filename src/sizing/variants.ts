import { enoughFor, isAtLeast } from './enough.ts'
import type { Load } from './load.ts'
import type { HubToSize, Size, ToSize } from './size.ts'

/** What may come otherwise than it was said. */
export const CHANGES = ['reader', 'events', 'peak', 'worker'] as const
export type Change = (typeof CHANGES)[number]

/** What a change of the load leads to. */
export interface Variant {
  readonly of: Change
  /** What it then is: 4 readers, a peak of 2, 9 workers. Undefined if it differs from hub to hub, and for twice the events. */
  readonly to: number | undefined
  /** The size that carries it: `same` if that is not larger, `none` if no namespace carries it. */
  readonly leadsTo: Size | 'same' | 'none'
}

/** One reader more, twice the events, a higher peak, and one worker more than there are partitions. */
export const variantsOf = (asked: ToSize, size: Size): readonly Variant[] => {
  const hubs = asked.hubs.flatMap((hub, i) => (hub.load ? [{ load: hub.load, partitions: size.partitions[i]! }] : []))
  return CHANGES.filter((of) => of !== 'worker' || hubs.every(({ load }) => !load.ordered)).map((of) => {
    const changed = {
      ...asked,
      hubs: asked.hubs.map((hub, i): HubToSize => ({
        ...hub,
        load: hub.load && changedLoad(of, hub.load, size.partitions[i]!),
      })),
    }
    const [first, ...others] = hubs.map(({ load, partitions }) => numberOf(of, changedLoad(of, load, partitions)))
    const enough = enoughFor(changed, size.tier)
    return {
      of,
      to: others.every((other) => other === first) ? first : undefined,
      leadsTo: !enough ? 'none' : isAtLeast(size, enough) ? 'same' : enough,
    }
  })
}

function changedLoad(of: Change, load: Load, partitions: number): Load {
  switch (of) {
    case 'reader':
      return { ...load, readers: load.readers + 1 }
    case 'events':
      return { ...load, eventsPerSecond: load.eventsPerSecond * 2 }
    case 'peak':
      return { ...load, peak: load.peak * 2 }
    case 'worker':
      return { ...load, workers: partitions + 1, assumed: load.assumed.filter((one) => one !== 'workers') }
  }
}

function numberOf(of: Change, { readers, peak, workers }: Load): number | undefined {
  return { reader: readers, events: undefined, peak, worker: workers }[of]
}
