import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  DELETE_GROUPS,
  DESCRIBE_GROUPS,
  HEARTBEAT,
  JOIN_GROUP,
  LEAVE_GROUP,
  LIST_GROUPS,
  SYNC_GROUP,
} from '../../../../src/local/kafka/wire/apis/groups.ts'
import { OFFSET_COMMIT, OFFSET_DELETE, OFFSET_FETCH } from '../../../../src/local/kafka/wire/apis/offsets.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { HUB, startTestBroker, type TestBroker, testDirectory } from '../../amqp/support/local.ts'
import { TestClient } from '../support/client.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

let clock: ManualClock
let test: TestBroker
let client: TestClient
const clients: TestClient[] = []
const signIn = async (rule = test.directory.rules()[0]!): Promise<TestClient> => {
  const one = await TestClient.signedIn(test.broker.kafkaPort, test.connectionString({ hub: null, rule }))
  clients.push(one)
  return one
}
beforeEach(async () => {
  clock = new ManualClock()
  test = await startTestBroker({ mode: 'memory', clock })
  test.directory.addHub('orders', { partitionCount: 2 })
  client = await signIn()
})
afterEach(async () => {
  for (const one of clients.splice(0)) one.close()
  await test.stop()
})

const versionsOf = ({ versions: [first, last] }: { readonly versions: readonly [number, number] }) =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i)

/** What Kafka's consumers say of themselves: version 0, topics, no user data. */
function subscription(...topics: readonly string[]): Buffer {
  const parts = topics.map((topic) => Buffer.concat([Buffer.from([0, topic.length]), Buffer.from(topic)]))
  const none = Buffer.from([0xff, 0xff, 0xff, 0xff])
  return Buffer.concat([Buffer.from([0, 0, 0, 0, 0, topics.length]), ...parts, none])
}

/** The first generation waits for more members: time passes while a group does so, and only then. */
async function afterDelay<T>(answer: Promise<T>): Promise<T> {
  let isOpen = true
  const over = () => (isOpen = false)
  void answer.then(over, over)
  while (isOpen) {
    if (clock.pending.some((ms) => ms <= 100)) clock.advance(100)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return answer
}
const askToJoin = (version: number, fields: object = {}, by = client) =>
  by.call(JOIN_GROUP, version, {
    ...{ groupId: 'trainer', sessionTimeoutMs: 6_000, rebalanceTimeoutMs: 6_000, memberId: '' },
    ...{ protocolType: 'consumer', protocols: [{ name: 'range', metadata: subscription(HUB) }] },
    ...fields,
  })
const join = (...asked: Parameters<typeof askToJoin>) => afterDelay(askToJoin(...asked))
const described = async (version: number, groups: readonly string[], by = client) =>
  (await by.call(DESCRIBE_GROUPS, version, { groups })).groups
const sync = (version: number, fields: object, by = client) =>
  by.call(SYNC_GROUP, version, { groupId: 'trainer', generationId: 1, memberId: '', assignments: [], ...fields })

/** A group of one member, who has its share. */
async function stable(groupId = 'trainer', fields: object = {}): Promise<string> {
  const { memberId } = await join(5, { groupId, ...fields })
  await sync(3, { groupId, memberId, assignments: [{ memberId, assignment: Buffer.from('all') }] })
  return memberId
}

const toCommit = (offset: number, fields: object = {}) => ({
  ...{ groupId: 'trainer', generationIdOrMemberEpoch: -1, memberId: '' },
  topics: [{ name: HUB, partitions: [{ partitionIndex: 1, committedOffset: offset, committedMetadata: 'here' }] }],
  ...fields,
})
const commit = async (version: number, fields: object = {}, by = client) => {
  const { topics } = await by.call(OFFSET_COMMIT, version, toCommit(7, fields))
  return topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode))
}
const fetchAll = async (groupId: string, by = client) => {
  const { topics } = await by.call(OFFSET_FETCH, 5, { groupId, topics: null })
  return topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex, committedOffset }) => `${name} ${partitionIndex}: ${committedOffset}`),
  )
}

describe('membership', () => {
  it.each(versionsOf(JOIN_GROUP))(
    'in version %i of JoinGroup gives an id at once, and the leader the members',
    async (version) => {
      const [other, onlooker] = [await signIn(), await signIn()]
      const asked = Promise.all([askToJoin(version), askToJoin(version, {}, other)])
      await expect
        .poll(async () => (await described(5, ['trainer'], onlooker))[0]!.members, { interval: 1 })
        .toHaveLength(2)
      const [leader, follower] = await afterDelay(asked)
      const lead = leader.members.length > 0 ? leader : follower
      expect([leader.errorCode, follower.errorCode, leader.generationId, follower.generationId]).toEqual([0, 0, 1, 1])
      expect([leader.leader, follower.leader]).toEqual([lead.memberId, lead.memberId])
      expect(lead).toMatchObject({ protocolName: 'range', protocolType: version >= 7 ? 'consumer' : null })
      expect(new Set(lead.members.map(({ memberId }) => memberId))).toEqual(
        new Set([leader.memberId, follower.memberId]),
      )
      expect(lead.members[0]!.metadata).toEqual(subscription(HUB))

      const assignments = lead.members.map(({ memberId }) => ({ memberId, assignment: Buffer.from(`of ${memberId}`) }))
      const v = Math.min(version, 5)
      const shares = await Promise.all([
        sync(v, { memberId: leader.memberId, assignments: leader === lead ? assignments : [] }),
        sync(v, { memberId: follower.memberId, assignments: follower === lead ? assignments : [] }, other),
      ])
      expect(shares.map(({ assignment }) => assignment.toString())).toEqual([
        `of ${leader.memberId}`,
        `of ${follower.memberId}`,
      ])
      const beat = { groupId: 'trainer', generationId: 1, memberId: leader.memberId }
      expect(await client.call(HEARTBEAT, Math.min(version, 4), beat)).toEqual({ throttleTimeMs: 0, errorCode: 0 })
    },
  )

  it.each(versionsOf(LEAVE_GROUP))('ends in version %i of LeaveGroup', async (version) => {
    const memberId = await stable()
    const leave = () =>
      client.call(LEAVE_GROUP, version, {
        ...{ groupId: 'trainer', memberId },
        members: [
          { memberId, groupInstanceId: null },
          { memberId: 'nobody', groupInstanceId: null },
        ],
      })
    const answer = await leave()
    expect(answer.errorCode).toBe(0)
    expect(answer.members.map(({ errorCode }) => errorCode)).toEqual(version < 3 ? [] : [0, 25])
    expect(await leave()).toMatchObject({ errorCode: 25, members: [] })
  })

  it('is refused by name', async () => {
    const listen = await signIn(test.directory.addRule('send-only', ['Send']))
    expect(await join(9, {}, listen)).toMatchObject({ errorCode: 30, generationId: -1, members: [] })
    expect((await sync(5, { memberId: 'm' }, listen)).errorCode).toBe(30)
    expect((await listen.call(HEARTBEAT, 4, { groupId: 'trainer', generationId: 1, memberId: 'm' })).errorCode).toBe(30)
    expect((await listen.call(LEAVE_GROUP, 5, { groupId: 'trainer', members: [] })).errorCode).toBe(30)
    expect(await commit(9, {}, listen)).toEqual([30])

    expect((await join(5, { groupId: '' })).errorCode).toBe(24)
    expect((await join(0, { groupId: 'x'.repeat(257) })).errorCode).toBe(24)
    expect((await join(5, { sessionTimeoutMs: 5_999 })).errorCode).toBe(26)
    expect((await join(5, { memberId: 'nobody' })).errorCode).toBe(25)
    expect((await join(5, { protocols: [] })).errorCode).toBe(23)
    const memberId = await stable()
    expect((await client.call(HEARTBEAT, 0, { groupId: 'trainer', generationId: 9, memberId })).errorCode).toBe(22)
    expect((await sync(3, { memberId, generationId: 9 })).errorCode).toBe(22)
  })

  it('of a static member passes to the next of its name', async () => {
    const pod = { groupInstanceId: 'pod-0' }
    const first = await stable('trainer', pod)
    const second = await join(9, { ...pod, memberId: '' })
    expect(second).toMatchObject({ errorCode: 0, generationId: 1, skipAssignment: true })
    expect((await sync(5, { memberId: second.memberId, ...pod })).assignment.toString()).toBe('all')
    const beat = { groupId: 'trainer', generationId: 1, memberId: first, ...pod }
    expect((await client.call(HEARTBEAT, 4, beat)).errorCode).toBe(82)
    const leave = { groupId: 'trainer', members: [{ memberId: '', ...pod }] }
    expect((await client.call(LEAVE_GROUP, 5, leave)).members).toEqual([{ memberId: '', ...pod, errorCode: 0 }])
  })
})

describe('offsets', () => {
  it.each(versionsOf(OFFSET_COMMIT))('are kept in version %i of OffsetCommit', async (version) => {
    expect(await commit(version)).toEqual([0])
    expect(await fetchAll('trainer')).toEqual([`${HUB} 1: 7`])
  })

  it.each(versionsOf(OFFSET_FETCH))(
    'are given in version %i of OffsetFetch, and -1 where there are none',
    async (version) => {
      await commit(6, { topics: toCommit(7).topics.map((topic) => ({ ...topic, name: HUB.toUpperCase() })) })
      const topics = [
        { name: HUB, partitionIndexes: [0, 1] },
        { name: 'nothing', partitionIndexes: [3] },
      ]
      const groups = [
        { groupId: 'trainer', topics },
        { groupId: 'other', topics: null },
      ]
      const answer = await client.call(OFFSET_FETCH, version, { groupId: 'trainer', topics, groups })
      const [ours, other] = version < 8 ? [answer, { topics: [], errorCode: 0 }] : answer.groups
      const place = (partitionIndex: number, committedOffset: number, metadata: string) => ({
        partitionIndex,
        committedOffset,
        committedLeaderEpoch: -1,
        metadata,
        errorCode: 0,
      })
      expect(ours).toMatchObject({
        errorCode: 0,
        topics: [
          { name: HUB, partitions: [place(0, -1, ''), place(1, 7, 'here')] },
          { name: 'nothing', partitions: [place(3, -1, '')] },
        ],
      })
      expect(other).toMatchObject({ errorCode: 0, topics: [] })
    },
  )

  it('are those of members while there are some', async () => {
    const memberId = await stable()
    expect(await commit(7)).toEqual([25])
    expect(await commit(7, { memberId, generationIdOrMemberEpoch: 2 })).toEqual([22])
    expect(await commit(7, { memberId, generationIdOrMemberEpoch: 1 })).toEqual([0])
    const gone = { groupId: 'gone', memberId, generationIdOrMemberEpoch: 1 }
    expect([await commit(8, gone), await commit(9, gone)]).toEqual([[22], [69]])
  })

  it('are refused one by one', async () => {
    test.directory.addHub('closed', { status: 'ReceiveDisabled' })
    const ofOne = await signIn(test.directory.addRule('reader', ['Listen'], { hub: HUB }))
    const partition = (partitionIndex: number, committedMetadata: string | null = null) => ({
      ...{ partitionIndex, committedOffset: 1, committedMetadata },
    })
    const topics = [
      {
        name: HUB,
        partitions: [partition(0, 'x'.repeat(1_025)), partition(1, 'ä'.repeat(512)), partition(4), partition(-1)],
      },
      { name: 'orders', partitions: [partition(0)] },
      { name: 'closed', partitions: [partition(0)] },
      { name: 'nothing', partitions: [partition(0)] },
      { name: `${HUB}/below`, partitions: [partition(0)] },
    ]
    expect(await commit(9, { topics })).toEqual([12, 0, 3, 3, 0, 29, 3, 3])
    expect(await fetchAll('trainer')).toEqual([`${HUB} 1: 1`, 'orders 0: 1'])
    expect(await commit(9, { topics }, ofOne)).toEqual([12, 0, 3, 3, 29, 29, 29, 3])
    expect(await fetchAll('trainer', ofOne)).toEqual([`${HUB} 1: 1`])
    const { groups } = await ofOne.call(OFFSET_FETCH, 8, {
      groups: [{ groupId: 'trainer', topics: [{ name: 'orders', partitionIndexes: [0] }] }],
    })
    expect(groups[0]!.topics[0]!.partitions[0]).toMatchObject({ errorCode: 29, committedOffset: -1 })
  })

  it('outlive the broker, and the group is there', async () => {
    const folder = temporaryFolder()
    const directory = testDirectory()
    await test.stop()
    test = await startTestBroker({ folder, directory, clock })
    client = await signIn()
    expect(await commit(7)).toEqual([0])
    const memberId = await stable()
    await commit(7, { memberId, generationIdOrMemberEpoch: 1, topics: toCommit(9).topics })
    await test.broker.close()

    test = await startTestBroker({ folder, directory, clock })
    client = await signIn()
    expect(await fetchAll('trainer')).toEqual([`${HUB} 1: 9`])
    expect((await client.call(LIST_GROUPS, 4, {})).groups).toEqual([
      { groupId: 'trainer', protocolType: '', groupState: 'Empty' },
    ])
    // Its old member finds out, and joins anew.
    expect(await commit(7, { memberId, generationIdOrMemberEpoch: 1 })).toEqual([25])
  })
})

describe('administration', () => {
  it.each(versionsOf(DESCRIBE_GROUPS))('describes groups in version %i', async (version) => {
    const memberId = await stable('trainer', { groupInstanceId: 'pod-0' })
    await commit(6, { groupId: 'idle' })
    await join(5, { groupId: 'starting' }, await signIn())
    const [live, idle, starting, dead] = await described(version, ['trainer', 'idle', 'starting', 'none'])
    expect(live).toMatchObject({
      ...{ errorCode: 0, groupId: 'trainer', groupState: 'Stable', protocolType: 'consumer', protocolData: 'range' },
      members: [{ memberId, clientId: 'test', clientHost: '/127.0.0.1', memberMetadata: subscription(HUB) }],
    })
    expect(live!.members[0]!.memberAssignment.toString()).toBe('all')
    expect(live!.members[0]!.groupInstanceId).toBe(version < 4 ? null : 'pod-0')
    expect(starting).toMatchObject({
      groupState: 'CompletingRebalance',
      protocolData: '',
      members: [{ memberAssignment: Buffer.alloc(0) }],
    })
    expect([idle, dead].map((one) => [one!.errorCode, one!.groupState])).toEqual([
      [0, 'Empty'],
      [0, 'Dead'],
    ])
  })

  it.each(versionsOf(LIST_GROUPS))('lists groups in version %i', async (version) => {
    await stable()
    await commit(6, { groupId: 'idle' })
    const { groups } = await client.call(LIST_GROUPS, version, {})
    expect(groups).toEqual([
      { groupId: 'trainer', protocolType: 'consumer', groupState: version < 4 ? '' : 'Stable' },
      { groupId: 'idle', protocolType: '', groupState: version < 4 ? '' : 'Empty' },
    ])
    const { groups: empty } = await client.call(LIST_GROUPS, 4, { statesFilter: ['empty', 'Dead'] })
    expect(empty.map(({ groupId }) => groupId)).toEqual(['idle'])
  })

  it.each(versionsOf(DELETE_GROUPS))('deletes groups in version %i', async (version) => {
    await stable()
    const topics = [...toCommit(7).topics, { ...toCommit(7).topics[0]!, name: 'orders' }]
    await commit(6, { groupId: 'idle', topics })
    const ofOne = await signIn(test.directory.addRule('reader', ['Listen'], { hub: HUB }))
    const groupsNames = ['trainer', 'idle', 'none']
    const codes = async (by: TestClient) =>
      (await by.call(DELETE_GROUPS, version, { groupsNames })).results.map(({ errorCode }) => errorCode)
    expect(await codes(ofOne)).toEqual([68, 30, 69])
    expect(await codes(client)).toEqual([68, 0, 69])
    expect(await fetchAll('idle')).toEqual([])
  })

  it('is for who may read all that the group is about', async () => {
    const ofOne = await signIn(test.directory.addRule('reader', ['Listen'], { hub: HUB }))
    const protocols = (...topics: readonly string[]) => ({
      protocols: [{ name: 'range', metadata: subscription(...topics) }],
    })
    const foreign = await stable('foreign', protocols('orders'))
    const mixed = await stable('mixed', protocols(HUB, 'orders'))
    const instance = { groupInstanceId: 'pod-0' }
    await stable('static', { ...protocols('orders'), ...instance })
    const strange = await stable('strange', { protocols: [{ name: 'range', metadata: Buffer.from([0, 0, 0, 9]) }] })
    await join(5, { groupId: 'starting', ...protocols('orders') })
    await commit(6, { groupId: 'idle', topics: [{ ...toCommit(7).topics[0]!, name: 'orders' }] })
    const ours = await stable('ours', protocols(HUB.toUpperCase()))
    await commit(7, { groupId: 'ours', memberId: ours, generationIdOrMemberEpoch: 1 })

    const names = ['foreign', 'mixed', 'static', 'strange', 'starting', 'idle', 'ours', 'none']
    const codes = async (by: TestClient) =>
      (await by.call(DESCRIBE_GROUPS, 5, { groups: names })).groups.map(({ errorCode, members }) => [
        ...[errorCode, members.length],
      ])
    expect(await codes(ofOne)).toEqual([
      [30, 0],
      [30, 0],
      [30, 0],
      [30, 0],
      [30, 0],
      [30, 0],
      [0, 1],
      [0, 0],
    ])
    expect(await codes(client)).toEqual([
      [0, 1],
      [0, 1],
      [0, 1],
      [0, 1],
      [0, 1],
      [0, 0],
      [0, 1],
      [0, 0],
    ])
    expect((await ofOne.call(LIST_GROUPS, 4, {})).groups.map(({ groupId }) => groupId)).toEqual(['ours'])
    const { results } = await ofOne.call(DELETE_GROUPS, 2, { groupsNames: names })
    expect(results.map(({ errorCode }) => errorCode)).toEqual([30, 30, 30, 30, 30, 30, 68, 69])

    for (const [groupId, memberId] of [
      ['foreign', foreign],
      ['mixed', mixed],
      ['strange', strange],
    ] as const) {
      expect((await ofOne.call(LEAVE_GROUP, 0, { groupId, memberId })).errorCode).toBe(30)
      expect((await client.call(HEARTBEAT, 4, { groupId, generationId: 1, memberId })).errorCode).toBe(0)
    }
    const toEnd = { groupId: 'static', members: [{ memberId: '', ...instance }] }
    expect((await ofOne.call(LEAVE_GROUP, 5, toEnd)).members).toMatchObject([{ errorCode: 30 }])
    expect((await client.call(LEAVE_GROUP, 5, toEnd)).members).toMatchObject([{ errorCode: 0 }])
    expect((await ofOne.call(LEAVE_GROUP, 0, { groupId: 'ours', memberId: ours })).errorCode).toBe(0)
  })

  it('leaves to each member what is its own, whatever it reads', async () => {
    const rule = test.directory.addRule('reader', ['Listen'], { hub: HUB })
    const [one, other] = [await signIn(rule), await signIn(rule)]
    const fields = { protocols: [{ name: 'range', metadata: subscription(HUB, 'orders') }] }
    const { memberId } = await join(5, fields, one)
    const member = { groupId: 'trainer', memberId }
    const beat = (by: TestClient) => by.call(HEARTBEAT, 4, { ...member, generationId: 1 })
    expect(await sync(3, { memberId }, one)).toMatchObject({ errorCode: 0 })
    expect(await beat(one)).toMatchObject({ errorCode: 0 })
    expect(await commit(7, { ...member, generationIdOrMemberEpoch: 1 }, one)).toEqual([0])
    expect(await other.call(LEAVE_GROUP, 0, member)).toMatchObject({ errorCode: 30 })
    // Its client has another connection now.
    expect(await join(5, { ...fields, memberId }, other)).toMatchObject({ errorCode: 0, memberId })
    expect(await one.call(LEAVE_GROUP, 0, member)).toMatchObject({ errorCode: 30 })
    expect(await other.call(LEAVE_GROUP, 0, member)).toMatchObject({ errorCode: 0 })
  })

  it('deletes offsets, but of no topic that a member reads', async () => {
    const topics = [...toCommit(7).topics, { ...toCommit(7).topics[0]!, name: 'orders' }]
    await commit(6, { topics })
    const remove = (groupId = 'trainer', by = client) =>
      by.call(OFFSET_DELETE, 0, {
        groupId,
        topics: [HUB, 'orders', 'nothing'].map((name) => ({
          ...{ name, partitions: [{ partitionIndex: 1 }, { partitionIndex: 99 }] },
        })),
      })
    const codes = (answer: Awaited<ReturnType<typeof remove>>) =>
      answer.topics.map(({ partitions }) => partitions[0]!.errorCode)
    await stable()
    const answer = await remove()
    expect(codes(answer)).toEqual([86, 0, 3])
    expect(answer.topics[1]!.partitions[1]!.errorCode).toBe(3)
    expect(await fetchAll('trainer')).toEqual([`${HUB} 1: 7`])
    expect((await remove('none')).errorCode).toBe(69)
    await stable('workers', { protocolType: 'connect' })
    expect((await remove('workers')).errorCode).toBe(68)
    await stable('strange', { protocols: [{ name: 'range', metadata: Buffer.from([0, 0, 0, 9]) }] })
    expect(codes(await remove('strange'))).toEqual([86, 86, 3])
    expect((await remove('trainer', await signIn(test.directory.addRule('send-only', ['Send'])))).errorCode).toBe(30)
  })
})
