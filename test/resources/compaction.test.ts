import { describe, expect, it } from 'vitest'
import { plan } from '../../src/engine/plan.ts'
import { aHubSpec, planAgain, problemsOfHub as problemsOf } from '../support/manifests.ts'
import { changesIn, onlyRefusal, stepOf } from '../support/planning.ts'
import { aWorld } from '../support/worlds.ts'

describe('a compacted hub', () => {
  const COMPACT = { cleanupPolicy: 'Compact' } as const

  it('is made without a retention, and found as it was made', () => {
    const spec = aHubSpec(COMPACT)
    const planned = plan(spec, aWorld().actual(spec))
    expect(stepOf(planned, 'hub clicks')).toMatchObject({
      details: ['4 partitions', 'compacted'],
      write: { op: 'create-hub', body: { partitions: 4, retentionHours: undefined } },
    })
    expect(planAgain(spec, aWorld()).outcome).toBe('no-op')
  })

  it('is not meant by a retention that is for all hubs', () => {
    const spec = aHubSpec(COMPACT, '--retention 48h')
    expect(planAgain(spec, aWorld()).outcome).toBe('no-op')
  })

  it('has no retention of its own, and is not on Basic', () => {
    expect(problemsOf({ ...COMPACT, retention: '48h' })).toEqual([
      'does not go with a compacted hub, which keeps its events: leave out one of the two',
    ])
    expect(problemsOf(COMPACT, '--tier Basic')).toEqual([
      'is Compact, which Basic does not have. --tier Standard has it',
    ])
  })

  it('is refused on a namespace that turns out to be Basic', () => {
    const spec = aHubSpec(COMPACT)
    const refusal = onlyRefusal(plan(spec, aWorld().withNamespace({ tier: 'Basic' }).actual(spec)))
    expect(refusal.what).toBe("Can't make compacted hub clicks")
    expect(refusal.waysOut[0]).toEqual({ text: 'move the namespace to Standard', edit: { tier: 'Standard' } })
  })

  it.each([
    ['Delete', 'Compact'],
    ['Compact', 'Delete'],
  ] as const)('cannot become or have been another: %s to %s', (from, to) => {
    const spec = aHubSpec({ cleanupPolicy: to })
    const planned = plan(spec, aWorld().withNamespace().withHub('clicks', { cleanupPolicy: from }).actual(spec))
    expect(onlyRefusal(planned).what).toBe(`Can't change the cleanup policy of hub clicks from ${from} to ${to}`)
    expect(changesIn(planned)).toEqual([`cleanup policy: ${from} -> ${to}`])
  })

  it('is kept where nobody said a policy', () => {
    const spec = aHubSpec({})
    const world = aWorld().withNamespace().withHub('clicks', { cleanupPolicy: 'Compact' })
    expect(stepOf(plan(spec, world.actual(spec)), 'hub clicks')).toMatchObject({ action: 'keep' })
  })
})
