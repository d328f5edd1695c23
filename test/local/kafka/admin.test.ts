import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  CREATE_PARTITIONS,
  CREATE_TOPICS,
  DELETE_TOPICS,
  DESCRIBE_CONFIGS,
} from '../../../src/local/kafka/wire/apis/topics.ts'
import { METADATA } from '../../../src/local/kafka/wire/apis/session.ts'
import type { Api } from '../../../src/local/kafka/wire/codec.ts'
import { startAzure, type TestAzure } from './clients/support/azure.ts'
import { TestClient } from './support/client.ts'

const NEWEST = 7
const TOPIC = 2
const BROKER = 4

type NewTopic = Parameters<typeof newTopic>[1]
const newTopic = (
  name: string,
  more: {
    readonly numPartitions?: number
    readonly replicationFactor?: number
    readonly assignments?: readonly { readonly partitionIndex: number; readonly brokerIds: readonly number[] }[]
    readonly configs?: Readonly<Record<string, string | null>>
  } = {},
) => ({
  ...{ name, numPartitions: -1, replicationFactor: -1, assignments: [], ...more },
  configs: Object.entries(more.configs ?? {}).map(([key, value]) => ({ name: key, value })),
})

const versionsOf = ({ versions: [first, last] }: Api): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i)

describe('topics by admin clients', () => {
  let azure: TestAzure
  let standard: TestAzure
  let client: TestClient
  let onStandard: TestClient
  const connect = ({ where }: TestAzure, password = where.password) =>
    TestClient.signedIn(Number(where.server.split(':')[1]), password)

  beforeAll(async () => {
    azure = await startAzure(['standing'])
    standard = await startAzure(['standing'], 'Standard')
    client = await connect(azure)
    onStandard = await connect(standard)
  })
  afterAll(async () => {
    client.close()
    onStandard.close()
    await Promise.all([azure.close(), standard.close()])
  })

  const createAll = async (topics: readonly ReturnType<typeof newTopic>[], by = client, validateOnly = false) =>
    (await by.call(CREATE_TOPICS, NEWEST, { topics, timeoutMs: 1_000, validateOnly })).topics
  const create = async (name: string, more?: NewTopic, by?: TestClient, validateOnly?: boolean) =>
    (await createAll([newTopic(name, more)], by, validateOnly))[0]!
  const partitionsOf = async (name: string) => {
    const asked = { topics: [{ name }], allowAutoTopicCreation: false }
    return (await client.call(METADATA, 4, asked)).topics[0]!.partitions.length
  }
  const describeTopic = async (name: string, keys: readonly string[] | null = null, by = client) => {
    const resources = [{ resourceType: TOPIC, resourceName: name, configurationKeys: keys }]
    return (await by.call(DESCRIBE_CONFIGS, 4, { resources })).results[0]!
  }
  const settingsOf = async (name: string) =>
    Object.fromEntries((await describeTopic(name)).configs.map((one) => [one.name, one.value]))

  it.each(versionsOf(CREATE_TOPICS))('are made, in version %i', async (version) => {
    const name = `made-${version}`
    const topics = [{ ...newTopic(name), numPartitions: 2, replicationFactor: 3 }]
    const answer = await client.call(CREATE_TOPICS, version, { topics, timeoutMs: 1_000 })
    expect(answer.topics).toMatchObject([{ name, errorCode: 0, errorMessage: null }])
    expect(answer.topics[0]).toMatchObject(version < 5 ? {} : { numPartitions: 2, replicationFactor: 1 })
    expect(await partitionsOf(name)).toBe(2)
    if (version === 0) return
    const checked = { topics: [newTopic(`only-${version}`)], timeoutMs: 1_000, validateOnly: true }
    expect((await client.call(CREATE_TOPICS, version, checked)).topics).toMatchObject([{ errorCode: 0 }])
    expect(await partitionsOf(`only-${version}`)).toBe(0)
  })

  it.each(versionsOf(DELETE_TOPICS))('are removed, in version %i', async (version) => {
    const name = `removed-${version}`
    await create(name)
    const topics = [name, 'never'].map((one) => ({ name: one, topicId: '0'.repeat(32) }))
    const request = version < 6 ? { topicNames: [name, 'never'] } : { topics }
    const { responses } = await client.call(DELETE_TOPICS, version, { topicNames: [], timeoutMs: 1_000, ...request })
    expect(responses.map((one) => [one.name, one.errorCode])).toEqual([
      [name, 0],
      ['never', 3],
    ])
    expect(await partitionsOf(name)).toBe(0)
  })

  it.each(versionsOf(CREATE_PARTITIONS))('become wider, in version %i', async (version) => {
    const name = `wider-${version}`
    await create(name, { numPartitions: 2 })
    const widen = async (count: number, validateOnly = false, assignments: readonly number[] | null = null) => {
      const given = assignments && assignments.map((node) => ({ brokerIds: [node] }))
      const topics = [{ name, count, assignments: given }]
      const answer = await client.call(CREATE_PARTITIONS, version, { topics, timeoutMs: 1_000, validateOnly })
      return answer.results[0]!.errorCode
    }
    expect([await widen(3, true), await partitionsOf(name)]).toEqual([0, 2])
    expect([await widen(3), await partitionsOf(name)]).toEqual([0, 3])
    expect([await widen(5, false, [0, 0]), await partitionsOf(name)]).toEqual([0, 5])
    expect([await widen(5), await widen(4), await widen(7, false, [0]), await widen(6, false, [1])]).toEqual([
      ...[37, 37, 39, 39],
    ])
    expect(await partitionsOf(name)).toBe(5)
  })

  it.each(versionsOf(DESCRIBE_CONFIGS))('tell their settings, in version %i', async (version) => {
    const resources = [
      { resourceType: TOPIC, resourceName: 'standing', configurationKeys: null },
      { resourceType: TOPIC, resourceName: 'standing', configurationKeys: ['retention.ms', 'none'] },
      { resourceType: TOPIC, resourceName: 'never', configurationKeys: null },
      { resourceType: BROKER, resourceName: '0', configurationKeys: null },
      { resourceType: BROKER, resourceName: '7', configurationKeys: null },
      { resourceType: 8, resourceName: '0', configurationKeys: null },
    ]
    const { results } = await client.call(DESCRIBE_CONFIGS, version, { resources })
    expect(results.map(({ errorCode }) => errorCode)).toEqual([0, 0, 3, 0, 42, 42])
    expect(results[1]!.configs).toMatchObject([
      { name: 'retention.ms', value: '604800000', readOnly: true, isSensitive: false, synonyms: [] },
    ])
    expect(results[1]!.configs[0]).toMatchObject(version === 0 ? { isDefault: false } : { configSource: 1 })
    expect(results[3]!.configs.map(({ name, value }) => [name, value])).toContainEqual([
      ...['auto.create.topics.enable', 'true'],
    ])
  })

  it('have the settings that were asked for, and those of the service where none were', async () => {
    await create('as-usual')
    expect(await partitionsOf('as-usual')).toBe(4)
    expect(await settingsOf('as-usual')).toEqual({
      ...{ 'cleanup.policy': 'delete', 'retention.ms': '604800000', 'message.timestamp.type': 'LogAppendTime' },
      ...{ 'max.message.bytes': '1048576', 'retention.bytes': '-1', 'compression.type': 'producer' },
    })
    const answer = await create('own', {
      configs: {
        ...{ 'retention.ms': '5400000', 'message.timestamp.type': 'CreateTime', 'segment.bytes': '1' },
        ...{ 'max.message.bytes': null },
      },
    })
    const asked = { 'retention.ms': '7200000', 'message.timestamp.type': 'CreateTime', 'cleanup.policy': 'delete' }
    expect(Object.fromEntries(answer.configs!.map(({ name, value }) => [name, value]))).toMatchObject(asked)
    expect(await settingsOf('own')).toMatchObject(asked)
    await create('latest', { configs: { 'cleanup.policy': 'compact' } })
    expect(await settingsOf('latest')).toMatchObject({ 'cleanup.policy': 'compact', 'retention.ms': '-1' })
    await create('both', { configs: { 'cleanup.policy': 'delete,compact', 'retention.ms': '3600000' } })
    expect(await settingsOf('both')).toMatchObject({ 'cleanup.policy': 'compact,delete', 'retention.ms': '3600000' })
  })

  it('are refused with the code that Kafka has for it, and do not keep others from being made', async () => {
    const assigned = (...brokers: readonly (readonly [number, number])[]) => ({
      assignments: brokers.map(([partitionIndex, broker]) => ({ partitionIndex, brokerIds: [broker] })),
    })
    const wanted: Readonly<Record<string, readonly [ReturnType<typeof newTopic>, number]>> = {
      'a topic that is there': [newTopic('standing'), 36],
      'the same in capitals': [newTopic('STANDING'), 36],
      'a bad name': [newTopic('_schemas'), 17],
      'a name with a slash': [newTopic('standing/x'), 17],
      'no name': [newTopic(''), 17],
      'no partition': [newTopic('x', { numPartitions: 0 }), 37],
      'no copy': [newTopic('x', { replicationFactor: 0 }), 38],
      'another broker': [newTopic('x', assigned([0, 1])), 39],
      'a gap': [newTopic('x', assigned([0, 0], [2, 0])), 39],
      'counted and assigned': [newTopic('x', { numPartitions: 2, ...assigned([0, 0]) }), 42],
      'an unknown setting': [newTopic('x', { configs: { 'no.such': '1' } }), 40],
      'a wrong time': [newTopic('x', { configs: { 'retention.ms': 'soon' } }), 40],
      'a wrong policy': [newTopic('x', { configs: { 'cleanup.policy': 'keep' } }), 40],
      'a wrong clock': [newTopic('x', { configs: { 'message.timestamp.type': 'Sundial' } }), 40],
      'a name of every object': [newTopic('x', { configs: { toString: '1' } }), 40],
      'kept for ever': [newTopic('x', { configs: { 'retention.ms': '-1' } }), 44],
      'a good one': [newTopic('good', assigned([1, 0], [0, 0])), 0],
    }
    const topics = Object.values(wanted).map(([topic]) => topic)
    for (const validateOnly of [true, false]) {
      const codes = (await createAll(topics, client, validateOnly)).map(({ errorCode }) => errorCode)
      expect(Object.fromEntries(Object.keys(wanted).map((what, i) => [what, codes[i]]))).toEqual(
        Object.fromEntries(Object.entries(wanted).map(([what, [, code]]) => [what, code])),
      )
    }
    expect([await partitionsOf('good'), await partitionsOf('x')]).toEqual([2, 0])
  })

  it('keep to the limits of their tier, and the refusal says so as Resource Manager does', async () => {
    expect(await create('wide', { numPartitions: 33 }, onStandard)).toMatchObject({
      errorCode: 44,
      errorMessage: expect.stringContaining('Valid range is 1-32.') as string,
    })
    const topics = [{ name: 'standing', count: 5, assignments: null }]
    const widened = await onStandard.call(CREATE_PARTITIONS, 3, { topics, timeoutMs: 1_000, validateOnly: false })
    expect(widened.results[0]).toMatchObject({
      errorCode: 44,
      errorMessage: expect.stringContaining(
        'can only be changed on a Dedicated Event Hub cluster or Premium',
      ) as string,
    })
    // Ten hubs are the most; two are there.
    const made = await createAll(
      Array.from({ length: 9 }, (_, i) => newTopic(`more-${i}`)),
      onStandard,
    )
    expect(made.map(({ errorCode }) => errorCode)).toEqual([...Array<number>(8).fill(0), 44])
    expect(made.at(-1)!.errorMessage).toContain('The maximum number of resources of type EventHub')
  })

  it('have no ids here', async () => {
    const topics = [{ name: null, topicId: 'ab'.repeat(16) }]
    const { responses } = await client.call(DELETE_TOPICS, 6, { topics, timeoutMs: 1_000 })
    expect(responses).toMatchObject([{ name: null, topicId: 'ab'.repeat(16), errorCode: 100 }])
  })

  it('are for who may manage the namespace; who has a right for a hub sees its settings', async () => {
    const narrow = await connect(azure, azure.where.narrow)
    expect(await create('mine', {}, narrow)).toMatchObject({ errorCode: 29 })
    const removed = await narrow.call(DELETE_TOPICS, 5, { topicNames: ['narrow'], timeoutMs: 1_000 })
    expect(removed.responses[0]!.errorCode).toBe(29)
    const topics = [{ name: 'narrow', count: 9, assignments: null }]
    const widened = await narrow.call(CREATE_PARTITIONS, 3, { topics, timeoutMs: 1_000, validateOnly: false })
    expect(widened.results[0]!.errorCode).toBe(29)
    expect((await describeTopic('narrow', null, narrow)).errorCode).toBe(0)
    expect((await describeTopic('standing', null, narrow)).errorCode).toBe(29)
    narrow.close()
  })
})
