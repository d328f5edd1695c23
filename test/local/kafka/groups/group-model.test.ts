import fc from 'fast-check'
import { expect, it } from 'vitest'
import { KafkaError } from '../../../../src/local/kafka/errors.ts'
import { Group } from '../../../../src/local/kafka/groups/group.ts'
import type { Joined } from '../../../../src/local/kafka/groups/member.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const SESSION_MS = 10_000
const REBALANCE_MS = 15_000
const PARTITIONS = 6
const NEVER_ENDS = new AbortController().signal

const settle = () => new Promise((resolve) => setImmediate(resolve))

/** One group after the other of the same name: a group without members is over. */
class World {
  readonly clock = new ManualClock()
  /** What the leader of each generation of this group meant for its members. */
  given = new Map<number, ReadonlyMap<string, string>>()
  group: Group | undefined

  joined(): Group {
    if (this.group) return this.group
    this.given = new Map()
    return (this.group = new Group(this.clock, () => (this.group = undefined)))
  }

  need(): Group {
    if (!this.group) throw new KafkaError('unknownMemberId', 'There is no such group')
    return this.group
  }
}

/** A consumer that keeps to the protocol, one step at a time, until it crashes. */
class Consumer {
  readonly #world: World
  readonly instanceId: string | null
  phase: 'out' | 'waiting' | 'joined' | 'in' | 'gone' = 'out'
  memberId = ''
  generation = -1
  share = ''
  #joined: Joined | undefined
  /** Of the group that it joined: another one of that name may have come meanwhile. */
  #given: World['given'] = new Map()

  constructor(world: World, instanceId: string | null) {
    this.#world = world
    this.instanceId = instanceId
  }

  get isLive(): boolean {
    return this.phase !== 'gone'
  }

  step(): void {
    if (this.phase === 'out') this.#ask(this.#join())
    else if (this.phase === 'joined') this.#ask(this.#sync())
    else if (this.phase === 'in') this.#beat()
  }

  /** Joins again with something new to say, as a cooperative one does that gave partitions up. */
  change(): void {
    if (this.phase === 'in') this.phase = 'out'
  }

  leave(): void {
    if (this.phase === 'gone') return
    this.phase = 'gone'
    this.#world.group?.leave([{ memberId: this.memberId, instanceId: this.instanceId }], () => undefined)
  }

  crash(): void {
    this.phase = 'gone'
  }

  #ask(asked: Promise<void>): void {
    this.phase = 'waiting'
    asked.catch((error: unknown) => this.#refused(error))
  }

  async #join(): Promise<void> {
    const group = this.#world.joined()
    const { given } = this.#world
    const joined = await group.join({
      ...{
        memberId: this.memberId,
        instanceId: this.instanceId,
        client: { id: 'c', host: '/', connection: NEVER_ENDS },
      },
      ...{ protocolType: 'consumer', protocols: [{ name: 'range', metadata: Buffer.from(this.share) }] },
      ...{ sessionTimeoutMs: SESSION_MS, rebalanceTimeoutMs: REBALANCE_MS, canSkipAssignment: true },
    })
    if (!this.isLive) return
    this.#joined = joined
    this.#given = given
    this.memberId = joined.memberId
    this.generation = joined.generation
    this.phase = 'joined'
  }

  async #sync(): Promise<void> {
    const { generation, members, skipsAssignment } = this.#joined!
    const shares = new Map(members.map(({ memberId }, i) => [memberId, partitionsOf(i, members.length)]))
    const given = this.#given
    if (members.length > 0 && !skipsAssignment && !given.has(generation)) given.set(generation, shares)
    const { assignment } = await this.#world.need().sync({
      ...{ memberId: this.memberId, instanceId: this.instanceId, generation },
      ...{ protocolType: 'consumer', protocol: 'range' },
      assignments: new Map([...shares].map(([id, share]) => [id, Buffer.from(share)])),
    })
    if (!this.isLive) return
    this.share = assignment.toString()
    this.phase = 'in'
    // A static member that came back has a new id, and what its predecessor got.
    if (this.instanceId === null) expect(this.share).toBe(given.get(generation)?.get(this.memberId))
  }

  #beat(): void {
    try {
      this.#world
        .need()
        .heartbeat({ memberId: this.memberId, instanceId: this.instanceId, generation: this.generation })
    } catch (error) {
      this.#refused(error)
    }
  }

  #refused(error: unknown): void {
    if (!(error instanceof KafkaError)) throw error
    if (!this.isLive) return
    this.phase = error.code === 82 ? 'gone' : 'out'
    if (error.code === 25) this.memberId = ''
  }
}

const partitionsOf = (i: number, count: number): string =>
  Array.from({ length: PARTITIONS }, (_, partition) => partition)
    .filter((partition) => partition % count === i)
    .join()

const index = fc.nat(5)
const actions = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant('start' as const), instance: fc.option(fc.nat(2)) }) },
    { weight: 12, arbitrary: fc.record({ do: fc.constant('step' as const), index }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constantFrom('leave' as const, 'crash' as const, 'change' as const), index }),
    },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 4_000 }) }) },
    // Else few groups come to rest before the next thing happens to them.
    { weight: 3, arbitrary: fc.record({ do: fc.constant('goOn' as const), seconds: fc.integer({ min: 1, max: 5 }) }) },
  ),
  { maxLength: 80, size: 'max' },
)

it('gives each member exactly what the leader of its generation meant for it, and comes to rest with all who live', () =>
  fc.assert(
    fc.asyncProperty(actions, async (todo) => {
      const world = new World()
      const consumers: Consumer[] = []
      const live = () => consumers.filter(({ isLive }) => isLive)

      const goOn = async (seconds: number) => {
        for (let i = 0; i < seconds; i++) {
          world.clock.advance(1_000)
          for (const consumer of live()) consumer.step()
          await settle()
          check()
        }
      }
      const check = () => {
        // Only one generation is answered: whoever may commit is in the newest one.
        const committing = consumers.filter(({ phase, memberId, instanceId, generation }) => {
          if (phase !== 'in') return false
          try {
            world.need().admitCommit({ memberId, instanceId, generation })
            return true
          } catch {
            return false
          }
        })
        expect(new Set(committing.map(({ generation }) => generation)).size).toBeLessThanOrEqual(1)
        if (world.group?.state !== 'Stable') return
        const owned = committing.flatMap(({ share }) => share.split(',').filter(Boolean))
        expect(new Set(owned).size).toBe(owned.length)
      }

      for (const action of todo) {
        if (action.do === 'start') {
          const instanceId = action.instance === null ? null : `pod-${action.instance}`
          // Its supervisor starts one instance once.
          for (const one of live()) if (instanceId !== null && one.instanceId === instanceId) one.crash()
          consumers.push(new Consumer(world, instanceId))
        } else if (action.do === 'pass') {
          world.clock.advance(action.ms)
        } else if (action.do === 'goOn') {
          await goOn(action.seconds)
        } else {
          live()[action.index % Math.max(live().length, 1)]?.[action.do]()
        }
        await settle()
        check()
      }
      await goOn(60)
      const here = live()
      if (here.length > 0) {
        expect(world.group?.state).toBe('Stable')
        expect(here.map(({ phase }) => phase)).toEqual(here.map(() => 'in'))
        expect(new Set(here.map(({ generation }) => generation)).size).toBe(1)
        expect(new Set(world.group?.members.map(({ id }) => id))).toEqual(new Set(here.map(({ memberId }) => memberId)))
        const owned = here.flatMap(({ share }) => share.split(',').filter(Boolean))
        expect(owned.sort()).toEqual(Array.from({ length: PARTITIONS }, (_, partition) => String(partition)))
      }
      world.group?.close()
      await settle()
      expect(world.clock.pending).toEqual([])
    }),
    { numRuns: Number(process.env['KAFKA_GROUP_RUNS'] ?? 50) },
  ))
