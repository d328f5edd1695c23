import type { Reporter } from '../../engine/report.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Io } from '../io.ts'
import { LineReporter } from './line-reporter.ts'
import { makeStyle } from '../style.ts'

/** Says nothing. */
export const silentReporter: Reporter = {
  event: () => undefined,
  waiting: () => undefined,
  close: () => undefined,
}

/** Moving lines on a terminal that can show them, one line for each change elsewhere, nothing where nothing was asked for. */
export async function chooseReporter(io: Io, clock: Clock): Promise<Reporter> {
  if (io.quiet || io.progress === 'none') return silentReporter
  if (!io.canAnimate) return new LineReporter(io.note, clock)
  const { LiveReporter } = await import('./live-reporter.ts')
  return new LiveReporter(io.stderr, makeStyle(io.color.stderr, io.unicode), clock)
}
