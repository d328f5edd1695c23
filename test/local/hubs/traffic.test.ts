import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LocalHub } from '../../../src/local/hubs/directory.ts'
import { HubError } from '../../../src/local/hubs/errors.ts'
import { History } from '../../../src/local/hubs/history.ts'
import { Traffic } from '../../../src/local/hubs/traffic.ts'

const START_MS = Date.parse('2026-03-01T12:00:00Z')
const MINUTE_MS = 60_000
const START_MINUTE = START_MS / MINUTE_MS

describe('the counters of hubs', () => {
  const HUB: LocalHub = {
    ...{ namespace: 'namespace1', name: 'clicks', partitionCount: 1, status: 'Active', retentionHours: 1 },
    ...{ isCompacted: false, timestampType: 'LogAppend', maxMessageBytes: 1, createdAt: 0, consumerGroups: [] },
  }

  test('keep a day, and of a hub that is gone what was', () => {
    const traffic = new Traffic()
    const names = () => traffic.historiesOf('namespace1').map(({ name }) => name)
    const there = { namespace: 'namespace1', hub: 'clicks', gauges: { sizeBytes: 1 } }
    traffic.countIn(HUB, { bytes: 10, events: 2 }, START_MS)
    traffic.measure([there], START_MS)
    traffic.measure([], START_MS + 60 * MINUTE_MS)
    const [history] = traffic.historiesOf('namespace1')
    expect(history!.countsAt(START_MINUTE)).toMatchObject({
      incomingBytes: 10,
      incomingMessages: 2,
      incomingRequests: 1,
    })
    expect([59, 60].map((minute) => history!.gaugesAt(START_MINUTE + minute).sizeBytes)).toEqual([1, undefined])
    traffic.measure([], START_MS + 24 * 60 * MINUTE_MS)
    expect(names()).toEqual(['clicks'])
    traffic.measure([], START_MS + 26 * 60 * MINUTE_MS)
    expect(names()).toEqual([])
  })

  test('keep what clients may not see to the namespace', () => {
    const traffic = new Traffic()
    const missing = new HubError({ because: 'missing-right', right: 'Send', path: 'clicks' })
    const many = new HubError({ because: 'too-many-readers', most: 5, connected: [] })
    for (const error of [missing, many, new TypeError('ours')]) traffic.countRefused('namespace1', HUB, error, START_MS)
    const counted = traffic.historiesOf('namespace1').map((one) => [one.name, one.countsAt(START_MINUTE)])
    expect(counted).toEqual([
      ['-NamespaceOnlyMetric-', expect.objectContaining({ incomingRequests: 1, userErrors: 1 })],
      [
        'clicks',
        expect.objectContaining({ incomingRequests: 2, quotaExceededErrors: 1, serverErrors: 1, userErrors: 0 }),
      ],
    ])
  })

  test('say the level of each minute, whenever it was measured', () => {
    const sizes = fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 3 })), { minLength: 1 })
    fc.assert(
      fc.property(sizes, (written) => {
        const measured = written.toSorted(([a], [b]) => a - b)
        const history = new History('clicks')
        for (const [minute, sizeBytes] of measured) history.measure(minute, { sizeBytes })
        for (let minute = 0; minute < 55; minute++) {
          const last = measured.findLast(([at]) => at <= minute)
          expect(history.gaugesAt(minute).sizeBytes).toBe(last?.[1])
        }
      }),
    )
  })
})
