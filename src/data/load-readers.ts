import { earliestEventPosition, type EventHubConsumerClient, type ReceivedEventData } from '@azure/event-hubs'
import type { PartitionState } from '../engine/status/positions.ts'
import type { LoadSide } from './load-sender.ts'
import { readPartition, sharedSignal } from './open-clients.ts'
import { readPartitionStates } from './partition-states.ts'
import { PROBE_PROPERTY } from './probe.ts'
import { Latencies, SeenNumbers } from './tally.ts'

/** For all partitions to be open before the first event. */
const OPEN_MS = 15_000

/** The reading side of a load test. Nothing is kept of an event but a bit and its times. */
export class LoadReaders {
  readonly #consumer: EventHubConsumerClient
  readonly #side: LoadSide
  readonly #closing = new AbortController()
  readonly #signal = sharedSignal(this.#closing.signal)
  readonly #readers: Promise<void>[] = []
  readonly #seen = new SeenNumbers()
  readonly #endToEnd = new Latencies()
  #doubled = 0

  constructor(consumer: EventHubConsumerClient, side: LoadSide) {
    this.#consumer = consumer
    this.#side = side
  }

  get counts() {
    return { seen: this.#seen.count, doubled: this.#doubled, endToEnd: this.#endToEnd.summary }
  }

  /** Reads all partitions from where they end now. Resolves when all of them are open, or the signal fires. */
  async open(): Promise<void> {
    const { clock, signal, onError } = this.#side
    const opened = new AbortController()
    try {
      const states = await readPartitionStates(this.#consumer, signal)
      const late = clock.sleep(OPEN_MS, AbortSignal.any([signal, opened.signal])).then(
        () => onError(notOpen()),
        () => undefined,
      )
      await Promise.race([Promise.all(states.map((state) => this.#openReader(state))), late])
    } catch (error) {
      if (!signal.aborted) onError(error)
    } finally {
      opened.abort()
    }
  }

  /** Resolves when the partition has answered, or failed. */
  #openReader({ partition, isEmpty, lastSequenceNumber }: PartitionState): Promise<void> {
    return new Promise((resolve) => {
      const reading = readPartition(this.#consumer, {
        partition,
        startPosition: isEmpty ? earliestEventPosition : { sequenceNumber: lastSequenceNumber, isInclusive: false },
        signal: this.#signal,
        onEvents: (events) => {
          resolve()
          for (const event of events) this.#receive(event)
          return false
        },
      }).catch((error: unknown) => {
        if (!this.#signal.aborted) this.#side.onError(error)
        resolve()
      })
      this.#readers.push(reading)
    })
  }

  #receive({ properties }: ReceivedEventData): void {
    const { id, clock, news } = this.#side
    const [ofTest, n, sentMs] = String(properties?.[PROBE_PROPERTY]).split('/')
    if (ofTest !== id) return
    if (this.#seen.add(Number(n))) this.#endToEnd.add(clock.now() - Number(sentMs))
    else this.#doubled++
    news.ring()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#readers)
  }
}

const notOpen = (): Error =>
  Object.assign(new Error(`Not all partitions could be read within ${OPEN_MS / 1_000} seconds.`), {
    name: 'TimeoutError',
  })
