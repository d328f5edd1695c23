import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { carries, choiceFor, enoughFor, isAtLeast } from '../../src/sizing/enough.ts'
import type { Load } from '../../src/sizing/load.ts'
import type { LiveTier } from '../../src/lib/limits.ts'
import type { ToSize } from '../../src/sizing/size.ts'
import { variantsOf } from '../../src/sizing/variants.ts'
import { aLoad, toSizeOf } from '../support/loads.ts'

const leadsTo = (asked: ToSize) =>
  Object.fromEntries(variantsOf(asked, choiceFor(asked)).map(({ of, leadsTo: to }) => [of, to]))

const size = (tier: LiveTier, capacity: number, autoInflateMax: number, ...partitions: readonly number[]) => ({
  ...{ tier, capacity, autoInflateMax, partitions },
})

test('5,000 events/s of 1 KB and three readers: what each change leads to', () => {
  const asked = toSizeOf([aLoad({ eventsPerSecond: 5_000, readers: 3 })])
  expect(choiceFor(asked)).toEqual(size('Standard', 8, 0, 5))
  expect(leadsTo(asked)).toEqual({
    // 20 MB/s out
    reader: size('Standard', 10, 0, 5),
    // 30 MB/s out, 10 MB/s in
    events: size('Standard', 15, 0, 10),
    peak: size('Standard', 8, 15, 10),
    worker: size('Standard', 8, 0, 6),
  })
})

test('a small load has room for all but one worker more than partitions', () => {
  expect(leadsTo(toSizeOf([aLoad({ eventsPerSecond: 10, workers: 4 })]))).toEqual({
    ...{ reader: 'same', events: 'same', peak: 'same' },
    worker: size('Standard', 1, 0, 5),
  })
})

test('units and partitions that somebody said count as they are', () => {
  const asked = toSizeOf([aLoad({ eventsPerSecond: 3_000 })], { capacity: 20 })
  const said = { ...asked, hubs: asked.hubs.map((hub) => ({ ...hub, partitions: 16 })) }
  expect(leadsTo(said)).toMatchObject({ reader: 'same', events: 'same', peak: 'same' })
  expect(leadsTo(said)).toMatchObject({ worker: { partitions: [17] } })
})

test.each([
  ['beyond Standard', { eventsPerSecond: 30_000 }, { events: size('Premium', 12, 0, 60) }],
  ['beyond every namespace', { eventsPerSecond: 70_000 }, { events: 'none' }],
  ['in one order, which leaves no room for a second worker', { ordered: true }, { reader: 'same' }],
] as const)('%s', (_, more, expected) => {
  const asked = toSizeOf([aLoad(more)])
  expect(leadsTo(asked)).toMatchObject(expected)
  expect('worker' in leadsTo(asked)).toBe(!('ordered' in more))
})

test('the number is told where all hubs have the same', () => {
  const of = (...readers: readonly number[]) => {
    const asked = toSizeOf(readers.map((one) => aLoad({ readers: one, workers: 2 })))
    return variantsOf(asked, choiceFor(asked)).map(({ to }) => to)
  }
  expect(of(3)).toEqual([4, undefined, 2, 3])
  expect(of(3, 3)).toEqual([4, undefined, 2, 3])
  expect(of(3, 1)).toEqual([undefined, undefined, 2, 3])
})

const load: fc.Arbitrary<Load> = fc
  .record({
    eventsPerSecond: fc.constantFrom(1, 50, 900, 4_000, 12_000, 30_000, 60_000),
    bytesPerEvent: fc.constantFrom(100, 1_000, 3_000),
    peak: fc.constantFrom(1, 1.5, 3),
    readers: fc.integer({ min: 0, max: 5 }),
    workers: fc.integer({ min: 1, max: 40 }),
    ordered: fc.constantFrom(false, false, false, true),
  })
  .map((drawn) => aLoad({ ...drawn, workers: drawn.ordered ? 1 : drawn.workers }))

/** With tier, units and partitions that may be too small. */
const asked: fc.Arbitrary<ToSize> = fc
  .record({
    loads: fc.array(load, { minLength: 1, maxLength: 3 }),
    tier: fc.constantFrom<LiveTier | undefined>(undefined, undefined, 'Basic', 'Standard', 'Premium'),
    capacity: fc.constantFrom(undefined, undefined, 1, 8),
    autoInflateMax: fc.constantFrom(undefined, undefined, 0, 16),
    partitions: fc.constantFrom(undefined, undefined, 2, 32),
  })
  .map(({ loads, partitions, ...more }) => {
    const all = toSizeOf(loads, more)
    return { ...all, hubs: all.hubs.map((hub) => ({ ...hub, partitions })) }
  })

describe('what is enough', () => {
  it('carries the load, whatever was said', () => {
    fc.assert(
      fc.property(asked, (one) => {
        const enough = enoughFor(one, choiceFor(one).tier)
        if (enough) expect(carries({ ...one, tier: enough.tier }, enough)).toBe(true)
      }),
    )
  })

  it('is a size of its own only where the choice does not do', () => {
    fc.assert(
      fc.property(asked, (one) => {
        const choice = choiceFor(one)
        const enough = enoughFor(one, choice.tier)
        if (enough && !carries(one, choice)) expect(isAtLeast(choice, enough)).toBe(false)
      }),
    )
  })

  it('carries what a variant changes, and is not larger where nothing changes', () => {
    fc.assert(
      fc.property(asked, (one) => {
        const choice = choiceFor(one)
        const twice = { ...one, hubs: one.hubs.map((hub) => ({ ...hub, load: doubled(hub.load!) })) }
        const variant = variantsOf(one, choice).find(({ of }) => of === 'events')!
        if (variant.leadsTo === 'same') expect(carries(twice, choice)).toBe(true)
        else if (variant.leadsTo !== 'none') expect(carries({ ...twice, tier: undefined }, variant.leadsTo)).toBe(true)
      }),
    )
  })
})

const doubled = (one: Load): Load => ({ ...one, eventsPerSecond: one.eventsPerSecond * 2 })
