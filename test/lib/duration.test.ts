import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatElapsed, formatHours, parseHours, parseMs } from '../../src/lib/duration.ts'

describe('hours', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 24 * 400 }), (hours) => {
        expect(parseHours(formatHours(hours))).toBe(hours)
      }),
    )
  })

  it.each([
    [1, '1h'],
    [24, '24h'],
    [36, '36h'],
    [48, '2d'],
    [50, '50h'],
    [168, '7d'],
    [2160, '90d'],
  ])('%s is %s', (hours, text) => expect(formatHours(hours)).toBe(text))

  it.each(['', '24', 'h', '1.5h', '-1h', '7w', '1h30m', '99999999h', '1 h'])('%j is no number of hours', (text) =>
    expect(parseHours(text)).toBeUndefined(),
  )
})

describe('milliseconds', () => {
  it.each([
    ['40ms', 40],
    ['30s', 30_000],
    [' 15M ', 900_000],
    ['1h', 3_600_000],
    ['0s', 0],
  ])('%s', (text, ms) => expect(parseMs(text)).toBe(ms))

  it.each(['', '30', '1d', 's', '1.5s', '-1s'])('%j is no time', (text) => expect(parseMs(text)).toBeUndefined())
})

describe('elapsed time', () => {
  it.each([
    [0, '0.0s'],
    [340, '0.3s'],
    [9_900, '9.9s'],
    [9_940, '9.9s'],
    [10_000, '10s'],
    [61_499, '61s'],
    [119_400, '119s'],
    [120_000, '2m 00s'],
    [245_000, '4m 05s'],
    [3_600_000, '60m 00s'],
  ])('%s ms is %s', (ms, text) => expect(formatElapsed(ms)).toBe(text))
})
