import type { Fit } from '../resources/load/fit.ts'
import { formatCapacity } from '../lib/limits.ts'
import { directionOf, formatPercent, formatRate } from '../sizing/reasons.ts'
import { greatest } from '../sizing/use.ts'
import type { OutputDocument } from './document-schema.ts'

/** `5 MB/s in, 63 %, and 15 MB/s out, 94 % of 8 throughput units`. */
export function renderFit({ tier, units, uses }: Fit): string {
  const parts = (['in', 'out'] as const).flatMap((direction) => {
    const use = greatest(uses.filter(({ way }) => directionOf(way) === direction))
    return use ? [`${formatRate(use.way, use.needs)} ${direction}, ${formatPercent(use.percent)}`] : []
  })
  return parts.length === 0 ? 'not checked' : `${parts.join(', and ')} of ${formatCapacity(tier, units)}`
}

export const loadEntry = ({
  tier,
  units,
  uses,
  hubs,
  uncounted,
  isCarried,
}: Fit): NonNullable<OutputDocument['load']> => ({
  ...{ tier, units, uncounted, carried: isCarried },
  uses: uses.map(({ way, needs, carries, percent }) => ({ of: way, needs, carries, percent })),
  hubs: hubs.map(({ name, load: { eventsPerSecond, bytesPerEvent, peak, readers, workers, ordered }, partitions }) => ({
    ...{ name, eventsPerSecond, bytesPerEvent, peak, readers, workers, ordered, partitions },
  })),
})
