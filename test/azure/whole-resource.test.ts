import { afterEach, describe, expect, it } from 'vitest'
import { startLocalArm } from '../../src/local/index.ts'
import { aCapture } from '../support/worlds.ts'
import { AT, call, connect, failure, serve, SUBSCRIPTION, type Awkward, type Seen } from './support.ts'

let server: Awkward | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

const HUB = { ...AT, hub: 'clicks' }

/** What GET tells, with all that the SDK's model would drop or round. */
const HUB_TEXT = `{
  "id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.EventHub/namespaces/ns-demo/eventhubs/clicks",
  "name": "clicks", "type": "Microsoft.EventHub/namespaces/eventhubs", "location": "West Europe",
  "extra": {"kept": 9223372036854775807},
  "properties": {
    "messageTimestampDescription": {"timestampType": "Create"},
    "retentionDescription": {"cleanupPolicy": "Delete", "retentionTimeInHours": 24, "minCompactionLagTimeInMinutes": 5},
    "messageRetentionInDays": 1, "partitionCount": 4, "status": "SendDisabled", "userMetadata": "9223372036854775807",
    "createdAt": "2026-01-01T00:00:00", "updatedAt": "2026-01-01T00:00:00", "partitionIds": ["0", "1", "2", "3"],
    "captureDescription": {"enabled": true, "encoding": "Avro", "sizeLimitInBytes": 314572799,
      "destination": {"name": "EventHubArchive.AzureBlockBlob", "properties": {"blobContainer": "c", "new": [1.0, null]}}},
    "unheardOf": {"deep": [{"number": 12345678901234567890, "text": "\\"9223372036854775807\\" and 1.0"}]}
  }
}`

const answering =
  (text: string) =>
  ({ method }: Seen) =>
    method === 'GET' ? { status: 200, text } : { status: 200, body: {} }

const writtenBody = (): string => server?.seen.find(({ method }) => method === 'PUT')?.body ?? ''

describe('a hub is written back whole', () => {
  it('changes retention and leaves all else as it was', async () => {
    server = await serve(answering(HUB_TEXT))
    await connect(server.endpoint).cloud(SUBSCRIPTION).updateHub(HUB, { retentionHours: 72 }, call)
    expect(server.seen.map(({ method }) => method)).toEqual(['GET', 'PUT'])
    const body = writtenBody()
    expect(JSON.parse(body)).toEqual({
      extra: { kept: expect.anything() as unknown },
      properties: {
        messageTimestampDescription: { timestampType: 'Create' },
        retentionDescription: { cleanupPolicy: 'Delete', retentionTimeInHours: 72, minCompactionLagTimeInMinutes: 5 },
        partitionCount: 4,
        status: 'SendDisabled',
        userMetadata: '9223372036854775807',
        captureDescription: {
          enabled: true,
          encoding: 'Avro',
          sizeLimitInBytes: 314572799,
          destination: { name: 'EventHubArchive.AzureBlockBlob', properties: { blobContainer: 'c', new: [1, null] } },
        },
        unheardOf: { deep: [{ number: expect.anything() as unknown, text: '"9223372036854775807" and 1.0' }] },
      },
    })
    expect(body).toContain('"kept":9223372036854775807')
    expect(body).toContain('"number":12345678901234567890')
    expect(body).toContain('"new":[1.0,null]')
  })

  it('leaves out the derived figures of a compacted hub', async () => {
    const compact = `{"properties": {"retentionDescription": {"cleanupPolicy": "Compact", "retentionTimeInHours": -1,
      "tombstoneRetentionTimeInHours": 5}, "messageRetentionInDays": 9223372036854775807, "partitionCount": 4,
      "status": "Active"}}`
    server = await serve(answering(compact))
    await connect(server.endpoint).cloud(SUBSCRIPTION).updateHub(HUB, { partitions: 8 }, call)
    expect(JSON.parse(writtenBody())).toEqual({
      properties: {
        retentionDescription: { cleanupPolicy: 'Compact', tombstoneRetentionTimeInHours: 5 },
        partitionCount: 8,
        status: 'Active',
      },
    })
  })

  it.each([
    [
      { messageRetentionInDays: 3, partitionCount: 2 },
      { partitions: 4 },
      { messageRetentionInDays: 3, partitionCount: 4 },
    ],
    [
      { messageRetentionInDays: 3, partitionCount: 2, status: 'Restoring' },
      { retentionHours: 24 },
      { partitionCount: 2, retentionDescription: { cleanupPolicy: 'Delete', retentionTimeInHours: 24 } },
    ],
  ])('takes what an older Azure tells: %j', async (properties, changes, expected) => {
    server = await serve(answering(JSON.stringify({ properties })))
    await connect(server.endpoint).cloud(SUBSCRIPTION).updateHub(HUB, changes, call)
    expect(JSON.parse(writtenBody())).toEqual({ properties: expected })
  })

  it('asks for an older version where the cloud does not know the newest, and remembers it', async () => {
    server = await serve(({ url, method }) =>
      url.includes('2026-01-01')
        ? {
            status: 400,
            body: { error: { code: 'InvalidApiVersionParameter', message: 'The api-version is invalid.' } },
          }
        : { status: 200, ...(method === 'GET' ? { text: HUB_TEXT } : { body: {} }) },
    )
    const cloud = connect(server.endpoint).cloud(SUBSCRIPTION)
    await cloud.updateHub(HUB, { retentionHours: 2 }, call)
    await cloud.updateHub(HUB, { retentionHours: 3 }, call)
    const versions = server.seen.map(({ method, url }) => `${method} ${/api-version=(.*)$/.exec(url)?.[1]}`)
    expect(versions).toEqual(['GET 2026-01-01', 'GET 2024-01-01', 'PUT 2024-01-01', 'GET 2024-01-01', 'PUT 2024-01-01'])
  })

  it('does not take a missing hub for a missing version', async () => {
    server = await serve(() => ({ status: 404, body: { error: { code: 'ResourceNotFound', message: 'gone' } } }))
    const error = await failure(connect(server.endpoint).cloud(SUBSCRIPTION).updateHub(HUB, { partitions: 8 }, call))
    expect(error).toMatchObject({ azure: { status: 404, code: 'ResourceNotFound' } })
    expect(server.seen).toHaveLength(1)
  })
})

describe('a consumer group is written back whole', () => {
  it('changes the metadata and leaves all else', async () => {
    server = await serve(
      answering(
        '{"id":"i","name":"g","type":"t","location":"eastus","properties":{"userMetadata":"old","createdAt":"x","updatedAt":"x","size":1e3}}',
      ),
    )
    await connect(server.endpoint)
      .cloud(SUBSCRIPTION)
      .updateConsumerGroup({ ...HUB, consumerGroup: 'a.b-c_d' }, { userMetadata: 'new "quoted" ü' }, call)
    expect(writtenBody()).toBe('{"properties":{"size":1e3,"userMetadata":"new \\"quoted\\" ü"}}')
    expect(server.seen[0]?.url).toContain(
      '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.EventHub/namespaces/ns-demo/eventhubs/clicks/consumergroups/a.b-c_d?api-version=',
    )
  })
})

describe('on the embedded Azure', () => {
  it('a hub with Capture keeps it when retention changes', async () => {
    const captureDescription = {
      enabled: true,
      encoding: 'Avro',
      intervalInSeconds: 300,
      sizeLimitInBytes: 314572800,
      destination: {
        name: 'EventHubArchive.AzureBlockBlob',
        properties: { blobContainer: 'c', archiveNameFormat: aCapture().archiveNameFormat },
      },
    }
    const properties = { partitionCount: 3, captureDescription, userMetadata: 'ours' }
    const arm = await startLocalArm({
      seed: { namespaces: [{ ...AT, name: AT.namespace, hubs: [{ name: 'clicks', properties }] }] },
    })
    try {
      const cloud = connect(arm.endpoint).cloud(SUBSCRIPTION)
      await cloud.updateHub(HUB, { retentionHours: 48 }, call)
      expect(await cloud.listHubs(AT, call)).toMatchObject([
        { partitions: 3, retentionHours: 48, capture: { container: 'c' }, status: 'Active' },
      ])
      const namespace = [...arm.store.state.namespaces.values()][0]
      expect(namespace?.hubs.get('clicks')?.properties).toMatchObject(properties)
    } finally {
      await arm.close()
    }
  })
})
