import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { realClock } from '../../../src/lib/clock.ts'
import { armClient } from '../../../src/local/arm/client.ts'
import {
  API_VERSIONS,
  DESCRIBE_CLUSTER,
  FIND_COORDINATOR,
  METADATA,
} from '../../../src/local/kafka/wire/apis/session.ts'
import { assemble } from '../../../src/local/process/assembly.ts'
import { startTestBroker, type TestBroker, type TestBrokerOptions } from '../amqp/support/local.ts'
import { ALL_APIS } from './support/apis.ts'
import { TestClient } from './support/client.ts'

let broker: TestBroker
afterEach(() => broker.stop())

const start = async (options: TestBrokerOptions['options'] = {}) =>
  (broker = await startTestBroker({ mode: 'memory', options }))

async function signedIn(password = broker.connectionString(), host?: string): Promise<TestClient> {
  const client = await TestClient.signedIn(broker.broker.kafkaPort, password, host)
  onTestFinished(() => client.close())
  return client
}

const asked = (...names: readonly string[]) => names.map((name) => ({ name }))

describe('metadata', () => {
  test('names one node, which leads every partition', async () => {
    await start()
    const { topics, brokers } = await (await signedIn()).call(METADATA, 8, { topics: asked('clicks') })
    expect(brokers).toEqual([{ nodeId: 0, host: '127.0.0.1', port: broker.broker.kafkaPort, rack: null }])
    const partition = {
      errorCode: 0,
      leaderId: 0,
      leaderEpoch: 0,
      replicaNodes: [0],
      isrNodes: [0],
      offlineReplicas: [],
    }
    expect(topics).toEqual([
      {
        ...{ errorCode: 0, name: 'clicks', isInternal: false, topicAuthorizedOperations: -2_147_483_648 },
        partitions: [0, 1, 2, 3].map((partitionIndex) => ({ ...partition, partitionIndex })),
      },
    ])
  })

  test('has the address at which the client came', async () => {
    await start()
    const client = await signedIn(undefined, '::1').catch(() => undefined)
    // A machine may have no IPv6.
    if (!client) return
    const { brokers } = await client.call(METADATA, 1, { topics: [] })
    expect(brokers).toMatchObject([{ host: '::1', port: broker.broker.kafkaPort }])
  })

  test.each([
    [0, [], ['clicks', 'views']],
    [1, null, ['clicks', 'views']],
    [1, [], []],
    [9, null, ['clicks', 'views']],
    [9, [], []],
  ])('in version %i about %j is about %j', async (version, topics, names) => {
    await start()
    broker.directory.addHub('views')
    broker.directory.addHub('elsewhere', { namespace: 'another' })
    const answer = await (await signedIn()).call(METADATA, version, { topics })
    expect(answer.topics.map(({ name }) => name)).toEqual(names)
  })

  test('says of each name why it cannot be', async () => {
    await start()
    const names = ['missing', 'CLICKS', 'no spaces', '', '.dots', 'a'.repeat(257)]
    const { topics } = await (await signedIn()).call(METADATA, 9, { topics: asked(...names) })
    expect(topics.map(({ name, errorCode }) => [name, errorCode])).toEqual([
      ...[['missing', 3] as const, ['CLICKS', 0] as const, ['no spaces', 17] as const, ['', 17] as const],
      ...[['.dots', 17] as const, ['a'.repeat(257), 17] as const],
    ])
  })

  test('with the key of a hub is about that hub alone', async () => {
    await start()
    broker.directory.addHub('views')
    const rule = broker.directory.addRule('reader', ['Listen'], { hub: 'views' })
    const client = await signedIn(broker.connectionString({ rule, hub: 'views' }))
    const all = await client.call(METADATA, 9, { topics: null })
    expect(all.topics.map(({ name }) => name)).toEqual(['views'])
    const some = await client.call(METADATA, 9, { topics: asked('clicks', 'views', 'missing') })
    expect(some.topics.map(({ errorCode }) => errorCode)).toEqual([29, 0, 29])
  })
})

describe('a hub that is not there', () => {
  /** An embedded Azure, and what a client of it hears with a rule of these rights. */
  async function azure(rights: readonly string[]) {
    const running = await assemble({
      ...{ clock: realClock, log: () => undefined },
      arm: { seed: { namespaces: [{ group: 'rg', name: 'namespace1' }] } },
      dataPlane: { ports: { amqp: 0, kafka: 0 } },
    })
    onTestFinished(() => running.close())
    const arm = armClient(running.armEndpoint)
    const path = `${arm.paths.namespace('rg', 'namespace1')}/authorizationRules/own`
    const made = await fetch(`${running.armEndpoint}${path}?api-version=2024-01-01`, {
      ...{ method: 'PUT', headers: { authorization: 'Bearer x', 'content-type': 'application/json' } },
      body: JSON.stringify({ properties: { rights } }),
    })
    expect(made.status).toBe(200)
    const { port } = running.listeners.find(({ protocol }) => protocol === 'kafka')!
    const client = await TestClient.signedIn(port, (await arm.listKeys(path)).primaryConnectionString)
    onTestFinished(() => client.close())
    return client
  }

  test('is made where the client asks for it and may manage the namespace', async () => {
    await start()
    const client = await azure(['Listen', 'Send', 'Manage'])
    const wanted = { topics: asked('fresh', 'FRESH'), allowAutoTopicCreation: true }
    expect(await client.call(METADATA, 4, { ...wanted, allowAutoTopicCreation: false })).toMatchObject({
      topics: [{ errorCode: 3 }, { errorCode: 3 }],
    })
    const { topics } = await client.call(METADATA, 4, wanted)
    expect(topics.map(({ errorCode, partitions }) => [errorCode, partitions.length])).toEqual([
      [0, 4],
      [0, 4],
    ])
  })

  test('is not made for others', async () => {
    await start()
    const client = await azure(['Send'])
    const answer = await client.call(METADATA, 4, { topics: asked('fresh') })
    expect(answer.topics).toMatchObject([{ errorCode: 3 }])
  })

  test('is refused beyond the limit of the tier, as a request to Resource Manager is', async () => {
    await start()
    const client = await azure(['Listen', 'Send', 'Manage'])
    const names = Array.from({ length: 11 }, (_, i) => `fresh${i}`)
    const { topics } = await client.call(METADATA, 4, { topics: asked(...names) })
    expect(topics.map(({ errorCode }) => errorCode)).toEqual([...Array.from({ length: 10 }, () => 0), 44])
  })
})

describe('the coordinator', () => {
  test.each([0, 1, 2, 3])('of a group is the one node, in version %i', async (version) => {
    await start()
    const answer = await (await signedIn()).call(FIND_COORDINATOR, version, { key: 'group' })
    expect(answer).toMatchObject({ errorCode: 0, nodeId: 0, host: '127.0.0.1', port: broker.broker.kafkaPort })
  })

  test('of several groups is the one node for each', async () => {
    await start()
    const { coordinators } = await (await signedIn()).call(FIND_COORDINATOR, 4, { coordinatorKeys: ['a', 'b'] })
    expect(coordinators).toMatchObject([
      { key: 'a', errorCode: 0, nodeId: 0, port: broker.broker.kafkaPort },
      { key: 'b', errorCode: 0, nodeId: 0, port: broker.broker.kafkaPort },
    ])
  })

  test('of transactions is refused with the sentence of the service', async () => {
    await start()
    const sentence =
      'FindCoordinator asked for coordinator with type code 1 which is not supported. type code 1 is only supported in Premium or Dedicated sku. The embedded Azure has no transactions on any tier.'
    const client = await signedIn()
    expect(await client.call(FIND_COORDINATOR, 2, { key: 'tx', keyType: 1 })).toMatchObject({
      ...{ errorCode: 42, errorMessage: sentence },
    })
    expect(await client.call(FIND_COORDINATOR, 4, { coordinatorKeys: ['tx'], keyType: 1 })).toMatchObject({
      coordinators: [{ key: 'tx', errorCode: 42, errorMessage: sentence }],
    })
  })
})

test('the cluster is the namespace', async () => {
  await start()
  expect(
    await (await signedIn()).call(DESCRIBE_CLUSTER, 1, { includeClusterAuthorizedOperations: false }),
  ).toMatchObject({
    ...{ errorCode: 0, clusterId: 'test-ns', controllerId: 0 },
    brokers: [{ brokerId: 0, host: '127.0.0.1', port: broker.broker.kafkaPort, rack: null }],
  })
})

describe('what is offered', () => {
  test('is all that the tables have', async () => {
    await start()
    const { apiKeys } = await (await signedIn()).call(API_VERSIONS, 3, {})
    const byKey = (a: { apiKey: number }, b: { apiKey: number }) => a.apiKey - b.apiKey
    const ours = ALL_APIS.map(({ key, name, versions: [first, last] }) => ({
      apiKey: key,
      // librdkafka compresses nothing without the first version of Produce.
      minVersion: name === 'Produce' ? 0 : first,
      maxVersion: last,
    }))
    expect([...apiKeys].sort(byKey)).toEqual(ours.sort(byKey))
  })

  test('can be held to what the cloud was seen to offer', async () => {
    await start({ kafkaRange: 'azure' })
    const client = await signedIn().catch(String)
    // The cloud was seen to end at version 1 of SaslAuthenticate.
    expect(client).toBe('Error: The server hung up')
    const other = await TestClient.open(broker.broker.kafkaPort)
    onTestFinished(() => other.close())
    const { apiKeys } = await other.call(API_VERSIONS, 3, {})
    const versionsOf = (key: number) => apiKeys.find(({ apiKey }) => apiKey === key)
    expect(versionsOf(3)).toEqual({ apiKey: 3, minVersion: 0, maxVersion: 5 })
    expect(versionsOf(36)).toEqual({ apiKey: 36, minVersion: 0, maxVersion: 1 })
    expect(versionsOf(60)).toBeUndefined()
  })
})
