import { createHash } from 'node:crypto'
import { readChecked, writeChecked } from './checked-file.ts'
import type { Folder } from './files.ts'

/** How far a group has come in one partition. */
export interface CommittedOffset {
  /** The sequence number of the event to go on with. */
  readonly offset: number
  /** -1 where the client named none. */
  readonly leaderEpoch: number
  /** What the client wants to find again with it. */
  readonly metadata: string
}

type OfPartition = readonly [partition: number, offset: number, leaderEpoch: number, metadata: string]
interface Stored {
  readonly group: string
  readonly offsets: readonly OfPartition[]
}

const FORMAT = 1
const NONE: ReadonlyMap<number, CommittedOffset> = new Map()

/**
 * The offsets that groups of readers have committed in the partitions of one hub. Each group has a file, so that a commit
 * writes little. What a call returned from outlives the process, and a power cut where the store is durable.
 */
export class CommittedOffsets {
  readonly #folder: Folder
  readonly #sync: 'synced' | 'unsynced'
  readonly #groups = new Map<string, ReadonlyMap<number, CommittedOffset>>()

  /** `folder` is for these files alone. When one cannot be read, `log` is told and its group starts again. */
  constructor(folder: Folder, { log, durable }: { readonly log: (line: string) => void; readonly durable: boolean }) {
    this.#folder = folder
    this.#sync = durable ? 'synced' : 'unsynced'
    const told = { log, consequence: 'the group whose offsets it held starts again in this hub' }
    for (const name of folder.list().filter((one) => one.endsWith('.json'))) {
      const stored = readChecked(folder, { name, format: FORMAT }, told) as Stored | undefined
      if (!stored) continue
      const offsets = stored.offsets.map(
        ([partition, offset, leaderEpoch, metadata]) => [partition, { offset, leaderEpoch, metadata }] as const,
      )
      this.#groups.set(stored.group, new Map(offsets))
    }
  }

  /** The groups that have committed something, in no order. Their case matters. */
  groups(): readonly string[] {
    return [...this.#groups.keys()]
  }

  /** By partition. */
  of(group: string): ReadonlyMap<number, CommittedOffset> {
    return this.#groups.get(group) ?? NONE
  }

  /** All of them or none. Throws what the file system throws. */
  commit(group: string, offsets: Iterable<readonly [partition: number, committed: CommittedOffset]>): void {
    this.#write(group, new Map([...this.of(group), ...offsets]))
  }

  /** Without `partition` all of the group's. Throws what the file system throws. */
  forget(group: string, partition?: number): void {
    const left = partition === undefined ? [] : [...this.of(group)].filter(([one]) => one !== partition)
    if (left.length > 0) return this.#write(group, new Map(left))
    if (!this.#groups.has(group)) return
    this.#folder.remove(fileOf(group))
    this.#groups.delete(group)
  }

  #write(group: string, offsets: ReadonlyMap<number, CommittedOffset>): void {
    const rows = [...offsets].map(([partition, { offset, leaderEpoch, metadata }]): OfPartition => [
      partition,
      offset,
      leaderEpoch,
      metadata,
    ])
    const stored: Stored = { group, offsets: rows }
    writeChecked(this.#folder, { name: fileOf(group), format: FORMAT }, stored, this.#sync)
    this.#groups.set(group, offsets)
  }
}

/** A group may have any characters in its name, and file systems disagree about case. */
const fileOf = (group: string): string => `${createHash('sha256').update(group).digest('hex').slice(0, 32)}.json`
