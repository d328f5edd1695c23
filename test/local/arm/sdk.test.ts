import { EventHubManagementClient } from '@azure/arm-eventhub'
import { ResourceManagementClient } from '@azure/arm-resources'
import { expect, test } from 'vitest'
import { startLocalArm } from '../../../src/local/arm/local-arm.ts'

const SUBSCRIPTION = '00000000-0000-0000-0000-000000000000'

/** The clients refuse a token over http; here it goes by another policy. */
function optionsFor(endpoint: string) {
  return {
    endpoint,
    allowInsecureConnection: true,
    credential: undefined,
    additionalPolicies: [
      {
        position: 'perRetry' as const,
        policy: {
          name: 'test-token',
          sendRequest: (request: never, next: (request: never) => Promise<never>) => {
            const { headers } = request as { headers: { set(name: string, value: string): void } }
            headers.set('authorization', 'Bearer test')
            ;(request as { allowInsecureConnection: boolean }).allowInsecureConnection = true
            return next(request)
          },
        },
      },
    ],
  }
}

function clients(endpoint: string) {
  const credential = { getToken: () => Promise.resolve({ token: 'test', expiresOnTimestamp: Date.now() + 3_600_000 }) }
  const make = <T extends { pipeline: { removePolicy(options: object): unknown } }>(client: T): T => {
    client.pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' })
    return client
  }
  return {
    hubs: make(new EventHubManagementClient(credential, SUBSCRIPTION, optionsFor(endpoint) as never)),
    resources: make(new ResourceManagementClient(credential, SUBSCRIPTION, optionsFor(endpoint) as never)),
  }
}

test('the official clients create, read, change and delete all there is', async () => {
  const arm = await startLocalArm()
  try {
    const { hubs, resources } = clients(arm.endpoint)
    expect(await resources.resourceGroups.checkExistence('rg')).toMatchObject({ body: false })
    await resources.resourceGroups.createOrUpdate('rg', { location: 'westeurope', tags: { a: 'b' } })
    expect(await resources.resourceGroups.checkExistence('rg')).toMatchObject({ body: true })
    const available = await hubs.namespaces.checkNameAvailability({ name: 'ml-ingest-1' })
    expect(available.nameAvailable).toBe(true)
    const namespace = await hubs.namespaces.beginCreateOrUpdateAndWait('rg', 'ml-ingest-1', {
      location: 'westeurope',
      sku: { name: 'Standard', tier: 'Standard', capacity: 1 },
    })
    expect(namespace).toMatchObject({ provisioningState: 'Succeeded', kafkaEnabled: true })
    const hub = await hubs.eventHubs.createOrUpdate('rg', 'ml-ingest-1', 'clicks', {
      partitionCount: 4,
      messageRetentionInDays: 1,
    })
    expect(hub.partitionIds).toEqual(['0', '1', '2', '3'])
    await hubs.consumerGroups.createOrUpdate('rg', 'ml-ingest-1', 'clicks', 'ml', { userMetadata: 'hello' })
    await hubs.eventHubs.createOrUpdateAuthorizationRule('rg', 'ml-ingest-1', 'clicks', 'app', { rights: ['Send'] })
    const keys = await hubs.eventHubs.listKeys('rg', 'ml-ingest-1', 'clicks', 'app')
    expect(keys.primaryConnectionString).toMatch(
      /^Endpoint=sb:\/\/localhost;SharedAccessKeyName=app;SharedAccessKey=[\w+/]{43}=;UseDevelopmentEmulator=true;EntityPath=clicks$/,
    )
    const names: (string | undefined)[] = []
    for await (const group of hubs.consumerGroups.listByEventHub('rg', 'ml-ingest-1', 'clicks')) names.push(group.name)
    expect(names).toEqual(['$Default', 'ml'])
    await hubs.namespaces.update('rg', 'ml-ingest-1', { tags: { x: 'y' } })
    await hubs.namespaces.beginDeleteAndWait('rg', 'ml-ingest-1')
    await expect(hubs.namespaces.get('rg', 'ml-ingest-1')).rejects.toMatchObject({ statusCode: 404 })
    await resources.resourceGroups.beginDeleteAndWait('rg')
    expect(await resources.resourceGroups.checkExistence('rg')).toMatchObject({ body: false })
  } finally {
    await arm.close()
  }
})
