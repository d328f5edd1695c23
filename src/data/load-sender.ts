import type { EventData, EventDataBatch, EventHubProducerClient } from '@azure/event-hubs'
import { eventsAfter, type LoadPlan } from '../engine/load-test.ts'
import type { Bell, Clock } from '../lib/clock.ts'
import { Failure } from '../lib/errors.ts'
import { formatByteCount } from '../lib/quantity.ts'
import { Pace } from './pace.ts'
import { PROBE_PROPERTY } from './probe.ts'
import { Latencies } from './tally.ts'

/** Batches whose answers are waited for at the same time. */
const MOST_ON_THE_WAY = 8
/** What is late at the end may take so long. */
const MOST_OVER_MS = 3_000
/** The client ends an operation within this time. */
const ANSWER_MS = 60_000

/** What the two sides of a load test share. */
export interface LoadSide {
  /** Tells the events of this test from others. */
  readonly id: string
  readonly clock: Clock
  /** Fires when somebody stops the test, or one side fails. */
  readonly signal: AbortSignal
  /** Rings at each answer and at each event. */
  readonly news: Bell
  readonly onError: (error: unknown) => void
}

/** The property by which the other side knows an event again. */
const stampOf = (id: string, n: number, sentMs: number): string => [id, n, sentMs].join('/')

/** The sending side of a load test. */
export class LoadSender {
  readonly #producer: EventHubProducerClient
  readonly #plan: LoadPlan
  readonly #side: LoadSide
  readonly #body: Buffer
  readonly #acknowledged = new Latencies()
  readonly #counts = { accepted: 0, throttledRequests: 0, throttledEvents: 0 }
  #onTheWay = 0
  #next = 0

  constructor(producer: EventHubProducerClient, plan: LoadPlan, side: LoadSide) {
    this.#producer = producer
    this.#plan = plan
    this.#side = side
    this.#body = bodyOf(side.id, plan.bytesPerEvent)
  }

  get counts() {
    const unsent = eventsAfter(this.#plan, this.#plan.durationMs) - this.#next
    return { ...this.#counts, unsent, acknowledged: this.#acknowledged.summary }
  }

  /** Whether every batch has its answer. */
  get isAnswered(): boolean {
    return this.#onTheWay === 0
  }

  /** Sends to all partitions at the rate of the plan. What is not sent in time is left out, not sent later. */
  async send(): Promise<void> {
    const { clock, signal, onError } = this.#side
    const { durationMs, eventsPerSecond } = this.#plan
    const total = eventsAfter(this.#plan, durationMs)
    const untilMs = clock.now() + durationMs + MOST_OVER_MS
    const pace = new Pace(eventsPerSecond, clock)
    try {
      for (let left = total; left > 0 && clock.now() < untilMs; left = total - this.#next - pace.leftOut) {
        const portion = Math.min(left, pace.portion)
        await pace.wait(portion, signal)
        await this.#sendPortion(portion)
      }
      await pace.wait(0, signal)
    } catch (error) {
      if (!signal.aborted) onError(error)
    }
  }

  async #sendPortion(events: number): Promise<void> {
    const { clock, signal, news } = this.#side
    for (let left = events; left > 0;) {
      const batch = await this.#producer.createBatch({ abortSignal: signal })
      while (batch.count < left && batch.tryAdd(this.#event(clock.now()))) this.#next++
      if (batch.count === 0) throw tooLarge(this.#plan, batch.maxSizeInBytes)
      left -= batch.count
      void this.#sendBatch(batch, clock.now())
      while (this.#onTheWay >= MOST_ON_THE_WAY && !signal.aborted) await news.wait(clock, ANSWER_MS)
      signal.throwIfAborted()
    }
  }

  #event(nowMs: number): EventData {
    return { body: this.#body, properties: { [PROBE_PROPERTY]: stampOf(this.#side.id, this.#next, nowMs) } }
  }

  async #sendBatch(batch: EventDataBatch, sentMs: number): Promise<void> {
    const { clock, news, onError } = this.#side
    this.#onTheWay++
    try {
      await this.#producer.sendBatch(batch)
      this.#counts.accepted += batch.count
      this.#acknowledged.add(clock.now() - sentMs)
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== 'ServerBusyError') return onError(error)
      this.#counts.throttledRequests++
      this.#counts.throttledEvents += batch.count
    } finally {
      this.#onTheWay--
      news.ring()
    }
  }
}

/** JSON that says what it is, filled up; only the filling where that does not fit. */
function bodyOf(id: string, bytes: number): Buffer {
  const [start, end] = [`{"probe":"ml-ingest verify","id":"${id}","filling":"`, '"}']
  const room = bytes - start.length - end.length
  return Buffer.from(room < 0 ? 'x'.repeat(bytes) : start + 'x'.repeat(room) + end)
}

const tooLarge = ({ bytesPerEvent }: LoadPlan, mostBytes: number): Failure =>
  new Failure({
    code: 'usage',
    message: `Can't send events of ${formatByteCount(bytesPerEvent)}`,
    why: [`The hub takes events of up to ${formatByteCount(mostBytes)}, with their properties.`],
  })
