import type { PartitionState } from '../log/partition-log.ts'
import { type Directory, hasGroup, isSameHub, type LocalHub } from './directory.ts'

/** How far readers of a consumer group were given the events of a partition. */
export interface ReaderPosition {
  readonly group: string
  readonly partition: string
  /** The number of the first event that they were not given. */
  readonly nextSequenceNumber: number
  /** Events that are there and that they were not given. */
  readonly lag: number
  /** Whether one is connected now. */
  readonly connected: boolean
  /** When they were last given events, in ISO 8601; null before the first one. */
  readonly lastReadAt: string | null
}

/** What one reader tells while it is connected. */
export interface Reading {
  /** It was given the events before this number. */
  moveTo(nextSequenceNumber: number, nowMs: number): void
  close(): void
}

interface Position {
  readonly group: string
  readonly partition: number
  next: number
  readers: number
  lastReadMs: number | undefined
}

/** How far the readers that connect to a partition of a group have read. It is kept in memory when they have gone. */
export class ReaderPositions {
  /** By hub, and then by group and partition. */
  readonly #positions = new Map<string, { readonly hub: LocalHub; readonly ofHub: Map<string, Position> }>()

  /**
   * A reader that begins at this number. Where several read, the one that was last given something counts; before any was,
   * the first of those that are connected.
   */
  open(hub: LocalHub, group: string, partition: number, nextSequenceNumber: number): Reading {
    const position = this.#find(hub, group, partition)
    if (position.lastReadMs === undefined && position.readers === 0) position.next = nextSequenceNumber
    position.readers++
    return {
      moveTo: (next, nowMs) => {
        position.next = next
        position.lastReadMs = nowMs
      },
      close: () => {
        position.readers--
      },
    }
  }

  /** In the order of groups and partitions. `stateOf` tells where the events of a partition begin and end. */
  of(hub: LocalHub, stateOf: (partition: number) => PartitionState): readonly ReaderPosition[] {
    const all = [...(this.#positions.get(keyOf(hub))?.ofHub.values() ?? [])]
    const place = ({ group }: Position) => hub.consumerGroups.indexOf(group)
    return all
      .sort((a, b) => place(a) - place(b) || a.partition - b.partition)
      .map(({ group, partition, next, readers, lastReadMs }) => {
        const { beginSequenceNumber, lastSequenceNumber } = stateOf(partition)
        return {
          ...{ group, partition: String(partition), nextSequenceNumber: next },
          lag: Math.max(0, lastSequenceNumber + 1 - Math.max(next, beginSequenceNumber)),
          connected: readers > 0,
          lastReadAt: lastReadMs === undefined ? null : new Date(lastReadMs).toISOString(),
        }
      })
  }

  /** Forgets hubs and groups that are gone. */
  followDirectory(directory: Directory): void {
    for (const [key, { hub, ofHub }] of this.#positions) {
      const now = directory.hub(hub.namespace, hub.name)
      if (!now || !isSameHub(now, hub)) this.#positions.delete(key)
      else for (const [place, { group }] of ofHub) if (!hasGroup(now, group)) ofHub.delete(place)
    }
  }

  #find(hub: LocalHub, name: string, partition: number): Position {
    const group = hub.consumerGroups.find((one) => one.toLowerCase() === name.toLowerCase()) ?? name
    let entry = this.#positions.get(keyOf(hub))
    if (!entry) this.#positions.set(keyOf(hub), (entry = { hub, ofHub: new Map() }))
    const place = `${group}/${partition}`
    let position = entry.ofHub.get(place)
    if (!position) {
      position = { group, partition, next: 0, readers: 0, lastReadMs: undefined }
      entry.ofHub.set(place, position)
    }
    return position
  }
}

/** Tells a hub from one that took its name. */
const keyOf = ({ namespace, name, createdAt }: LocalHub): string => `${namespace}/${name.toLowerCase()}/${createdAt}`
