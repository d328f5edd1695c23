import { describe, expect, it } from 'vitest'
import type { ApplicablePlan, WriteStep } from '../../src/engine/plan.ts'
import type { Change, DeleteStep, Target } from '../../src/resources/step.ts'
import { askFormat, confirmDeletion, confirmPlan } from '../../src/prompt/confirm.ts'
import { Person } from './support.ts'

const createHub: WriteStep = {
  action: 'create',
  target: { kind: 'hub', name: 'clicks' },
  details: [],
  write: { op: 'create-hub', body: { partitions: 4, retentionHours: 24 } },
}
const register: WriteStep = {
  action: 'create',
  target: { kind: 'provider', name: 'Microsoft.EventHub' },
  details: [],
  write: { op: 'register-provider' },
}
const updateHub = (change: Change, changes: { partitions?: number; retentionHours?: number }): WriteStep => ({
  action: 'update',
  target: { kind: 'hub', name: 'audit' },
  changes: [change],
  write: { op: 'update-hub', changes },
})
const longer = updateHub({ field: 'retention', from: '24h', to: '7d' }, { retentionHours: 168 })
const shorter = updateHub({ field: 'retention', from: '7d', to: '24h' }, { retentionHours: 24 })
const wider = updateHub({ field: 'partitions', from: 4, to: 8 }, { partitions: 8 })

const withLocalAuth = (localAuthDisabled: boolean): WriteStep => ({
  action: 'update',
  target: { kind: 'namespace', name: 'ns-demo' },
  changes: [{ field: 'local authentication', from: localAuthDisabled, to: !localAuthDisabled }],
  write: { op: 'update-namespace', changes: { localAuthDisabled } },
})

const ask = async (steps: readonly WriteStep[], answer?: boolean) => {
  const plan: ApplicablePlan = { outcome: 'applicable', steps, notes: [] }
  const person = new Person(answer === undefined ? {} : { 'Create 1 resource in rg-demo?': answer })
  return { agreed: await confirmPlan(person, plan, 'rg-demo'), asked: person.asked[0] }
}

describe('the confirmation', () => {
  it.each<[string, readonly WriteStep[]]>([
    ['Create 1 resource in rg-demo?', [createHub]],
    ['Create 2 resources in rg-demo?', [register, createHub, createHub]],
    ['Update 1 resource in rg-demo?', [longer]],
    ['Update 1 and create 2 resources in rg-demo?', [longer, createHub, createHub]],
    ['Update 2 and create 1 resource in rg-demo?', [longer, longer, createHub]],
    ['Register the resource provider?', [register]],
  ])('names the act: %s', async (message, steps) => {
    expect((await ask(steps)).asked).toBe(message)
  })

  it.each<[string, boolean, readonly WriteStep[]]>([
    ['what is made', true, [createHub]],
    ['a change that can be taken back', true, [longer, createHub]],
    ['events that are let go', false, [shorter, createHub]],
    ['partitions that stay', false, [wider]],
    ['keys that are let in again', true, [withLocalAuth(false)]],
    ['whoever uses a key being cut off', false, [withLocalAuth(true), createHub]],
  ])('lets Enter agree to %s: %s', async (_what, agreed, steps) => {
    expect((await ask(steps)).agreed).toBe(agreed)
  })

  it('takes no for no', async () => {
    expect((await ask([createHub], false)).agreed).toBe(false)
  })
})

describe('the confirmation of a deletion', () => {
  const remove = (target: Target): DeleteStep => ({ action: 'delete', target, details: [], write: { op: 'delete' } })
  const namespace = remove({ kind: 'namespace', name: 'ns-demo' })
  const group = remove({ kind: 'group', name: 'rg-demo' })
  const hub = (name: string) => remove({ kind: 'hub', name })
  const consumerGroup = (name: string) => remove({ kind: 'consumer-group', hub: 'clicks', name })

  it.each<[string, readonly DeleteStep[]]>([
    ['hub clicks', [hub('clicks')]],
    ['2 hubs', [hub('clicks'), hub('views')]],
    ['consumer group clicks/trainer', [consumerGroup('trainer')]],
    ['namespace and resource group', [namespace, group]],
  ])('names what goes: %s', async (things, steps) => {
    const person = new Person({ [`Delete ${things}?`]: true })
    expect(await confirmDeletion(person, steps, { namespace: 'ns-demo', isConfirmed: true })).toBe(true)
    expect(person.asked).toEqual([`Delete ${things}?`])
  })

  it('takes Enter for no where the name was given by a flag', async () => {
    const person = new Person()
    expect(await confirmDeletion(person, [namespace], { namespace: 'ns-demo', isConfirmed: true })).toBe(false)
  })

  it('wants the name of the namespace typed, in any case, and says what another one does', async () => {
    const question = 'Type ns-demo to delete it:'
    const person = new Person({ [question]: ['ns-other', '', 'NS-Demo'] })
    expect(await confirmDeletion(person, [namespace, group], { namespace: 'ns-demo', isConfirmed: false })).toBe(true)
    expect(person.asked).toEqual([question])
    expect(person.objections).toEqual([
      'That is not ns-demo. Nothing was deleted',
      'That is not ns-demo. Nothing was deleted',
    ])
  })

  it('names the hub that goes where the namespace stays', async () => {
    const question = 'Type ns-demo to delete hub clicks:'
    const person = new Person({ [question]: 'ns-demo' })
    expect(await confirmDeletion(person, [hub('clicks')], { namespace: 'ns-demo', isConfirmed: false })).toBe(true)
    expect(person.asked).toEqual([question])
  })
})

describe('the format of a file', () => {
  it('is one that holds the key; dotenv unless another one is chosen', async () => {
    const person = new Person()
    expect(await askFormat(person)).toBe('dotenv')
    const rows = person.rows.get('Format of the file?')!
    expect(rows.some((row) => row.startsWith('raw'))).toBe(true)
    expect(rows.some((row) => row.startsWith('python'))).toBe(false)
  })
})
