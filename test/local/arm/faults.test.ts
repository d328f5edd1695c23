import { expect, test } from 'vitest'
import { type Fault, FAULT_KINDS, readFaults } from '../../../src/local/arm/core/faults.ts'
import { startWithNamespace } from './client.ts'

const HUB = '@/namespaces/namespace1/eventhubs/h'

const statusesUnder = async (fault: Fault, requests: readonly (readonly [string, string])[]) => {
  await using client = await startWithNamespace({ faults: [fault] })
  const statuses: (number | string)[] = []
  for (const [method, path] of requests) {
    const body = method === 'PUT' ? (path === HUB ? {} : { location: 'westeurope' }) : undefined
    statuses.push(
      await client.call(method, path, body).then(
        ({ status }) => status,
        () => 'cut',
      ),
    )
  }
  return statuses
}

test.each([
  ['401', 401, 'ExpiredAuthenticationToken'],
  ['403', 403, 'AuthorizationFailed'],
  ['409', 409, 'Conflict'],
  ['429', 429, 'ResourceRequestsThrottled'],
  ['500', 500, 'InternalServerError'],
  ['503', 503, 'ServiceUnavailable'],
  ['in-transition', 429, 'NamespaceInTransition'],
  ['locked', 409, 'ScopeLocked'],
] as const)('%s: %i %s, and nothing is done', async (kind, status, code) => {
  await using client = await startWithNamespace({ faults: [{ kind, times: 1, retryAfterSeconds: 7 }] })
  const answer = await client.call('PUT', HUB, {})
  expect([answer.status, (JSON.parse(answer.text) as { error: { code: string } }).error.code]).toEqual([status, code])
  const waits = ['429', '503', '409'].includes(kind)
  expect(answer.headers.get('retry-after')).toBe(waits ? '7' : null)
  expect(client.arm.directory.hubs()).toEqual([])
  expect((await client.call('PUT', HUB, {})).status).toBe(200)
})

test('403 names the action and the scope', async () => {
  await using client = await startWithNamespace({ faults: [{ kind: '403' }] })
  const message = async (method: string, path: string) => (await client.call(method, path)).text
  expect(await message('GET', HUB)).toContain(
    "perform action 'Microsoft.EventHub/namespaces/eventhubs/read' over scope",
  )
  expect(await message('DELETE', '~/resourceGroups/rg')).toContain(
    "'Microsoft.Resources/subscriptions/resourceGroups/delete'",
  )
})

test('502 has no JSON', async () => {
  await using client = await startWithNamespace({ faults: [{ kind: '502' }] })
  const answer = await client.call('GET', HUB)
  expect([answer.status, answer.text, answer.headers.get('content-type')]).toEqual([502, '', null])
})

test('reset cuts before, hang-up-after-write after the work', async () => {
  await using before = await startWithNamespace({ faults: [{ kind: 'reset', times: 1 }] })
  await expect(before.call('PUT', HUB, {})).rejects.toThrow()
  expect(before.arm.directory.hubs()).toEqual([])
  await using after = await startWithNamespace({ faults: [{ kind: 'hang-up-after-write', times: 1 }] })
  await expect(after.call('PUT', HUB, {})).rejects.toThrow()
  expect(after.arm.directory.hubs()).toHaveLength(1)
  expect((await after.call('PUT', HUB, {})).status).toBe(200)
})

test('404-after-create hides what was written, for so many looks', async () => {
  const requests = [
    ['GET', '@/namespaces/namespace1'],
    ['PUT', HUB],
    ['GET', HUB],
    ['GET', HUB],
    ['GET', HUB],
  ] as const
  expect(await statusesUnder({ kind: '404-after-create', times: 2 }, requests)).toEqual([200, 200, 404, 404, 200])
})

test('name-taken: the question and the PUT agree', async () => {
  await using client = await startWithNamespace({ faults: [{ kind: 'name-taken' }] })
  const check = await client.call('POST', '~/providers/Microsoft.EventHub/checkNameAvailability', {
    name: 'ml-ingest-1',
  })
  expect(check.body).toMatchObject({ nameAvailable: false, reason: 'NameInUse' })
  const put = await client.call('PUT', '@/namespaces/ml-ingest-1', { location: 'westeurope' })
  expect([put.status, put.text]).toEqual([400, expect.stringContaining('The specified name is not available.')])
  expect((await client.call('PUT', HUB, {})).status).toBe(200)
})

test('provisioning-failed: the namespace ends in Failed, and another PUT mends it', async () => {
  await using client = await startWithNamespace({ faults: [{ kind: 'provisioning-failed', times: 1 }] })
  const state = async () => (await client.call('GET', '@/namespaces/ml-ingest-1')).text
  expect((await client.call('PUT', '@/namespaces/ml-ingest-1', { location: 'westeurope' })).status).toBe(201)
  expect(await state()).toContain('"provisioningState":"Failed"')
  await client.call('PUT', '@/namespaces/ml-ingest-1', { location: 'westeurope' })
  expect(await state()).toContain('"provisioningState":"Succeeded"')
})

test('method, path, skip and times choose the requests', async () => {
  const requests = [
    ['GET', HUB],
    ['PUT', HUB],
    ['PUT', HUB],
    ['PUT', HUB],
    ['PUT', HUB],
  ] as const
  const fault: Fault = { kind: '500', method: 'put', path: 'EVENTHUBS', skip: 1, times: 2 }
  expect(await statusesUnder(fault, requests)).toEqual([404, 200, 500, 500, 200])
  const byPattern: Fault = { kind: '500', path: /\/namespaces\/[^/]+$/ }
  expect(
    await statusesUnder(byPattern, [
      ['GET', HUB],
      ['GET', '@/namespaces/namespace1'],
    ]),
  ).toEqual([404, 500])
})

test('faults can be added and lifted while the server runs', async () => {
  await using client = await startWithNamespace()
  client.arm.faults.add({ kind: '500' })
  expect((await client.call('GET', '@/namespaces/namespace1')).status).toBe(500)
  client.arm.faults.clear()
  expect((await client.call('GET', '@/namespaces/namespace1')).status).toBe(200)
})

test('a fault can be written as text', () => {
  expect(
    readFaults(['429,method=put,path=consumergroups,skip=1,times=2,retry-after=5', ' reset ', '403,path=/hubs\\/a=b$/'])
      .faults,
  ).toEqual([
    { kind: '429', method: 'PUT', path: 'consumergroups', skip: 1, times: 2, retryAfterSeconds: 5 },
    { kind: 'reset' },
    { kind: '403', path: /hubs\/a=b$/i },
  ])
  for (const kind of Object.keys(FAULT_KINDS)) expect(readFaults([kind])).toEqual({ faults: [{ kind }], mistakes: [] })
})

test('all mistakes are found at once', () => {
  const { mistakes } = readFaults(['492,metod=PUT', '500,times=two,method=FETCH', '500,path=/(/', '500', ''])
  expect(mistakes.map(({ text, message }) => `${text} | ${message}`)).toEqual([
    '492,metod=PUT | unknown kind "492"; did you mean 429?',
    '492,metod=PUT | unknown part "metod"; did you mean method?',
    '500,times=two,method=FETCH | times must be a whole number, not "two"',
    '500,times=two,method=FETCH | method must be GET, HEAD, PUT, PATCH, POST or DELETE, not "FETCH"',
    '500,path=/(/ | path must be part of a path, or /a regular expression/, not "/(/"',
    expect.stringMatching(/^ \| unknown kind ""; one of 401, /) as string,
  ])
})
