import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { JOIN_GROUP, LEAVE_GROUP, SYNC_GROUP } from '../../../src/local/kafka/wire/apis/groups.ts'
import { OFFSET_COMMIT, OFFSET_FETCH } from '../../../src/local/kafka/wire/apis/offsets.ts'
import { METADATA } from '../../../src/local/kafka/wire/apis/session.ts'
import { startTestBroker, type TestBroker } from '../amqp/support/local.ts'
import { TestClient } from './support/client.ts'
import { commitOffsets, LONG_REQUESTS } from './support/long-requests.ts'

/** Forty turns. */
const MANY = 8_000
/** More than are taken. */
const BEYOND = 50_001

let broker: TestBroker
beforeAll(async () => {
  broker = await startTestBroker({ mode: 'memory' })
  await commitOffsets(broker)
})
afterAll(() => broker.stop())

async function signedIn(): Promise<TestClient> {
  const client = await TestClient.signedIn(broker.broker.kafkaPort, broker.connectionString())
  onTestFinished(() => client.close())
  return client
}

test.each(LONG_REQUESTS.map((one) => [one.title, one] as const))(
  'other connections have their turn in %s',
  async (_title, { encode }) => {
    const [long, other] = [await signedIn(), await signedIn()]
    const request = encode(MANY)
    let isAnswered = false
    long.raw.socket.write(request)
    const answered = long.raw.receive().then((answer) => {
      isAnswered = true
      return answer
    })
    // The first ones may come before the long request is whole.
    for (let i = 0; i < 6; i++) await other.call(METADATA, 9, { topics: [{ name: 'clicks' }] })
    expect(isAnswered).toBe(false)
    expect((await answered)?.length).toBeGreaterThan(MANY)
  },
)

test('a request with more elements than anybody needs ends its connection', async () => {
  const describeGroups = LONG_REQUESTS.find(({ title }) => title.startsWith('DescribeGroups'))!
  const client = await signedIn()
  client.raw.socket.write(describeGroups.encode(BEYOND))
  expect(await client.raw.receive()).toBeUndefined()
  expect(broker.lines).toContainEqual(expect.stringContaining('More than 50000 elements in its lists'))
})

test('a member that leaves while it commits commits no more', async () => {
  const [member, other] = [await signedIn(), await signedIn()]
  const { memberId, generationId } = await member.call(JOIN_GROUP, 5, {
    ...{ groupId: 'left', sessionTimeoutMs: 6_000, memberId: '', protocolType: 'consumer' },
    protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
  })
  await member.call(SYNC_GROUP, 3, { groupId: 'left', generationId, memberId, assignments: [] })
  const partitions = [{ partitionIndex: 0, committedOffset: 1, committedMetadata: null }]
  member.send(OFFSET_COMMIT, 8, {
    ...{ groupId: 'left', generationIdOrMemberEpoch: generationId, memberId },
    topics: Array.from({ length: MANY }, () => ({ name: 'clicks', partitions })),
  })
  // Until the first one is there.
  const asked = { groupId: 'left', topics: [{ name: 'clicks', partitionIndexes: [0] }] }
  const offset = async () => (await other.call(OFFSET_FETCH, 5, asked)).topics[0]!.partitions[0]!.committedOffset
  while ((await offset()) < 0);
  await other.call(LEAVE_GROUP, 3, { groupId: 'left', members: [{ memberId, groupInstanceId: null }] })
  const committed = await member.receive(OFFSET_COMMIT, 8)
  const codes = committed!.topics.map((topic) => topic.partitions[0]!.errorCode)
  expect([codes[0], codes.at(-1)]).toEqual([0, 25])
})

test('a name that is asked for twice is told once', async () => {
  const client = await signedIn()
  const { topics } = await client.call(METADATA, 9, {
    topics: ['clicks', 'CLICKS', 'clicks'].map((name) => ({ name })),
  })
  expect(topics.map(({ name }) => name)).toEqual(['clicks', 'CLICKS'])
})
