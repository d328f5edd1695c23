import { expect, test } from 'vitest'
import { sampleEvents } from '../../src/data/samples.ts'
import { SAMPLES, type SampleName } from '../../src/inputs/events.ts'

const take = (name: SampleName, seed: number, n: number): readonly Record<string, unknown>[] => {
  const events = sampleEvents(name, seed, () => 0)
  return Array.from({ length: n }, () => JSON.parse(String(events.next().value)) as Record<string, unknown>)
}

test.each(SAMPLES)('%s: a seed repeats its events, another seed makes others', (name) => {
  expect(take(name, 7, 500)).toEqual(take(name, 7, 500))
  expect(take(name, 8, 500)).not.toEqual(take(name, 7, 500))
  expect(take(name, 7, 1)[0]).toMatchObject({ time: '1970-01-01T00:00:00.000Z' })
})

const shareOf = <T>(all: readonly T[], has: (one: T) => boolean): number => all.filter(has).length / all.length

test('iot: few devices send most, and anomalies are rare and hot', () => {
  const all = take('iot', 1, 20_000)
  expect(shareOf(all, ({ deviceId }) => String(deviceId) < 'device-0020')).toBeGreaterThan(0.4)
  expect(shareOf(all, ({ anomaly }) => anomaly === true)).toBeCloseTo(0.005, 2)
  const meanOf = (label: boolean) => {
    const some = all.filter(({ anomaly }) => anomaly === label).map(({ temperatureC }) => Number(temperatureC))
    return some.reduce((sum, one) => sum + one, 0) / some.length
  }
  expect(meanOf(true)).toBeGreaterThan(meanOf(false) + 20)
})

test('transactions: fraud is rare, and mostly without the card', () => {
  const all = take('transactions', 1, 20_000)
  const fraud = all.filter((one) => one['fraud'] === true)
  expect(fraud.length / all.length).toBeCloseTo(0.005, 2)
  expect(shareOf(fraud, ({ cardPresent }) => cardPresent === false)).toBeGreaterThan(0.7)
  expect(all.every(({ amount }) => Number(amount) > 0)).toBe(true)
})

test('clicks: sessions go on step by step, and some end with a purchase', () => {
  const steps = new Map<unknown, number>()
  const all = take('clicks', 1, 5_000)
  for (const { sessionId, step } of all) {
    expect(step).toBe((steps.get(sessionId) ?? 0) + 1)
    steps.set(sessionId, Number(step))
  }
  expect(steps.size).toBeGreaterThan(300)
  expect(shareOf(all, ({ type }) => type === 'purchase')).toBeGreaterThan(0.005)
})
