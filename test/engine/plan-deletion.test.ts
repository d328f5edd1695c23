import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LockActual, ResourceActual } from '../../src/engine/cloud.ts'
import type { GroupActual } from '../../src/resources/resource-group.ts'
import type { HubActual } from '../../src/resources/hub/hub.ts'
import type { NamespaceActual } from '../../src/resources/namespace/namespace.ts'
import type { DeletionActual, DeletionRequest, HubContent } from '../../src/engine/deletion.ts'
import { planDeletion } from '../../src/engine/plan-deletion.ts'
import { pathOf } from '../../src/resources/step.ts'
import type { Step, Plan } from '../../src/engine/plan.ts'
import { aCapture, UNRESTRICTED } from '../support/worlds.ts'
import { plainSpeller } from '../../src/ui/spell.ts'

const SUBSCRIPTION = '/subscriptions/s'
const GROUP = `${SUBSCRIPTION}/resourceGroups/rg`
const NAMESPACE = `${GROUP}/providers/Microsoft.EventHub/namespaces/ns-one`
const OURS = { 'created-by': 'ml-ingest' }

const wish = (more: Partial<DeletionRequest> = {}): DeletionRequest => ({
  subscriptionId: 's',
  at: { group: 'rg', namespace: 'ns-one' },
  hubs: [],
  consumerGroups: [],
  isConfirmed: false,
  armEndpoint: undefined,
  ...more,
})

const group = (more: Partial<GroupActual> = {}): GroupActual => ({
  name: 'rg',
  location: 'westeurope',
  provisioningState: 'Succeeded',
  tags: OURS,
  ...more,
})
const namespace = (more: Partial<NamespaceActual> = {}): NamespaceActual => ({
  id: NAMESPACE,
  name: 'ns-one',
  location: 'westeurope',
  provisioningState: 'Succeeded',
  tier: 'Standard',
  capacity: 2,
  autoInflateMax: 0,
  kafkaEnabled: true,
  localAuthDisabled: false,
  ...UNRESTRICTED,
  host: 'ns-one.servicebus.windows.net',
  tags: OURS,
  ...more,
})
const hub = (name: string, more: Partial<HubActual> = {}): HubActual => ({
  name,
  partitions: 4,
  retentionHours: 24,
  cleanupPolicy: 'Delete',
  ...{ tombstoneHours: undefined, timestampType: 'LogAppend', unmanaged: [] },
  status: 'Active',
  capture: undefined,
  ...more,
})
const inHub = (...names: readonly string[]): HubContent => ({
  consumerGroups: ['$Default', ...names].map((name) => ({ name, userMetadata: undefined })),
  rules: [{ name: 'ml-ingest-send', rights: ['Send'] }],
})
const lock = (scope: string, more: Partial<LockActual> = {}): LockActual => ({
  id: `${scope}/providers/Microsoft.Authorization/locks/keep`,
  name: 'keep',
  level: 'CanNotDelete',
  notes: undefined,
  ...more,
})
const resource = (path: string): ResourceActual => ({
  id: `${GROUP}/providers/${path}`,
  name: path.split('/').at(-1)!,
  type: path.split('/').slice(0, 2).join('/'),
})

/** Our namespace with hubs clicks and views, alone in our group. */
const actual = (more: Partial<DeletionActual> = {}): DeletionActual => ({
  group: group(),
  namespace: namespace(),
  hubs: [hub('clicks'), hub('Views', { partitions: 1, retentionHours: undefined, capture: aCapture() })],
  hubContents: new Map([
    ['clicks', inHub('trainer', 'audit')],
    ['views', inHub('trainer')],
  ]),
  rules: [{ name: 'RootManageSharedAccessKey', rights: ['Manage', 'Send', 'Listen'] }],
  resources: [resource('Microsoft.EventHub/namespaces/ns-one')],
  locks: [],
  ...more,
})
const nothing: Partial<DeletionActual> = {
  namespace: undefined,
  hubs: [],
  hubContents: new Map(),
  rules: [],
  resources: [],
}

const told = (plan: Plan): readonly string[] => {
  const steps: readonly Step[] = plan.steps
  return steps.map((step) => `${step.action} ${step.target.kind} ${pathOf(step.target)}`)
}
const refusals = (plan: Plan): readonly string[] => {
  const steps: readonly Step[] = plan.steps
  return steps.flatMap((step) => (step.action === 'refuse' ? step.refusals.map(({ what }) => what) : []))
}
const notes = (plan: Plan): readonly string[] =>
  plan.notes.map(({ target, text }) => `${pathOf(target)} ${plainSpeller.text(text)}`)
const detailsOf = (plan: Plan, kind: string): readonly string[] => {
  const steps: readonly Step[] = plan.steps
  return steps.flatMap((step) => (step.target.kind === kind && 'details' in step ? step.details : []))
}

describe('the whole namespace', () => {
  it('goes with all it holds, and with it the group that is ours and empty then', () => {
    const plan = planDeletion(wish(), actual())
    expect([plan.outcome, told(plan)]).toEqual(['applicable', ['delete namespace ns-one', 'delete group rg']])
    expect(detailsOf(plan, 'namespace')).toEqual([
      'Standard, 2 throughput units, westeurope, access rule RootManageSharedAccessKey',
      'hub clicks: 4 partitions, retention 24h, consumer groups trainer, audit, access rule ml-ingest-send',
      'hub Views: 1 partition, Capture on (what it stored stays), consumer group trainer, access rule ml-ingest-send',
    ])
  })

  it.each<[string, Partial<DeletionActual>, string]>([
    ['not ours', { group: group({ tags: {} }) }, 'not made by ml-ingest'],
    ['ours by another value', { group: group({ tags: { 'created-by': 'ML-INGEST' } }) }, 'not made by ml-ingest'],
    [
      'with a storage account',
      {
        resources: [
          resource('Microsoft.EventHub/namespaces/NS-One'),
          resource('Microsoft.Storage/storageAccounts/data'),
        ],
      },
      'holds data (Microsoft.Storage/storageAccounts)',
    ],
    [
      'with a namespace whose name begins alike',
      { resources: [resource('Microsoft.EventHub/namespaces/ns-one-b')] },
      'holds ns-one-b (Microsoft.EventHub/namespaces)',
    ],
  ])('leaves the group: %s', (_, more, why) => {
    const plan = planDeletion(wish(), actual(more))
    expect(told(plan)).toEqual(['delete namespace ns-one', 'keep group rg'])
    expect(detailsOf(plan, 'group')).toEqual([why])
  })

  it('counts what lies in the namespace as part of it', () => {
    const resources = [resource('Microsoft.EventHub/namespaces/ns-one/eventhubs/clicks')]
    expect(told(planDeletion(wish(), actual({ resources })))).toContain('delete group rg')
  })

  it.each<[string, Partial<DeletionActual>, string[]]>([
    ['group and all', { ...nothing, group: undefined }, []],
    ['namespace alone, in a group that is not ours', { ...nothing, group: group({ tags: {} }) }, ['keep group rg']],
    ['namespace alone, in a locked group', { ...nothing, locks: [lock(GROUP)] }, ['keep group rg']],
  ])('is nothing to do when it is gone: %s', (_, more, steps) => {
    const plan = planDeletion(wish(), actual(more))
    expect([plan.outcome, told(plan), notes(plan)]).toEqual(['no-op', steps, ['ns-one is not there']])
  })

  it('takes the empty group along that an interrupted run left', () => {
    const plan = planDeletion(wish(), actual(nothing))
    expect([plan.outcome, told(plan)]).toEqual(['applicable', ['delete group rg']])
  })
})

describe('a namespace that is not ours', () => {
  const foreign = actual({ namespace: namespace({ tags: { team: 'other' } }) })

  it.each<[string, Partial<DeletionRequest>]>([
    ['namespace ns-one', {}],
    ['hub clicks', { hubs: ['clicks'] }],
    ['consumer group clicks/audit', { consumerGroups: [{ hub: 'clicks', name: 'audit' }] }],
  ])('keeps its %s', (what, more) => {
    const plan = planDeletion(wish(more), foreign)
    expect([plan.outcome, refusals(plan)]).toEqual([
      'refused',
      [`Can't delete ${what}: namespace ns-one was not made by ml-ingest`],
    ])
  })

  it('lets it go when it was named, and says whose it is not', () => {
    const plan = planDeletion(wish({ isConfirmed: true }), foreign)
    expect([plan.outcome, notes(plan)]).toEqual(['applicable', ['ns-one was not made by ml-ingest']])
  })

  it('is no reason to refuse where nothing would go', () => {
    expect(planDeletion(wish({ hubs: ['gone'] }), foreign).outcome).toBe('no-op')
  })

  it('is ours whatever the case of the tag name', () => {
    const tagged = actual({ namespace: namespace({ tags: { 'Created-By': 'ml-ingest' } }) })
    expect(planDeletion(wish(), tagged).outcome).toBe('applicable')
  })
})

describe('locks', () => {
  it.each<[string, LockActual, string]>([
    ['the subscription', lock(SUBSCRIPTION), 'the subscription is locked'],
    ['the group', lock('/subscriptions/S/resourcegroups/RG'), 'resource group RG is locked'],
    ['the namespace', lock(NAMESPACE, { level: 'ReadOnly' }), 'namespace ns-one is locked'],
    ['a hub in it', lock(`${NAMESPACE}/eventhubs/clicks`), 'hub clicks is locked'],
  ])('on %s keep the namespace', (_, one, why) => {
    const plan = planDeletion(wish({ isConfirmed: true }), actual({ locks: [one] }))
    expect([plan.outcome, refusals(plan)]).toEqual(['refused', [`Can't delete namespace ns-one: ${why}`]])
  })

  it.each([
    ['the group', GROUP, 'locked: keep'],
    ['the subscription', SUBSCRIPTION, 'locked: keep'],
    ['the namespace', NAMESPACE, 'holds a locked namespace ns-one: keep'],
    ['a hub in it', `${NAMESPACE}/eventhubs/clicks`, 'holds a locked hub clicks: keep'],
  ])('on %s: the group says which is locked', (_, scope, words) => {
    const plan = planDeletion(wish(), actual({ locks: [lock(scope)] }))
    expect(detailsOf(plan, 'group')).toEqual([words])
  })

  it('say what they are, and how they go', () => {
    const plan = planDeletion(wish(), actual({ locks: [lock(GROUP, { notes: 'ask the data team' })] }))
    const [step] = plan.steps
    const [refusal] = step?.action === 'refuse' ? step.refusals : []
    expect(refusal?.because).toBe('Lock keep (CanNotDelete) forbids it. Its notes say: ask the data team')
    expect(refusal?.waysOut[0]?.action).toEqual({
      ...{ do: 'delete-lock', lockId: `${GROUP}/providers/Microsoft.Authorization/locks/keep`, armEndpoint: undefined },
    })
  })

  it.each<[string, Partial<DeletionRequest>, string, boolean]>([
    ['another hub', { hubs: ['clicks'] }, `${NAMESPACE}/eventhubs/Views`, false],
    ['a hub whose name begins alike', { hubs: ['clicks'] }, `${NAMESPACE}/eventhubs/clicks2`, false],
    ['the hub', { hubs: ['Clicks'] }, `${NAMESPACE}/eventhubs/clicks`, true],
    [
      'the hub of the group',
      { consumerGroups: [{ hub: 'clicks', name: 'audit' }] },
      `${NAMESPACE}/eventhubs/clicks`,
      true,
    ],
    ['another namespace', {}, `${GROUP}/providers/Microsoft.EventHub/namespaces/ns-two`, false],
  ])('on %s', (_, more, scope, refused) => {
    const plan = planDeletion(wish(more), actual({ locks: [lock(scope)] }))
    expect(plan.outcome).toBe(refused ? 'refused' : 'applicable')
  })

  it('are told once, however much they keep', () => {
    const plan = planDeletion(wish({ hubs: ['clicks', 'views'] }), actual({ locks: [lock(GROUP)] }))
    expect(refusals(plan)).toEqual(["Can't delete hub clicks: resource group rg is locked"])
  })

  it('that may not be read are no reason to refuse, and worth a note', () => {
    const plan = planDeletion(wish(), actual({ locks: undefined }))
    expect([plan.outcome, notes(plan)]).toEqual([
      'applicable',
      ['ns-one may be locked: this account may not read locks'],
    ])
  })
})

describe('hubs and consumer groups', () => {
  it.each<[string, Partial<DeletionRequest>, string[]]>([
    ['a hub in another case', { hubs: ['VIEWS'] }, ['delete hub Views']],
    ['two hubs', { hubs: ['clicks', 'views'] }, ['delete hub clicks', 'delete hub Views']],
    [
      'a hub and a group of another',
      { hubs: ['views'], consumerGroups: [{ hub: 'Clicks', name: 'AUDIT' }] },
      ['delete hub Views', 'delete consumer-group clicks/audit'],
    ],
    [
      'a group that one hub has',
      { consumerGroups: [{ hub: undefined, name: 'audit' }] },
      ['delete consumer-group clicks/audit'],
    ],
  ])('%s, and nothing else', (_, more, deleted) => {
    const plan = planDeletion(wish(more), actual())
    expect([plan.outcome, told(plan)]).toEqual(['applicable', [...deleted, 'keep namespace ns-one']])
  })

  it('what is not there is told, and the rest goes', () => {
    const plan = planDeletion(
      wish({ hubs: ['clicks', 'gone'], consumerGroups: [{ hub: 'views', name: 'nobody' }] }),
      actual(),
    )
    expect(told(plan)).toEqual(['delete hub clicks', 'keep namespace ns-one'])
    expect(notes(plan)).toEqual(['gone is not there', 'views/nobody is not there'])
  })

  it('a group that several hubs have is not guessed', () => {
    const plan = planDeletion(wish({ consumerGroups: [{ hub: undefined, name: 'trainer' }] }), actual())
    expect([plan.outcome, told(plan)]).toEqual(['refused', ['refuse namespace ns-one']])
    const [step] = plan.steps
    expect(step?.action === 'refuse' && step.refusals[0]?.waysOut.map(({ edit }) => edit)).toEqual([
      { consumerGroupToDelete: { of: 'trainer', hub: 'clicks', name: 'trainer' } },
      { consumerGroupToDelete: { of: 'trainer', hub: 'Views', name: 'trainer' } },
    ])
  })

  it('of a namespace that is not there: nothing', () => {
    const plan = planDeletion(wish({ hubs: ['clicks'] }), actual(nothing))
    expect([plan.outcome, told(plan), notes(plan)]).toEqual(['no-op', [], ['ns-one is not there']])
  })
})

it('never deletes what is neither named nor contained in what is', () => {
  const names = fc.constantFrom('clicks', 'views', 'gone')
  const wishes = fc.record({
    hubs: fc.uniqueArray(names, { maxLength: 2 }),
    consumerGroups: fc.array(
      fc.record({ hub: fc.option(names, { nil: undefined }), name: fc.constantFrom('trainer', 'audit') }),
      { maxLength: 2 },
    ),
    isConfirmed: fc.boolean(),
  })
  const worlds = fc.record({
    namespace: fc.constantFrom(namespace(), namespace({ tags: {} }), undefined),
    group: fc.constantFrom(group(), group({ tags: {} }), undefined),
    locks: fc.constantFrom([], [lock(GROUP)], [lock(`${NAMESPACE}/eventhubs/views`)], undefined),
    resources: fc.constantFrom([], [resource('Microsoft.EventHub/namespaces/ns-two')]),
  })
  fc.assert(
    fc.property(wishes, worlds, (wanted, world) => {
      const plan = planDeletion(wish(wanted), actual(world))
      if (plan.outcome !== 'applicable') return
      const whole = wanted.hubs.length + wanted.consumerGroups.length === 0
      for (const { action, target } of plan.steps) {
        if (action !== 'delete') continue
        if (target.kind === 'namespace' || target.kind === 'group') expect(whole).toBe(true)
        if (target.kind === 'hub') expect(wanted.hubs).toContain(target.name.toLowerCase())
        if (target.kind === 'consumer-group')
          expect(wanted.consumerGroups.map(({ name }) => name)).toContain(target.name)
        if (target.kind === 'group') expect([world.resources, world.group?.tags]).toEqual([[], OURS])
        else expect(wanted.isConfirmed || world.namespace?.tags === OURS).toBe(true)
        expect(world.locks ?? []).not.toContainEqual(lock(GROUP))
      }
    }),
  )
})
