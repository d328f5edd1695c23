import { spawn } from 'node:child_process'
import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs'
import { OFFSET_COMMIT_V8 } from 'kafka-ts/dist/api/offset-commit/v8.js'
import { saslPlain } from 'kafka-ts/dist/auth/plain.js'
import { Broker } from 'kafka-ts/dist/broker.js'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { kafkaTargetOf } from '../../../src/data/connection-target.ts'
import { readKafkaGroups } from '../../../src/data/kafka/kafka-groups.ts'
import { KafkaOffsets } from '../../../src/data/kafka/kafka-offsets.ts'
import { findUnreadTimes } from '../../../src/data/unread-times.ts'
import { readPartitionStates } from '../../../src/data/partition-states.ts'
import { startLocalAzure, type LocalAzure, type LocalAzureOptions } from '../../../src/index.ts'
import type { KafkaEndpoint } from '../../../src/engine/connection.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { askHeld } from '../../../src/local/index.ts'
import { type Need, present } from '../../local/amqp/support/referee.ts'
import { sasConnection } from '../../ui/samples.ts'

const { signal } = new AbortController()
const KCAT: Need = { what: 'kcat', probe: ['kcat', '-V'], from: "Debian's kcat" }

async function started(options: LocalAzureOptions = {}): Promise<LocalAzure> {
  const azure = await startLocalAzure({ hubs: ['clicks', 'views'], ...options })
  onTestFinished(() => azure.stop())
  return azure
}

/** Sends so many events to the first partitions. */
async function send(azure: LocalAzure, counts: readonly number[], hub = 'clicks'): Promise<void> {
  const producer = new EventHubProducerClient(azure.hubs[hub]!)
  for (const [partition, count] of counts.entries()) {
    const events = Array.from({ length: count }, (_, i) => ({ body: String(i) }))
    if (count > 0) await producer.sendBatch(events, { partitionId: String(partition) })
  }
  await producer.close()
}

/** Offsets that a group commits in the first partitions. */
async function commit(azure: LocalAzure, groupId: string, offsets: readonly number[], name = 'clicks'): Promise<void> {
  const [host = '', port] = azure.kafkaBootstrapServers.split(':')
  const broker = new Broker({
    ...{ clientId: 'test', options: { host, port: Number(port) }, ssl: null },
    sasl: saslPlain({ username: '$ConnectionString', password: azure.connectionString }),
    ...{ requestTimeout: 5_000, connectTimeout: 5_000 },
  })
  await broker.connect()
  const partitions = offsets.map((offset, partitionIndex) => ({ partitionIndex, committedOffset: BigInt(offset) }))
  await broker.sendRequest(OFFSET_COMMIT_V8, {
    ...{ groupId, generationIdOrMemberEpoch: -1, memberId: '', groupInstanceId: null },
    topics: [
      {
        name,
        topicId: '',
        partitions: partitions.map((one) => ({ ...one, committedLeaderEpoch: -1, committedMetadata: null })),
      },
    ],
  })
  await broker.disconnect()
}

/** The partitions of a hub as they are now, and a connection to ask Kafka about them. */
async function offsetsOf(azure: LocalAzure, string = azure.hubs['clicks']!, hub = 'clicks'): Promise<KafkaOffsets> {
  const kafka: KafkaEndpoint = { servers: azure.kafkaBootstrapServers, protocol: 'SASL_PLAINTEXT' }
  const key = /SharedAccessKey=([^;]+)/.exec(string)![1]!
  const sign = { kind: 'sas', rule: 'rule', scope: 'hub', rights: ['Listen'], secondary: false } as const
  const connection = sasConnection({
    ...{ hub, host: `localhost:${azure.port}`, kafka },
    sign: { ...sign, key: new Secret(key), connectionString: new Secret(string) },
  })
  const consumer = new EventHubConsumerClient('$Default', azure.hubs[hub]!)
  const partitions = await readPartitionStates(consumer, signal)
  await consumer.close()
  const offsets = new KafkaOffsets(connection, { target: kafkaTargetOf(kafka), userAgent: 'test', partitions, signal })
  onTestFinished(() => offsets.close())
  return offsets
}

/** Reads the groups of a hub, as the lag of each partition. */
async function lagsOf(azure: LocalAzure, string?: string, hub?: string) {
  const offsets = await offsetsOf(azure, string, hub)
  const { partitions } = offsets
  const groups = await readKafkaGroups(offsets)
  await offsets.close()
  expect(groups.every(({ source }) => source === 'kafka')).toBe(true)
  const lagOf = (partition: string, next: number) =>
    partitions.find((state) => state.partition === partition)!.lastSequenceNumber + 1 - next
  return Object.fromEntries(
    groups.map(({ group, partitions: positions }) => [
      group,
      positions.map(({ partition, nextSequenceNumber }) => lagOf(partition, nextSequenceNumber)),
    ]),
  )
}

describe.each(['full', 'azure'] as const)('with the versions of range %s', (kafkaRange) => {
  test('groups that have committed, by hub, and nothing is left behind', async () => {
    const azure = await started({ kafkaRange })
    expect(await lagsOf(azure)).toEqual({})
    await send(azure, [10, 4, 0, 7])
    await send(azure, [5], 'views')
    await commit(azure, 'trainer', [4, 4, 0, 6])
    await commit(azure, 'part', [10])
    await commit(azure, 'elsewhere', [2], 'views')
    expect(await lagsOf(azure)).toEqual({ part: [0], trainer: [6, 0, 0, 1] })
    await send(azure, [100])
    expect(await lagsOf(azure)).toEqual({ part: [100], trainer: [106, 0, 0, 1] })
    await vi.waitFor(async () =>
      expect((await askHeld({ armEndpoint: azure.armEndpoint }))!.kafka).toMatchObject({ connections: 0 }),
    )
  })
})

test('the key of a hub, which sees the groups of this hub alone', async () => {
  const azure = await started()
  await send(azure, [3])
  await commit(azure, 'both', [1])
  await commit(azure, 'both', [0], 'views')
  await commit(azure, 'clicks-only', [2])
  expect(await lagsOf(azure)).toEqual({ 'clicks-only': [1] })
  expect(await lagsOf(azure, azure.connectionString)).toEqual({ both: [2], 'clicks-only': [1] })
})

test('a wrong key is an error with its name, without the key', async () => {
  const azure = await started()
  const wrong = azure.hubs['clicks']!.replace(/SharedAccessKey=[^;]+/, `SharedAccessKey=${'A'.repeat(43)}=`)
  const error = await lagsOf(azure, wrong).catch((one: unknown) => one)
  expect(error).toMatchObject({ code: 'SASL_AUTHENTICATION_FAILED' })
  expect(String(error)).not.toContain('AAAA')
})

test.skipIf(!present(KCAT))('a group of kcat that read, stopped, and fell behind', { timeout: 60_000 }, async () => {
  const azure = await started()
  await send(azure, [10, 20, 30, 40])
  const access = [
    ...['-b', azure.kafkaBootstrapServers, '-X', 'security.protocol=SASL_PLAINTEXT', '-X', 'sasl.mechanism=PLAIN'],
    ...['-X', 'sasl.username=$ConnectionString', '-X', `sasl.password=${azure.hubs['clicks']!}`],
  ]
  const child = spawn('kcat', [
    ...access,
    '-q',
    '-X',
    'auto.offset.reset=earliest',
    '-c',
    '100',
    '-G',
    'cats',
    'clicks',
  ])
  child.stdout.resume()
  await new Promise((resolve) => child.once('close', resolve))
  expect(await lagsOf(azure)).toEqual({ cats: [0, 0, 0, 0] })
  await send(azure, [1, 0, 5])
  expect(await lagsOf(azure)).toEqual({ cats: [1, 0, 5, 0] })
})

test('events that come meanwhile move no position, and no time', async () => {
  const azure = await started()
  await send(azure, [10])
  await commit(azure, 'trainer', [4])
  const sentMs = Date.now()
  const offsets = await offsetsOf(azure)
  await send(azure, [500])
  expect(await readKafkaGroups(offsets)).toMatchObject([{ partitions: [{ partition: '0', nextSequenceNumber: 4 }] }])
  const [found] = await findUnreadTimes(offsets, [{ partition: '0', nextSequenceNumber: 4 }], {
    ...{ retentionHours: 24, nowMs: Date.now() },
  })
  expect(Math.abs(found!.enqueuedMs - sentMs)).toBeLessThan(2_000)
})
