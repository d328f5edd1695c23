import { afterEach, describe, expect, it } from 'vitest'
import { mergeCapture } from '../../src/azure/bodies.ts'
import { startLocalArm } from '../../src/local/index.ts'
import { aCapture, STORAGE_ID } from '../support/worlds.ts'
import { AT, call, connect, failure, serve, SUBSCRIPTION, type Answer, type Awkward } from './support.ts'
import type { CaptureActual } from '../../src/resources/capture/capture.ts'

let server: Awkward | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

const NAME_FORMAT = aCapture().archiveNameFormat
const DESTINATION = {
  name: 'EventHubArchive.AzureBlockBlob',
  properties: { storageAccountResourceId: STORAGE_ID, blobContainer: 'raw', archiveNameFormat: NAME_FORMAT },
}
const STANDING = {
  enabled: true,
  encoding: 'AvroDeflate',
  intervalInSeconds: 100,
  sizeLimitInBytes: 314_572_799,
  skipEmptyArchives: true,
  unheardOf: [1],
  destination: { ...DESTINATION, alsoUnheardOf: 'x' },
}

describe('what is laid over the Capture that stands there', () => {
  it('switches off and keeps every setting', () => {
    expect(mergeCapture(STANDING, 'off')).toEqual({ ...STANDING, enabled: false })
  })

  it('switches on again with what it had', () => {
    const change = { storageAccount: STORAGE_ID, container: 'raw' }
    expect(mergeCapture({ ...STANDING, enabled: false }, change)).toEqual(STANDING)
  })

  it.each<readonly [Partial<CaptureActual>, object]>([
    [{ intervalSeconds: 60 }, { intervalInSeconds: 60, sizeLimitInBytes: 314_572_799, unheardOf: [1] }],
    [{ sizeLimitBytes: 1 }, { intervalInSeconds: 100, sizeLimitInBytes: 1 }],
    [{ skipEmptyArchives: false }, { skipEmptyArchives: false, encoding: 'AvroDeflate' }],
    [{ encoding: 'Avro' }, { encoding: 'Avro', skipEmptyArchives: true }],
    [
      { container: 'other' },
      {
        destination: {
          ...DESTINATION,
          alsoUnheardOf: 'x',
          properties: { ...DESTINATION.properties, blobContainer: 'other' },
        },
      },
    ],
    [
      { identity: 'SystemAssigned' },
      { destination: { ...STANDING.destination, identity: { type: 'SystemAssigned' } } },
    ],
    [
      { identity: '/subscriptions/i' },
      { destination: { identity: { type: 'UserAssigned', userAssignedIdentity: '/subscriptions/i' } } },
    ],
  ])('changes that alone: %j', (change, expected) => {
    expect(mergeCapture(STANDING, change)).toMatchObject(expected)
  })

  it('takes an identity away', () => {
    const standing = { ...STANDING, destination: { ...DESTINATION, identity: { type: 'SystemAssigned' } } }
    expect(mergeCapture(standing, { identity: 'None' })['destination']).toEqual(DESTINATION)
    expect(mergeCapture(standing, { intervalSeconds: 60 })['destination']).toEqual(standing.destination)
  })

  it('leaves nothing of a destination of another kind', () => {
    const lake = {
      enabled: true,
      destination: { name: 'EventHubArchive.AzureDataLake', properties: { dataLakeAccountName: 'old' } },
    }
    expect(mergeCapture(lake, { storageAccount: STORAGE_ID, container: 'raw' })['destination']).toEqual(DESTINATION)
  })

  it('fills in what Azure does not', () => {
    expect(mergeCapture(undefined, { storageAccount: STORAGE_ID, container: 'raw' })).toEqual({
      enabled: true,
      encoding: 'Avro',
      intervalInSeconds: 300,
      sizeLimitInBytes: 314_572_800,
      destination: DESTINATION,
    })
  })
})

it('a hub is made with Capture, changed and read back, on the embedded Azure', async () => {
  const arm = await startLocalArm({ seed: { namespaces: [{ ...AT, name: AT.namespace }] } })
  try {
    const cloud = connect(arm.endpoint).cloud(SUBSCRIPTION)
    const captureOf = async () => (await cloud.listHubs(AT, call))?.[0]?.capture
    const hub = { ...AT, hub: 'clicks' }
    const capture = aCapture({ intervalSeconds: 60, skipEmptyArchives: true, identity: 'SystemAssigned' })
    await cloud.createHub(hub, { partitions: 2, retentionHours: 24, capture }, call)
    expect(await captureOf()).toEqual(capture)
    await cloud.updateHub(hub, { capture: { identity: 'None', container: 'other' } }, call)
    expect(await captureOf()).toEqual({ ...capture, identity: 'None', container: 'other' })
    await cloud.updateHub(hub, { capture: 'off' }, call)
    expect(await captureOf()).toBeUndefined()
    await cloud.updateHub(hub, { capture: { storageAccount: STORAGE_ID, container: 'raw' } }, call)
    expect(await captureOf()).toEqual({ ...capture, identity: 'None' })
  } finally {
    await arm.close()
  }
})

describe('a storage account', () => {
  const answerOf = (code: string) => ({ error: { code, message: 'no' } })

  it.each<readonly [string, Answer, unknown]>([
    [
      'that is there',
      { status: 200, body: { sku: { name: 'Standard_GRS', tier: 'Standard' } } },
      { sku: 'Standard_GRS' },
    ],
    ['of which nothing is said', { status: 200, body: null }, { sku: '' }],
    ['with nothing in it', { status: 200, body: { sku: null, properties: null } }, { sku: '' }],
    [
      'with a firewall that says nothing of exceptions',
      { status: 200, body: { properties: { networkAcls: { defaultAction: 'Deny', bypass: null } } } },
      { sku: '', exceptions: ['AzureServices'] },
    ],
    [
      'with a firewall in other letters',
      { status: 200, body: { properties: { networkAcls: { defaultAction: 'deny', bypass: 'none' } } } },
      { sku: '', exceptions: [] },
    ],
    [
      'without public access in other letters',
      { status: 200, body: { properties: { publicNetworkAccess: 'disabled', networkAcls: { bypass: ' logging' } } } },
      { sku: '', exceptions: ['logging'] },
    ],
    [
      'in a perimeter in other letters',
      { status: 200, body: { properties: { publicNetworkAccess: 'securedByPerimeter', networkAcls: null } } },
      { sku: '', isInPerimeter: true },
    ],
    ['that is not', { status: 404, body: answerOf('ResourceNotFound') }, undefined],
    ['in a group that is not', { status: 404, body: answerOf('ResourceGroupNotFound') }, undefined],
    ['that is not ours to read', { status: 403, body: answerOf('AuthorizationFailed') }, { sku: undefined }],
    ['in a subscription not seen', { status: 404, body: answerOf('SubscriptionNotFound') }, { sku: undefined }],
    ['in an Azure without storage', { status: 404, body: answerOf('InvalidResourceNamespace') }, { sku: undefined }],
  ])('%s', async (_, answer, expected) => {
    server = await serve(() => answer)
    expect(await connect(server.endpoint).cloud(SUBSCRIPTION).readStorageAccount(STORAGE_ID, call)).toEqual(expected)
    expect(server.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      `GET ${STORAGE_ID}?api-version=2023-05-01`,
    ])
  })

  it('that may be read later is for the gate to ask again', async () => {
    server = await serve(() => ({ status: 503, body: answerOf('ServerBusy') }))
    const cloud = connect(server.endpoint).cloud(SUBSCRIPTION)
    expect(await failure(cloud.readStorageAccount(STORAGE_ID, call))).toMatchObject({ retryable: true })
  })
})

it('the right to write blobs is asked for by name', async () => {
  const message =
    `SubCode=40000. Generic: Linked access check failed for capture storage destination ${STORAGE_ID}. User or the ` +
    `application with object id 1 making the request doesn't have the required data plane write permissions.`
  server = await serve(({ method }) =>
    method === 'GET'
      ? { status: 200, body: { properties: {} } }
      : { status: 400, body: { error: { code: 'MessagingGatewayBadRequest', message } } },
  )
  const cloud = connect(server.endpoint).cloud(SUBSCRIPTION)
  const error = await failure(cloud.updateHub({ ...AT, hub: 'clicks' }, { capture: { container: 'raw' } }, call))
  expect(error).toMatchObject({
    code: 'access',
    why: ['To set up Capture, you need the right to write blobs in lake.'],
    hint: expect.stringContaining('Storage Blob Data Contributor') as string,
  })
})
