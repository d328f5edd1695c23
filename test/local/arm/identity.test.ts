/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-argument --
   bodies are JSON from outside: expect() is their type check */
import { expect, test } from 'vitest'
import { ManualClock } from '../../support/manual-clock.ts'
import { type Client, start, startWithNamespace } from './client.ts'

const NAMESPACE = '@/namespaces/namespace1'
const BASE = { location: 'westeurope', sku: { name: 'Standard', tier: 'Standard', capacity: 1 } }

async function startWithGroup(options = {}): Promise<Client> {
  return start({ seed: { groups: [{ name: 'rg' }] }, ...options })
}

const USER = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/u'
const USERS = { [USER]: {} }

test('identity: it is given, changed and taken away, and each change has a state of its own', async () => {
  const clock = new ManualClock()
  await using client = await startWithGroup({ clock, provisioningMs: 1000 })
  const path = '@/namespaces/ml-ingest-1'
  await client.call('PUT', path, BASE)
  const statesOf = ({ provisioningState, status }: Record<string, string>) => [provisioningState, status]
  const changes = [
    { type: 'SystemAssigned' },
    { type: 'SystemAssigned, UserAssigned', userAssignedIdentities: USERS },
    { type: 'UserAssigned', userAssignedIdentities: USERS },
    { type: 'None' },
  ]
  for (const identity of changes) {
    clock.advance(1000)
    const { status, body } = await client.call('PUT', path, { ...BASE, identity })
    expect([status, ...statesOf(body.properties)]).toEqual([200, 'ActivatingIdentity', 'ActivatingIdentity'])
    expect((await client.call('PUT', `${path}/eventhubs/h`, {})).body.error.code).toBe('NamespaceInTransition')
    expect(body.identity?.type).toBe(identity.type === 'None' ? undefined : identity.type)
    expect(body.identity?.principalId !== undefined).toBe(identity.type.startsWith('System'))
    clock.advance(1000)
    const read = (await client.call('GET', path)).body
    expect([...statesOf(read.properties), read.identity]).toEqual(['Succeeded', 'Active', body.identity])
    const again = (await client.call('PUT', path, { ...BASE, identity })).body
    expect(statesOf(again.properties)).toEqual(['Succeeded', 'Active'])
  }
  const tagged = await client.call('PATCH', path, { tags: { a: 'b' }, identity: { type: 'SystemAssigned' } })
  expect(statesOf(tagged.body.properties)).toEqual(['ActivatingIdentity', 'ActivatingIdentity'])
})

const users = (userAssignedIdentities: unknown, type = 'UserAssigned') => ({ type, userAssignedIdentities })
test.each([
  ...[{ type: 'Sometimes' }, { type: 1 }, { type: 'systemassigned, none' }, 'x', [], 7],
  ...[users('x'), users([]), users({}), users(undefined), users({}, 'SystemAssigned, UserAssigned')],
  ...[users('x', 'SystemAssigned'), users({ u: {} }), users({ '/subscriptions/s/u': {} }), users({ [USER]: 'x' })],
])('identity %j is refused, in a PUT and in a PATCH', async (identity) => {
  await using client = await startWithNamespace()
  for (const [method, path] of [
    ['PUT', '@/namespaces/ml-ingest-1'],
    ['PUT', NAMESPACE],
    ['PATCH', NAMESPACE],
  ] as const) {
    const { status, body } = await client.call(method, path, { ...BASE, identity })
    expect([status, body.error.code]).toEqual([400, 'InvalidRequestContent'])
  }
  expect((await client.call('GET', NAMESPACE)).body).not.toHaveProperty('identity')
})

test('identity: None leaves no trace, ids are given, and what is not sent stays', async () => {
  await using client = await startWithGroup()
  const put = async (identity?: object) =>
    (await client.call('PUT', '@/namespaces/ml-ingest-1', { ...BASE, ...(identity && { identity }) })).body
  expect(await put({ type: 'None' })).not.toHaveProperty('identity')
  const users = { '/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/u': {} }
  const { identity } = await put({ type: 'SystemAssigned, UserAssigned', userAssignedIdentities: users })
  expect(identity.principalId).toMatch(/^[0-9a-f-]{36}$/)
  expect(Object.values(identity.userAssignedIdentities)).toEqual([
    { clientId: expect.stringMatching(/-/) as string, principalId: expect.stringMatching(/-/) as string },
  ])
  expect((await put()).identity).toEqual(identity)
})

const userId = (name: string, group = 'resourceGroups') =>
  `/subscriptions/s/${group}/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`

test.each([
  'systemassigned',
  'UserAssigned,SystemAssigned',
  ' SYSTEMASSIGNED ,  userassigned',
  'SystemAssigned,UserAssigned',
])('identity type %j is read, and answered as Azure spells it', async (type) => {
  await using client = await startWithNamespace()
  const { body } = await client.call('PATCH', NAMESPACE, { identity: { type, userAssignedIdentities: USERS } })
  expect(body.identity.type).toBe(type === 'systemassigned' ? 'SystemAssigned' : 'SystemAssigned, UserAssigned')
  expect('userAssignedIdentities' in body.identity).toBe(type !== 'systemassigned')
})

test('a PUT names all users; a PATCH adds and removes them, and those that stay keep their ids', async () => {
  await using client = await startWithNamespace()
  const identityAfter = async (
    method: 'PUT' | 'PATCH',
    users: Record<string, object | null>,
    type = 'UserAssigned',
  ) => {
    const { body } = await client.call(method, NAMESPACE, {
      ...BASE,
      identity: { type, userAssignedIdentities: users },
    })
    expect((await client.call('GET', NAMESPACE)).body.identity).toEqual(body.identity)
    return body.identity
  }
  const usersAfter = async (...asked: Parameters<typeof identityAfter>) =>
    (await identityAfter(...asked)).userAssignedIdentities as Record<string, object>
  const first = await usersAfter('PUT', { [userId('a')]: {}, [userId('b')]: {} })
  const more = await usersAfter('PATCH', { [userId('c')]: {} })
  expect(Object.keys(more)).toEqual([userId('a'), userId('b'), userId('c')])
  expect(more).toMatchObject(first)
  expect(Object.keys(await usersAfter('PATCH', { [userId('b')]: null, [userId('nowhere')]: null }))).toEqual([
    userId('a'),
    userId('c'),
  ])
  const respelled = userId('A', 'resourcegroups')
  expect(await usersAfter('PUT', { [respelled]: {} })).toEqual({ [respelled]: first[userId('a')] })
  const both = await identityAfter('PATCH', {}, 'SystemAssigned, UserAssigned')
  expect([Object.keys(both.userAssignedIdentities as object), both.principalId]).toEqual([
    [respelled],
    expect.any(String),
  ])
  expect(await identityAfter('PATCH', {}, 'SystemAssigned')).toEqual({
    type: 'SystemAssigned',
    principalId: both.principalId,
    tenantId: both.tenantId,
  })
})
