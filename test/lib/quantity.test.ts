import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatBinarySize,
  formatByteCount,
  formatNumber,
  parseByteCount,
  parseBytesPerSecond,
  parsePerSecond,
} from '../../src/lib/quantity.ts'

describe('a number for one second', () => {
  it.each([
    ['5000', 5_000],
    ['5,000', 5_000],
    ['5_000', 5_000],
    ['5k', 5_000],
    ['5K', 5_000],
    [' 5 k ', 5_000],
    ['5.0k', 5_000],
    ['0.005M', 5_000],
    ['5000/s', 5_000],
    ['300k/min', 5_000],
    ['300,000 / minute', 5_000],
    ['18M/h', 5_000],
    ['18M/hour', 5_000],
    ['432M/day', 5_000],
    ['432,000,000/d', 5_000],
    ['0.432G/DAY', 5_000],
    ['1.2M', 1_200_000],
    ['0.5', 0.5],
    ['0.125', 0.125],
    ['1,234.567', 1_234.567],
    ['1.234k', 1_234],
    ['1,000,000,000,000', 1e12],
    ['0', 0],
  ])('%j is %d', (text, value) => expect(parsePerSecond(text)).toBeCloseTo(value, 6))
})

describe('a number of bytes', () => {
  it.each([
    ['512', 512],
    ['512B', 512],
    ['1KB', 1_000],
    ['1 kb', 1_000],
    ['1KiB', 1_024],
    ['1.5KB', 1_500],
    ['1.024KB', 1_024],
    ['1MB', 1_000_000],
    ['1MiB', 1_048_576],
    ['1,048,576B', 1_048_576],
    ['2GB', 2e9],
    ['2GiB', 2 * 1024 ** 3],
    ['2TB', 2e12],
    ['2TiB', 2 * 1024 ** 4],
  ])('%j is %d', (text, value) => expect(parseByteCount(text)).toBe(value))

  it.each([
    ['20MB/s', 20e6],
    ['20MB', 20e6],
    ['20,000 KB/s', 20e6],
    ['1200MB/min', 20e6],
    ['72GB/h', 20e6],
    ['1.728TB/day', 20e6],
    ['500B/s', 500],
  ])('%j is %d for one second', (text, value) => expect(parseBytesPerSecond(text)).toBeCloseTo(value, 3))

  it.each(['20', '20/s', '2,000', '20Mb/s', '20Mbps', '20MB/month', '20MB/s/s'])('%j is no rate of bytes', (text) =>
    expect(parseBytesPerSecond(text)).toBeUndefined(),
  )
})

/** What somebody may type, and nobody can know what it means. */
const NOTHING = [
  ...['', ' ', 'k', '/s', 'many', '-5', '+5', '5-', '5 5', '5 k k', '5kk', '5k5', '5 %', '$5', '٥', '５'],
  // Other ways to write numbers.
  ...['1e3', '1E3', '0x10', 'NaN', 'Infinity', '.5', '5.', '1/2', '½', '5..0', '5.0.0'],
  // A comma or a point that means another thing elsewhere.
  ...['1,5k', '1,5', '0,500', '00,500', '20.000', '1.234.567', '1.234,5', '5,00', '5,0000', ',500', '5,', '5,,000'],
  ...['1,000_000', '1_000,000', '1_0', '_5', "5'000", '5 000', '20.000/day'],
  // Times that are not known or mean two.
  ...['5/', '5/m', '5/month', '5/week', '5/s/s', '5//s', '5/2', '5k/k', '5 per second', '5/ms'],
  // Names of what every object has.
  ...['5/constructor', '5/toString', '5/__proto__', '5constructor', '5 valueOf'],
  ...['1234567890123456', '5.1234567'],
]

describe('texts that mean nothing for sure', () => {
  it.each(NOTHING)('%j', (text) => {
    expect(parsePerSecond(text)).toBeUndefined()
    expect(parseByteCount(text)).toBeUndefined()
    expect(parseBytesPerSecond(text)).toBeUndefined()
  })

  it.each(['1Kb', '20Mb', '20Gb', '1Tb', '1Kib', '5b5', '5bit', '5bytes', '5KBB', '5K', '5M', '20.000', '1.500'])(
    '%j as a size',
    (text) => expect(parseByteCount(text)).toBeUndefined(),
  )

  it('are never NaN, infinite or below zero, whatever is typed', () => {
    const words = fc.array(fc.constantFrom(...'0123456789.,_ /-+eExkKmMgGbBisdhTn'), { maxLength: 12 })
    let read = 0
    fc.assert(
      fc.property(
        fc.oneof(
          words.map((all) => all.join('')),
          fc.string(),
        ),
        (text) => {
          for (const parse of [parsePerSecond, parseByteCount, parseBytesPerSecond]) {
            const value = parse(text)
            if (value === undefined) continue
            read++
            expect(Number.isFinite(value) && value >= 0, text).toBe(true)
          }
        },
      ),
      { numRuns: 3_000 },
    )
    expect(read).toBeGreaterThan(20)
  })
})

const whole = fc.integer({ min: 1, max: 999_999_999 })
const MULTIPLES = { '': 1, k: 1e3, K: 1e3, m: 1e6, M: 1e6, g: 1e9, G: 1e9 } as const
const TIMES = { '': 1, '/s': 1, '/second': 1, '/min': 60, ' / minute': 60, '/h': 3_600, '/HOUR': 3_600, '/day': 86_400 }
const BYTES = { B: 1, KB: 1e3, kb: 1e3, MB: 1e6, GB: 1e9, KiB: 1024, MiB: 1024 ** 2 } as const
const anyOf = <T extends object>(of: T) => fc.constantFrom(...(Object.entries(of) as [string, number][]))

describe('the unit changes the words and not the number', () => {
  it('of events', () => {
    fc.assert(
      fc.property(whole, anyOf(MULTIPLES), anyOf(TIMES), (n, [unit, times], [per, seconds]) => {
        const expected = (n * times) / seconds
        for (const digits of [String(n), n.toLocaleString('en-US'), n.toLocaleString('en-US').replaceAll(',', '_')])
          expect(parsePerSecond(`${digits}${unit}${per}`)! / expected).toBeCloseTo(1, 12)
      }),
    )
  })

  it('of bytes', () => {
    fc.assert(
      fc.property(whole, anyOf(BYTES), anyOf(TIMES), (n, [unit, bytes], [per, seconds]) => {
        expect(parseByteCount(`${n}${unit}`)).toBe(n * bytes)
        expect(parseBytesPerSecond(`${n} ${unit}${per}`)! / ((n * bytes) / seconds)).toBeCloseTo(1, 12)
      }),
    )
  })
})

describe('what is shown', () => {
  it.each([
    [1_234, '1,234'],
    [999.6, '1,000'],
    [12.54, '12.5'],
    [1.234, '1.23'],
    [1, '1'],
    [0.0512, '0.051'],
    [0, '0'],
  ])('%d is %s', (n, text) => expect(formatNumber(n)).toBe(text))

  it.each([
    [0, '0 B'],
    [512, '512 B'],
    [999.4, '999 B'],
    [999.6, '1 KB'],
    [1_000, '1 KB'],
    [7_500_000, '7.5 MB'],
    [999_499, '999 KB'],
    [999_999, '1 MB'],
    [999_999_999, '1 GB'],
    [2e12, '2 TB'],
    [2e15, '2,000 TB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatByteCount(bytes)).toBe(text))

  it.each([
    [262_144, '256 KiB'],
    [1_048_576, '1 MiB'],
  ])('%d bytes, a limit, are %s', (bytes, text) => {
    expect(formatBinarySize(bytes)).toBe(text)
    expect(parseByteCount(text)).toBe(bytes)
  })

  it('can be typed, and then is the same to three digits', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 9e14, noNaN: true }), (bytes) => {
        expect(parseByteCount(formatByteCount(bytes))! / bytes).toBeCloseTo(1, 1)
      }),
    )
  })
})
