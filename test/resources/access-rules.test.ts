import { describe, expect, it } from 'vitest'
import { plan, type Plan } from '../../src/engine/plan.ts'
import { aHubSpec, aRootSpec, planAgain, problemsOfHub as problemsOf, problemsOfRoot } from '../support/manifests.ts'
import { changesIn, notesIn, stepOf, summary } from '../support/planning.ts'
import { aWorld, writesOf } from '../support/worlds.ts'

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

  it('are made where local authentication is off, but none for the connection', () => {
    const spec = aHubSpec(READERS)
    const world = aWorld().withNamespace({ localAuthDisabled: true }).withHub('clicks')
    const planned = plan(spec, world.actual(spec))
    expect(summary(planned).filter((line) => line.includes('rule'))).toEqual(['create access rule clicks/readers'])
    expect(notesIn(planned)).toEqual([expect.stringMatching(/local authentication is off: the keys of access rules/)])
    expect(planAgain(spec, world).outcome).toBe('no-op')
  })

  it('may be the one of the connection, in the run that makes it', () => {
    const spec = aHubSpec(READERS, '--policy Readers')
    expect(summary(plan(spec, aWorld().actual(spec))).filter((line) => line.includes('rule'))).toEqual([
      'create access rule clicks/readers',
    ])
    expect(planAgain(spec, aWorld()).outcome).toBe('no-op')
    const other = aHubSpec(READERS, '--policy writers')
    expect(plan(other, aWorld().actual(other)).outcome).toBe('refused')
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

describe('access rules of the namespace', () => {
  const PRODUCER = { name: 'producer', rights: ['Send'] } as const
  const ROOT = 'RootManageSharedAccessKey'
  const named = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `app-${i}`, rights: ['Send'] }))
  const rulesIn = (planned: Plan) => summary(planned).filter((line) => line.includes('rule'))

  it('are made once, whatever the hubs', () => {
    const spec = aRootSpec({ accessRules: [PRODUCER] }, '--hub clicks --hub views --access manage')
    const planned = plan(spec, aWorld().actual(spec))
    expect(rulesIn(planned)).toEqual(['create access rule producer of namespace'])
    expect(stepOf(planned, 'access rule producer of namespace')).toMatchObject({
      details: ['Send'],
      write: { op: 'put-rule', rights: ['Send'] },
    })
    expect(planAgain(spec, aWorld()).outcome).toBe('no-op')
  })

  it('get the rights that the manifest says, and others stay', () => {
    const spec = aRootSpec({ accessRules: [PRODUCER] }, '--hub clicks --access manage --consumer-group $Default')
    const home = aWorld().withNamespace().withHub('clicks').withNamespaceRule('theirs', ['Listen'])
    const world = home.withNamespaceRule('Producer', ['Send', 'Listen'])
    const planned = plan(spec, world.actual(spec))
    expect(changesIn(planned)).toEqual(['rights: Send, Listen -> Send'])
    expect(writesOf(planned)).toHaveLength(1)
    const after = world.after(planned)
    expect(plan(spec, after.actual(spec)).outcome).toBe('no-op')
    expect(after.ruleAt(undefined, 'theirs')).toEqual({ name: 'theirs', rights: ['Listen'] })
  })

  it('are another thing than the rule of that name on a hub', () => {
    const spec = aRootSpec({ accessRules: [PRODUCER] }, '--hub clicks --access manage')
    const world = aWorld().withNamespace().withHub('clicks').withRule('clicks', 'producer', ['Send'])
    expect(rulesIn(plan(spec, world.actual(spec)))).toEqual(['create access rule producer of namespace'])
  })

  it('may be the one of the connection, for every hub, in the run that makes it', () => {
    const spec = aRootSpec({ accessRules: [PRODUCER], policy: 'PRODUCER' }, '--hub clicks --hub views')
    expect(rulesIn(plan(spec, aWorld().actual(spec)))).toEqual(['create access rule producer of namespace'])
    expect(planAgain(spec, aWorld()).outcome).toBe('no-op')
  })

  it('are made where local authentication is off', () => {
    const spec = aRootSpec({ accessRules: [PRODUCER], disableLocalAuth: true }, '--hub clicks')
    expect(rulesIn(plan(spec, aWorld().actual(spec)))).toEqual(['create access rule producer of namespace'])
    expect(planAgain(spec, aWorld()).outcome).toBe('no-op')
  })

  it('can name the root rule with all its rights', () => {
    const spec = aRootSpec({ accessRules: [{ name: ROOT, rights: ['Manage', 'Send', 'Listen'] }] }, '--access manage')
    const world = aWorld().withNamespace().withHub('ml-data-stream')
    expect(rulesIn(plan(spec, world.actual(spec)))).toEqual([`keep access rule ${ROOT} of namespace`])
    expect(rulesIn(plan(spec, aWorld().actual(spec)))).toEqual([])
    expect(planAgain(spec, aWorld()).outcome).toBe('no-op')
  })

  it.each([
    ['a new namespace', 11, aWorld(), 'applicable'],
    ['a new namespace', 12, aWorld(), 'refused'],
    ['one with a rule of others', 11, aWorld().withNamespace().withNamespaceRule('theirs', ['Send']), 'refused'],
    ['one with one of them', 11, aWorld().withNamespace().withNamespaceRule('APP-3', ['Send']), 'applicable'],
  ] as const)('fit into a namespace with the root rule and others: %s, %i', (_, count, world, outcome) => {
    const spec = aRootSpec({ accessRules: named(count) })
    const planned = plan(spec, world.actual(spec))
    expect(planned.outcome).toBe(outcome)
    if (outcome === 'refused')
      expect(planned.steps.flatMap((step) => (step.action === 'refuse' ? step.refusals : []))).toMatchObject([
        {
          what: "Can't make all access rules of namespace ns-demo",
          because: expect.stringMatching(/at most 12/) as string,
        },
      ])
  })

  it.each([
    [[{ name: 'a', rights: ['Manage'] }], 'accessRules[0].rights gives Manage alone: it needs Send and Listen too'],
    [
      [{ name: 'ml-ingest-send', rights: ['Send'] }],
      'accessRules[0].name is ml-ingest-send, which ml-ingest keeps for the connection',
    ],
    [
      [PRODUCER, { name: 'Producer', rights: ['Listen'] }],
      'accessRules[1].name Producer is given twice for the namespace',
    ],
    [
      [{ name: ROOT.toLowerCase(), rights: ['Send', 'Listen'] }],
      `accessRules[0].rights takes rights from ${ROOT}, which Azure makes with all three: leave it out`,
    ],
    [named(13), 'accessRules has 13 rules, above 12, the limit of a namespace'],
  ])('that cannot be are told: %j', (accessRules, message) => {
    expect(problemsOfRoot({ accessRules })).toEqual([message])
  })
})
