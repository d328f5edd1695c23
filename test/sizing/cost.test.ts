import { describe, expect, test } from 'vitest'
import { chargedOf } from '../../src/resources/charged.ts'
import { costOf, type Charged } from '../../src/sizing/cost.ts'
import { listPricesFor } from '../../src/sizing/list-prices.ts'
import type { HubLoad, Load } from '../../src/sizing/load.ts'
import { aCapture, aSpec, aWorld, STORAGE_ID } from '../support/worlds.ts'

const nothing = aWorld().actual(aSpec())
const US = listPricesFor('eastus2')
const usCost = (charged: Charged) => costOf(charged, US)

test.each([
  ['', { monthly: 21.9, monthlyCeiling: 21.9, perMillionEvents: 0.028, withEvents: false }],
  ['--capacity 2', { monthly: 43.8, monthlyCeiling: 43.8 }],
  ['--auto-inflate-max 10', { monthly: 21.9, monthlyCeiling: 219 }],
  ['--tier Basic --no-consumer-group', { monthly: 10.95, monthlyCeiling: 10.95 }],
  ['--tier Premium --capacity 4', { monthly: 2998.84, monthlyCeiling: 2998.84, perMillionEvents: 0 }],
])('what will be made costs by its units: %s', (line, expected) => {
  expect(usCost(chargedOf(aSpec(line), nothing))).toMatchObject(expected)
})

test('what exists costs what it has, inflated units and their ceiling included', () => {
  const live = aWorld().withGroup().withNamespace({ capacity: 6, autoInflateMax: 10 }).actual(aSpec())
  expect(usCost(chargedOf(aSpec('--capacity 2'), live))).toMatchObject({ monthly: 131.4, monthlyCeiling: 219 })
})

test('a namespace in a cluster has no price of its own: unknown, not nothing', () => {
  const live = aWorld().withGroup().withNamespace({ tier: 'Dedicated' }).actual(aSpec())
  expect(usCost(chargedOf(aSpec(), live))).toBeNull()
})

const CAPTURE = `--capture-storage-account ${STORAGE_ID} --capture-container raw`
const captured = () =>
  aWorld().withNamespace({ capacity: 2 }).withHub('clicks', { capture: aCapture() }).withHub('views')

test.each([
  ['asked for', CAPTURE, aWorld(), { monthly: 94.9, withCapture: true }],
  ['included in Premium', `${CAPTURE} --tier Premium`, aWorld(), { monthly: 749.71, withCapture: true }],
  ['there, on a hub that nobody names', '--hub views', captured(), { monthly: 189.8, withCapture: true }],
  ['switched off', '--hub clicks --no-capture', captured(), { monthly: 43.8, withCapture: false }],
  ['switched off on one hub of two', '--hub views --no-capture', captured(), { monthly: 189.8, withCapture: true }],
] as const)('Capture costs by unit, for all hubs together: %s', (_, line, world, expected) => {
  const spec = aSpec(line)
  expect(usCost(chargedOf(spec, world.actual(spec)))).toMatchObject(expected)
})

const STEADY: Load = {
  eventsPerSecond: 1000,
  bytesPerEvent: 1000,
  peak: 1,
  readers: 1,
  workers: 1,
  ordered: false,
  assumed: [],
}
const hub = (load: Partial<Load> = {}, retentionHours: number | undefined = 24): HubLoad => ({
  name: 'clicks',
  load: { ...STEADY, ...load },
  retentionHours,
})
const compacted: HubLoad = { ...hub(), retentionHours: undefined }
const charged = (some: Partial<Charged>): Charged => ({
  ...{ tier: 'Standard', units: 1, maxUnits: 1, capture: false, hubs: [hub()] },
  ...some,
})
/** Month and ceiling of each part. */
const partsOf = (some: Partial<Charged>, prices = US) =>
  Object.fromEntries(costOf(charged(some), prices)!.parts.map(({ of, ...amounts }) => [of, Object.values(amounts)]))

describe('with a load, its parts', () => {
  test.each<[string, Partial<Charged>, Record<string, (number | null)[]>]>([
    // 1,000/s is 2,628 million a month at 0.028. A day of 1 MB/s is 86.4 GB, 2.4 above the 84 of a unit, at 0.0184.
    ['1,000 events a second of 1 KB', {}, { units: [21.9, 21.9], events: [73.58, 73.58], storage: [0.04, 0.04] }],
    [
      'with Capture',
      { capture: true },
      { units: [21.9, 21.9], events: [73.58, 73.58], storage: [0.04, 0.04], capture: [73, 73] },
    ],
    // The ceiling has all units in all hours; events stay at the mean, and storage at what the fewest units include.
    [
      'inflating to 10',
      { maxUnits: 10, capture: true },
      { units: [21.9, 219], events: [73.58, 73.58], storage: [0.04, 0.04], capture: [73, 730] },
    ],
    [
      '64 KB, one billed event',
      { hubs: [hub({ bytesPerEvent: 65_536, eventsPerSecond: 1 })] },
      { units: [21.9, 21.9], events: [0.07, 0.07], storage: [0, 0] },
    ],
    [
      'a byte more, two',
      { hubs: [hub({ bytesPerEvent: 65_537, eventsPerSecond: 1 })] },
      { units: [21.9, 21.9], events: [0.15, 0.15], storage: [0, 0] },
    ],
    [
      'empty events, one each',
      { hubs: [hub({ bytesPerEvent: 0 })] },
      { units: [21.9, 21.9], events: [73.58, 73.58], storage: [0, 0] },
    ],
    // A week of 1 MB/s is 604.8 GB; 10 units include 840, one 84.
    [
      'a week on 10 units',
      { units: 10, maxUnits: 10, hubs: [hub({}, 168)] },
      { units: [219, 219], events: [73.58, 73.58], storage: [0, 0] },
    ],
    [
      'a week on 1 unit',
      { hubs: [hub({}, 168)] },
      { units: [21.9, 21.9], events: [73.58, 73.58], storage: [9.58, 9.58] },
    ],
    // Two hubs share what is included: 172.8 - 84.
    ['two hubs', { hubs: [hub(), hub()] }, { units: [21.9, 21.9], events: [147.17, 147.17], storage: [1.63, 1.63] }],
    ['Basic', { tier: 'Basic' }, { units: [10.95, 10.95], events: [73.58, 73.58], storage: [0.04, 0.04] }],
    // 20 MB/s for 90 days is 155,520 GB, 153,520 above the 2 TB of two units, at 0.1.
    [
      'Premium',
      { tier: 'Premium', units: 2, maxUnits: 2, capture: true, hubs: [hub({ eventsPerSecond: 20_000 }, 2160)] },
      { units: [1499.42, 1499.42], storage: [15352, 15352] },
    ],
    [
      'nothing comes in',
      { hubs: [hub({ eventsPerSecond: 0 })] },
      { units: [21.9, 21.9], events: [0, 0], storage: [0, 0] },
    ],
    [
      'a compacted hub',
      { hubs: [hub(), compacted] },
      { units: [21.9, 21.9], events: [147.17, 147.17], storage: [null, null] },
    ],
  ])('%s', (_, some, expected) => expect(partsOf(some)).toEqual(expected))

  test('add up to the month and to its ceiling', () => {
    const cost = usCost(charged({ maxUnits: 4, capture: true }))
    expect(cost).toMatchObject({ monthly: 168.52, monthlyCeiling: 453.22, withEvents: true })
  })
})

test('a unit of Premium costs less than Standard from 8 units, and from 5 with Capture', () => {
  const monthly = (some: Partial<Charged>) => usCost(charged(some))!.monthly
  const full = (units: number) => ({ units, maxUnits: units, hubs: [hub({ eventsPerSecond: units * 1000 })] })
  const dearer = (units: number, capture: boolean) =>
    monthly({ ...full(units), capture }) > monthly({ ...full(units), capture, tier: 'Premium', units: 1, maxUnits: 1 })
  expect([7, 8].map((units) => dearer(units, false))).toEqual([false, true])
  expect([4, 5].map((units) => dearer(units, true))).toEqual([false, true])
})

describe('an unknown price', () => {
  const without = (...unknown: (keyof typeof US.rates)[]) => ({
    ...US,
    rates: { ...US.rates, ...Object.fromEntries(unknown.map((rate) => [rate, null])) },
  })

  test('of a part makes the part unknown, never nothing, and is not in the sum', () => {
    const prices = without('blobGbMonth', 'standardCaptureHour')
    expect(partsOf({ capture: true, hubs: [hub({}, 168)] }, prices)).toEqual({
      ...{ units: [21.9, 21.9], events: [73.58, 73.58] },
      ...{ storage: [null, null], capture: [null, null] },
    })
    expect(costOf(charged({ capture: true, hubs: [hub({}, 168)] }), prices)!.monthly).toBe(95.48)
  })

  test('of what is not used changes nothing', () => {
    expect(partsOf({ hubs: [hub({ eventsPerSecond: 1 })] }, without('blobGbMonth'))['storage']).toEqual([0, 0])
  })

  test('of events is null, not the 0 of what is included', () => {
    expect(costOf(charged({ hubs: undefined }), without('standardMillionEvents'))!.perMillionEvents).toBeNull()
  })

  test('of a unit leaves nothing to tell', () => {
    expect(costOf(charged({}), without('standardUnitHour'))).toBeNull()
    expect(costOf(charged({ tier: 'Basic' }), without('standardUnitHour'))).not.toBeNull()
  })
})
