import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Latencies, SeenNumbers } from '../../src/data/tally.ts'

it('knows each number once, in whatever order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 40_000 })), (numbers) => {
      const seen = new SeenNumbers()
      const before = new Set<number>()
      for (const n of numbers) {
        expect(seen.add(n)).toBe(!before.has(n))
        before.add(n)
      }
      expect(seen.count).toBe(before.size)
    }),
  )
})

it('answers the quantiles of all times, by the millisecond', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 130_000 }), { minLength: 1, maxLength: 300 }), (times) => {
      const latencies = new Latencies()
      for (const ms of times) latencies.add(ms)
      const sorted = times.map((ms) => Math.min(ms, 120_000)).toSorted((a, b) => a - b)
      const at = (part: number) => sorted[Math.ceil(part * sorted.length) - 1]
      expect(latencies.summary).toEqual({ p50: at(0.5), p99: at(0.99), most: sorted.at(-1) })
    }),
    { numRuns: 20 },
  )
  expect(new Latencies().summary).toBeUndefined()
})
