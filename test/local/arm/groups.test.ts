/* eslint-disable @typescript-eslint/no-unsafe-member-access --
   bodies are JSON from outside: expect() is their type check */
import { expect, test } from 'vitest'
import { ManualClock } from '../../support/manual-clock.ts'
import { SUBSCRIPTION, start, startWithNamespace } from './client.ts'

const GROUP = '~/resourceGroups/Rg-1'

test('a group is created with 201, replaced with 200, and read in any case', async () => {
  await using client = await start()
  expect((await client.call('HEAD', GROUP)).status).toBe(404)
  const created = await client.call('PUT', GROUP, { location: 'West Europe', tags: { a: '1' }, managedBy: 'me' })
  expect(created.status).toBe(201)
  expect(created.body).toEqual({
    id: `${SUBSCRIPTION}/resourceGroups/Rg-1`,
    name: 'Rg-1',
    type: 'Microsoft.Resources/resourceGroups',
    location: 'westeurope',
    managedBy: 'me',
    tags: { a: '1' },
    properties: { provisioningState: 'Succeeded' },
  })
  expect((await client.call('PATCH', '~/RESOURCEGROUPS/rg-1', { tags: { b: '2' } })).body.tags).toEqual({ b: '2' })
  const replaced = await client.call('PUT', '~/resourcegroups/RG-1', { location: 'westeurope' })
  expect(replaced.status).toBe(200)
  expect(replaced.body).not.toHaveProperty('tags')
  expect(replaced.body.name).toBe('Rg-1')
  expect((await client.call('HEAD', GROUP)).status).toBe(204)
})

test.each([
  [{ location: 'atlantis' }, 400, 'LocationNotAvailableForResourceGroup'],
  [{}, 400, 'LocationRequired'],
  [{ location: 'westeurope', tags: { 'a<b': '' } }, 400, 'InvalidTagNameCharacters'],
  [{ location: 'westeurope', tags: { A: '', a: '' } }, 400, 'DuplicateTagNames'],
  [{ location: 'westeurope', tags: { a: 'v'.repeat(257) } }, 400, 'InvalidTagValueLength'],
  [
    { location: 'westeurope', tags: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [i, ''])) },
    400,
    'TooManyTags',
  ],
  [{ location: 'westeurope', tags: { a: 1 } }, 400, 'InvalidRequestContent'],
])('%j is refused', async (body, status, code) => {
  await using client = await start()
  const answer = await client.call('PUT', GROUP, body)
  expect([answer.status, answer.body.error.code]).toEqual([status, code])
})

test.each(['a!', 'ends.', 'x'.repeat(91)])('the name %s is refused', async (name) => {
  await using client = await start()
  expect((await client.call('PUT', `~/resourceGroups/${name}`, { location: 'westeurope' })).status).toBe(400)
})

test('a group stays in its region', async () => {
  await using client = await start()
  await client.call('PUT', GROUP, { location: 'westeurope' })
  const answer = await client.call('PUT', GROUP, { location: 'eastus' })
  expect([answer.status, answer.body.error.code]).toEqual([409, 'InvalidResourceGroupLocation'])
})

test('deletion takes its time, takes everything along and refuses writes meanwhile', async () => {
  const clock = new ManualClock()
  await using client = await startWithNamespace({ clock, provisioningMs: 40_000 })
  const deleted = await client.call('DELETE', '~/resourceGroups/rg')
  expect([deleted.status, deleted.text, deleted.headers.get('retry-after')]).toEqual([202, '', '15'])
  const location = deleted.headers.get('location')!.replace(client.arm.endpoint, '')
  expect(location).toMatch(/\/operationresults\/[\w-]+\?api-version=2022-09-01$/)
  expect((await client.call('GET', '~/resourceGroups/rg')).body.properties.provisioningState).toBe('Deleting')
  expect((await client.call('GET', '@/namespaces/namespace1')).body.properties.provisioningState).toBe('Deleting')
  expect(client.arm.directory.rules()).toEqual([])
  for (const path of ['~/resourceGroups/rg', '@/namespaces/namespace2']) {
    const refused = await client.call('PUT', path, { location: 'westeurope' })
    expect([refused.status, refused.body.error.code]).toEqual([409, 'ResourceGroupBeingDeleted'])
  }
  const again = await client.call('DELETE', '~/resourceGroups/rg')
  expect([again.status, again.headers.get('location')]).toEqual([202, client.arm.endpoint + location])
  clock.advance(38_000)
  const poll = await client.call('GET', location)
  expect([poll.status, poll.headers.get('retry-after')]).toEqual([202, '2'])
  clock.advance(2_000)
  expect((await client.call('GET', location)).status).toBe(200)
  const gone = await client.call('GET', '~/resourceGroups/rg')
  expect([gone.status, gone.body.error.code]).toEqual([404, 'ResourceGroupNotFound'])
  expect((await client.call('GET', '~/providers/Microsoft.EventHub/namespaces')).body.value).toEqual([])
  expect((await client.call('DELETE', '~/resourceGroups/rg')).status).toBe(404)
})

test('lists groups by tag and what is in a group', async () => {
  await using client = await startWithNamespace()
  await client.call('PUT', GROUP, { location: 'westeurope', tags: { Team: 'ml' } })
  const names = async (path: string) =>
    ((await client.call('GET', path)).body.value as { name: string }[]).map(({ name }) => name)
  expect(await names('~/resourceGroups')).toEqual(['rg', 'Rg-1'])
  expect(await names("~/resourceGroups?$filter=tagName eq 'team' and tagValue eq 'ml'")).toEqual(['Rg-1'])
  expect(await names("~/resourceGroups?$filter=tagName eq 'team' and tagValue eq 'x'")).toEqual([])
  expect(await names('~/resourceGroups/rg/resources')).toEqual(['namespace1'])
  expect(await names("~/resources?$filter=resourceType eq 'Microsoft.EventHub/Namespaces'")).toEqual(['namespace1'])
  expect(await names('~/resourceGroups/Rg-1/resources')).toEqual([])
})

test('names are equal whatever the case of letters of ASCII, and of no others', async () => {
  await using client = await start()
  const put = (name: string) =>
    client.call('PUT', `~/resourceGroups/${encodeURIComponent(name)}`, { location: 'westeurope' })
  expect((await put('gk')).status).toBe(201)
  expect((await put('GK')).status).toBe(200)
  const kelvin = 'g\u212A'
  expect((await client.call('GET', `~/resourceGroups/${encodeURIComponent(kelvin)}`)).status).toBe(404)
  expect((await client.call('GET', `~/loc\u212As`)).status).toBe(404)
  expect((await put(kelvin)).status).toBe(201)
  expect((await put('\u00e4-\u4e2d-\u0663')).status).toBe(201)
  for (const name of ['g\u{1d4d0}', 'g\u2163', 'g\u00bd', 'g+'])
    expect((await put(name)).body.error.code).toBe('InvalidResourceGroup')
})
