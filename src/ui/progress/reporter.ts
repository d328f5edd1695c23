import { describe } from '../../resources/step.ts'
import type { WriteStep } from '../../engine/plan.ts'
import type { ApplyEvent } from '../../engine/apply.ts'
import type { Clock } from '../../lib/clock.ts'
import { progressOf, type Progress } from './progress.ts'
import {
  type PlanReporter,
  formatRunning,
  isMilestone,
  OVERTAKEN,
  SLOW_DOWN,
  stoppingWords,
  usualTimeOf,
  waitReasonOf,
  wordsOf,
} from './steps.ts'
import { plain, makeStyle } from '../text.ts'
import type { Io } from '../io.ts'

const HEARTBEAT_MS = 30_000
/** How often a large run prints its counts while they change and no other line is printed. */
const COUNT_MS = 10_000

interface Count {
  readonly progress: Progress
  readonly stop: AbortController
  said: string
}

/**
 * Prints one line for each change, for logs: `12:04:31Z create namespace ns-demo: done (77s)`. No escape sequences. A
 * slow step gets a line every 30 seconds, so that CI does not consider the job stuck. For a large run it prints counts
 * instead: only failures and steps that all others wait for have lines of their own.
 */
export class LineReporter implements PlanReporter {
  readonly #write: (line: string) => void
  readonly #clock: Clock
  readonly #beats = new Map<WriteStep, AbortController>()
  readonly #reasons = new Map<WriteStep, string>()
  /** Set in a large run only. */
  #count: Count | undefined
  /** Reasons already printed in a large run. A reason that applies to many writes is printed only for the first. */
  readonly #reasonsOfMany = new Set<string>()
  #waitSaid: { readonly text: string; readonly elapsedMs: number } | undefined
  #lastLineAt = 0

  constructor(write: (line: string) => void, clock: Clock) {
    this.#write = write
    this.#clock = clock
  }

  /** Lines of a log have no columns. */
  lineUp(): void {}

  event(event: ApplyEvent): void {
    this.#count?.progress.event(event, this.#clock.now())
    switch (event.type) {
      case 'planned': {
        const progress = progressOf(event.steps, this.#clock.now())
        if (progress) void this.#startCount(progress)
        return
      }
      case 'started':
        return this.#sayStarted(event.step)
      case 'waiting':
        return this.#sayReason(event.step, waitReasonOf(event))
      case 'finished':
        this.#stopBeat(event.step)
        if (this.#hasOwnLines(event.step)) this.#say(event.step, `done (${formatRunning(event.elapsedMs)})`)
        break
      case 'failed':
        this.#stopBeat(event.step)
        this.#say(event.step, `failed (${formatRunning(event.elapsedMs)})`)
        break
      case 'overtaken':
        this.#stopBeat(event.step)
        this.#say(event.step, OVERTAKEN)
        break
      case 'stopping':
        this.#line(stoppingWords(event))
    }
    if (this.#count?.progress.isOver) this.#endCount(this.#count)
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
    if (this.#count) this.#endCount(this.#count)
  }

  #hasOwnLines(step: WriteStep): boolean {
    return !this.#count || isMilestone(step)
  }

  /**
   * A large run prints its counts here: the write that follows a finished one has started, so that they are right
   * again.
   */
  #sayStarted(step: WriteStep): void {
    if (this.#count && !this.#hasOwnLines(step)) return this.#sayChange(this.#count)
    const usual = usualTimeOf(step)
    this.#say(step, usual === undefined ? 'started' : `started, ${usual}`)
    void this.#beat(step)
  }

  #sayReason(step: WriteStep, reason: string | undefined): void {
    if (!this.#hasOwnLines(step)) return this.#sayReasonOfMany(step, reason)
    if (reason === this.#reasons.get(step)) return
    if (reason === undefined) this.#reasons.delete(step)
    else {
      this.#reasons.set(step, reason)
      this.#say(step, reason)
    }
  }

  #sayReasonOfMany(step: WriteStep, reason: string | undefined): void {
    if (reason === undefined || this.#reasonsOfMany.has(reason)) return
    this.#reasonsOfMany.add(reason)
    if (reason === SLOW_DOWN) this.#line(reason)
    else this.#say(step, reason)
  }

  #say(step: WriteStep, what: string): void {
    this.#line(`${wordsOf(step).verb} ${plain(describe(step.target))}: ${what}`)
  }

  /** Prints a line with the time in UTC, like the logs of CI systems. */
  #line(text: string): void {
    this.#lastLineAt = this.#clock.now()
    this.#write(`${new Date(this.#lastLineAt).toISOString().slice(11, 19)}Z ${text}`)
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

  /**
   * Starts the counts of a large run. Its steps have no heartbeat: instead the counts are repeated after 30 quiet
   * seconds.
   */
  async #startCount(progress: Progress): Promise<void> {
    const count: Count = { progress, stop: new AbortController(), said: progress.counts }
    this.#count = count
    this.#lastLineAt = this.#clock.now()
    const { signal } = count.stop
    for (;;) {
      await this.#clock.sleep(HEARTBEAT_MS - this.#quietMs, signal).catch(() => undefined)
      if (signal.aborted) return
      if (this.#quietMs >= HEARTBEAT_MS) this.#sayCount(count)
    }
  }

  get #quietMs(): number {
    return this.#clock.now() - this.#lastLineAt
  }

  #sayChange(count: Count): void {
    if (count.progress.counts !== count.said && this.#quietMs >= COUNT_MS) this.#sayCount(count)
  }

  #sayCount(count: Count): void {
    this.#line(count.progress.summary(this.#clock.now()))
    count.said = count.progress.counts
  }

  /** Prints the final counts, unless they were printed already. */
  #endCount({ progress, stop, said }: Count): void {
    if (stop.signal.aborted) return
    stop.abort()
    if (progress.counts !== said) this.#line(progress.counts)
  }
}

/** Prints nothing. */
export const silentReporter: PlanReporter = {
  lineUp: () => undefined,
  event: () => undefined,
  waiting: () => undefined,
  close: () => undefined,
}

/** Animated lines on a terminal that supports them, elsewhere a line for each change; silent if progress is off. */
export async function chooseReporter(io: Io, clock: Clock): Promise<PlanReporter> {
  if (io.quiet || io.progress === 'none') return silentReporter
  if (!io.canAnimate) return new LineReporter(io.note, clock)
  const { LiveReporter } = await import('./live-reporter.ts')
  return new LiveReporter(io.stderr, makeStyle(io.color.stderr, io.unicode.stderr), clock)
}
