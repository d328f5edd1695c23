import { randomUUID } from 'node:crypto'
import type { Connection } from '../engine/connection.ts'
import type { LoadOutcome, LoadPlan } from '../engine/load-test.ts'
import { Bell } from '../lib/clock.ts'
import { type Attempt, dataError } from './failure.ts'
import { LoadReaders } from './load-readers.ts'
import { LoadSender, type LoadSide } from './load-sender.ts'
import { closeSoon, openConsumer, openProducer, sharedSignal } from './open-clients.ts'
import type { ProbeOptions } from './probe.ts'

/** For answers and events after the last one was sent; less where somebody stopped it. */
const REST_MS = 30_000
const REST_WHEN_STOPPED_MS = 2_000

/**
 * Sends events to all partitions at a steady rate, reads them back, and counts. Answers with what came through so far when
 * the signal fires, and when sending or reading fails.
 */
export async function runLoadTest(connection: Connection, plan: LoadPlan, options: ProbeOptions): Promise<LoadOutcome> {
  const { clock, signal, target, consumerGroup } = options
  const failed = new AbortController()
  const news = new Bell()
  const ended = sharedSignal(signal, failed.signal)
  const shared = { id: randomUUID(), clock, news, signal: ended }
  const sideOf = (doing: Attempt['doing']): LoadSide => ({
    ...shared,
    onError: (error) => failed.abort({ doing, error } satisfies Broken),
  })
  const [producer, consumer] = [openProducer(connection, options), openConsumer(connection, consumerGroup, options)]
  const readers = new LoadReaders(consumer, sideOf('read'))
  const sender = new LoadSender(producer, plan, sideOf('send'))
  const ring = () => news.ring()
  ended.addEventListener('abort', ring)
  const stoppedBy = () => (signal.aborted && ended.reason === signal.reason ? (signal.reason as unknown) : undefined)

  /** Until every accepted event has come, for a bounded time. */
  const waitForRest = async (): Promise<void> => {
    const beganMs = clock.now()
    const isDone = () => sender.isAnswered && readers.counts.seen >= sender.counts.accepted
    const leftMs = () => beganMs + (signal.aborted ? REST_WHEN_STOPPED_MS : REST_MS) - clock.now()
    while (!isDone() && !failed.signal.aborted && leftMs() > 0) await news.wait(clock, leftMs())
  }

  try {
    await readers.open()
    const beganMs = clock.now()
    await sender.send()
    const elapsedMs = Math.max(1, clock.now() - beganMs)
    await waitForRest()
    const { seen, ...read } = readers.counts
    const sent = sender.counts
    const received = Math.min(sent.accepted, seen)
    const by = stoppedBy()
    const broken = by === undefined && failed.signal.aborted ? (failed.signal.reason as Broken) : undefined
    return {
      ...{ plan, elapsedMs, received, lost: sent.accepted - received, ...sent, ...read, stoppedBy: by },
      error: broken && dataError(broken.error, { connection, target, consumerGroup, doing: broken.doing }),
    }
  } finally {
    ended.removeEventListener('abort', ring)
    await readers.close()
    await closeSoon(producer, consumer)
  }
}

/** Why a test ended early. */
interface Broken extends Pick<Attempt, 'doing'> {
  readonly error: unknown
}
