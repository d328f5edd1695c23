import { afterEach, describe, expect, it } from 'vitest'
import type { Cloud } from '../../src/engine/cloud.ts'
import type { MetricsQuestion } from '../../src/engine/status/metrics.ts'
import { startLocalArm, type LocalArm, type LocalArmOptions, type RequestRecord } from '../../src/local/index.ts'
import { AT, call, connect, SUBSCRIPTION } from './support.ts'

let arm: LocalArm | undefined
let requests: RequestRecord[] = []

async function start(options: LocalArmOptions = {}): Promise<{ cloud: Cloud; arm: LocalArm }> {
  requests = []
  arm = await startLocalArm({ ...options, onRequest: (record) => requests.push(record) })
  return { cloud: connect(arm.endpoint).cloud(SUBSCRIPTION), arm }
}

afterEach(async () => {
  await arm?.close()
  arm = undefined
})

const NEW = {
  location: 'westeurope',
  tier: 'Standard',
  capacity: 2,
  autoInflateMax: 6,
  minimumTls: '1.2',
  tags: { team: 'ml' },
} as const

describe('everything, made and read back', () => {
  it('has metrics of a namespace that is there, split as they were asked for', async () => {
    const { cloud } = await start()
    const toMs = Math.floor(Date.now() / 60_000) * 60_000
    const question: MetricsQuestion = {
      ...{ metrics: ['IncomingMessages', 'ThrottledRequests'], aggregation: 'total', splitBy: [] },
      ...{ fromMs: toMs - 300_000, toMs },
    }
    expect(await cloud.readMetrics(AT, question, call)).toBeUndefined()
    await cloud.createGroup('rg', { location: 'westeurope', tags: {} }, call)
    await cloud.createNamespace(AT, NEW, call)
    await cloud.createHub({ ...AT, hub: 'clicks' }, { partitions: 4, retentionHours: 24 }, call)
    const whole = await cloud.readMetrics(AT, question, call)
    expect(whole?.failed).toEqual([])
    expect(whole?.series.map(({ metric, entity }) => [metric, entity])).toEqual([
      ['IncomingMessages', undefined],
      ['ThrottledRequests', undefined],
    ])
    expect(whole?.series[0]?.points.map(({ atMs }) => atMs)).toEqual([5, 4, 3, 2, 1].map((ago) => toMs - ago * 60_000))
    const split = await cloud
      .readMetrics(AT, { ...question, splitBy: ['EntityName', 'OperationResult'] }, call)
      .catch((error: unknown) => error)
    // What came in has no result.
    expect(split).toMatchObject({ code: 'azure', azure: { status: 400, code: 'BadRequest' } })
    const byHub = await cloud.readMetrics(AT, { ...question, splitBy: ['EntityName'] }, call)
    expect(byHub?.failed).toEqual([])
  })

  it('reads an empty subscription as absent at every level', async () => {
    const { cloud } = await start()
    expect(await cloud.readGroup('rg', call)).toBeUndefined()
    expect(await cloud.readNamespace(AT, call)).toBeUndefined()
    expect(await cloud.listHubs(AT, call)).toBeUndefined()
    expect(await cloud.listConsumerGroups({ ...AT, hub: 'h' }, call)).toBeUndefined()
    expect(await cloud.readRule({ ...AT, hub: 'h', rule: 'r' }, call)).toBeUndefined()
    expect(await cloud.readRule({ ...AT, rule: 'r' }, call)).toBeUndefined()
    expect(await cloud.readKeys({ ...AT, rule: 'r' }, call)).toBeUndefined()
    expect(requests.every(({ status }) => status === 404)).toBe(true)
  })

  it('creates the chain with one request for each write', async () => {
    const { cloud } = await start()
    await cloud.createGroup('rg', { location: 'westeurope', tags: { a: 'b' } }, call)
    await cloud.createNamespace(AT, NEW, call)
    expect(requests.map(({ method }) => method)).toEqual(['PUT', 'PUT'])
    await cloud.readNamespace(AT, call)
    await cloud.createHub({ ...AT, hub: 'clicks' }, { partitions: 4, retentionHours: 24 }, call)
    const group = { ...AT, hub: 'clicks', consumerGroup: 'scoring' }
    await cloud.createConsumerGroup(group, { userMetadata: 'Machine Learning' }, call)
    await cloud.putRule({ ...AT, hub: 'clicks', rule: 'ml-ingest-send' }, ['Send'], call)
    await cloud.putRule({ ...AT, rule: 'everything' }, ['Manage', 'Send', 'Listen'], call)

    expect(await cloud.readGroup('rg', call)).toEqual({
      name: 'rg',
      location: 'westeurope',
      provisioningState: 'Succeeded',
      tags: { a: 'b' },
    })
    expect(await cloud.readNamespace(AT, call)).toMatchObject({
      name: 'ns-demo',
      location: 'westeurope',
      provisioningState: 'Succeeded',
      tier: 'Standard',
      capacity: 2,
      autoInflateMax: 6,
      kafkaEnabled: true,
      localAuthDisabled: false,
      publicNetworkAccess: 'Enabled',
      tags: { team: 'ml' },
    })
    expect(await cloud.listHubs(AT, call)).toEqual([
      {
        name: 'clicks',
        partitions: 4,
        retentionHours: 24,
        cleanupPolicy: 'Delete',
        status: 'Active',
        timestampType: 'LogAppend',
        unmanaged: [],
        capture: undefined,
      },
    ])
    expect(await cloud.listConsumerGroups({ ...AT, hub: 'clicks' }, call)).toEqual([
      { name: '$Default', userMetadata: undefined },
      { name: 'scoring', userMetadata: 'Machine Learning' },
    ])
    expect(await cloud.readRule({ ...AT, hub: 'clicks', rule: 'ml-ingest-send' }, call)).toEqual({
      name: 'ml-ingest-send',
      rights: ['Send'],
    })
    expect(await cloud.readRule({ ...AT, rule: 'everything' }, call)).toMatchObject({
      rights: ['Manage', 'Send', 'Listen'],
    })
    const keys = await cloud.readKeys({ ...AT, hub: 'clicks', rule: 'ml-ingest-send' }, call)
    expect(keys?.primaryConnectionString.reveal()).toContain('EntityPath=clicks')
    expect(keys?.primaryKey.reveal()).toHaveLength(44)
    expect(keys?.secondaryKey.reveal()).not.toBe(keys?.primaryKey.reveal())
    expect(JSON.stringify(keys)).not.toContain(keys?.primaryKey.reveal())
  })

  it.each(['abcdef', 'abcdefg'])('takes a namespace name of %s, shorter than the SDK documents', async (namespace) => {
    const { cloud } = await start()
    const at = { group: 'rg', namespace }
    await cloud.createGroup('rg', { location: 'westeurope', tags: {} }, call)
    await cloud.createNamespace(at, NEW, call)
    await cloud.readNamespace(at, call)
    await cloud.updateNamespace(at, { tags: { x: 'y' } }, call)
    await cloud.createHub({ ...at, hub: 'h' }, { partitions: 1, retentionHours: 1 }, call)
    expect(await cloud.listHubs(at, call)).toHaveLength(1)
    expect(await cloud.readNamespace(at, call)).toMatchObject({ name: namespace, tags: { x: 'y' } })
  })

  it.each([
    ['Basic', { capacity: 1, autoInflateMax: 0, kafkaEnabled: false }],
    ['Premium', { capacity: 1, autoInflateMax: 0, kafkaEnabled: true }],
  ] as const)('creates a %s namespace without the fields that its tier refuses', async (tier, expected) => {
    const { cloud } = await start()
    await cloud.createGroup('rg', { location: 'westeurope', tags: {} }, call)
    await cloud.createNamespace(AT, { ...NEW, tier, capacity: 1, autoInflateMax: 0 }, call)
    expect(await cloud.readNamespace(AT, call)).toMatchObject({ tier, ...expected })
  })

  it('returns from a namespace write while Azure still works on it', async () => {
    const { cloud } = await start({ provisioningMs: 60_000 })
    await cloud.createGroup('rg', { location: 'westeurope', tags: {} }, call)
    await cloud.createNamespace(AT, NEW, call)
    expect(await cloud.readNamespace(AT, call)).toMatchObject({ provisioningState: 'Creating' })
  })

  it('follows every page of a list', async () => {
    const hubs = Array.from({ length: 7 }, (_, i) => ({
      name: `hub-${i}`,
      consumerGroups: i > 0 ? [] : Array.from({ length: 9 }, (_, g) => ({ name: `group-${g}` })),
    }))
    const namespaces = Array.from({ length: 5 }, (_, i) => ({ group: 'rg', name: `ns-page-${i}` }))
    const { cloud, arm } = await start({
      pageSize: 3,
      seed: { namespaces: [{ group: 'rg', name: 'ns-demo', hubs }, ...namespaces] },
    })
    expect(await cloud.listHubs(AT, call)).toHaveLength(7)
    expect(await cloud.listConsumerGroups({ ...AT, hub: 'hub-0' }, call)).toHaveLength(10)
    expect(await connect(arm.endpoint).catalog.listNamespaces(SUBSCRIPTION, 'rg', call)).toHaveLength(6)
    expect((await connect(arm.endpoint).catalog.listLocations(SUBSCRIPTION, call)).length).toBeGreaterThan(20)
  })

  it('reads the registration of the provider and registers it', async () => {
    const { cloud } = await start({ providerState: 'NotRegistered' })
    expect(await cloud.readProvider(call)).toMatchObject({ state: 'NotRegistered' })
    await cloud.registerProvider(call)
    await cloud.readProvider(call)
    const provider = await cloud.readProvider(call)
    expect(provider.state).toBe('Registered')
    expect(provider.locations).toContain('westeurope')
  })

  it('does not know a registration that may not be read', async () => {
    const { cloud } = await start({ faults: [{ kind: '403', path: '/providers/Microsoft.EventHub' }] })
    expect(await cloud.readProvider(call)).toEqual({ state: undefined, locations: [] })
  })

  it('asks whether a name is free', async () => {
    const { cloud } = await start({ seed: { namespaces: [{ group: 'rg', name: 'ns-demo' }] } })
    expect(await cloud.checkNamespaceName('ns-other', call)).toEqual({ available: true })
    expect(await cloud.checkNamespaceName('ns-demo', call)).toMatchObject({ available: false, reason: 'NameInUse' })
  })
})

describe('namespace updates', () => {
  const seed = {
    namespaces: [
      {
        group: 'rg',
        name: 'ns-demo',
        tags: { owner: 'dana' },
        sku: { name: 'Standard', capacity: 7 },
        properties: {
          isAutoInflateEnabled: true,
          maximumThroughputUnits: 10,
          minimumTlsVersion: '1.2',
          disableLocalAuth: true,
        },
        identity: { type: 'SystemAssigned', principalId: 'p', tenantId: 't' },
      },
    ],
  } as const

  it('sends nothing but what changed', async () => {
    const { cloud } = await start({ seed })
    await cloud.updateNamespace(AT, { autoInflateMax: 20 }, call)
    expect(await cloud.readNamespace(AT, call)).toMatchObject({
      autoInflateMax: 20,
      capacity: 7,
      tags: { owner: 'dana' },
      localAuthDisabled: true,
    })
    await cloud.updateNamespace(AT, { sku: { tier: 'Standard', capacity: 3 } }, call)
    await cloud.updateNamespace(AT, { tags: { owner: 'dana', more: 'tags' } }, call)
    expect(await cloud.readNamespace(AT, call)).toMatchObject({
      autoInflateMax: 20,
      capacity: 3,
      tags: { owner: 'dana', more: 'tags' },
    })
    await cloud.updateNamespace(AT, { autoInflateMax: 0 }, call)
    expect(await cloud.readNamespace(AT, call)).toMatchObject({ autoInflateMax: 0, capacity: 3 })
    expect(requests.filter(({ method }) => method === 'PUT')).toEqual([])
  })
})

describe('the catalog', () => {
  it('lists what a person chooses from', async () => {
    const { arm } = await start({
      seed: { groups: [{ name: 'rg-b' }, { name: 'rg-a' }], namespaces: [{ group: 'rg-a', name: 'ns-demo' }] },
    })
    const { catalog } = connect(arm.endpoint)
    expect(await catalog.listSubscriptions(call)).toEqual([
      { id: SUBSCRIPTION, name: 'Embedded Azure', tenantId: SUBSCRIPTION, isDefault: false },
    ])
    expect((await catalog.listGroups(SUBSCRIPTION, call)).map(({ name }) => name)).toEqual(['rg-a', 'rg-b'])
    expect(await catalog.listNamespaces(SUBSCRIPTION, 'rg-a', call)).toMatchObject([{ name: 'ns-demo' }])
    expect(await catalog.listNamespaces(SUBSCRIPTION, 'nowhere', call)).toEqual([])
    const locations = await catalog.listLocations(SUBSCRIPTION, call)
    expect(locations).toContainEqual({ name: 'westeurope', displayName: 'West Europe' })
    expect(await catalog.identity(call)).toEqual({ name: undefined, tenantId: undefined, via: null })
  })
})
