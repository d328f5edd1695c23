import ora, { type Ora } from 'ora'
import { nounOf, pathOf, type ApplyEvent, type Reporter, type WriteStep } from '../engine/plan-types.ts'
import type { Clock } from '../lib/clock.ts'
import { formatElapsed } from '../lib/duration.ts'
import type { OutStream } from './io.ts'
import { formatRunning, STOPPING, usualTimeOf, waitReasonOf, wordsOf } from './step-words.ts'
import type { Style, Tone } from './style.ts'
import { pad, plain, truncate } from './text.ts'

/** Quick work passes without flicker. */
const SHOW_AFTER_MS = 200
const TICK_MS = 1_000
const MOST_LINES = 6
/** Columns of word and noun. Names vary too much to wait for. */
const WORD = 12
const NOUN = 17
const NAME = 19
/** Below this they stand without columns. */
const LEAST_TABLE = 70

interface Running {
  readonly startedAt: number
  reason: string | undefined
}

/**
 * What runs, as moving lines at the bottom of a terminal; what is finished, as plain lines above. The terminal must have
 * columns. ora puts other text that is written to the stream above what moves.
 */
export class LiveReporter implements Reporter {
  readonly #stream: OutStream
  readonly #style: Style
  readonly #clock: Clock
  readonly #spinner: Ora
  readonly #running = new Map<WriteStep, Running>()
  #wait: { readonly text: string; readonly startedAt: number } | undefined
  #ticking: AbortController | undefined

  constructor(stream: OutStream, style: Style, clock: Clock) {
    this.#stream = stream
    this.#style = style
    this.#clock = clock
    this.#spinner = ora({
      stream,
      isEnabled: true,
      // In raw mode, which it would turn on, Ctrl+C does nothing.
      discardStdin: false,
      color: false,
      spinner: { frames: [...style.glyphs.spinner], interval: 80 },
    })
    stream.on('resize', this.#onResize)
  }

  /** On a terminal without columns ora would clear lines without end. */
  readonly #onResize = (): void => {
    if (!this.#stream.columns && this.#spinner.isSpinning) this.#spinner.stop()
  }

  event(event: ApplyEvent): void {
    this.#wait = undefined
    switch (event.type) {
      case 'started':
        this.#running.set(event.step, { startedAt: this.#clock.now(), reason: undefined })
        break
      case 'waiting': {
        const running = this.#running.get(event.step)
        if (running) running.reason = waitReasonOf(event)
        break
      }
      case 'finished':
        this.#settle(event.step, 'good', this.#style.glyphs.done, wordsOf(event.step).done, event.elapsedMs)
        break
      case 'failed':
        this.#settle(event.step, 'bad', this.#style.glyphs.failed, 'failed', event.elapsedMs)
        break
      case 'stopping':
        this.#stream.write(`  ${STOPPING}\n`)
    }
    this.#update()
  }

  waiting(text: string, elapsedMs: number): void {
    this.#wait = { text: plain(text), startedAt: this.#clock.now() - elapsedMs }
    this.#update()
  }

  close(): void {
    this.#stream.off('resize', this.#onResize)
    this.#running.clear()
    this.#wait = undefined
    this.#hide()
  }

  #hide(): void {
    this.#ticking?.abort()
    this.#ticking = undefined
    if (this.#spinner.isSpinning) this.#spinner.stop()
  }

  #settle(step: WriteStep, tone: Tone, glyph: string, word: string, elapsedMs: number): void {
    this.#running.delete(step)
    const { first, target } = this.#cells(word, step)
    this.#stream.write(`${this.#style.paint(tone, `${glyph} ${first}`)}${target}${formatElapsed(elapsedMs)}\n`)
  }

  #update(): void {
    const lines = this.#lines()
    if (lines.length === 0) return this.#hide()
    this.#spinner.text = lines.join('\n')
    if (!this.#ticking) void this.#tick()
  }

  #lines(): string[] {
    const all = [...this.#running].map(([step, { startedAt, reason }]) => {
      const time = formatRunning(this.#clock.now() - startedAt)
      const more = reason ?? usualTimeOf(step)
      const { first, target } = this.#cells(wordsOf(step).running, step)
      return `${first}${target}${time}${more ? `  ${more}` : ''}`
    })
    const { more } = this.#style.glyphs
    if (this.#wait) all.push(`${this.#wait.text}${more} ${formatRunning(this.#clock.now() - this.#wait.startedAt)}`)
    const hidden = all.length - MOST_LINES
    const shown = hidden > 0 ? [...all.slice(0, MOST_LINES), `and ${hidden} more`] : all
    // The frame and a space stand before the first line; the last column stays empty, since some terminals wrap there.
    const columns = (this.#stream.columns || 80) - 3
    return shown.map((line, i) => (i === 0 ? '' : '  ') + truncate(line, columns, more))
  }

  async #tick(): Promise<void> {
    const stop = new AbortController()
    this.#ticking = stop
    const rest = (ms: number) => this.#clock.sleep(ms, stop.signal).catch(() => undefined)
    await rest(SHOW_AFTER_MS)
    while (!stop.signal.aborted) {
      this.#spinner.text = this.#lines().join('\n')
      if (this.#spinner.isSpinning) this.#spinner.render()
      else if (this.#stream.columns) this.#spinner.start()
      await rest(TICK_MS)
    }
  }

  /** What is done and to what, in columns; close together on a narrow terminal, where the time would be cut off. */
  #cells(word: string, step: WriteStep): { readonly first: string; readonly target: string } {
    const isNarrow = (this.#stream.columns || 80) < LEAST_TABLE
    const cell = (text: string, columns: number) => pad(`${text} `, isNarrow ? 0 : columns)
    const target = cell(nounOf(step.target), NOUN) + cell(`${plain(pathOf(step.target))} `, NAME)
    return { first: cell(word, WORD), target }
  }
}
