import type { ApplyEvent } from '../../engine/apply.ts'
import type { WriteStep } from '../../engine/plan.ts'
import { isMilestone, SLOW_DOWN, waitReasonOf } from './steps.ts'
import { columnsOf } from '../text.ts'

/** Up to here each write has a line of its own: about a screen of them, which a person still reads. */
const MOST_TOLD_ONE_BY_ONE = 30
/** Azure says it again and again, to one write or another; in between it holds as well. */
const SLOW_DOWN_HOLDS_MS = 10_000

/** The counts of a run that is too large to be told write by write; undefined for one that is not. */
export const progressOf = (steps: readonly WriteStep[], now: number): Progress | undefined =>
  steps.length > MOST_TOLD_ONE_BY_ONE ? new Progress(steps.length, now) : undefined

/** How far a large run is. */
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

  /** What is certain: `237 of 1402 done, 1 failed`. */
  get counts(): string {
    return `${this.#done} of ${this.#total} done${this.#failed > 0 ? `, ${this.#failed} failed` : ''}`
  }

  /** `237 of 1402 done, 8 running, about 1m 50s left`; where that is too wide, without what runs. */
  summary(now: number, columns = Infinity): string {
    const running = this.#running > 0 ? `, ${this.#running} running` : ''
    const leftMs = this.#startsNothing ? undefined : this.#timeLeft.of(this.#total - this.#done, now)
    const left = leftMs === undefined ? '' : `, about ${formatLeft(leftMs)} left`
    const whole = this.counts + running + left
    return columnsOf(whole) <= columns ? whole : this.counts + left
  }
}

/** Less says little about the rest. */
const LEAST_WRITES = 20
const LEAST_MS = 10_000
/** With fewer of them lately, writes have come to a halt, and nobody knows how long it lasts. */
const LEAST_RECENT = 5
const LONGEST_WINDOW_MS = 120_000
/** Twice what Resource Manager takes in the long run: a burst, which ends. */
const BURST_PER_MS = 20 / 1_000
/** How soon a new measurement counts: by two thirds after so long. */
const CALM_MS = 5_000

/**
 * How long the rest will take, by how fast writes were lately. Counted is the second half of the time, two minutes at
 * most: Resource Manager takes a burst of 200 writes and then 10 a second, so that the beginning promises too much.
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

  /** Forgets what was measured, where it says nothing about what comes. */
  restart(now: number): void {
    this.#since = now
    this.#measured = 0
    this.#recent = []
    this.#told = undefined
  }

  /** Azure asks for it: what it lets through from the first time on is what it will go on to let through. */
  slowDown(now: number): void {
    if (!this.#isSlowedDown) this.restart(now)
    this.#isSlowedDown = true
  }

  finished(now: number): void {
    this.#measured++
    this.#recent.push(now)
  }

  /** Milliseconds for so many writes; undefined while too little is measured, or a burst that cannot last. */
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

  /** Moves from the end that was told last towards the one just measured, so that answers in clumps make no jumps. */
  #tell(now: number, measured: number) {
    const { at, endsAt } = this.#told ?? { at: now, endsAt: measured }
    return { at: now, endsAt: endsAt + (measured - endsAt) * (1 - Math.exp((at - now) / CALM_MS)) }
  }
}

/** `45s`, `1m 50s`, `12m`, `1h 05m`: rounded up, and no finer than an estimate can be. */
export function formatLeft(ms: number): string {
  const upTo = (seconds: number) => Math.max(1, Math.ceil(ms / 1_000 / seconds)) * seconds
  const two = (n: number) => String(n).padStart(2, '0')
  if (upTo(5) < 60) return `${upTo(5)}s`
  if (upTo(10) < 600) return `${Math.floor(upTo(10) / 60)}m ${two(upTo(10) % 60)}s`
  const minutes = upTo(60) / 60
  return minutes < 60 ? `${minutes}m` : `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`
}
