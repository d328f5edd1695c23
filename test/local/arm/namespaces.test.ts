/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-return --
   bodies are JSON from outside: expect() is their type check */
import { expect, test } from 'vitest'
import { ManualClock } from '../../support/manual-clock.ts'
import { type Client, SUBSCRIPTION, start, startWithNamespace } from './client.ts'

const NAMESPACE = '@/namespaces/namespace1'
const BASE = { location: 'westeurope', sku: { name: 'Standard', tier: 'Standard', capacity: 1 } }

async function startWithGroup(options = {}): Promise<Client> {
  return start({ seed: { groups: [{ name: 'rg' }] }, ...options })
}

test('a new namespace: 201 Creating, then what the service fills in', async () => {
  const clock = new ManualClock({ start: Date.parse('2026-03-01T12:00:00.5Z') })
  await using client = await startWithGroup({ clock, provisioningMs: 30_000 })
  const created = await client.call('PUT', '@/namespaces/MyNamespace', {
    location: 'West Europe',
    sku: { name: 'Standard' },
  })
  expect(created.status).toBe(201)
  expect(created.body).toEqual({
    id: `${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.EventHub/namespaces/MyNamespace`,
    name: 'MyNamespace',
    type: 'Microsoft.EventHub/Namespaces',
    location: 'westeurope',
    tags: {},
    properties: {
      geoDataReplication: {
        maxReplicationLagDurationInSeconds: 0,
        locations: [{ locationName: 'westeurope', roleType: 'Primary', replicaState: 'InBuild' }],
      },
      minimumTlsVersion: '1.2',
      publicNetworkAccess: 'Enabled',
      disableLocalAuth: false,
      zoneRedundant: false,
      metricId: '00000000-0000-0000-0000-000000000000:mynamespace',
      serviceBusEndpoint: 'https://MyNamespace.servicebus.windows.net:443/',
      isAutoInflateEnabled: false,
      maximumThroughputUnits: 0,
      kafkaEnabled: true,
      provisioningState: 'Creating',
      status: 'Creating',
      createdAt: '2026-03-01T12:00:00.500Z',
      updatedAt: '2026-03-01T12:00:00.500Z',
    },
    sku: { name: 'Standard', tier: 'Standard', capacity: 1 },
  })
  expect((await client.call('GET', '@/namespaces/mynamespace')).body.properties.provisioningState).toBe('Creating')
  clock.advance(30_000)
  const ready = (await client.call('GET', '@/NAMESPACES/MYNAMESPACE')).body
  expect(ready.name).toBe('MyNamespace')
  expect(ready.properties).toMatchObject({ provisioningState: 'Succeeded', status: 'Active' })
  expect(ready.properties.geoDataReplication.locations[0].replicaState).toBe('Ready')
})

test('with no time to lose the first answer still says Creating and the next one Succeeded', async () => {
  await using client = await startWithGroup()
  const created = await client.call('PUT', '@/namespaces/ml-ingest-1', BASE)
  expect([created.status, created.body.properties.provisioningState]).toEqual([201, 'Creating'])
  expect((await client.call('GET', '@/namespaces/ml-ingest-1')).body.properties.provisioningState).toBe('Succeeded')
  expect((await client.call('PUT', '@/namespaces/ml-ingest-1/eventhubs/h', {})).status).toBe(200)
})

test('while it is on its way, nothing is written: 429 without Retry-After', async () => {
  const clock = new ManualClock()
  await using client = await startWithNamespace({ clock, provisioningMs: 30_000 })
  await client.call('PATCH', NAMESPACE, { tags: { a: 'b' } })
  const writes = [
    ['PUT', NAMESPACE, BASE],
    ['PATCH', NAMESPACE, {}],
    ['DELETE', NAMESPACE, undefined],
    ['PUT', `${NAMESPACE}/eventhubs/h`, {}],
    ['PUT', `${NAMESPACE}/authorizationRules/r`, { properties: { rights: ['Send'] } }],
    ['POST', `${NAMESPACE}/authorizationRules/RootManageSharedAccessKey/regenerateKeys`, { keyType: 'PrimaryKey' }],
  ] as const
  for (const [method, path, body] of writes) {
    const answer = await client.call(method, path, body)
    expect([answer.status, answer.body.error]).toEqual([
      429,
      {
        code: 'NamespaceInTransition',
        message:
          'The namespace namespace1 in subscription 00000000-0000-0000-0000-000000000000 is in transitioning state, its current state is Updating.',
      },
    ])
    expect(answer.headers.get('retry-after')).toBeNull()
    expect(answer.headers.get('content-type')).toBe('application/json')
  }
  expect((await client.call('POST', `${NAMESPACE}/authorizationRules/RootManageSharedAccessKey/listKeys`)).status).toBe(
    200,
  )
  clock.advance(30_000)
  expect((await client.call('PUT', `${NAMESPACE}/eventhubs/h`, {})).status).toBe(200)
})

test('a PUT replaces: what is left out is the default again, unknown properties are kept while they are sent', async () => {
  await using client = await startWithNamespace()
  const rich = {
    ...BASE,
    sku: { name: 'Standard', tier: 'Standard', capacity: 3 },
    tags: { team: 'ml' },
    properties: {
      isAutoInflateEnabled: true,
      maximumThroughputUnits: 10,
      disableLocalAuth: true,
      minimumTlsVersion: '1.1',
      somethingNew: { deep: [1, 'two'] },
    },
  }
  await client.call('PUT', NAMESPACE, rich)
  expect((await client.call('GET', NAMESPACE)).body).toMatchObject({ ...rich, properties: rich.properties })
  expect(client.arm.directory.localAuthDisabled('NAMESPACE1')).toBe(true)
  await client.call('PUT', NAMESPACE, { location: 'westeurope' })
  const { body } = await client.call('GET', NAMESPACE)
  expect(body.tags).toEqual({})
  expect(body.sku.capacity).toBe(1)
  expect(body.properties).toMatchObject({
    isAutoInflateEnabled: false,
    maximumThroughputUnits: 0,
    disableLocalAuth: false,
    minimumTlsVersion: '1.2',
  })
  expect(body.properties).not.toHaveProperty('somethingNew')
})

test('an old client does not undo what its api-version does not know', async () => {
  await using client = await startWithNamespace()
  await client.call('PUT', NAMESPACE, { ...BASE, properties: { disableLocalAuth: true } })
  const old = await client.call('PUT', `${NAMESPACE}?api-version=2018-01-01-preview`, { ...BASE, tags: { a: 'b' } })
  expect(old.body.properties).not.toHaveProperty('disableLocalAuth')
  expect((await client.call('GET', NAMESPACE)).body.properties.disableLocalAuth).toBe(true)
})

test('a PUT or PATCH that changes nothing is answered as done', async () => {
  await using client = await startWithNamespace()
  for (const method of ['PUT', 'PATCH']) {
    const answer = await client.call(method, NAMESPACE, BASE)
    expect([answer.status, answer.body.properties.provisioningState]).toEqual([200, 'Succeeded'])
  }
  expect((await client.call('PATCH', NAMESPACE, { tags: { a: '1' } })).body.properties.provisioningState).toBe(
    'Updating',
  )
})

test('a PATCH changes what it names', async () => {
  await using client = await startWithNamespace({
    seed: {
      namespaces: [
        {
          group: 'rg',
          name: 'namespace1',
          tags: { a: '1' },
          sku: { name: 'Standard', capacity: 5 },
          properties: { isAutoInflateEnabled: true, maximumThroughputUnits: 9, unknown: 'kept' },
        },
      ],
    },
  })
  const { body } = await client.call('PATCH', NAMESPACE, { sku: { name: 'Standard', capacity: 6 } })
  expect(body.tags).toEqual({ a: '1' })
  expect(body.sku.capacity).toBe(6)
  expect(body.properties).toMatchObject({ isAutoInflateEnabled: true, maximumThroughputUnits: 9, unknown: 'kept' })
})

test('tiers: Basic has no Kafka, Premium is zone redundant, a cluster is told by its id', async () => {
  await using client = await startWithGroup()
  const made = async (name: string, body: object) =>
    (await client.call('PUT', `@/namespaces/${name}`, { ...BASE, ...body })).body
  expect((await made('basic-ns', { sku: { name: 'Basic' } })).properties.kafkaEnabled).toBe(false)
  const premium = await made('premium-ns', { sku: { name: 'Premium' } })
  expect([premium.properties.zoneRedundant, premium.sku]).toEqual([
    true,
    { name: 'Premium', tier: 'Premium', capacity: 1 },
  ])
  const clusterArmId = '/subscriptions/x/resourceGroups/y/providers/Microsoft.EventHub/clusters/z'
  expect((await made('cluster-ns', { properties: { clusterArmId } })).properties.clusterArmId).toBe(clusterArmId)
  const hub = await client.call('PUT', '@/namespaces/cluster-ns/eventhubs/h', { properties: { partitionCount: 500 } })
  expect(hub.status).toBe(200)
})

test.each([
  ...[{ sku: 'Standard' }, { sku: [] }, { sku: { name: 'Standard', tier: 7 } }, { properties: 5 }, { properties: [] }],
  ...[{ properties: { geoDataReplication: 'x' } }, { sku: { name: 'Standard', tier: 'Premium' } }],
  { sku: { tier: 'Basic', name: 'Standard' } },
  { properties: { geoDataReplication: { maxReplicationLagDurationInSeconds: 'long' } } },
])('a body with %j is refused, and changes nothing', async (part) => {
  await using client = await startWithNamespace()
  const before = (await client.call('GET', NAMESPACE)).body
  expect((await client.call('PUT', NAMESPACE, { ...BASE, ...part })).status).toBe(400)
  expect((await client.call('PATCH', NAMESPACE, part)).status).toBe(400)
  expect((await client.call('GET', NAMESPACE)).body).toEqual(before)
})

test('null is as good as nothing', async () => {
  await using client = await startWithNamespace()
  const nothing = { ...BASE, identity: null, sku: null, properties: null, tags: null }
  expect((await client.call('PUT', NAMESPACE, nothing)).status).toBe(200)
  expect(
    (await client.call('PUT', `${NAMESPACE}/eventhubs/h`, { properties: { captureDescription: null } })).status,
  ).toBe(200)
})

test.each([
  ['capacity 0', { sku: { name: 'Standard', capacity: 0 } }, 'BadRequest'],
  ['capacity 41', { sku: { name: 'Standard', capacity: 41 } }, 'BadRequest'],
  ['Premium with capacity 3', { sku: { name: 'Premium', capacity: 3 } }, 'BadRequest'],
  ['a tier that is not there', { sku: { name: 'Gold' } }, 'BadRequest'],
  ['auto-inflate without maximum', { properties: { isAutoInflateEnabled: true } }, 'InvalidMaxThroughputValue'],
  [
    'a maximum below capacity',
    { sku: { name: 'Standard', capacity: 5 }, properties: { isAutoInflateEnabled: true, maximumThroughputUnits: 4 } },
    'InvalidMaxThroughputValue',
  ],
  [
    'a maximum of 41',
    { properties: { isAutoInflateEnabled: true, maximumThroughputUnits: 41 } },
    'InvalidMaxThroughputValue',
  ],
  ['a maximum without auto-inflate', { properties: { maximumThroughputUnits: 4 } }, 'BadRequest'],
  [
    'auto-inflate on Basic',
    { sku: { name: 'Basic' }, properties: { isAutoInflateEnabled: true, maximumThroughputUnits: 4 } },
    'BadRequest',
  ],
  [
    'auto-inflate on Premium',
    { sku: { name: 'Premium' }, properties: { isAutoInflateEnabled: true, maximumThroughputUnits: 4 } },
    'BadRequest',
  ],
  ['text for a boolean', { properties: { disableLocalAuth: 'yes' } }, 'InvalidRequestContent'],
  ['TLS 2', { properties: { minimumTlsVersion: '2.0' } }, 'InvalidRequestContent'],
  ['no location', { location: undefined }, 'LocationRequired'],
  ['a region that is not there', { location: 'atlantis' }, 'LocationNotAvailableForResourceType'],
])('%s is refused', async (_, change, code) => {
  await using client = await startWithGroup()
  const answer = await client.call('PUT', '@/namespaces/ml-ingest-1', { ...BASE, ...change })
  expect([answer.status, answer.body.error.code]).toEqual([400, code])
  expect((await client.call('GET', '@/namespaces')).body.value).toEqual([])
})

test('auto-inflate up to the capacity itself is accepted', async () => {
  await using client = await startWithGroup()
  const properties = { isAutoInflateEnabled: true, maximumThroughputUnits: 1 }
  expect((await client.call('PUT', '@/namespaces/ml-ingest-1', { ...BASE, properties })).status).toBe(201)
})

test.each([
  ['Standard', 'Basic', 200],
  ['Basic', 'Standard', 200],
  ['Standard', 'Premium', 400],
  ['Premium', 'Standard', 400],
  ['Premium', 'Basic', 400],
] as const)('from %s to %s: %i', async (from, to, status) => {
  await using client = await startWithNamespace({
    seed: { namespaces: [{ group: 'rg', name: 'namespace1', sku: { name: from, capacity: 1 } }] },
  })
  expect((await client.call('PUT', NAMESPACE, { ...BASE, sku: { name: to } })).status).toBe(status)
})

test.each([
  ['retention of a week', {}],
  [
    'a second consumer group',
    {
      consumerGroups: [{ name: 'ml' }],
      properties: { retentionDescription: { cleanupPolicy: 'Delete', retentionTimeInHours: 24 } },
    },
  ],
])('a namespace whose hub has %s does not become Basic', async (_, hub) => {
  await using client = await startWithNamespace({
    seed: { namespaces: [{ group: 'rg', name: 'namespace1', hubs: [{ name: 'h', ...hub }] }] },
  })
  expect((await client.call('PUT', NAMESPACE, { ...BASE, sku: { name: 'Basic' } })).status).toBe(400)
})

test('a namespace stays in its region, and its name is taken everywhere', async () => {
  await using client = await startWithNamespace({
    seed: { groups: [{ name: 'other' }], namespaces: [{ group: 'rg', name: 'namespace1' }] },
  })
  const moved = await client.call('PUT', NAMESPACE, { ...BASE, location: 'eastus' })
  expect([moved.status, moved.body.error.code]).toEqual([409, 'InvalidResourceLocation'])
  const other = '~/resourceGroups/other/providers/Microsoft.EventHub/namespaces/Namespace1'
  const taken = await client.call('PUT', other, BASE)
  expect([taken.status, taken.body.error.code]).toEqual([400, 'BadRequest'])
  expect(taken.body.error.message).toMatch(/^The specified name is not available\. .* CorrelationId: /)
  expect((await client.call('GET', other)).body.error.code).toBe('ResourceNotFound')
  const check = (name: string) => client.call('POST', '~/providers/Microsoft.EventHub/checkNameAvailability', { name })
  expect((await check('NAMESPACE1')).body).toMatchObject({ nameAvailable: false, reason: 'NameInUse' })
  expect((await check('my-sb')).body).toMatchObject({ nameAvailable: false, reason: 'InvalidName' })
  expect((await check('free-name')).body).toEqual({
    nameAvailable: true,
    reason: 'None',
    message: 'Namespace name available',
  })
})

test.each(['short', '1starts-with-digit', 'ends-with-', 'under_score', 'ends-sb-mgmt', 'a'.repeat(51)])(
  'the name %s is refused',
  async (name) => {
    await using client = await startWithGroup()
    const answer = await client.call('PUT', `@/namespaces/${name}`, BASE)
    expect([answer.status, answer.body.error.message]).toEqual([400, expect.stringContaining('namespace is invalid')])
  },
)

test('deletion: 202 with two links, Running, Succeeded, gone, and gone again', async () => {
  const clock = new ManualClock()
  await using client = await startWithNamespace({ clock, provisioningMs: 30_000 })
  const deleted = await client.call('DELETE', NAMESPACE)
  expect([deleted.status, deleted.text, deleted.headers.get('retry-after')]).toEqual([202, '', null])
  const asyncLink = deleted.headers.get('azure-asyncoperation')!.replace(client.arm.endpoint, '')
  const location = deleted.headers.get('location')!.replace(client.arm.endpoint, '')
  expect(asyncLink).toMatch(/\/locations\/westeurope\/namespaceOperationResults\/[0-9a-f-]{36}\?isAsyncHeader=true&/)
  expect((await client.call('GET', asyncLink)).body).toMatchObject({ status: 'Running' })
  expect((await client.call('GET', location)).status).toBe(202)
  expect((await client.call('DELETE', NAMESPACE)).status).toBe(429)
  clock.advance(30_000)
  expect((await client.call('GET', asyncLink)).body).toMatchObject({ status: 'Succeeded' })
  expect((await client.call('GET', location)).status).toBe(200)
  expect((await client.call('GET', NAMESPACE)).body.error.code).toBe('NamespaceNotFound')
  expect((await client.call('DELETE', NAMESPACE)).status).toBe(204)
  const child = await client.call('DELETE', `${NAMESPACE}/eventhubs/h`)
  expect(child.body.error).toEqual({
    code: 'ParentResourceNotFound',
    message: `Failed to perform 'delete' on resource(s) of type 'namespaces/eventhubs', because the parent resource '${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.EventHub/namespaces/namespace1' could not be found.`,
  })
  clock.advance(120_000)
  expect((await client.call('GET', NAMESPACE)).body.error.code).toBe('ResourceNotFound')
  expect((await client.call('PUT', NAMESPACE, BASE)).status).toBe(201)
})

test('api-versions decide which properties are shown', async () => {
  await using client = await startWithNamespace()
  const keys = async (version: string) =>
    Object.keys((await client.call('GET', `${NAMESPACE}?api-version=${version}`)).body.properties as object)
  const newest = await keys('2026-01-01')
  expect(newest).toEqual(expect.arrayContaining(['geoDataReplication', 'minimumTlsVersion', 'publicNetworkAccess']))
  const middle = await keys('2021-11-01')
  expect(middle).toEqual(expect.arrayContaining(['disableLocalAuth', 'privateEndpointConnections']))
  expect(middle).not.toContain('minimumTlsVersion')
  const oldest = await keys('2017-04-01')
  expect(oldest).not.toEqual(expect.arrayContaining(['zoneRedundant']))
  expect(oldest).toContain('kafkaEnabled')
})

test.each([
  ['minimumTlsVersion', '1.1', ['2022-01-01-preview', '2026-01-01'], []],
  ['minimumTlsVersion', '1.3', ['2025-05-01-preview', '2026-01-01'], ['2024-05-01-preview', '2022-01-01-preview']],
  ['publicNetworkAccess', 'SecuredByPerimeter', ['2022-01-01-preview', '2026-01-01'], ['2021-11-01', '2017-04-01']],
] as const)('%s %s: the api-versions decide whether it can be said', async (key, value, known, unknown) => {
  await using client = await startWithNamespace()
  const usual = (await client.call('GET', NAMESPACE)).body.properties[key]
  for (const method of ['PUT', 'PATCH'] as const) {
    for (const version of known) {
      const { status } = await client.call(method, `${NAMESPACE}?api-version=${version}`, {
        ...BASE,
        properties: { [key]: value },
      })
      expect(status).toBe(200)
      expect((await client.call('GET', NAMESPACE)).body.properties[key]).toBe(value)
    }
    await client.call('PUT', NAMESPACE, BASE)
    for (const version of unknown) {
      const { status, body } = await client.call(method, `${NAMESPACE}?api-version=${version}`, {
        ...BASE,
        properties: { [key]: value },
      })
      expect([status, body.error.code]).toEqual([400, 'InvalidRequestContent'])
      expect((await client.call('GET', NAMESPACE)).body.properties[key]).toBe(usual)
    }
  }
})

test('a value that an older api-version could not say stays when that changes something else', async () => {
  await using client = await startWithNamespace()
  const sent = { minimumTlsVersion: '1.3', publicNetworkAccess: 'SecuredByPerimeter' }
  await client.call('PATCH', `${NAMESPACE}?api-version=2026-01-01`, { properties: sent })
  const old = `${NAMESPACE}?api-version=2024-01-01`
  expect((await client.call('PATCH', old, { tags: { a: 'b' } })).status).toBe(200)
  expect((await client.call('GET', old)).body.properties).toMatchObject(sent)
})
