import { expect, test } from 'vitest'
import type { LocalArmOptions } from '../../../src/local/arm/local-arm.ts'
import { start, SUBSCRIPTION, type Client } from './client.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const SEED: LocalArmOptions['seed'] = {
  namespaces: [{ group: 'rg', name: 'namespace1', hubs: [{ name: 'clicks' }, { name: 'views' }] }],
}
const GROUP = '~/resourceGroups/rg'
const NAMESPACE = '@/namespaces/namespace1'
const HUB = `${NAMESPACE}/eventhubs/clicks`
const OTHER = `${NAMESPACE}/eventhubs/views`
const SENDER = '2b629674-e913-4c01-ae53-ef4638d8f975'
const RECEIVER = 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde'
const ANN = 'aaaaaaaa-0000-4000-8000-000000000001'
const BOB = 'bbbbbbbb-0000-4000-8000-000000000002'
const NAME = '88888888-0000-0000-0000-000000000001'
const OTHER_NAME = '88888888-0000-0000-0000-000000000002'

const at = (scope: string, name = NAME) =>
  `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}?api-version=2022-04-01`
const role = (id: string) => `${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${id}`
const body = (principalId = ANN, roleId = SENDER, principalType?: string) => ({
  properties: { roleDefinitionId: role(roleId), principalId, ...(principalType && { principalType }) },
})
const errorOf = (answer: { status: number; body: { error?: { code: string; message: string } } }) => [
  answer.status,
  answer.body.error?.code,
  answer.body.error?.message,
]

async function idsIn(client: Client, scope: string, filter = ''): Promise<readonly string[]> {
  const query = filter === '' ? '' : `$filter=${encodeURIComponent(filter)}&`
  const answer = await client.call(
    'GET',
    `${scope}/providers/Microsoft.Authorization/roleAssignments?${query}api-version=2022-04-01`,
  )
  expect(answer.status).toBe(200)
  return (answer.body as { value: { properties: { scope: string } }[] }).value.map(({ properties }) =>
    properties.scope.replace(SUBSCRIPTION, ''),
  )
}

test('an assignment comes back as Azure has recorded it, and the same PUT again changes nothing', async () => {
  await using client = await start({ seed: SEED })
  const made = await client.call('PUT', at(HUB), body(ANN, SENDER, 'Group'))
  const scope = `${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.EventHub/namespaces/namespace1/eventhubs/clicks`
  expect(made.status).toBe(201)
  expect(made.body).toEqual({
    properties: {
      roleDefinitionId: role(SENDER),
      principalId: ANN,
      principalType: 'Group',
      scope,
      condition: null,
      conditionVersion: null,
      createdOn: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/) as string,
      updatedOn: expect.any(String) as string,
      createdBy: null,
      updatedBy: null,
      delegatedManagedIdentityResourceId: null,
      description: null,
    },
    id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${NAME}`,
    type: 'Microsoft.Authorization/roleAssignments',
    name: NAME,
  })
  expect((await client.call('PUT', at(HUB), body(ANN, SENDER, 'Group'))).status).toBe(200)
  const { id } = made.body as { id: string }
  expect((await client.call('GET', at(HUB))).body).toMatchObject({ id })
  expect((await client.call('DELETE', at(HUB))).body).toMatchObject({ id })
  expect((await client.call('DELETE', at(HUB))).status).toBe(204)
  expect(errorOf(await client.call('GET', at(HUB)))).toEqual([
    404,
    'RoleAssignmentNotFound',
    `The role assignment '${NAME}' is not found.`,
  ])
})

test('a second assignment of the same role is refused under another name, with the id of the first, without dashes', async () => {
  await using client = await start({ seed: SEED })
  await client.call('PUT', at(HUB), body())
  expect(errorOf(await client.call('PUT', at(HUB, OTHER_NAME), body()))).toEqual([
    409,
    'RoleAssignmentExists',
    `The role assignment already exists. The ID of the existing role assignment is ${NAME.replaceAll('-', '')}.`,
  ])
  for (const [scope, wanted] of [
    [OTHER, body()],
    [HUB, body(BOB)],
    [HUB, body(ANN, RECEIVER)],
  ] as const) {
    const name = `${OTHER_NAME.slice(0, -1)}${scope === OTHER ? 3 : wanted.properties.principalId === BOB ? 4 : 5}`
    expect((await client.call('PUT', at(scope, name), wanted)).status).toBe(201)
  }
})

test('an assignment cannot become one of another principal or role', async () => {
  await using client = await start({ seed: SEED })
  await client.call('PUT', at(HUB), body())
  for (const wanted of [body(BOB), body(ANN, RECEIVER)]) {
    expect(errorOf(await client.call('PUT', at(HUB), wanted)).slice(0, 2)).toEqual([
      409,
      'RoleAssignmentUpdateNotPermitted',
    ])
  }
})

test.each([
  ['a name that is no GUID', at(HUB, 'mine'), body(), 400, 'InvalidRoleAssignmentId'],
  ['a role that there is not', at(HUB), body(ANN, ANN), 400, 'RoleDefinitionDoesNotExist'],
  ['a principal that is no GUID', at(HUB), body('ann@contoso.com'), 400, 'BadRequestFormat'],
  ['a principal of no type', at(HUB), body(ANN, SENDER, 'Robot'), 400, 'BadRequestFormat'],
  ['no properties', at(HUB), {}, 400, 'BadRequestFormat'],
  ['a hub that there is not', at(`${NAMESPACE}/eventhubs/none`), body(), 404, 'MessagingGatewayNotFound'],
  ['a namespace that there is not', at('@/namespaces/namespace9'), body(), 404, 'ResourceNotFound'],
  ['a group that there is not', at('~/resourceGroups/none'), body(), 404, 'ResourceGroupNotFound'],
])('%s is refused', async (_, path, wanted, status, code) => {
  await using client = await start({ seed: SEED })
  expect(errorOf(await client.call('PUT', path, wanted)).slice(0, 2)).toEqual([status, code])
})

test('a principal stays what it was when it was first given a role', async () => {
  await using client = await start({ seed: SEED })
  await client.call('PUT', at(HUB), body(ANN, SENDER, 'User'))
  expect(errorOf(await client.call('PUT', at(OTHER, OTHER_NAME), body(ANN, SENDER, 'ServicePrincipal')))).toEqual([
    400,
    'UnmatchedPrincipalType',
    `The PrincipalId '${ANN.replaceAll('-', '')}' has type 'User' , which is different from specified PrinciaplType 'ServicePrincipal'.`,
  ])
})

test('a list shows what is assigned at, above and below a scope; filters leave out what is below, or others', async () => {
  await using client = await start({ seed: SEED })
  const made = [
    ['~', 1, ANN],
    [GROUP, 2, BOB],
    [NAMESPACE, 3, ANN],
    [HUB, 4, ANN],
    [OTHER, 5, BOB],
  ] as const
  for (const [scope, n, who] of made) {
    expect((await client.call('PUT', at(scope, `${NAME.slice(0, -1)}${n}`), body(who))).status).toBe(201)
  }
  const [sub, group, namespace] = [
    '',
    '/resourceGroups/rg',
    '/resourceGroups/rg/providers/Microsoft.EventHub/namespaces/namespace1',
  ]
  const [hub, other] = [`${namespace}/eventhubs/clicks`, `${namespace}/eventhubs/views`]
  const sorted = async (...args: [string, string?]) => [...(await idsIn(client, ...args))].sort()
  expect(await sorted(NAMESPACE)).toEqual([sub, group, namespace, hub, other])
  expect(await sorted(NAMESPACE, 'atScope()')).toEqual([sub, group, namespace])
  expect(await sorted(NAMESPACE, `principalId eq '${ANN}'`)).toEqual([sub, namespace, hub])
  expect(await sorted(NAMESPACE, `principalId eq ${BOB.toUpperCase()}`)).toEqual([group, other])
  expect(await sorted(HUB, `atScope() and assignedTo('${BOB}')`)).toEqual([group])
})

test('the fault hides one principal, or all, as often as it is told to', async () => {
  await using client = await start({ seed: SEED, faults: [{ kind: 'principal-not-found', principal: ANN, times: 2 }] })
  expect((await client.call('PUT', at(OTHER, OTHER_NAME), body(BOB))).status).toBe(201)
  for (let i = 0; i < 2; i++) {
    const [status, code, message] = errorOf(await client.call('PUT', at(HUB), body()))
    expect([status, code]).toEqual([400, 'PrincipalNotFound'])
    expect(message).toMatch(`Principal ${ANN.replaceAll('-', '')} does not exist in the directory 0000`)
  }
  expect((await client.call('PUT', at(HUB), body())).status).toBe(201)
  client.arm.faults.add({ kind: 'principal-not-found' })
  expect(errorOf(await client.call('PUT', at(OTHER, NAME), body(ANN)))).toContain('PrincipalNotFound')
})

test('who has no right to give roles is told which one is missing', async () => {
  await using client = await start({ seed: SEED, faults: [{ kind: '403', method: 'PUT', path: 'roleAssignments' }] })
  const [, code, message] = errorOf(await client.call('PUT', at(HUB), body()))
  expect(code).toBe('AuthorizationFailed')
  expect(message).toContain("perform action 'Microsoft.Authorization/roleAssignments/write' over scope")
})

test('assignments go with their hub and their namespace, and outlive a restart', async () => {
  const state = { folder: temporaryFolder() }
  {
    await using client = await start({ state, seed: SEED })
    await client.call('PUT', at(HUB), body())
    await client.call('PUT', at(OTHER, OTHER_NAME), body(BOB))
  }
  await using client = await start({ state })
  expect(await idsIn(client, NAMESPACE)).toHaveLength(2)
  await client.call('DELETE', HUB)
  expect(await idsIn(client, NAMESPACE)).toHaveLength(1)
  await client.call('DELETE', NAMESPACE)
  expect(await idsIn(client, GROUP)).toEqual([])
})

test('a lock keeps assignments from being taken away', async () => {
  await using client = await start({ seed: SEED })
  await client.call('PUT', at(HUB), body())
  await client.call('PUT', `${GROUP}/providers/Microsoft.Authorization/locks/mine?api-version=2020-05-01`, {
    properties: { level: 'CanNotDelete' },
  })
  expect(errorOf(await client.call('DELETE', at(HUB)))).toContain('ScopeLocked')
})

test.each([
  ['consumergroups/team-a', { properties: {} }],
  ['authorizationRules/reader', { properties: { rights: ['Listen'] } }],
])('a role on %s of a hub is given, listed and deleted with it', async (child, wanted) => {
  await using client = await start({ seed: SEED })
  const path = `${HUB}/${child}`
  await client.call('PUT', path, wanted)
  expect((await client.call('PUT', at(path), body())).status).toBe(201)
  expect((await idsIn(client, path))[0]).toMatch(new RegExp(`/eventhubs/clicks/${child}$`, 'i'))
  expect((await client.call('DELETE', path)).status).toBe(200)
  expect((await client.call('GET', at(path))).status).toBe(404)
  await client.call('PUT', path, wanted)
  expect(await idsIn(client, path)).toEqual([])
})
