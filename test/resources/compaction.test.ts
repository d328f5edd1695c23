import { describe, expect, it } from 'vitest'
import { plan, type Plan } from '../../src/engine/plan.ts'
import type { HubInput } from '../../src/inputs/parsers.ts'
import type { Spec } from '../../src/resources/front-door.ts'
import { inputsOf } from '../support/argv.ts'
import { aWorld, homeWords, type World } from '../support/worlds.ts'
import { changesIn, notesIn, onlyRefusal, stepOf, summary } from '../support/planning.ts'

/** A hub as a manifest gives it, with these flags besides. */
function validated(hub: Partial<HubInput>, line = '') {
  const { hub: given, ...others } = inputsOf(homeWords(`--hub clicks --no-consumer-group ${line}`))
  return validate({ ...others, hub: { ...given!, value: [{ ...given!.value[0]!, ...hub }] } })
}

function aSpecWith(hub: Partial<HubInput>, line = ''): Spec {
  const result = validated(hub, line)
  if (!result.ok) throw new Error(result.problems.map((one) => one.message).join())
  return result.spec
}

const problemsOf = (hub: Partial<HubInput>, line = ''): readonly string[] => {
  const result = validated(hub, line)
  return result.ok ? [] : result.problems.map((one) => one.message)
}

function planAgain(spec: Spec, world: World): Plan {
  const planned = plan(spec, world.actual(spec))
  expect(planned.outcome).toBe('applicable')
  const after = world.after(planned)
  return plan(spec, after.actual(spec))
}

describe('a compacted hub', () => {
  const COMPACT = { cleanupPolicy: 'Compact' } as const

  it('is made without a retention, and found as it was made', () => {
    const spec = aSpecWith(COMPACT)
    const planned = plan(spec, aWorld().actual(spec))
    expect(stepOf(planned, 'hub clicks')).toMatchObject({
      details: ['4 partitions', 'compacted'],
      write: { op: 'create-hub', body: { partitions: 4, retentionHours: undefined } },
    })
    expect(planAgain(spec, aWorld()).outcome).toBe('no-op')
  })

  it('is not meant by a retention that is for all hubs', () => {
    const spec = aSpecWith(COMPACT, '--retention 48h')
    expect(planAgain(spec, aWorld()).outcome).toBe('no-op')
  })

  it('has no retention of its own, and is not on Basic', () => {
    expect(problemsOf({ ...COMPACT, retentionHours: 48 })).toEqual([
      'is of a compacted hub, which has no retention: leave one of the two out',
    ])
    expect(problemsOf(COMPACT, '--tier Basic')).toEqual(['is Compact, which Basic has not. --tier Standard has it'])
  })

  it('is refused on a namespace that turns out to be Basic', () => {
    const spec = aSpecWith(COMPACT)
    const refusal = onlyRefusal(plan(spec, aWorld().withNamespace({ tier: 'Basic' }).actual(spec)))
    expect(refusal.what).toBe("Can't make compacted hub clicks")
    expect(refusal.waysOut[0]).toEqual({ text: 'move the namespace to Standard', edit: { tier: 'Standard' } })
  })

  it.each([
    ['Delete', 'Compact'],
    ['Compact', 'Delete'],
  ] as const)('cannot become or have been another: %s to %s', (from, to) => {
    const spec = aSpecWith({ cleanupPolicy: to })
    const planned = plan(spec, aWorld().withNamespace().withHub('clicks', { cleanupPolicy: from }).actual(spec))
    expect(onlyRefusal(planned).what).toBe(`Can't change the cleanup policy of hub clicks from ${from} to ${to}`)
    expect(changesIn(planned)).toEqual([`cleanup policy: ${from} -> ${to}`])
  })

  it('is kept where nobody said a policy', () => {
    const spec = aSpecWith({})
    const world = aWorld().withNamespace().withHub('clicks', { cleanupPolicy: 'Compact' })
    expect(stepOf(plan(spec, world.actual(spec)), 'hub clicks')).toMatchObject({ action: 'keep' })
  })
})

describe('access rules of a hub', () => {
  const READERS = { accessRules: [{ name: 'readers', rights: ['Listen'] }] } as const

  it('are made beside the one for the connection', () => {
    const spec = aSpecWith(READERS)
    expect(summary(plan(spec, aWorld().actual(spec))).filter((line) => line.includes('rule'))).toEqual([
      'create access rule clicks/ml-ingest-send-listen',
      'create access rule clicks/readers',
    ])
    expect(planAgain(spec, aWorld()).outcome).toBe('no-op')
  })

  it('get the rights that the manifest says', () => {
    const spec = aSpecWith(READERS, '--access manage')
    const world = aWorld().withNamespace().withHub('clicks').withRule('clicks', 'Readers', ['Listen', 'Send'])
    const planned = plan(spec, world.actual(spec))
    expect(changesIn(planned)).toEqual(['rights: Listen, Send -> Listen'])
    expect(stepOf(planned, 'access rule clicks/Readers')).toMatchObject({ action: 'update' })
    expect(planAgain(spec, world).outcome).toBe('no-op')
  })

  it('are not made where local authentication is off', () => {
    const spec = aSpecWith(READERS)
    const planned = plan(spec, aWorld().withNamespace({ localAuthDisabled: true }).withHub('clicks').actual(spec))
    expect(planned.outcome).toBe('no-op')
    expect(notesIn(planned)).toEqual([expect.stringMatching(/local authentication is off/)])
  })

  it.each([
    [[{ name: 'a', rights: ['Manage'] }], 'gives Manage alone: it needs Send and Listen too'],
    [[{ name: 'ML-ingest-Send', rights: ['Send'] }], 'is ML-ingest-Send, which ml-ingest keeps for the connection'],
    [
      [
        { name: 'a', rights: ['Send'] },
        { name: 'A', rights: ['Listen'] },
      ],
      'A is given twice for this hub',
    ],
  ] as const)('that cannot be are told: %j', (accessRules, message) => {
    expect(problemsOf({ accessRules })).toEqual([message])
  })
})
