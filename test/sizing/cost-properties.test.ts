import fc from 'fast-check'
import { expect, test } from 'vitest'
import { costOf, type Charged } from '../../src/sizing/cost.ts'
import { listPricesFor } from '../../src/sizing/list-prices.ts'
import type { HubLoad } from '../../src/sizing/load.ts'
import type { Prices, Rate } from '../../src/sizing/prices.ts'

const hubs: fc.Arbitrary<HubLoad> = fc.record({
  name: fc.constant('clicks'),
  load: fc.record({
    eventsPerSecond: fc.oneof(fc.nat(100_000), fc.double({ min: 0, max: 100, noNaN: true })),
    bytesPerEvent: fc.nat(1_048_576),
    peak: fc.integer({ min: 1, max: 10 }),
    readers: fc.nat(5),
    workers: fc.nat(32),
    ordered: fc.boolean(),
    assumed: fc.constant([]),
  }),
  retentionHours: fc.option(fc.integer({ min: 1, max: 2160 }), { nil: undefined, freq: 10 }),
})

const charges: fc.Arbitrary<Charged> = fc
  .record({
    tier: fc.constantFrom('Basic', 'Standard', 'Premium'),
    units: fc.integer({ min: 1, max: 40 }),
    more: fc.nat(39),
    capture: fc.boolean(),
    hubs: fc.option(fc.array(hubs, { maxLength: 4 }), { nil: undefined }),
  })
  .map(({ more, ...charged }) => ({ ...charged, maxUnits: charged.units + more }))

const regions = fc.constantFrom('eastus2', 'brazilsouth', 'mexicocentral', 'westeurope', 'northeurope')
const listed = regions.map((region) => listPricesFor(region))
/** Prices of which some are unknown, as a live answer may leave them out; never those of units. */
const holed: fc.Arbitrary<Prices> = fc
  .tuple(listed, fc.subarray<Rate>(['standardMillionEvents', 'standardCaptureHour', 'premiumGbMonth', 'blobGbMonth']))
  .map(([prices, unknown]) => ({
    ...prices,
    rates: { ...prices.rates, ...Object.fromEntries(unknown.map((rate) => [rate, null])) },
  }))

test('the known parts add up to the total, and no part is lost', () => {
  fc.assert(
    fc.property(charges, holed, (charged, prices) => {
      const cost = costOf(charged, prices)!
      const known = (key: 'monthly' | 'ceiling') => cost.parts.reduce((all, part) => all + (part[key] ?? 0), 0)
      expect(cost.monthly).toBeCloseTo(known('monthly'), 4)
      expect(cost.monthlyCeiling).toBeCloseTo(known('ceiling'), 4)
      const of = cost.parts.map((part) => part.of)
      expect(new Set(of).size).toBe(of.length)
      expect(of.includes('storage')).toBe(charged.hubs !== undefined)
      expect(of.includes('capture')).toBe(charged.capture && charged.tier === 'Standard')
      expect(of.includes('events')).toBe(charged.hubs !== undefined && charged.tier !== 'Premium')
    }),
  )
})

test('the ceiling is not below the floor, in total and in each part', () => {
  fc.assert(
    fc.property(charges, holed, (charged, prices) => {
      const cost = costOf(charged, prices)!
      expect(cost.monthlyCeiling).toBeGreaterThanOrEqual(cost.monthly)
      for (const { monthly, ceiling } of cost.parts) {
        expect(ceiling === null).toBe(monthly === null)
        if (monthly !== null) expect(ceiling!).toBeGreaterThanOrEqual(monthly)
      }
    }),
  )
})

/** More of one thing that is charged. */
const more: fc.Arbitrary<(charged: Charged) => Charged> = fc.oneof(
  fc.integer({ min: 1, max: 10 }).map((units) => (charged: Charged) => ({
    ...charged,
    units: charged.units + units,
    maxUnits: charged.maxUnits + units,
  })),
  fc.constant((charged: Charged) => ({ ...charged, maxUnits: charged.maxUnits + 1 })),
  fc.constant((charged: Charged) => ({ ...charged, capture: true })),
  hubs.map((hub) => (charged: Charged) => ({ ...charged, hubs: charged.hubs && [...charged.hubs, hub] })),
  fc.record({ rate: fc.nat(1000), bytes: fc.nat(70_000), hours: fc.nat(100) }).map(({ rate, bytes, hours }) => {
    const grow = (hub: HubLoad): HubLoad => ({
      ...hub,
      load: {
        ...hub.load,
        eventsPerSecond: hub.load.eventsPerSecond + rate,
        bytesPerEvent: hub.load.bytesPerEvent + bytes,
      },
      retentionHours: hub.retentionHours === undefined ? undefined : hub.retentionHours + hours,
    })
    return (charged: Charged) => ({ ...charged, hubs: charged.hubs?.map(grow) })
  }),
)

test('more units, load, retention, readers or Capture never cost less', () => {
  const isKept = ({ hubs }: Charged) => !hubs?.some(({ retentionHours }) => retentionHours === undefined)
  fc.assert(
    fc.property(charges.filter(isKept), more, listed, (charged, grow, prices) => {
      const grown = grow(charged)
      fc.pre(isKept(grown))
      const [before, after] = [costOf(charged, prices)!, costOf(grown, prices)!]
      expect(after.monthly).toBeGreaterThanOrEqual(before.monthly - 0.01)
      expect(after.monthlyCeiling).toBeGreaterThanOrEqual(before.monthlyCeiling - 0.01)
    }),
  )
})

test('the price of a month grows with the load in proportion, as long as nothing is included', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 2, max: 9 }), (rate, factor) => {
      const events = (eventsPerSecond: number) => {
        const load = { eventsPerSecond, bytesPerEvent: 1, peak: 1, readers: 1, workers: 1, ordered: false, assumed: [] }
        const charged = { tier: 'Standard', units: 1, maxUnits: 1, capture: false } as const
        const hubs = [{ name: 'clicks', load, retentionHours: 1 }]
        return costOf({ ...charged, hubs }, listPricesFor('eastus2'))!.parts.find(({ of }) => of === 'events')!.monthly!
      }
      expect(Math.abs(events(rate * factor) - events(rate) * factor)).toBeLessThan(0.01 * factor)
    }),
  )
})
