import { describe, expect, it } from 'vitest'
import { aWorld } from '../support/worlds.ts'
import { changesIn, notesIn, onlyRefusal, planIn, stepOf } from '../support/planning.ts'

const KEEP = '--no-consumer-group --access manage --hub clicks'
const world = (capacity: number, autoInflateMax: number) =>
  aWorld().withNamespace({ capacity, autoInflateMax }).withHub('clicks')

/** Live capacity and maximum, flags; changes, and what is noted. */
const AUTO_INFLATE: readonly (readonly [live: readonly [number, number], flags: string, string[], string?])[] = [
  // Nothing given: whatever it is.
  [[1, 0], '', []],
  [[6, 10], '', []],
  // A floor.
  [[2, 0], '--capacity 2', []],
  [[2, 10], '--capacity 2', []],
  [[6, 10], '--capacity 2', [], 'inflated to 6, floor 2; --reset-capacity lowers it'],
  [[10, 10], '--capacity 2', [], 'inflated to 10, floor 2; --reset-capacity lowers it'],
  [[2, 10], '--capacity 4', ['capacity: 2 throughput units -> 4 throughput units']],
  [[6, 0], '--capacity 2', ['capacity: 6 throughput units -> 2 throughput units']],
  // A maximum.
  [[2, 0], '--auto-inflate-max 10', ['auto-inflate maximum: 0 -> 10']],
  [[2, 10], '--auto-inflate-max 10', []],
  [[6, 10], '--auto-inflate-max 20', ['auto-inflate maximum: 10 -> 20']],
  [[6, 10], '--auto-inflate-max 6', ['auto-inflate maximum: 10 -> 6']],
  [[6, 10], '--auto-inflate-max 0', ['auto-inflate maximum: 10 -> 0']],
  [[6, 0], '--auto-inflate-max 0', []],
  // Both.
  [[2, 10], '--capacity 2 --auto-inflate-max 10', []],
  [[6, 10], '--capacity 2 --auto-inflate-max 10', [], 'inflated to 6, floor 2; --reset-capacity lowers it'],
  [
    [6, 10],
    '--capacity 2 --auto-inflate-max 8',
    ['auto-inflate maximum: 10 -> 8'],
    'inflated to 6, floor 2; --reset-capacity lowers it',
  ],
  [
    [2, 10],
    '--capacity 4 --auto-inflate-max 20',
    ['capacity: 2 throughput units -> 4 throughput units', 'auto-inflate maximum: 10 -> 20'],
  ],
  [
    [6, 10],
    '--capacity 2 --auto-inflate-max 0',
    ['capacity: 6 throughput units -> 2 throughput units', 'auto-inflate maximum: 10 -> 0'],
  ],
  [
    [6, 0],
    '--capacity 2 --auto-inflate-max 10',
    ['capacity: 6 throughput units -> 2 throughput units', 'auto-inflate maximum: 0 -> 10'],
  ],
  // Down again.
  [[6, 10], '--capacity 2 --reset-capacity', ['capacity: 6 throughput units -> 2 throughput units']],
  [[2, 10], '--capacity 2 --reset-capacity', []],
  [
    [8, 10],
    '--capacity 5 --auto-inflate-max 5 --reset-capacity',
    ['capacity: 8 throughput units -> 5 throughput units', 'auto-inflate maximum: 10 -> 5'],
  ],
]

describe('auto-inflate makes capacity a floor', () => {
  it.each(AUTO_INFLATE.map(([live, flags, changes, note]) => ({ live, flags, changes, note })))(
    'live $live, given "$flags"',
    ({ live, flags, changes, note }) => {
      const planned = planIn(world(...live), `${KEEP} ${flags}`)
      expect(changesIn(planned)).toEqual(changes)
      expect(planned.outcome).toBe(changes.length === 0 ? 'no-op' : 'applicable')
      expect(notesIn(planned).filter((text) => text.includes('inflated'))).toEqual(
        note ? [`namespace ns-demo: ${note}`] : [],
      )
      if (planned.outcome === 'applicable') {
        const after = world(...live).after(planned)
        expect(planIn(after, `${KEEP} ${flags}`).outcome).toBe('no-op')
      }
    },
  )

  it('stays quiet while Azure inflates between two runs', () => {
    const flags = `${KEEP} --capacity 2 --auto-inflate-max 10`
    const made = aWorld().after(planIn(aWorld(), flags))
    for (const units of [2, 5, 10]) expect(planIn(made.inflatedTo(units), flags).outcome).toBe('no-op')
  })
})

describe('tier moves', () => {
  it('Basic to Standard goes in place and sends capacity along', () => {
    const basic = aWorld().withNamespace({ tier: 'Basic', capacity: 3 }).withHub('clicks')
    const planned = planIn(basic, `${KEEP} --tier Standard`)
    expect(changesIn(planned)).toEqual(['tier: Basic -> Standard'])
    expect(stepOf(planned, 'namespace ns-demo')).toMatchObject({
      write: { changes: { sku: { tier: 'Standard', capacity: 3 } } },
    })
  })

  it('Standard to Basic switches auto-inflate off, which Basic has not', () => {
    const planned = planIn(world(2, 10), `${KEEP} --tier Basic`)
    expect(changesIn(planned)).toEqual(['tier: Standard -> Basic', 'auto-inflate maximum: 10 -> 0'])
    expect(stepOf(planned, 'namespace ns-demo')).toMatchObject({
      write: { changes: { sku: { tier: 'Basic', capacity: 2 }, autoInflateMax: 0 } },
    })
  })

  it('tells the switching off once, also when it was asked for', () => {
    const planned = planIn(world(2, 10), `${KEEP} --tier Basic --auto-inflate-max 0`)
    expect(changesIn(planned)).toEqual(['tier: Standard -> Basic', 'auto-inflate maximum: 10 -> 0'])
    expect(world(2, 10).after(planned).tier).toBe('Basic')
  })

  it('takes the capacity exactly where there is no auto-inflate any more', () => {
    const planned = planIn(world(6, 10), `${KEEP} --tier Basic --capacity 2`)
    expect(changesIn(planned)).toEqual([
      'tier: Standard -> Basic',
      'auto-inflate maximum: 10 -> 0',
      'capacity: 6 throughput units -> 2 throughput units',
    ])
    expect(planIn(world(6, 10).after(planned), `${KEEP} --tier Basic --capacity 2`).outcome).toBe('no-op')
  })

  it('changes tier, capacity and auto-inflate in one write', () => {
    const basic = aWorld().withNamespace({ tier: 'Basic' }).withHub('clicks')
    const planned = planIn(basic, `${KEEP} --tier Standard --capacity 4 --auto-inflate-max 8`)
    expect(stepOf(planned, 'namespace ns-demo')).toMatchObject({
      write: { changes: { sku: { tier: 'Standard', capacity: 4 }, autoInflateMax: 8 } },
    })
  })
})

describe('processing units', () => {
  it('go up and down within what is offered', () => {
    const premium = (capacity: number) => aWorld().withNamespace({ tier: 'Premium', capacity }).withHub('clicks')
    expect(changesIn(planIn(premium(1), `${KEEP} --capacity 4`))).toEqual([
      'capacity: 1 processing unit -> 4 processing units',
    ])
    expect(changesIn(planIn(premium(16), `${KEEP} --capacity 12`))).toEqual([
      'capacity: 16 processing units -> 12 processing units',
    ])
    expect(onlyRefusal(planIn(premium(4), `${KEEP} --capacity 3`)).what).toMatch(/Can't set the capacity/)
  })
})
