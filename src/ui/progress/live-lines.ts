import { nounOf, pathOf } from '../../resources/step.ts'
import type { WriteStep } from '../../engine/step.ts'
import type { Progress } from './progress.ts'
import { formatRunning, isMilestone, SLOW_DOWN, usualTimeOf, wordsOf } from './step-words.ts'
import { pad, plain, truncate } from '../text.ts'

const MOST_LINES = 6
/** In a large run few are named, and only what takes long: names that change all the time cannot be read. */
const MOST_NAMED = 3
const NAMED_AFTER_MS = 3_000
/** Columns of word and noun. Names vary too much to wait for. */
const WORD = 12
const NOUN = 17
const NAME = 19
/** Below this they stand without columns. */
const LEAST_TABLE = 70
/** The frame and a space stand before the first line; the last column stays empty, since some terminals wrap there. */
const MARGIN = 3

/** A write that runs, and since when. */
export interface Running {
  readonly step: WriteStep
  readonly startedAt: number
  /** Why it waits. */
  readonly reason: string | undefined
}

/** A terminal at a moment. */
interface View {
  readonly columns: number
  readonly now: number
}

interface Cells {
  readonly first: string
  readonly target: string
}

/** A line for each. */
export function runningLines(all: readonly Running[], view: View): string[] {
  const hidden = all.length - MOST_LINES
  const lines = all.slice(0, MOST_LINES).map((one) => runningLine(one, view))
  return hidden > 0 ? [...lines, `and ${hidden} more`] : lines
}

/** The counts of a large run, once what holds for all, and what takes long. */
export function progressLines(progress: Progress, all: readonly Running[], view: View): string[] {
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
  const { first, target } = cells(wordsOf(step).running, step, view.columns)
  const more = reason ?? usualTimeOf(step)
  return `${first}${target}${formatRunning(view.now - startedAt)}${more ? `  ${more}` : ''}`
}

/** Lines that do not wrap, each below the first one's text. */
export const fitted = (lines: readonly string[], columns: number, more: string): string =>
  lines.map((line, i) => (i === 0 ? '' : '  ') + truncate(line, columns - MARGIN, more)).join('\n')

/** What is done and to what, in columns; close together on a narrow terminal, where the time would be cut off. */
export function cells(word: string, step: WriteStep, columns: number): Cells {
  const cell = (text: string, width: number) => pad(`${text} `, columns < LEAST_TABLE ? 0 : width)
  const target = cell(nounOf(step.target), NOUN) + cell(`${plain(pathOf(step.target))} `, NAME)
  return { first: cell(word, WORD), target }
}
