import type { EventDataBatch, EventHubProducerClient } from '@azure/event-hubs'
import type { Clock } from '../lib/clock.ts'
import { Failure } from '../lib/errors.ts'

/** One event: the body and the partition key. */
export interface LineToSend {
  /** Line number, from 1. */
  readonly number: number
  readonly text: string
  readonly key: string | undefined
}

export interface SendOptions {
  /** Undefined: the key or Event Hubs chooses the partition. */
  readonly partition: string | undefined
  /** Undefined: as fast as possible. */
  readonly perSecond: number | undefined
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Called with accepted events. */
  readonly onSent: (events: number, bytes: number) => void
}

const MOST_AT_ONCE = 1_000
const MOST_BATCHES_AT_ONCE = 20
/** With a rate, events go out in this many portions a second. */
const PORTIONS_PER_SECOND = 10

/**
 * Sends lines as they arrive. Lines that are available together go in one batch for each key, and lines of one key keep
 * their order. After an error of the input, the lines before it are still sent. Rejects with that error, the client's, or
 * the signal's reason.
 */
export async function sendLines(
  producer: EventHubProducerClient,
  lines: AsyncIterable<LineToSend>,
  options: SendOptions,
): Promise<void> {
  const { perSecond, clock, signal } = options
  const most = perSecond === undefined ? MOST_AT_ONCE : Math.ceil(perSecond / PORTIONS_PER_SECOND)
  const startedAt = clock.now()
  let sent = 0
  for await (const portion of portions(lines, Math.min(most, MOST_AT_ONCE), signal)) {
    signal.throwIfAborted()
    if (perSecond !== undefined) {
      const waitMs = startedAt + (sent / perSecond) * 1_000 - clock.now()
      if (waitMs > 0) await clock.sleep(waitMs, signal)
    }
    await sendPortion(producer, portion, options)
    sent += portion.length
  }
}

type Pulled = { readonly line: LineToSend } | { readonly error: unknown } | 'end'

/** Groups of lines that are available together, up to `most` lines. */
async function* portions(
  lines: AsyncIterable<LineToSend>,
  most: number,
  signal: AbortSignal,
): AsyncGenerator<readonly LineToSend[]> {
  const source = lines[Symbol.asyncIterator]()
  const stopped = new Promise<Pulled>((resolve) =>
    signal.addEventListener('abort', () => resolve({ error: signal.reason }), { once: true }),
  )
  const pull = (): Promise<Pulled> => {
    const pulled = source.next().then(
      (result): Pulled => (result.done ? 'end' : { line: result.value }),
      (error: unknown): Pulled => ({ error }),
    )
    // The input may be silent for a long time, so an abort ends the wait.
    return Promise.race([pulled, stopped])
  }
  let next = pull()
  for (;;) {
    let portion: LineToSend[] = []
    let pulled: Pulled | 'later' = await next
    while (pulled !== 'later' && pulled !== 'end' && 'line' in pulled) {
      portion.push(pulled.line)
      next = pull()
      if (portion.length >= most) {
        yield portion
        portion = []
        pulled = await next
      } else pulled = await Promise.race([next, nextTurn()])
    }
    if (portion.length > 0) yield portion
    if (pulled === 'end') return
    if (pulled !== 'later') throw pulled.error
  }
}

const nextTurn = (): Promise<'later'> => new Promise((resolve) => setImmediate(() => resolve('later')))

async function sendPortion(
  producer: EventHubProducerClient,
  portion: readonly LineToSend[],
  options: SendOptions,
): Promise<void> {
  const groups = new Map<string | undefined, LineToSend[]>()
  for (const line of portion) {
    const group = groups.get(line.key)
    if (group) group.push(line)
    else groups.set(line.key, [line])
  }
  const byKey = [...groups]
  for (let i = 0; i < byKey.length; i += MOST_BATCHES_AT_ONCE) {
    const some = byKey.slice(i, i + MOST_BATCHES_AT_ONCE)
    await Promise.all(some.map(([key, lines]) => sendOfKey(producer, key, lines, options)))
  }
}

async function sendOfKey(
  producer: EventHubProducerClient,
  key: string | undefined,
  lines: readonly LineToSend[],
  { partition, clock, signal, onSent }: SendOptions,
): Promise<void> {
  const open = () =>
    producer.createBatch({
      abortSignal: signal,
      ...(key === undefined ? {} : { partitionKey: key }),
      ...(partition === undefined ? {} : { partitionId: partition }),
    })
  const flush = async (batch: EventDataBatch, bytes: number) => {
    if (batch.count === 0) return
    await whenNotBusy(() => producer.sendBatch(batch, { abortSignal: signal }), { clock, signal })
    onSent(batch.count, bytes)
  }
  let batch = await open()
  let bytes = 0
  for (const { text, number } of lines) {
    const body = Buffer.from(text)
    const event = { body, contentType: 'application/json' }
    if (!batch.tryAdd(event)) {
      await flush(batch, bytes)
      batch = await open()
      bytes = 0
      if (!batch.tryAdd(event)) throw tooLarge(number, body.length, batch.maxSizeInBytes)
    }
    bytes += body.length
  }
  await flush(batch, bytes)
}

/**
 * The pause that Event Hubs asks for when more comes in than a namespace takes. It takes nothing of what it refuses then, so
 * sending it again makes no event twice.
 */
const BUSY_PAUSE_MS = 4_000
/** A minute. */
const MOST_PAUSES = 15

async function whenNotBusy(
  send: () => Promise<void>,
  { clock, signal }: Pick<SendOptions, 'clock' | 'signal'>,
): Promise<void> {
  for (let pauses = 0; ; pauses++) {
    try {
      return await send()
    } catch (error) {
      const { code } = error as { readonly code?: unknown }
      if (code !== 'ServerBusyError' || pauses >= MOST_PAUSES) throw error
      await clock.sleep(BUSY_PAUSE_MS, signal)
    }
  }
}

const tooLarge = (line: number, bytes: number, most: number): Failure =>
  new Failure({
    code: 'usage',
    message: `Can't send line ${line}: it has ${bytes} bytes`,
    why: [`An event can have at most ${most} bytes, with its properties and overhead.`],
    hint: 'Leave it out, or split it.',
  })
