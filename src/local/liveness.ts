import type { Clock } from '../lib/clock.ts'
import type { DataPaths } from './data-folder.ts'
import type { LocalHost } from './host.ts'
import type { Holder } from './lock.ts'
import { checkHealth, readRecord } from './record.ts'

/** A process that took the lock has written its record long before. */
const STARTING_MS = 30_000

/**
 * Whether the holder of a lock still runs. A pid alone proves nothing, it may have gone to another process: one that
 * answers to the holder's id lives, one that is silent may, and one without a record has a while to start.
 */
export const isLivingHolder =
  ({ host, clock, paths }: { host: LocalHost; clock: Clock; paths: DataPaths }) =>
  async (holder: Holder): Promise<boolean> => {
    if (!host.isAlive(holder.pid)) return false
    const record = await readRecord(paths.record)
    if (record?.id !== holder.id) return clock.now() - holder.since < STARTING_MS
    return (await checkHealth(record)) !== 'foreign'
  }
