import type { ApplyEvent } from '../../engine/apply.ts'
import type { WriteStep } from '../../engine/plan.ts'
import type { Clock } from '../../lib/clock.ts'
import { formatElapsed } from '../../lib/duration.ts'
import type { OutStream } from '../io.ts'
import { progressOf, type Progress } from './progress.ts'
import {
  type PlanReporter,
  formatRunning,
  isMilestone,
  OVERTAKEN,
  stoppingWords,
  waitReasonOf,
  wordsOf,
  SLOW_DOWN,
  usualTimeOf,
} from './steps.ts'
import { type Style, type Tone, columnsOf, paragraph, plain, pad, truncate } from '../text.ts'
import { describe, nounOf } from '../../resources/step.ts'
import { isNarrow, LOOSE_GRID, type Grid } from '../step-rows.ts'

import ora, { type Ora } from 'ora'

/** Work that ends sooner shows nothing, so that the terminal does not flicker. */
const SHOW_AFTER_MS = 200
/** Before there is a plan, nothing else says that the program lives. */
const SHOW_WAIT_AFTER_MS = 100
const TICK_MS = 1_000

type Ended = Extract<ApplyEvent, { type: 'finished' | 'failed' }>

/**
 * Shows running steps as animated lines at the bottom of a terminal, and finished steps as plain lines above. For a
 * large run it shows counts instead, and above them only failures and steps that all others waited for. The terminal
 * must have columns. ora prints other text that is written to the stream above the animated lines.
 */
export class LiveReporter implements PlanReporter {
  readonly #stream: OutStream
  readonly #style: Style
  readonly #clock: Clock
  readonly #spinner: Ora
  readonly #running = new Map<WriteStep, Running>()
  #progress: Progress | undefined
  #grid: Grid = LOOSE_GRID
  #wait: { readonly text: string; readonly startedAt: number } | undefined
  #ticking: AbortController | undefined

  constructor(stream: OutStream, style: Style, clock: Clock) {
    this.#stream = stream
    this.#style = style
    this.#clock = clock
    this.#spinner = ora({
      stream,
      isEnabled: true,
      // Otherwise ora turns on raw mode, in which Ctrl+C does nothing.
      discardStdin: false,
      color: false,
      spinner: { frames: [...style.glyphs.spinner], interval: 80 },
    })
    stream.on('resize', this.#onResize)
  }

  /** On a terminal without columns ora would clear lines forever. */
  readonly #onResize = (): void => {
    if (!this.#stream.columns && this.#spinner.isSpinning) this.#spinner.stop()
  }

  lineUp(grid: Grid): void {
    this.#grid = grid
  }

  event(event: ApplyEvent): void {
    this.#wait = undefined
    this.#progress?.event(event, this.#clock.now())
    switch (event.type) {
      case 'planned':
        this.#progress = progressOf(event.steps, this.#clock.now())
        break
      case 'started':
        this.#running.set(event.step, { step: event.step, startedAt: this.#clock.now(), reason: undefined })
        break
      case 'waiting': {
        const running = this.#running.get(event.step)
        if (running) this.#running.set(event.step, { ...running, reason: waitReasonOf(event) })
        break
      }
      case 'finished':
        this.#running.delete(event.step)
        if (!this.#progress || isMilestone(event.step)) {
          this.#print('good', this.#style.glyphs.done, wordsOf(event.step).done, event)
        }
        break
      case 'failed':
        this.#running.delete(event.step)
        this.#print('bad', this.#style.glyphs.failed, 'failed', event)
        break
      case 'overtaken':
        this.#running.delete(event.step)
        this.#stream.write(
          `${paragraph(plain(`${describe(event.step.target)}: ${OVERTAKEN}`), this.#columns).join('\n')}\n`,
        )
        break
      case 'stopping':
        this.#stream.write(`${paragraph(stoppingWords(event), this.#columns).join('\n')}\n`)
    }
    this.#update()
  }

  waiting(text: string, elapsedMs: number): void {
    this.#wait = { text: plain(text), startedAt: this.#clock.now() - elapsedMs }
    this.#update(SHOW_WAIT_AFTER_MS - elapsedMs)
  }

  close(): void {
    this.#stream.off('resize', this.#onResize)
    this.#running.clear()
    this.#progress = undefined
    this.#wait = undefined
    this.#hide()
  }

  #hide(): void {
    this.#ticking?.abort()
    this.#ticking = undefined
    if (this.#spinner.isSpinning) this.#spinner.stop()
  }

  #print(tone: Tone, glyph: string, word: string, { step, elapsedMs }: Ended): void {
    // `ok` is wider than other signs.
    const grid = { ...this.#grid, word: this.#grid.word + 1 - columnsOf(glyph) }
    const { first, noun, name } = cells(word, step, { columns: this.#columns, grid })
    const end = `${name}${formatElapsed(elapsedMs)}`
    const isTooLong = columnsOf(`${glyph} ${first}${noun}${end}`) > this.#columns
    const rest = isTooLong ? `${noun.trimEnd()}\n    ${end}` : noun + end
    this.#stream.write(`${this.#style.paint(tone, `${glyph} ${first}`)}${rest}\n`)
  }

  #update(showAfterMs = SHOW_AFTER_MS): void {
    const text = this.#text()
    if (text === '') return this.#hide()
    this.#spinner.text = text
    if (!this.#ticking) void this.#tick(showAfterMs)
  }

  get #columns(): number {
    return this.#stream.columns || 80
  }

  #text(): string {
    const running = [...this.#running.values()]
    const { more } = this.#style.glyphs
    const view = { columns: this.#columns, grid: this.#grid, now: this.#clock.now() }
    const lines = this.#progress ? progressLines(this.#progress, running, view) : runningLines(running, view)
    if (this.#wait) lines.push(`${this.#wait.text}${more} ${formatRunning(view.now - this.#wait.startedAt)}`)
    return fitted(lines, view.columns, more)
  }

  async #tick(afterMs: number): Promise<void> {
    const stop = new AbortController()
    this.#ticking = stop
    const rest = (ms: number) => this.#clock.sleep(ms, stop.signal).catch(() => undefined)
    await rest(Math.max(0, afterMs))
    while (!stop.signal.aborted) {
      this.#spinner.text = this.#text()
      if (this.#spinner.isSpinning) this.#spinner.render()
      else if (this.#stream.columns) this.#spinner.start()
      await rest(TICK_MS)
    }
  }
}

const MOST_LINES = 6
/** A large run names a few steps, and only slow ones: nobody can read names that change all the time. */
const MOST_NAMED = 3
const NAMED_AFTER_MS = 3_000
/** The spinner and a space before the first line, and an empty last column, because some terminals wrap there. */
const MARGIN = 3

/** A write that runs now. */
export interface Running {
  readonly step: WriteStep
  readonly startedAt: number
  /** Why it waits. */
  readonly reason: string | undefined
}

/** The width of the terminal, the layout and the current time. */
interface View {
  readonly columns: number
  readonly grid: Grid
  readonly now: number
}

interface Cells {
  readonly first: string
  readonly noun: string
  readonly name: string
}

/** A line for each running step. */
function runningLines(all: readonly Running[], view: View): string[] {
  const hidden = all.length - MOST_LINES
  const lines = all.slice(0, MOST_LINES).map((one) => runningLine(one, view))
  return hidden > 0 ? [...lines, `and ${hidden} more`] : lines
}

/** The lines of a large run: the counts, a slow-down that applies to all steps, and the slow steps. */
function progressLines(progress: Progress, all: readonly Running[], view: View): string[] {
  if (progress.isOver) return []
  const isSlow = progress.isSlowedDown(view.now) || all.some(({ reason }) => reason === SLOW_DOWN)
  const named = all
    .filter(({ step, startedAt }) => isMilestone(step) || view.now - startedAt >= NAMED_AFTER_MS)
    .map((one) => (one.reason === SLOW_DOWN ? { ...one, reason: undefined } : one))
  return [
    progress.summary(view.now, view.columns - MARGIN),
    ...(isSlow ? [SLOW_DOWN] : []),
    ...named.slice(0, MOST_NAMED).map((one) => runningLine(one, view)),
  ]
}

function runningLine({ step, startedAt, reason }: Running, view: View): string {
  const { first, noun, name } = cells(wordsOf(step).running, step, view)
  const more = reason ?? usualTimeOf(step)
  return `${first}${noun}${name}${formatRunning(view.now - startedAt)}${more ? `  ${more}` : ''}`
}

/** Cuts the lines so that they do not wrap, and aligns them with the text of the first one. */
const fitted = (lines: readonly string[], columns: number, more: string): string =>
  lines.map((line, i) => (i === 0 ? '' : '  ') + truncate(line, columns - MARGIN, more)).join('\n')

/**
 * The change and its target, in columns. A longer name breaks the alignment of its own line. On a narrow terminal nothing
 * is padded: the time would be cut off.
 */
function cells(word: string, step: WriteStep, { columns, grid }: Omit<View, 'now'>): Cells {
  const cell = (text: string, width: number) => pad(text, isNarrow(columns) ? 0 : width)
  const name = plain(grid.nameOf(step.target))
  return {
    first: cell(`${word} `, grid.word),
    noun: cell(`${nounOf(step.target)} `, grid.noun),
    name: cell(`${name}  `, grid.name),
  }
}
