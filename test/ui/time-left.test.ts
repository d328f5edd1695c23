import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatLeft, TimeLeft } from '../../src/ui/progress/progress.ts'

/** When each write is finished, from the milliseconds that it took after the one before. */
const times = (gaps: readonly number[]): number[] => {
  let at = 0
  return gaps.map((gap) => (at += gap))
}
const steady = (writes: number, gapMs: number): number[] => times(Array.from({ length: writes }, () => gapMs))

interface Told {
  readonly at: number
  readonly leftMs: number | undefined
}

/** What a run of these writes is told to take, asked every so often until it ends. */
function ask(finishedAt: readonly number[], everyMs = 1_000): Told[] {
  const timeLeft = new TimeLeft(0)
  const told: Told[] = []
  let done = 0
  for (let at = 0; at <= finishedAt.at(-1)!; at += everyMs) {
    for (; finishedAt[done]! <= at; done++) timeLeft.finished(finishedAt[done]!)
    told.push({ at, leftMs: timeLeft.of(finishedAt.length - done, at) })
  }
  return told
}
const toldAt = (told: readonly Told[], at: number): number | undefined => told.find((one) => one.at === at)?.leftMs
const isTold = (one: Told): one is { readonly at: number; readonly leftMs: number } => one.leftMs !== undefined

describe('the time that is left', () => {
  it.each([
    [60, 10],
    [100, 10],
    [500, 10],
    [1_000, 20],
    [5_000, 100],
  ])('of writes that take %s ms each is told from %s seconds on', (gapMs, fromSeconds) => {
    const finishedAt = steady(600, gapMs)
    const told = ask(finishedAt)
    expect(told.find(isTold)!.at).toBe(fromSeconds * 1_000)
    for (const { at, leftMs } of told.filter(isTold)) {
      const trueMs = finishedAt.at(-1)! - at
      expect(Math.abs(leftMs - trueMs)).toBeLessThan(0.1 * trueMs + gapMs)
    }
  })

  it('is not told of so few writes as are done before it is measured', () => {
    expect(ask(steady(19, 2_000)).filter(isTold)).toEqual([])
    expect(ask(steady(400, 20)).filter(isTold)).toEqual([])
  })

  it('forgets a burst: 200 at once, then 10 a second', () => {
    const finishedAt = times([...Array.from({ length: 200 }, () => 20), ...Array.from({ length: 1_200 }, () => 100)])
    const told = ask(finishedAt)
    for (const { at, leftMs } of told.filter(isTold)) {
      const trueMs = finishedAt.at(-1)! - at
      expect(Math.abs(leftMs - trueMs)).toBeLessThan(0.1 * trueMs + 100)
    }
    expect(toldAt(told, 10_000)).toBeDefined()
  })

  it('is not told of a burst, however long it lasts, unless Azure asked to slow down', () => {
    expect(ask(steady(2_000, 40)).filter(isTold)).toEqual([])
    const timeLeft = new TimeLeft(0)
    timeLeft.slowDown(0)
    for (const at of steady(300, 40)) timeLeft.finished(at)
    expect(timeLeft.of(1_000, 12_000)).toBeCloseTo(40_000, -3)
  })

  it('follows a pace that changes', () => {
    const finishedAt = times([...Array.from({ length: 600 }, () => 100), ...Array.from({ length: 600 }, () => 400)])
    const told = ask(finishedAt)
    expect(toldAt(told, 60_000)! / 60_000).toBeCloseTo(1, 1)
    expect(toldAt(told, 150_000)! / (300_000 - 150_000)).toBeCloseTo(1, 1)
  })

  it('follows a pace that changes late', () => {
    const finishedAt = times([...Array.from({ length: 6_000 }, () => 100), ...Array.from({ length: 600 }, () => 400)])
    expect(toldAt(ask(finishedAt), 740_000)! / 100_000).toBeCloseTo(1, 1)
  })

  it('is none, and no less, when the last write takes long', () => {
    const finishedAt = times([...Array.from({ length: 399 }, () => 100), 5_000])
    expect(toldAt(ask(finishedAt), 42_000)).toBe(0)
  })

  it('is no longer told when nothing is finished any more, and again afterwards', () => {
    const finishedAt = times([
      ...Array.from({ length: 200 }, () => 100),
      60_000,
      ...Array.from({ length: 400 }, () => 100),
    ])
    const told = ask(finishedAt)
    expect(toldAt(told, 20_000)).toBeDefined()
    expect(toldAt(told, 60_000)).toBeUndefined()
    expect(toldAt(told, 100_000)).toBeDefined()
  })

  it('is measured anew after a restart', () => {
    const timeLeft = new TimeLeft(0)
    for (const at of steady(200, 100)) timeLeft.finished(at)
    expect(timeLeft.of(100, 20_000)).toBeCloseTo(10_000, -3)
    timeLeft.restart(20_000)
    expect(timeLeft.of(100, 20_000)).toBeUndefined()
    for (const at of steady(19, 1_000)) timeLeft.finished(20_000 + at)
    expect(timeLeft.of(100, 39_000)).toBeUndefined()
    for (const at of steady(20, 1_000)) timeLeft.finished(39_000 + at)
    expect(timeLeft.of(100, 59_000)).toBeCloseTo(100_000, -4)
  })

  it('is measured anew when Azure asks to slow down for the first time', () => {
    const timeLeft = new TimeLeft(0)
    for (const at of steady(200, 100)) timeLeft.finished(at)
    expect(timeLeft.of(100, 20_000)).toBeDefined()
    timeLeft.slowDown(20_000)
    expect(timeLeft.of(100, 20_000)).toBeUndefined()
    for (const at of steady(20, 1_000)) {
      timeLeft.finished(20_000 + at)
      timeLeft.slowDown(20_000 + at)
    }
    expect(timeLeft.of(100, 40_000)).toBeCloseTo(100_000, -3)
  })

  it('is never negative and always a number, whatever happens and whenever it is asked', () => {
    const gaps = fc.array(fc.oneof(fc.nat(50), fc.nat(5_000), fc.nat(200_000)), { minLength: 1, maxLength: 300 })
    fc.assert(
      fc.property(gaps, fc.integer({ min: 100, max: 60_000 }), (gaps, everyMs) => {
        for (const { leftMs } of ask(times(gaps), Math.max(everyMs, gaps.length * 10))) {
          if (leftMs !== undefined) expect(leftMs >= 0 && Number.isFinite(leftMs)).toBe(true)
        }
      }),
    )
  })

  it('makes no jumps and no gaps while writes take up to twice as long as others', () => {
    const gaps = fc
      .integer({ min: 50, max: 4_000 })
      .chain((ms) => fc.array(fc.integer({ min: ms, max: 2 * ms }), { minLength: 200, maxLength: 400 }))
    fc.assert(
      fc.property(gaps, (gaps) => {
        const [first, ...others] = ask(times(gaps)).filter(isTold)
        let before = first
        return others.every((told) => {
          const ranMs = told.at - before!.at
          const jumpMs = Math.abs(told.leftMs - (before!.leftMs - ranMs))
          const isCalm = ranMs === 1_000 && jumpMs < 0.1 * before!.leftMs + 1_000
          before = told
          return isCalm
        })
      }),
    )
  })

  it('hardly depends on how often it is asked', () => {
    const finishedAt = times(Array.from({ length: 900 }, (_, i) => (i < 450 ? 60 : 140)))
    const often = toldAt(ask(finishedAt, 100), 60_000)!
    const seldom = toldAt(ask(finishedAt, 10_000), 60_000)!
    expect(often / seldom).toBeCloseTo(1, 1)
  })
})

it.each([
  [0, '5s'],
  [4_000, '5s'],
  [5_001, '10s'],
  [54_900, '55s'],
  [55_001, '1m 00s'],
  [101_000, '1m 50s'],
  [110_000, '1m 50s'],
  [590_000, '9m 50s'],
  [590_001, '10m'],
  [661_000, '12m'],
  [3_540_000, '59m'],
  [3_540_001, '1h 00m'],
  [3_900_000, '1h 05m'],
])('%s ms are told as %s', (ms, text) => expect(formatLeft(ms)).toBe(text))
