/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-return --
   bodies are JSON from outside: expect() is their type check */
import { expect, test } from 'vitest'
import { ManualClock } from '../../support/manual-clock.ts'
import { SUBSCRIPTION, startWithNamespace } from './client.ts'

const NAMESPACE = '@/namespaces/namespace1'

const CONNECTION = `${NAMESPACE}/privateEndpointConnections/pe-1`
const privateEndpoint = { id: `${SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network/privateEndpoints/ml` }
const stateOf = (status: string, description = '') => ({
  privateLinkServiceConnectionState: { status, description },
})
const APPROVED = {
  provisioningState: 'Succeeded',
  privateEndpoint,
  ...stateOf('Approved'),
  groupIds: ['namespace'],
}

test('a connection is made, rejected and removed, as Azure was recorded', async () => {
  const clock = new ManualClock()
  await using client = await startWithNamespace({ clock, provisioningMs: 1000 })
  expect((await client.call('GET', `${NAMESPACE}/privateEndpointConnections`)).body).toEqual({ value: [] })
  const made = await client.call('PUT', CONNECTION, { properties: { privateEndpoint } })
  expect([made.status, made.body]).toEqual([
    201,
    {
      id: expect.stringMatching(/\/namespaces\/namespace1\/privateEndpointConnections\/pe-1$/) as string,
      name: 'pe-1',
      type: 'Microsoft.EventHub/Namespaces/PrivateEndpointConnections',
      location: 'westeurope',
      properties: APPROVED,
    },
  ])
  const rejected = await client.call('PUT', CONNECTION, { properties: stateOf('Rejected', 'Bye') })
  expect([rejected.status, rejected.body.properties]).toEqual([
    202,
    { ...APPROVED, ...stateOf('Rejected', 'Bye'), provisioningState: 'Updating' },
  ])
  const link = rejected.headers.get('azure-asyncoperation')!
  expect(link).toMatch(/pe-1\/operationStatus\/pe-1\?api-version=2024-05-01-preview&operationType=Update$/)
  expect((await client.call('GET', link)).body).toMatchObject({ name: 'pe-1', status: 'InProgress' })
  clock.advance(1000)
  expect((await client.call('GET', link)).body.status).toBe('Succeeded')
  const { body } = await client.call('GET', `${NAMESPACE}/privateEndpointConnections`)
  expect(body.value).toEqual([{ ...made.body, properties: { ...APPROVED, ...stateOf('Rejected', 'Bye') } }])

  const removed = await client.call('DELETE', CONNECTION)
  expect([removed.status, removed.text]).toEqual([202, ''])
  expect((await client.call('GET', CONNECTION)).body.properties.provisioningState).toBe('Deleting')
  clock.advance(1000)
  expect((await client.call('GET', removed.headers.get('azure-asyncoperation')!)).body.status).toBe('Succeeded')
  const missing = await client.call('GET', CONNECTION)
  expect([missing.status, missing.body.error]).toEqual([
    404,
    {
      code: 'NotFound',
      message: expect.stringMatching(/^The requested resource pe-1 does not exist. CorrelationId: /) as string,
    },
  ])
  expect((await client.call('DELETE', CONNECTION)).status).toBe(204)
})

test('the namespace shows its connections in a GET, from 2022 on only when there are any', async () => {
  await using client = await startWithNamespace()
  const shown = async (version: string) =>
    (await client.call('GET', `${NAMESPACE}?api-version=${version}`)).body.properties.privateEndpointConnections
  const VERSIONS = ['2018-01-01-preview', '2021-11-01', '2022-01-01-preview', '2026-01-01']
  expect(await Promise.all(VERSIONS.map(shown))).toEqual([undefined, [], undefined, undefined])
  const { body } = await client.call('PUT', CONNECTION, { properties: { privateEndpoint } })
  expect(await Promise.all(VERSIONS.map(shown))).toEqual([undefined, [body], [body], [body]])
  const put = await client.call('PUT', NAMESPACE, (await client.call('GET', NAMESPACE)).body)
  expect(put.body.properties).not.toHaveProperty('privateEndpointConnections')
  expect(await shown('2026-01-01')).toEqual([body])
})

test.each([
  ...[{}, { privateEndpoint: {} }, { privateEndpoint: { id: 'x' } }, { privateEndpoint: 'x' }],
  ...[
    { privateEndpoint, ...stateOf('Maybe') },
    { privateEndpoint, privateLinkServiceConnectionState: 1 },
  ],
])('a connection of %j is refused, and changes nothing', async (properties) => {
  await using client = await startWithNamespace()
  const { status, body } = await client.call('PUT', CONNECTION, { properties })
  expect([status, body.error.code]).toEqual([400, 'InvalidRequestContent'])
  expect((await client.call('GET', CONNECTION)).status).toBe(404)
})
