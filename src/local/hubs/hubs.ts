import type { Clock } from '../../lib/clock.ts'
import { eventsOfBatch } from '../batch/events.ts'
import type { CommittedOffset, CommittedOffsets } from '../log/committed-offsets.ts'
import type { Cursors } from '../log/cursors.ts'
import { diskFolder } from '../log/disk-files.ts'
import { MemoryFolder } from '../log/files.ts'
import type { Appended, PartitionLog } from '../log/partition-log.ts'
import type { BatchToStore, EventToStore } from '../log/record.ts'
import { LogStore } from '../log/store.ts'
import type { Amount } from './budget.ts'
import { type Directory, isSameHub, type LocalHub, partitionIndex } from './directory.ts'
import { HubError } from './errors.ts'
import type { HubAdmin } from './hub-admin.ts'
import { ToldLosses } from './hub-reader.ts'
import { amountToStore, Limits, type Scaling } from './limits.ts'
import { HubLinks, PartitionReaders } from './links.ts'
import { PartitionChoice } from './partition-choice.ts'
import { type ReaderPosition, ReaderPositions } from './reader-positions.ts'
import { Traffic } from './traffic.ts'

const DEFAULT_PARTITION_BYTES = { disk: 1024 * 1024 * 1024, memory: 64 * 1024 * 1024 }
const TOKEN_CHECK_MS = 5_000
/** Old events are dropped once in so many checks of tokens. */
const TRIM_EVERY = 12

export interface HubsOptions {
  readonly directory: Directory
  /** Changes hubs for clients; without it, no client can. */
  readonly admin?: HubAdmin
  readonly clock: Clock
  /** The folder belongs to these hubs alone, and to one process at a time. */
  readonly storage: { readonly folder: string } | 'memory'
  /** Acknowledge events when they are on the disk itself: then they survive a power cut, not only a crash. */
  readonly durable?: boolean
  /** A partition that holds more drops its oldest events. Default 1 GB on disk, 64 MB in memory. */
  readonly maxPartitionBytes?: number
  /** Holds namespaces to their units; without it nothing is limited. */
  readonly scaling?: Scaling
  readonly log: (line: string) => void
}

/** Events that are stored together, in one partition. */
export interface Publication {
  /** Decides the partition where none is named. */
  readonly partitionKey: string | undefined
  readonly events: readonly EventToStore[]
}

/** The event hubs of the directory and what they hold, for servers of any protocol. */
export class Hubs {
  readonly directory: Directory
  /** Undefined where clients change no hubs. */
  readonly admin: HubAdmin | undefined
  readonly clock: Clock
  readonly log: (line: string) => void
  readonly links = new HubLinks()
  readonly readers = new PartitionReaders()
  readonly told = new ToldLosses()
  readonly positions = new ReaderPositions()
  readonly traffic = new Traffic()
  /** A partition that holds more drops its oldest events. */
  readonly maxPartitionBytes: number
  /** Undefined where nothing is limited. */
  readonly limits: Limits | undefined
  readonly #folder: string
  readonly #store: LogStore
  readonly #choice = new PartitionChoice()
  readonly #ending = new AbortController()
  readonly #stopFollowing: () => void

  /** Throws Failure `local-state` when it cannot tell whose the events in the folder are. */
  constructor(options: HubsOptions) {
    const { directory, clock, storage, scaling, log } = options
    this.directory = directory
    this.admin = options.admin
    this.clock = clock
    this.log = log
    this.limits = scaling && new Limits({ scaling, clock, log })
    const root = storage === 'memory' ? new MemoryFolder() : diskFolder(storage.folder)
    this.#folder = storage === 'memory' ? 'the memory' : storage.folder
    const where = storage === 'memory' ? 'memory' : 'disk'
    const maxBytes = (this.maxPartitionBytes = options.maxPartitionBytes ?? DEFAULT_PARTITION_BYTES[where])
    const durable = options.durable === true && storage !== 'memory'
    this.#store = new LogStore(root, { maxBytes, log, durable, unpack: eventsOfBatch })
    this.#store.adopt(directory.hubs())
    this.#stopFollowing = directory.onChange(() => this.#followDirectory())
    void this.#keepHouse()
  }

  /** Throws Failure `local-state` as the constructor does. */
  partition(hub: LocalHub, index: number): PartitionLog {
    return this.#store.partition(hub, index)
  }

  /**
   * How far named readers have read, for those that go on after a restart of this process. Throws as `partition` does.
   */
  cursors(hub: LocalHub): Cursors {
    return this.#store.cursors(hub)
  }

  /** What groups of readers have committed in the hub. Throws as `partition` does. */
  committedOffsets(hub: LocalHub): CommittedOffsets {
    return this.#store.committedOffsets(hub)
  }

  /** Throws HubError `disk-full`, what else the file system throws, and as `partition` does. */
  commitOffsets(hub: LocalHub, group: string, offsets: readonly (readonly [number, CommittedOffset])[]): void {
    try {
      this.committedOffsets(hub).commit(group, offsets)
    } catch (error) {
      throw this.#explainWrite(error, hub)
    }
  }

  /**
   * Stores a publication, whole or not at all, in one partition: the one that is named, else the one of its key, else
   * the next in turn. Throws HubError `throttled` and `disk-full`, and what else the file system throws; `stored` rejects
   * as well.
   */
  publish(hub: LocalHub, named: number | undefined, { partitionKey, events }: Publication): Published {
    const amount = amountToStore(events)
    if (this.limits && !this.limits.letIn(hub.namespace, amount))
      throw new HubError({ because: 'throttled', path: hub.name })
    // Partitions may have been added since the sender looked.
    const { partitionCount } = this.directory.hub(hub.namespace, hub.name) ?? hub
    const partition = named ?? this.#choice.of(hub, partitionCount, partitionKey)
    return { partition, ...this.#append(hub, partition, amount, (log, nowMs) => log.append(events, nowMs)) }
  }

  /**
   * Stores a batch as it came, whole or not at all. Its client is to wait for `waitMs` before the next one. Throws HubError
   * `throttled` where the batch itself would have to wait for more than `mostWaitMs`, and as `publish` does.
   */
  publishBatch(
    hub: LocalHub,
    partition: number,
    batch: BatchToStore,
    mostWaitMs: number,
  ): Appended & { readonly waitMs: number } {
    const amount = { bytes: batch.bytes.length, events: batch.events }
    const { isIn, waitMs } = this.limits?.letInOrWait(hub.namespace, amount, mostWaitMs) ?? { isIn: true, waitMs: 0 }
    if (!isIn) throw new HubError({ because: 'throttled', path: hub.name })
    return { waitMs, ...this.#append(hub, partition, amount, (log, nowMs) => log.appendBatch(batch, nowMs)) }
  }

  /**
   * What the hub takes up, as far as that is known without reading a file: undefined until all of its partitions are open.
   * After a start that takes some seconds.
   */
  bytesOf(hub: LocalHub): number | undefined {
    return this.#store.bytesOf(hub)
  }

  /** How far those have read that connect to a partition of a group. Throws as `partition` does. */
  readersOf(hub: LocalHub): readonly ReaderPosition[] {
    return this.positions.of(hub, (partition) => this.partition(hub, partition).state())
  }

  /** Lets go of the files. The servers have closed their connections before. */
  close(): void {
    this.#ending.abort()
    this.#stopFollowing()
    this.limits?.close()
    this.#store.close()
  }

  #append(
    hub: LocalHub,
    partition: number,
    amount: Amount,
    append: (log: PartitionLog, nowMs: number) => Appended,
  ): Appended {
    try {
      const nowMs = this.clock.now()
      const appended = append(this.partition(hub, partition), nowMs)
      this.traffic.countIn(hub, amount, nowMs)
      const stored = appended.stored?.catch((error: unknown) => {
        throw this.#explainWrite(error, hub)
      })
      return { ...appended, stored }
    } catch (error) {
      throw this.#explainWrite(error, hub)
    }
  }

  #explainWrite(error: unknown, { name }: LocalHub): unknown {
    const isFull = ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')
    return isFull ? new HubError({ because: 'disk-full', path: name, folder: this.#folder }) : error
  }

  #followDirectory(): void {
    this.limits?.followDirectory()
    this.#guarded('Cannot remove the events of a deleted hub', () => {
      this.links.followDirectory(this.directory)
      this.positions.followDirectory(this.directory)
      this.#store.reconcile(this.directory.hubs())
    })
  }

  async #keepHouse(): Promise<void> {
    const { signal } = this.#ending
    try {
      for (let round = 1; ; round++) {
        await this.clock.sleep(TOKEN_CHECK_MS, signal)
        this.links.followClaims()
        if (round % TRIM_EVERY === 1) await this.#trim()
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  /** Drops what is older than each hub keeps it. Clients have their turn between the partitions. */
  async #trim(): Promise<void> {
    for (const hub of this.directory.hubs()) {
      for (const index of this.#store.storedPartitions(hub)) {
        // Since the last turn the hub may have changed, or gone, or another one may have its name.
        const now = this.directory.hub(hub.namespace, hub.name)
        if (this.#ending.signal.aborted || !now || !isSameHub(now, hub)) break
        this.#guarded('Cannot drop old events', () =>
          this.partition(now, index).trimToAge(this.clock.now(), now.retentionHours),
        )
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
  }

  #guarded(what: string, work: () => void): void {
    try {
      work()
    } catch (error) {
      this.log(`${what}: ${(error as Error).message}`)
    }
  }
}

export interface Published extends Appended {
  readonly partition: number
}

/** The number of a partition of the hub. Throws HubError. */
export function needPartition(hub: LocalHub, id: string, path = hub.name): number {
  const index = partitionIndex(id, hub.partitionCount)
  if (index !== undefined) return index
  throw new HubError({ because: 'no-such-partition', path, partitionCount: hub.partitionCount })
}
