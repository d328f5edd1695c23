import {
  earliestEventPosition,
  type EventData,
  type EventDataBatch,
  type EventHubConsumerClient,
  type EventHubProducerClient,
  type ReceivedEventData,
} from '@azure/event-hubs'
import { randomUUID } from 'node:crypto'
import type { Connection } from '../engine/connection.ts'
import { eventsAfter, type LoadOutcome, type LoadPlan } from '../engine/load-test.ts'
import type { PartitionState } from '../engine/status/positions.ts'
import { Bell } from '../lib/clock.ts'
import { Failure } from '../lib/errors.ts'
import { formatByteCount } from '../lib/quantity.ts'
import { dataError } from './failure.ts'
import { openConsumer, openProducer, readPartition } from './open-clients.ts'
import { readPartitionStates } from './partition-states.ts'
import { PROBE_PROPERTY, type ProbeOptions } from './probe.ts'
import { Latencies, SeenNumbers } from './tally.ts'

/** Events go out in portions, so often. */
const PORTION_MS = 100
const MOST_PER_BATCH = 1_000
/** Batches whose answers are waited for at the same time. */
const MOST_ON_THE_WAY = 8
/** Where sending is slower than the rate, no more than this time is made up for. */
const MOST_BEHIND_MS = 1_000
/** What is late at the end may take so long. */
const MOST_OVER_MS = 3_000
/** For readers to be open before the first event. */
const OPEN_MS = 15_000
/** For answers and events after the last one was sent; less where somebody stopped it. */
const REST_MS = 30_000
const REST_WHEN_STOPPED_MS = 2_000

/**
 * Sends events to all partitions at a steady rate, reads them back, and counts. Nothing is kept of an event but a bit and its
 * times. Answers with what came through so far when the signal fires, and when sending or reading fails.
 */
export async function runLoadTest(connection: Connection, plan: LoadPlan, options: ProbeOptions): Promise<LoadOutcome> {
  const test = new LoadTest(connection, plan, options)
  try {
    await test.openReaders()
    return await test.run()
  } finally {
    await test.close()
  }
}

class LoadTest {
  readonly #connection: Connection
  readonly #plan: LoadPlan
  readonly #options: ProbeOptions
  readonly #producer: EventHubProducerClient
  readonly #consumer: EventHubConsumerClient
  readonly #id = randomUUID()
  readonly #body: Buffer
  readonly #reading = new AbortController()
  readonly #readers: Promise<void>[] = []
  readonly #onTheWay = new Set<Promise<void>>()
  readonly #news = new Bell()
  readonly #seen = new SeenNumbers()
  readonly #acknowledged = new Latencies()
  readonly #endToEnd = new Latencies()
  readonly #counts = { accepted: 0, throttledRequests: 0, throttledEvents: 0, doubled: 0 }
  #next = 0
  #error: Failure | undefined

  constructor(connection: Connection, plan: LoadPlan, options: ProbeOptions) {
    this.#connection = connection
    this.#plan = plan
    this.#options = options
    this.#producer = openProducer(connection, options)
    this.#consumer = openConsumer(connection, options.consumerGroup, options)
    this.#body = bodyOf(this.#id, plan.bytesPerEvent)
  }

  /** Reads all partitions from where they end now. Resolves when all of them are open. */
  async openReaders(): Promise<void> {
    const { clock, signal } = this.#options
    const states = await readPartitionStates(this.#consumer, signal).catch((error: unknown) => {
      if (!signal.aborted) this.#fail('read', error)
      return []
    })
    const opened = states.map((state) => this.#openReader(state))
    const waiting = new AbortController()
    const patience = clock.sleep(OPEN_MS, AbortSignal.any([signal, waiting.signal])).catch(() => undefined)
    await Promise.race([Promise.all(opened), patience])
    waiting.abort()
  }

  /** Resolves when the partition has answered, or failed. */
  #openReader({ partition, isEmpty, lastSequenceNumber }: PartitionState): Promise<void> {
    return new Promise((resolve) => {
      const reading = readPartition(this.#consumer, {
        partition,
        startPosition: isEmpty ? earliestEventPosition : { sequenceNumber: lastSequenceNumber, isInclusive: false },
        signal: this.#reading.signal,
        onEvents: (events) => {
          resolve()
          for (const event of events) this.#receive(event)
          return false
        },
      }).catch((error: unknown) => {
        if (!this.#reading.signal.aborted) this.#fail('read', error)
        resolve()
      })
      this.#readers.push(reading)
    })
  }

  #receive({ properties }: ReceivedEventData): void {
    const [id, n, sentMs] = String(properties?.[PROBE_PROPERTY]).split('/')
    if (id !== this.#id) return
    if (this.#seen.add(Number(n))) this.#endToEnd.add(this.#options.clock.now() - Number(sentMs))
    else this.#counts.doubled++
    this.#news.ring()
  }

  async run(): Promise<LoadOutcome> {
    const { clock, signal } = this.#options
    const beganMs = clock.now()
    await this.#send(beganMs)
    const elapsedMs = Math.max(1, clock.now() - beganMs)
    await this.#waitForRest()
    const { accepted, ...counts } = this.#counts
    const received = Math.min(accepted, this.#seen.count)
    return {
      ...{ plan: this.#plan, elapsedMs, accepted, received, lost: accepted - received, ...counts },
      ...{ acknowledged: this.#acknowledged.summary, endToEnd: this.#endToEnd.summary },
      ...{ unsent: Math.max(0, eventsAfter(this.#plan, this.#plan.durationMs) - this.#next) },
      ...{ isStopped: signal.aborted, error: this.#error },
    }
  }

  /** What is not sent in time is left out, not sent later. */
  async #send(beganMs: number): Promise<void> {
    const { clock, signal } = this.#options
    const { durationMs } = this.#plan
    let leftOut = 0
    for (let elapsedMs = 0; !signal.aborted && !this.#error;) {
      await clock.sleep(Math.min(PORTION_MS, durationMs - elapsedMs), signal).catch(() => undefined)
      if (signal.aborted) return
      elapsedMs = Math.min(clock.now() - beganMs, durationMs)
      const due = eventsAfter(this.#plan, elapsedMs) - this.#next - leftOut
      const most = eventsAfter(this.#plan, MOST_BEHIND_MS)
      leftOut += Math.max(0, due - most)
      await this.#sendPortion(Math.min(due, most), beganMs + durationMs + MOST_OVER_MS).catch((error: unknown) =>
        this.#fail('send', error),
      )
      if (elapsedMs >= durationMs) return
    }
  }

  async #sendPortion(events: number, untilMs: number): Promise<void> {
    const { clock, signal } = this.#options
    for (let left = events; left > 0 && !signal.aborted && clock.now() < untilMs;) {
      const batch = await this.#producer.createBatch()
      while (batch.count < Math.min(left, MOST_PER_BATCH) && batch.tryAdd(this.#event(clock.now()))) this.#next++
      if (batch.count === 0) throw this.#tooLarge(batch.maxSizeInBytes)
      left -= batch.count
      const sending = this.#sendBatch(batch, clock.now()).finally(() => this.#onTheWay.delete(sending))
      this.#onTheWay.add(sending)
      if (this.#onTheWay.size >= MOST_ON_THE_WAY) await Promise.race(this.#onTheWay)
    }
  }

  #event(nowMs: number): EventData {
    return { body: this.#body, properties: { [PROBE_PROPERTY]: `${this.#id}/${this.#next}/${nowMs}` } }
  }

  async #sendBatch(batch: EventDataBatch, sentMs: number): Promise<void> {
    try {
      await this.#producer.sendBatch(batch)
      this.#counts.accepted += batch.count
      this.#acknowledged.add(this.#options.clock.now() - sentMs)
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== 'ServerBusyError') return this.#fail('send', error)
      this.#counts.throttledRequests++
      this.#counts.throttledEvents += batch.count
    } finally {
      this.#news.ring()
    }
  }

  /** Until every accepted event has come, for a bounded time. */
  async #waitForRest(): Promise<void> {
    const { clock, signal } = this.#options
    const beganMs = clock.now()
    const isDone = () => this.#onTheWay.size === 0 && this.#seen.count >= this.#counts.accepted
    const leftMs = () => beganMs + (signal.aborted ? REST_WHEN_STOPPED_MS : REST_MS) - clock.now()
    const ring = () => this.#news.ring()
    signal.addEventListener('abort', ring)
    while (!isDone() && !this.#error && leftMs() > 0) await this.#news.wait(clock, leftMs())
    signal.removeEventListener('abort', ring)
  }

  #fail(doing: 'send' | 'read', error: unknown): void {
    this.#error ??= this.#failureOf(doing, error)
    this.#news.ring()
  }

  #failureOf(doing: 'send' | 'read', error: unknown): Failure {
    const { target, consumerGroup } = this.#options
    if (error instanceof Failure) return error
    return dataError(error, { connection: this.#connection, target, consumerGroup, doing })
  }

  #tooLarge(mostBytes: number): Failure {
    return new Failure({
      code: 'usage',
      message: `Can't send events of ${formatByteCount(this.#plan.bytesPerEvent)} to hub ${this.#connection.hub}`,
      why: [`It takes events of up to ${formatByteCount(mostBytes)}, with their properties.`],
    })
  }

  async close(): Promise<void> {
    this.#reading.abort()
    await Promise.allSettled(this.#readers)
    await Promise.allSettled([this.#producer.close(), this.#consumer.close()])
  }
}

/** JSON that says what it is, filled up; only the filling where that does not fit. */
function bodyOf(id: string, bytes: number): Buffer {
  const [start, end] = [`{"probe":"ml-ingest verify","id":"${id}","filling":"`, '"}']
  const room = bytes - start.length - end.length
  return Buffer.from(room < 0 ? 'x'.repeat(bytes) : start + 'x'.repeat(room) + end)
}
