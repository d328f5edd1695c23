import type { ApplyEvent } from '../../engine/apply.ts'
import type { WriteStep } from '../../engine/plan.ts'
import { isMilestone, SLOW_DOWN, waitReasonOf } from './steps.ts'
import { columnsOf } from '../text.ts'

/** Up to this number each write has a line of its own: about one screen, which a person can read. */
const MOST_TOLD_ONE_BY_ONE = 30
/** Azure slows down one write after another. Between two of its answers the slow-down still applies. */
const SLOW_DOWN_HOLDS_MS = 10_000

/** The counts of a run that is too large to show each write. Undefined for a smaller run. */
export const progressOf = (steps: readonly WriteStep[], now: number): Progress | undefined =>
  steps.length > MOST_TOLD_ONE_BY_ONE ? new Progress(steps.length, now) : undefined

/** Tracks how far a large run is. */
export class Progress {
  readonly #total: number
  readonly #timeLeft: TimeLeft
  #done = 0
  #failed = 0
  #running = 0
  #isStopping = false
  #slowedDownAt: number | undefined

  constructor(total: number, now: number) {
    this.#total = total
    this.#timeLeft = new TimeLeft(now)
  }

  event(event: ApplyEvent, now: number): void {
    switch (event.type) {
      case 'planned':
        return
      case 'started':
        this.#running++
        return
      case 'waiting':
        if (waitReasonOf(event) !== SLOW_DOWN || isMilestone(event.step)) return
        this.#slowedDownAt = now
        this.#timeLeft.slowDown(now)
        return
      case 'finished':
        this.#running--
        this.#done++
        if (isMilestone(event.step)) this.#timeLeft.restart(now)
        else this.#timeLeft.finished(now)
        return
      case 'failed':
        this.#running--
        this.#failed++
        return
      case 'overtaken':
        this.#running--
        return
      case 'stopping':
        this.#isStopping = true
    }
  }

  isSlowedDown(now: number): boolean {
    return this.#slowedDownAt !== undefined && now - this.#slowedDownAt < SLOW_DOWN_HOLDS_MS
  }

  /** Whether nothing runs and nothing more will start. */
  get isOver(): boolean {
    return this.#running === 0 && (this.#startsNothing || this.#done === this.#total)
  }

  get #startsNothing(): boolean {
    return this.#isStopping || this.#failed > 0
  }

  /** The counts without an estimate: `237 of 1402 done, 1 failed`. */
  get counts(): string {
    return `${this.#done} of ${this.#total} done${this.#failed > 0 ? `, ${this.#failed} failed` : ''}`
  }

  /** `237 of 1402 done, 8 running, about 1m 50s left`. Where that is too wide, `8 running` is left out. */
  summary(now: number, columns = Infinity): string {
    const running = this.#running > 0 ? `, ${this.#running} running` : ''
    const leftMs = this.#startsNothing ? undefined : this.#timeLeft.of(this.#total - this.#done, now)
    const left = leftMs === undefined ? '' : `, about ${formatLeft(leftMs)} left`
    const whole = this.counts + running + left
    return columnsOf(whole) <= columns ? whole : this.counts + left
  }
}

/** Fewer writes or less time say little about the rest. */
const LEAST_WRITES = 20
const LEAST_MS = 10_000
/** With fewer recent writes, the run has almost stopped, and nobody knows for how long. */
const LEAST_RECENT = 5
const LONGEST_WINDOW_MS = 120_000
/** Twice the rate that Resource Manager accepts over time. A faster rate is a burst, which ends. */
const BURST_PER_MS = 20 / 1_000
/** How fast the estimate follows a new measurement: after this time it has moved two thirds of the way. */
const CALM_MS = 5_000

/**
 * Estimates how long the rest will take from the rate of recent writes. Only the second half of the elapsed time
 * counts, two minutes at most: Resource Manager accepts a burst of 200 writes, then 10 a second, so that the start is
 * too fast.
 */
export class TimeLeft {
  #since: number
  #measured = 0
  #recent: number[] = []
  #isSlowedDown = false
  #told: { readonly at: number; readonly endsAt: number } | undefined

  constructor(now: number) {
    this.#since = now
  }

  /** Discards the measurements. Called when they no longer predict what follows. */
  restart(now: number): void {
    this.#since = now
    this.#measured = 0
    this.#recent = []
    this.#told = undefined
  }

  /** Azure asked to slow down. The rate that it accepts from the first such answer on is the rate to expect. */
  slowDown(now: number): void {
    if (!this.#isSlowedDown) this.restart(now)
    this.#isSlowedDown = true
  }

  finished(now: number): void {
    this.#measured++
    this.#recent.push(now)
  }

  /** Milliseconds for this many writes. Undefined while there are too few measurements, or during a burst. */
  of(writes: number, now: number): number | undefined {
    const elapsedMs = now - this.#since
    const windowMs = Math.min(elapsedMs / 2, LONGEST_WINDOW_MS)
    this.#recent = this.#recent.filter((at) => at > now - windowMs)
    const perMs = this.#recent.length / windowMs
    const isEnough = elapsedMs >= LEAST_MS && this.#measured >= LEAST_WRITES && this.#recent.length >= LEAST_RECENT
    const lasts = this.#isSlowedDown || perMs <= BURST_PER_MS
    this.#told = isEnough && lasts ? this.#tell(now, now + writes / perMs) : undefined
    return this.#told && Math.max(0, this.#told.endsAt - now)
  }

  /** Moves the estimated end gradually towards the new measurement: answers in groups would make it jump. */
  #tell(now: number, measured: number) {
    const { at, endsAt } = this.#told ?? { at: now, endsAt: measured }
    return { at: now, endsAt: endsAt + (measured - endsAt) * (1 - Math.exp((at - now) / CALM_MS)) }
  }
}

/** `45s`, `1m 50s`, `12m`, `1h 05m`: rounded up, and no more precise than an estimate can be. */
export function formatLeft(ms: number): string {
  const upTo = (seconds: number) => Math.max(1, Math.ceil(ms / 1_000 / seconds)) * seconds
  const two = (n: number) => String(n).padStart(2, '0')
  if (upTo(5) < 60) return `${upTo(5)}s`
  if (upTo(10) < 600) return `${Math.floor(upTo(10) / 60)}m ${two(upTo(10) % 60)}s`
  const minutes = upTo(60) / 60
  return minutes < 60 ? `${minutes}m` : `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`
}
