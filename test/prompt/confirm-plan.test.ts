import { describe, expect, it } from 'vitest'
import type { ApplicablePlan, WriteStep } from '../../src/engine/plan.ts'
import type { Change } from '../../src/resources/step.ts'
import { confirmPlan } from '../../src/prompt/confirm.ts'
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
