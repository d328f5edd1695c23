import { subscribe } from 'node:diagnostics_channel'
import type { ClientRequest } from 'node:http'
import type { Clock } from '../../src/lib/clock.ts'

interface Sleeper {
  wakeAt: number
  /** Whether a request waits for it. */
  readonly holdsRequest: boolean
  readonly wake: () => void
}

/** Requests of this process that have no whole answer yet, and how often one began or ended. */
const requests = { underWay: 0, turns: 0 }
const count = (difference: number) => {
  requests.underWay += difference
  requests.turns++
}
subscribe('http.client.request.start', (message) => {
  count(1)
  // It comes in every case: also when the answer breaks off, or nobody waits for it any longer.
  ;(message as { readonly request: ClientRequest }).request.once('close', () => count(-1))
})

const QUIET_MS = 2
/** With a request under way, the one who sleeps is probably the server that shall answer it, and then not for long. */
const QUIET_LOOKS_WHILE_REQUESTING = 12
const LONGEST_JUMP_WHILE_REQUESTING_MS = 10_000
/** What sleeps longer is a time limit, which tests reach by `advance`. */
const LONGEST_JUMP_MS = 10 * 60_000

/**
 * A clock turned by hand. `advance(ms)` wakes the sleepers that are due, in order. With `autoAdvance`, time jumps to the
 * next sleeper as soon as everything else has come to rest, so that minutes of waiting for a provisioning state pass at
 * once and are still seen in order.
 */
export class ManualClock implements Clock {
  #now: number
  #sleepers: Sleeper[] = []
  readonly #autoAdvance: boolean
  #advancing = false

  constructor(options: { readonly start?: number; readonly autoAdvance?: boolean } = {}) {
    this.#now = options.start ?? Date.parse('2026-03-01T12:00:00Z')
    this.#autoAdvance = options.autoAdvance ?? false
  }

  now(): number {
    return this.#now
  }

  /** Milliseconds from the start that somebody sleeps for; for asserting what was waited for. */
  get pending(): readonly number[] {
    return this.#sleepers.map((sleeper) => sleeper.wakeAt - this.#now)
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#sleep(ms, signal, false)
  }

  /** The same clock for a server that sleeps only to let a request wait: nobody else is then waited for. */
  get ofServer(): Clock {
    return { now: () => this.#now, sleep: (ms, signal) => this.#sleep(ms, signal, true) }
  }

  #sleep(ms: number, signal: AbortSignal | undefined, holdsRequest: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error)
      const onAbort = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
        reject(signal?.reason as Error)
      }
      const wake = () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      const sleeper: Sleeper = { wakeAt: this.#now + Math.max(0, ms), wake, holdsRequest }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', onAbort, { once: true })
      if (this.#autoAdvance) this.#advanceWhenQuiet()
    })
  }

  advance(ms: number): void {
    const target = this.#now + ms
    for (;;) {
      const due = this.#sleepers.filter((s) => s.wakeAt <= target).sort((a, b) => a.wakeAt - b.wakeAt)[0]
      if (!due) break
      this.#now = Math.max(this.#now, due.wakeAt)
      this.#sleepers = this.#sleepers.filter((s) => s !== due)
      due.wake()
    }
    this.#now = target
  }

  /** As when somebody sets the clock of a machine: who sleeps wakes no later. */
  setBack(ms: number): void {
    this.#now -= ms
    for (const sleeper of this.#sleepers) sleeper.wakeAt -= ms
  }

  #advanceWhenQuiet(): void {
    if (this.#advancing) return
    this.#advancing = true
    this.#look(0, requests.turns)
  }

  /** Looks again and again, until no request has begun or ended in between. */
  #look(quietLooks: number, turnsBefore: number): void {
    setTimeout(() => {
      const isQuiet = requests.turns === turnsBefore
      const isRequesting = requests.underWay > this.#sleepers.filter((sleeper) => sleeper.holdsRequest).length
      if (!isQuiet || (isRequesting && quietLooks < QUIET_LOOKS_WHILE_REQUESTING))
        return this.#look(isQuiet ? quietLooks + 1 : 0, requests.turns)
      this.#advancing = false
      const next = Math.min(...this.#sleepers.map((sleeper) => sleeper.wakeAt))
      if (next - this.#now > LONGEST_JUMP_MS) return
      const isSlowMachine = isRequesting && next - this.#now > LONGEST_JUMP_WHILE_REQUESTING_MS
      if (!isSlowMachine) this.advance(next - this.#now)
      if (this.#sleepers.length > 0) this.#advanceWhenQuiet()
    }, QUIET_MS)
  }
}
