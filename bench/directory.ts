import type { Directory, LocalHub, LocalRule } from '../src/local/hubs/directory.ts'
import { appendEvents } from '../src/local/hubs/events.ts'
import type { Hubs } from '../src/local/hubs/hubs.ts'

/** A control plane of one hub, which does not change. */

export const EVENT_BYTES = 1_024
const NAMESPACE = 'bench'
const BATCH = 500

export const HUB: LocalHub = {
  namespace: NAMESPACE,
  name: 'hub',
  partitionCount: 4,
  status: 'Active',
  retentionHours: 24,
  isCompacted: false,
  timestampType: 'LogAppend',
  maxMessageBytes: 1_048_576,
  createdAt: 1,
  consumerGroups: ['$Default'],
}
export const RULE: LocalRule = {
  namespace: NAMESPACE,
  name: 'rule',
  rights: ['Manage', 'Send', 'Listen'],
  primaryKey: 'key',
  secondaryKey: 'key2',
}

export const directoryOf = (hub: LocalHub): Directory => ({
  rules: () => [RULE],
  hubs: () => [hub],
  hub: (namespace, name) => (namespace === NAMESPACE && name === hub.name ? hub : undefined),
  localAuthDisabled: () => false,
  hasKafka: () => true,
  onChange: () => () => undefined,
})

/** Sends so many events of 1 KB to the hub. */
export async function fill(hubs: Hubs, events: number): Promise<void> {
  const body = Buffer.alloc(EVENT_BYTES, 'x')
  const batch = Array.from({ length: BATCH }, () => ({ body }))
  for (let sent = 0; sent < events; sent += batch.length) {
    await appendEvents(hubs, { namespace: NAMESPACE, hub: HUB.name, events: batch })
    await new Promise((resolve) => setImmediate(resolve))
  }
}
