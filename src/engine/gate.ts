import { setMaxListeners } from 'node:events'
import type { Clock } from '../lib/clock.ts'
import { type Failure, Interruption, isAzureFailure, type AzureFailure } from '../lib/errors.ts'
import type { Call } from './cloud.ts'
import { Pace, type RequestKind } from './pace.ts'

const FIRST_DELAY_MS = 1_000
const MAX_DELAY_MS = 30_000
/** Trouble of server and network is given up after this many tries; throttling and conflicts are waited for to the end. */
const MAX_TRIES_ON_TROUBLE = 6
/** So many that the reads of nine hubs go out in one wave; Resource Manager allows bursts of 250. */
const CONCURRENCY = 32

export interface GateOptions {
  readonly clock: Clock
  /** Ends all waiting: an interruption or the deadline. */
  readonly stop: AbortSignal
  /** 0 up to 1; spreads the tries of parallel writes that hindered each other. */
  readonly random: () => number
}

export interface Attempt {
  /** `reads` unless it says otherwise. */
  readonly kind?: RequestKind
  /** Told before each wait, with what was waited for. */
  readonly onWait?: (error: Failure, delayMs: number) => void
  /** The thing above was seen to exist: a 404 is Azure catching up with itself. */
  readonly parentExists?: boolean
  /** Whether what is final by its looks may still pass, after waiting for so long in all. */
  readonly mayPass?: (error: Failure, waitedMs: number) => boolean
  /** Not tried again: a person waits for the answer, whatever it is. */
  readonly once?: boolean
  /** Ends the request while it is under way. `stop` if it is left out: a read may be dropped at once. */
  readonly signal?: AbortSignal
}

/** Sends requests through the gate of a run. */
export type Requests = Pick<Gate, 'run'>

interface Try extends Attempt {
  readonly tries: number
  readonly startedAt: number
}
type Tried<T> = { readonly answer: T } | { readonly error: Failure; readonly delayMs: number }

/**
 * Every request of a run goes through one gate. It bounds how many are under way, keeps the pace that Azure's answers set,
 * repeats what may succeed later, and when Azure throttles one request all of them wait.
 */
export class Gate {
  readonly #options: GateOptions
  /** What is known of Azure's limits. */
  readonly pace: Pace
  #opensAt = 0
  #closedBy: Failure | undefined
  #free = CONCURRENCY
  readonly #queue: (() => void)[] = []

  constructor(options: GateOptions) {
    this.#options = options
    this.pace = new Pace(options.clock)
    // Each request under way listens; Node would take more than ten for a leak and say so on stderr.
    setMaxListeners(0, options.stop)
  }

  /** Throws the `Failure` that could not be waited out, or the reason of `stop`, with what was waited for as its cause. */
  async run<T>(request: (call: Call) => Promise<T>, attempt: Attempt = {}): Promise<T> {
    const startedAt = this.#options.clock.now()
    for (let tries = 1; ; tries++) {
      const tried = await this.#try(request, { ...attempt, tries, startedAt })
      if ('answer' in tried) return tried.answer
      attempt.onWait?.(tried.error, tried.delayMs)
      await this.#wait(tried.delayMs, tried.error)
    }
  }

  /** The same gate for requests that another signal ends: writes that are under way get some time after `stop`. */
  endedBy(signal: AbortSignal): Requests {
    setMaxListeners(0, signal)
    return { run: (request, attempt) => this.run(request, { ...attempt, signal }) }
  }

  /** One try. The gate closes before the place is given away, so that whoever gets it finds it closed. */
  async #try<T>(request: (call: Call) => Promise<T>, attempt: Try): Promise<Tried<T>> {
    const { kind = 'reads' } = attempt
    await this.#place()
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
      this.#leave()
    }
  }

  #mayRetry(error: AzureFailure, { tries, startedAt, parentExists, mayPass, once }: Try): boolean {
    if (once) return false
    const { status } = error.azure
    if (mayPass?.(error, this.#options.clock.now() - startedAt)) return true
    if (status === 404 && parentExists) return tries < MAX_TRIES_ON_TROUBLE
    if (!error.retryable) return false
    return status === 429 || status === 409 || tries < MAX_TRIES_ON_TROUBLE
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

  async #place(): Promise<void> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#queue.push(resolve))
    else this.#free--
  }

  #leave(): void {
    const next = this.#queue.shift()
    if (next) next()
    else this.#free++
  }
}

/** How long an interruption waits for answers to writes that are already sent. */
const GRACE_MS = 5_000

/** Whether Azure surely does nothing about it; behind an error of server or network the write may have been taken. */
export const isTurnedAway = ({ azure }: Failure): boolean => azure?.status !== undefined && azure.status < 500

/** A signal that fires some seconds after `stop`, so that answers under way can still arrive. */
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
