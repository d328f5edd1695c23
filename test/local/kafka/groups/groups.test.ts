import { afterEach, expect, it } from 'vitest'
import { appendEvents } from '../../../../src/local/hubs/events.ts'
import { Hubs } from '../../../../src/local/hubs/hubs.ts'
import { KafkaError } from '../../../../src/local/kafka/errors.ts'
import { Groups } from '../../../../src/local/kafka/groups/groups.ts'
import type { JoinRequest } from '../../../../src/local/kafka/groups/member.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { HUB, NAMESPACE, testDirectory } from '../../amqp/support/local.ts'

const opened: Hubs[] = []
afterEach(() => {
  for (const hubs of opened.splice(0)) hubs.close()
})

function open(maxPartitionBytes = 2 ** 20) {
  const directory = testDirectory()
  const clock = new ManualClock()
  const hubs = new Hubs({ directory, clock, storage: 'memory', log: () => undefined, maxPartitionBytes })
  opened.push(hubs)
  const commit = (group: string, partition: number, offset: number, hub = HUB) =>
    hubs.commitOffsets(directory.hub(NAMESPACE, hub)!, group, [[partition, { offset, leaderEpoch: -1, metadata: '' }]])
  const send = (partition: number, count: number, bytes = 1) =>
    appendEvents(hubs, {
      ...{ namespace: NAMESPACE, hub: HUB, partition: String(partition) },
      events: Array.from({ length: count }, () => ({ body: Buffer.alloc(bytes) })),
    })
  return { directory, clock, hubs, groups: new Groups(hubs), commit, send }
}

const request = (fields: Partial<JoinRequest> = {}): JoinRequest => ({
  ...{
    memberId: '',
    instanceId: null,
    client: { id: 'client', host: '/127.0.0.1', connection: new AbortController().signal },
  },
  ...{ protocolType: 'consumer', protocols: [{ name: 'range', metadata: Buffer.alloc(0) }], canSkipAssignment: true },
  ...{ sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 60_000 },
  ...fields,
})
const settle = () => new Promise((resolve) => setImmediate(resolve))
const codeOf = async (work: () => unknown): Promise<number> => {
  try {
    await work()
    return 0
  } catch (error) {
    if (error instanceof KafkaError) return error.code
    throw error
  }
}
const EMPTY = { name: '', metadata: Buffer.alloc(0) }
const outsider = { generation: -1, memberId: '', instanceId: null }

it('refuses ids and sessions beyond the bounds of the service', async () => {
  const { groups, clock } = open()
  const sessions = [5_999, 300_001].map((ms) =>
    codeOf(() => groups.join(NAMESPACE, 'a', request({ sessionTimeoutMs: ms }))),
  )
  expect(await Promise.all(sessions)).toEqual([26, 26])
  const ids = ['', 'x'.repeat(257)]
  for (const id of ids) {
    expect(await codeOf(() => groups.join(NAMESPACE, id, request()))).toBe(24)
    expect(await codeOf(() => groups.need(NAMESPACE, id))).toBe(24)
    expect(await codeOf(() => groups.admitCommit(NAMESPACE, id, outsider, 'groupIdNotFound'))).toBe(24)
  }
  const longest = groups.join(NAMESPACE, 'x'.repeat(256), request({ sessionTimeoutMs: 6_000 }))
  clock.advance(100)
  expect((await longest).generation).toBe(1)
  groups.close()
})

it('has a group as long as it has members or offsets, and knows them by case and namespace', async () => {
  const { groups, clock, commit } = open()
  const joined = groups.join(NAMESPACE, 'Trainer', request())
  clock.advance(100)
  const { memberId } = await joined
  const inOther = [groups.find(NAMESPACE, 'trainer'), groups.find('other', 'Trainer')]
  expect(inOther).toEqual([undefined, undefined])
  expect([...groups.ids(NAMESPACE)]).toEqual(['Trainer'])
  groups.need(NAMESPACE, 'Trainer').leave([{ memberId, instanceId: null }], () => undefined)
  expect([...groups.ids(NAMESPACE)]).toEqual([])
  commit('Trainer', 0, 3)
  expect([[...groups.ids(NAMESPACE)], [...groups.ids('other')]]).toEqual([['Trainer'], []])

  expect(await codeOf(() => groups.join(NAMESPACE, 'Trainer', request({ memberId })))).toBe(25)
  expect(await codeOf(() => groups.join(NAMESPACE, 'refused', request({ protocols: [] })))).toBe(23)
  expect(groups.find(NAMESPACE, 'refused')).toBeUndefined()
  expect(await codeOf(() => groups.delete(NAMESPACE, 'trainer'))).toBe(69)
  groups.delete(NAMESPACE, 'Trainer')
  expect([...groups.ids(NAMESPACE)]).toEqual([])
  await settle()
})

it('lets anybody commit where nobody is in the group, and who says to be in it only if it is', async () => {
  const { groups, clock, commit } = open()
  const member = { generation: 3, memberId: 'client-1', instanceId: null }
  const admit = (request: typeof member, unknown: 'groupIdNotFound' | 'illegalGeneration') =>
    codeOf(() => groups.admitCommit(NAMESPACE, 'trainer', request, unknown))
  expect(await admit(outsider, 'groupIdNotFound')).toBe(0)
  expect(await admit(member, 'groupIdNotFound')).toBe(69)
  expect(await admit(member, 'illegalGeneration')).toBe(22)
  commit('trainer', 0, 3)
  expect(await admit(member, 'groupIdNotFound')).toBe(25)
  const joined = groups.join(NAMESPACE, 'trainer', request())
  clock.advance(100)
  await joined
  expect(await admit(outsider, 'groupIdNotFound')).toBe(25)
  expect(await codeOf(() => groups.delete(NAMESPACE, 'trainer'))).toBe(68)
  groups.close()
})

it('has at most 1,000 groups in a namespace, and those that are there go on', async () => {
  const { groups, commit } = open()
  for (let i = 0; i < 1_000; i++) commit(`group-${i}`, 0, i)
  expect(await codeOf(() => groups.join(NAMESPACE, 'one-more', request()))).toBe(44)
  expect(await codeOf(() => groups.admitCommit(NAMESPACE, 'one-more', outsider, 'groupIdNotFound'))).toBe(44)
  expect(await codeOf(() => groups.admitCommit(NAMESPACE, 'group-7', outsider, 'groupIdNotFound'))).toBe(0)
  expect(await codeOf(() => groups.admitCommit('other', 'one-more', outsider, 'groupIdNotFound'))).toBe(0)
})

it('keeps no more of what members say than there is room for', async () => {
  const { groups, clock } = open()
  const saying = (bytes: number, fields: Partial<JoinRequest> = {}) =>
    request({ protocols: [{ name: 'range', metadata: Buffer.alloc(bytes) }], ...fields })
  const codes: number[] = []
  const join = (id: string, fields: JoinRequest) =>
    void groups.join(NAMESPACE, id, fields).then(
      () => codes.push(0),
      (error: KafkaError) => codes.push(error.code),
    )
  join('large', saying(65_536))
  join('large', request({ protocols: Array.from({ length: 500 }, (_, i) => ({ ...EMPTY, name: `${i}` })) }))
  join('large', request({ client: { ...request().client, id: 'x'.repeat(65_536) } }))
  await settle()
  expect([codes, groups.find(NAMESPACE, 'large')]).toEqual([[81, 81, 81], undefined])

  const first = groups.join(NAMESPACE, 'first', saying(60_000, { instanceId: 'pod-0' }))
  clock.advance(100)
  const { memberId } = await first
  for (let i = 0; i < 1_000; i++) join(`group ${i % 10}`, saying(60_000))
  await settle()
  const refused = codes.filter((code) => code === 81).length - 3
  expect(refused).toBeGreaterThan(400)
  expect(refused).toBeLessThan(600)
  // Whoever is in goes on, if it does not grow; another namespace has room of its own.
  const again = [{ memberId }, { instanceId: 'pod-0' }].map((one) =>
    codeOf(() => groups.join(NAMESPACE, 'first', saying(60_000, { instanceId: 'pod-0', ...one }))),
  )
  const other = codeOf(() => groups.join('other', 'first', saying(60_000)))
  clock.advance(100)
  expect(await Promise.all([...again, other])).toEqual([0, 0, 0])
  groups.close()
})

it('keeps no larger shares than there is room for', async () => {
  const { groups, clock } = open()
  const joined = groups.join(NAMESPACE, 'trainer', request())
  clock.advance(100)
  const { memberId, generation } = await joined
  const sync = (bytes: number) => {
    const assignments = new Map([[memberId, Buffer.alloc(bytes)]])
    const names = { protocolType: null, protocol: null, instanceId: null }
    return groups.sync(NAMESPACE, 'trainer', { memberId, generation, ...names, assignments })
  }
  expect(await codeOf(() => sync(65_537))).toBe(81)
  expect((await sync(65_536)).assignment).toHaveLength(65_536)
  // Shares that nobody may have room for, as there is no such member, are weighed all the same.
  const many = new Map(Array.from({ length: 600 }, (_, i) => [`${i}`, Buffer.alloc(65_536)]))
  const names = { protocolType: null, protocol: null, instanceId: null }
  expect(
    await codeOf(() => groups.sync(NAMESPACE, 'trainer', { memberId, generation, ...names, assignments: many })),
  ).toBe(81)
  groups.close()
})

it('tells how far behind each group is, in what can still be read', async () => {
  const { directory, groups, clock, commit, send } = open(40_000)
  directory.addHub('orders')
  await send(0, 10)
  await send(1, 5)
  commit('trainer', 0, 4)
  commit('trainer', 1, 5)
  commit('trainer', 2, 9)
  commit('trainer', 3, 0, 'orders')
  const joined = groups.join(NAMESPACE, 'starting', request())
  expect(groups.held()).toEqual([
    { namespace: NAMESPACE, group: 'starting', state: 'PreparingRebalance', members: 1, hubs: [] },
    {
      ...{ namespace: NAMESPACE, group: 'trainer', state: 'Empty', members: 0 },
      hubs: [
        { hub: HUB, lag: 6, committedPartitions: 3 },
        { hub: 'orders', lag: 0, committedPartitions: 1 },
      ],
    },
  ])
  clock.advance(100)
  await joined
  expect(groups.held()[0]).toMatchObject({ state: 'CompletingRebalance' })

  // The partition keeps 40 kB: what it drops, nobody can be behind of.
  for (let i = 0; i < 20; i++) await send(0, 10, 1_000)
  const lag = groups.held().find(({ group }) => group === 'trainer')!.hubs[0]!.lag
  expect(lag).toBeGreaterThan(10)
  expect(lag).toBeLessThanOrEqual(50)
  groups.close()
  expect(clock.pending.filter((ms) => ms > 5_000)).toEqual([])
})
