import { expect, test } from 'vitest'
import { choiceFor } from '../../src/sizing/enough.ts'
import { neighboursOf } from '../../src/sizing/neighbours.ts'
import type { HubToSize, ToSize } from '../../src/sizing/size.ts'
import { storageUse } from '../../src/sizing/storage.ts'
import { aHubToSize, aLoad, toSizeOf } from '../support/loads.ts'

const told = (asked: ToSize, capture = false) =>
  neighboursOf(asked, choiceFor(asked), capture).map(({ tier, capture: paid, isChoice, size, obstacles, doubt }) => [
    `${isChoice ? '*' : ''}${tier}${paid ? ' with Capture' : ''}`,
    ...(size ? [size.capacity] : obstacles),
    ...(doubt === undefined ? [] : [doubt]),
  ])

const of = (more: Partial<HubToSize>): ToSize => ({ ...toSizeOf([]), hubs: [aHubToSize(aLoad(), more)] })

test.each([
  [
    'a load of 10 units',
    toSizeOf([aLoad({ eventsPerSecond: 10_000 })]),
    false,
    [
      ['*Standard', 10],
      ['Standard with Capture', 10],
      ['Basic', 10],
      ['Premium', 2],
    ],
  ],
  [
    'with Capture',
    toSizeOf([aLoad()]),
    true,
    [
      ['*Standard with Capture', 1],
      ['Standard', 1],
      ['Basic', 1],
      ['Premium', 1],
    ],
  ],
  [
    'kept for longer than Standard does',
    of({ retentionHours: 720 }),
    false,
    [
      ['*Premium', 1],
      ['Basic', 'it keeps events up to 24h'],
      ['Standard', 'it keeps events up to 7d'],
    ],
  ],
  [
    'more than Premium surely carries',
    toSizeOf([aLoad({ eventsPerSecond: 25_000, bytesPerEvent: 4_000 })]),
    false,
    [
      ['*Premium', 16, 'the load needs 20 processing units, and a namespace has up to 16'],
      ...['Basic', 'Standard'].map((tier) => [
        tier,
        'the load needs 100 throughput units, and a namespace has up to 40',
        'a hub needs 100 partitions, and it has up to 32',
      ]),
    ],
  ],
])('the choice and its neighbours: %s', (_, asked, capture, expected) => expect(told(asked, capture)).toEqual(expected))

test.each([
  [of({ consumerGroups: 21 }), 'Standard', 'it has up to 20 consumer groups a hub'],
  [of({ partitions: 40 }), 'Standard', 'a hub needs 40 partitions, and it has up to 32'],
  [of({ load: aLoad({ bytesPerEvent: 300_000 }) }), 'Basic', 'it takes events up to 256 KiB'],
  [of({ retentionHours: undefined }), 'Basic', 'it has no compaction'],
  [toSizeOf(Array.from({ length: 11 }, () => aLoad({ eventsPerSecond: 1 }))), 'Basic', 'it has up to 10 hubs'],
])('an obstacle instead of a price', (asked, tier, obstacle) => {
  const found = neighboursOf(asked, choiceFor(asked), false).find((one) => one.tier === tier)
  expect(found?.size).toBeUndefined()
  expect(found?.obstacles).toContain(obstacle)
})

test('Basic lacks much, although it carries the load', () => {
  const basic = neighboursOf(of({}), choiceFor(of({})), false).find(({ tier }) => tier === 'Basic')
  expect(basic?.lacks).toEqual(['consumer groups', 'Kafka', 'Capture', 'auto-inflate'])
})

test('what is kept, against what the units include', () => {
  const hubs = [{ name: 'clicks', load: aLoad(), retentionHours: 24 }]
  // 1 MB/s for a day is 86.4 GB, and a throughput unit includes 84 GB.
  expect(storageUse(hubs, 'Standard', 1)).toMatchObject({ needs: 86.4e9, included: 84e9 })
  expect(storageUse(hubs, 'Standard', 1)?.percent).toBeCloseTo(102.86)
  expect(storageUse(hubs, 'Premium', 2)).toMatchObject({ included: 2e12, percent: 4.32 })
  expect(storageUse([...hubs, { ...hubs[0]!, retentionHours: undefined }], 'Standard', 1)?.needs).toBeUndefined()
})
