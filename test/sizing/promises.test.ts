import { expect, test } from 'vitest'
import { choiceFor } from '../../src/sizing/enough.ts'
import { notPromised } from '../../src/sizing/promises.ts'
import { aHubToSize, aLoad, toSizeOf } from '../support/loads.ts'
import type { ToSize } from '../../src/sizing/size.ts'

const told = (asked: ToSize, kafka = false) =>
  notPromised(asked, choiceFor(asked), { kafka, advised: undefined }).map(({ of }) => of)
const compacted: ToSize = { ...toSizeOf([]), hubs: [aHubToSize(aLoad(), { retentionHours: undefined })] }
const USUAL = ['hot-key', 'catch-up']

test.each([
  ['a usual load', toSizeOf([aLoad({ workers: 4 })]), USUAL],
  ['a single partition', toSizeOf([aLoad()]), ['catch-up']],
  ['one order', toSizeOf([aLoad({ ordered: true })]), ['order', 'catch-up']],
  ['nobody reads', toSizeOf([aLoad({ workers: 4, readers: 0 })]), ['hot-key']],
  ['Basic', toSizeOf([aLoad({ workers: 4 })], { tier: 'Basic' }), [...USUAL, 'one-group']],
  ['Premium', toSizeOf([aLoad({ workers: 4 })], { tier: 'Premium' }), [...USUAL, 'premium']],
  ['a peak', toSizeOf([aLoad({ workers: 4, peak: 5 })]), [...USUAL, 'auto-inflate']],
  ['a peak without auto-inflate', toSizeOf([aLoad({ workers: 4, peak: 5 })], { autoInflateMax: 0 }), USUAL],
  ['compaction', compacted, ['catch-up', 'compaction']],
])('what the numbers cannot promise: %s', (_, asked, expected) => expect(told(asked)).toEqual(expected))

test('Kafka is told of where somebody asked for it', () => {
  expect(told(toSizeOf([aLoad()]), true)).toEqual(['catch-up', 'kafka'])
})

test('Premium is told of where it is the advice', () => {
  const asked = toSizeOf([aLoad({ workers: 4 })], { tier: 'Standard' })
  const all = notPromised(asked, choiceFor(asked), { kafka: false, advised: 'Premium' })
  expect(all.map(({ of }) => of)).toEqual([...USUAL, 'premium'])
})

test('a compacted partition holds more on Premium', () => {
  const text = (tier: 'Standard' | 'Premium') =>
    notPromised(compacted, choiceFor({ ...compacted, tier }), { kafka: false, advised: undefined }).find(
      ({ of }) => of === 'compaction',
    )!.text
  expect(text('Standard')).toContain('at most 1 GB a partition')
  expect(text('Premium')).toContain('at most 250 GB a partition')
})

test('each has its page', () => {
  const all = notPromised(compacted, choiceFor({ ...compacted, tier: 'Premium' }), { kafka: true, advised: undefined })
  for (const { link } of all) expect(link).toMatch(/^https:\/\/(learn|techcommunity)\.microsoft\.com\//)
})

test('workers beyond the partitions, and partitions beyond one order, are told', () => {
  const crowded = toSizeOf([aLoad({ workers: 1_024 })])
  const [told] = notPromised(crowded, choiceFor(crowded), { kafka: false, advised: undefined }).filter(
    ({ of }) => of === 'workers',
  )
  expect(told?.text).toMatch(/^1,024 workers share 100 partitions: /)
  const split = { ...toSizeOf([]), hubs: [aHubToSize(aLoad({ ordered: true }), { partitions: 3 })] }
  const all = notPromised(split, choiceFor(split), { kafka: false, advised: undefined }).map(({ of }) => of)
  expect(all).toContain('split-order')
  const whole = { ...split, hubs: [aHubToSize(aLoad({ ordered: true }))] }
  expect(notPromised(whole, choiceFor(whole), { kafka: false, advised: undefined }).map(({ of }) => of)).not.toContain(
    'split-order',
  )
})
