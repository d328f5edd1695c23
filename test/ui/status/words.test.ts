import { expect, it, test } from 'vitest'
import { makeStyle } from '../../../src/ui/text.ts'
import { formatAgo, formatSpan, lagWords, lossWords, lostWords, sparkline } from '../../../src/ui/status/words.ts'
import { group, HOUR_MS, NOW_MS, partitionLag } from './statuses.ts'

test.each([
  [0, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [HOUR_MS, '1 h'],
  [3.2 * HOUR_MS, '3 h 12 min'],
  [47 * HOUR_MS + 59 * 60_000, '47 h 59 min'],
  [52.9 * HOUR_MS, '2 d 4 h'],
  [-5, '0 s'],
])('%d ms are %s', (ms, words) => expect(formatSpan(ms)).toBe(words))

it('says how long ago something was, also by a clock that is ahead', () => {
  expect(formatAgo(NOW_MS - 12_400, NOW_MS)).toBe('12 s ago')
  expect(formatAgo(NOW_MS + 5_000, NOW_MS)).toBe('just now')
})

it('says what is lost, and when', () => {
  expect(lossWords(NOW_MS + HOUR_MS, NOW_MS)).toBe('unread events are dropped in 1 h')
  expect(lossWords(NOW_MS, NOW_MS)).toBe('unread events are being dropped')
  expect([lostWords(1), lostWords(1_204)]).toEqual(['1 event was dropped unread', '1,204 events were dropped unread'])
})

test.each([
  [{ source: undefined }, ['not known without --checkpoints']],
  [{ lag: 0 }, ['nothing unread']],
  [{ lag: undefined }, ['lag unknown']],
  [{ lag: 7, partitions: [partitionLag('0', 7)] }, ['lag 7']],
  [
    { lag: 1_207, partitions: [partitionLag('0', 7), partitionLag('9', 1_200)] },
    ['lag 1,207', 'most in partition 9: 1,200'],
  ],
  [{ partitions: [], untouched: ['0'] }, ['never checkpointed']],
  [{ source: 'kafka' as const, partitions: [], untouched: ['0'] }, ['never committed']],
  [{ lag: 0, untouched: ['1'], untouchedEvents: 1 }, ['lag 0', '1 more event in partition 1, never checkpointed']],
  [
    { source: 'readers' as const, lag: 5, untouched: ['1', '2'], untouchedEvents: 70 },
    ['lag 5', '70 more events in partitions 1, 2, never read'],
  ],
  [{ untouched: [...'1234567'], untouchedEvents: 7 }, ['lag 0', '7 more events in 7 partitions, never checkpointed']],
])('the words of a group %#', (some, words) => expect(lagWords(group(some))).toEqual(words))

it('draws minutes as bars, and only nothing as the lowest one', () => {
  const { glyphs } = makeStyle(0, true)
  expect(sparkline([0, 1, 50, 100], 9, glyphs)).toBe('▁▂▅█')
  expect(sparkline([0, 100, 0, 0, 50, 0], 3, glyphs)).toBe('█▁▅')
  expect(sparkline([0, 1, 50, 100], 9, glyphs, 200)).toBe('▁▂▃▅')
  expect(sparkline([0, 0], 9, glyphs)).toBe('▁▁')
  expect(sparkline([], 9, glyphs)).toBe('')
  expect(sparkline([1, 2], 9, makeStyle(0, false).glyphs)).toBe('')
})
