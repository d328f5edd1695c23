import type { LocalHub } from './directory.ts'
import type { History } from './history.ts'
import type { Hubs } from './hubs.ts'
import type { Measurement } from './traffic.ts'

const MEASURE_MS = 60_000

/** What is known only to those who serve and capture the hubs. */
export interface Meters {
  /** Connections of clients that have shown a key of the namespace. */
  readonly connectionsTo: (namespace: string) => number
  /** Events of the hub that are in no file of Capture yet. */
  readonly backlogOf: (hub: LocalHub) => number
}

/** Measures the hubs each minute, and whenever somebody asks. It reads no file, so it takes no time from clients. */
export class Metering {
  readonly #hubs: Hubs
  readonly #meters: Meters
  readonly #startedMs: number
  readonly #ending = new AbortController()

  constructor(hubs: Hubs, meters: Meters) {
    this.#hubs = hubs
    this.#meters = meters
    this.#startedMs = hubs.clock.now()
    void this.#repeat()
  }

  /** What was counted and measured in a namespace up to now. */
  trafficOf(namespace: string): readonly History[] {
    this.#measure()
    return this.#hubs.traffic.historiesOf(namespace)
  }

  close(): void {
    this.#ending.abort()
  }

  async #repeat(): Promise<void> {
    const { signal } = this.#ending
    const wait = () => this.#hubs.clock.sleep(MEASURE_MS, signal).catch(() => undefined)
    for (await wait(); !signal.aborted; await wait()) this.#measure()
  }

  #measure(): void {
    const { directory, traffic, clock } = this.#hubs
    const all = directory.hubs()
    const namespaces = [...new Set(all.map(({ namespace }) => namespace))]
    const ofNamespaces = namespaces.map((namespace): Measurement => ({
      namespace,
      gauges: { connections: this.#meters.connectionsTo(namespace) },
    }))
    traffic.measure([...all.map((hub) => this.#measurementOf(hub)), ...ofNamespaces], clock.now())
  }

  #measurementOf(hub: LocalHub): Measurement {
    return {
      ...{ namespace: hub.namespace, hub: hub.name, sinceMs: Math.max(hub.createdAt, this.#startedMs) },
      gauges: { sizeBytes: this.#hubs.bytesOf(hub), captureBacklog: this.#meters.backlogOf(hub) },
    }
  }
}
