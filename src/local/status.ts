import type { Directory } from './directory.ts'
import type { LocalRecord } from './record.ts'

/** Path of the question "what do you hold?". */
export const STATUS_PATH = '/_local/status'

const STATUS_TIMEOUT_MS = 5_000

export interface HubHeld {
  readonly namespace: string
  readonly name: string
  readonly partitions: number
  /** Infinity, `null` in JSON, for a compacted hub. */
  readonly retentionHours: number | null
  readonly status: string
  /** `$Default` first. */
  readonly consumerGroups: readonly string[]
  readonly events: number
  readonly bytes: number
  /** Links that are open now. */
  readonly senders: number
  readonly receivers: number
}

/** What a running embedded Azure holds. */
export interface Held {
  /** Connections of Event Hubs clients. */
  readonly connections: number
  readonly hubs: readonly HubHeld[]
}

/** The counts of the data plane. */
export interface TrafficStats {
  readonly connections: number
  readonly hubs: readonly {
    readonly namespace: string
    readonly name: string
    readonly events: number
    readonly bytes: number
    readonly senders: number
    readonly receivers: number
  }[]
}

const NO_TRAFFIC = { events: 0, bytes: 0, senders: 0, receivers: 0 }

/** The hubs of the control plane, in the order of their names, with the counts of the data plane. */
export function heldBy(directory: Directory, traffic: TrafficStats | undefined): Held {
  const hubs = directory.hubs().map(({ namespace, name, partitionCount, retentionHours, status, consumerGroups }) => {
    const counts = traffic?.hubs.find((one) => one.namespace === namespace && one.name === name) ?? NO_TRAFFIC
    const { events, bytes, senders, receivers } = counts
    return {
      ...{ namespace, name, partitions: partitionCount, status, consumerGroups, events, bytes, senders, receivers },
      retentionHours: Number.isFinite(retentionHours) ? retentionHours : null,
    }
  })
  const keyOf = ({ namespace, name }: HubHeld) => `${namespace}/${name}`.toLowerCase()
  return {
    connections: traffic?.connections ?? 0,
    hubs: hubs.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
  }
}

/** Asks a running embedded Azure what it holds; undefined when it does not say, as one of an older version. */
export async function askHeld(record: LocalRecord): Promise<Held | undefined> {
  try {
    const signal = AbortSignal.timeout(STATUS_TIMEOUT_MS)
    const answer = (await (await fetch(new URL(STATUS_PATH, record.armEndpoint), { signal })).json()) as Partial<Held>
    return Array.isArray(answer.hubs) && typeof answer.connections === 'number' ? (answer as Held) : undefined
  } catch {
    return undefined
  }
}
