import { onTestFinished } from 'vitest'
import type { WriteStep } from '../../src/engine/plan.ts'
import { LineReporter } from '../../src/ui/progress/reporter.ts'
import { LiveReporter } from '../../src/ui/progress/live-reporter.ts'
import { makeStyle } from '../../src/ui/text.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { asOut, FakeStream } from './fake-stream.ts'
import { createStep } from './samples.ts'

export const hub = (name: string): WriteStep => createStep({ kind: 'hub', name })

/** Lets what was woken run. */
export const settle = () => new Promise((resolve) => setImmediate(resolve))

/** A log, and what is written to it. */
export function openLines() {
  const lines: string[] = []
  const clock = new ManualClock({ start: Date.parse('2026-03-01T12:04:31Z') })
  return { lines, clock, reporter: new LineReporter((line) => lines.push(line), clock) }
}

/** A terminal with ASCII glyphs, and what it shows. */
export function openMoving(columns = 80) {
  const stream = new FakeStream({ columns })
  const clock = new ManualClock()
  const reporter = new LiveReporter(asOut(stream), makeStyle(0, false), clock)
  onTestFinished(() => reporter.close())
  const pass = async (ms: number) => {
    clock.advance(ms)
    await settle()
  }
  /** Without the frame that turns. */
  const screen = () => stream.screen().map((line) => line.replace(/^[-\\|/] /, '* '))
  return { stream, clock, reporter, pass, screen }
}
