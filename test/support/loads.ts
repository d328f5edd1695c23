import type { Load } from '../../src/sizing/load.ts'
import type { HubToSize, ToSize } from '../../src/sizing/size.ts'

/** A steady load of 1,000 events of 1 KB a second, for one reader with one worker. */
export const aLoad = (more: Partial<Load> = {}): Load => ({
  ...{ eventsPerSecond: 1_000, bytesPerEvent: 1_000, peak: 1, readers: 1, workers: 1, ordered: false },
  assumed: [],
  ...more,
})

export const aHubToSize = (load: Load | undefined, more: Partial<HubToSize> = {}): HubToSize => ({
  ...{ name: 'clicks', load, partitions: undefined, retentionHours: 24, consumerGroups: 2 },
  ...more,
})

/** Hubs with these loads, of which nobody said more. */
export const toSizeOf = (loads: readonly Load[], more: Partial<ToSize> = {}): ToSize => ({
  hubs: loads.map((load, i) => aHubToSize(load, { name: `hub-${i}` })),
  ...{ tier: undefined, capacity: undefined, autoInflateMax: undefined, usualPartitions: 4 },
  ...more,
})
