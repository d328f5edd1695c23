/* eslint-disable @typescript-eslint/no-unsafe-member-access --
   bodies are JSON from outside: expect() is their type check */
import { expect, test } from 'vitest'
import { ManualClock } from '../../support/manual-clock.ts'
import { type Client, SUBSCRIPTION, start } from './client.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const GROUP = '~/resourceGroups/rg'
const NAMESPACE = '@/namespaces/namespace1'
const HUB = `${NAMESPACE}/eventhubs/clicks`
const OTHER = '~/resourceGroups/Rg-Other/providers/Microsoft.EventHub/namespaces/namespace3'
const SEED = {
  namespaces: [
    { group: 'rg', name: 'namespace1', hubs: [{ name: 'clicks' }] },
    { group: 'rg', name: 'namespace2' },
    { group: 'Rg-Other', name: 'namespace3' },
  ],
}
const VERSION = 'api-version=2016-09-01'
const lockAt = (scope: string, name = 'keep') => `${scope}/providers/Microsoft.Authorization/locks/${name}?${VERSION}`
const locksAt = (scope: string, filter = '') => `${scope}/providers/Microsoft.Authorization/locks?${filter}${VERSION}`

const lock = async (client: Client, scope: string, level = 'CanNotDelete', name = 'keep') => {
  const answer = await client.call('PUT', lockAt(scope, name), { properties: { level } })
  expect([200, 201]).toContain(answer.status)
}

const namesIn = async (client: Client, scope: string, filter = ''): Promise<string[]> =>
  ((await client.call('GET', locksAt(scope, filter))).body.value as { name: string }[]).map(({ name }) => name)

const ID = `${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.EventHub/namespaces/namespace1`
const RIGHTS = { rights: ['Listen'] }
/** What lies in namespaces and hubs. */
const SMALL = [
  {
    what: 'a rule of a namespace',
    path: `${NAMESPACE}/authorizationRules/RootManageSharedAccessKey`,
    id: 'authorizationrules/RootManageSharedAccessKey',
    properties: { rights: ['Listen', 'Manage', 'Send'] },
  },
  {
    what: 'a rule of a hub',
    path: `${HUB}/authorizationRules/reader`,
    id: 'eventhubs/clicks/authorizationrules/reader',
    properties: RIGHTS,
  },
  {
    what: 'a consumer group',
    path: `${HUB}/consumerGroups/team-a`,
    id: 'eventhubs/clicks/consumergroups/team-a',
    properties: {},
  },
  {
    what: 'the network rules',
    path: `${NAMESPACE}/networkRuleSets/default`,
    id: 'networkrulesets/default',
    properties: { defaultAction: 'Allow' },
  },
]
const startWithSmall = async (options: object = {}): Promise<Client> => {
  const client = await start({ seed: SEED, ...options })
  for (const { path, properties } of SMALL) expect((await client.call('PUT', path, { properties })).status).toBe(200)
  return client
}

test.each<[string, string, string | undefined]>([
  ['a subscription', '~', SUBSCRIPTION],
  ['a group', '~/resourcegroups/RG', `${SUBSCRIPTION}/resourceGroups/rg`],
  ['a namespace', '@/namespaces/NAMESPACE1', undefined],
  ['a hub', '@/namespaces/namespace1/eventhubs/CLICKS', undefined],
  ...SMALL.map(({ what, path, id }): [string, string, string] => [what, path, `${ID}/${id}`]),
])('a lock on %s is set, read, changed and removed', async (_, scope, id) => {
  await using client = await startWithSmall()
  const properties = { level: 'CanNotDelete', notes: 'ask the data team' }
  const created = await client.call('PUT', lockAt(scope), { properties })
  expect(created.status).toBe(201)
  expect(created.body).toMatchObject({ name: 'keep', type: 'Microsoft.Authorization/locks', properties })
  if (id) expect(created.body.id).toBe(`${id}/providers/Microsoft.Authorization/locks/keep`)
  expect((await client.call('GET', lockAt(scope, 'KEEP'))).body).toEqual(created.body)
  const changed = await client.call('PUT', lockAt(scope), { properties: { level: 'readonly' } })
  expect([changed.status, changed.body.properties]).toEqual([200, { level: 'ReadOnly' }])
  expect((await client.call('DELETE', lockAt(scope))).status).toBe(200)
  expect((await client.call('DELETE', lockAt(scope))).status).toBe(204)
  expect((await client.call('GET', lockAt(scope))).status).toBe(404)
})

test('az and the SDKs spell the scope of a lock with empty and encoded parts', async () => {
  await using client = await start({ seed: SEED })
  const ofResource = '~/resourcegroups/rg/providers/Microsoft.EventHub//namespaces/namespace1'
  expect((await client.call('PUT', lockAt(ofResource), { properties: { level: 'ReadOnly' } })).status).toBe(201)
  const ofHub = '~/resourcegroups/rg/providers/Microsoft.EventHub/namespaces%2Fnamespace1/eventhubs/clicks'
  expect((await client.call('PUT', lockAt(ofHub, 'of-hub'), { properties: { level: 'ReadOnly' } })).status).toBe(201)
  const encoded = '/%2Fsubscriptions%2F00000000-0000-0000-0000-000000000000%2FresourceGroups%2Frg'
  expect((await namesIn(client, encoded)).sort()).toEqual(['keep', 'of-hub'])
  expect((await client.call('GET', lockAt(NAMESPACE))).status).toBe(200)
  for (const path of [ofResource, ofHub])
    expect((await client.call('DELETE', path)).body.error.code).toBe('ScopeLocked')
})

test.each([
  [{ properties: { level: 'Never' } }, 'keep'],
  [{}, 'keep'],
  [{ properties: { level: 'ReadOnly', notes: 'n'.repeat(513) } }, 'keep'],
  [{ properties: { level: 'ReadOnly' } }, 'a%26b'],
  [{ properties: 'ReadOnly' }, 'keep'],
  ...['x', {}, ['x'], [{}], [{ applicationId: 1 }]].map((owners): [object, string] => [
    { properties: { level: 'ReadOnly', owners } },
    'keep',
  ]),
])('a lock that cannot be is refused: %#', async (body, name) => {
  await using client = await start({ seed: SEED })
  expect((await client.call('PUT', lockAt(GROUP, name), body)).status).toBe(400)
})

test.each([
  ...['~/resourceGroups/nowhere', '@/namespaces/nowhere', `${NAMESPACE}/eventhubs/nowhere`],
  ...[`${NAMESPACE}/authorizationRules/nowhere`, `${HUB}/authorizationRules/nowhere`],
  ...[`${HUB}/consumergroups/nowhere`, `${NAMESPACE}/networkRuleSets/nowhere`],
])('what is not there cannot be locked: %s', async (scope) => {
  await using client = await start({ seed: SEED })
  expect((await client.call('PUT', lockAt(scope), { properties: { level: 'ReadOnly' } })).status).toBe(404)
  expect((await client.call('GET', locksAt(scope))).status).toBe(404)
})

test('a list shows the locks at, above and below its scope; atScope() leaves out those below', async () => {
  await using client = await start({ seed: SEED })
  await lock(client, '~', 'CanNotDelete', 'of-subscription')
  await lock(client, GROUP, 'CanNotDelete', 'of-group')
  await lock(client, NAMESPACE, 'ReadOnly', 'of-namespace')
  await lock(client, HUB, 'ReadOnly', 'of-hub')
  await lock(client, '~/resourceGroups/Rg-Other', 'ReadOnly', 'of-other')
  const mine = ['of-group', 'of-hub', 'of-namespace', 'of-subscription']
  expect((await namesIn(client, GROUP)).sort()).toEqual(mine)
  expect((await namesIn(client, NAMESPACE)).sort()).toEqual(mine)
  expect((await namesIn(client, '~')).sort()).toEqual([...mine, 'of-other'].sort())
  expect((await namesIn(client, GROUP, '$filter=atScope()&')).sort()).toEqual(['of-group', 'of-subscription'])
})

const DELETES = { group: GROUP, namespace: NAMESPACE, hub: HUB, other: '@/namespaces/namespace2' }
test.each([
  ['~', ['group', 'namespace', 'hub', 'other']],
  [GROUP, ['group', 'namespace', 'hub', 'other']],
  [NAMESPACE, ['group', 'namespace', 'hub']],
  [HUB, ['group', 'namespace', 'hub']],
] as const)('a CanNotDelete lock at %s keeps %j, and lets them be written', async (scope, kept) => {
  await using client = await start({ seed: SEED })
  await lock(client, scope)
  for (const [what, path] of Object.entries(DELETES)) {
    const answer = await client.call('DELETE', path)
    expect([what, answer.status === 409]).toEqual([what, (kept as readonly string[]).includes(what)])
    if (answer.status === 409) expect(answer.headers.get('x-ms-failure-cause')).toBe('gateway')
  }
  expect((await client.call('PUT', HUB, { properties: {} })).status).toBe(200)
})

test.each(SMALL)('a lock on $what forbids what it should, and nothing beside it', async ({ path, properties }) => {
  await using client = await startWithSmall()
  const statusOf = async (method: string, at = path) =>
    (await client.call(method, at, method === 'PUT' ? { properties } : undefined)).status
  await lock(client, path)
  expect(await statusOf('PUT')).toBe(200)
  const canBeDeleted = !path.endsWith('/default')
  for (const held of [...(canBeDeleted ? [path] : []), NAMESPACE, GROUP])
    expect(await statusOf('DELETE', held)).toBe(409)
  await lock(client, path, 'ReadOnly')
  expect([await statusOf('GET'), await statusOf('PUT'), await statusOf('POST', `${path}/listKeys`)]).toEqual([
    200,
    409,
    path.includes('Rules/') ? 409 : 404,
  ])
  expect((await client.call('PUT', HUB, { properties: {} })).status).toBe(200)
  const others = SMALL.filter((one) => one.path !== path && !one.what.startsWith('the'))
  for (const other of others) expect(await statusOf('DELETE', other.path)).toBe(200)
})

test('the refusal is that of Azure, with the path as it was asked for and the scope as it is', async () => {
  await using client = await start({ seed: SEED })
  await lock(client, NAMESPACE)
  const path = '~/resourcegroups/RG'
  const answer = await client.call('DELETE', path)
  expect([answer.status, answer.body]).toEqual([
    409,
    {
      error: {
        code: 'ScopeLocked',
        message:
          `The scope '${path.replace('~', SUBSCRIPTION)}' cannot perform delete operation because following scope(s) are ` +
          `locked: '${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.EventHub/namespaces/namespace1'. ` +
          'Please remove the lock and try again.',
      },
    },
  ])
})

test('a ReadOnly lock lets nothing but reads through, also no POST; the locks themselves can be removed', async () => {
  await using client = await start({ seed: SEED })
  await lock(client, GROUP, 'ReadOnly')
  for (const [method, path, body] of [
    ['PUT', HUB, { properties: {} }],
    ['PATCH', NAMESPACE, { tags: {} }],
    ['POST', `${NAMESPACE}/authorizationRules/RootManageSharedAccessKey/listKeys`, undefined],
    ['PUT', GROUP, { location: 'westeurope' }],
  ] as const) {
    const answer = await client.call(method, path, body)
    expect([method, answer.status, answer.body.error.message]).toEqual([
      method,
      409,
      expect.stringContaining('cannot perform write operation'),
    ])
  }
  expect((await client.call('GET', HUB)).status).toBe(200)
  expect((await client.call('PUT', OTHER, {})).status).not.toBe(409)
  expect((await client.call('DELETE', lockAt(GROUP))).status).toBe(200)
  expect((await client.call('DELETE', HUB)).status).toBe(200)
})

test('a lock set on what is already going away goes with it', async () => {
  const clock = new ManualClock()
  await using client = await start({ seed: SEED, clock, provisioningMs: 30_000 })
  expect((await client.call('DELETE', NAMESPACE)).status).toBe(202)
  await lock(client, NAMESPACE)
  clock.advance(31_000)
  expect(await namesIn(client, GROUP)).toEqual([])
  expect((await client.call('DELETE', GROUP)).status).toBe(202)
})

test('locks outlive a restart', async () => {
  const state = { folder: temporaryFolder() }
  {
    await using client = await start({ state, seed: SEED })
    await lock(client, NAMESPACE)
  }
  await using client = await start({ state })
  expect((await client.call('DELETE', NAMESPACE)).status).toBe(409)
})
