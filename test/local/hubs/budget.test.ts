import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Amount, Budget, BURST_SECONDS, RATES } from '../../../src/local/hubs/budget.ts'

const rate: fc.Arbitrary<Amount> = fc.record({
  bytes: fc.integer({ min: 1, max: 40_000_000 }),
  events: fc.integer({ min: 1, max: 40_000 }),
})
const amount: fc.Arbitrary<Amount> = fc.record({
  bytes: fc.integer({ min: 1, max: 1_048_576 }),
  events: fc.integer({ min: 1, max: 5_000 }),
})
/** Somebody comes with this, so many milliseconds after the one before. */
const arrivals = fc.array(fc.tuple(amount, fc.integer({ min: 0, max: 3_000 })), { maxLength: 100 })

/** Lets through what may pass, and returns the arrivals that did. */
function passing(budget: Budget, all: readonly (readonly [Amount, number])[]) {
  let now = 0
  const passed: { readonly at: number; readonly amount: Amount }[] = []
  for (const [amount, gapMs] of all) {
    now += gapMs
    if (budget.waitMs(now) > 0) continue
    budget.spend(amount, now)
    passed.push({ at: now, amount })
  }
  return passed
}

describe('a budget', () => {
  it.each(['bytes', 'events'] as const)(
    'never lets through more %s than the burst and its rate, save the last',
    (key) => {
      fc.assert(
        fc.property(rate, arrivals, (perSecond, all) => {
          let before = 0
          for (const { at, amount } of passing(new Budget(perSecond, 0), all)) {
            // Sums of fractions are exact to a part of a thousand million only.
            expect(before).toBeLessThan(perSecond[key] * (BURST_SECONDS + at / 1_000) * (1 + 1e-9) + 1e-6)
            before += amount[key]
          }
        }),
      )
    },
  )

  it.each(['bytes', 'events'] as const)('keeps to that also within any stretch of time, in %s', (key) => {
    fc.assert(
      fc.property(rate, arrivals, (perSecond, all) => {
        const passed = passing(new Budget(perSecond, 0), all)
        for (const [first, { at: from }] of passed.entries()) {
          let before = 0
          for (const { at, amount } of passed.slice(first)) {
            expect(before).toBeLessThan(perSecond[key] * (BURST_SECONDS + (at - from) / 1_000) * (1 + 1e-9) + 1e-6)
            before += amount[key]
          }
        }
      }),
    )
  })

  it('tells how long to wait: then something may pass, however large, and not before', () => {
    fc.assert(
      fc.property(rate, arrivals, amount, (perSecond, all, next) => {
        const budget = new Budget(perSecond, 0)
        const now = all.reduce((sum, [, gapMs]) => sum + gapMs, 0)
        passing(budget, all)
        budget.spend(next, now)
        const wait = budget.waitMs(now)
        // A millisecond before or after may be one of rounding.
        if (wait > 2) expect(budget.waitMs(now + wait - 2)).toBeGreaterThan(0)
        expect(budget.waitMs(now + wait + 1)).toBe(0)
      }),
    )
  })

  it('lets a steady load of its rate through for ever', () => {
    const perSecond = { bytes: 1_000_000, events: 1_000 }
    const batch = { bytes: 100_000, events: 100 }
    const steady = Array.from({ length: 6_000 }, () => [batch, 100] as const)
    expect(passing(new Budget(perSecond, 0), steady)).toHaveLength(6_000)
  })

  it('refuses a third of one and a half times its rate', () => {
    const batch = { bytes: 150, events: 150 }
    const heavy = Array.from({ length: 6_000 }, () => [batch, 100] as const)
    const passed = passing(new Budget({ bytes: 1_000_000, events: 1_000 }, 0), heavy).length
    expect(passed / 6_000).toBeCloseTo(2 / 3, 2)
  })

  it('counts what comes first: a few large events, or many small ones', () => {
    const { in: perSecond } = RATES['throughput unit']!
    const waitAfter = (spent: Amount) => {
      const budget = new Budget(perSecond, 0)
      budget.spend(spent, 0)
      return budget.waitMs(0)
    }
    expect(waitAfter({ bytes: 999_999, events: 999 })).toBe(0)
    expect(waitAfter({ bytes: 2_000_000, events: 2 })).toBe(1_001)
    expect(waitAfter({ bytes: 20_000, events: 2_000 })).toBe(1_001)
  })

  it('gives nothing for a clock that was set back, and goes on from there', () => {
    const budget = new Budget({ bytes: 1_000, events: 1_000 }, 100_000)
    budget.spend({ bytes: 1_500, events: 1 }, 100_000)
    expect(budget.waitMs(40_000)).toBe(501)
    expect(budget.waitMs(40_400)).toBe(101)
    expect(budget.waitMs(40_501)).toBe(0)
  })
})

describe('a change of the rate', () => {
  const small = { bytes: 1_000, events: 1_000 }
  const large = { bytes: 4_000, events: 4_000 }

  it('upward holds at once: what is added may pass, and comes back faster', () => {
    const budget = new Budget(small, 0)
    budget.spend({ bytes: 2_000, events: 1 }, 0)
    expect(budget.waitMs(0)).toBe(1_001)
    budget.resize(large, 0)
    expect(budget.waitMs(0)).toBe(0)
    budget.spend({ bytes: 6_000, events: 1 }, 0)
    expect(budget.waitMs(0)).toBe(1_001)
  })

  it('downward holds at once: what was saved before is cut', () => {
    const budget = new Budget(large, 0)
    budget.resize(small, 0)
    budget.spend({ bytes: 1_500, events: 1 }, 0)
    expect(budget.waitMs(0)).toBe(501)
  })
})
