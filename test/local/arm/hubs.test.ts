/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-assignment --
   bodies are JSON from outside: expect() is their type check */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ManualClock } from '../../support/manual-clock.ts'
import { type Client, SUBSCRIPTION, startWithNamespace } from './client.ts'

const HUB = '@/namespaces/namespace1/eventhubs/clicks'

const startTier = (name: 'Basic' | 'Standard' | 'Premium', capacity = 1): Promise<Client> =>
  startWithNamespace({ seed: { namespaces: [{ group: 'rg', name: 'namespace1', sku: { name, capacity } }] } })

const put = (client: Client, properties: object, path = HUB) => client.call('PUT', path, { properties })

test('an empty PUT gets four partitions and seven days', async () => {
  const clock = new ManualClock({ start: Date.parse('2026-03-01T12:00:00.25Z') })
  await using client = await startWithNamespace({ clock })
  const created = await client.call('PUT', HUB, {})
  expect(created.status).toBe(200)
  expect(created.body).toEqual({
    id: `${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.EventHub/namespaces/namespace1/eventhubs/clicks`,
    name: 'clicks',
    type: 'Microsoft.EventHub/namespaces/eventhubs',
    location: 'westeurope',
    properties: {
      messageTimestampDescription: { timestampType: 'LogAppend' },
      retentionDescription: { cleanupPolicy: 'Delete', retentionTimeInHours: 168 },
      messageRetentionInDays: 7,
      partitionCount: 4,
      status: 'Active',
      createdAt: '2026-03-01T12:00:00.250Z',
      updatedAt: '2026-03-01T12:00:00.250Z',
      partitionIds: ['0', '1', '2', '3'],
    },
  })
  expect((await client.call('GET', HUB)).body.properties.createdAt).toBe('2026-03-01T12:00:00.250')
})

test('the answer to the PUT of an existing hub tells neither its birth nor its partitions; a GET does', async () => {
  const clock = new ManualClock()
  await using client = await startWithNamespace({ clock })
  await client.call('PUT', HUB, {})
  clock.advance(60_000)
  const { body } = await put(client, { messageRetentionInDays: 1 })
  expect(body.properties).toMatchObject({
    createdAt: '0001-01-01T00:00:00',
    partitionIds: [],
    messageRetentionInDays: 1,
  })
  expect((await client.call('GET', HUB.toUpperCase().replace('@', '@'))).body.properties).toMatchObject({
    createdAt: '2026-03-01T12:00:00.000',
    updatedAt: '2026-03-01T12:01:00.000',
    partitionIds: ['0', '1', '2', '3'],
  })
})

test('a PUT replaces: Capture, timestamps and what we do not know are gone when left out', async () => {
  await using client = await startWithNamespace()
  const captureDescription = {
    enabled: true,
    encoding: 'Avro',
    destination: { name: 'EventHubArchive.AzureBlockBlob', properties: { blobContainer: 'c' } },
    skipEmptyArchives: true,
  }
  const rich = {
    captureDescription,
    messageTimestampDescription: { timestampType: 'Create' },
    retentionDescription: { cleanupPolicy: 'Delete', retentionTimeInHours: 24, fresh: 1 },
    userMetadata: 'of a hub',
    somethingNew: { a: [null, 1] },
    status: 'ReceiveDisabled',
  }
  await put(client, rich)
  const full = (await client.call('GET', HUB)).body.properties
  expect(full).toMatchObject(rich)
  expect(full.captureDescription).toMatchObject({ intervalInSeconds: 300, sizeLimitInBytes: 314_572_800 })
  expect((await client.call('PUT', HUB, { properties: full })).status).toBe(200)
  expect((await client.call('GET', HUB)).body.properties).toEqual({ ...full, updatedAt: expect.anything() as unknown })
  await put(client, { partitionCount: 4 })
  const bare = (await client.call('GET', HUB)).body.properties
  for (const key of ['captureDescription', 'userMetadata', 'somethingNew']) expect(bare).not.toHaveProperty(key)
  expect(bare).toMatchObject({
    status: 'Active',
    messageRetentionInDays: 7,
    messageTimestampDescription: { timestampType: 'LogAppend' },
  })
})

test('a compacted hub has no end: -1 hours and the largest Int64 of days, digit by digit', async () => {
  await using client = await startWithNamespace()
  await put(client, { retentionDescription: { cleanupPolicy: 'Compact' } })
  const { text, body } = await client.call('GET', HUB)
  expect(text).toContain('"messageRetentionInDays":9223372036854775807,')
  expect(body.properties.retentionDescription).toEqual({ cleanupPolicy: 'Compact', retentionTimeInHours: -1 })
  expect(client.arm.directory.hub('NAMESPACE1', 'CLICKS')?.retentionHours).toBe(Infinity)
  const properties = text.slice(text.indexOf('"properties":') + 13, -1)
  expect((await client.call('PUT', HUB, `{"properties":${properties}}`)).status).toBe(200)
  const rounded = await client.call('PUT', HUB, { properties: body.properties as object })
  expect([rounded.status, rounded.body.error.code]).toEqual([400, 'InvalidRequestContent'])
})

test('days and hours say the same thing, rounded up', async () => {
  await using client = await startWithNamespace()
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 168 }), async (hours) => {
      const days = Math.ceil(hours / 24)
      const retentionDescription = { cleanupPolicy: 'Delete', retentionTimeInHours: hours }
      expect((await put(client, { retentionDescription, messageRetentionInDays: days })).status).toBe(200)
      const { properties } = (await client.call('GET', HUB)).body
      expect([properties.messageRetentionInDays, properties.retentionDescription.retentionTimeInHours]).toEqual([
        days,
        hours,
      ])
      expect((await put(client, { retentionDescription, messageRetentionInDays: days + 1 })).status).toBe(400)
    }),
    { numRuns: 20 },
  )
})

test('an old api-version sees days only', async () => {
  await using client = await startWithNamespace()
  const { body } = await client.call('PUT', `${HUB}?api-version=2021-11-01`, {
    properties: { messageRetentionInDays: 3 },
  })
  expect(body.properties.messageRetentionInDays).toBe(3)
  expect(Object.keys(body.properties as object)).not.toContain('retentionDescription')
  expect(Object.keys(body.properties as object)).not.toContain('messageTimestampDescription')
  const newer = (await client.call('GET', `${HUB}?api-version=2023-01-01-preview`)).body.properties
  expect(newer.retentionDescription.retentionTimeInHours).toBe(72)
})

test('an old api-version neither says nor undoes what it does not know', async () => {
  await using client = await startTier('Premium')
  const rich = {
    retentionDescription: {
      cleanupPolicy: 'DeleteOrCompact',
      retentionTimeInHours: 48,
      tombstoneRetentionTimeInHours: 12,
    },
    messageTimestampDescription: { timestampType: 'Create' },
  }
  for (const version of ['2024-01-01', '2017-04-01']) {
    const { status } = await client.call('PUT', `${HUB}?api-version=${version}`, { properties: rich })
    expect(status).toBe(version === '2024-01-01' ? 400 : 200)
  }
  await client.call('DELETE', HUB)
  expect((await put(client, { ...rich, status: 'ReceiveDisabled' })).status).toBe(200)
  for (const version of ['2021-11-01', '2024-01-01']) {
    const read = (await client.call('GET', `${HUB}?api-version=${version}`)).body.properties
    expect((await client.call('PUT', `${HUB}?api-version=${version}`, { properties: read as object })).status).toBe(200)
    expect((await client.call('GET', HUB)).body.properties).toMatchObject({ ...rich, status: 'ReceiveDisabled' })
  }
})

const NAME_FORMAT = '{Second}{Minute}{Hour}{Day}{Month}{Year}/{PartitionId}/{EventHub}/{Namespace}'
const captureTo = (archiveNameFormat: string) => ({
  name: 'EventHubArchive.AzureBlockBlob',
  properties: { archiveNameFormat },
})

test.each([
  ['Basic', { messageRetentionInDays: 1, partitionCount: 32 }, 200],
  ['Basic', {}, 400],
  ['Basic', { messageRetentionInDays: 2 }, 400],
  ['Basic', { messageRetentionInDays: 1, captureDescription: { enabled: true } }, 400],
  ['Basic', { retentionDescription: { cleanupPolicy: 'Compact' } }, 400],
  ['Standard', { messageRetentionInDays: 7, partitionCount: 32 }, 200],
  ['Standard', { messageRetentionInDays: 8 }, 400],
  ['Standard', { retentionDescription: { retentionTimeInHours: 169 } }, 400],
  ['Standard', { messageRetentionInDays: 0 }, 400],
  ['Standard', { partitionCount: 33 }, 400],
  ['Standard', { partitionCount: 0 }, 400],
  ['Standard', { partitionCount: 'four' }, 400],
  ['Standard', { partitionCount: 1.5 }, 400],
  ['Standard', { status: 'SendDisabled' }, 400],
  ['Standard', { status: 'Asleep' }, 400],
  ['Standard', { captureDescription: { enabled: true, intervalInSeconds: 0 } }, 400],
  ['Standard', { captureDescription: { enabled: true, intervalInSeconds: 1 } }, 200],
  ['Standard', { captureDescription: { enabled: true, sizeLimitInBytes: 1 } }, 400],
  ['Standard', { status: 'Disabled', captureDescription: { enabled: true } }, 400],
  ['Standard', { captureDescription: { enabled: true, encoding: 'Parquet' } }, 400],
  ['Standard', { captureDescription: { enabled: true, destination: { properties: {} } } }, 400],
  ['Standard', { captureDescription: { enabled: true, destination: captureTo('{EventHub}/{Year}') } }, 400],
  ['Standard', { captureDescription: { enabled: true, destination: captureTo(NAME_FORMAT) } }, 200],
  ['Standard', { captureDescription: { enabled: false, encoding: 'AvroDeflate' } }, 200],
  ['Standard', { retentionDescription: { cleanupPolicy: 'Forget' } }, 400],
  ['Premium', { messageRetentionInDays: 90, partitionCount: 100 }, 200],
  ['Premium', { messageRetentionInDays: 91 }, 400],
  ['Premium', { partitionCount: 101 }, 400],
] as const)('%s: %j is answered with %i', async (tier, properties, status) => {
  await using client = await startTier(tier)
  const answer = await put(client, properties)
  expect(answer.status).toBe(status)
  expect((await client.call('GET', HUB)).status).toBe(status === 200 ? 200 : 404)
})

test.each([
  ['Standard', 8, 400],
  ['Standard', 2, 400],
  ['Standard', 4, 200],
  ['Premium', 8, 200],
  ['Premium', 2, 400],
] as const)('%s: from 4 partitions to %i is answered with %i', async (tier, partitionCount, status) => {
  await using client = await startTier(tier)
  await client.call('PUT', HUB, {})
  const answer = await put(client, { partitionCount })
  expect(answer.status).toBe(status)
  if (tier === 'Standard' && status === 400) {
    expect(answer.body.error).toEqual({
      code: 'MessagingGatewayBadRequest',
      message:
        'SubCode=40000. PartitionCount can only be changed on a Dedicated Event Hub cluster or Premium namespace.',
    })
  }
})

test('the cleanup policy stays', async () => {
  await using client = await startWithNamespace()
  await client.call('PUT', HUB, {})
  expect((await put(client, { retentionDescription: { cleanupPolicy: 'Compact' } })).status).toBe(400)
})

test('Premium counts the partitions of all hubs', async () => {
  await using client = await startTier('Premium')
  for (const name of ['a', 'b']) {
    const path = `@/namespaces/namespace1/eventhubs/${name}`
    expect((await put(client, { partitionCount: 100 }, path)).status).toBe(200)
  }
  expect((await put(client, { partitionCount: 1 })).status).toBe(400)
})

test('the eleventh hub of a Standard namespace is one too many', async () => {
  await using client = await startWithNamespace()
  const hub = (n: number) => client.call('PUT', `@/namespaces/namespace1/eventhubs/hub${n}`, {})
  for (let n = 1; n <= 10; n++) expect((await hub(n)).status).toBe(200)
  const answer = await hub(11)
  expect([answer.status, answer.body.error]).toEqual([
    409,
    {
      code: 'Conflict',
      message:
        'SubCode=40300. The maximum number of resources of type EventHub has been reached or exceeded. Actual: 10, Max allowed: 10',
    },
  ])
  expect((await hub(1)).status).toBe(200)
})

test.each(['-a', 'a-', 'a b', 'ä', 'x'.repeat(257)])('the hub name %s is refused', async (name) => {
  await using client = await startWithNamespace()
  expect((await client.call('PUT', `@/namespaces/namespace1/eventhubs/${encodeURIComponent(name)}`, {})).status).toBe(
    400,
  )
})

test('names that JavaScript knows are names like others', async () => {
  await using client = await startWithNamespace()
  for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
    const path = `@/namespaces/namespace1/eventhubs/${name}`
    expect((await client.call('GET', path)).status).toBe(404)
    expect((await client.call('PUT', path, {})).status).toBe(200)
  }
})

test('a hub in another region than its namespace is refused', async () => {
  await using client = await startWithNamespace()
  expect((await client.call('PUT', HUB, { location: 'East US' })).status).toBe(400)
  expect((await client.call('PUT', HUB, { location: 'West Europe' })).status).toBe(200)
})

test('a missing hub: 404 of the messaging gateway, 204 on DELETE, ParentResourceNotFound for what is in it', async () => {
  await using client = await startWithNamespace()
  const missing = await client.call('GET', HUB)
  expect([missing.status, missing.headers.get('content-type')]).toEqual([404, 'application/json'])
  expect((await client.call('DELETE', HUB)).status).toBe(204)
  const child = await client.call('PUT', `${HUB}/consumergroups/ml`, {})
  expect([child.status, child.body.error.code]).toEqual([404, 'ParentResourceNotFound'])
  expect(child.body.error.message).toContain("'write' on resource(s) of type 'namespaces/eventhubs/consumergroups'")
  await client.call('PUT', HUB, {})
  expect((await client.call('DELETE', HUB)).status).toBe(200)
})

const GONE = '~/resourceGroups/gone/providers/Microsoft.EventHub/namespaces/n'
test.each([
  ['/eventhubs/h', 'ParentResourceNotFound', "'namespaces/eventhubs', because the parent resource '", '/namespaces/n'],
  ['/authorizationRules/r', 'ParentResourceNotFound', "'namespaces/authorizationrules', because ", '/namespaces/n'],
  ['/eventhubs/h/consumergroups/c', 'ParentResourceNotFound', "'namespaces/eventhubs/consumergroups'", '/eventhubs/h'],
  ['/eventhubs/h/authorizationRules/r', 'ResourceGroupNotFound', "Resource group 'gone'", 'gone'],
])('in a group that is gone, DELETE of %s is answered with %s', async (path, code, text, parent) => {
  await using client = await startWithNamespace()
  const { status, body } = await client.call('DELETE', GONE + path)
  expect([status, body.error.code]).toEqual([404, code])
  expect(body.error.message).toContain(text)
  expect(body.error.message).toContain(`${parent}' could not be found.`)
  expect((await client.call('GET', GONE + path)).body.error.code).toBe('ResourceGroupNotFound')
})

test('lists come in pages, each entry once, whatever $top and $skip say', async () => {
  await using client = await startWithNamespace({
    pageSize: 3,
    seed: {
      namespaces: [
        { group: 'rg', name: 'namespace1', hubs: Array.from({ length: 10 }, (_, i) => ({ name: `hub-${i}` })) },
      ],
    },
  })
  const all = Array.from({ length: 10 }, (_, i) => `hub-${i}`)
  await fc.assert(
    fc.asyncProperty(
      fc.option(fc.integer({ min: 1, max: 12 })),
      fc.option(fc.integer({ min: 0, max: 12 })),
      async (top, skip) => {
        const query = [top === null ? [] : [`$top=${top}`], skip === null ? [] : [`$skip=${skip}`]].flat().join('&')
        const names: string[] = []
        let next: string | undefined = `@/namespaces/namespace1/eventhubs${query && `?${query}`}`
        while (next !== undefined) {
          const { body } = await client.call('GET', next)
          expect(body.value.length).toBeLessThanOrEqual(3)
          names.push(...(body.value as { name: string }[]).map(({ name }) => name))
          next = (body.nextLink as string | undefined)?.replace(client.arm.endpoint, '')
          if (next !== undefined) expect(next).toContain('skipToken=')
        }
        expect(names).toEqual(all.slice(skip ?? 0, (skip ?? 0) + (top ?? 10)))
      },
    ),
    { numRuns: 40 },
  )
  expect((await client.call('GET', '@/namespaces/namespace1/eventhubs?$skipToken=nonsense')).status).toBe(400)
  expect((await client.call('GET', '@/namespaces/namespace1/eventhubs?$top=0')).status).toBe(400)
})

const destination = (properties: object) => ({ captureDescription: { destination: { name: 'd', ...properties } } })
test.each([
  ...[
    { retentionDescription: 'x' },
    { retentionDescription: [] },
    { captureDescription: 'x' },
    { captureDescription: 7 },
  ],
  ...[{ captureDescription: { enabled: 'yes' } }, { captureDescription: { destination: 'x' } }],
  ...[{ captureDescription: { skipEmptyArchives: 1 } }, { captureDescription: { intervalInSeconds: 60.5 } }],
  ...[destination({ name: 1 }), destination({ properties: 'x' }), destination({ identity: 'x' })],
  ...[destination({ properties: { storageAccountResourceId: 1 } }), destination({ properties: { blobContainer: {} } })],
  ...[destination({ properties: { archiveNameFormat: 1 } }), { userMetadata: 1 }, { userMetadata: {} }],
  ...[{ messageTimestampDescription: 'x' }, { messageTimestampDescription: { timestampType: 'Never' } }],
  { retentionDescription: { tombstoneRetentionTimeInHours: '1' } },
])('a hub with %j is refused, and changes nothing', async (properties) => {
  await using client = await startWithNamespace()
  await put(client, { userMetadata: 'kept' })
  const answer = await put(client, properties)
  expect([answer.status, answer.body.error.code]).toEqual([400, 'InvalidRequestContent'])
  expect((await client.call('GET', HUB)).body.properties.userMetadata).toBe('kept')
})

test('metadata that is too long or no text is refused, of hubs and of consumer groups', async () => {
  await using client = await startWithNamespace()
  await put(client, {})
  for (const path of [HUB, `${HUB}/consumergroups/g`]) {
    for (const userMetadata of ['m'.repeat(1025), 1, []]) {
      expect((await put(client, { userMetadata }, path)).status).toBe(400)
    }
    expect((await put(client, { userMetadata: 'm'.repeat(1024) }, path)).status).toBe(200)
    expect((await client.call('PUT', path, { properties: 5 })).status).toBe(400)
  }
})
