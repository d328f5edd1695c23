import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIMITS, type LiveTier } from '../../src/lib/limits.ts'
import type { Load } from '../../src/sizing/load.ts'
import { reasonsFor } from '../../src/sizing/reasons.ts'
import { sizeOf, tierFor, type HubToSize, type Size, type ToSize } from '../../src/sizing/size.ts'
import { demandsOf, usesOf } from '../../src/sizing/use.ts'
import { aHubToSize, aLoad, toSizeOf } from '../support/loads.ts'

const RUNS = { numRuns: 600 }

/** Numbers of any size: as many small ones as large ones. */
const upTo = (most: number): fc.Arbitrary<number> =>
  fc
    .tuple(fc.integer({ min: 0, max: Math.floor(Math.log10(most)) }), fc.integer({ min: 1, max: 99 }))
    .map(([power, n]) => Math.min(most, Math.ceil((n * 10 ** power) / 10)))

const load: fc.Arbitrary<Load> = fc
  .record({
    eventsPerSecond: fc.oneof(upTo(100_000), fc.constantFrom(0.01, 0.1, 0.3)),
    bytesPerEvent: upTo(1_048_576),
    peak: fc.constantFrom(1, 1, 1.5, 2, 3, 10),
    readers: fc.integer({ min: 0, max: 8 }),
    workers: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 120 })),
    ordered: fc.constantFrom(false, false, false, true),
  })
  .map((drawn) => aLoad({ ...drawn, workers: drawn.ordered ? 1 : drawn.workers }))
  // Most loads of these are more than any namespace carries; the others are what is looked at.
  .map((one) =>
    one.eventsPerSecond * one.bytesPerEvent < 2e8 ? one : { ...one, bytesPerEvent: 1e7 / one.eventsPerSecond },
  )
  // What is a billionth of the rest is rounded away, by one reading of the rules or by both.
  .map((one) => (one.eventsPerSecond < 1 ? { ...one, bytesPerEvent: Math.max(one.bytesPerEvent, 1_000) } : one))

const said = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined, freq: 1 })
const sometimes = <T>(values: fc.Arbitrary<T>) =>
  fc.option(values, { nil: undefined, freq: 1 }).chain((one) => fc.constantFrom(undefined, undefined, one))

const hub: fc.Arbitrary<HubToSize> = fc
  .record({
    load: fc.oneof({ weight: 4, arbitrary: load }, { weight: 1, arbitrary: fc.constant(undefined) }),
    partitions: sometimes(fc.constantFrom(1, 4, 32, 33, 100)),
    retentionHours: fc.constantFrom(undefined, ...[24, 24, 24, 24, 24, 168, 168, 169]),
    consumerGroups: fc.constantFrom(...[1, 2, 2, 2, 2, 2, 20, 20, 21]),
  })
  .map(({ load: one, ...more }) => aHubToSize(one, more))

const hubs = fc.oneof(
  { weight: 3, arbitrary: fc.array(hub, { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(hub, { minLength: 1, maxLength: 12 }) },
)

/** Hubs, and nothing said of the namespace. */
const open: fc.Arbitrary<ToSize> = hubs
  .filter((all) => all.some((one) => one.load))
  .map((all) => ({ ...toSizeOf([]), hubs: all.map((one, i) => ({ ...one, name: `hub-${i}` })) }))

/** The same with something said. */
const partly: fc.Arbitrary<ToSize> = fc
  .record({
    asked: open,
    tier: said(fc.constantFrom<LiveTier>('Basic', 'Standard', 'Premium', 'Dedicated')),
    capacity: sometimes(fc.constantFrom(1, 2, 4, 8, 16)),
    autoInflateMax: sometimes(fc.constantFrom(0, 16, 20, 40)),
  })
  .map(({ asked, ...more }) => ({ ...asked, ...more }))

const loadsOf = ({ hubs: all }: ToSize): readonly Load[] => all.flatMap((one) => one.load ?? [])
const mostUnits = ({ capacity, autoInflateMax }: Size): number => Math.max(capacity, autoInflateMax)

/** Rounded up, but not by an error of the last digit. */
const up = (n: number): number => Math.ceil(n * (1 - 1e-9))

/**
 * The page of published rules, read a second time:
 * MB = events/s x peak x bytes / 1e6; TU = max(MB, events x peak / 1000, MB x readers / 2, events x peak x readers / 4096);
 * PU = max(MB / 5, MB x readers / 10); partitions = max(MB, workers), and one for one order.
 */
function second(asked: ToSize, peakCounts: boolean) {
  let [mb, events, mbOut, eventsOut, partitions] = [0, 0, 0, 0, 0]
  const each: number[] = []
  for (const { load: one, partitions: given } of asked.hubs) {
    const e = one ? one.eventsPerSecond * (peakCounts ? one.peak : 1) : 0
    const m = one ? (e * one.bytesPerEvent) / 1e6 : 0
    mb += m
    events += e
    mbOut += m * (one?.readers ?? 0)
    eventsOut += e * (one?.readers ?? 0)
    const atPeak = one ? (one.eventsPerSecond * one.peak * one.bytesPerEvent) / 1e6 : 0
    const wanted = !one ? 4 : one.ordered ? 1 : Math.max(up(atPeak), one.workers)
    each.push(given ?? wanted)
    partitions += given ?? Math.min(wanted, 100)
  }
  const tu = Math.max(1, up(mb), up(events / 1_000), up(mbOut / 2), up(eventsOut / 4_096))
  const least = Math.max(mb / 5, mbOut / 10, partitions / 200, asked.hubs.length / 100)
  const pu = [1, 2, 4, 6, 8, 10, 12, 16].find((one) => one >= least * (1 - 1e-9)) ?? Infinity
  return { tu, pu, each }
}

const always = (asked: fc.Arbitrary<ToSize>, holds: (asked: ToSize, size: Size) => void) =>
  fc.assert(
    fc.property(asked, (one) => {
      holds(one, sizeOf(one))
    }),
    RUNS,
  )

describe('for any load', () => {
  it('the size is that of a second reading of the rules', () => {
    const seen = { Standard: 0, Premium: 0, Dedicated: 0, inflates: 0 }
    always(open, (asked, size) => {
      const [mean, peak] = [second(asked, false), second(asked, true)]
      const isWide = (most: number) => peak.each.some((one) => one > most)
      const isMore = asked.hubs.some(
        ({ partitions, retentionHours, consumerGroups }) =>
          (partitions ?? 0) > 32 || (retentionHours ?? 0) > 168 || consumerGroups > 20,
      )
      const [fitsStandard, fitsPremium] = [peak.tu <= 40, peak.pu <= 16]
      const isStandard = fitsStandard && !((isMore || isWide(32) || asked.hubs.length > 10) && fitsPremium)
      const tier = isStandard ? 'Standard' : fitsPremium ? 'Premium' : 'Dedicated'
      expect(size.tier).toBe(tier)
      const most = { Standard: 32, Premium: 100, Dedicated: 1_024 }[tier]
      expect(size.partitions).toEqual(peak.each.map((one, i) => asked.hubs[i]!.partitions ?? Math.min(one, most)))
      seen[tier]++
      if (tier === 'Standard') {
        expect(size.capacity).toBe(mean.tu)
        expect(size.autoInflateMax).toBe(peak.tu > mean.tu ? peak.tu : 0)
        seen.inflates += size.autoInflateMax > 0 ? 1 : 0
      }
      if (tier === 'Premium') expect(size).toMatchObject({ capacity: peak.pu, autoInflateMax: 0 })
    })
    for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(10)
  })

  it('it carries the load: nothing is used above 100 %', () => {
    always(open, (asked, size) => {
      if (!tierFor(asked)) return
      const loads = loadsOf(asked)
      const uses = (at: 'mean' | 'peak', units: number) => usesOf(demandsOf(loads, size.tier, at), units)
      const all = [...uses('mean', size.capacity), ...uses('peak', mostUnits(size))]
      for (const { way, percent, needs, carries } of all) {
        expect(percent, way).toBeLessThanOrEqual(100 + 1e-6)
        expect(percent / 100).toBeCloseTo(needs / carries, 9)
      }
      for (const [i, { load: one, partitions }] of asked.hubs.entries()) {
        if (!one || partitions !== undefined || one.ordered) continue
        if (size.partitions[i] === LIMITS[size.tier].maxPartitionsPerHub) continue
        expect((one.eventsPerSecond * one.peak * one.bytesPerEvent) / 1e6 / size.partitions[i]!).toBeLessThan(1 + 1e-6)
        expect(size.partitions[i]).toBeGreaterThanOrEqual(one.workers)
      }
    })
  })

  it('it is the smallest: a step less would not carry it', () => {
    let checked = 0
    always(open, (asked, size) => {
      if (!tierFor(asked)) return
      const step = (units: number) => LIMITS[size.tier].capacities!.filter((one) => one < units).at(-1)
      const carries = (at: boolean, units: number | undefined): boolean => {
        const { tu, pu } = second(asked, at)
        return units !== undefined && units >= (size.tier === 'Standard' ? tu : pu)
      }
      expect(carries(true, step(mostUnits(size)))).toBe(false)
      expect(carries(size.autoInflateMax === 0, step(size.capacity))).toBe(false)
      for (const [i, { load: one, partitions }] of asked.hubs.entries()) {
        if (!one || partitions !== undefined || size.partitions[i] === 1) continue
        const less = size.partitions[i]! - 1
        const bytes = one.eventsPerSecond * one.peak * one.bytesPerEvent
        expect(less < one.workers || less * 1e6 < bytes, 'one partition less').toBe(true)
        checked++
      }
    })
    expect(checked).toBeGreaterThan(100)
  })

  it('it is the cheapest tier that carries the load and allows the rest', () => {
    always(open, (asked, size) => {
      if (size.tier !== 'Premium') return
      const onStandard = sizeOf({ ...asked, tier: 'Standard' })
      const { tu, each } = second(asked, true)
      const isTooMuch = tu > 40 || Math.max(...each) > 32 || asked.hubs.length > 10
      const isMore = asked.hubs.some((one) => (one.retentionHours ?? 0) > 168 || one.consumerGroups > 20)
      expect(isTooMuch || isMore, JSON.stringify(onStandard)).toBe(true)
    })
  })
})

const TIERS: readonly LiveTier[] = ['Basic', 'Standard', 'Premium', 'Dedicated']

/** That no value of a size is below that of another. The units of a larger tier are others. */
function expectNoLess(more: Size, less: Size): void {
  const [a, b] = [TIERS.indexOf(more.tier), TIERS.indexOf(less.tier)]
  expect(a, 'tier').toBeGreaterThanOrEqual(b)
  for (const [i, partitions] of less.partitions.entries())
    expect(more.partitions[i], 'partitions').toBeGreaterThanOrEqual(partitions)
  if (a > b) return
  expect(more.capacity, 'floor').toBeGreaterThanOrEqual(less.capacity)
  expect(mostUnits(more), 'ceiling').toBeGreaterThanOrEqual(mostUnits(less))
}

describe('more needs no less', () => {
  const GROWN: Readonly<Record<string, (one: Load, by: number) => Load>> = {
    events: (one, by) => ({ ...one, eventsPerSecond: one.eventsPerSecond * (1 + by / 10) }),
    bytes: (one, by) => ({ ...one, bytesPerEvent: one.bytesPerEvent * (1 + by / 10) }),
    peak: (one, by) => ({ ...one, peak: one.peak + by / 10 }),
    readers: (one, by) => ({ ...one, readers: one.readers + by }),
    workers: (one, by) => (one.ordered ? one : { ...one, workers: one.workers + by }),
  }

  it.each(Object.entries(GROWN))('%s', (_, grow) => {
    let steps = 0
    fc.assert(
      fc.property(partly, fc.nat(2), fc.integer({ min: 1, max: 30 }), (asked, which, by) => {
        const index = which % asked.hubs.length
        const all = asked.hubs.map((one, i) => (i === index && one.load ? { ...one, load: grow(one.load, by) } : one))
        const [less, more] = [sizeOf(asked), sizeOf({ ...asked, hubs: all })]
        expectNoLess(more, less)
        steps += JSON.stringify(less) === JSON.stringify(more) ? 0 : 1
      }),
      RUNS,
    )
    expect(steps).toBeGreaterThan(20)
  })

  it('hubs', () => {
    fc.assert(
      fc.property(partly, hub, (asked, one) => {
        expectNoLess(sizeOf({ ...asked, hubs: [...asked.hubs, { ...one, name: 'another' }] }), sizeOf(asked))
      }),
      RUNS,
    )
  })
})

describe('what somebody said', () => {
  it('is never changed', () => {
    always(partly, (asked, size) => {
      expect(size.tier).toBe(asked.tier ?? size.tier)
      expect(size.capacity).toBe(asked.capacity ?? size.capacity)
      expect(size.autoInflateMax).toBe(asked.autoInflateMax ?? size.autoInflateMax)
      expect(size.partitions).toEqual(asked.hubs.map(({ partitions }, i) => partitions ?? size.partitions[i]))
    })
  })

  it('leaves a size that Azure takes', () => {
    always(partly, (asked, { tier, capacity, autoInflateMax }) => {
      const { capacities, autoInflate } = LIMITS[tier]
      if (asked.capacity === undefined && capacities) expect(capacities).toContain(capacity)
      if (asked.autoInflateMax !== undefined) {
        if (asked.autoInflateMax > 0 && asked.capacity === undefined && autoInflate)
          expect(capacity).toBeLessThanOrEqual(autoInflateMax)
        return
      }
      expect(autoInflateMax === 0 || (autoInflate && autoInflateMax > capacity)).toBe(true)
      if (capacities) expect(autoInflateMax).toBeLessThanOrEqual(capacities.at(-1)!)
    })
  })

  it('carries the load with the rest, as far as it lets it', () => {
    const peaks = [aLoad({ eventsPerSecond: 5_000, peak: 2 })]
    const size = (more: Partial<ToSize>) => sizeOf(toSizeOf(peaks, more))
    expect(size({})).toMatchObject({ capacity: 5, autoInflateMax: 10 })
    expect(size({ autoInflateMax: 0 })).toMatchObject({ capacity: 10, autoInflateMax: 0 })
    expect(size({ autoInflateMax: 20 })).toMatchObject({ capacity: 5, autoInflateMax: 20 })
    expect(size({ autoInflateMax: 3 })).toMatchObject({ capacity: 3, autoInflateMax: 3 })
    expect(size({ capacity: 1 })).toMatchObject({ capacity: 1, autoInflateMax: 10 })
    expect(size({ capacity: 12 })).toMatchObject({ capacity: 12, autoInflateMax: 0 })
    expect(size({ tier: 'Basic' })).toMatchObject({ tier: 'Basic', capacity: 10, autoInflateMax: 0 })
    expect(size({ tier: 'Premium' })).toMatchObject({ tier: 'Premium', capacity: 2, autoInflateMax: 0 })
    expect(size({ tier: 'Dedicated' })).toMatchObject({ tier: 'Dedicated', capacity: 1, autoInflateMax: 0 })
  })
})

const UNITS: Readonly<Record<string, number>> = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 }
const amount = (text: string): number => {
  const [, digits = '', unit = ''] = /^([\d.,]+) ([A-Za-z]+)/.exec(text)!
  return Number(digits.replaceAll(',', '')) * (UNITS[unit] ?? 1)
}

describe('reasons', () => {
  it('stand for each value that nobody said, and for no other', () => {
    always(partly, (asked, size) => {
      const reasons = reasonsFor(asked, size)
      const of = (value: string) => reasons.filter((one) => one.of === value)
      expect(of('tier')).toHaveLength(asked.tier === undefined ? 1 : 0)
      const hasUnits = size.tier !== 'Dedicated'
      expect(of('capacity')).toHaveLength(asked.capacity === undefined && hasUnits ? 1 : 0)
      const inflates = size.autoInflateMax > 0 && hasUnits
      expect(of('autoInflateMax')).toHaveLength(asked.autoInflateMax === undefined && inflates ? 1 : 0)
      expect(of('partitions').map((one) => one.hub)).toEqual(
        asked.hubs.flatMap(({ name, partitions, load: one }) => (partitions === undefined && one ? [name] : [])),
      )
      for (const { text, rule } of reasons) {
        expect(text).not.toMatch(/NaN|undefined|Infinity/)
        expect(rule.link).toMatch(/^https:\/\/learn\.microsoft\.com\/azure\/event-hubs/)
      }
    })
  })

  it('have the numbers of the size', () => {
    let exact = 0
    always(partly, (asked, size) => {
      for (const { of, text } of reasonsFor(asked, size)) {
        if (of !== 'capacity' && of !== 'autoInflateMax') continue
        const [needs = '', perUnit = ''] = text.split(', ')
        const units = amount(needs) / amount(perUnit)
        const needed = Number(/; it needs (\d+)/.exec(text)?.[1] ?? Number.NaN)
        const at = of === 'autoInflateMax' || size.autoInflateMax === 0
        const { tu, pu } = second(asked, at)
        if (!Number.isNaN(needed)) {
          expect(needed, text).toBeGreaterThan(size[of])
          expect(units / needed).toBeLessThan(1.01)
        } else if (text.endsWith('is the next that is offered')) {
          expect(text).toMatch(new RegExp(`; ${size[of]} is`))
          expect(size.tier).toBe('Premium')
          expect(size[of]).toBe(pu)
        } else {
          // Three digits are told: within a percent.
          expect(size[of] - Math.max(units, 0), text).toBeLessThan(1 + size[of] / 100)
          expect(units * 0.99, text).toBeLessThanOrEqual(size[of])
          expect(size[of]).toBe(size.tier === 'Premium' ? pu : tu)
          exact++
        }
      }
    })
    expect(exact).toBeGreaterThan(100)
  })

  it.each([
    ['bytes out', {}, [aLoad({ eventsPerSecond: 5_000, readers: 3 })], '15 MB/s out, 2 MB/s a unit'],
    ['a peak', {}, [aLoad({ peak: 3 })], '1 MB/s in, 1 MB/s a unit, on average'],
    [
      'a step of Premium',
      { tier: 'Premium' },
      [aLoad({ eventsPerSecond: 12_500 })],
      '12.5 MB/s in, 5 MB/s a unit; 4 is the next that is offered',
    ],
    ['partitions', { tier: 'Premium' }, [1, 2, 3].map(() => aLoad({ workers: 100 })), '300 partitions, 200 a unit'],
    [
      'a maximum below the mean',
      { autoInflateMax: 3 },
      [aLoad({ eventsPerSecond: 5_000 })],
      '5 MB/s in, 1 MB/s a unit, on average; it needs 5 throughput units, and auto-inflate may go to 3',
    ],
    [
      'a tier with too few',
      { tier: 'Standard' },
      [aLoad({ eventsPerSecond: 50_000 })],
      '50 MB/s in, 1 MB/s a unit; it needs 50 throughput units, and Standard has up to 40',
    ],
  ] as const)('of the capacity, with %s', (_, more, loads, text) => {
    const asked = toSizeOf(loads, more)
    expect(reasonsFor(asked, sizeOf(asked)).find((one) => one.of === 'capacity')?.text).toBe(text)
  })

  it.each([
    ['Standard', {}, aLoad(), 'the cheapest tier that carries the load and has consumer groups'],
    [
      'units',
      {},
      aLoad({ eventsPerSecond: 41_000, bytesPerEvent: 100 }),
      'the load needs 41 throughput units, and Standard has up to 40',
    ],
    ['partitions', {}, aLoad({ workers: 40 }), '40 partitions, and Standard has up to 32 a hub'],
    ['retention', { retentionHours: 720 }, aLoad(), 'retention 30d, and Standard keeps events up to 7d'],
    ['said partitions', { partitions: 64 }, aLoad(), '64 partitions, and Standard has up to 32 a hub'],
    ['consumer groups', { consumerGroups: 25 }, aLoad(), '25 consumer groups, and Standard has up to 20 a hub'],
  ] as const)('of the tier: %s', (_, more, one, text) => {
    const asked = { ...toSizeOf([]), hubs: [aHubToSize(one, more)] }
    expect(reasonsFor(asked, sizeOf(asked)).find(({ of }) => of === 'tier')?.text).toBe(text)
  })

  it.each([
    ['one order', aLoad({ ordered: true }), 'all events in one order'],
    ['bytes', aLoad({ eventsPerSecond: 7_500 }), '7.5 MB/s in at the busiest, 1 MB/s a partition'],
    ['workers', aLoad({ workers: 8 }), '8 workers, a partition each'],
    ['workers that nobody said', aLoad({ workers: 4, assumed: ['workers'] }), 'room for 4 workers'],
  ] as const)('of the partitions: %s', (_, one, text) => {
    const asked = toSizeOf([one])
    expect(reasonsFor(asked, sizeOf(asked)).find(({ of }) => of === 'partitions')?.text).toBe(text)
  })
})
