import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MetricName, MetricSeries } from '../../../src/engine/status/metrics.ts'
import {
  errorCounts,
  hubTotal,
  hubTraffic,
  lastValue,
  measuredWindow,
  mostValue,
  wayUses,
} from '../../../src/engine/status/traffic.ts'

const MINUTE = 60_000
const START = Date.UTC(2026, 10, 30, 10)

const series = (
  metric: MetricName,
  values: readonly (number | undefined)[],
  { entity, result }: { entity?: string; result?: string } = {},
): MetricSeries => ({
  ...{ metric, entity, result },
  points: values.map((value, i) => ({ atMs: START + i * MINUTE, value })),
})
const windowOf = (minutes: number) => ({ fromMs: START, toMs: START + minutes * MINUTE })

describe('the window that is measured', () => {
  it.each([
    ['no series', [], 0, 0],
    ['no values', [series('IncomingBytes', [undefined, undefined])], 0, 0],
    ['all values', [series('IncomingBytes', [1, 0, 3])], 0, 3],
    ['late minutes', [series('IncomingBytes', [1, 0, undefined, undefined])], 0, 2],
    ['minutes before the namespace was', [series('IncomingBytes', [undefined, undefined, 0, 1])], 2, 4],
    ['the latest of several', [series('IncomingBytes', [1, undefined]), series('OutgoingBytes', [undefined, 1])], 0, 2],
  ])('has %s', (_, all, from, to) => {
    const { fromMs, toMs } = measuredWindow(all, START, START + 10 * MINUTE)
    expect([(fromMs - START) / MINUTE, (toMs - START) / MINUTE]).toEqual([from, to])
  })
})

describe('the traffic of a hub', () => {
  const all = [
    series('IncomingMessages', [600, 0, 1_200], { entity: 'clicks' }),
    series('IncomingBytes', [60_000, undefined, 120_000], { entity: 'clicks' }),
    series('IncomingMessages', [6, 6, 6], { entity: 'views' }),
    series('OutgoingMessages', [60, 60, 60], { entity: 'clicks' }),
  ]

  it('is its own, whatever the case that Azure writes it in', () => {
    const { eventsIn, bytesIn, eventsOut, bytesOut } = hubTraffic(all, 'Clicks', windowOf(3))
    expect(eventsIn).toEqual({ total: 1_800, meanPerSecond: 10, peakPerSecond: 20, minutes: [10, 0, 20] })
    expect(bytesIn).toEqual({ total: 180_000, meanPerSecond: 1_000, peakPerSecond: 2_000, minutes: [1_000, 0, 2_000] })
    expect(eventsOut.total).toBe(180)
    expect(bytesOut).toEqual({ total: 0, meanPerSecond: 0, peakPerSecond: 0, minutes: [0, 0, 0] })
  })

  it('is nothing before anything is measured', () => {
    expect(hubTraffic([], 'clicks', windowOf(0)).eventsIn).toEqual({
      ...{ total: 0, meanPerSecond: 0, peakPerSecond: 0, minutes: [] },
    })
  })

  it('is counted to the event', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1e9), { minLength: 1, maxLength: 60 }), (counts) => {
        const own = [series('IncomingMessages', counts, { entity: 'clicks' })]
        const total = counts.reduce((sum, one) => sum + one, 0)
        expect(hubTotal(own, 'clicks', 'IncomingMessages', windowOf(counts.length))).toBe(total)
      }),
    )
  })
})

describe('the use of units', () => {
  const all = [
    series('IncomingBytes', [60e6, 30e6], { entity: 'clicks' }),
    series('IncomingBytes', [60e6, 0], { entity: 'views' }),
    series('OutgoingMessages', [60 * 4_096, 0], { entity: 'clicks' }),
  ]

  it('is that of all hubs in the busiest minute, as a part of what the units carry', () => {
    const uses = wayUses(all, { tier: 'Standard', units: 4 }, windowOf(2))
    const told = uses.map(({ way, mean, peak, carries, percent }) => [way, mean, peak, carries, percent])
    expect(told).toEqual([
      ['bytes in', 1.25e6, 2e6, 4e6, 50],
      ['events in', 0, 0, 4_000, 0],
      ['bytes out', 0, 0, 8e6, 0],
      ['events out', 2_048, 4_096, 16_384, 25],
    ])
  })

  it('has no ceiling where none is published', () => {
    const uses = wayUses(all, { tier: 'Premium', units: 1 }, windowOf(2))
    expect(uses.map(({ carries }) => carries)).toEqual([5e6, undefined, 10e6, undefined])
    expect(wayUses(all, { tier: 'Dedicated', units: 1 }, windowOf(2)).map(({ percent }) => percent)).toEqual([
      ...[undefined, undefined, undefined, undefined],
    ])
  })
})

it.each([
  ['whole, while it has just begun', 10, 60],
  ['as far as it is', 30, 30],
  ['whole', 60, 60],
])('takes the running minute %s', (_, seconds, counted) => {
  const window = { fromMs: START, toMs: START + MINUTE + seconds * 1_000 }
  const own = [series('IncomingMessages', [600, 1_200], { entity: 'clicks' })]
  const { meanPerSecond, peakPerSecond, minutes } = hubTraffic(own, 'clicks', window).eventsIn
  expect(minutes).toEqual([10, 1_200 / counted])
  expect(peakPerSecond).toBe(1_200 / counted)
  expect(meanPerSecond).toBe(1_800 / (60 + counted))
})

it('counts errors by kind and result, and leaves out what is none', () => {
  const all = [
    series('ThrottledRequests', [3, 2], { entity: 'clicks', result: 'ServerBusy' }),
    series('ThrottledRequests', [1, 0], { entity: 'views', result: 'ServerBusy' }),
    series('UserErrors', [0, 0], { entity: 'clicks', result: 'NotFound' }),
    series('UserErrors', [0, 4], { entity: 'clicks', result: 'Unauthorized' }),
  ]
  expect(errorCounts(all, windowOf(2))).toEqual([
    { kind: 'throttled', result: 'ServerBusy', count: 6 },
    { kind: 'user', result: 'Unauthorized', count: 4 },
  ])
})

it('knows the last and the most of what is measured', () => {
  const all = [
    series('Size', [10, 30, undefined], { entity: 'clicks' }),
    series('Size', [99, 99, 99], { entity: 'views' }),
    series('ActiveConnections', [2, 7, 3, undefined]),
  ]
  expect(lastValue(all, 'Size', 'CLICKS')).toBe(30)
  expect(lastValue(all, 'Size', 'others')).toBeUndefined()
  expect([lastValue(all, 'ActiveConnections'), mostValue(all, 'ActiveConnections')]).toEqual([3, 7])
  expect(mostValue(all, 'NamespaceCpuUsage')).toBeUndefined()
})
