import type { LocalCapture, LocalHub } from '../hubs/directory.ts'
import type { Hubs } from '../hubs/hubs.ts'
import { PartitionCapture } from './partition-capture.ts'
import type { CapturedFile } from './progress.ts'
import type { CaptureSink } from './sink.ts'

export interface HubCaptureStats {
  readonly account: string
  readonly container: string
  /** Where the container is: a path or a URL. */
  readonly where: string
  /** A file ends after this time, or at this size. */
  readonly intervalSeconds: number
  readonly sizeLimitBytes: number
  /** Events that are in no file yet. */
  readonly pendingEvents: number
  /** How many were written since it was switched on. */
  readonly files: number
  /** Events that were gone before they were captured. */
  readonly lostEvents: number
  /** Why nothing can be written at the moment. */
  readonly failing: string | null
}

/** Captures the partitions of a hub. */
export class HubCapture {
  readonly capture: LocalCapture
  readonly #hubs: Hubs
  readonly #hub: LocalHub
  readonly #sink: CaptureSink
  readonly #partitions: PartitionCapture[] = []
  #isFailing = false

  /** `isNew` where it was switched on just now. Throws what the file system throws. */
  constructor(hubs: Hubs, hub: LocalHub, capture: LocalCapture, sink: CaptureSink, isNew: boolean) {
    this.capture = capture
    this.#hubs = hubs
    this.#hub = hub
    this.#sink = sink
    try {
      this.#addUpTo(hub, isNew)
    } catch (error) {
      this.giveUp()
      throw error
    }
  }

  /** The hub may have more partitions by now. Throws as the constructor does. */
  follow(hub: LocalHub): void {
    this.#addUpTo(hub, false)
  }

  stats(): HubCaptureStats {
    const all = this.#partitions.map((partition) => partition.stats())
    const sum = (key: 'pendingEvents' | 'files' | 'lostEvents') => all.reduce((total, one) => total + one[key], 0)
    const { account, container, intervalSeconds, sizeLimitBytes } = this.capture
    return {
      ...{ account, container, where: this.#sink.whereIs({ account, container, blob: '' }) },
      ...{ intervalSeconds, sizeLimitBytes },
      ...{ pendingEvents: sum('pendingEvents'), files: sum('files'), lostEvents: sum('lostEvents') },
      failing: all.find(({ failing }) => failing !== null)?.failing ?? null,
    }
  }

  /** As that of PartitionCapture, of all partitions. */
  async flush(): Promise<readonly CapturedFile[]> {
    return (await every(this.#partitions.map((partition) => partition.flush()))).flat()
  }

  /** As that of PartitionCapture, of all partitions. */
  async end(): Promise<void> {
    await every(this.#partitions.map((partition) => partition.end()))
  }

  /** As that of PartitionCapture, of all partitions. */
  giveUp(): void {
    for (const partition of this.#partitions) partition.giveUp()
  }

  #addUpTo({ partitionCount }: LocalHub, isNew: boolean): void {
    while (this.#partitions.length < partitionCount) this.#partitions.push(this.#add(this.#partitions.length, isNew))
  }

  #add(index: number, isNew: boolean): PartitionCapture {
    const { clock, log, traffic } = this.#hubs
    return new PartitionCapture({
      ...{ hub: this.#hub, partition: index, capture: this.capture, clock, sink: this.#sink, isNew },
      log: this.#hubs.partition(this.#hub, index),
      cursors: this.#hubs.cursors(this.#hub),
      tell: (text) => log(`${this.#name} partition ${index}: ${text}.`),
      onFailing: () => this.#tellFailing(),
      onCaptured: (file) => traffic.countCaptured(this.#hub, file, clock.now()),
      hasBegun: () => this.#partitions.some(({ hasBegun }) => hasBegun),
      onBegin: () => {
        for (const partition of this.#partitions) partition.wake()
      },
    })
  }

  get #name(): string {
    return `${this.#hub.namespace}/${this.#hub.name}`
  }

  /** Once for all partitions, at the beginning and at the end. */
  #tellFailing(): void {
    const { failing, account, container } = this.stats()
    if ((failing !== null) === this.#isFailing) return
    this.#isFailing = failing !== null
    this.#hubs.log(
      failing === null
        ? `${this.#name}: it is captured again.`
        : `${this.#name}: cannot capture into ${account}/${container}, and tries again: ${failing}`,
    )
  }
}

/** Waits for all of them also where one rejects. */
async function every<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises)
  return Promise.all(promises)
}
