import { beforeEach, describe, expect, it } from 'vitest'
import { ERROR, KafkaError } from '../../../../src/local/kafka/errors.ts'
import { Group, type InGeneration } from '../../../../src/local/kafka/groups/group.ts'
import type { Joined, JoinRequest } from '../../../../src/local/kafka/groups/member.ts'
import type { MemberName } from '../../../../src/local/kafka/groups/roster.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const SESSION_MS = 10_000
const REBALANCE_MS = 60_000
const NEW_MEMBER_MS = 300_000

let clock: ManualClock
let group: Group
let ends: number
beforeEach(() => {
  clock = new ManualClock()
  ends = 0
  group = new Group(clock, () => ends++)
})

const settle = () => new Promise((resolve) => setImmediate(resolve))
const pass = async (ms: number) => {
  clock.advance(ms)
  await settle()
}

const protocols = (...names: readonly string[]) => names.map((name) => ({ name, metadata: Buffer.from(`of ${name}`) }))
const request = (fields: Partial<JoinRequest> = {}): JoinRequest => ({
  ...{
    memberId: '',
    instanceId: null,
    client: { id: 'client', host: '/127.0.0.1', connection: new AbortController().signal },
  },
  ...{ protocolType: 'consumer', protocols: protocols('range'), canSkipAssignment: true },
  ...{ sessionTimeoutMs: SESSION_MS, rebalanceTimeoutMs: REBALANCE_MS },
  ...fields,
})
const join = (fields: Partial<JoinRequest> = {}) => watched(group.join(request(fields)))
const leave = (names: readonly MemberName[]) => group.leave(names, () => undefined)
const name = ({ memberId, generation }: Joined, instanceId: string | null = null): InGeneration => ({
  ...{ memberId, generation, instanceId },
})
const sync = (joined: Joined, shares: Readonly<Record<string, string>> = {}, instanceId: string | null = null) =>
  watched(
    group
      .sync({
        ...{ ...name(joined, instanceId), protocolType: null, protocol: null },
        assignments: new Map(Object.entries(shares).map(([id, share]) => [id, Buffer.from(share)])),
      })
      .then(({ assignment }) => assignment.toString()),
  )

/** A promise whose end can be asked for. */
interface Watched<T> {
  readonly value: () => T
  readonly code: () => number | undefined
  readonly isOpen: () => boolean
}
function watched<T>(promise: Promise<T>): Watched<T> {
  let end: { readonly value: T } | { readonly error: unknown } | undefined
  promise.then(
    (value) => (end = { value }),
    (error: unknown) => (end = { error }),
  )
  return {
    value: () => {
      if (end && 'value' in end) return end.value
      throw new Error(end ? `Refused: ${String(end.error)}` : 'Still open')
    },
    code: () => (end && 'error' in end && end.error instanceof KafkaError ? end.error.code : undefined),
    isOpen: () => end === undefined,
  }
}

const codeOf = (work: () => unknown): number => {
  try {
    work()
    return ERROR.none
  } catch (error) {
    return (error as KafkaError).code
  }
}

/** A stable group of so many members; the leader first. */
async function stable(count: number, fields: (i: number) => Partial<JoinRequest> = () => ({})): Promise<Joined[]> {
  const joins = Array.from({ length: count }, (_, i) => join(fields(i)))
  await pass(100)
  await pass(100)
  const joined = joins.map(({ value }) => value())
  const shares = Object.fromEntries(joined.map(({ memberId }, i) => [memberId, `share ${i}`]))
  const synced = joined.map((one, i) => sync(one, i === 0 ? shares : {}, fields(i).instanceId ?? null))
  await settle()
  expect(synced.map(({ value }) => value())).toEqual(joined.map((_, i) => `share ${i}`))
  expect(group.state).toBe('Stable')
  return joined
}

describe('the first generation', () => {
  it('waits 100 ms for more members, and again while some come', async () => {
    const first = join()
    await pass(99)
    expect(first.isOpen()).toBe(true)
    const second = join()
    await pass(1)
    expect([first.isOpen(), second.isOpen()]).toEqual([true, true])
    await pass(100)
    const [leader, follower] = [first.value(), second.value()]
    expect(leader).toMatchObject({ generation: 1, leader: leader.memberId, protocol: 'range', skipsAssignment: false })
    expect(leader.members.map(({ memberId }) => memberId)).toEqual([leader.memberId, follower.memberId])
    expect(follower).toMatchObject({ generation: 1, leader: leader.memberId, members: [] })
    expect(leader.memberId).toMatch(/^client-/)
  })

  it('waits no longer than the rebalance timeout of its members', async () => {
    const first = join({ rebalanceTimeoutMs: 250 })
    for (let i = 0; i < 2; i++) {
      await pass(99)
      join({ rebalanceTimeoutMs: 250 })
      await pass(1)
    }
    expect(first.isOpen()).toBe(true)
    join({ rebalanceTimeoutMs: 250 })
    await pass(50)
    expect(first.value().members).toHaveLength(4)
  })
})

describe('a connection that ends', () => {
  const from = (connection: AbortController) => ({ client: { id: 'c', host: '/', connection: connection.signal } })

  it('takes with it who waits for the first generation: it was told no id to come back by', async () => {
    const [leader] = await stable(1)
    const gone = new AbortController()
    const ghost = join(from(gone))
    gone.abort()
    await settle()
    expect(ghost.code()).toBe(25)
    const again = join({ memberId: leader!.memberId })
    await settle()
    expect(again.value().members).toHaveLength(1)
  })

  it('ends a group where nobody else waits', async () => {
    const gone = new AbortController()
    join(from(gone))
    gone.abort()
    await settle()
    expect([ends, group.state, clock.pending]).toEqual([1, 'Empty', []])
  })

  it('takes with it nobody who was told its id, not even while it waits again', async () => {
    const gone = new AbortController()
    const [leader, follower] = await stable(2, () => from(gone))
    const waiting = join({ ...from(gone), memberId: leader!.memberId })
    gone.abort()
    await settle()
    expect(waiting.isOpen()).toBe(true)
    expect(codeOf(() => group.heartbeat(name(follower!)))).toBe(27)
  })
})

describe('a member that joins', () => {
  it.each([
    ['no protocol', { protocols: [] }],
    ['no type', { protocolType: '' }],
  ])('is refused with %s', async (_, fields) => {
    const joined = join(fields)
    await settle()
    expect(joined.code()).toBe(ERROR.inconsistentGroupProtocol)
  })

  it('is refused where it shares no protocol, or has another type', async () => {
    await stable(2, () => ({ protocols: protocols('range', 'sticky') }))
    const others = [join({ protocols: protocols('other') }), join({ protocolType: 'connect' })]
    await settle()
    expect(others.map(({ code }) => code())).toEqual([23, 23])
    expect(group.state).toBe('Stable')
  })

  it('votes for the protocol it likes best of those that all know', async () => {
    const votes = [
      ['a', 'b', 'c'],
      ['c', 'b'],
      ['x', 'c', 'b'],
    ]
    const joins = votes.map((names) => join({ protocols: protocols(...names) }))
    await pass(200)
    await pass(200)
    expect(joins[0]!.value()).toMatchObject({ protocol: 'c' })
    expect(joins[0]!.value().members.map(({ metadata }) => metadata.toString())).toEqual(votes.map(() => 'of c'))
  })

  it('makes the others join again, and who does not is out after the rebalance timeout', async () => {
    const [leader, follower] = await stable(2)
    const third = join()
    expect(codeOf(() => group.heartbeat(name(leader!)))).toBe(ERROR.rebalanceInProgress)
    const again = join({ memberId: leader!.memberId })
    for (let ms = 0; ms < REBALANCE_MS; ms += 5_000) {
      expect(third.isOpen()).toBe(true)
      expect(codeOf(() => group.heartbeat(name(follower!)))).toBe(ERROR.rebalanceInProgress)
      await pass(5_000)
    }
    expect(again.value().members.map(({ memberId }) => memberId)).toEqual([leader!.memberId, third.value().memberId])
    expect(again.value().generation).toBe(2)
    expect(codeOf(() => group.heartbeat(name(follower!)))).toBe(ERROR.unknownMemberId)
  })

  it('waits five minutes for its first generation, and is given up then', async () => {
    const [leader] = await stable(1, () => ({ rebalanceTimeoutMs: 2 * NEW_MEMBER_MS }))
    const waiting = join()
    for (let ms = 0; ms < NEW_MEMBER_MS; ms += 5_000) {
      expect(waiting.isOpen()).toBe(true)
      expect(codeOf(() => group.heartbeat(name(leader!)))).toBe(ERROR.rebalanceInProgress)
      await pass(5_000)
    }
    expect(waiting.code()).toBe(ERROR.unknownMemberId)
  })

  it('begins nothing when a follower says the same again, and does when the leader or a change comes', async () => {
    const [leader, follower] = await stable(2)
    const same = join({ memberId: follower!.memberId })
    await settle()
    expect(same.value()).toEqual(follower)
    expect(group.state).toBe('Stable')

    const changed = join({
      memberId: follower!.memberId,
      protocols: [{ name: 'range', metadata: Buffer.from('owned') }],
    })
    const third = join({ memberId: leader!.memberId })
    await settle()
    expect(third.value().members.map(({ metadata }) => metadata.toString())).toEqual(['of range', 'owned'])
    expect(changed.value().generation).toBe(2)
    expect(group.state).toBe('CompletingRebalance')

    // The leader lost the answer: the same once more.
    const once = join({ memberId: leader!.memberId })
    await settle()
    expect(once.value()).toEqual(third.value())
  })

  it('that asks again from another connection frees the first', async () => {
    const first = join()
    await pass(100)
    const { memberId } = first.value()
    join()
    const waiting = join({ memberId })
    await settle()
    expect(waiting.value().generation).toBe(2)
    const [old, young] = [
      join({ memberId, protocols: protocols('range', 'x') }),
      join({ memberId, protocols: protocols('range', 'y') }),
    ]
    await settle()
    expect(old.code()).toBe(ERROR.rebalanceInProgress)
    expect(young.isOpen()).toBe(true)
  })

  it.each([
    ['an unknown id', { memberId: 'nobody' }, 25],
    ['an unknown instance', { memberId: 'nobody', instanceId: 'i' }, 25],
  ])('is refused with %s', async (_, fields, code) => {
    await stable(1)
    const joined = join(fields)
    await settle()
    expect(joined.code()).toBe(code)
  })
})

describe('shares', () => {
  it('come when the leader has sent them, and again to who lost the answer', async () => {
    const joins = [join(), join()]
    await pass(100)
    await pass(100)
    const [leader, follower] = joins.map(({ value }) => value())
    const waiting = sync(follower!)
    await settle()
    expect(waiting.isOpen()).toBe(true)
    expect(codeOf(() => group.admitCommit(name(follower!)))).toBe(ERROR.rebalanceInProgress)
    const first = sync(leader!, { [follower!.memberId]: 'all' })
    await settle()
    expect([first.value(), waiting.value()]).toEqual(['', 'all'])
    const again = sync(follower!)
    await settle()
    expect(again.value()).toBe('all')
    expect(codeOf(() => group.admitCommit(name(follower!)))).toBe(ERROR.none)
  })

  it('are refused to who is of another generation, nobody, or knows another protocol', async () => {
    const [leader] = await stable(1)
    const wrong = [
      sync({ ...leader!, generation: 7 }),
      sync({ ...leader!, memberId: 'nobody' }),
      watched(group.sync({ ...name(leader!), protocolType: 'connect', protocol: null, assignments: new Map() })),
      watched(group.sync({ ...name(leader!), protocolType: null, protocol: 'sticky', assignments: new Map() })),
    ]
    await settle()
    expect(wrong.map(({ code }) => code())).toEqual([22, 25, 23, 23])
  })

  it('are asked for anew when somebody comes in between', async () => {
    const joins = [join(), join()]
    await pass(100)
    await pass(100)
    const [leader, follower] = joins.map(({ value }) => value())
    const waiting = sync(follower!)
    join()
    const late = sync(leader!, { [follower!.memberId]: 'old' })
    await settle()
    expect([waiting.code(), late.code()]).toEqual([27, 27])
  })

  it('wait for a leader no longer than the rebalance timeout; then the others go on without it', async () => {
    const joins = [join({ sessionTimeoutMs: 300_000 }), join({ sessionTimeoutMs: 300_000 })]
    await pass(100)
    await pass(100)
    const [leader, follower] = joins.map(({ value }) => value())
    const waiting = sync(follower!)
    await pass(REBALANCE_MS)
    expect(waiting.code()).toBe(27)
    const again = join({ memberId: follower!.memberId })
    await settle()
    expect(again.value()).toMatchObject({ generation: 2, leader: follower!.memberId })
    expect(codeOf(() => group.heartbeat(name(leader!)))).toBe(ERROR.unknownMemberId)
  })

  it('are not disturbed when the time for asking is over and all have asked', async () => {
    const joined = await stable(2, () => ({ sessionTimeoutMs: 2 * REBALANCE_MS }))
    await pass(REBALANCE_MS)
    expect(group.state).toBe('Stable')
    expect(joined.map((one) => codeOf(() => group.heartbeat(name(one))))).toEqual([ERROR.none, ERROR.none])
  })

  it('are not waited for while all join anew', async () => {
    const joins = [join({ sessionTimeoutMs: 300_000 }), join({ sessionTimeoutMs: 300_000 })]
    await pass(100)
    await pass(100)
    await pass(REBALANCE_MS - 1)
    join()
    await pass(1)
    expect(joins.map(({ value }) => codeOf(() => group.heartbeat(name(value()))))).toEqual([27, 27])
    expect(group.members).toHaveLength(3)
  })

  it('are waited for so long in each generation', async () => {
    const [leader, follower] = await stable(2)
    join({ memberId: leader!.memberId })
    const second = join({ memberId: follower!.memberId })
    await settle()
    const waiting = sync(second.value())
    for (let ms = 0; ms < REBALANCE_MS; ms += 5_000) {
      expect([group.state, waiting.isOpen()]).toEqual(['CompletingRebalance', true])
      group.heartbeat({ ...name(leader!), generation: 2 })
      await pass(5_000)
    }
    expect(waiting.code()).toBe(27)
    expect(codeOf(() => group.heartbeat({ ...name(leader!), generation: 2 }))).toBe(ERROR.unknownMemberId)
  })
})

describe('a session', () => {
  it('ends without a heartbeat, and goes on with heartbeats and commits', async () => {
    const [leader, follower] = await stable(2)
    await pass(SESSION_MS - 1)
    group.heartbeat(name(leader!))
    group.admitCommit(name(follower!))
    await pass(SESSION_MS - 1)
    expect(group.state).toBe('Stable')
    group.heartbeat(name(leader!))
    await pass(1)
    expect(group.state).toBe('PreparingRebalance')
    expect(codeOf(() => group.heartbeat(name(follower!)))).toBe(ERROR.unknownMemberId)
    const again = join({ memberId: leader!.memberId })
    await settle()
    expect(again.value()).toMatchObject({ generation: 2, members: [{ memberId: leader!.memberId }] })
  })

  it('of the last member ends the group', async () => {
    await stable(1)
    await pass(SESSION_MS)
    expect([ends, group.state, clock.pending]).toEqual([1, 'Empty', []])
  })

  it('does not end while the member waits for the others', async () => {
    const [leader, follower] = await stable(2)
    const waiting = join({ memberId: leader!.memberId })
    for (let ms = 0; ms < 30_000; ms += 5_000) {
      expect(codeOf(() => group.heartbeat(name(follower!)))).toBe(27)
      await pass(5_000)
    }
    expect(waiting.isOpen()).toBe(true)
    join({ memberId: follower!.memberId })
    await settle()
    expect(waiting.value().members).toHaveLength(2)
  })
})

describe('a leader that is gone before it has shared out', () => {
  const LONG_MS = 6 * SESSION_MS
  /** Four members of a generation, of which all but the leader wait for their shares. */
  async function abandoned(fields: (i: number) => Partial<JoinRequest> = () => ({})) {
    const instanceId = (i: number) => fields(i).instanceId ?? null
    const joins = [0, 1, 2, 3].map((i) => join(fields(i)))
    await pass(100)
    await pass(100)
    const [leader, ...followers] = joins.map(({ value }) => value())
    await pass(1_000)
    return { leader, followers, waiting: followers.map((one, i) => sync(one, {}, instanceId(i + 1))), instanceId }
  }
  const again = async (followers: readonly Joined[], fields: (i: number) => Partial<JoinRequest> = () => ({})) => {
    const joins = followers.map(({ memberId }, i) => join({ ...fields(i + 1), memberId }))
    await settle()
    return joins
  }

  it.each([
    ['', () => ({})],
    ['static ', (i: number) => ({ instanceId: `pod-${i}` })],
  ])('takes none of its %sfollowers with it', async (_, fields) => {
    const { followers, waiting, leader } = await abandoned(fields)
    await pass(SESSION_MS)
    expect(waiting.map(({ code }) => code())).toEqual([27, 27, 27])
    await pass(SESSION_MS - 1)
    const joins = await again(followers, fields)
    expect(joins.map(({ value }) => [value().memberId, value().generation])).toEqual(
      followers.map(({ memberId }) => [memberId, 2]),
    )
    expect(joins[0]!.value().members).toHaveLength(3)
    expect(leader!.generation).toBe(1)
  })

  it('takes none with it either where its time to share out is over', async () => {
    const { followers, waiting } = await abandoned((i) => (i === 0 ? { sessionTimeoutMs: 2 * LONG_MS } : {}))
    await pass(LONG_MS)
    expect(waiting.map(({ code }) => code())).toEqual([27, 27, 27])
    const joins = await again(followers)
    expect(joins.map(({ value }) => value().generation)).toEqual([2, 2, 2])
  })

  it('takes with it who is gone as well', async () => {
    const { followers } = await abandoned((i) => ({ instanceId: `pod-${i}` }))
    await pass(SESSION_MS)
    const [first] = await again(followers.slice(0, 1), () => ({ instanceId: 'pod-1' }))
    expect(first!.isOpen()).toBe(true)
    await pass(SESSION_MS)
    expect(first!.value()).toMatchObject({ generation: 2, members: [{ memberId: followers[0]!.memberId }] })
  })

  it('gives way to another when it comes back under its name', async () => {
    const fields = (i: number) => ({ instanceId: `pod-${i}` })
    const { followers, waiting } = await abandoned(fields)
    await pass(SESSION_MS - 2_000)
    const back = join({ instanceId: 'pod-0' })
    await settle()
    expect(waiting.map(({ code }) => code())).toEqual([27, 27, 27])
    await pass(SESSION_MS - 1)
    const joins = await again(followers, fields)
    expect(joins.map(({ value }) => value().generation)).toEqual([2, 2, 2])
    expect(back.value().members).toHaveLength(4)
  })
})

it.each([
  ['joins', (member: Joined) => join({ memberId: member.memberId })],
  ['asks for its share', (member: Joined) => sync(member)],
])('a session begins anew when a member of a stable group %s again', async (_, ask) => {
  const [leader, follower] = await stable(2)
  await pass(SESSION_MS - 1)
  group.heartbeat(name(leader!))
  ask(follower!)
  await pass(SESSION_MS - 1)
  expect(group.state).toBe('Stable')
  await pass(1)
  expect(group.state).toBe('Empty')
})

describe('leaving', () => {
  it('makes the others share out anew, once for all that leave', async () => {
    const [leader, second, third] = await stable(3)
    const code = leave(
      [second!, third!, { memberId: 'nobody' }].map(({ memberId }) => ({ memberId, instanceId: null })),
    )
    expect(code.map((error) => error?.code)).toEqual([undefined, undefined, 25])
    const again = join({ memberId: leader!.memberId })
    await settle()
    expect(again.value()).toMatchObject({ generation: 2, members: [{}] })
  })

  it('of a leader makes another one', async () => {
    const [leader, second] = await stable(2)
    leave([{ memberId: leader!.memberId, instanceId: null }])
    const again = join({ memberId: second!.memberId })
    await settle()
    expect(again.value()).toMatchObject({ leader: second!.memberId, members: [{}] })
  })

  it('refuses who waits in its name', async () => {
    const [leader, second] = await stable(2)
    const waiting = join({ memberId: leader!.memberId })
    leave([{ memberId: leader!.memberId, instanceId: null }])
    await settle()
    expect(waiting.code()).toBe(25)
    leave([{ memberId: second!.memberId, instanceId: null }])
    expect([ends, clock.pending]).toEqual([1, []])
  })
})

describe('a static member', () => {
  const named = (i: number) => ({ instanceId: `pod-${i}` })

  it('comes back to its share, and nobody else notices', async () => {
    const [, second] = await stable(2, named)
    const back = join(named(1))
    await settle()
    expect(back.value()).toMatchObject({ generation: 1, members: [], skipsAssignment: false })
    expect(back.value().memberId).toMatch(/^pod-1-/)
    const share = sync(back.value(), {}, 'pod-1')
    await settle()
    expect(share.value()).toBe('share 1')
    expect(group.state).toBe('Stable')
    expect(codeOf(() => group.heartbeat(name(second!, 'pod-1')))).toBe(ERROR.fencedInstanceId)
    expect(codeOf(() => group.admitCommit(name(second!, 'pod-1')))).toBe(ERROR.fencedInstanceId)
    expect(codeOf(() => group.heartbeat(name(second!)))).toBe(ERROR.unknownMemberId)
  })

  it('that has its share keeps it past the time for asking, and who never asked is out', async () => {
    const joins = [join(named(0)), join({ sessionTimeoutMs: 2 * REBALANCE_MS })]
    await pass(100)
    await pass(100)
    const [leader, follower] = joins.map(({ value }) => value())
    sync(leader!, {}, 'pod-0')
    const back = join({ ...named(0), sessionTimeoutMs: 2 * REBALANCE_MS })
    await pass(REBALANCE_MS)
    expect(group.members.map(({ id }) => id)).toEqual([back.value().memberId])
    expect(codeOf(() => group.heartbeat(name(back.value(), 'pod-0')))).toBe(ERROR.rebalanceInProgress)
    expect(codeOf(() => group.heartbeat(name(follower!)))).toBe(ERROR.unknownMemberId)
  })

  it('that leads leaves the shares as they are, if it knows how; else it is told of another leader', async () => {
    const [leader] = await stable(2, named)
    const back = join(named(0))
    await settle()
    expect(back.value()).toMatchObject({ skipsAssignment: true, leader: back.value().memberId, members: [{}, {}] })
    const old = join({ ...named(0), canSkipAssignment: false })
    await settle()
    expect(old.value()).toMatchObject({ skipsAssignment: false, leader: back.value().memberId, members: [] })
    expect(old.value().memberId).not.toBe(back.value().memberId)
    expect(leader!.memberId).not.toBe(back.value().memberId)
  })

  it('makes all share out anew where it changes the protocol', async () => {
    await stable(2, (i) => ({ ...named(i), protocols: protocols('range', 'sticky') }))
    const back = join({ ...named(1), protocols: protocols('sticky') })
    await settle()
    expect(back.isOpen()).toBe(true)
    expect(group.state).toBe('PreparingRebalance')
  })

  it('is kept while it is away, for the length of its session', async () => {
    const [leader] = await stable(2, (i) => ({ ...named(i), sessionTimeoutMs: 2 * REBALANCE_MS }))
    const again = join({ ...named(0), memberId: leader!.memberId, protocols: protocols('range', 'x') })
    await pass(REBALANCE_MS)
    expect(again.value().members).toHaveLength(2)
  })

  it('that waits is refused when another one takes its name', async () => {
    const first = join(named(0))
    const second = join(named(0))
    await pass(100)
    expect(first.code()).toBe(ERROR.fencedInstanceId)
    expect(second.value().members).toHaveLength(1)
  })

  it('leaves by its name alone', async () => {
    await stable(2, named)
    const left = leave([
      { memberId: '', instanceId: 'pod-1' },
      { memberId: '', instanceId: 'pod-9' },
      { memberId: 'other', instanceId: 'pod-0' },
    ])
    expect(left.map((error) => error?.code)).toEqual([undefined, 25, 82])
  })
})

it('lets nobody but its members commit', async () => {
  const [leader] = await stable(1)
  const outsider = { generation: -1, memberId: '', instanceId: null }
  expect(codeOf(() => group.admitCommit(outsider))).toBe(25)
  expect(codeOf(() => group.admitCommit({ ...name(leader!), generation: 0 }))).toBe(22)
})

it('lets go of everything when it is closed', async () => {
  await stable(2)
  const waiting = join()
  group.close()
  await settle()
  expect(waiting.code()).toBe(25)
  expect([clock.pending, ends]).toEqual([[], 0])
})
