import { describe, type ApplyEvent, type Reporter, type WriteStep } from '../engine/plan-types.ts'
import type { Clock } from '../lib/clock.ts'
import { formatRunning, STOPPING, usualTimeOf, waitReasonOf, wordsOf } from './step-words.ts'
import { plain } from './text.ts'

const HEARTBEAT_MS = 30_000

/**
 * One line for each change, for logs: `12:04:31Z create namespace ns-demo: done (77s)`. No escape sequences. A line every 30
 * seconds for what takes long, so that no CI calls the job stuck.
 */
export class LineReporter implements Reporter {
  readonly #write: (line: string) => void
  readonly #clock: Clock
  readonly #beats = new Map<WriteStep, AbortController>()
  readonly #reasons = new Map<WriteStep, string>()
  #waitSaid: { readonly text: string; readonly elapsedMs: number } | undefined

  constructor(write: (line: string) => void, clock: Clock) {
    this.#write = write
    this.#clock = clock
  }

  event(event: ApplyEvent): void {
    switch (event.type) {
      case 'started': {
        const usual = usualTimeOf(event.step)
        this.#say(event.step, usual === undefined ? 'started' : `started, ${usual}`)
        void this.#beat(event.step)
        return
      }
      case 'waiting':
        return this.#sayReason(event.step, waitReasonOf(event))
      case 'finished':
        this.#stopBeat(event.step)
        return this.#say(event.step, `done (${formatRunning(event.elapsedMs)})`)
      case 'failed':
        this.#stopBeat(event.step)
        return this.#say(event.step, `failed (${formatRunning(event.elapsedMs)})`)
      case 'stopping':
        return this.#line(STOPPING)
    }
  }

  waiting(text: string, elapsedMs: number): void {
    const said = this.#waitSaid
    if (said?.text === text && elapsedMs >= said.elapsedMs && elapsedMs - said.elapsedMs < HEARTBEAT_MS) return
    this.#waitSaid = { text, elapsedMs }
    this.#line(`${plain(text)} (${formatRunning(elapsedMs)})`)
  }

  close(): void {
    for (const beat of this.#beats.values()) beat.abort()
    this.#beats.clear()
  }

  #sayReason(step: WriteStep, reason: string | undefined): void {
    if (reason === this.#reasons.get(step)) return
    if (reason === undefined) this.#reasons.delete(step)
    else {
      this.#reasons.set(step, reason)
      this.#say(step, reason)
    }
  }

  #say(step: WriteStep, what: string): void {
    this.#line(`${wordsOf(step).verb} ${plain(describe(step.target))}: ${what}`)
  }

  /** UTC, as the logs of CI systems have it. */
  #line(text: string): void {
    this.#write(`${new Date(this.#clock.now()).toISOString().slice(11, 19)}Z ${text}`)
  }

  async #beat(step: WriteStep): Promise<void> {
    this.#stopBeat(step)
    const stop = new AbortController()
    this.#beats.set(step, stop)
    const startedAt = this.#clock.now()
    for (;;) {
      await this.#clock.sleep(HEARTBEAT_MS, stop.signal).catch(() => undefined)
      if (stop.signal.aborted) return
      this.#say(step, `still ${wordsOf(step).running} (${formatRunning(this.#clock.now() - startedAt)})`)
    }
  }

  #stopBeat(step: WriteStep): void {
    this.#beats.get(step)?.abort()
    this.#beats.delete(step)
  }
}
