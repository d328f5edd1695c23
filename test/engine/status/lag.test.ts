import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { behindOf, eventsKept, lagOf, skewOf, unreadToFind } from '../../../src/engine/status/lag.ts'
import type { GroupPositions, PartitionState } from '../../../src/engine/status/positions.ts'

const NOW = Date.UTC(2026, 10, 30, 10)
const HOUR = 3_600_000

/** A partition that keeps the events from `begin` to `last`. */
const kept = (partition: string, begin: number, last: number): PartitionState => ({
  ...{ partition, beginningSequenceNumber: begin, lastSequenceNumber: last, lastEnqueuedMs: NOW },
  isEmpty: last < begin,
})
const reading = (positions: Readonly<Record<string, number>>): GroupPositions => ({
  ...{ group: 'trainer', source: 'checkpoints' },
  partitions: Object.entries(positions).map(([partition, nextSequenceNumber]) => ({ partition, nextSequenceNumber })),
})

describe('a position', () => {
  it.each([
    ['at the end', kept('0', 0, 99), 100, { lag: 0, lost: 0, nextSequenceNumber: 100 }],
    ['in the middle', kept('0', 0, 99), 40, { lag: 60, lost: 0, nextSequenceNumber: 40 }],
    ['at the first event', kept('0', 0, 99), 0, { lag: 100, lost: 0, nextSequenceNumber: 0 }],
    ['before the oldest event', kept('0', 50, 99), 40, { lag: 50, lost: 10, nextSequenceNumber: 50 }],
    [
      'before a partition that everything was dropped of',
      kept('0', 100, 99),
      40,
      { lag: 0, lost: 60, nextSequenceNumber: 100 },
    ],
    ['in a partition that never had an event', kept('0', 0, -1), 0, { lag: 0, lost: 0, nextSequenceNumber: 0 }],
    ['behind the end, of another hub', kept('0', 0, 9), 11, undefined],
  ])('%s', (_, state, position, told) => {
    expect(behindOf(state, position)).toEqual(told)
  })

  it('never makes an event both unread and lost', () => {
    const partition = fc.record({ begin: fc.nat(1_000), more: fc.nat(1_000), position: fc.nat(2_000) })
    fc.assert(
      fc.property(partition, ({ begin, more, position }) => {
        const state = kept('0', begin, begin + more - 1)
        const behind = behindOf(state, position)
        expect(behind === undefined).toBe(position > begin + more)
        if (!behind) return
        expect(behind.lag + behind.lost).toBe(begin + more - position)
        expect(behind.lag).toBeLessThanOrEqual(eventsKept(state))
      }),
    )
  })
})

describe('the lag of a group', () => {
  const states = [kept('0', 0, 99), kept('1', 50, 149), kept('2', 0, 9), kept('3', 0, -1)]
  const positions = reading({ '0': 90, '1': 20 })

  it('is the sum, with what is lost, untouched and soonest gone', () => {
    const unread = [
      { partition: '0', nextSequenceNumber: 90, enqueuedMs: NOW - 2 * HOUR },
      { partition: '1', nextSequenceNumber: 50, enqueuedMs: NOW - 23.5 * HOUR },
    ]
    const lag = lagOf(positions, { states, unread, retentionHours: 24 })
    expect(lag).toEqual({
      ...{
        group: 'trainer',
        source: 'checkpoints',
        lag: 110,
        lost: 30,
        untouched: ['2'],
        untouchedEvents: 10,
        beyond: [],
      },
      lossMs: NOW + HOUR / 2,
      partitions: [
        { partition: '0', nextSequenceNumber: 90, lag: 10, lost: 0, lossMs: NOW + 22 * HOUR },
        { partition: '1', nextSequenceNumber: 20, lag: 100, lost: 30, lossMs: NOW + HOUR / 2 },
      ],
    })
  })

  it('asks for the age of each oldest unread event once', () => {
    const other = { ...reading({ '0': 90, '1': 60, '2': 10 }), group: 'other' }
    expect(unreadToFind(states, [positions, other])).toEqual([
      { partition: '0', nextSequenceNumber: 90 },
      { partition: '1', nextSequenceNumber: 50 },
      { partition: '1', nextSequenceNumber: 60 },
    ])
  })

  it('has no end where nothing is unread, where the age is not known, and where a hub keeps events for ever', () => {
    const facts = { states, unread: [{ partition: '0', nextSequenceNumber: 90, enqueuedMs: NOW }], retentionHours: 24 }
    expect(lagOf(reading({ '0': 100 }), facts).lossMs).toBeUndefined()
    expect(lagOf(reading({ '0': 80 }), facts).lossMs).toBeUndefined()
    expect(lagOf(positions, { ...facts, retentionHours: undefined }).lossMs).toBeUndefined()
  })

  it('is not known of positions of an earlier hub', () => {
    expect(lagOf(reading({ '2': 500 }), { states, unread: [], retentionHours: 24 })).toMatchObject({
      ...{ lag: undefined, beyond: ['2'], untouched: ['0', '1'] },
    })
  })
})

describe('skew', () => {
  const loads = (...events: number[]) =>
    events.map((one, i) => ({ partition: String(i), events: one, lastSequenceNumber: one - 1, lastEventMs: NOW }))

  it.each([
    ['even partitions', [1_000, 1_001, 999, 1_000], undefined],
    ['one partition', [1_000], undefined],
    ['one hot partition', [400, 2_800, 400, 400], { partition: '1', share: 0.7, times: 2.8 }],
    ['two partitions, one of them all', [0, 1_000], { partition: '1', share: 1, times: 2 }],
    ['two partitions, one with more', [400, 600], undefined],
    ['too few events to tell', [0, 999, 0, 0], undefined],
    ['no events', [0, 0, 0, 0], undefined],
  ])('of %s', (_, events, told) => {
    expect(skewOf(loads(...events))).toEqual(told)
  })
})
