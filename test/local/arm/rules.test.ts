/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-assignment --
   bodies are JSON from outside: expect() is their type check */
import { expect, test } from 'vitest'
import { type Client, startWithNamespace } from './client.ts'

const NAMESPACE = '@/namespaces/namespace1'
const HUB = `${NAMESPACE}/eventhubs/clicks`

const startWithHub = (options = {}): Promise<Client> =>
  startWithNamespace({
    seed: { namespaces: [{ group: 'rg', name: 'namespace1', hubs: [{ name: 'clicks' }] }] },
    ...options,
  })

test('every namespace has a root rule, no hub has one', async () => {
  await using client = await startWithHub()
  const { value } = (await client.call('GET', `${NAMESPACE}/authorizationRules`)).body
  expect(value).toHaveLength(1)
  expect(value[0]).toMatchObject({
    name: 'RootManageSharedAccessKey',
    type: 'Microsoft.EventHub/Namespaces/AuthorizationRules',
    location: 'westeurope',
    properties: { rights: ['Listen', 'Manage', 'Send'] },
  })
  expect((await client.call('GET', `${HUB}/authorizationRules`)).body.value).toEqual([])
})

test('the root rule is listed first, the others by name', async () => {
  await using client = await startWithHub()
  for (const name of ['Zulu', 'alpha']) {
    await client.call('PUT', `${NAMESPACE}/authorizationRules/${name}`, { properties: { rights: ['Send'] } })
  }
  const { value } = (await client.call('GET', `${NAMESPACE}/authorizationRules`)).body
  expect((value as { name: string }[]).map(({ name }) => name)).toEqual(['RootManageSharedAccessKey', 'alpha', 'Zulu'])
})

test('a rule keeps the order of its rights and its keys; the id differs between PUT and GET', async () => {
  await using client = await startWithHub()
  const path = `${HUB}/authorizationRules/App`
  const created = await client.call('PUT', path, { properties: { rights: ['Send', 'Listen'] } })
  expect(created.body).toEqual({
    id: expect.stringMatching(/\/eventhubs\/clicks\/authorizationRules\/App$/) as string,
    name: 'App',
    type: 'Microsoft.EventHub/namespaces/eventhubs/authorizationrules',
    properties: { rights: ['Send', 'Listen'] },
  })
  const before = (await client.call('POST', `${path}/listKeys`)).body
  await client.call('PUT', path, { properties: { rights: ['Send'] } })
  expect((await client.call('POST', `${path}/LISTKEYS`)).body).toEqual(before)
  const read = (await client.call('GET', path)).body
  expect(read).toMatchObject({ location: 'westeurope', properties: { rights: ['Send'] } })
  expect(read.id).toMatch(/\/authorizationrules\/App$/)
})

test('keys are 32 random bytes; regenerating changes the one that is named', async () => {
  await using client = await startWithHub({ dataPlanePort: () => 5673 })
  const path = `${NAMESPACE}/authorizationRules/RootManageSharedAccessKey`
  const first = (await client.call('POST', `${path}/listKeys`)).body
  expect(Buffer.from(first.primaryKey as string, 'base64')).toHaveLength(32)
  expect(first.primaryKey).not.toBe(first.secondaryKey)
  expect(first.primaryConnectionString).toBe(
    `Endpoint=sb://localhost:5673;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=${first.primaryKey};UseDevelopmentEmulator=true`,
  )
  const second = (await client.call('POST', `${path}/regenerateKeys`, { keyType: 'PrimaryKey' })).body
  expect(second.primaryKey).not.toBe(first.primaryKey)
  expect(second.secondaryKey).toBe(first.secondaryKey)
  const key = Buffer.alloc(32, 7).toString('base64')
  expect(
    (await client.call('POST', `${path}/regenerateKeys`, { keyType: 'SecondaryKey', key })).body.secondaryKey,
  ).toBe(key)
  expect((await client.call('POST', `${path}/regenerateKeys`, { keyType: 'Both' })).status).toBe(400)
  expect((await client.call('POST', `${NAMESPACE}/authorizationRules/no/listKeys`)).status).toBe(404)
})

test.each([[[]], [['Manage']], [['Manage', 'Send']], [['Write']], [['Send', 'Send']], [undefined]])(
  'the rights %j are refused',
  async (rights) => {
    await using client = await startWithHub()
    expect((await client.call('PUT', `${NAMESPACE}/authorizationRules/r`, { properties: { rights } })).status).toBe(400)
  },
)

test('twelve rules and no more', async () => {
  await using client = await startWithHub()
  const put = (n: number) =>
    client.call('PUT', `${NAMESPACE}/authorizationRules/rule${n}`, { properties: { rights: ['Send'] } })
  for (let n = 1; n <= 11; n++) expect((await put(n)).status).toBe(200)
  expect((await put(12)).status).toBe(409)
  expect((await client.call('DELETE', `${NAMESPACE}/authorizationRules/rule1`)).status).toBe(200)
  expect((await client.call('DELETE', `${NAMESPACE}/authorizationRules/rule1`)).status).toBe(204)
  expect((await put(12)).status).toBe(200)
})

test('the name of a rule has 50 characters at most', async () => {
  await using client = await startWithHub()
  const put = (length: number) =>
    client.call('PUT', `${NAMESPACE}/authorizationRules/${'r'.repeat(length)}`, { properties: { rights: ['Send'] } })
  expect((await put(50)).status).toBe(200)
  expect((await put(51)).status).toBe(400)
})

test('consumer groups: $Default first, metadata gone when left out', async () => {
  await using client = await startWithHub()
  const path = `${HUB}/consumergroups/ML`
  const created = await client.call('PUT', path, { properties: { userMetadata: 'hello', other: 1 } })
  expect(created.body).toMatchObject({
    name: 'ML',
    type: 'Microsoft.EventHub/namespaces/eventhubs/consumergroups',
    properties: { userMetadata: 'hello', other: 1 },
  })
  const names = async () =>
    ((await client.call('GET', `${HUB}/consumergroups`)).body.value as { name: string }[]).map(({ name }) => name)
  expect(await names()).toEqual(['$Default', 'ML'])
  expect((await client.call('GET', `${HUB}/consumergroups/$default`)).body.properties).not.toHaveProperty(
    'userMetadata',
  )
  await client.call('PUT', `${HUB}/consumerGroups/ml`, {})
  const { properties } = (await client.call('GET', path)).body
  expect(Object.keys(properties as object)).toEqual(['createdAt', 'updatedAt'])
  expect((await client.call('DELETE', `${HUB}/consumergroups/$Default`)).status).toBe(409)
  expect((await client.call('DELETE', path)).status).toBe(200)
  expect((await client.call('DELETE', path)).status).toBe(204)
  expect((await client.call('GET', path)).status).toBe(404)
})

test.each([
  ['Basic', 0],
  ['Standard', 19],
  ['Premium', 99],
] as const)('%s takes %i consumer groups beside $Default', async (name, most) => {
  await using client = await startWithHub({
    seed: { namespaces: [{ group: 'rg', name: 'namespace1', sku: { name, capacity: 1 }, hubs: [{ name: 'clicks' }] }] },
  })
  const put = (n: number) => client.call('PUT', `${HUB}/consumergroups/group${n}`, {})
  for (let n = 1; n <= most; n++) expect((await put(n)).status).toBe(200)
  expect((await put(most + 1)).status).toBe(name === 'Basic' ? 400 : 409)
  expect((await client.call('PUT', `${HUB}/consumergroups/$Default`, {})).status).toBe(200)
})

test('user metadata ends at 1024 characters', async () => {
  await using client = await startWithHub()
  const put = (length: number) =>
    client.call('PUT', `${HUB}/consumergroups/g`, { properties: { userMetadata: 'x'.repeat(length) } })
  expect((await put(1024)).status).toBe(200)
  expect((await put(1025)).status).toBe(400)
})

test('the data plane sees rules and hubs, and hears of every change', async () => {
  await using client = await startWithHub()
  const { directory } = client.arm
  let changes = 0
  const end = directory.onChange(() => changes++)
  await client.call('PUT', `${HUB}/authorizationRules/app`, { properties: { rights: ['Send'] } })
  await client.call('PUT', `${HUB}/consumergroups/ml`, {})
  await client.call('GET', HUB)
  expect(changes).toBe(2)
  expect(directory.rules().map(({ namespace, hub, name, rights }) => ({ namespace, hub, name, rights }))).toEqual([
    {
      namespace: 'namespace1',
      hub: undefined,
      name: 'RootManageSharedAccessKey',
      rights: ['Listen', 'Manage', 'Send'],
    },
    { namespace: 'namespace1', hub: 'clicks', name: 'app', rights: ['Send'] },
  ])
  expect(directory.hubs()).toEqual([
    {
      namespace: 'namespace1',
      name: 'clicks',
      partitionCount: 4,
      status: 'Active',
      ...{ retentionHours: 168, isCompacted: false, timestampType: 'LogAppend' },
      maxMessageBytes: 1_048_576,
      createdAt: expect.any(Number) as number,
      consumerGroups: ['$Default', 'ml'],
    },
  ])
  expect(directory.hub('Namespace1', 'CLICKS')?.name).toBe('clicks')
  end()
  await client.call('DELETE', NAMESPACE)
  expect(changes).toBe(2)
  expect([directory.hubs(), directory.rules(), directory.hub('namespace1', 'clicks')]).toEqual([[], [], undefined])
})
