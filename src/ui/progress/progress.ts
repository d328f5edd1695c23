import type { ApplyEvent } from '../../engine/report.ts'
import type { WriteStep } from '../../engine/step.ts'
import { isMilestone, SLOW_DOWN, waitReasonOf } from './step-words.ts'
import { columnsOf } from '../text.ts'
import { formatLeft, TimeLeft } from './time-left.ts'

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
