/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call --
   bodies are JSON from outside: expect() is their type check */
import { request } from 'node:http'
import { connect } from 'node:net'
import { buffer as readAll } from 'node:stream/consumers'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeState, encodeState } from '../../../src/local/arm/core/state-codec.ts'
import { NAMESPACES } from '../../../src/local/arm/providers/eventhub/model.ts'
import { type Client, SUBSCRIPTION, start, startWithNamespace } from './client.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const bare = (endpoint: string, path: string, init: RequestInit = {}) => fetch(endpoint + path, init)

test('asks for an api-version first, then for a token', async () => {
  await using client = await start()
  const { endpoint } = client.arm
  const noVersion = await bare(endpoint, '/subscriptions')
  expect(noVersion.status).toBe(400)
  expect(noVersion.headers.get('x-ms-failure-cause')).toBe('gateway')
  expect(await noVersion.json()).toEqual({
    error: {
      code: 'MissingApiVersionParameter',
      message: 'The api-version query parameter (?api-version=) is required for all requests.',
    },
  })
  const noToken = await bare(endpoint, '/subscriptions?api-version=2022-12-01')
  expect(noToken.status).toBe(401)
  expect(noToken.headers.get('www-authenticate')).toMatch(/^Bearer authorization_uri=/)
  expect(await noToken.json()).toMatchObject({ error: { code: 'AuthenticationFailed' } })
  const wrongScheme = await bare(endpoint, '/subscriptions?api-version=2022-12-01', {
    headers: { authorization: 'Basic dGVzdA==' },
  })
  expect(wrongScheme.status).toBe(401)
  expect(await wrongScheme.json()).toMatchObject({ error: { code: 'AuthenticationFailedInvalidHeader' } })
})

test.each([
  ['GET', '~/resourceGroups?api-version=2099-01-01', 400, 'InvalidApiVersionParameter'],
  ['GET', '@/namespaces?api-version=2016-01-01', 404, 'InvalidResourceType'],
  ['PUT', '@/namespaces/namespace2?api-version=2016-01-01', 400, 'NoRegisteredProviderFound'],
  ['GET', '@/namespaces?api-version=latest', 400, 'InvalidApiVersionParameter'],
  ['GET', '@/clusters', 404, 'InvalidResourceType'],
  ['GET', '~/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts', 404, 'InvalidResourceNamespace'],
  ['GET', '~/resourceGroups/no/providers/Microsoft.Storage/storageAccounts', 404, 'ResourceGroupNotFound'],
  ['GET', '/subscriptions/11111111-1111-1111-1111-111111111111', 404, 'SubscriptionNotFound'],
  ['GET', '/subscriptions/mine/resourceGroups', 400, 'InvalidSubscriptionId'],
  ['GET', '/favicon.ico', 400, 'InvalidRequestUri'],
  ['GET', '~/tagNames', 404, 'InvalidResourceType'],
  ['POST', '~/resourceGroups/rg/exportTemplate', 404, 'InvalidResourceType'],
  ['GET', '~/resourceGroups/rg/providers/Microsoft.Resources/deployments/d', 404, 'InvalidResourceType'],
  ['POST', '~/resourceGroups/rg', 405, 'MethodNotAllowed'],
  ['GET', '~/resourceGroups/%E0%A4%A', 400, 'InvalidRequestUri'],
])('%s %s is answered with %i %s', async (method, path, status, code) => {
  await using client = await startWithNamespace()
  const answer = await client.call(method, path, method === 'PUT' ? { location: 'westeurope' } : undefined)
  expect([answer.status, answer.body.error.code]).toEqual([status, code])
})

test.each([
  ['not JSON', '{"location":', 'application/json', 400, 'InvalidRequestContent'],
  ['a list', '[]', 'application/json', 400, 'InvalidRequestContent'],
  ['text', 'location=westus', 'text/plain', 415, 'UnsupportedMediaType'],
  ['no type', '{}', '', 415, 'UnsupportedMediaType'],
  [
    'more than 4 MB',
    JSON.stringify({ location: 'x'.repeat(5_000_000) }),
    'application/json',
    413,
    'RequestContentTooLarge',
  ],
  ['nothing', '', 'application/json', 400, 'LocationRequired'],
])('a body of %s is refused and the server lives on', async (_, body, type, status, code) => {
  await using client = await start()
  const answer = await client.call('PUT', '~/resourceGroups/rg', body, { 'content-type': type })
  expect([answer.status, answer.body.error.code]).toEqual([status, code])
  expect(answer.body.error.message).not.toContain("''")
  expect((await client.call('GET', '~/resourceGroups')).status).toBe(200)
})

test.each([
  ['deep', `{"location":"westeurope","properties":{"a":${'['.repeat(5000)}${']'.repeat(5000)}}}`],
  ['deep and cut off', '{"a":'.repeat(800_000)],
])('a body that is %s is refused, and the next write is saved', async (_, body) => {
  const folder = temporaryFolder()
  const errors: unknown[] = []
  await using client = await startWithNamespace({ state: { folder }, onError: (error) => errors.push(error) })
  for (const path of ['@/namespaces/namespace1', '@/namespaces/namespace1/eventhubs/h', '~/resourceGroups/rg']) {
    const answer = await client.call('PUT', path, body)
    expect([answer.status, answer.body.error.code]).toEqual([400, 'InvalidRequestContent'])
  }
  expect((await client.call('PUT', '~/resourceGroups/next', { location: 'westeurope' })).status).toBe(201)
  expect(errors).toEqual([])
})

test('a body as deep as the limit, with brackets in its strings, is taken', async () => {
  await using client = await startWithNamespace()
  const deep = `${'['.repeat(62)}"${'[{'.repeat(100)}\\"[\\\\"${']'.repeat(62)}`
  const body = `{"properties":{"deep":${deep}}}`
  expect((await client.call('PUT', '@/namespaces/namespace1/eventhubs/h', body)).status).toBe(200)
  const deeper = `{"properties":{"deep":[${deep}]}}`
  expect((await client.call('PUT', '@/namespaces/namespace1/eventhubs/h', deeper)).status).toBe(400)
})

test('what is not simulated is not found whatever the body is, up to 4 MB', async () => {
  await using client = await startWithNamespace()
  const template = '{ /* a template with comments */ "properties": {} }'
  const path = '~/resourceGroups/rg/providers/Microsoft.Resources/deployments/d?api-version=2022-09-01'
  const answer = await client.call('PUT', path, template)
  expect([answer.status, answer.body.error.code]).toEqual([404, 'InvalidResourceType'])
  expect(answer.body.error.message).toContain("The resource type 'deployments' could not be found")
  expect((await client.call('PUT', path, 'x'.repeat(4 * 1024 * 1024))).status).toBe(404)
  expect((await client.call('PUT', path, 'x'.repeat(4 * 1024 * 1024 + 1))).status).toBe(413)
})

test.each([
  '~//resourceGroups//rg//providers/Microsoft.EventHub//namespaces/namespace1/',
  '/%2Fsubscriptions%2F00000000-0000-0000-0000-000000000000%2FresourceGroups%2Frg/providers/Microsoft.EventHub/namespaces/namespace1',
  '//subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.EventHub/namespaces/namespace1',
])('a path of empty and of encoded parts is the path without them: %s', async (path) => {
  await using client = await startWithNamespace()
  const answer = await client.call('GET', path)
  expect([answer.status, answer.body.name]).toEqual([200, 'namespace1'])
})

/** Sends requests in one piece, without waiting for answers. Answers the status codes that came back. */
async function pipeline(client: Client, requests: readonly (readonly [method: string, path: string, body?: object])[]) {
  const text = requests.map(([method, path, body], i) => {
    const content = body ? JSON.stringify(body) : ''
    const version = path.includes('/providers/') ? '2024-01-01' : '2022-09-01'
    const head = [
      `${method} ${SUBSCRIPTION}/resourceGroups/${path}?api-version=${version} HTTP/1.1`,
      'Host: localhost',
      'Authorization: Bearer x',
      'Content-Type: application/json',
      `Content-Length: ${content.length}`,
      ...(i === requests.length - 1 ? ['Connection: close'] : []),
    ]
    return `${head.join('\r\n')}\r\n\r\n${content}`
  })
  const socket = connect(Number(new URL(client.arm.endpoint).port), '127.0.0.1')
  socket.write(text.join(''))
  const answers = (await readAll(socket)).toString()
  return [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))
}

test('what a client sends before it has its answers is done and answered in order', async () => {
  await using client = await start({ state: { folder: temporaryFolder() } })
  const namespace = 'rg/providers/Microsoft.EventHub/namespaces/ml-ingest-1'
  const statuses = await pipeline(client, [
    ['PUT', 'rg', { location: 'westeurope' }],
    ['PUT', namespace, { location: 'westeurope' }],
    ['PUT', `${namespace}/eventhubs/h`, { properties: {} }],
    ['GET', `${namespace}/eventhubs/h`],
    ['DELETE', `${namespace}/eventhubs/h`],
    ['GET', `${namespace}/eventhubs/h`],
  ])
  expect(statuses).toEqual([201, 201, 200, 200, 200, 404])
})

test('a connection is not cut before the answers to what came first', async () => {
  const state = { folder: temporaryFolder() }
  await using client = await start({ state, faults: [{ kind: 'reset', path: 'other' }] })
  const body = { location: 'westeurope' }
  expect(
    await pipeline(client, [
      ['PUT', 'rg', body],
      ['PUT', 'other', body],
    ]),
  ).toEqual([201])
})

test('a client that goes away in the middle of its body leaves no trace and no error', async () => {
  const errors: unknown[] = []
  await using client = await start({ onError: (error) => errors.push(error) })
  await new Promise<void>((resolve) => {
    const broken = request(`${client.arm.endpoint}${SUBSCRIPTION}/resourceGroups/rg?api-version=2022-09-01`, {
      method: 'PUT',
      headers: { authorization: 'Bearer test', 'content-type': 'application/json', 'content-length': 100 },
    })
    broken.on('error', () => resolve())
    broken.write('{"location":', () => setImmediate(() => broken.destroy()))
    broken.on('close', () => resolve())
  })
  expect((await client.call('GET', '~/resourceGroups')).body).toEqual({ value: [] })
  expect(errors).toEqual([])
})

test('whatever path and body are sent, the answer is one of Azure, and what is taken can be read after a restart', async () => {
  const errors: unknown[] = []
  await using client = await startWithNamespace({ onError: (error) => errors.push(error) })
  const path = fc.constantFrom(
    '~/resourceGroups/x',
    '@/namespaces/namespace1',
    '@/namespaces/other-ns',
    '@/namespaces/namespace1/eventhubs/x',
    '@/namespaces/namespace1/eventhubs/x/consumergroups/y',
    '@/namespaces/namespace1/authorizationRules/z',
    '@/namespaces/namespace1/networkRuleSets/default',
    '~/providers/Microsoft.EventHub/checkNameAvailability',
  )
  const value = fc.jsonValue({ maxDepth: 2 })
  const body = fc.record(
    {
      location: fc.oneof(fc.constant('westeurope'), value),
      tags: value,
      sku: fc.oneof(fc.constant({ name: 'Premium' }), value),
      identity: value,
      name: value,
      properties: fc.oneof(
        value,
        fc.dictionary(
          fc.constantFrom(
            'partitionCount',
            'messageRetentionInDays',
            'retentionDescription',
            'captureDescription',
            'status',
            'rights',
            'userMetadata',
            'maximumThroughputUnits',
            'isAutoInflateEnabled',
            'geoDataReplication',
            'clusterArmId',
            'minimumTlsVersion',
            'publicNetworkAccess',
            'ipRules',
            'virtualNetworkRules',
            'constructor',
            '__proto__',
          ),
          value,
        ),
      ),
    },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('PUT', 'PATCH', 'POST'), path, body, async (method, where, what) => {
      const answer = await client.call(method, where, what)
      expect(answer.status).toBeLessThan(500)
      if (answer.status >= 400) expect(typeof answer.body.error.code).toBe('string')
      expect((await client.call('GET', '@/namespaces')).status).toBe(200)
    }),
    { numRuns: 300 },
  )
  const kept = encodeState(client.arm.store.state)
  expect(encodeState(decodeState(kept, 'state.json', [NAMESPACES]))).toBe(kept)
  expect(errors).toEqual([])
})

test('echoes the correlation id and, when asked, the client request id', async () => {
  await using client = await start()
  const answer = await client.call('GET', '/subscriptions', undefined, {
    'x-ms-correlation-request-id': 'abc-1',
    'x-ms-client-request-id': 'mine',
    'x-ms-return-client-request-id': 'true',
  })
  expect(answer.headers.get('x-ms-correlation-request-id')).toBe('abc-1')
  expect(answer.headers.get('x-ms-client-request-id')).toBe('mine')
  expect(answer.headers.get('x-ms-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  expect(answer.headers.get('x-ms-routing-request-id')).toMatch(/^LOCAL:\d{8}T\d{6}Z:abc-1$/)
})

test('a page in a browser cannot reach it under a name of its own', async () => {
  await using client = await start()
  const status = await new Promise((resolve, reject) => {
    const { port } = new URL(client.arm.endpoint)
    request({
      port,
      path: '/subscriptions?api-version=2022-12-01',
      headers: { host: 'evil.example', authorization: 'Bearer x' },
    })
      .on('response', (response) => resolve(response.statusCode))
      .on('error', reject)
      .end()
  })
  expect(status).toBe(421)
})

test('shows one subscription, its tenant and its regions, logical ones among them', async () => {
  await using client = await start()
  const { body } = await client.call('GET', '/subscriptions?api-version=2022-12-01')
  expect(body.value).toHaveLength(1)
  expect(body.value[0]).toMatchObject({ id: SUBSCRIPTION, state: 'Enabled', displayName: 'Embedded Azure' })
  expect((await client.call('GET', '/tenants')).body.value).toHaveLength(1)
  const regions = (await client.call('GET', '~/locations?api-version=2022-12-01')).body.value
  expect(regions).toHaveLength(82)
  expect(regions[0]).toMatchObject({
    name: 'eastus',
    metadata: { regionType: 'Physical', pairedRegion: [{ name: 'westus' }] },
  })
  expect(regions.some((region: { metadata: { regionType: string } }) => region.metadata.regionType === 'Logical')).toBe(
    true,
  )
})

test('a provider has to be registered before the first write, and registering takes its time', async () => {
  await using client = await start({ providerState: 'NotRegistered', seed: { groups: [{ name: 'rg' }] } })
  const refused = await client.call('PUT', '@/namespaces/ml-ingest-1', { location: 'westeurope' })
  expect(refused.status).toBe(409)
  expect(refused.body.error).toMatchObject({
    code: 'MissingSubscriptionRegistration',
    details: [{ code: 'MissingSubscriptionRegistration', target: 'Microsoft.EventHub' }],
  })
  expect((await client.call('GET', '@/namespaces')).status).toBe(200)
  const register = await client.call('POST', '~/providers/Microsoft.EventHub/register?api-version=2022-09-01')
  expect(register.body.registrationState).toBe('Registering')
  const known = await client.call('GET', '~/providers/microsoft.eventhub?api-version=2022-09-01')
  expect(known.body).toMatchObject({ namespace: 'Microsoft.EventHub', registrationState: 'Registered' })
  expect((await client.call('PUT', '@/namespaces/ml-ingest-1', { location: 'westeurope' })).status).toBe(201)
})

test('tells what the providers offer', async () => {
  await using client = await start()
  const operations = await client.call('GET', '/providers/Microsoft.EventHub/operations')
  expect(operations.body.value).toContainEqual({
    name: 'Microsoft.EventHub/namespaces/eventhubs/write',
    display: { provider: 'Microsoft Azure EventHub', resource: 'EventHub', operation: 'Create or Update EventHub' },
  })
  const regions = await client.call('GET', '~/providers/Microsoft.EventHub/sku/standard/regions?api-version=2017-04-01')
  expect(regions.body.value).toContainEqual({
    name: 'West Europe',
    properties: { code: 'West Europe', fullName: 'West Europe' },
  })
  expect((await client.call('GET', '~/providers/Microsoft.EventHub/sku/gold/regions')).status).toBe(400)
  const names = ((await client.call('GET', '~/providers')).body.value as { namespace: string }[]).map(
    (one) => one.namespace,
  )
  expect(names).toEqual(['Microsoft.EventHub', 'Microsoft.Resources', 'Microsoft.Authorization'])
  const { body } = await client.call('GET', '~/providers/microsoft.authorization')
  expect([body.registrationState, body.registrationPolicy]).toEqual(['Registered', 'RegistrationFree'])
  const versions = (body.resourceTypes as { resourceType: string; apiVersions: string[] }[]).map((type) => [
    ...[type.resourceType, type.apiVersions[0]],
  ])
  expect(versions).toEqual([
    ['locks', '2020-05-01'],
    ['roleAssignments', '2022-04-01'],
    ['operations', '2022-04-01'],
  ])
})

test('latency, page size and a log of requests', async () => {
  const seen: unknown[] = []
  await using client = await start({ latencyMs: 30, onRequest: (record) => seen.push(record) })
  const before = performance.now()
  await client.call('GET', '~/resourceGroups')
  expect(performance.now() - before).toBeGreaterThanOrEqual(29)
  expect(seen).toEqual([{ method: 'GET', path: `${SUBSCRIPTION}/resourceGroups?api-version=2022-09-01`, status: 200 }])
})

const LOCK = 'providers/Microsoft.Authorization/locks/keep?api-version=2016-09-01'
test.each([
  ['/providers/Microsoft.Authorization/operations?api-version=2016-09-01', 'Microsoft.Authorization/locks/write'],
  [
    '/providers/Microsoft.Authorization/operations?api-version=2022-04-01',
    'Microsoft.Authorization/roleAssignments/read',
  ],
  ['/providers/Microsoft.Resources/operations', 'Microsoft.Resources/subscriptions/resourceGroups/write'],
  ['/providers/microsoft.eventhub/operations?api-version=2024-01-01', 'Microsoft.EventHub/namespaces/read'],
])('the permissions of a provider are listed: %s', async (path, name) => {
  await using client = await start()
  const { status, body } = await client.call('GET', path)
  expect(status).toBe(200)
  expect((body.value as { name: string }[]).map((one) => one.name)).toContain(name)
})

test('a tenant sees the providers without their registration', async () => {
  await using client = await start()
  const { value } = (await client.call('GET', '/providers')).body
  expect((value as { id: string }[]).map(({ id }) => id)).toEqual([
    '/providers/Microsoft.EventHub',
    '/providers/Microsoft.Resources',
    '/providers/Microsoft.Authorization',
  ])
  const one = await client.call('GET', '/providers/microsoft.eventhub?api-version=2022-09-01')
  expect([one.status, one.body]).toEqual([200, value[0]])
  expect(one.body).not.toHaveProperty('registrationState')
  expect((await client.call('GET', '/providers/Microsoft.Nothing')).body.error.code).toBe('InvalidResourceNamespace')
})

test.each([
  [
    `@/namespaces/namespace1/schemagroups/s/${LOCK}`,
    "The resource type 'namespaces/schemagroups' could not be found in the namespace 'Microsoft.EventHub'",
  ],
  [
    `~/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/s/${LOCK}`,
    "The resource namespace 'Microsoft.Storage' is invalid.",
  ],
  [
    '@/namespaces/namespace1/providers/Microsoft.Insights/diagnosticSettings/d',
    "The resource type 'diagnosticSettings' could not be found in the namespace 'Microsoft.Insights'",
  ],
  [
    '~/resourceGroups/rg/providers/Microsoft.EventHub',
    "The resource type could not be found in the namespace 'Microsoft.EventHub'",
  ],
  [
    '@/clusters/c?api-version=2024-01-01',
    "The resource type 'clusters' could not be found in the namespace 'Microsoft.EventHub' for api version '2024-01-01'.",
  ],
  ['~/resourceGroups/rg/providers', 'The request URI'],
])('what is not known is told by its name, and the answer agrees with itself: %s', async (path, text) => {
  await using client = await startWithNamespace()
  for (const method of ['GET', 'PUT']) {
    const { status, body } = await client.call(method, path, method === 'PUT' ? {} : undefined)
    expect([400, 404]).toContain(status)
    expect(body.error.message).toContain(text)
    const [, version, others] =
      /api version '([^']+)'. The supported api-versions are '(.*)'/.exec(body.error.message as string) ?? []
    expect(others?.split(',') ?? []).not.toContain(version)
    expect(body.error.message).not.toContain("''")
  }
})

test('HEAD is for groups; what a provider keeps has none', async () => {
  await using client = await startWithNamespace()
  expect((await client.call('HEAD', '~/resourceGroups/rg')).status).toBe(204)
  for (const name of ['namespace1', 'nowhere']) {
    const { status, headers } = await client.call('HEAD', `@/namespaces/${name}`)
    expect([status, headers.get('allow')]).toEqual([405, 'PUT, PATCH, GET, DELETE'])
  }
})

test('a list that takes no filter ignores it, and $top bounds the whole list', async () => {
  await using client = await startWithNamespace()
  for (const name of ['a', 'b', 'c']) await client.call('PUT', `@/namespaces/namespace1/eventhubs/${name}`, {})
  const namesOf = ({ body }: { body: { value: { name: string }[] } }) => body.value.map(({ name }) => name)
  const hubs = '@/namespaces/namespace1/eventhubs'
  expect(namesOf(await client.call('GET', `${hubs}?$filter=nonsense&$orderby=x&$select=y&$expand=z`))).toEqual([
    'a',
    'b',
    'c',
  ])
  const first = await client.call('GET', `${hubs}?$top=2`)
  expect([namesOf(first), first.body.nextLink]).toEqual([['a', 'b'], undefined])
})
