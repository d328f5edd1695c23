import { describe, expect, it } from 'vitest'
import type { RoleAssignmentActual } from '../../src/resources/grant.ts'
import { aWorld, writesOf } from '../support/worlds.ts'
import { changesIn, notesIn, planIn, stepOf, summary } from '../support/planning.ts'

const ANN = 'aaaaaaaa-0000-4000-8000-000000000001'
const BOB = 'bbbbbbbb-0000-4000-8000-000000000002'
const PROPAGATION = 'namespace ns-demo: a new role takes up to 10 minutes to come into effect'
const NO_KEYS =
  'namespace ns-demo: local authentication is off: no access rule is made, clients sign in with Microsoft Entra'

const home = () =>
  aWorld().withNamespace().withHub('Clicks').withRule('Clicks', 'ml-ingest-send-listen', ['Send', 'Listen'])
const role = (changes: Partial<RoleAssignmentActual> = {}): RoleAssignmentActual => ({
  ...{ principalId: ANN, principalType: 'ServicePrincipal', role: 'sender', hub: 'clicks', from: 'hub' },
  ...changes,
})
const rolesIn = (planned: ReturnType<typeof planIn>) =>
  summary(planned).filter((line) => line.includes('role assignment'))

describe('grants', () => {
  it('are made on each hub, after all else, with what Azure has to be told', () => {
    const planned = planIn(aWorld(), `--hub clicks --hub views --grant ${ANN}:sender --grant ${BOB}:owner:User`)
    expect(summary(planned).slice(-4)).toEqual([
      `create role assignment clicks/${ANN}:sender`,
      `create role assignment clicks/${BOB}:owner`,
      `create role assignment views/${ANN}:sender`,
      `create role assignment views/${BOB}:owner`,
    ])
    expect(stepOf(planned, `role assignment views/${BOB}:owner`)).toMatchObject({
      details: ['Azure Event Hubs Data Owner', 'User'],
      write: { op: 'assign-role', grant: { principalId: BOB, role: 'owner', principalType: 'User' } },
    })
    expect(notesIn(planned)).toContain(PROPAGATION)
  })

  it.each([
    ['on the hub', role(), ['Azure Event Hubs Data Sender', 'ServicePrincipal']],
    [
      'on the hub, written in capitals',
      role({ hub: 'CLICKS', principalId: ANN }),
      ['Azure Event Hubs Data Sender', 'ServicePrincipal'],
    ],
    ['of another type than said', role({ principalType: 'User' }), ['Azure Event Hubs Data Sender', 'User']],
    [
      'on the resource group',
      role({ hub: undefined, from: 'resource group' }),
      ['Azure Event Hubs Data Sender', 'ServicePrincipal', 'inherited from the resource group'],
    ],
  ])('one that is there %s is kept', (_, there, details) => {
    const planned = planIn(home().withRole(there), `--hub clicks --no-consumer-group --grant ${ANN}:sender`)
    expect(planned.outcome).toBe('no-op')
    expect(stepOf(planned, `role assignment Clicks/${ANN}:sender`)).toMatchObject({ action: 'keep', details })
    expect(notesIn(planned)).not.toContain(PROPAGATION)
  })

  it.each([
    ['of another principal', role({ principalId: BOB })],
    ['of another role', role({ role: 'receiver' })],
    ['of a role that holds more', role({ role: 'owner' })],
  ])('one %s is another', (_, there) => {
    const planned = planIn(home().withRole(there), `--hub clicks --grant ${ANN}:sender`)
    expect(rolesIn(planned)).toEqual([`create role assignment Clicks/${ANN}:sender`])
  })

  it('one on another hub is another', () => {
    const world = home()
      .withHub('views')
      .withRole(role({ hub: 'views' }))
    expect(rolesIn(planIn(world, `--hub clicks --grant ${ANN}:sender`))).toEqual([
      `create role assignment Clicks/${ANN}:sender`,
    ])
  })

  it('that nobody asks for are neither looked at nor taken away', () => {
    expect(rolesIn(planIn(home().withRole(role()), '--hub clicks'))).toEqual([])
    expect(rolesIn(planIn(home().withRole(role()), `--hub clicks --grant ${BOB}:sender`))).toEqual([
      `create role assignment Clicks/${BOB}:sender`,
    ])
  })
})

describe('a namespace without keys', () => {
  it('is made so, and no access rule with it', () => {
    const planned = planIn(aWorld(), `--disable-local-auth --hub clicks --grant ${ANN}:sender`)
    expect(summary(planned)).not.toContainEqual(expect.stringContaining('access rule'))
    expect(stepOf(planned, 'namespace ns-demo')).toMatchObject({
      details: expect.arrayContaining(['no keys']) as string[],
      write: { body: { localAuthDisabled: true } },
    })
    expect(notesIn(planned)).toContain(NO_KEYS)
  })

  it('becomes one by a change that says who is cut off', () => {
    const planned = planIn(home(), '--disable-local-auth --hub clicks')
    expect(changesIn(planned)).toEqual(['local authentication: true -> false'])
    expect(writesOf(planned).map(({ write }) => write)).toContainEqual({
      op: 'update-namespace',
      changes: { localAuthDisabled: true },
    })
    expect(notesIn(planned)).toContain(
      'namespace ns-demo: clients that sign in with a key of any access rule are cut off: give them roles in an earlier run',
    )
    expect(summary(planned)).not.toContainEqual(expect.stringContaining('access rule'))
  })

  it('stays one unless somebody says otherwise', () => {
    const world = aWorld().withNamespace({ localAuthDisabled: true }).withHub('clicks').withConsumerGroup('clicks', 'x')
    expect(planIn(world, '--hub clicks').outcome).toBe('no-op')
    expect(planIn(world, '--hub clicks --disable-local-auth').outcome).toBe('no-op')
    expect(notesIn(planIn(world, '--hub clicks'))).toContain(NO_KEYS)
  })

  it('says nothing about keys when it has them and nobody asked', () => {
    const planned = planIn(home(), '--hub clicks --consumer-group $Default')
    expect(planned.outcome).toBe('no-op')
    expect(notesIn(planned)).toEqual([])
  })
})
