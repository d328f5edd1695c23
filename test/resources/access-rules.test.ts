import { describe, expect, it } from 'vitest'
import { plan } from '../../src/engine/plan.ts'
import { aHubSpec, planAgain, problemsOfHub as problemsOf } from '../support/manifests.ts'
import { changesIn, notesIn, stepOf, summary } from '../support/planning.ts'
import { aWorld } from '../support/worlds.ts'

describe('access rules of a hub', () => {
  const READERS = { accessRules: [{ name: 'readers', rights: ['Listen'] }] } as const

  it('are made beside the one for the connection', () => {
    const spec = aHubSpec(READERS)
    expect(summary(plan(spec, aWorld().actual(spec))).filter((line) => line.includes('rule'))).toEqual([
      'create access rule clicks/ml-ingest-send-listen',
      'create access rule clicks/readers',
    ])
    expect(planAgain(spec, aWorld()).outcome).toBe('no-op')
  })

  it('get the rights that the manifest says', () => {
    const spec = aHubSpec(READERS, '--access manage')
    const world = aWorld().withNamespace().withHub('clicks').withRule('clicks', 'Readers', ['Listen', 'Send'])
    const planned = plan(spec, world.actual(spec))
    expect(changesIn(planned)).toEqual(['rights: Listen, Send -> Listen'])
    expect(stepOf(planned, 'access rule clicks/Readers')).toMatchObject({ action: 'update' })
    expect(planAgain(spec, world).outcome).toBe('no-op')
  })

  it('are not made where local authentication is off', () => {
    const spec = aHubSpec(READERS)
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
