import { setMaxListeners } from 'node:events'
import type { Clock } from '../lib/clock.ts'
import { type Failure, Interruption, isAzureFailure, type AzureFailure } from '../lib/errors.ts'
import type { Call } from './cloud.ts'

const FIRST_DELAY_MS = 1_000
const MAX_DELAY_MS = 30_000
/** For server and network errors. Throttling and conflicts are retried until the deadline. */
const MAX_TRIES = 6
/** Enough for the reads of nine hubs at once; Resource Manager allows bursts of 250. */
const CONCURRENCY = 32

export interface GateOptions {
  readonly clock: Clock
  /** Fires on an interruption or at the deadline and ends all waiting. */
  readonly stop: AbortSignal
  /** 0 up to 1; spreads the retries of parallel writes. */
  readonly random: () => number
}

export interface Attempt {
  /** Default: `reads`. */
  readonly kind?: RequestKind
  /** Called before each retry, with the reason. */
  readonly onWait?: (error: Failure, delayMs: number) => void
  /** The parent exists, so a 404 means that Azure has not replicated it yet. */
  readonly parentExists?: boolean
  /** Whether to retry an error that is usually final, after waiting this long in total. */
  readonly isTemporary?: (error: Failure, waitedMs: number) => boolean
  /** Never retry, because a person is waiting. */
  readonly once?: boolean
  /** For what the run can do without: send it so often at most, also when Azure throttles. */
  readonly mostTries?: number
  /** Aborts the request itself. Default: `stop`. */
  readonly signal?: AbortSignal
}

/** Sends requests through the gate of the run. */
export type Requests = Pick<Gate, 'run'>

interface Try extends Attempt {
  readonly tries: number
  readonly startedAt: number
}
type Tried<T> = { readonly answer: T } | { readonly error: Failure; readonly delayMs: number }

/**
 * Every request of a run goes through one gate. It limits how many are sent at once and how fast, retries, and makes all
 * requests wait when Azure throttles one.
 */
export class Gate {
  readonly #options: GateOptions
  readonly pace: Pace
  #opensAt = 0
  #closedBy: Failure | undefined
  #free = CONCURRENCY
  readonly #queue: (() => void)[] = []

  constructor(options: GateOptions) {
    this.#options = options
    this.pace = new Pace(options.clock)
    // Each request adds a listener; Node would warn of a leak above ten.
    setMaxListeners(0, options.stop)
  }

  /** Throws the final `Failure`, or the reason of `stop` with the failure that it was waiting on as its cause. */
  async run<T>(request: (call: Call) => Promise<T>, attempt: Attempt = {}): Promise<T> {
    const startedAt = this.#options.clock.now()
    for (let tries = 1; ; tries++) {
      const tried = await this.#try(request, { ...attempt, tries, startedAt })
      if ('answer' in tried) return tried.answer
      attempt.onWait?.(tried.error, tried.delayMs)
      await this.#wait(tried.delayMs, tried.error)
    }
  }

  /** The same gate with another signal for requests, so that running writes can finish after `stop`. */
  endedBy(signal: AbortSignal): Requests {
    setMaxListeners(0, signal)
    return { run: (request, attempt) => this.run(request, { ...attempt, signal }) }
  }

  /** The gate closes before the slot is released, so that the next request finds it closed. */
  async #try<T>(request: (call: Call) => Promise<T>, attempt: Try): Promise<Tried<T>> {
    const { kind = 'reads' } = attempt
    await this.#takeSlot()
    const turnInMs = this.pace.enter(kind)
    try {
      if (turnInMs > 0) await this.#wait(turnInMs, undefined)
      await this.#untilOpen()
      return { answer: await request({ signal: attempt.signal ?? this.#options.stop }) }
    } catch (error) {
      if (!isAzureFailure(error)) throw error
      const delayMs = error.retryAfterMs ?? this.#delayOf(attempt.tries)
      if (error.azure.status === 429) this.#close(delayMs, error)
      if (!this.#mayRetry(error, attempt)) throw error
      return { error, delayMs }
    } finally {
      this.pace.leave(kind)
      this.#releaseSlot()
    }
  }

  #mayRetry(
    error: AzureFailure,
    { tries, startedAt, parentExists, isTemporary, once, mostTries = Infinity }: Try,
  ): boolean {
    if (once || tries >= mostTries) return false
    const { status } = error.azure
    if (isTemporary?.(error, this.#options.clock.now() - startedAt)) return true
    if (status === 404 && parentExists) return tries < MAX_TRIES
    return error.retryable && (status === 429 || status === 409 || tries < MAX_TRIES)
  }

  #delayOf(tries: number): number {
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (tries - 1), MAX_DELAY_MS)
    return Math.round(delayMs * (0.75 + this.#options.random() / 2))
  }

  #close(delayMs: number, error: Failure): void {
    this.#opensAt = Math.max(this.#opensAt, this.#options.clock.now() + delayMs)
    this.#closedBy = error
  }

  async #wait(delayMs: number, error: Failure | undefined): Promise<void> {
    const { clock, stop } = this.#options
    try {
      await clock.sleep(delayMs, stop)
    } catch (reason) {
      throw reason instanceof Interruption ? new Interruption(reason.kind, { cause: error }) : reason
    }
  }

  async #untilOpen(): Promise<void> {
    const { clock, stop } = this.#options
    stop.throwIfAborted()
    while (clock.now() < this.#opensAt) await this.#wait(this.#opensAt - clock.now(), this.#closedBy)
  }

  async #takeSlot(): Promise<void> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#queue.push(resolve))
    else this.#free--
  }

  #releaseSlot(): void {
    const next = this.#queue.shift()
    if (next) next()
    else this.#free++
  }
}

/** How long running writes may still take after an interruption. */
const GRACE_MS = 5_000

/** Whether Azure certainly did not accept the write. After a server or network error it may have. */
export const isRejected = ({ azure }: Failure): boolean => azure?.status !== undefined && azure.status < 500

/** A signal that fires some seconds after `stop`, so that pending answers can still arrive. */
export function abortAfterGrace(clock: Clock, stop: AbortSignal, onStop: () => void) {
  const controller = new AbortController()
  const timer = new AbortController()
  const begin = () => {
    onStop()
    clock.sleep(GRACE_MS, timer.signal).then(
      () => controller.abort(stop.reason),
      () => undefined,
    )
  }
  if (stop.aborted) begin()
  else stop.addEventListener('abort', begin, { once: true })
  return {
    signal: controller.signal,
    dispose: () => {
      stop.removeEventListener('abort', begin)
      timer.abort()
    },
  }
}

/** Resource Manager has a separate limit for each. Every POST counts as a write. */
export type RequestKind = 'reads' | 'writes' | 'deletes'

/**
 * Token buckets of Resource Manager, for one principal in one subscription and region.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
 */
const BUCKETS: Readonly<Record<RequestKind, { readonly size: number; readonly perSecond: number }>> = {
  reads: { size: 250, perSecond: 25 },
  writes: { size: 200, perSecond: 10 },
  deletes: { size: 200, perSecond: 10 },
}

/** Tokens left unused, because requests may overtake each other on the network. */
const RESERVE = 2

/**
 * Delays requests so that they stay below Azure's limits, from the remaining count in each answer. Without such a count
 * nothing is delayed here; the gate then waits when Azure throttles.
 */
export class Pace {
  readonly #clock: Clock
  readonly #left = new Map<RequestKind, { readonly tokens: number; readonly at: number }>()
  readonly #unanswered: Record<RequestKind, number> = { reads: 0, writes: 0, deletes: 0 }

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes a token and answers how many milliseconds to wait for it. Call `leave` afterwards. */
  enter(kind: RequestKind): number {
    this.#unanswered[kind]++
    const left = this.#left.get(kind)
    if (!left) return 0
    const { size, perSecond } = BUCKETS[kind]
    const now = this.#clock.now()
    const tokens = Math.min(size, left.tokens + ((now - left.at) / 1_000) * perSecond) - 1
    this.#left.set(kind, { tokens, at: now })
    return tokens >= 0 ? 0 : Math.ceil((-tokens / perSecond) * 1_000)
  }

  leave(kind: RequestKind): void {
    this.#unanswered[kind]--
  }

  /** Takes the remaining count of an answer. Azure may not have counted the pending requests yet. */
  learn(kind: RequestKind, left: number): void {
    const others = Math.max(0, this.#unanswered[kind] - 1)
    this.#left.set(kind, { tokens: left - others - RESERVE, at: this.#clock.now() })
  }
}
