import { expect } from 'vitest'
import { runProblems } from '../../src/inputs/contradictions.ts'
import type { Env } from '../../src/inputs/given.ts'
import type { LiveTier } from '../../src/lib/limits.ts'
import type { Problem } from '../../src/lib/errors.ts'
import { problemsOf, wantedOf } from '../../src/resources/front-door.ts'
import { readWords } from './argv.ts'
import { tell } from './told.ts'
import { SUBSCRIPTION } from './worlds.ts'

/** Everything that is wrong with these words, as a command would list it. */
export function problemsIn(
  words: readonly string[],
  { env = {}, liveTier }: { readonly env?: Env; readonly liveTier?: LiveTier } = {},
): readonly Problem[] {
  const { given, problems } = readWords(words, env)
  const known = { subscriptionId: SUBSCRIPTION, ...(liveTier ? { liveTier } : { isNew: true }) }
  return [...problems, ...problemsOf(wantedOf(given, undefined, problems), known), ...runProblems(given)]
}

export const words = (line: string): readonly string[] => line.split(' ').filter((word) => word !== '')
export const times = (count: number, text: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ')

/** Flags, how the input is shown, and what is said of it. */
export type BadLine = readonly [line: string | readonly string[], flag: string, message: string | RegExp]

/** One problem, told in these words, that reads as a sentence and was given by the flag that it shows. */
export function expectOne(problems: readonly Problem[], flag: string, message: string | RegExp): void {
  expect(problems).toHaveLength(1)
  const told = tell(problems[0]!)
  expect(told).toMatchObject({ kind: 'invalid', flag })
  expect(told.message).toMatch(typeof message === 'string' ? exactly(message) : message)
  expectSentence(problems[0]!)
}

/** Together with the flag it reads as a sentence: begins with a verb, has no full stop at its end, nothing doubled. */
function expectSentence(problem: Problem): void {
  const { flag, message } = tell(problem)
  expect(message).toMatch(/^(is|has|holds|must|ends|names|needs|asks|adds|cannot|contradicts) /)
  expect(message).not.toMatch(/[.!]$| {2}|undefined|NaN|\[object/)
  expect(flag).toMatch(/^(--[a-z]|[A-Z_]+)/)
}

const exactly = (text: string): RegExp => new RegExp(`^${text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`)
