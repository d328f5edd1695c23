/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-assignment --
   bodies are JSON from outside: expect() is their type check */
import { expect, test } from 'vitest'
import { SUBSCRIPTION, startWithNamespace } from './client.ts'

const NAMESPACE = '@/namespaces/namespace1'
const BASE = { location: 'westeurope', sku: { name: 'Standard', tier: 'Standard', capacity: 1 } }

test('network rules: open at first, then as they were put; public access is one with the namespace', async () => {
  await using client = await startWithNamespace()
  const path = `${NAMESPACE}/networkRuleSets/default`
  const open = { publicNetworkAccess: 'Enabled', defaultAction: 'Allow', trustedServiceAccessEnabled: false }
  expect((await client.call('GET', path)).body.properties).toEqual({ ...open, ipRules: [], virtualNetworkRules: [] })
  const sent = {
    defaultAction: 'Deny',
    publicNetworkAccess: 'Disabled',
    ipRules: [{ ipMask: '1.1.1.1', action: 'Allow' }],
  }
  const expected = { ...sent, virtualNetworkRules: [], trustedServiceAccessEnabled: false }
  expect((await client.call('PUT', path, { properties: sent })).body.properties).toEqual(expected)
  expect((await client.call('GET', `${NAMESPACE}/networkRuleSets`)).body.value[0].properties).toEqual(expected)
  expect((await client.call('GET', NAMESPACE)).body.properties.publicNetworkAccess).toBe('Disabled')
  const old = (await client.call('GET', `${path}?api-version=2017-04-01`)).body.properties
  expect(Object.keys(old as object).sort()).toEqual(['defaultAction', 'ipRules', 'virtualNetworkRules'])
  await client.call('PUT', NAMESPACE, BASE)
  expect((await client.call('GET', path)).body.properties).toEqual({ ...expected, publicNetworkAccess: 'Enabled' })
  expect((await client.call('GET', `${NAMESPACE}/networkRuleSets/other`)).status).toBe(404)
})

const SUBNET = `${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/s`
const OF_IP = (ipMask: unknown) => ({ ipRules: [{ ipMask }] })
test.each([
  ...[{ defaultAction: 'Maybe' }, { publicNetworkAccess: 'Sometimes' }, { publicNetworkAccess: 1 }],
  ...[{ trustedServiceAccessEnabled: 'yes' }, { ipRules: {} }, { ipRules: ['1.1.1.1'] }, { ipRules: [{}] }],
  ...['::1%eth0', '1.2.3.4/08', '1.2.3.4/ 8', '010.0.0.1'].map(OF_IP),
  ...['1.1.1', '1.1.1.256', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '::/129', 'localhost', '', 7].map(OF_IP),
  ...[{ ipRules: [{ ipMask: '1.1.1.1', action: 'Deny' }] }, { virtualNetworkRules: [{ subnet: { id: 'x' } }] }],
  ...[
    { virtualNetworkRules: [{}] },
    { virtualNetworkRules: [{ subnet: { id: SUBNET }, ignoreMissingVnetServiceEndpoint: 1 }] },
  ],
  { ipRules: Array.from({ length: 129 }, (_, i) => ({ ipMask: `10.0.0.${i}` })) },
])('network rules that cannot be are refused, and change nothing: %j', async (properties) => {
  await using client = await startWithNamespace()
  const answer = await client.call('PUT', `${NAMESPACE}/networkRuleSets/default`, { properties })
  expect([answer.status, answer.body.error.code]).toEqual([400, 'InvalidRequestContent'])
  expect((await client.call('GET', NAMESPACE)).body.properties.publicNetworkAccess).toBe('Enabled')
})

test.each([5, 'x', []])('network rules are not reset by properties %j', async (properties) => {
  await using client = await startWithNamespace()
  const path = `${NAMESPACE}/networkRuleSets/default`
  await client.call('PUT', path, { properties: { defaultAction: 'Deny' } })
  expect((await client.call('PUT', path, { properties })).status).toBe(400)
  expect((await client.call('GET', path)).body.properties.defaultAction).toBe('Deny')
})

test('a network rule that is sent twice is there once', async () => {
  await using client = await startWithNamespace()
  const ipRules = ['1.1.1.1', '2.2.2.2', '1.1.1.1'].map((ipMask) => ({ ipMask, action: 'Allow' }))
  const virtualNetworkRules = [SUBNET, SUBNET.toUpperCase()].map((id) => ({ subnet: { id } }))
  const properties = { ipRules, virtualNetworkRules }
  const { body } = await client.call('PUT', `${NAMESPACE}/networkRuleSets/default`, { properties })
  expect(body.properties.ipRules).toEqual(ipRules.slice(0, 2))
  expect(body.properties.virtualNetworkRules).toHaveLength(1)
})

test('network rules of addresses, ranges and subnets are taken, under an id in lower case', async () => {
  await using client = await startWithNamespace()
  const rules = {
    publicNetworkAccess: 'SecuredByPerimeter',
    ipRules: ['1.1.1.1', '10.0.0.0/8', '0.0.0.0/0', '2001:db8::/32'].map((ipMask) => ({ ipMask, action: 'Allow' })),
    virtualNetworkRules: [{ subnet: { id: SUBNET }, ignoreMissingVnetServiceEndpoint: true }],
  }
  const { status, body } = await client.call('PUT', `${NAMESPACE}/networkRuleSets/default`, { properties: rules })
  expect([status, body.properties]).toMatchObject([200, rules])
  expect(body.id).toMatch(/\/namespaces\/namespace1\/networkrulesets\/default$/)
})

test('what a rule leaves out is filled in, and a GET has the group of a subnet in lower case', async () => {
  await using client = await startWithNamespace()
  const path = `${NAMESPACE}/networkRuleSets/default`
  const subnetOf = (group: string) => `${SUBSCRIPTION}${group}/providers/Microsoft.Network/virtualNetworks/V/subnets/S`
  const id = subnetOf('/resourceGroups/My-RG')
  const properties = {
    defaultAction: 'Deny',
    ipRules: [{ ipMask: '1.1.1.1' }],
    virtualNetworkRules: [{ subnet: { id } }],
  }
  const told = (rule: string) => ({
    ...{ publicNetworkAccess: 'Enabled', defaultAction: 'Deny', trustedServiceAccessEnabled: false },
    ipRules: [{ ipMask: '1.1.1.1', action: 'Allow' }],
    virtualNetworkRules: [{ subnet: { id: rule }, ignoreMissingVnetServiceEndpoint: false }],
  })
  expect((await client.call('PUT', path, { properties })).body.properties).toEqual(told(id))
  const read = (await client.call('GET', path)).body.properties
  expect(read).toEqual(told(subnetOf('/resourcegroups/my-rg')))
  expect((await client.call('PUT', path, { properties: read })).body.properties).toEqual(read)
})

test.each([
  ['2017-04-01', []],
  ['2018-01-01-preview', ['trustedServiceAccessEnabled']],
  ['2021-01-01-preview', ['trustedServiceAccessEnabled']],
  ['2021-06-01-preview', ['publicNetworkAccess', 'trustedServiceAccessEnabled']],
])('%s shows of a rule set, beside its rules: %j', async (version, more) => {
  await using client = await startWithNamespace()
  const { body } = await client.call('GET', `${NAMESPACE}/networkRuleSets/default?api-version=${version}`)
  expect(Object.keys(body.properties as object).sort()).toEqual(
    ['defaultAction', 'ipRules', 'virtualNetworkRules', ...more].sort(),
  )
})

test('Basic has no network rules and no private endpoints', async () => {
  await using client = await startWithNamespace({
    seed: { namespaces: [{ group: 'rg', name: 'namespace1', sku: { name: 'Basic', capacity: 1 } }] },
  })
  for (const path of ['networkRuleSets/default', 'privateEndpointConnections/c']) {
    const { status, body } = await client.call('PUT', `${NAMESPACE}/${path}`, { properties: {} })
    expect([status, body.error.code]).toEqual([400, 'BadRequest'])
  }
})
