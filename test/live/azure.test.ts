/**
 * The port's contract on the real Azure. Not part of `npm test`: it needs an account, takes about ten minutes and costs
 * a few cents (two namespaces, Standard and Basic, of one throughput unit, for that time).
 *
 *   az login
 *   ML_INGEST_LIVE=1 AZURE_SUBSCRIPTION_ID=<id> npx vitest run --config test/live/vitest.config.ts
 *
 * ML_INGEST_LIVE_STORAGE=<resource id of a storage account with a container `ml-ingest-live`> adds Capture, which wants the role
 * Storage Blob Data Contributor there, leaves small files in the container, and takes three minutes more; ML_INGEST_LIVE_PRINCIPAL=<object id of a service principal> adds a role assignment, which
 * wants User Access Administrator.
 *
 * AZURE_LOCATION chooses the region (westeurope), ML_INGEST_LIVE_AUTH the sign-in (auto). Everything is made in one
 * resource group `ml-ingest-live-<random>`, whose deletion is set up before it exists; after a crash, delete the group by
 * hand: az group delete --name ml-ingest-live-<random> --yes
 *
 * The tests build on each other, in this order. With ML_INGEST_ARM_ENDPOINT they can be rehearsed on the embedded Azure.
 */
import { OPEN_NETWORK, type NetworkSpec } from '../../src/resources/network/network.ts'
import { randomBytes } from 'node:crypto'
import { ResourceManagementClient } from '@azure/arm-resources'
import { EventHubProducerClient } from '@azure/event-hubs'
import { DefaultAzureCredential } from '@azure/identity'
import { afterAll, describe, expect, it } from 'vitest'
import { connectAzure } from '../../src/azure/connect.ts'
import type { RequestSeen } from '../../src/azure/pipeline.ts'
import { isInTransition } from '../../src/engine/actual.ts'
import type { Call, NamespaceRef } from '../../src/engine/cloud.ts'
import type { NamespaceActual } from '../../src/resources/namespace/namespace.ts'
import { Failure } from '../../src/lib/errors.ts'
import { realClock } from '../../src/lib/clock.ts'
import { AUTH, type AuthKind } from '../../src/inputs/target.ts'
import { runCli } from '../support/test-deps.ts'

const subscriptionId = process.env['AZURE_SUBSCRIPTION_ID'] ?? ''
const enabled = process.env['ML_INGEST_LIVE'] === '1' && subscriptionId !== ''
const location = process.env['AZURE_LOCATION'] ?? 'westeurope'
const storage = process.env['ML_INGEST_LIVE_STORAGE']
const principalId = process.env['ML_INGEST_LIVE_PRINCIPAL']
const auth: AuthKind = AUTH.find((kind) => kind === process.env['ML_INGEST_LIVE_AUTH']) ?? 'auto'

/** Set for a rehearsal: nothing is left behind that costs, and hosts are local. */
const endpoint = process.env['ML_INGEST_ARM_ENDPOINT']

const suffix = randomBytes(4).toString('hex')
const GROUP = `ml-ingest-live-${suffix}`
const STANDARD = { group: GROUP, namespace: `ml-live-s-${suffix}` }
const BASIC = { group: GROUP, namespace: `ml-live-b-${suffix}` }
const HUB = { ...STANDARD, hub: 'clicks' }
const DEADLINE_MS = 15 * 60_000

if (!enabled) console.warn('Skipped: the tests on the real Azure need ML_INGEST_LIVE=1 and AZURE_SUBSCRIPTION_ID.')

describe.skipIf(!enabled)(`real Azure, resource group ${GROUP}`, () => {
  const call: Call = { signal: AbortSignal.timeout(DEADLINE_MS) }
  const seen: RequestSeen[] = []
  const quota = new Map<string, number>()
  const connection = connectAzure({
    cloud: 'AzureCloud',
    auth,
    authGiven: endpoint === undefined,
    armEndpoint: endpoint,
    tenantId: process.env['AZURE_TENANT_ID'],
    env: process.env,
    clock: realClock,
    userAgent: 'ml-ingest/live-test',
    onRequest: (one) => seen.push(one),
    onQuota: (kind, left) => quota.set(kind, left),
  })
  const cloud = connection.cloud(subscriptionId)
  const { catalog } = connection

  afterAll(async () => {
    if (endpoint !== undefined) return
    const client = new ResourceManagementClient(new DefaultAzureCredential(), subscriptionId)
    const exists = await client.resourceGroups.checkExistence(GROUP)
    if (exists.body) await client.resourceGroups.beginDelete(GROUP)
  })

  /** Repeats what may succeed later, as the engine's gate does. */
  async function persist<T>(request: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await request()
      } catch (error) {
        if (!(error instanceof Failure) || !error.retryable) throw error
        await realClock.sleep(error.retryAfterMs ?? 5_000, call.signal)
      }
    }
  }

  async function settled(at: NamespaceRef): Promise<NamespaceActual> {
    for (;;) {
      const namespace = await persist(() => cloud.readNamespace(at, call))
      if (namespace && !isInTransition(namespace)) return namespace
      await realClock.sleep(5_000, call.signal)
    }
  }

  const runLive = (argv: readonly string[]) =>
    runCli([...argv, '--auth', auth], {
      env: Object.fromEntries(Object.entries(process.env).flatMap(([name, one]) => (one ? [[name, one]] : []))),
      ...{ clock: realClock, platform: process.platform, stop: call.signal },
    })

  const failed = async (request: Promise<unknown>): Promise<Failure> => {
    const error: unknown = await request.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    if (error instanceof Failure) return error
    throw error instanceof Error ? error : new Error('Azure accepted what it was expected to refuse')
  }

  it('says who is signed in, and what there is to choose from', async () => {
    const { tenantId } = await catalog.identity(call)
    if (endpoint === undefined) expect(tenantId).toMatch(/^[0-9a-f-]{36}$/)
    expect((await catalog.listSubscriptions(call)).map(({ id }) => id)).toContain(subscriptionId)
    expect((await catalog.listLocations(subscriptionId, call)).map(({ name }) => name)).toContain(location)
  })

  it('reads what does not exist as absent at every level', async () => {
    expect(await cloud.readGroup(GROUP, call)).toBeUndefined()
    expect(await cloud.readNamespace(STANDARD, call)).toBeUndefined()
    expect(await cloud.listHubs(STANDARD, call)).toBeUndefined()
    expect(await cloud.listConsumerGroups(HUB, call)).toBeUndefined()
    expect(await cloud.readRule({ ...HUB, rule: 'none' }, call)).toBeUndefined()
    expect(await cloud.readKeys({ ...STANDARD, rule: 'none' }, call)).toBeUndefined()
  })

  it('has the provider registered', async () => {
    const provider = await cloud.readProvider(call)
    if (provider.state !== 'Registered') await cloud.registerProvider(call)
    while ((await cloud.readProvider(call)).state !== 'Registered') await realClock.sleep(5_000, call.signal)
    expect((await cloud.readProvider(call)).locations).toContain(location)
  })

  it('creates the group and both namespaces, and finds them in transition', async () => {
    await cloud.createGroup(GROUP, { location, tags: { purpose: 'ml-ingest live test' } }, call)
    expect(await cloud.readGroup(GROUP, call)).toMatchObject({ location, tags: { purpose: 'ml-ingest live test' } })
    expect(await cloud.checkNamespaceName(STANDARD.namespace, call)).toEqual({ available: true })
    const common = { location, capacity: 1, minimumTls: '1.2', tags: { a: 'b' } } as const
    await persist(() => cloud.createNamespace(STANDARD, { ...common, tier: 'Standard', autoInflateMax: 2 }, call))
    await persist(() => cloud.createNamespace(BASIC, { ...common, tier: 'Basic', autoInflateMax: 0 }, call))
    expect(await settled(STANDARD)).toMatchObject({
      location,
      provisioningState: 'Succeeded',
      tier: 'Standard',
      capacity: 1,
      autoInflateMax: 2,
      minimumTls: '1.2' as const,
      kafkaEnabled: true,
      host: `${STANDARD.namespace}.servicebus.windows.net`,
      tags: { a: 'b' },
    })
    expect(await settled(BASIC)).toMatchObject({ tier: 'Basic', kafkaEnabled: false })
  })

  it('knows the name as taken now', async () => {
    expect(await cloud.checkNamespaceName(STANDARD.namespace, call)).toMatchObject({ available: false })
  })

  it('reads what is missing inside an existing namespace as absent', async () => {
    expect(await cloud.listHubs(STANDARD, call)).toEqual([])
    expect(await cloud.listConsumerGroups(HUB, call)).toBeUndefined()
    expect(await cloud.readRule({ ...HUB, rule: 'none' }, call)).toBeUndefined()
    expect(await cloud.readRule({ ...STANDARD, rule: 'none' }, call)).toBeUndefined()
    expect(await cloud.readKeys({ ...STANDARD, rule: 'none' }, call)).toBeUndefined()
  })

  it('creates hub, consumer group and rule, and gives the connection string', async () => {
    await persist(() => cloud.createHub(HUB, { partitions: 4, retentionHours: 24 }, call))
    await persist(() => cloud.createConsumerGroup({ ...HUB, consumerGroup: 'scoring' }, { userMetadata: 'one' }, call))
    await persist(() => cloud.putRule({ ...HUB, rule: 'ml-ingest-send' }, ['Send'], call))
    expect(await cloud.listHubs(STANDARD, call)).toMatchObject([{ name: 'clicks', partitions: 4, retentionHours: 24 }])
    expect(await cloud.listConsumerGroups(HUB, call)).toContainEqual({ name: 'scoring', userMetadata: 'one' })
    expect(await cloud.readRule({ ...HUB, rule: 'ml-ingest-send' }, call)).toMatchObject({ rights: ['Send'] })
    const keys = await cloud.readKeys({ ...HUB, rule: 'ml-ingest-send' }, call)
    expect(keys?.primaryConnectionString.reveal()).toMatch(
      endpoint === undefined
        ? new RegExp(`^Endpoint=sb://${STANDARD.namespace}\\.servicebus\\.windows\\.net/;.*EntityPath=clicks$`)
        : /EntityPath=clicks/,
    )
  })

  it('sends with a key that can only send, and reads what it sent', async () => {
    await persist(() => cloud.putRule({ ...HUB, rule: 'ml-ingest-listen' }, ['Listen'], call))
    const at = ['--subscription', subscriptionId, '--resource-group', GROUP, '--namespace', STANDARD.namespace]
    const run = (command: string, ...argv: string[]) =>
      runCli([command, 'clicks', ...at, ...(endpoint === undefined ? ['--auth', auth] : []), ...argv], {
        env: Object.fromEntries(Object.entries(process.env).flatMap(([name, one]) => (one ? [[name, one]] : []))),
        ...{ clock: realClock, platform: process.platform, stop: call.signal },
      })
    // A new rule takes up to a minute to take effect.
    for (let sent = 1; sent !== 0; await realClock.sleep(sent === 0 ? 0 : 10_000, call.signal)) {
      const { exitCode, stderr } = await run('send', '--sample', 'iot', '--count', '100', '--key', 'deviceId')
      if (exitCode === 0) expect(stderr).toContain('with rule ml-ingest-send')
      else expect(exitCode, stderr).toBe(3)
      sent = exitCode
    }
    const { exitCode, stdout, stderr } = await run('tail')
    expect(exitCode, stderr).toBe(0)
    expect(stdout.trimEnd().split('\n')).toHaveLength(100)
  })

  it('changes a hub and a consumer group by writing them back, with the version it asked for first', async () => {
    await persist(() => cloud.updateHub(HUB, { retentionHours: 48 }, call))
    await persist(() => cloud.updateConsumerGroup({ ...HUB, consumerGroup: 'scoring' }, { userMetadata: 'two' }, call))
    expect(await cloud.listHubs(STANDARD, call)).toMatchObject([{ partitions: 4, retentionHours: 48 }])
    expect(await cloud.listConsumerGroups(HUB, call)).toContainEqual({ name: 'scoring', userMetadata: 'two' })
    const put = seen.findLast(({ method, url }) => method === 'PUT' && /\/consumergroups\//i.test(url))
    expect(put?.url).toContain('api-version=2026-01-01')
  })

  it('changes a namespace by its fields, and refuses a write meanwhile as passing', async () => {
    await persist(() => cloud.updateNamespace(STANDARD, { autoInflateMax: 3 }, call))
    const outcome = await cloud.updateNamespace(STANDARD, { tags: { c: 'd' } }, call).catch((error: unknown) => error)
    if (outcome instanceof Failure) expect(outcome).toMatchObject({ retryable: true, code: 'azure' })
    await settled(STANDARD)
    await persist(() => cloud.updateNamespace(STANDARD, { tags: { c: 'd' } }, call))
    expect(await settled(STANDARD)).toMatchObject({
      autoInflateMax: 3,
      minimumTls: '1.2',
      capacity: 1,
      tags: { c: 'd' },
    })
  })

  it('gives a namespace an identity and takes it away, and restricts its network with the rest kept', async () => {
    const identity = { identities: ['SystemAssigned'], gone: [] }
    await persist(() => cloud.updateNamespace(STANDARD, { identity, publicNetworkAccess: 'Disabled' }, call))
    expect(await settled(STANDARD)).toMatchObject({
      ...{ identities: ['SystemAssigned'], publicNetworkAccess: 'Disabled', tags: { c: 'd' } },
    })
    const taken = { identities: [], gone: ['SystemAssigned'] }
    await persist(() => cloud.updateNamespace(STANDARD, { identity: taken, publicNetworkAccess: 'Enabled' }, call))
    expect(await settled(STANDARD)).toMatchObject({ identities: [], publicNetworkAccess: 'Enabled' })

    expect(await cloud.readNetworkRules(STANDARD, call)).toEqual(OPEN_NETWORK)
    const rules = (ipRules: readonly string[]): NetworkSpec => ({
      ...{ defaultAction: { value: 'Deny', given: true }, trustedServices: { value: true, given: true } },
      ...{ ipRules, subnets: [], removeOthers: false },
    })
    await persist(() => cloud.updateNetworkRules(STANDARD, rules(['203.0.113.0/24']), call))
    await settled(STANDARD)
    await persist(() => cloud.updateNetworkRules(STANDARD, rules(['198.51.100.7']), call))
    await settled(STANDARD)
    expect(await cloud.readNetworkRules(STANDARD, call)).toEqual({
      ...{ defaultAction: 'Deny', trustedServices: true, subnets: [] },
      ipRules: ['203.0.113.0/24', '198.51.100.7'],
    })
  })

  it('lists the namespace with its hub, and finds its page in the portal', async () => {
    const listed = await runLive(['list', '--subscription', subscriptionId, '--json'])
    expect(listed.exitCode, listed.stderr).toBe(0)
    const { namespaces } = JSON.parse(listed.stdout) as { readonly namespaces: readonly { readonly name: string }[] }
    const found = namespaces.find(({ name }) => name === STANDARD.namespace)
    expect(found).toMatchObject({ resourceGroup: GROUP, tier: 'Standard', hubs: [{ name: 'clicks' }] })
    if (endpoint !== undefined) return
    const at = ['--subscription', subscriptionId, '--resource-group', GROUP, '--namespace', STANDARD.namespace]
    const opened = await runLive(['open', 'clicks', ...at])
    expect(opened.stdout, opened.stderr).toMatch(
      /^https:\/\/portal\.azure\.com\/#@[0-9a-f-]{36}\/resource\/.*\/eventhubs\/clicks\/overview$/m,
    )
  })

  it('reads metrics, of the namespace and split by hub and result', async () => {
    const toMs = Math.floor(Date.now() / 60_000) * 60_000
    const question = { aggregation: 'total', fromMs: toMs - 1_800_000, toMs } as const
    const whole = { ...question, metrics: ['IncomingMessages', 'ActiveConnections'], splitBy: [] } as const
    const byResult = {
      ...question,
      metrics: ['ThrottledRequests'],
      splitBy: ['EntityName', 'OperationResult'],
    } as const
    expect(await persist(() => cloud.readMetrics(STANDARD, whole, call))).toMatchObject({ failed: [] })
    expect(await persist(() => cloud.readMetrics(STANDARD, byResult, call))).toMatchObject({ failed: [] })
  })

  it('renews one key and leaves the other', async () => {
    const rule = { ...HUB, rule: 'ml-ingest-send' }
    const before = await cloud.readKeys(rule, call)
    const after = await cloud.renewKey(rule, 'secondary', call)
    expect(after.primaryKey.reveal()).toBe(before?.primaryKey.reveal())
    expect(after.secondaryKey.reveal()).not.toBe(before?.secondaryKey.reveal())
  })

  it('is told how many requests are left, of reads and of writes', () => {
    expect(quota.get('reads')).toBeGreaterThan(0)
    expect(quota.get('writes')).toBeGreaterThan(0)
  })

  it.skipIf(!storage)('switches Capture on, changes it, and switches it off with its settings kept', async () => {
    const id = storage!
    if (endpoint === undefined) expect((await cloud.readStorageAccount(id, call))?.sku).toMatch(/^Standard/)
    expect(await cloud.readStorageAccount(`${id.replace(/[^/]+$/, '')}none${suffix}`, call)).toBeUndefined()
    const on = { storageAccount: id, container: 'ml-ingest-live' }
    await persist(() => cloud.updateHub(HUB, { capture: on }, call))
    await persist(() => cloud.updateHub(HUB, { capture: { intervalSeconds: 60 } }, call))
    expect((await cloud.listHubs(STANDARD, call))?.[0]?.capture).toMatchObject({ ...on, intervalSeconds: 60 })
    await persist(() => cloud.updateHub(HUB, { capture: 'off' }, call))
    expect((await cloud.listHubs(STANDARD, call))?.[0]?.capture).toBeUndefined()
  })

  it.skipIf(!storage || endpoint !== undefined)(
    'captures an event, which the signed-in account lists and reads',
    async () => {
      const on = { storageAccount: storage!, container: 'ml-ingest-live', intervalSeconds: 60 }
      await persist(() => cloud.updateHub(HUB, { capture: on }, call))
      const keys = await cloud.readKeys({ ...HUB, rule: 'ml-ingest-send' }, call)
      const producer = new EventHubProducerClient(keys!.primaryConnectionString.reveal())
      await producer.sendBatch([{ body: { n: 1 }, properties: { run: suffix } }])
      await producer.close()
      const at = ['--subscription', subscriptionId, '--resource-group', GROUP, '--namespace', STANDARD.namespace]
      const capture = (...argv: string[]) => runLive(['capture', ...argv, 'clicks', ...at])
      for (let full = false; !full; await realClock.sleep(full ? 0 : 10_000, call.signal)) {
        const { exitCode, stdout, stderr } = await capture('ls', '--json')
        expect(exitCode, stderr).toBe(0)
        const { files } = JSON.parse(stdout) as { readonly files: readonly { bytes: number; empty: boolean }[] }
        for (const { bytes, empty } of files) expect(empty).toBe(bytes === 508)
        full = files.some(({ empty }) => !empty)
      }
      const { exitCode, stdout, stderr } = await capture('cat')
      expect(exitCode, stderr).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({ body: { n: 1 }, properties: { run: suffix } })
      await persist(() => cloud.updateHub(HUB, { capture: 'off' }, call))
    },
  )

  it.skipIf(!principalId)('gives a role once, whoever asks again', async () => {
    const grant = {
      principalId: principalId!.toLowerCase(),
      role: 'sender',
      principalType: 'ServicePrincipal',
      scope: 'hub',
    } as const
    await cloud.assignRole(HUB, grant, call)
    await cloud.assignRole(HUB, grant, call)
    const found = await cloud.listRoleAssignments(STANDARD, grant.principalId, call)
    expect(found?.filter((one) => one.hub === 'clicks' && one.role === 'sender')).toHaveLength(1)
  })

  it('puts refusals into words, with exit code 4', async () => {
    const partitions = await failed(cloud.updateHub(HUB, { partitions: 8 }, call))
    expect(partitions).toMatchObject({ code: 'refused', retryable: false })
    const retention = await failed(cloud.createHub({ ...BASIC, hub: 'h' }, { partitions: 1, retentionHours: 72 }, call))
    expect(retention).toMatchObject({ code: 'refused', retryable: false })
    const elsewhere = {
      location: 'japaneast',
      tier: 'Standard',
      capacity: 1,
      autoInflateMax: 0,
      minimumTls: '1.2' as const,
      tags: {},
    } as const
    expect(await failed(cloud.createNamespace(STANDARD, elsewhere, call))).toMatchObject({ code: 'refused' })
  })

  it('says that an unknown subscription is a matter of access', async () => {
    const other = connection.cloud('11111111-1111-1111-1111-111111111111')
    expect(await failed(other.readGroup(GROUP, call))).toMatchObject({ code: 'access' })
  })

  it('lists what a deletion looks at, and deletes what is there or was', async () => {
    expect((await cloud.listResources(GROUP, call))?.map(({ name }) => name).sort()).toEqual(
      [BASIC.namespace, STANDARD.namespace].sort(),
    )
    expect(await cloud.listLocks(GROUP, call)).toEqual([])
    const group = { ...HUB, consumerGroup: 'scoring' }
    for (let twice = 0; twice < 2; twice++) await persist(() => cloud.deleteConsumerGroup(group, call))
    expect((await cloud.listConsumerGroups(HUB, call))?.map(({ name }) => name)).toEqual(['$Default'])
    for (let twice = 0; twice < 2; twice++) await persist(() => cloud.deleteNamespace(BASIC, call))
  })
})
