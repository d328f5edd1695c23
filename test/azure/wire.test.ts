import { afterEach, describe, expect, it, vi } from 'vitest'
import type { NewHub, NewNamespace } from '../../src/resources/shapes.ts'
import { Failure } from '../../src/lib/errors.ts'
import type { RequestSeen } from '../../src/azure/pipeline.ts'
import { Interruption } from '../../src/lib/errors.ts'
import { AT, call, connect, failure, serve, SUBSCRIPTION, type Answer, type Awkward } from './support.ts'

let server: Awkward | undefined
afterEach(async () => {
  vi.unstubAllEnvs()
  await server?.close()
  server = undefined
})

const namespaceBody = {
  id: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.EventHub/namespaces/ns-demo',
  name: 'ns-demo',
  location: 'East US',
  sku: { name: 'Standard', tier: 'Standard', capacity: 1 },
  properties: {
    provisioningState: 'Succeeded',
    serviceBusEndpoint: 'https://ns-demo.servicebus.windows.net:443/',
    clusterArmId: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.EventHub/clusters/c',
  },
}
const ok: Answer = { status: 200, body: namespaceBody }

describe('what a request carries', () => {
  it('one correlation id, our name, a made-up token, and the debug hook sees it without secrets', async () => {
    server = await serve(() => ({ ...ok, headers: { 'x-ms-request-id': 'r-1', 'x-ms-correlation-request-id': 'c-1' } }))
    const seen: RequestSeen[] = []
    const connection = connect(server.endpoint, { onRequest: (one) => seen.push(one) })
    const cloud = connection.cloud(SUBSCRIPTION)
    await Promise.all([cloud.readNamespace(AT, call), cloud.readGroup('rg', call), cloud.readProvider(call)])
    const ids = new Set(server.seen.map(({ headers }) => headers['x-ms-correlation-request-id']))
    expect([...ids]).toEqual([connection.correlationId])
    expect(new Set(server.seen.map(({ headers }) => headers['x-ms-client-request-id'])).size).toBe(3)
    expect(server.seen[0]?.headers['user-agent']).toMatch(/^ml-ingest\/test /)
    expect(server.seen[0]?.headers.authorization).toBe('Bearer ml-ingest-loopback')
    expect(seen).toHaveLength(3)
    expect(seen[0]).toMatchObject({
      method: 'GET',
      status: 200,
      requestId: 'r-1',
      correlationId: 'c-1',
      failure: undefined,
    })
    expect(JSON.stringify(seen)).not.toContain('Bearer')
  })

  it('keeps one connection for requests that follow each other', async () => {
    const ports = new Set<string | undefined>()
    server = await serve(({ headers }) => {
      ports.add(headers.connection)
      return ok
    })
    const cloud = connect(server.endpoint).cloud(SUBSCRIPTION)
    await cloud.readNamespace(AT, call)
    await cloud.readGroup('rg', call)
    expect([...ports]).toEqual(['keep-alive'])
  })

  it('sends loopback requests past a proxy', async () => {
    const proxy = await serve(() => ({ status: 500 }))
    vi.stubEnv('HTTP_PROXY', proxy.endpoint)
    vi.stubEnv('HTTPS_PROXY', proxy.endpoint)
    server = await serve(() => ok)
    await connect(server.endpoint).cloud(SUBSCRIPTION).readNamespace(AT, call)
    await proxy.close()
    expect(proxy.seen).toEqual([])
    expect(server.seen).toHaveLength(1)
  })

  it('reaches an endpoint on ::1', async () => {
    server = await serve(() => ok, '::1')
    expect(await connect(server.endpoint).cloud(SUBSCRIPTION).readNamespace(AT, call)).toBeDefined()
  })

  it('follows no link from the endpoint to another http address', async () => {
    const other = await serve(() => ({ status: 200, body: { value: [] } }))
    server = await serve(() => ({ status: 200, body: { value: [], nextLink: `${other.endpoint}/next` } }))
    await failure(connect(server.endpoint).cloud(SUBSCRIPTION).listHubs(AT, call))
    await other.close()
    expect(other.seen).toEqual([])
  })
})

describe('reading', () => {
  it('knows a dedicated namespace by its cluster, and normalises the location', async () => {
    server = await serve(() => ok)
    expect(await connect(server.endpoint).cloud(SUBSCRIPTION).readNamespace(AT, call)).toMatchObject({
      tier: 'Dedicated',
      location: 'eastus',
      host: 'ns-demo.servicebus.windows.net',
      tags: {},
    })
  })

  it.each([
    [{ retentionDescription: { cleanupPolicy: 'Delete', retentionTimeInHours: 7 }, messageRetentionInDays: 1 }, 7],
    [{ messageRetentionInDays: 3 }, 72],
    [{ retentionDescription: { cleanupPolicy: 'Compact', retentionTimeInHours: -1 } }, undefined],
    [{ messageRetentionInDays: 9223372036854775807n }, undefined],
    [{}, undefined],
  ])('reads the retention of %o', async (properties, retentionHours) => {
    const text = JSON.stringify(
      { value: [{ name: 'h', properties: { partitionCount: 4, ...properties } }] },
      (_, value) => (typeof value === 'bigint' ? '@big@' : (value as unknown)),
    ).replace('"@big@"', '9223372036854775807')
    server = await serve(() => ({ status: 200, text }))
    const hubs = await connect(server.endpoint).cloud(SUBSCRIPTION).listHubs(AT, call)
    expect(hubs?.[0]?.retentionHours).toBe(retentionHours)
  })

  it.each([
    ['ParentResourceNotFound', undefined],
    ['ResourceGroupNotFound', undefined],
    ['NamespaceNotFound', undefined],
    ['NotFound', undefined],
    ['SubscriptionNotFound', 'access'],
    ['InvalidResourceType', 'azure'],
  ])('404 %s', async (said, code) => {
    server = await serve(() => ({ status: 404, body: { error: { code: said, message: 'The thing was not found.' } } }))
    const cloud = connect(server.endpoint).cloud(SUBSCRIPTION)
    if (code === undefined) expect(await cloud.readNamespace(AT, call)).toBeUndefined()
    else
      expect(await failure(cloud.readNamespace(AT, call))).toMatchObject({ code, azure: { code: said, status: 404 } })
  })

  it('takes a 404 without a body for absence', async () => {
    server = await serve(() => ({ status: 404 }))
    expect(await connect(server.endpoint).cloud(SUBSCRIPTION).readGroup('rg', call)).toBeUndefined()
  })
})

describe('no retry in the adapter', () => {
  it.each([429, 500, 503, 409, 408])('passes HTTP %i on after one request', async (status) => {
    server = await serve(() => ({
      status,
      headers: { 'retry-after': '7' },
      body: { error: { code: 'X', message: 'x' } },
    }))
    const error = await failure(connect(server.endpoint).cloud(SUBSCRIPTION).readNamespace(AT, call))
    expect(error).toMatchObject({ azure: { status }, retryAfterMs: 7000, retryable: status !== 409 })
    expect(server.seen).toHaveLength(1)
  })

  it('passes a cut connection on after one request', async () => {
    server = await serve(() => 'reset')
    const error = await failure(connect(server.endpoint).cloud(SUBSCRIPTION).readNamespace(AT, call))
    expect(error).toMatchObject({ retryable: true, azure: { code: 'ECONNRESET' }, code: 'azure' })
    expect(server.seen).toHaveLength(1)
  })
})

describe('a cloud that is behind', () => {
  const refusal = (code: string): Answer => ({ status: 400, body: { error: { code, message: 'Not known.' } } })
  const asked = () => server?.seen.map(({ method, url }) => `${method} ${/api-version=([\d-]+)/.exec(url)?.[1]}`)

  it('gets every request in the newest version that it knows, found out once', async () => {
    server = await serve(({ url }) => (url.includes('2026-01-01') ? refusal('InvalidApiVersionParameter') : ok))
    const cloud = connect(server.endpoint).cloud(SUBSCRIPTION)
    await cloud.readNamespace(AT, call)
    await cloud.createNamespace(AT, { location: 'eastus', tier: 'Standard', capacity: 1 } as NewNamespace, call)
    await cloud.updateNamespace(AT, { tags: {} }, call)
    await cloud.createHub({ ...AT, hub: 'h' }, { partitions: 4 } as NewHub, call)
    expect(asked()).toEqual([
      'GET 2026-01-01',
      ...['GET', 'PUT', 'PATCH', 'PUT'].map((method) => `${method} 2024-01-01`),
    ])
  })

  it('is told apart from one that does not offer the region', async () => {
    server = await serve(({ method }) => (method === 'PUT' ? refusal('NoRegisteredProviderFound') : ok))
    const cloud = connect(server.endpoint).cloud(SUBSCRIPTION)
    const body = { location: 'nowhere', tier: 'Standard', capacity: 1 } as NewNamespace
    expect(await failure(cloud.createNamespace(AT, body, call))).toMatchObject({
      azure: { code: 'NoRegisteredProviderFound' },
      code: 'refused',
    })
    await cloud.readNamespace(AT, call)
    expect(asked()?.at(-1)).toBe('GET 2026-01-01')
  })
})

describe('answers of something else than Azure', () => {
  const html = { 'content-type': 'text/html' }
  it.each([
    [200, '<html><head><title>Hotel Wi-Fi</title></head></html>', 'What answered is not Azure: Hotel Wi-Fi'],
    [404, '<html><head><title>Not Found</title></head></html>', 'What answered is not Azure: Not Found'],
    [403, '<html><body>no</body></html>', 'What answered is not Azure'],
  ])('HTTP %i with HTML', async (status, text, why) => {
    server = await serve(() => ({ status, text, headers: html }))
    const error = await failure(connect(server.endpoint).cloud(SUBSCRIPTION).readNamespace(AT, call))
    expect(error).toBeInstanceOf(Failure)
    expect(error).toMatchObject({ why: [why], code: 'azure', azure: { status } })
    expect((error as Failure).hint).toContain('HTTPS_PROXY')
  })

  it('a closed port', async () => {
    server = await serve(() => ok)
    await server.close()
    const error = await failure(connect(server.endpoint).cloud(SUBSCRIPTION).readNamespace(AT, call))
    expect(error).toMatchObject({ azure: { code: 'ECONNREFUSED' }, code: 'azure', retryable: false })
    expect((error as Failure).hint).toBe('Start the embedded Azure with: npx ml-ingest local start')
  })
})

describe('an abort', () => {
  it('comes out as the reason of the signal', async () => {
    server = await serve(() => 'silence')
    const controller = new AbortController()
    const reading = failure(
      connect(server.endpoint).cloud(SUBSCRIPTION).readNamespace(AT, { signal: controller.signal }),
    )
    await vi.waitFor(() => expect(server?.seen).toHaveLength(1))
    const reason = new Interruption('SIGINT')
    controller.abort(reason)
    expect(await reading).toBe(reason)
  })

  it('ends a request for a further page of a list', async () => {
    server = await serve(({ headers, url }, index) =>
      index === 0
        ? { status: 200, body: { value: [], nextLink: `http://${headers.host}${url}&$skipToken=2` } }
        : 'silence',
    )
    const seen: RequestSeen[] = []
    const controller = new AbortController()
    const cloud = connect(server.endpoint, { onRequest: (one) => seen.push(one) }).cloud(SUBSCRIPTION)
    const listing = failure(cloud.listHubs(AT, { signal: controller.signal }))
    await vi.waitFor(() => expect(server?.seen).toHaveLength(2))
    controller.abort(new Interruption('SIGINT'))
    await listing
    await vi.waitFor(() => expect(seen[1]).toMatchObject({ status: undefined, failure: expect.any(String) as string }))
  })

  it('sends nothing when it came before', async () => {
    server = await serve(() => ok)
    const reason = new Interruption('timeout')
    const aborted = { signal: AbortSignal.abort(reason) }
    expect(await failure(connect(server.endpoint).cloud(SUBSCRIPTION).readGroup('rg', aborted))).toBe(reason)
    expect(server.seen).toEqual([])
  })
})
