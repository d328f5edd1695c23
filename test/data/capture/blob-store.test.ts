import type { BlobSASPermissions } from '@azure/storage-blob'
import {
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from '@azure/storage-blob'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { azureTransport, BlobStore, storeFailure } from '../../../src/data/capture/blob-store.ts'
import { capturedFiles } from '../../../src/data/capture/capture-store.ts'
import { byConnection } from '../../../src/lib/blob/authorize.ts'
import { BlobClient } from '../../../src/lib/blob/blob-client.ts'
import type { BlobError } from '../../../src/lib/blob/blob-error.ts'
import { realClock } from '../../../src/lib/clock.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { type Azurite, startAzurite, stringAt, connectionOf } from '../../support/azurite.ts'

let azurite: Azurite
const FORMAT = '{Namespace}/{EventHub}/{PartitionId}/{Year}/{Month}/{Day}/{Hour}/{Minute}/{Second}'
const NAME = 'ns/clicks/3/2026/11/30/10/00/00.avro'
const BYTES = Buffer.alloc(3_000_000, 'events')
const ALL = { partition: undefined, sinceMs: undefined }
const options = (container: string, mayBeAbsent = false) => ({
  container,
  mayBeAbsent,
  signal: new AbortController().signal,
})

beforeAll(async () => {
  azurite = await startAzurite()
  const container = azurite.referee.getContainerClient('raw')
  await container.create()
  for (const name of [NAME, 'ns/clicks/notes.txt', 'ns/views/3/2026/11/30/10/00/00.avro'])
    await container.getBlockBlobClient(name).uploadData(BYTES)
})
afterAll(() => azurite.stop())

const list = (store: BlobStore) =>
  capturedFiles(store, { namespace: 'ns', hub: 'clicks', archiveNameFormat: FORMAT }, ALL)

async function read(store: BlobStore): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of store.open(NAME)) parts.push(Buffer.from(part))
  return Buffer.concat(parts)
}

test('files that another client wrote are listed and read with a connection string', async () => {
  const store = new BlobStore(BlobClient.of(azurite.connection, realClock), options('raw'))
  expect(await list(store)).toEqual([
    {
      ...{ name: NAME, bytes: BYTES.length, partition: 3, timeMs: Date.parse('2026-11-30T10:00:00Z'), isEmpty: false },
      where: `${azurite.connection.blobEndpoint}/raw/${NAME}`,
    },
  ])
  expect((await read(store)).equals(BYTES)).toBe(true)
})

test('the pipeline of the SDK reads them too, in parts', async () => {
  const { credential, accountName, blobEndpoint } = azurite.connection
  if (credential.kind !== 'key') throw new Error('Azurite has a key')
  const signer = new StorageSharedKeyCredential(accountName, credential.key.reveal())
  const expiresOn = new Date(Date.now() + 3_600_000)
  const permissions = ContainerSASPermissions.parse('rl') as unknown as BlobSASPermissions
  const sas = generateBlobSASQueryParameters({ containerName: 'raw', expiresOn, permissions }, signer).toString()
  const authorize = byConnection({ accountName, blobEndpoint, credential: { kind: 'sas', sas: new Secret(sas) } })
  const transport = azureTransport('test')
  const store = new BlobStore(
    new BlobClient({ endpoint: blobEndpoint, authorize, transport, clock: realClock }),
    options('raw'),
  )
  expect((await list(store)).map(({ name }) => name)).toEqual([NAME])
  let parts = 0
  for await (const part of store.open(NAME)) parts += Number(part.length > 0)
  expect(parts).toBeGreaterThan(5)
  expect((await read(store)).equals(BYTES)).toBe(true)
})

test('a container that is not there has no files, or is an error', async () => {
  const client = BlobClient.of(azurite.connection, realClock)
  expect(await list(new BlobStore(client, options('gone', true)))).toEqual([])
  await expect(list(new BlobStore(client, options('gone')))).rejects.toMatchObject({ code: 'ContainerNotFound' })
})

test('a wrong key is refused', async () => {
  const connection = connectionOf(stringAt(azurite.connection.blobEndpoint, Buffer.alloc(64).toString('base64')))
  const store = new BlobStore(BlobClient.of(connection, realClock), options('raw'))
  const failure = await list(store).then(
    () => undefined,
    (error: BlobError) =>
      storeFailure(error, { account: 'lake', accountId: '/id', container: 'raw', by: 'connection', isLocal: true }),
  )
  expect(failure).toMatchObject({ code: 'access' })
  expect(failure!.message).toBe(
    "Can't read container raw of storage account lake: the connection string is not accepted, or not from here",
  )
})

test.each([
  ['AuthorizationPermissionMismatch', 403, 'access', 'Storage Blob Data Reader'],
  ['AuthorizationFailure', 403, 'access', 'firewall'],
  ['ContainerNotFound', 404, 'absent', 'no such container'],
  ['ENOTFOUND', undefined, 'absent', 'no such account'],
  ['ServerBusy', 503, 'azure', 'it failed'],
] as const)('%s is told, with what helps', (code, status, failureCode, words) => {
  const error = Object.assign(new Error('url: why'), { code, status, requestId: 'r' }) as unknown as BlobError
  const failure = storeFailure(error, {
    account: 'lake',
    accountId: '/id',
    container: 'raw',
    by: 'sign-in',
    isLocal: false,
  })
  expect(failure.code).toBe(failureCode)
  expect(failure.message).toContain(words)
  expect(failure.hint).toBeDefined()
  // What Node says is no word of Azure.
  expect(failure.azure).toEqual(status === undefined ? undefined : { status, code, requestId: 'r' })
})
