import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type DifferenceRule, GENERATION, NOT_SIMULATED, SINGLE } from './known-differences.ts'
import { type Comparison, recordingNames, replay } from './replay.ts'

const FOLDER = fileURLToPath(new URL('../../../../shared/azure/recordings', import.meta.url))
const RULES: readonly DifferenceRule[] = [...GENERATION, ...NOT_SIMULATED]

const isAbsent = !existsSync(FOLDER)
if (isAbsent) console.warn(`SKIPPED: no recordings of Azure in ${FOLDER}, so they are not replayed`)

const explains = (comparison: Comparison, difference: string) => (rule: DifferenceRule) =>
  rule.applies(comparison) && rule.difference.test(difference)

describe.skipIf(isAbsent)('recorded exchanges with Azure, replayed', async () => {
  const comparisons: Comparison[] = []
  if (!isAbsent) for (const name of recordingNames(FOLDER)) comparisons.push(...(await replay(FOLDER, name)))

  test('there are some, and most of the current service match', () => {
    const current = comparisons.filter(({ id }) => /^(?:2024|aso|net|resource)/.test(id))
    const matching = current.filter(({ differences }) => differences.length === 0)
    expect(matching.length).toBeGreaterThan(200)
  })

  test('every difference is explained', () => {
    const unexplained = comparisons
      .filter(({ id }) => !Object.hasOwn(SINGLE, id))
      .flatMap((comparison) =>
        comparison.differences
          .filter((difference) => !RULES.some(explains(comparison, difference)))
          .map((difference) => `${comparison.id} ${comparison.request}: ${difference}`),
      )
    expect(unexplained).toEqual([])
  })

  test.each(RULES)('still so: $reason', (rule) => {
    const uses = comparisons.filter((comparison) =>
      comparison.differences.some((difference) => explains(comparison, difference)(rule)),
    )
    expect(uses.length).toBeGreaterThan(0)
  })

  test.each(Object.keys(SINGLE))('%s still differs', (id) => {
    const comparison = comparisons.find((entry) => entry.id === id)
    expect(comparison?.differences).not.toEqual([])
    expect(comparison).toBeDefined()
  })
})
