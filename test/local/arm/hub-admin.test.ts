import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { LocalHub } from '../../../src/local/hubs/directory.ts'
import { type Client, startWithNamespace } from './client.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const NAMESPACE = 'namespace1'
const NOW = { validateOnly: false }
const ONLY_CHECKED = { validateOnly: true }

const startTier = (name: 'Standard' | 'Premium'): Promise<Client> =>
  startWithNamespace({ seed: { namespaces: [{ group: 'rg', name: NAMESPACE, sku: { name, capacity: 1 } }] } })
const hubIn = ({ arm }: Client, name: string): LocalHub | undefined => arm.directory.hub(NAMESPACE, name)

test('a hub is made as a request makes it, with the defaults of the service, and goes again', async () => {
  await using client = await startTier('Premium')
  const { admin } = client.arm
  await admin.createHub(NAMESPACE, { name: 'plain' }, NOW)
  await admin.createHub(NAMESPACE, { name: 'Own', partitionCount: 7, retentionHours: 3 }, NOW)
  const both = { cleanupPolicy: 'DeleteOrCompact', timestampType: 'Create', retentionHours: 9 } as const
  await admin.createHub(NAMESPACE, { name: 'latest', cleanupPolicy: 'Compact' }, NOW)
  await admin.createHub(NAMESPACE, { name: 'both', ...both }, NOW)
  expect(hubIn(client, 'plain')).toMatchObject({ partitionCount: 4, retentionHours: 168 })
  expect(hubIn(client, 'own')).toMatchObject({ name: 'Own', partitionCount: 7, retentionHours: 3 })
  expect(hubIn(client, 'latest')).toMatchObject({ retentionHours: Infinity })
  expect(hubIn(client, 'both')).toMatchObject({ retentionHours: 9 })
  await admin.deleteHub(NAMESPACE, 'OWN')
  expect(hubIn(client, 'own')).toBeUndefined()
})

test('more partitions leave everything else as it is', async () => {
  await using client = await startTier('Premium')
  const { admin } = client.arm
  const path = `@/namespaces/${NAMESPACE}/eventhubs/rich`
  const captureDescription = { enabled: true, destination: { name: 'x', properties: {} } }
  await client.call('PUT', path, {
    properties: {
      ...{ partitionCount: 2, userMetadata: 'Owner: me', captureDescription, futureProperty: 1 },
      retentionDescription: { cleanupPolicy: 'DeleteOrCompact', retentionTimeInHours: 30 },
      messageTimestampDescription: { timestampType: 'Create' },
    },
  })
  const propertiesOf = async () => {
    const { properties } = (await client.call('GET', path)).body as { properties: Record<string, unknown> }
    return { ...properties, updatedAt: undefined }
  }
  const before = await propertiesOf()
  await admin.raisePartitions(NAMESPACE, 'rich', 5, ONLY_CHECKED)
  expect(await propertiesOf()).toEqual(before)
  await admin.raisePartitions(NAMESPACE, 'rich', 5, NOW)
  expect(await propertiesOf()).toEqual({ ...before, partitionCount: 5, partitionIds: ['0', '1', '2', '3', '4'] })
})

test('what the rules of the service forbid is refused in its words, checked only or not', async () => {
  await using client = await startTier('Standard')
  const { admin } = client.arm
  await admin.createHub(NAMESPACE, { name: 'there' }, NOW)
  for (const options of [NOW, ONLY_CHECKED]) {
    const create = (hub: Parameters<typeof admin.createHub>[1]) => admin.createHub(NAMESPACE, hub, options)
    await expect(create({ name: 'THERE' })).rejects.toMatchObject({
      because: 'exists',
      code: 'MessagingGatewayConflict',
    })
    for (const name of ['_schemas', 'a/b', '..', '', 'é'])
      await expect(create({ name })).rejects.toMatchObject({ because: 'invalid-name' })
    await expect(create({ name: 'wide', partitionCount: 33 })).rejects.toMatchObject({
      ...{ because: 'not-allowed', code: 'MessagingGatewayBadRequest' },
      message: expect.stringContaining("'33' of PartitionCount is out of range. Valid range is 1-32.") as string,
    })
    await expect(create({ name: 'long', retentionHours: 169 })).rejects.toMatchObject({ because: 'not-allowed' })
    await expect(admin.raisePartitions(NAMESPACE, 'there', 5, options)).rejects.toMatchObject({
      because: 'not-allowed',
      message: expect.stringContaining('can only be changed on a Dedicated Event Hub cluster or Premium') as string,
    })
    await expect(admin.raisePartitions(NAMESPACE, 'none', 5, options)).rejects.toMatchObject({ because: 'not-found' })
  }
  await expect(admin.deleteHub(NAMESPACE, 'none')).rejects.toMatchObject({ because: 'not-found' })
  await expect(admin.createHub('elsewhere', { name: 'x' }, NOW)).rejects.toMatchObject({ because: 'not-found' })
  await client.call('PUT', '~/resourceGroups/rg/providers/Microsoft.Authorization/locks/keep?api-version=2016-09-01', {
    properties: { level: 'CanNotDelete' },
  })
  await expect(admin.deleteHub(NAMESPACE, 'there')).rejects.toMatchObject({
    because: 'not-allowed',
    code: 'ScopeLocked',
  })
  expect(client.arm.directory.hubs().map(({ name }) => name)).toEqual(['there'])
})

test('what is only checked changes nothing and tells nobody', async () => {
  await using client = await startTier('Standard')
  let changes = 0
  client.arm.directory.onChange(() => changes++)
  const maybe = await client.arm.admin.createHub(NAMESPACE, { name: 'maybe' }, ONLY_CHECKED)
  expect(maybe).toMatchObject({ name: 'maybe', partitionCount: 4, retentionHours: 168 })
  expect([client.arm.directory.hubs(), changes]).toEqual([[], 0])
})

test('a change is on the storage when it is answered, and faults of requests do not reach it', async () => {
  const folder = temporaryFolder()
  await using client = await startWithNamespace({ state: { folder }, faults: [{ kind: '500' }] })
  await client.arm.admin.createHub(NAMESPACE, { name: 'kept' }, NOW)
  expect(readFileSync(join(folder, 'state.json'), 'utf8')).toContain('"name":"kept"')
})
