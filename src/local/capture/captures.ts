import type { LocalCapture, LocalHub } from '../hubs/directory.ts'
import type { Hubs } from '../hubs/hubs.ts'
import { HubCapture, type HubCaptureStats } from './hub-capture.ts'
import { CAPTURE, type CapturedFile } from './progress.ts'
import type { CaptureSink } from './sink.ts'

/** What a storage that does not answer is given at the end. */
const PATIENCE_MS = 5_000
/** What could not be captured is tried again after this. */
const AGAIN_MS = 60_000

/** Names of hubs; one that is left out means all. The case does not matter. */
export interface FlushRequest {
  readonly namespace?: string | undefined
  readonly hub?: string | undefined
}

/** What a flush has done. */
export interface Flushed {
  readonly files: readonly CapturedFile[]
  /** Hubs of which not everything could be written. */
  readonly failures: readonly { readonly namespace: string; readonly hub: string; readonly why: string }[]
}

/** A hub, how it is to be captured, and how it is. */
interface Entry {
  hub: LocalHub
  running: HubCapture | undefined
  /** Whether it changes over to other settings. */
  isChanging: boolean
  /** Whether it was to be captured when the directory was last looked at. */
  wasOn: boolean
}

/** Captures the hubs whose settings say so, as the directory is at each moment. */
export class Captures {
  readonly #hubs: Hubs
  readonly #sink: CaptureSink
  /** By `keyOf`. There is one for each hub, and each change of any resource comes by. */
  readonly #entries = new Map<string, Entry>()
  readonly #stopFollowing: () => void
  readonly #closed = new AbortController()

  /** What cannot be captured is told in the log of the hubs. */
  constructor(hubs: Hubs, sink: CaptureSink) {
    this.#hubs = hubs
    this.#sink = sink
    for (const hub of hubs.directory.hubs()) this.#start(this.#add(hub, hub.capture !== undefined), false)
    this.#stopFollowing = hubs.directory.onChange(() => this.#followDirectory())
  }

  /** Undefined where the hub is not captured. */
  stats(hub: LocalHub): HubCaptureStats | undefined {
    return this.#entries.get(keyOf(hub))?.running?.stats()
  }

  /** Closes the windows of hubs now. A hub that is named and not captured is a failure. */
  async flush({ namespace, hub }: FlushRequest): Promise<Flushed> {
    const meant = [...this.#entries.values()].filter(
      (entry) => isNamed(entry.hub.namespace, namespace) && isNamed(entry.hub.name, hub) && entry.running,
    )
    if (hub !== undefined && meant.length === 0)
      return { files: [], failures: [{ namespace: namespace ?? '', hub, why: 'It is no hub that is captured' }] }
    const results = await Promise.all(
      meant.map(async ({ hub: { namespace, name }, running }) => {
        try {
          return { files: await running!.flush(), failures: [] }
        } catch (error) {
          return { files: [], failures: [{ namespace, hub: name, why: (error as Error).message }] }
        }
      }),
    )
    return { files: results.flatMap(({ files }) => files), failures: results.flatMap(({ failures }) => failures) }
  }

  /** Closes all windows, as far as the storage lets it in a while. */
  async close(): Promise<void> {
    const { clock } = this.#hubs
    this.#stopFollowing()
    const entries = [...this.#entries.values()]
    const ends = entries.map((entry) => this.#end(entry, 'What it has more is captured after the next start'))
    const ended = new AbortController()
    await Promise.race([
      Promise.all(ends).finally(() => ended.abort()),
      clock.sleep(PATIENCE_MS, ended.signal).catch(() => undefined),
    ])
    this.#closed.abort()
    for (const { running } of entries) running?.giveUp()
  }

  #followDirectory(): void {
    const hubs = new Map(this.#hubs.directory.hubs().map((hub) => [keyOf(hub), hub]))
    // The log of one that is gone is closed, and with it what captures it.
    for (const key of this.#entries.keys()) if (!hubs.has(key)) this.#entries.delete(key)
    for (const [key, hub] of hubs) {
      const entry = this.#entries.get(key) ?? this.#add(hub, false)
      entry.hub = hub
      if (entry.isChanging) continue
      const { running, wasOn } = entry
      entry.wasOn = hub.capture !== undefined
      if (!running) this.#start(entry, !wasOn)
      else if (isSame(running.capture, hub.capture)) this.#guarded(entry, () => running.follow(hub))
      else void this.#change(entry)
    }
  }

  /** Goes on in other settings with what could not be written by the old ones. */
  async #change(entry: Entry): Promise<void> {
    entry.isChanging = true
    const consequence = entry.hub.capture
      ? 'What it has more goes where its files go now'
      : 'What it has more is not captured'
    await this.#end(entry, consequence)
    entry.isChanging = false
    // It may have been switched off, or gone, while the old window was closed.
    entry.wasOn = entry.hub.capture !== undefined
    this.#start(entry, false)
  }

  async #end(entry: Entry, consequence: string): Promise<void> {
    const { hub, running } = entry
    try {
      await running?.end()
    } catch (error) {
      this.#hubs.log(`${nameOf(hub)}: its window could not be closed. ${consequence}: ${(error as Error).message}`)
    }
    entry.running = undefined
  }

  #add(hub: LocalHub, wasOn: boolean): Entry {
    const entry: Entry = { hub, running: undefined, isChanging: false, wasOn }
    this.#entries.set(keyOf(hub), entry)
    return entry
  }

  #start(entry: Entry, isNew: boolean): void {
    const { hub } = entry
    const { capture } = hub
    if (!capture || this.#closed.signal.aborted || !this.#entries.has(keyOf(hub))) return
    this.#guarded(entry, () => {
      if (isNew) this.#hubs.cursors(hub).forget(CAPTURE)
      entry.running = new HubCapture(this.#hubs, hub, capture, this.#sink, isNew)
    })
    if (!entry.running) void this.#startLater(entry)
  }

  async #startLater(entry: Entry): Promise<void> {
    entry.isChanging = true
    await this.#hubs.clock.sleep(AGAIN_MS, this.#closed.signal).catch(() => undefined)
    entry.isChanging = false
    this.#start(entry, false)
  }

  /** What cannot be captured must not keep the rest from working. */
  #guarded({ hub }: Entry, work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#hubs.log(`${nameOf(hub)}: cannot be captured: ${(error as Error).message}`)
    }
  }
}

/** Tells a hub from one that took its name. */
const keyOf = ({ namespace, name, createdAt }: LocalHub): string => `${namespace}/${name.toLowerCase()}/${createdAt}`

const nameOf = ({ namespace, name }: LocalHub): string => `${namespace}/${name}`

const isNamed = (name: string, wanted: string | undefined): boolean =>
  wanted === undefined || name.toLowerCase() === wanted.toLowerCase()

/** Both are made in one place, in one order. */
const isSame = (a: LocalCapture, b: LocalCapture | undefined): boolean => JSON.stringify(a) === JSON.stringify(b)
