import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  generateAccountSASQueryParameters,
  type StorageSharedKeyCredential,
} from '@azure/storage-blob'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { byToken } from '../../../src/lib/blob/authorize.ts'
import { BlobClient } from '../../../src/lib/blob/blob-client.ts'
import { listBlobs } from '../../../src/lib/blob/list-blobs.ts'
import { nodeTransport } from '../../../src/lib/blob/transport.ts'
import { realClock } from '../../../src/lib/clock.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { type Azurite, connectionOf, startAzurite, stringAt } from '../../support/azurite.ts'

let azurite: Azurite
let client: BlobClient
beforeAll(async () => {
  azurite = await startAzurite()
  client = BlobClient.of(azurite.connection, realClock)
})
afterAll(() => azurite.stop())

const idOf = (number: number) => Buffer.from(String(number).padStart(5, '0')).toString('base64')
const listed = async (container: string, prefix = '') => {
  const names: string[] = []
  for await (const { name } of listBlobs(client, container, { prefix })) names.push(name)
  return names
}

async function put(container: string, blob: string, ...blocks: readonly string[]): Promise<void> {
  for (const [i, block] of blocks.entries()) await client.putBlock(container, blob, idOf(i), Buffer.from(block))
  await client.putBlockList(container, blob, [...blocks.keys()].map(idOf))
}

test("blocks become a blob that Azure's own client reads, under any name", async () => {
  const container = azurite.referee.getContainerClient('names')
  await client.createContainer('names')
  await client.createContainer('names')
  const names = ['ns/hub/0/2026/11/30/07/54/43.avro', `a b/ü&<>'"%/x+y=?#.avro`, 'plain', 'empty']
  for (const name of names.slice(0, 3)) await put('names', name, 'first ', name)
  await put('names', 'empty')
  for (const name of names.slice(0, 3))
    expect(String(await container.getBlobClient(name).downloadToBuffer())).toBe(`first ${name}`)
  expect((await container.getBlobClient('empty').getProperties()).contentLength).toBe(0)
  const found = []
  for await (const { name } of container.listBlobsFlat()) found.push(name)
  expect(found.sort()).toEqual(names.toSorted())
  expect((await listed('names')).sort()).toEqual(names.toSorted())
  expect(await listed('names', 'ns/')).toEqual([names[0]])
})

test("what Azure's own client wrote is listed with its size and time, and read", async () => {
  const container = azurite.referee.getContainerClient('read')
  await container.create()
  const bytes = Buffer.alloc(3_000_000, 'abc')
  const { lastModified } = await container.getBlockBlobClient('big').uploadData(bytes)
  const blobs = []
  for await (const blob of listBlobs(client, 'read', { prefix: '' })) blobs.push(blob)
  expect(blobs).toEqual([
    { name: 'big', bytes: bytes.length, modifiedMs: lastModified!.getTime(), metadata: new Map() },
  ])
  expect((await buffer(await client.get('read', 'big'))).equals(bytes)).toBe(true)
  expect(await client.firstBytes('read', 'big', 5)).toEqual(bytes.subarray(0, 5))
})

test('a long list comes in pages, in order', async () => {
  const asked: string[] = []
  const page = (names: readonly string[], next: string) =>
    `<?xml version="1.0"?><EnumerationResults><Blobs>${names.map((name) => `<Blob>${name}</Blob>`).join('')}</Blobs><NextMarker>${next}</NextMarker></EnumerationResults>`
  const other = await serve((request, response) => {
    asked.push(request.url!)
    const names = asked.length === 1 ? ['<Name>a&amp;&#x62;</Name>'] : ['<Name Encoded="true">%EF%BF%BE</Name>']
    response.end(page(names, asked.length === 1 ? 'm/1' : ''))
  })
  const names = []
  for await (const { name } of listBlobs(BlobClient.of(other, realClock), 'c', { prefix: 'p/' })) names.push(name)
  expect(names).toEqual(['a&b', '\ufffe'])
  expect(asked.map((url) => url.replace(/^.*\?/, ''))).toEqual([
    'restype=container&comp=list&prefix=p%2F',
    'restype=container&comp=list&prefix=p%2F&marker=m%2F1',
  ])
})

test('a signature that somebody else made is enough', async () => {
  const expiresOn = new Date(realClock.now() + 3_600_000)
  const [permissions, services] = [AccountSASPermissions.parse('rwlc'), AccountSASServices.parse('b').toString()]
  const resourceTypes = AccountSASResourceTypes.parse('sco').toString()
  const sas = generateAccountSASQueryParameters(
    { expiresOn, permissions, services, resourceTypes },
    azurite.referee.credential as StorageSharedKeyCredential,
  ).toString()
  const string = `BlobEndpoint=${azurite.connection.blobEndpoint};SharedAccessSignature=${sas}`
  const other = BlobClient.of(connectionOf(string), realClock)
  await other.createContainer('signed')
  await other.putBlockList('signed', 'empty', [])
  expect(await listed('signed')).toEqual(['empty'])
  const wrong = BlobClient.of(connectionOf(string.replace(/sig=.{6}/, 'sig=AAAAAA')), realClock)
  const error = await wrong.createContainer('more').catch((error: unknown) => error as Error)
  expect(error).toMatchObject({ status: 403, code: 'AuthorizationFailure' })
  expect(String(error)).not.toContain('sig=')
})

test('a token goes along with each request', async () => {
  const seen: (string | undefined)[] = []
  const other = await serve((request, response) => {
    seen.push(request.headers.authorization)
    response.end()
  })
  let count = 0
  const authorize = byToken(async () => new Secret(`token-${++count}`))
  const signedIn = new BlobClient({
    ...{ endpoint: other.blobEndpoint, authorize, transport: nodeTransport(), clock: realClock },
  })
  await signedIn.createContainer('a')
  await signedIn.createContainer('b')
  expect(seen).toEqual(['Bearer token-1', 'Bearer token-2'])
})

test('what is refused is told with the code of Azure, for people and for programs', async () => {
  await client.createContainer('refused')
  const wrongKey = Buffer.alloc(64, 1).toString('base64')
  const stranger = BlobClient.of(connectionOf(stringAt(azurite.connection.blobEndpoint, wrongKey)), realClock)
  const refusals = [
    [() => stranger.putBlock('refused', 'x', idOf(0), Buffer.from('x')), 403, 'AuthorizationFailure'],
    [() => client.putBlock('nowhere', 'x', idOf(0), Buffer.from('x')), 404, 'ContainerNotFound'],
    [() => client.putBlockList('refused', 'x', [idOf(7)]), 400, 'InvalidBlockList'],
    [() => client.get('refused', 'nobody'), 404, 'BlobNotFound'],
    [() => listed('nowhere'), 404, 'ContainerNotFound'],
  ] as const
  for (const [ask, status, code] of refusals) {
    const error = await ask().then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(error).toMatchObject({ name: 'BlobError', status, code, requestId: expect.any(String) as string })
    expect(String(error)).toContain(`(${status} ${code}, request `)
    expect(String(error)).not.toContain(wrongKey)
  }
  expect(await client.firstBytes('refused', 'nobody', 5)).toBeUndefined()
})

test('an endpoint where nobody listens is named', async () => {
  const other = await serve(() => undefined)
  const gone = BlobClient.of(other, realClock)
  await new Promise((resolve) => servers.pop()!.close(resolve))
  const error = await gone.firstBytes('c', 'b', 5).catch((error: unknown) => error as Error)
  expect(error).toMatchObject({ code: 'ECONNREFUSED', status: undefined })
  expect(String(error)).toContain(`${other.blobEndpoint}/c/b: nothing listens there (ECONNREFUSED)`)
})

test('a kept connection that was closed meanwhile is no error', async () => {
  let connections = 0
  const other = await serve((request, response) => {
    // The second request of a connection finds it closed.
    const socket = request.socket as typeof request.socket & { served?: boolean }
    if (socket.served) socket.destroy()
    else response.end()
    if (!socket.served) connections++
    socket.served = true
  })
  const kept = BlobClient.of(other, realClock)
  for (let i = 0; i < 3; i++) await kept.putBlock('c', 'b', idOf(i), Buffer.from('x'))
  expect(connections).toBe(3)
})

test('a blob that breaks off in the middle is an error', async () => {
  const other = await serve((_, response) => {
    response.writeHead(200, { 'content-length': '10' })
    response.write('half', () => response.destroy())
  })
  await expect(buffer(await BlobClient.of(other, realClock).get('c', 'b'))).rejects.toMatchObject({
    name: 'BlobError',
    message: expect.stringContaining('the connection broke') as string,
  })
})

const servers: Server[] = []
/** Something else that speaks HTTP, as a storage account. */
async function serve(answer: RequestListener) {
  const server = createServer((request, response) => void request.resume().on('end', () => answer(request, response)))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  return connectionOf(stringAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}/devstoreaccount1`))
}
