import type { EventDataBatch, EventHubProducerClient } from '@azure/event-hubs'
import type { Clock } from '../lib/clock.ts'
import { Failure } from '../lib/errors.ts'
import { inParallel } from '../lib/in-parallel.ts'
import { sharedSignal } from './open-clients.ts'
import { MOST_AT_ONCE, Pace } from './pace.ts'
import { portions } from './portions.ts'

/** One event: the body and the partition key. */
export interface LineToSend {
  /** The file, `-` for stdin, or the name of a sample. */
  readonly source: string
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

/** Sending ended before the last line. */
export class SendEnded extends Error {
  /** The first line that was not accepted. */
  readonly line: LineToSend
  /** How many lines behind it were accepted. */
  readonly acceptedBehind: number
  /** How many were on the way: nobody knows whether they were accepted. */
  readonly unknown: number

  constructor(cause: unknown, fields: Pick<SendEnded, 'line' | 'acceptedBehind' | 'unknown'>) {
    super('sending ended', { cause })
    this.line = fields.line
    this.acceptedBehind = fields.acceptedBehind
    this.unknown = fields.unknown
  }
}

/**
 * Batches whose answers are waited for at the same time. The service lets a client have some hundreds on the way, and the
 * client would fail beyond that. https://github.com/amqp/rhea/issues/228
 */
const MOST_BATCHES_AT_ONCE = 100

/**
 * Sends lines as they arrive. Lines that are available together go in one batch for each key, and lines of one key keep
 * their order. After an error of the input, the lines before it are still sent. What is on the way when the signal fires
 * is waited for. Rejects with the error of the input, the signal's reason, or a `SendEnded`.
 */
export async function sendLines(
  producer: EventHubProducerClient,
  lines: AsyncIterable<LineToSend>,
  options: SendOptions,
): Promise<void> {
  const { perSecond, clock } = options
  const signal = sharedSignal(options.signal)
  const pace = perSecond === undefined ? undefined : new Pace(perSecond, clock)
  const sender = new Sender(producer, { ...options, signal })
  try {
    for await (const portion of portions(lines, pace?.portion ?? MOST_AT_ONCE, signal)) {
      try {
        signal.throwIfAborted()
        await pace?.wait(portion.length, signal)
      } catch (error) {
        throw new SendEnded(error, { line: portion[0]!, acceptedBehind: 0, unknown: 0 })
      }
      await sender.send(portion)
    }
  } finally {
    sender.close()
  }
}

/** What is on the way when somebody stops the run is usually accepted within this time. */
const LAST_WAIT_MS = 5_000

/** Sends portions, and knows which of their lines were accepted. */
class Sender {
  readonly #producer: EventHubProducerClient
  readonly #options: SendOptions
  readonly #accepted = new Set<LineToSend>()
  #unknown = 0
  readonly #ended = new AbortController()
  readonly #waiting = new Set<(reason: unknown) => void>()

  constructor(producer: EventHubProducerClient, options: SendOptions) {
    this.#producer = producer
    this.#options = options
    const { clock, signal } = options
    const giveUp = () => {
      clock.sleep(LAST_WAIT_MS, this.#ended.signal).then(
        () => this.#waiting.forEach((reject) => reject(signal.reason)),
        () => undefined,
      )
    }
    signal.addEventListener('abort', giveUp, { once: true, signal: this.#ended.signal })
  }

  async send(portion: readonly LineToSend[]): Promise<void> {
    const errors: unknown[] = []
    await inParallel([...groupsOf(portion)], MOST_BATCHES_AT_ONCE, async ([key, lines]) => {
      if (errors.length > 0) return
      await this.#sendOfKey(key, lines).catch((error: unknown) => errors.push(error))
    })
    if (errors.length > 0) throw this.#endedWith(portion, errors[0])
    this.#accepted.clear()
  }

  close(): void {
    this.#ended.abort()
  }

  #endedWith(portion: readonly LineToSend[], cause: unknown): SendEnded {
    const at = portion.findIndex((line) => !this.#accepted.has(line))
    const behind = portion.slice(at).filter((line) => this.#accepted.has(line))
    return new SendEnded(cause, { line: portion[at]!, acceptedBehind: behind.length, unknown: this.#unknown })
  }

  async #sendOfKey(key: string | undefined, lines: readonly LineToSend[]): Promise<void> {
    const { partition, signal } = this.#options
    const open = () =>
      this.#producer.createBatch({
        abortSignal: signal,
        ...(key === undefined ? {} : { partitionKey: key }),
        ...(partition === undefined ? {} : { partitionId: partition }),
      })
    let batch = await open()
    let inBatch: LineToSend[] = []
    let bytes = 0
    for (const line of lines) {
      const body = Buffer.from(line.text)
      const event = { body, contentType: 'application/json' }
      if (!batch.tryAdd(event)) {
        await this.#flush(batch, inBatch, bytes)
        batch = await open()
        inBatch = []
        bytes = 0
        if (!batch.tryAdd(event)) throw tooLarge(line.number, body.length, batch.maxSizeInBytes)
      }
      inBatch.push(line)
      bytes += body.length
    }
    await this.#flush(batch, inBatch, bytes)
  }

  async #flush(batch: EventDataBatch, lines: readonly LineToSend[], bytes: number): Promise<void> {
    const { clock, signal, onSent } = this.#options
    if (lines.length === 0) return
    await whenNotBusy(() => this.#sendBatch(batch), { clock, signal })
    for (const line of lines) this.#accepted.add(line)
    onSent(lines.length, bytes)
  }

  /** The answer ends sending, not the signal: an event that was accepted is counted. */
  async #sendBatch(batch: EventDataBatch): Promise<void> {
    const { signal } = this.#options
    signal.throwIfAborted()
    let giveUp: (reason: unknown) => void = () => undefined
    try {
      await new Promise<void>((resolve, reject) => {
        giveUp = reject
        this.#waiting.add(giveUp)
        this.#producer.sendBatch(batch).then(resolve, reject)
      })
    } catch (error) {
      if (signal.aborted || isUnclear(error)) this.#unknown += batch.count
      throw error
    } finally {
      this.#waiting.delete(giveUp)
    }
  }
}

function groupsOf(lines: readonly LineToSend[]): ReadonlyMap<string | undefined, readonly LineToSend[]> {
  const groups = new Map<string | undefined, LineToSend[]>()
  for (const line of lines) {
    const group = groups.get(line.key)
    if (group) group.push(line)
    else groups.set(line.key, [line])
  }
  return groups
}

/** The answer may have been lost, and not the events. A busy service has refused them. */
const isUnclear = (error: unknown): boolean => {
  const { code, retryable } = error as { readonly code?: unknown; readonly retryable?: unknown }
  return retryable === true && !isBusy(code)
}

const isBusy = (code: unknown): boolean => code === 'ServerBusyError'

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
      if (!isBusy((error as { readonly code?: unknown }).code) || pauses >= MOST_PAUSES) throw error
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
